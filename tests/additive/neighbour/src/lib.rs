//! A crate that reads the process environment, and says so.

/// Returns `input` with the references that are all of it replaced by process variables.
#[must_use]
pub fn expand(input: &str) -> String {
    envref::expand(input, &()).into_owned()
}
