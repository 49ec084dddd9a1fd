//! What holds for every input, written once: property tests and fuzz targets check the same functions.
//!
//! A file for each fuzz target, with its laws and a function that reads a file of the fuzzer and applies them: `check`, and
//! `check_file` in `yaml.rs`. A law panics, or returns an error, if it does not hold. Those of `de.rs` and `yaml.rs` need
//! more of the crate, and are no part of this module.

#[path = "../oracle/mod.rs"]
mod oracle;

pub(crate) mod case;
pub(crate) mod expand;
pub(crate) mod tokens;
pub(crate) mod trust;
