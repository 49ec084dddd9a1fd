//! Checks the laws of `tests/laws/yaml.rs`.

#![no_main]

#[allow(dead_code, reason = "a target checks its own laws")]
#[path = "../../tests/laws/yaml.rs"]
mod yaml;

libfuzzer_sys::fuzz_target!(|data: &[u8]| yaml::check_file(data));
