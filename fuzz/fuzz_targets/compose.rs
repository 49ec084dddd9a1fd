//! Checks the laws of `tests/laws/src/compose.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| envref_laws::compose::check(data));
