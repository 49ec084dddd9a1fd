//! Checks the laws of `tests/laws/de.rs`.

#![no_main]

#[allow(dead_code, reason = "a target checks its own laws")]
#[path = "../../tests/laws/de.rs"]
mod de;

libfuzzer_sys::fuzz_target!(|data: &[u8]| de::check(data));
