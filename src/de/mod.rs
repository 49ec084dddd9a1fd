//! Expands the string values of a document while serde reads it: wrap the deserializer of any self-describing format, and
//! read your types.
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
//! let expander = envref::Expander::new(&vars).on_unset(envref::Unset::Reject);
//!
//! let mut json = serde_json::Deserializer::from_str(text);
//! let server: Server = envref::de::deserialize(&mut json, &expander)?;
//! json.end()?;
//! assert_eq!(server.url, "https://example.com/api");
//! assert_eq!(server.port, 8080);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`deserialize`] is all that most programs need. [`Deserializer`] can be passed to other crates.
//! - [`explain`] returns every reference of a document, with what it resolves to.
//! - [`coerce`] and [`empty_as_none`] are for fields whose type serde reads from a buffer.
//! - `Deserializer::deserialize_with_origins` (feature `origins`) also returns where the references were, so that a
//!   program can save what it has read with references in place of secrets.
//!
//! # What is expanded
//!
//! Each text that is a value, at the [paths](Expander::paths) that the expander selects; everywhere if it has none. Keys
//! are never expanded, nor is what the target type ignores; [`explain`] lists the latter all the same, and fails if it is
//! malformed (Compose dialect). A text in which nothing was replaced is passed on as the format gave it: `&str` and
//! borrowed `Cow` fields still borrow from the document. Bytes are expanded if they are UTF-8, since formats give a text
//! as bytes to a type that asks for bytes.
//!
//! Where a bool or a number is expected, a text is converted if, and only if, a reference was expanded in it: `"${PORT}"`
//! and `"80${X}"` fit a `u16`, and `"8080"` stays the type error that it is without the adapter. Numbers are parsed
//! with `FromStr`, which accepts `+5` and rejects `0x1F` and a blank, as in `" 80"`; a bool is `true` or `false`. In a
//! `String` every value stays a text, even `"8080"`. Types that read themselves from a text (paths, addresses, durations,
//! the unit variants of an enum) get the expanded one.
//!
//! The [output limit](Expander::output_limit) bounds the summed length of all texts of the document in which something is
//! replaced, so that many values below the limit cannot add up to more.
//!
//! # Private keys
//!
//! Some formats pass types of their own through serde as a map with a private key: `$serde_json::private::RawValue` is
//! raw JSON, `$__toml_private_datetime` a datetime. A document can hold such a key; it takes effect if any
//! dependency enables the feature. So a text under such a key is neither expanded nor explained, whatever the format,
//! and whatever prefix the key has (`serde_with::with_prefix!` strips it): a value stays a value. Raw text (`RawValue`,
//! `sonic_rs::Value`, `sonic_rs::LazyValue`) is not expanded, either: it is the document as written. The adapter knows
//! the keys of `serde_json` and of the crates made from it, of `toml`, `sonic-rs`, `bson`, `figment` and `ron`, and sees
//! through those of `Spanned`. Keys of a documented language, such as `$oid` of extended JSON, are keys like any other.
//!
//! # Errors
//!
//! An [`Error`] is the error of the format with a message that names reference and path, never a value: `invalid value
//! for ${PORT} at server.port: expected u16`. The message of the format or of the target type is replaced wherever it may
//! hold expanded text, even if the text was buffered or converted first. Then it says `invalid value at server, in which
//! ${PORT} is expanded`, and whatever else cannot hold a value, such as that a number was expected.
//!
//! One exception remains: a type that carries a value from one place of the document to another can name it in an error
//! there.
//!
//! # Buffered types
//!
//! serde reads `flatten`, internally tagged, untagged and, if the content comes first, adjacently tagged types into a
//! buffer, in which a text stays a text (serde-rs/serde#1183). Strings in them are expanded. For a bool or a number to
//! take a reference there, the field needs a function:
//!
//! ```
//! use serde::Deserialize;
//!
//! #[derive(Deserialize, Debug, PartialEq)]
//! #[serde(tag = "kind", rename_all = "lowercase")]
//! enum Channel {
//!     Mail {
//!         #[serde(deserialize_with = "envref::de::coerce")]
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
//! # Ok::<(), envref::de::Error<serde_json::Error>>(())
//! ```
//!
//! The error of a field that needs one says so. Other crates buffer, too:
//!
//! | type, of `u16` | with `"${PORT}"` | write instead |
//! |---|---|---|
//! | `serde_with`'s `DefaultOnError<_>` | **0, without an error** | `DefaultOnError<PickFirst<(_, DisplayFromStr)>>` |
//! | `serde_with`'s `VecSkipError<_>` | **the element is dropped** | `VecSkipError<PickFirst<(_, DisplayFromStr)>>` |
//! | `serde_with`'s `OneOrMany<_>` | an error | `OneOrMany<PickFirst<(_, DisplayFromStr)>>` |
//! | `serde_json::Number` | an error | the number that it is: `u64`, `f64` |
//!
//! [Paths](Expander::paths) select in a buffer as elsewhere: values in it have the paths that they have in the document.
//!
//! # Formats
//!
#![doc = include_str!("formats.md")]
//!
//! The adapter asks the format what is there. Formats that are not self-describing do not fit, nor do all wrappers:
//!
//! | format or wrapper | what happens | do instead |
//! |---|---|---|
//! | `bincode`, `postcard` | text is expanded; the first bool or number, and [`explain`], fail | keep templates in a format of the table |
//! | `quick-xml` | text is expanded; a bool or a number fails, reference or not | `DisplayFromStr` of `serde_with` |
//! | `serde_urlencoded` | all is text: a number takes a reference, and `8080` fails | [`Deserializer::coerce`] |
//! | `hcl` into `Body` | text is expanded, and `hcl` then evaluates `${…}` in it, a value's too | read into types of your own |
//! | `erased-serde` around the adapter | **an error may show a value**, since it is made after the adapter has returned | put the adapter around `erased-serde` |
//!
//! If a crate only has a `from_str`, read in two steps: into a value of any shape, and then through the adapter.
//! `serde_json::Value`, `toml::Value` and the like are deserializers.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use envref::{Expander, de};
//!
//! let value: serde_json::Value = serde_json::from_str(r#"{"http": "${PORT}"}"#)?;
//! let vars = [("PORT", "8080")];
//! let ports: BTreeMap<String, u16> = de::deserialize(value, &Expander::new(&vars))?;
//! assert_eq!(ports["http"], 8080);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Limitations
//!
//! Where a bool or a number is expected, the adapter asks the format for any value: asked for a number, most formats
//! reject a text, and with it every reference, before the adapter sees it. What a format does only when asked for the
//! type is lost. This concerns fewer than one in a hundred of the pairs of a value and a type that the table above
//! counts:
//!
//! - An `f32` is rounded from an `f64`, and is infinite beyond its range (`serde_json` with `float_roundtrip`,
//!   `serde-saphyr`, `ron`). `-0` is the integer 0 (`yaml_serde`, `serde-saphyr`, `ron`).
//! - These are not converted: text (`config`, `serde-saphyr`), `.inf` and `.nan` (`serde-saphyr`), a float such as `012`
//!   (`yaml_serde`), numbers to bools and back (`config`). [`Deserializer::coerce`] converts text, with `FromStr`.
//! - These are converted: an integer where a float is expected (`ciborium`; in the YAML parsers and `ron`, forms such as
//!   `0x1F`), and a number that names another type, such as `80u8` (`ron`).
//! - YAML's own tags decide: `!!str 80` is not a number, `!!int '80'` is one (`yaml_serde`), and `! 80` is none
//!   (`serde-saphyr`). An untagged type takes no value with a tag from `serde-saphyr`.
//!
//! Other limitations:
//!
//! - A `char` takes no reference from `serde-saphyr`, `ron` and `ciborium`, which reject any longer text.
//! - An integer of 128 bits takes a reference only in formats that give a text when asked for such an integer (TOML), or
//!   with [`coerce`], which then reads no JSON number above 64 bits. Asked for any other type, JSON would lose digits.
//! - The name of a variant may be a value or a key, and only the format knows which. A name that the enum has is taken as
//!   written. Otherwise a reference that names a variant without content, or with null, is expanded; one that names a
//!   variant with content is an error, since it must be a key.
//! - `Spanned` of `serde-saphyr` adds `.value` to the path of a value; that of `toml` does not.
//! - An expansion never becomes null. See [`empty_as_none`].
//! - A field of type `&str` cannot hold expanded text, which is not a part of the document: use `Cow<str>` or `String`.
//! - A map with the private key of a JSON number is that number, since `serde_json` may pass numbers so: a `u16` reads
//!   8080 from `{"$serde_json::private::Number": "8080"}`.
//! - Patterns see the document, not the type. A struct that is written as a sequence has indices in its paths, and one with
//!   numbers for keys (`rmp-serde`) has those, so `!**.prompt` does not match its `prompt`: see [`Paths`](crate::Paths).

