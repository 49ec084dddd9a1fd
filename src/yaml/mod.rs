//! YAML text in, YAML text out: replaces the references in the values of a stream, and leaves every other byte alone.
//!
//! ```
//! use envref::{Expander, Unset, yaml};
//!
//! let template = "\
//! port: ${PORT} # not ${PORT} in here
//! name: \"${NAME}\"
//! note: $NOTE
//! cert: |
//!   ${CERT}
//! ";
//! let vars = [("PORT", "8080"), ("NAME", "8080"), ("NOTE", "a: b"), ("CERT", "line 1\nline 2")];
//! let expander = Expander::new(&vars).on_unset(Unset::Reject);
//!
//! assert_eq!(
//!     yaml::expand(template, &expander)?,
//!     "\
//! port: 8080 # not ${PORT} in here
//! name: \"8080\"
//! note: \"a: b\"
//! cert: |
//!   line 1
//!   line 2
//! ",
//! );
//! # Ok::<(), envref::Error>(())
//! ```
//!
//! - [`expand`] replaces references.
//! - [`explain`] lists them: what a template needs, where, and what it resolves to. [`explain_each`] does so one by one.
//!
//! To read a stream into types, use [`de::deserialize`], and not a parser on the result of
//! [`expand`]: a parser repeats values in its errors. [`explain`] the stream first: that reports everything that is
//! missing at once, with line and column, as the example `config` does.
//!
//! # What is replaced
//!
//! References in scalars that are values, where the [`Paths`](crate::Paths) of the expander select them. What counts is
//! the text of a scalar, without quotes, escapes and indentation: `"\x24{A}"` is a reference. A reference is the whole
//! value, so that the fallback is asked, if it is the whole text. The text of a `|` block ends with a newline, so that no
//! reference in it is the whole value; under `|-` it can be.
//!
//! Comments, keys (also collections that are keys), anchors, aliases, tags, directives, markers, indentation, line ends and a
//! byte order mark stay as they are. An alias of an expanded value stands for the expanded value.
//!
//! # How a value is written
//!
//! In the style of the scalar, if that style can hold it: then only the bytes of the references change. Otherwise the
//! scalar is written double-quoted, on one line.
//!
//! | style | is kept if | example |
//! |---|---|---|
//! | plain | the new text is a plain scalar: not empty, no indicator at its start, no `: ` or ` #`, one line, … | `port: ${PORT}` becomes `port: 8080` |
//! | `'…'` | the value is one line of printable characters | `'$A'` becomes `'it''s'` |
//! | `"…"` | always; a value takes escapes | `"$A"` becomes `"a \"b\"\n"` |
//! | <code>\|</code> | the value has printable characters and newlines, and the text begins and ends with the blanks that it had | each line of the value is indented |
//! | `>` | the value is one line of printable characters with no blank at its ends | `one $A` |
//!
//! So the author of the template decides about the type. A plain scalar is whatever its text reads as (`8080` is an
//! integer, `null` is null), and `"${PORT}"` is a string whatever the value: quote secrets. (A `String` that `de` reads
//! gets the value as it is, quoted or not.) An empty value is written `""`, since it would be null otherwise. A value
//! never becomes structure: `[a]`, `*a`, `!t a` and `a: b` are quoted.
//!
//! Parsers differ, so the narrowest rule of any of them holds: libyaml, `PyYAML`, ruamel.yaml, go-yaml and js-yaml read a
//! result as they read the template. Therefore these are quoted, too: a value with a tab or, in a flow collection, with a
//! `?`; what some parsers take for another type and then reject (`=`, `<<`, `0x`, 2026-02-30); a block in the first
//! column, which some end there; and a scalar with a line break of YAML 1.1 (NEL, LS, PS). Blank lines below a scalar
//! that becomes quoted lose their tabs, which libyaml takes for tokens.
//!
//! # The law
//!
//! Structure, keys, tags, anchors and aliases stay; the text of every scalar is the expansion of its text; what is quoted
//! or a block stays a string. [`expand`] parses its result again before it returns it. If the events are not those of the
//! input with their texts expanded, the caller gets an [error](crate::ErrorKind::Inexpressible) and no document.
//!
//! # Limitations
//!
//! - `${A}` cannot stand unquoted within `[]` or `{}`, where braces belong to YAML: `[${A}]` is not YAML. `[$A]`, `[$<A>]` and
//!   `["${A}"]` are.
//! - The parser is `granit-parser`, which reads YAML 1.2.2 with at most 255 levels of nesting.
//! - Parsers do not agree about a block scalar that ends the stream without a newline. This one and js-yaml add a newline
//!   to its text, so that `|` with a single `${A}` is not a whole value there either. Where such a block has to be
//!   quoted, the newline is left out, as YAML 1.2.2 §8.1.1.2 and libyaml have it.
//! - Where parsers do not agree about the template, they do not agree about the result. If one of them would see another
//!   structure, the reference is an [error](crate::ErrorKind::Inexpressible): `[?$A]`, a key to libyaml, with a value
//!   that has to be quoted; a plain scalar or a block with a line break of YAML 1.1 (NEL, LS, PS) before something that
//!   is not plain text. Two cases are not detected: an anchor with a `:` or `?` in its name, and what js-yaml alone reads
//!   in its own way (a top-level block with the indicator `1`, and `---#`).
//!
#![cfg_attr(feature = "serde", doc = "[`de::deserialize`]: crate::de::deserialize")]
#![cfg_attr(
    not(feature = "serde"),
    doc = "[`de::deserialize`]: https://docs.rs/envref/latest/envref/de/fn.deserialize.html"
)]

