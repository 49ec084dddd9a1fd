//! The error of a [`Deserializer`](super::Deserializer) that was handed on.

use core::fmt;

use serde_core::de::{self, Expected, Unexpected};

use super::guard::Guarded;

/// The error of a [`Deserializer`](super::Deserializer) that was handed on as a deserializer of serde: an error of the
/// format, without values.
///
/// What goes wrong while the document is read has the message that it has under [`deserialize`](super::deserialize). But
/// a type may go on after that: serde reads a type with `tag`, `untagged` or `try_from` into a buffer or into another type
/// first, and then refuses what it finds there. At the top of a document the adapter has returned by then, and cannot tell
/// whether a variable is involved. So a message that may hold what was read is replaced: `invalid value: expected u16`.
/// [`Deserializer::deserialize`](super::Deserializer::deserialize) can tell, and keeps more. Where one adapter is
/// put around another, what the outer one says is replaced, too: the inner one takes it for what a type says.
///
/// ```
/// use envref::{Expander, de};
/// use serde::Deserialize;
///
/// #[derive(Debug, Deserialize)]
/// #[serde(tag = "kind")]
/// enum Channel {
///     Mail { port: u16 },
/// }
///
/// let text = r#"{"kind": "Mail", "port": "${PORT}"}"#;
/// let vars = [("PORT", "s3cret")];
/// let expander = Expander::new(&vars);
///
/// let mut json = serde_json::Deserializer::from_str(text);
/// let error = Channel::deserialize(de::Deserializer::new(&mut json, &expander)).unwrap_err();
/// assert_eq!(error.to_string(), "invalid value: expected u16");
///
/// let mut json = serde_json::Deserializer::from_str(text);
/// let error = de::Deserializer::new(&mut json, &expander).deserialize::<Channel>().unwrap_err();
/// assert_eq!(error.to_string(), "invalid value, in which ${PORT} is expanded: expected u16");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error<E>(E);

impl<E> Error<E> {
    /// Returns an error that the adapter has settled.
    pub(super) fn settled(error: E) -> Self {
        Self(error)
    }

    /// Returns the error of the format. It holds no value either.
    #[must_use]
    pub fn into_inner(self) -> E {
        self.0
    }
}

impl<E: de::Error> Error<E> {
    /// Returns an error that was made outside of the adapter.
    #[cold]
    fn outside(error: Guarded<E>) -> Self {
        Self(error.redact())
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: fmt::Debug> fmt::Debug for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: core::error::Error> core::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.0.source()
    }
}

/// The errors that types make by themselves: each as within the adapter, and then without what may hold a value.
macro_rules! outside {
    ($($constructor:ident($($arg:ident: $type:ty),*))*) => {$(
        fn $constructor($($arg: $type),*) -> Self {
            Self::outside(Guarded::$constructor($($arg),*))
        }
    )*};
}

impl<E: de::Error> de::Error for Error<E> {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::outside(Guarded::custom(message))
    }

    outside! {
        invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected)
        invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected)
        invalid_length(len: usize, expected: &dyn Expected)
        unknown_variant(variant: &str, expected: &'static [&'static str])
        unknown_field(field: &str, expected: &'static [&'static str])
        missing_field(field: &'static str)
        duplicate_field(field: &'static str)
    }
}
