//! YAML text in, YAML text out: replaces the references in the values of a stream, and leaves every other byte alone.
//!
//! ```
//! use envref::{Expander, Paths, yaml};
//!
//! let template = "\
//! port: ${PORT} # not ${PORT} in here
//! name: \"${NAME}\"
//! note: $NOTE
//! cert: |
//!   ${CERT}
//! ";
//! let vars = [("PORT", "8080"), ("NAME", "8080"), ("NOTE", "a: b"), ("CERT", "line 1\nline 2")];
//! let expander = Expander::new(&vars).no_fallback().strict();
//!
//! assert_eq!(
//!     yaml::expand(template, &expander, &Paths::all())?,
//!     "\
//! port: 8080 # not ${PORT} in here
//! name: \"8080\"
//! note: \"a: b\"
//! cert: |
//!   line 1
//!   line 2
//! ",
//! );
//! # Ok::<(), yaml::Error>(())
//! ```
//!
//! - [`expand`] replaces references.
//! - [`references`] lists them: what a template needs, and where.
//! - [`unresolved`] lists those without a value.
//!
//! # What is replaced
//!
//! References in the scalars that are values, as far as [`Paths`] choose them. The text of a scalar is what counts, after the
//! parser has taken its quotes, escapes and indentation away: `"\x24{A}"` is a reference, and a reference is the
//! whole value (so that the fallback is asked) if it is the whole text. The text of a `|` block mostly ends with a newline,
//! so that no reference in it is the whole value, other than under `|-`.
//!
//! Comments, keys (also collections that are keys), anchors, aliases, tags, directives, markers, indentation, line ends and a
//! byte order mark stay as they are. An alias for a value that is expanded stands for the expanded value.
//!
//! # How a value is written
//!
//! In the style that the scalar has, with no byte changed but those of the references, if it can be said in that style.
//! Otherwise the scalar is written double-quoted, on one line.
//!
//! | style | stays, if | example |
//! |---|---|---|
//! | plain | the new text is a plain scalar: not empty, no indicator at its start, no `: ` or ` #`, one line, … | `port: ${PORT}` becomes `port: 8080` |
//! | `'…'` | the value is one line of printable characters | `'$A'` becomes `'it''s'` |
//! | `"…"` | always; a value takes escapes | `"$A"` becomes `"a \"b\"\n"` |
//! | <code>\|</code> | the value has printable characters and newlines, and the text begins and ends with the blanks that it had | each line of the value is indented |
//! | `>` | the value is one line of printable characters with no blank at its ends | `one $A` |
//!
//! So the author of the template decides about the type. A plain scalar is what its text reads as, `8080` an integer
//! and `null` null, and `"${PORT}"` is a string whatever the value. An empty value is written `""`, as it would be null otherwise.
//! A value never becomes structure: `[a]`, `*a`, `!t a` and `a: b` are quoted.
//!
//! # The law
//!
//! Structure, keys, tags, anchors and aliases stay; the text of every scalar is the expansion of its text; what is quoted or a block
//! stays a string. [`expand`] reads its result again, event by event, before it hands it out. If that does not give the
//! events of the input with their texts expanded, the caller gets an [error](ErrorKind::Inexpressible) and no document.
//!
//! # Limitations
//!
//! - `${A}` cannot stand unquoted within `[]` or `{}`, where braces belong to YAML: `[${A}]` is not YAML. `[$A]`, `[$<A>]` and
//!   `["${A}"]` are.
//! - The parser is `granit-parser`, which reads YAML 1.2.2 and more than 255 levels of nesting not at all. Where parsers
//!   differ, results are written in the way that this and libyaml agree about. They do not agree about a block scalar that
//!   ends the stream without a newline: this parser adds the newline to its text, so that `|` with a single `${A}` is no
//!   whole value there either. Where such a block has to be quoted, the newline is left out, as YAML 1.2.2 §8.1.1.2 has it.
//! - Empty lines below a block that has to be quoted lose their tabs, which libyaml would refuse.

mod check;
mod decode;
mod encode;
mod error;
mod expand;
mod locate;
mod scan;
mod splice;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

pub use self::error::{Error, ErrorKind, Unresolved};

use crate::error::{Named, Place, Position, Positions};
use crate::expand::Expander;
use crate::path::{Path, Paths};
use crate::token::Form;

use self::locate::{Located, locate};
use self::scan::{Scalar, Walk, may_hold_reference};

