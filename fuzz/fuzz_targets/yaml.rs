//! Checks the laws of `tests/laws/src/yaml.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| envref_laws::yaml::check(data));
