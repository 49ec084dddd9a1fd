//! What holds for every input, written once: property tests and fuzz targets check the same functions.
//!
//! A module for each fuzz target, with its laws and a function `check` that reads a file of the fuzzer and applies them. A
//! law panics, or returns an error, if it does not hold. [`oracle`] is what the crate has to agree with. [`small_scope`] checks
//! the laws of the language on every short text there is; [`yaml_scope`] and [`yaml_files`], that of YAML on every short stream,
//! every kind of scalar at every kind of place, and files that people wrote.

pub mod case;
pub mod compose;
pub mod compose_oracle;
pub mod de;
pub mod dotenv;
pub mod expand;
pub mod oracle;
pub mod origins;
pub mod replay;
pub mod small_scope;
pub mod tokens;
pub mod trust;
pub mod yaml;
pub mod yaml_files;
pub mod yaml_scope;
