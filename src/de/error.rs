//! The error of the adapter: that of the format, without values, beside what is at fault.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use serde_core::de::{self, Expected, Unexpected};

use super::document::{Document, Fault};
use super::guard::{Guarded, Origin};
use crate::error::ErrorKind;
use crate::site::Site;
use crate::snippet::harmless;

/// Why a document cannot be read or expanded: the error of the format, and the references at fault.
///
/// Its message names reference and path, and holds no value of a variable. Where the message of the format or of the
/// target type may hold one, it is replaced. The error of the format inside is redacted, too.
///
/// ```
/// use envref::{ErrorKind, Expander, de};
///
/// let vars = [("PORT", "s3cret")];
/// let mut json = serde_json::Deserializer::from_str(r#"{"port": "${PORT}"}"#);
/// type Ports = std::collections::BTreeMap<String, u16>;
/// let error = de::deserialize::<_, Ports, _, _>(&mut json, &Expander::new(&vars)).unwrap_err();
///
/// assert_eq!(error.kind(), ErrorKind::InvalidValue);
/// let site = error.site().unwrap();
/// assert_eq!((site.name(), site.path()), ("PORT", Some("port")));
/// assert_eq!(error.to_string(), "invalid value for ${PORT} at port: expected u16 at line 1 column 18");
/// ```
///
/// # In other crates
///
/// A [`Deserializer`](super::Deserializer) that is passed to another crate returns errors of this type, too. But serde
/// reads a type with `tag`, `untagged` or `try_from` into a buffer or into another type first, and may reject it after
/// the adapter has returned. At the top of a document, the adapter then cannot tell whether a variable is involved, so it
/// replaces a message that may hold one by a message with less detail: `invalid value: expected u16`. Where one adapter
/// wraps another, messages of the outer one are replaced, too, since the inner adapter cannot tell them from a type's own
/// messages.
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
/// assert!(error.to_string().starts_with("invalid value: expected u16"));
///
/// let mut json = serde_json::Deserializer::from_str(text);
/// let error = de::Deserializer::new(&mut json, &expander).deserialize::<Channel>().unwrap_err();
/// assert!(error.to_string().starts_with("invalid value, in which ${PORT} is expanded at port: expected u16"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error<E> {
    inner: E,
    fault: Box<(ErrorKind, Vec<Site>)>,
}

impl<E> Error<E> {
    /// Returns an error of the format, with what is known of it.
    pub(super) fn with_fault(inner: E, fault: Option<Fault>) -> Self {
        match fault {
            Some(fault) => Self { inner, fault: Box::new((fault.kind, fault.sites)) },
            None => Self::of_document(inner),
        }
    }

    /// Returns an error that no reference has to do with.
    pub(super) fn of_document(inner: E) -> Self {
        Self { inner, fault: Box::new((ErrorKind::Document, Vec::new())) }
    }

    /// Returns what kind of error this is: [`Document`](ErrorKind::Document) if no reference is involved.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.fault.0
    }

    /// Returns the reference at fault, with name, path and provenance; the first, where there are several. `None` if no
    /// reference is.
    #[must_use]
    pub fn site(&self) -> Option<&Site> {
        self.sites().first()
    }

    /// Returns the references at fault: each without a value in the text where reading stopped, or those that were replaced
    /// in the value that the type rejected.
    #[must_use]
    pub fn sites(&self) -> &[Site] {
        &self.fault.1
    }

    /// Returns the error of the format. It holds no value, either. Its message may hold control characters of the
    /// document.
    #[must_use]
    pub fn into_inner(self) -> E {
        self.inner
    }
}

impl<E: de::Error> Error<E> {
    /// Returns an error that the adapter has settled while it read `document`.
    #[cold]
    pub(super) fn settled(inner: E, document: &Document<'_>) -> Self {
        let fault = document.fault_of(&inner);
        Self::with_fault(inner, fault)
    }

    /// Returns an error that was made outside of the adapter.
    #[cold]
    fn outside(error: Guarded<E>) -> Self {
        let is_of_type = matches!(error.0.origin, Origin::Type(_));
        let kind = if is_of_type { ErrorKind::InvalidValue } else { ErrorKind::Document };
        Self { inner: error.redact(), fault: Box::new((kind, Vec::new())) }
    }
}

/// The message of the format. It may name a key of the document, so what a terminal would act upon is replaced, other
/// than tabs and ends of lines.
impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;

        if f.alternate() {
            write!(Harmless(f), "{:#}", self.inner)
        } else {
            write!(Harmless(f), "{}", self.inner)
        }
    }
}

/// Writes a text that is harmless to a terminal.
struct Harmless<'f, 'w>(&'f mut fmt::Formatter<'w>);

impl fmt::Write for Harmless<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| self.0.write_char(if c == '\n' { c } else { harmless(c) }))
    }
}

impl<E: fmt::Debug> fmt::Debug for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<E: core::error::Error> core::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.inner.source()
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
