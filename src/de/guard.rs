//! The error that visitors, seeds and types see while they read expanded text: it remembers whether its message may hold
//! a value. Nothing here expands or knows where it is.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use serde_core::de::{Error, Expected, Unexpected};

/// An error of the format, with a note of who made its message, which may hold the text that was read.
///
/// It never leaves the adapter: [`Node::settle`](super::place::Node::settle) or [`redact`](Self::redact) turns it into
/// the format's error, with another message if need be. It is boxed so that the results of the hot path stay small.
#[derive(Debug)]
pub(super) struct Guarded<E>(pub(super) Box<Repr<E>>);

#[derive(Debug)]
pub(super) struct Repr<E> {
    pub(super) error: E,
    pub(super) origin: Origin,
}

/// Who has made a message.
#[derive(Debug)]
pub(super) enum Origin {
    /// The format, which was asked for a type of this name, or for none: it has seen what was there before an expansion. Or
    /// the message has been settled further in.
    Format(Option<&'static str>),
    /// The program: it holds names that the program has.
    Program,
    /// The type, which has seen what was read. This is what remains of the message without that.
    Type(Harmless),
}

/// What can be said whatever was read.
#[derive(Debug, Default)]
pub(super) struct Harmless {
    /// What is wrong, other than a value.
    pub(super) problem: Option<String>,
    /// What the type expected.
    pub(super) expected: Option<String>,
    /// A text was there where a bool or a number was expected.
    pub(super) was_text: bool,
}

impl<E> Guarded<E> {
    /// Returns an error that comes out of the format.
    #[cold]
    pub(super) fn passed(error: E) -> Self {
        Self::new(error, Origin::Format(None))
    }

    /// Returns an error that comes out of the format, which was asked for a type of this name.
    #[cold]
    pub(super) fn refused(error: E, expected: &'static str) -> Self {
        Self::new(error, Origin::Format(Some(expected)))
    }

    /// Returns an error that is made of names that the program has.
    pub(super) fn program(error: E) -> Self {
        Self::new(error, Origin::Program)
    }

    fn tainted(error: E, remains: Harmless) -> Self {
        Self::new(error, Origin::Type(remains))
    }

    fn new(error: E, origin: Origin) -> Self {
        Self(Box::new(Repr { error, origin }))
    }

    /// Returns the error of the format, with another message if this one may be tainted, whatever was expanded.
    pub(super) fn redact(self) -> E
    where
        E: Error,
    {
        match self.0.origin {
            Origin::Type(remains) => E::custom(format_args!("invalid value{}", remains.or_withheld())),
            Origin::Format(_) | Origin::Program => self.0.error,
        }
    }
}

impl Harmless {
    /// Returns what continues a message, in any case.
    pub(super) fn or_withheld(&self) -> String {
        let remains = self.to_string();
        if remains.is_empty() {
            " (details withheld: they may contain a variable's value)".into()
        } else {
            remains
        }
    }
}

/// Continues a message: `: unexpected map, expected u16`, or less, or nothing.
impl fmt::Display for Harmless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(problem) = &self.problem {
            write!(f, ": {problem}")?;
        }
        if let Some(expected) = &self.expected {
            let separator = if self.problem.is_some() { "," } else { ":" };
            write!(f, "{separator} expected {expected}{}", hint(expected))?;
        }
        if self.was_text {
            // Elsewhere the adapter has converted the text.
            f.write_str(" (serde buffers this type: read the field with `envref::de::coerce`)")?;
        }
        Ok(())
    }
}

impl<E: fmt::Display> fmt::Display for Guarded<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.error.fmt(f)
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for Guarded<E> {}

/// Whatever a type says may be tainted, except names that the program has: what it expected may be a text that it made
/// from what it read, and so may a length.
impl<E: Error> Error for Guarded<E> {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::tainted(E::custom(message), Harmless::default())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::tainted(E::invalid_type(unexpected, expected), remains(unexpected, expected))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::tainted(E::invalid_value(unexpected, expected), remains(unexpected, expected))
    }

    fn invalid_length(len: usize, expected: &dyn Expected) -> Self {
        let remains = Harmless { problem: Some("invalid length".into()), ..Harmless::default() };
        Self::tainted(E::invalid_length(len, expected), remains)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let remains = Harmless { expected: one_of(expected), ..Harmless::default() };
        Self::tainted(E::unknown_variant(variant, expected), remains)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let remains = Harmless { expected: one_of(expected), ..Harmless::default() };
        Self::tainted(E::unknown_field(field, expected), remains)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::program(E::missing_field(field))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::program(E::duplicate_field(field))
    }
}

/// Returns what to do, where what was expected tells: text made of several pieces, or lent by a lookup, does not live as
/// long as the document.
pub(super) fn hint(expected: &str) -> &'static str {
    if expected == BORROWED { ": use `Cow<str>` or `String`" } else { "" }
}

/// Returns the shape of what was there, if it is not a scalar, and what was expected if that is the name of a scalar
/// type, as the visitors of serde give it.
fn remains(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Harmless {
    let problem = match unexpected {
        Unexpected::Bool(_)
        | Unexpected::Unsigned(_)
        | Unexpected::Signed(_)
        | Unexpected::Float(_)
        | Unexpected::Char(_)
        | Unexpected::Str(_)
        | Unexpected::Bytes(_)
        | Unexpected::Other(_) => None,
        shape => Some(format!("unexpected {shape}")),
    };
    let expected = Some(expected.to_string()).filter(|expected| {
        let name = expected.strip_prefix("a nonzero ").unwrap_or(expected);
        SCALARS.contains(&name)
    });
    let is_text_type = |name: &String| matches!(name.as_str(), "a string" | BORROWED | "a character");
    let was_text =
        matches!(unexpected, Unexpected::Str(_)) && expected.as_ref().is_some_and(|it| !is_text_type(it));
    Harmless { problem, expected, was_text }
}

const BORROWED: &str = "a borrowed string";

const SCALARS: [&str; 18] = [
    "a boolean",
    "a character",
    "a string",
    BORROWED,
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "f32",
    "f64",
];

fn one_of(names: &[&str]) -> Option<String> {
    match names {
        [] => None,
        [name] => Some(format!("`{name}`")),
        names => Some(format!("one of `{}`", names.join("`, `"))),
    }
}
