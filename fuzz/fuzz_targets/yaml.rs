//! Checks the laws of `tests/laws/yaml.rs`.

#![no_main]

#[path = "../../tests/laws/yaml.rs"]
mod yaml;

libfuzzer_sys::fuzz_target!(|data: &[u8]| yaml::check_file(data));
