//! Checks the laws of `tests/laws/src/de.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| envref_laws::de::check(data));
