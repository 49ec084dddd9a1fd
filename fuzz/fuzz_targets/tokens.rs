//! Checks the laws of `tests/laws/src/tokens.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| envref_laws::tokens::check(data));
