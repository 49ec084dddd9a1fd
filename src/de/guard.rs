//! The error that visitors, seeds and types see while they read expanded text: it remembers whether its message may hold
//! a value. Nothing here expands or knows where it is.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use serde_core::de::{Error, Expected, Unexpected};

/// An error of the format, with a note if its message may hold the text that was read.
///
/// It never leaves the adapter: [`Node::settle`](super::document::Node::settle) or [`redact`](Self::redact) turns it into
/// the format's error, with another message if need be. It is boxed so that the results of the hot path stay small.
#[derive(Debug)]
pub(super) struct Guarded<E>(pub(super) Box<Repr<E>>);

#[derive(Debug)]
pub(super) struct Repr<E> {
    pub(super) error: E,
    /// Whether the message may hold the text that was read.
    pub(super) is_suspect: bool,
    /// What the target expected, which describes a type, and is no suspect.
    pub(super) expected: Option<String>,
}

impl<E> Guarded<E> {
    /// Returns an error that came out of the format. The format sees no expansion, and errors from below are settled.
    #[cold]
    pub(super) fn passed(error: E) -> Self {
        Self(Box::new(Repr { error, is_suspect: false, expected: None }))
    }

    /// Returns the error of the format, with another message if this one is suspect, whatever was expanded.
    pub(super) fn redact(self) -> E
    where
        E: Error,
    {
        let Repr { error, is_suspect, expected } = *self.0;
        match expected {
            _ if !is_suspect => error,
            Some(expected) => E::custom(format_args!("invalid value: expected {expected}")),
            None => E::custom(
                "invalid value: what its type says is not shown, since it may hold a variable's value",
            ),
        }
    }

    fn suspect(error: E, expected: Option<String>) -> Self {
        Self(Box::new(Repr { error, is_suspect: true, expected }))
    }

    fn unexpected(error: E, unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match unexpected {
            Unexpected::Bool(_)
            | Unexpected::Unsigned(_)
            | Unexpected::Signed(_)
            | Unexpected::Float(_)
            | Unexpected::Char(_)
            | Unexpected::Str(_)
            | Unexpected::Bytes(_)
            | Unexpected::Other(_) => Self::suspect(error, Some(expected.to_string())),
            _ => Self::passed(error),
        }
    }
}

impl<E: fmt::Display> fmt::Display for Guarded<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.error.fmt(f)
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for Guarded<E> {}

/// The messages of `missing_field`, `duplicate_field` and `invalid_length` are made of names and lengths.
impl<E: Error> Error for Guarded<E> {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::suspect(E::custom(message), None)
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::unexpected(E::invalid_type(unexpected, expected), unexpected, expected)
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::unexpected(E::invalid_value(unexpected, expected), unexpected, expected)
    }

    fn invalid_length(len: usize, expected: &dyn Expected) -> Self {
        Self::passed(E::invalid_length(len, expected))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::suspect(E::unknown_variant(variant, expected), one_of(expected))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::suspect(E::unknown_field(field, expected), one_of(expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::passed(E::missing_field(field))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::passed(E::duplicate_field(field))
    }
}

fn one_of(names: &[&str]) -> Option<String> {
    match names {
        [] => None,
        [name] => Some(format!("`{name}`")),
        names => Some(format!("one of `{}`", names.join("`, `"))),
    }
}
