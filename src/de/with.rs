//! Functions for `#[serde(deserialize_with = "…")]`, for fields that serde reads from a buffer.

use core::any::type_name;
use core::fmt;
use core::marker::PhantomData;

use serde_core::Deserialize;
use serde_core::de::{Deserializer, Error, Visitor};

use super::document::{Document, Task};
use super::erase::{Source, erased};
use super::read;
use super::wrap::Wrap;

/// Returns what `deserializer` reads, with each text converted where a bool or a number is expected, at any depth:
/// `"8080"` into a `u16`, or into the fields of a struct. Nothing is expanded.
///
/// Use it for
///
/// - a scalar that serde buffers, or an integer of 128 bits, as `#[serde(deserialize_with = "envref::de::coerce")]`.
///   Under [`deserialize`](super::deserialize) the text in the buffer is already expanded;
/// - a loader with layers, which reads documents into a value of any shape, and then that value into a struct: it expands
///   in the first step, and coerces in the second.
///
/// # Errors
///
/// Those of the deserializer, and of the target type for what does not fit: `"http"` or `"99999"` into a `u16`. No error
/// shows what was there, which may be the value of a variable: the message of the deserializer is replaced, too, even that of
/// a document that breaks off.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use envref::{Expander, de};
///
/// // The first layer: a document into a value, expanded.
/// let vars = [("PORT", "8080")];
/// let mut json = serde_json::Deserializer::from_str(r#"{"http": "${PORT}", "admin": 7}"#);
/// let value: serde_json::Value = de::deserialize(&mut json, &Expander::new(&vars))?;
///
/// // The second: the value into a type.
/// let ports: BTreeMap<String, u16> = de::coerce(&value)?;
/// assert_eq!((ports["http"], ports["admin"]), (8080, 7));
///
/// let error = de::coerce::<_, bool>(&value["http"]).unwrap_err();
/// assert_eq!(error.to_string(), "invalid value: a value that is not shown, expected a boolean");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn coerce<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    if is_coercing::<D>() {
        // A field of what is coerced: once more would take a layer of calls for each level of a document.
        return T::deserialize(deserializer);
    }
    erased(deserializer, |source| read(source, &Document::coercing(), PhantomData))
}

/// Tells whether `D` is what [`coerce`] passes to a type. If another version of this crate has passed it, it coerces as well.
fn is_coercing<D>() -> bool {
    type_name::<D>() == type_name::<Wrap<'_, '_, &mut dyn Source<'_>>>()
}

/// Returns what `deserializer` reads, and `None` for an empty text. Other texts are converted as by [`coerce`].
///
/// A whole-value reference to an unset variable expands to an empty text, under [`Unset::Default`](crate::Unset::Default)
/// and [`Unset::Empty`](crate::Unset::Empty).
///
/// Use it as `#[serde(default, deserialize_with = "envref::de::empty_as_none")]` on a field that is an `Option` of a
/// scalar: a bool, a number, a text, or an enum without content. On a type that holds itself it does not compile; [`coerce`]
/// does.
///
/// # Errors
///
/// Those of the deserializer, and of the target type for what does not fit: `"http"` into a `u16`.
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
        let result = read(deserializer, &document, PhantomData);
        // The target may have taken the empty text, or not: its error is of no interest then.
        match &document.task {
            Task::Coerce(coercion) if coercion.is_empty.get() => Ok(None),
            _ => result.map(Some),
        }
    }
}
