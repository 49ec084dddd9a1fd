//! Checks the laws of `tests/laws/src/expand.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| envref_laws::expand::check(data));
