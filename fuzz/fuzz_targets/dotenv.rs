//! Checks the laws of `tests/laws/src/dotenv.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| envref_laws::dotenv::check(data));
