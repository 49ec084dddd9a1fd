//! Expansion while a document is deserialized: wrap the deserializer of any self-describing format, and what comes out is
//! the document with its string values expanded.
//!
//! ```
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Server {
//!     url: String,
//!     port: u16,
//! }
//!
//! let text = r#"{"url": "https://${HOST}/api", "port": "${PORT}"}"#;
//! let vars = [("HOST", "example.com"), ("PORT", "8080")];
//! let expander = envref::Expander::new(&vars).strict();
//!
//! let server: Server = envref::de::deserialize(&mut serde_json::Deserializer::from_str(text), &expander)?;
//! assert_eq!(server.url, "https://example.com/api");
//! assert_eq!(server.port, 8080);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! - [`deserialize`] is that, for most people. [`Deserializer`] adds a choice of paths, and can be handed on.
//! - [`unresolved`] lists every reference of a document that has no value.
//! - [`lenient`] and [`empty_as_none`] are for fields whose type serde reads from a buffer.
//!
//! # What is expanded
//!
//! Each text that stands for a value, at the paths that are chosen; all of them, if none are. Keys never are, nor is what
//! the target ignores. Bytes and raw JSON are not text, and stay what they are. A text in which nothing was replaced is
//! handed on as the format gave it: `&str` and borrowed `Cow` fields keep borrowing from the document.
//!
//! Where a bool or a number is expected, a text is converted if, and only if, a reference was expanded in it: `"${PORT}"`
//! and `"80${X}"` fit a `u16`, and `"8080"` remains the type error that it is without the adapter. A number has the
//! syntax of Rust, a bool is `true` or `false`. Whatever is read from a text (paths, addresses, durations, the unit
//! variants of an enum) is read from the expanded one.
//!
//! The [output limit](Expander::output_limit) bounds the sum of all texts of the document in which something is replaced:
//! many values, each below the limit, cannot take more than it.
//!
//! # Errors
//!
//! They are errors of the format, with a message that names reference and path, never a value: `invalid value for ${PORT}
//! at server.port: expected u16`. The message of the format or of the target type is replaced wherever it may hold
//! expanded text, even if the text was buffered or converted first. Then it says `invalid value at server, in which
//! ${PORT} is expanded`, and what is known to hold no value: what was expected if that is a number, say.
//!
//! A [`Deserializer`] that is handed on as a deserializer of serde has an [`Error`] of its own around that, because it
//! does not see what becomes of the document after it has read it. Only a type that carries a value from one place of the
//! document to another, and names it there, can put it into an error.
//!
//! # Buffered types
//!
//! serde reads `flatten`, internally tagged, untagged and, if the content comes first, adjacently tagged types into a
//! buffer, where a text is a text (serde-rs/serde#1183). Strings in them are expanded. A bool or a number there takes a
//! reference with the help of a function for the field:
//!
//! ```
//! use serde::Deserialize;
//!
//! #[derive(Deserialize, Debug, PartialEq)]
//! #[serde(tag = "kind", rename_all = "lowercase")]
//! enum Channel {
//!     Mail {
//!         #[serde(deserialize_with = "envref::de::lenient")]
//!         port: u16,
//!         #[serde(default, deserialize_with = "envref::de::empty_as_none")]
//!         retries: Option<u8>,
//!     },
//! }
//!
//! let text = r#"{"kind": "mail", "port": "${PORT}", "retries": "${RETRIES}"}"#;
//! let vars = [("PORT", "25"), ("RETRIES", "")];
//! let expander = envref::Expander::new(&vars);
//!
//! let channel: Channel = envref::de::deserialize(&mut serde_json::Deserializer::from_str(text), &expander)?;
//! assert_eq!(channel, Channel::Mail { port: 25, retries: None });
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # Limitations
//!
//! - Where a bool or a number is expected, the adapter asks the format for whatever there is, to see the reference. What
//!   formats convert only if they are asked for a type is not converted then: text into numbers and enums (`config`,
//!   `serde-saphyr`, also `.inf`), 1 into true (`config`), `012` into a float (`yaml_serde`). [`Deserializer::lenient`]
//!   converts text, in the syntax of Rust.
//! - An integer of 128 bits takes a reference where the format hands out a text when it is asked for such an integer (TOML),
//!   or with [`lenient`]. JSON would lose digits if it were asked for anything else.
//! - The name of a variant may be a value or a key, and only the format knows which. A reference that names a variant with
//!   content is refused, as it must be a key; one that names a variant without content, or with null, is expanded.
//! - `Spanned` of `serde-saphyr` adds `.value` to the path of a value; that of `toml` does not.
//! - A number, a bool or null is not text: an expansion never becomes null. See [`empty_as_none`].

mod document;
mod error;
mod guard;
mod number;
mod variant;
mod with;
mod wrap;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use core::ops::Range;

use serde_core::Deserialize;
use serde_core::de::{self, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use self::document::{Document, Node, Task};
use self::wrap::Wrap;
use crate::{Expander, Paths, Reason, Reference};

pub use self::error::Error;
pub use self::with::{empty_as_none, lenient};

/// Returns what `deserializer` reads, with every reference in the string values of the document expanded.
///
/// What is expanded and what is converted is said in the [documentation of the module](self). Texts in which nothing was
/// replaced are borrowed from the document wherever they were without the adapter. What comes after the value is left to
/// the caller, as `T::deserialize` leaves it: `serde_json::Deserializer::end` says whether there is anything.
///
/// # Errors
///
/// Those of the deserializer and of the target, and, with a message of the adapter's own,
///
/// - if a value holds a reference that has no value, and the expander is strict;
/// - if an expanded text does not fit: `${PORT}` in a `u16`, with a `PORT` of `http`, of `99999`, or unset;
/// - if the texts in which something is replaced are longer, taken together, than the output limit.
///
/// ```
/// let vars = [("PORT", "s3cret")];
/// let expander = envref::Expander::new(&vars).no_fallback();
/// let read = |text| envref::de::deserialize::<_, Vec<u16>>(&mut serde_json::Deserializer::from_str(text), &expander);
///
/// let error = read(r#"[1, "${PORT}"]"#).unwrap_err().to_string();
/// assert!(error.starts_with("invalid value for ${PORT} at [1]: expected u16"));
/// let error = read(r#"["${UNSET}"]"#).unwrap_err().to_string();
/// assert!(error.starts_with("${UNSET} is unset, expected u16 at [0]"));
/// ```
pub fn deserialize<'de, D, T>(deserializer: D, expander: &Expander<'_>) -> Result<T, D::Error>
where
    D: de::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Deserializer::new(deserializer, expander).deserialize()
}

