//! Checks the laws of `tests/laws/expand.rs`.

#![no_main]

#[allow(dead_code, reason = "a target checks its own laws")]
#[path = "../../tests/laws/mod.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|data: &[u8]| laws::expand::check(data));