mod document;
mod erase;
mod error;
mod explain;
mod fault;
mod guard;
mod number;
mod place;
pub(crate) mod private;
mod variant;
mod with;
mod wrap;

use core::fmt;
use core::marker::PhantomData;

use serde_core::Deserialize;
use serde_core::de::{self, DeserializeSeed, Visitor};
#[cfg(feature = "origins")]
use serde_core::ser::Serialize;

use self::document::Document;
use self::explain::Walk;
use self::guard::Guarded;
use self::place::Node;
use self::wrap::Wrap;
use crate::expand::{Erased, Expander};
use crate::lookup::Lookup;
#[cfg(feature = "origins")]
use crate::origins::Origins;
use crate::site::Explanation;

pub use self::error::Error;
pub use self::with::{coerce, empty_as_none};

/// Returns what `deserializer` reads, with every reference in the string values of the document expanded.
///
/// The [documentation of the module](self) says what is expanded and what is converted. A text in which nothing was
/// replaced is borrowed from the document wherever it would be without the adapter. What comes after the value is not
/// read, as with `T::deserialize`: `serde_json::Deserializer::end` checks that there is nothing.
///
/// # Errors
///
/// Those of the deserializer and of the target type, and
///
/// - [`Unresolved`](crate::ErrorKind::Unresolved): a value holds a reference that has no value, under
///   [`Unset::Reject`](crate::Unset::Reject); in the Compose dialect, an unset `${A:?}` under any setting;
/// - [`Malformed`](crate::ErrorKind::Malformed): a value holds `${A` or `${1A}`, in the Compose dialect;
/// - [`InvalidValue`](crate::ErrorKind::InvalidValue): an expanded text does not fit, such as `${PORT}` in a `u16`, with a
///   `PORT` of `http`, of `99999`, or unset;
/// - [`OutputLimit`](crate::ErrorKind::OutputLimit): the texts in which something is replaced are longer, taken together,
///   than the limit.
///
/// ```
/// use envref::{Expander, de};
///
/// let vars = [("PORT", "s3cret")];
/// let expander = Expander::new(&vars);
/// let read = |text| {
///     let mut json = serde_json::Deserializer::from_str(text);
///     de::deserialize::<_, Vec<u16>, _, _>(&mut json, &expander)
/// };
///
/// let error = read(r#"[1, "${PORT}"]"#).unwrap_err().to_string();
/// assert!(error.starts_with("invalid value for ${PORT} at [1]: expected u16"));
/// let error = read(r#"["${UNSET}"]"#).unwrap_err().to_string();
/// assert!(error.starts_with("${UNSET} is unset, expected u16 at [0]"));
/// ```
pub fn deserialize<'de, D, T, L, F>(
    deserializer: D,
    expander: &Expander<'_, L, F>,
) -> Result<T, Error<D::Error>>
where
    D: de::Deserializer<'de>,
    T: Deserialize<'de>,
    L: Lookup + ?Sized,
    F: Lookup + ?Sized,
{
    Deserializer::new(deserializer, expander).deserialize()
}

