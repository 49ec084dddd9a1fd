//! YAML text: how each style of scalars is written, what is left alone, what is found where, what is refused. The law, on
//! streams of every kind, is in `tests/laws`.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]
#![cfg(feature = "yaml")]

mod compose;
mod errors;
mod rules;
mod sites;
mod styles;
mod untouched;

use std::borrow::Cow;

use envref::{Error, ErrorKind, Expander, Explanation, Form, Paths, Provenance, Reason, Site, Unset, yaml};

fn expand(input: &str, vars: &[(&str, &str)]) -> Result<String, Error> {
    yaml::expand(input, &Expander::new(&vars)).map(Cow::into_owned)
}

/// Checks what becomes of each input where `A` has the value beside it.
#[track_caller]
fn check(cases: &[(&str, &str, &str)]) {
    for (input, value, expected) in cases {
        assert_eq!(expand(input, &[("A", value)]).unwrap(), *expected, "{input:?} with {value:?}");
    }
}
