//! What holds for every input, written once: property tests and fuzz targets check the same functions.
//!
//! A file for each fuzz target, with its laws and a function `check` that reads a file of the fuzzer and applies them. A
//! law takes a case, and panics if it does not hold.

#[path = "../oracle/mod.rs"]
mod oracle;

pub(crate) mod case;
pub(crate) mod expand;
pub(crate) mod tokens;
pub(crate) mod trust;