/// Returns each reference in the selected values of a document, in order, with its path, and where its value comes from
/// or why it has none; and each [near miss](crate::Provenance::NearMiss). Nothing is expanded.
///
/// # Errors
///
/// Those of the deserializer: text that is not of its format, or is nested too deeply. And
/// [`Malformed`](crate::ErrorKind::Malformed): a selected value holds `${A`, in the Compose dialect.
///
/// ```
/// use envref::{Expander, Paths, Reason, de};
///
/// let text = r#"{"dir": "$DIR", "channels": [{"token": "${TOKEN}"}], "prompt": "echo $HOME"}"#;
/// let paths = Paths::new(["dir", "channels[*].*", "chanels[*].**"])?;
/// let vars = [("DIR", "/srv")];
///
/// let expander = Expander::new(&vars).paths(&paths);
/// let explanation = de::explain(&mut serde_json::Deserializer::from_str(text), &expander)?;
/// let [dir, token] = &explanation[..] else { panic!() };
/// assert_eq!((dir.name(), dir.reason()), ("DIR", None));
/// assert_eq!((token.name(), token.reason()), ("TOKEN", Some(Reason::NoFallback)));
/// assert_eq!(
///     token.to_string(),
///     "unresolved reference ${TOKEN} at channels[0].token: unset, and no fallback is set",
/// );
/// assert_eq!(explanation.unmatched(), ["chanels[*].**"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn explain<'de, D, L, F>(
    deserializer: D,
    expander: &Expander<'_, L, F>,
) -> Result<Explanation, Error<D::Error>>
where
    D: de::Deserializer<'de>,
    L: Lookup + ?Sized,
    F: Lookup + ?Sized,
{
    let mut walk = Walk::new(expander.erase());
    walk.deserialize(deserializer).map_err(|error| Error::with_fault(error, walk.take_fault()))?;
    Ok(walk.into_explanation())
}