mod check;
mod decode;
mod encode;
mod expand;
mod explain;
mod locate;
mod scan;
#[cfg(feature = "origins")]
mod update;
mod write;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Error;
use crate::expand::Expander;
use crate::lookup::Lookup;
use crate::site::{Explanation, Site};

/// Returns the YAML stream `input` with the references in its values replaced, by the rules of `expander`.
///
/// The result is borrowed from `input` if nothing is replaced. A stream that cannot hold a reference is not parsed: one
/// search decides that, and it comes back even if it is not YAML. Otherwise the stream is parsed once, and the result
/// once more to check it. Time is linear in their lengths.
///
/// # Errors
///
/// - [`Document`](crate::ErrorKind::Document): `a: [$A`, which is not YAML, and `{a: ${A}}`, where the braces belong to
///   YAML.
/// - [`Malformed`](crate::ErrorKind::Malformed): `a: ${A.B}`, in the Compose dialect. The error has every such text, each with
///   its first malformed reference, up to where the stream is no YAML. It comes before all others, whatever the values.
/// - [`Unresolved`](crate::ErrorKind::Unresolved): `a: $A` without a value for `A`, under
///   [`Unset::Reject`](crate::Unset::Reject); in the Compose dialect, an unset `${A:?}` under any setting. The error has
///   every such reference of the stream.
/// - [`OutputLimit`](crate::ErrorKind::OutputLimit): values in which something is replaced that are longer, taken together,
///   than the limit of the expander, in bytes.
/// - [`Inexpressible`](crate::ErrorKind::Inexpressible): a value that has to be quoted in `[?$A]`, where parsers differ about
///   what is a key; see [Limitations](self#limitations).
///
/// ```
/// use envref::{Expander, yaml};
///
/// let vars = [("PORT", "8080"), ("NAME", "a: b")];
/// let expander = Expander::new(&vars);
///
/// assert_eq!(yaml::expand("port: ${PORT} # $PORT", &expander)?, "port: 8080 # $PORT");
/// assert_eq!(yaml::expand("name: $NAME", &expander)?, "name: \"a: b\"");
/// assert_eq!(
///     yaml::expand("[$PORT, '$PORT', $<NAME>, $NONE]", &expander)?,
///     "[8080, '8080', \"a: b\", \"\"]",
/// );
/// # Ok::<(), envref::Error>(())
/// ```
pub fn expand<'a, L, F>(input: &'a str, expander: &Expander<'_, L, F>) -> Result<Cow<'a, str>, Error>
where
    L: Lookup + ?Sized,
    F: Lookup + ?Sized,
{
    expand::expand(input, &expander.erase())
}

