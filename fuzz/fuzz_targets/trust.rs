//! Checks the laws of `tests/laws/src/trust.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| envref_laws::trust::check(data));