/// Reads a whole document.
fn read<'de, D, S>(deserializer: D, document: &Document<'_>, seed: S) -> Result<S::Value, D::Error>
where
    D: de::Deserializer<'de>,
    S: DeserializeSeed<'de>,
{
    Wrap::new(seed, &Node::top(document)).deserialize(deserializer)
}

/// Wraps a deserializer and expands the strings it reads.
///
/// It can be passed to whatever takes a [deserializer of serde](de::Deserializer), such as `serde_path_to_error`.
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
/// let paths = Paths::new(["dir"])?;
/// let expander = Expander::new(&vars).paths(&paths);
///
/// let mut json = serde_json::Deserializer::from_str(text);
/// let workspace = Workspace::deserialize(de::Deserializer::new(&mut json, &expander))?;
/// assert_eq!(workspace.dir, "/srv/data");
/// assert_eq!(workspace.prompt, "Run `ls $DIR` first.");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Deserializer<'e, D> {
    inner: D,
    expander: Erased<'e>,
    coerces: bool,
}

/// The rules are shown, the document and the variables are not.
impl<D> fmt::Debug for Deserializer<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deserializer")
            .field("expander", &self.expander)
            .field("coerce", &self.coerces)
            .finish_non_exhaustive()
    }
}

impl<'e, D> Deserializer<'e, D> {
    /// Returns a deserializer that expands the string values that `deserializer` reads, by the rules of `expander`.
    #[must_use]
    pub fn new<L, F>(deserializer: D, expander: &'e Expander<'_, L, F>) -> Self
    where
        L: Lookup + ?Sized,
        F: Lookup + ?Sized,
    {
        Self { inner: deserializer, expander: expander.erase(), coerces: false }
    }

    /// Returns the deserializer with coercion: it converts any text where a bool, a number or an enum is expected,
    /// whether a reference was expanded in it or not.
    ///
    /// It is for formats that convert text themselves, such as `config`, whose values are often strings.
    #[must_use]
    pub fn coerce(self) -> Self {
        Self { coerces: true, ..self }
    }

    /// Returns what the deserializer reads.
    ///
    /// # Errors
    ///
    /// Those of [`deserialize`].
    pub fn deserialize<'de, T>(self) -> Result<T, Error<D::Error>>
    where
        D: de::Deserializer<'de>,
        T: Deserialize<'de>,
    {
        self.deserialize_seed(PhantomData)
    }

    /// Returns what `seed` makes of the document.
    ///
    /// # Errors
    ///
    /// Those of [`deserialize`].
    pub fn deserialize_seed<'de, S>(self, seed: S) -> Result<S::Value, Error<D::Error>>
    where
        D: de::Deserializer<'de>,
        S: DeserializeSeed<'de>,
    {
        let (deserializer, document) = self.open();
        read(deserializer, &document, seed).map_err(|error| Error::settled(error, &document))
    }

    /// Returns what the deserializer reads, and where its references were: see [`origins`](crate::origins).
    ///
    /// # Errors
    ///
    /// Those of [`deserialize`], and of kind [`Document`](crate::ErrorKind::Document)
    ///
    /// - if the format is a binary one;
    /// - if the type cannot be serialized.
    #[cfg(feature = "origins")]
    pub fn deserialize_with_origins<'de, T>(self) -> Result<(T, Origins), Error<D::Error>>
    where
        D: de::Deserializer<'de>,
        T: Deserialize<'de> + Serialize,
    {
        use serde_core::de::Error as _;

        let refused = |message: &dyn fmt::Display| Error::of_document(D::Error::custom(message));
        if !self.inner.is_human_readable() {
            return Err(refused(&"references are restored in human-readable formats only"));
        }
        let expander = self.expander;
        let (deserializer, document) = self.open();
        let document = document.noting();
        let result = Wrap::new(PhantomData, &Node::top(&document)).deserialize(deserializer);
        let value: T = result.map_err(|error| Error::settled(error, &document))?;
        let origins = Origins::new(document.into_notes(), &value, &expander);
        let origins = origins.map_err(|error| refused(&error))?;
        Ok((value, origins))
    }

    fn open(self) -> (D, Document<'e>) {
        (self.inner, Document::expanding(self.expander, self.coerces))
    }
}

/// Passes the document to the wrapper that does the work.
macro_rules! open {
    ($($method:ident($($arg:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $($arg: $type,)* visitor: V) -> Result<V::Value, Self::Error> {
            let (deserializer, document) = self.open();
            let node = Node::top(&document);
            let result = Wrap::new(deserializer, &node).$method($($arg,)* visitor);
            result.map_err(|Guarded(error)| Error::settled(error.error, &document))
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
