//! Helpers for `#[serde(deserialize_with = "…")]`, for types that serde reads into a buffer before their fields ask for
//! anything.

use core::fmt;
use core::marker::PhantomData;

use serde_core::Deserialize;
use serde_core::de::{Deserializer, Error, Visitor};

use super::document::{Document, Task};
use super::read;

/// Returns what `deserializer` reads, with each text converted where a bool, a number or an enum is expected: `"8080"` into
/// a `u16`, say, or into an `Option<u16>`.
///
/// For `#[serde(deserialize_with = "envref::de::coerce")]`, on scalars that serde buffers, or that are integers of 128
/// bits. It expands nothing itself: under [`deserialize`](super::deserialize) the text in the buffer is expanded already.
///
/// # Errors
///
/// Those of the deserializer, and that of the target for what does not fit: `"http"` or `"99999"` into a `u16`.
///
/// ```
/// let text = serde_json::json!(["8080", "true", 7]);
/// let read = |at: usize| envref::de::coerce::<_, u16>(&text[at]);
///
/// assert_eq!(read(0)?, 8080);
/// assert_eq!(read(1).unwrap_err().to_string(), "invalid type: string \"true\", expected u16");
/// assert_eq!(read(2)?, 7);
/// assert_eq!(envref::de::coerce::<_, bool>(&text[1])?, true);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn coerce<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    read(deserializer, &Document::coercing())
}

/// Returns what `deserializer` reads, and `None` for an empty text, which is what a whole reference
/// without a value is unless the unset are rejected. Other texts are converted as by [`coerce`].
///
/// For `#[serde(default, deserialize_with = "envref::de::empty_as_none")]` on a field that is an `Option` of what is read
/// from a scalar: a bool, a number, a text, or an enum without content.
///
/// # Errors
///
/// Those of the deserializer, and that of the target for what does not fit: `"http"` into a `u16`.
///
/// ```
/// use envref::{Expander, de};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Server {
///     #[serde(default, deserialize_with = "envref::de::empty_as_none")]
///     port: Option<u16>,
/// }
///
/// let vars = [("PORT", "8080")];
/// let expander = Expander::new(&vars);
/// let read = |text| de::deserialize::<_, Server, _, _>(&mut serde_json::Deserializer::from_str(text), &expander);
///
/// assert_eq!(read(r#"{"port": "${PORT}"}"#)?.port, Some(8080));
/// assert_eq!(read(r#"{"port": "${UNSET}"}"#)?.port, None);
/// assert_eq!(read("{}")?.port, None);
/// # Ok::<(), envref::de::Error<serde_json::Error>>(())
/// ```
pub fn empty_as_none<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_option(EmptyAsNone(PhantomData))
}

struct EmptyAsNone<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EmptyAsNone<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an optional value")
    }

    fn visit_none<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        let document = Document::coercing();
        let result = read(deserializer, &document);
        // The target may have taken the empty text, or not: its error is of no interest then.
        match &document.task {
            Task::Coerce(coercion) if coercion.is_empty.get() => Ok(None),
            _ => result.map(Some),
        }
    }
}