/// Returns every reference in the chosen values of a document that has no value, in the order of the document, be the
/// expander strict or not. No value is expanded, and nothing but the syntax of the document can be wrong.
///
/// # Errors
///
/// Those of the deserializer: text that is not of its format, or is nested too deeply.
///
/// ```
/// use envref::{Expander, Paths, de};
///
/// let text = r#"{"dir": "$DIR", "channels": [{"token": "${TOKEN}"}], "prompt": "echo $HOME"}"#;
/// let paths = Paths::new(["dir", "channels[*].*"])?;
/// let vars = [("DIR", "/srv")];
///
/// let expander = Expander::new(&vars).no_fallback();
/// let unresolved = de::unresolved(&mut serde_json::Deserializer::from_str(text), &expander, &paths)?;
/// assert_eq!(unresolved.len(), 1);
/// assert_eq!(unresolved[0].to_string(), "unresolved reference ${TOKEN} at channels[0].token: unset");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn unresolved<'de, D>(
    deserializer: D,
    expander: &Expander<'_>,
    paths: &Paths,
) -> Result<Vec<Unresolved>, D::Error>
where
    D: de::Deserializer<'de>,
{
    let document = Document::new(*expander, Some(paths), Task::Survey);
    let Skimmed = read(deserializer, &document)?;
    Ok(document.unresolved.take())
}

/// Reads a whole document.
fn read<'de, D, T>(deserializer: D, document: &Document<'_>) -> Result<T, D::Error>
where
    D: de::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Wrap::new(PhantomData, &Node::top(document)).deserialize(deserializer)
}

/// A deserializer that expands the string values of what another one reads.
///
/// It can be handed to whatever takes a [deserializer of serde](de::Deserializer), as `serde_path_to_error` does; its errors
/// are then of the type [`Error`].
///
/// ```
/// use envref::{Expander, Paths, de};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Workspace {
///     dir: String,
///     prompt: String,
/// }
///
/// let text = r#"{"dir": "$DIR/data", "prompt": "Run `ls $DIR` first."}"#;
/// let vars = [("DIR", "/srv")];
/// let expander = Expander::new(&vars);
/// let paths = Paths::new(["dir"])?;
///
/// let mut json = serde_json::Deserializer::from_str(text);
/// let workspace: Workspace = de::Deserializer::new(&mut json, &expander).paths(&paths).deserialize()?;
/// assert_eq!(workspace.dir, "/srv/data");
/// assert_eq!(workspace.prompt, "Run `ls $DIR` first.");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Deserializer<'e, D> {
    inner: D,
    expander: Expander<'e>,
    paths: Option<&'e Paths>,
    lenient: bool,
}

/// The settings are shown, the document and the variables are not.
impl<D> fmt::Debug for Deserializer<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deserializer")
            .field("expander", &self.expander)
            .field("paths", &self.paths)
            .field("lenient", &self.lenient)
            .finish_non_exhaustive()
    }
}

