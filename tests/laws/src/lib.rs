//! What holds for every input, written once: property tests and fuzz targets check the same functions.
//!
//! A module for each fuzz target, with its laws and a function `check` that reads a file of the fuzzer and applies them. A
//! law panics, or returns an error, if it does not hold. [`oracle`] is what the crate has to agree with. [`small_scope`] checks
//! the laws of the language on every short text there is.

pub mod case;
pub mod de;
pub mod expand;
pub mod oracle;
pub mod origins;
pub mod replay;
pub mod small_scope;
pub mod tokens;
pub mod trust;
pub mod yaml;