/// Returns the references in the values of the YAML stream `input` that the paths of `expander` select, in order, with
/// what each resolves to; and each [near miss](crate::Provenance::NearMiss). Nothing is expanded.
///
/// # Errors
///
/// [`Document`](crate::ErrorKind::Document) and [`Malformed`](crate::ErrorKind::Malformed), as [`expand`].
///
/// ```
/// use envref::{Expander, Reason, yaml};
///
/// let vars = [("HOST", "example.org")];
/// let sites = yaml::explain("servers:\n- url: http://$HOST:${PORT}/\n", &Expander::new(&vars))?;
/// let [host, port] = &sites[..] else { panic!() };
/// assert_eq!((host.name(), host.reason()), ("HOST", None));
/// assert_eq!((port.name(), port.reason()), ("PORT", Some(Reason::Unset)));
/// assert_eq!(port.path(), Some("servers[0].url"));
/// assert_eq!(port.position().map(|it| it.to_string()).as_deref(), Some("2:21"));
/// # Ok::<(), envref::Error>(())
/// ```
pub fn explain<L, F>(input: &str, expander: &Expander<'_, L, F>) -> Result<Explanation, Error>
where
    L: Lookup + ?Sized,
    F: Lookup + ?Sized,
{
    explain::explain(input, &expander.erase())
}

/// Returns the patterns of the paths that match no value, after calling `found` with each site of [`explain`], in order
/// and as soon as it is found. It is for streams with too many sites to keep.
///
/// # Errors
///
/// [`Document`](crate::ErrorKind::Document) and [`Malformed`](crate::ErrorKind::Malformed), as [`expand`], after the sites
/// before the first place at fault.
///
/// ```
/// use envref::{Expander, yaml};
///
/// let mut names = Vec::new();
/// yaml::explain_each("- $A\n- $B\n", &Expander::new(&()), |site| names.push(site.name().to_owned()))?;
/// assert_eq!(names, ["A", "B"]);
/// # Ok::<(), envref::Error>(())
/// ```
pub fn explain_each<L, F>(
    input: &str,
    expander: &Expander<'_, L, F>,
    found: impl FnMut(Site),
) -> Result<Vec<String>, Error>
where
    L: Lookup + ?Sized,
    F: Lookup + ?Sized,
{
    explain::explain_each(input, &expander.erase(), found)
}

/// Returns the YAML document `text` with those scalars changed that differ between `value` and what was read with
/// `origins`. Every other byte stays: comments, references, order and style. `None` if more than scalars changed, so that
/// the value has to be saved whole.
///
/// `text` is the one document that `value` was read from. A new text is written in the style of the old one where
/// possible, and never so that it would read as something other than text. The result is parsed again, and every event
/// compared, before it is returned.
///
/// The result is also `None` where a new value has no place in `text`: the old one was a default, came out of an alias or
/// a merge, or has an anchor, so that the change would show elsewhere.
///
/// # Errors
///
/// Those of [`Origins::restore`](crate::origins::Origins::restore), and for a `text` that is not YAML.
///
/// ```
/// use envref::{Expander, de, yaml};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize, Serialize)]
/// struct Config {
///     token: String,
///     port: u16,
/// }
///
/// let text = "token: ${TOKEN} # from the vault\nport: 8080 # may change\n";
/// let vars = [("TOKEN", "s3cret")];
/// let expander = Expander::new(&vars);
/// let yaml = yaml_serde::Deserializer::from_str(text);
/// let (mut config, origins) = de::Deserializer::new(yaml, &expander).deserialize_with_origins::<Config>()?;
///
/// config.port = 9090;
/// let saved = yaml::update(text, &origins, &config)?;
/// assert_eq!(saved.as_deref(), Some("token: ${TOKEN} # from the vault\nport: 9090 # may change\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "origins")]
pub fn update<T: serde_core::Serialize + ?Sized>(
    text: &str,
    origins: &crate::origins::Origins,
    value: &T,
) -> Result<Option<String>, crate::origins::RestoreError> {
    match origins.changes(value)? {
        Some(changes) => update::update(text, &changes),
        None => Ok(None),
    }
}