impl<'e, D> Deserializer<'e, D> {
    /// Returns a deserializer that expands every string value of what `deserializer` reads, by the rules of `expander`.
    #[must_use]
    pub fn new(deserializer: D, expander: &Expander<'e>) -> Self {
        Self { inner: deserializer, expander: *expander, paths: None, lenient: false }
    }

    /// Returns the deserializer with a choice of the values that it expands. In the others a reference is text.
    #[must_use]
    pub fn paths(self, paths: &'e Paths) -> Self {
        Self { paths: Some(paths), ..self }
    }

    /// Returns the deserializer made lenient: any text that stands where a bool, a number or an enum is expected is
    /// converted, be there a reference in it or not.
    ///
    /// It is for formats that would do so themselves, such as `config`, whose values are often strings.
    #[must_use]
    pub fn lenient(self) -> Self {
        Self { lenient: true, ..self }
    }

    /// Returns what the deserializer reads.
    ///
    /// # Errors
    ///
    /// Those of [`deserialize`].
    pub fn deserialize<'de, T>(self) -> Result<T, D::Error>
    where
        D: de::Deserializer<'de>,
        T: Deserialize<'de>,
    {
        let (deserializer, document) = self.open();
        read(deserializer, &document)
    }

    fn open(self) -> (D, Document<'e>) {
        let Self { inner, expander, paths, lenient } = self;
        let task = if lenient { Task::ExpandLeniently } else { Task::Expand };
        (inner, Document::new(expander, paths, task))
    }
}

/// Hands the document on to the wrapper that does the work.
macro_rules! open {
    ($($method:ident($($arg:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $($arg: $type,)* visitor: V) -> Result<V::Value, Self::Error> {
            let (deserializer, document) = self.open();
            let node = Node::top(&document);
            let wrap = Wrap::new(deserializer, &node);
            wrap.$method($($arg,)* visitor).map_err(|error| Error::settled(error.0.error))
        }
    )*};
}

impl<'de, D: de::Deserializer<'de>> de::Deserializer<'de> for Deserializer<'_, D> {
    type Error = Error<D::Error>;

    open! {
        deserialize_any()
        deserialize_bool()
        deserialize_i8()
        deserialize_i16()
        deserialize_i32()
        deserialize_i64()
        deserialize_i128()
        deserialize_u8()
        deserialize_u16()
        deserialize_u32()
        deserialize_u64()
        deserialize_u128()
        deserialize_f32()
        deserialize_f64()
        deserialize_char()
        deserialize_str()
        deserialize_string()
        deserialize_bytes()
        deserialize_byte_buf()
        deserialize_option()
        deserialize_unit()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_seq()
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_map()
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier()
        deserialize_ignored_any()
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// A reference of a document that has no value: which one, at which path, and why. Returned by [`unresolved`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    path: String,
    name: String,
    text: String,
    span: Range<usize>,
    reason: Reason,
}

impl Unresolved {
    fn new(path: String, reference: &Reference<'_>, reason: Reason) -> Self {
        let (name, text) = (reference.name().into(), reference.text().into());
        Self { path, name, text, span: reference.span(), reason }
    }

    /// Returns the path of the value that holds the reference, in the syntax of [`Paths`]; it is empty at the top.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the name of the variable.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the reference as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns where the reference is in the value, in bytes.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Returns why the reference has no value.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }
}

/// `unresolved reference ${TOKEN} at channels[0].config.token: unset`
impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unresolved reference {}", self.text)?;
        if !self.path.is_empty() {
            write!(f, " at {}", self.path)?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Any value, read to its end and dropped, so that the adapter sees every text in it.
struct Skimmed;

impl<'de> Deserialize<'de> for Skimmed {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

/// Takes a scalar.
macro_rules! skim {
    ($($method:ident($($type:ty)?))*) => {$(
        fn $method<E: de::Error>(self, $(_: $type)?) -> Result<Self, E> {
            Ok(self)
        }
    )*};
}

impl<'de> Visitor<'de> for Skimmed {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    skim! {
        visit_bool(bool)
        visit_i64(i64)
        visit_i128(i128)
        visit_u64(u64)
        visit_u128(u128)
        visit_f64(f64)
        visit_str(&str)
        visit_bytes(&[u8])
        visit_none()
        visit_unit()
    }

    fn visit_some<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    fn visit_newtype_struct<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self, A::Error> {
        while let Some(Self) = elements.next_element()? {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        while let Some((Self, Self)) = entries.next_entry()? {}
        Ok(self)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Self, A::Error> {
        let (Self, content) = access.variant()?;
        content.newtype_variant()
    }
}