/// Returns the stream `input` with the references replaced in the values that `paths` choose, by the rules of `expander`:
/// its variables, its fallback for references that are a whole value, strict or not.
///
/// The result is borrowed from `input` if nothing is replaced. A stream that cannot hold a reference is not parsed, so that
/// it comes back whatever it is; finding that out is one search. Otherwise the stream is parsed once, and the result once
/// more to check it. Time is linear in their lengths.
///
/// # Errors
///
/// - [`Parse`](ErrorKind::Parse): `a: [$A`, which is not YAML, and `{a: ${A}}`, where the braces belong to YAML.
/// - [`Unresolved`](ErrorKind::Unresolved): `a: $A` under a strict expander without a value for `A`. The error has every
///   such reference of the stream.
/// - [`OutputLimit`](ErrorKind::OutputLimit): a result longer than the limit of the expander, in bytes, or the text of one
///   scalar that is.
/// - [`Inexpressible`](ErrorKind::Inexpressible): a result that does not read as it should. None is known.
///
/// ```
/// use envref::{Expander, Paths, yaml};
///
/// let vars = [("PORT", "8080"), ("NAME", "a: b")];
/// let expander = Expander::new(&vars).no_fallback();
/// let expand = |input| yaml::expand(input, &expander, &Paths::all());
///
/// assert_eq!(expand("port: ${PORT} # $PORT")?, "port: 8080 # $PORT");
/// assert_eq!(expand("name: $NAME")?, "name: \"a: b\"");
/// assert_eq!(expand("[$PORT, '$PORT', $<NAME>, $NONE]")?, "[8080, '8080', \"a: b\", \"\"]");
/// # Ok::<(), yaml::Error>(())
/// ```
pub fn expand<'a>(input: &'a str, expander: &Expander<'_>, paths: &Paths) -> Result<Cow<'a, str>, Error> {
    expand::expand(input, expander, paths)
}

/// Returns the references in the values of the stream `input` that `paths` choose, in order, without expanding anything.
///
/// # Errors
///
/// [`Parse`](ErrorKind::Parse), as [`expand`].
///
/// ```
/// use envref::{Paths, yaml};
///
/// let sites = yaml::references("servers:\n- url: http://$HOST:${PORT}/\n", &Paths::all())?;
/// let [host, port] = sites.as_slice() else { panic!() };
/// assert_eq!((host.name(), port.name()), ("HOST", "PORT"));
/// assert_eq!(port.path(), "servers[0].url");
/// assert_eq!(port.position().to_string(), "2:21");
/// # Ok::<(), yaml::Error>(())
/// ```
pub fn references(input: &str, paths: &Paths) -> Result<Vec<Site>, Error> {
    let mut sites = Vec::new();
    let mut positions = Positions::new(input);
    each_reference(input, paths, |path, scalar, located| {
        sites.push(Site {
            reference: Named::new(&located.reference),
            form: located.reference.form(),
            path: path.shown().into(),
            place: positions.place(located.span),
            is_whole: located.reference.text().len() == scalar.text.len(),
        });
    })?;
    Ok(sites)
}

/// Returns the references in the values of the stream `input` that `paths` choose and that have no value under `expander`,
/// in order, whether it is strict or not.
///
/// # Errors
///
/// [`Parse`](ErrorKind::Parse), as [`expand`].
///
/// ```
/// use envref::{Expander, Paths, Reason, yaml};
///
/// let vars = [("HOST", "example.org")];
/// let expander = Expander::new(&vars).no_fallback();
/// let unresolved = yaml::unresolved("url: http://$HOST:${PORT}/\n", &expander, &Paths::all())?;
/// let [port] = unresolved.as_slice() else { panic!() };
/// assert_eq!((port.path(), port.text(), port.reason()), ("url", "${PORT}", Reason::Unset));
/// # Ok::<(), yaml::Error>(())
/// ```
pub fn unresolved(input: &str, expander: &Expander<'_>, paths: &Paths) -> Result<Vec<Unresolved>, Error> {
    let mut unresolved = Vec::new();
    let mut positions = Positions::new(input);
    each_reference(input, paths, |path, scalar, located| {
        if let Err(reason) = expander.resolve(&located.reference, &scalar.text) {
            unresolved.push(Unresolved::new(path, &mut positions, &located, reason));
        }
    })?;
    Ok(unresolved)
}

/// Calls `found` for each reference in the values that `paths` choose, in order, with its path and its scalar.
fn each_reference(
    input: &str,
    paths: &Paths,
    mut found: impl FnMut(&Path, &Scalar<'_>, Located<'_>),
) -> Result<(), Error> {
    if !may_hold_reference(input) {
        return Ok(());
    }
    let mut walk = Walk::new(input, paths);
    while let Some(scalar) = walk.scalar(|_| {})? {
        for located in locate(input, &scalar) {
            found(walk.path(), &scalar, located);
        }
    }
    Ok(())
}

/// A reference in a stream. Made by [`references`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    reference: Named,
    form: Form,
    path: Box<str>,
    place: Place,
    is_whole: bool,
}

impl Site {
    /// Returns the name of the variable.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.reference.name
    }

    /// Returns how the reference is written.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// Returns the reference as it is in the text of the scalar: `${A}`, also where it is written `"\x24{A}"`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.reference.text
    }

    /// Returns the path to the scalar that holds the reference, in the syntax of [`Paths`]; empty where a whole document is
    /// one scalar. The documents of a stream are not told apart.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns where the reference is in the stream, in bytes, as it is written there.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.place.span.clone()
    }

    /// Returns line and column of the start of [`span`](Self::span).
    #[must_use]
    pub fn position(&self) -> Position {
        self.place.position
    }

    /// Tells whether the reference is the whole text of its scalar, so that the fallback (the process environment) is asked
    /// if the variables do not have it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }
}
