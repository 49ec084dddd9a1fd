//! Checks the laws of `tests/laws/src/origins.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| envref_laws::origins::check(data));
