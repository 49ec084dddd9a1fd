//! The serde adapter, on JSON, by subject. What differs from format to format is in the package `tests/formats`.

#![cfg(feature = "serde")]
#![allow(
    clippy::float_cmp,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

/// What a message says where serde has buffered a text that should have been a number.
macro_rules! buffered {
    ($message:literal) => {
        concat!(
            $message,
            ": expected u16 (serde buffers this type: read the field with `envref::de::coerce`)"
        )
    };
}

mod borrowing;
mod buffered;
mod coercion;
mod compose;
mod composition;
mod enums;
mod errors;
mod explain;
mod faults;
mod forwarding;
mod identity;
mod keys;
mod limits;
mod paths;
mod redaction;
mod scalars;
mod types;
mod unset;

use std::error::Error as _;
use std::fmt::Debug;

use envref::{ErrorKind, Expander, Lookup, de};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

/// A value that no error may show.
const SECRET: &str = "s3cret";

const VARS: &[(&str, &str)] = &[
    ("PORT", "8080"),
    ("BIG", "99999"),
    ("YES", "true"),
    ("HALF", "0.5"),
    ("HUGE", "1e999"),
    ("NEGATIVE", "-7"),
    ("C", "é"),
    ("KIND", "Mail"),
    ("EMPTY", ""),
    ("SECRET", SECRET),
    ("WIDE", "170141183460469231731687303715884105727"),
];

/// Returns the expander of most tests: it has [`VARS`], and no fallback.
fn expander() -> Expander<'static, [(&'static str, &'static str)]> {
    Expander::new(VARS)
}

/// Reads JSON by the rules of `expander`.
fn read_by<'de, T: Deserialize<'de>>(
    text: &'de str,
    expander: &Expander<'_, impl Lookup + ?Sized, impl Lookup + ?Sized>,
) -> Result<T, de::Error<serde_json::Error>> {
    de::deserialize(&mut serde_json::Deserializer::from_str(text), expander)
}

/// Reads JSON.
fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, de::Error<serde_json::Error>> {
    read_by(text, &expander())
}

/// Reads what a deserializer of any other format gives.
fn read_from<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, de::Error<D::Error>> {
    de::deserialize(deserializer, &expander())
}

/// Reads JSON with an adapter that is passed on as a deserializer.
fn pass_on<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, de::Error<serde_json::Error>> {
    T::deserialize(de::Deserializer::new(&mut serde_json::Deserializer::from_str(text), &expander()))
}

/// Explains JSON by the rules of `expander`.
fn explain_by(
    text: &str,
    expander: &Expander<'_, impl Lookup + ?Sized, impl Lookup + ?Sized>,
) -> envref::Explanation {
    de::explain(&mut serde_json::Deserializer::from_str(text), expander).unwrap()
}

#[allow(clippy::needless_pass_by_value, reason = "it reads better where it is called")]
#[track_caller]
fn check<T: DeserializeOwned + PartialEq + Debug>(text: &str, expected: T) {
    assert_eq!(read::<T>(text).unwrap(), expected, "{text}");
}

/// Checks that a message is exactly this, with a place from the format after it or not, and that what the error says beside
/// its message agrees with it.
#[track_caller]
fn check_error<T: DeserializeOwned>(text: &str, expected: &str) {
    let Err(error) = read::<T>(text) else { panic!("{text} was read") };
    assert_eq!(without_place(&error), expected, "{text}");
    assert_consistent(&error);
    assert_no_secret(&error);
}

/// Checks how a message begins, and that what the error says beside its message agrees with it.
#[track_caller]
fn assert_starts_with<T: Debug>(result: Result<T, de::Error<serde_json::Error>>, expected: &str) {
    let error = result.unwrap_err();
    assert!(error.to_string().starts_with(expected), "{error}");
    assert_consistent(&error);
    assert_no_secret(&error);
}

/// Returns the message without the place that JSON adds to it.
fn without_place(error: &dyn std::error::Error) -> String {
    let message = error.to_string();
    message.split_once(" at line ").map_or(message.clone(), |(message, _)| message.to_owned())
}

/// Checks that the message names each reference at fault, with its path, and that there is one unless the document itself is
/// at fault.
#[track_caller]
fn assert_consistent<E: std::error::Error>(error: &de::Error<E>) {
    let message = error.to_string();
    assert_eq!(error.kind() == ErrorKind::Document, error.sites().is_empty(), "{message}: {error:?}");
    assert_eq!(error.site(), error.sites().first(), "{message}");
    for site in error.sites() {
        assert!(message.contains(site.text()) || message.contains('…'), "{message}: {site:?}");
        assert!(message.contains(site.path().unwrap()), "{message}: {site:?}");
        assert_eq!(site.position(), None, "{message}");
        assert!(error.kind() != ErrorKind::Unresolved || site.reason().is_some(), "{message}: {site:?}");
    }
}

#[track_caller]
fn assert_no_secret<E: std::error::Error>(error: &de::Error<E>) {
    let shown = format!("{error} {error:?} {error:#?} {:?}", error.sites());
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(error.source().is_none(), "{error:?}");
}
