//! YAML text in, YAML text out: replaces the references in the values of a stream, and leaves every other byte alone.
//!
//! ```
//! use envref::{Expander, Paths, yaml};
//!
//! let template = "\
//! ## ${PORT} in a comment stays
//! port: ${PORT}
//! name: \"${NAME}\"
//! cert: |
//!   ${CERT}
//! ";
//! let vars = [("PORT", "8080"), ("NAME", "a \"b\""), ("CERT", "line 1\nline 2")];
//! let expander = Expander::new(&vars).no_fallback().strict();
//!
//! assert_eq!(
//!     yaml::expand(template, &expander, &Paths::all())?,
//!     "\
//! ## ${PORT} in a comment stays
//! port: 8080
//! name: \"a \\\"b\\\"\"
//! cert: |
//!   line 1
//!   line 2
//! ",
//! );
//! # Ok::<(), yaml::Error>(())
//! ```

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
use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::ops::Range;

pub use self::error::{Error, ErrorKind, Unresolved};

use crate::error::{Named, Place, Position, Positions};
use crate::expand::Expander;
use crate::path::Paths;
use crate::token::Form;

use self::locate::locate;
use self::scan::{Walk, may_hold_reference};

/// Returns the stream `input` with the references in its values replaced, by the rules of `expander`, in the values that
/// `paths` choose.
///
/// The result is borrowed if nothing is replaced. A stream that cannot hold a reference is not parsed, so that it comes back
/// whatever it is; finding that out is one search.
///
/// # Errors
///
/// - [`Parse`](ErrorKind::Parse): `a: [$A`, which is no YAML, and `{a: ${A}}`, where the braces belong to YAML.
/// - [`Unresolved`](ErrorKind::Unresolved): `a: $A` under a strict expander without a value for `A`. The error has every
///   such reference of the stream.
/// - [`OutputLimit`](ErrorKind::OutputLimit): a result, or the text of one scalar, longer than the limit of the expander.
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
    if !may_hold_reference(input) {
        return Ok(sites);
    }
    let mut positions = Positions::new(input);
    let mut walk = Walk::new(input, paths);
    while let Some(scalar) = walk.scalar()? {
        for located in locate(input, &scalar) {
            sites.push(Site {
                reference: Named::new(&located.reference),
                form: located.reference.form(),
                path: walk.path().to_string().into(),
                place: positions.place(located.span),
                is_whole: located.reference.text().len() == scalar.text.len(),
            });
        }
    }
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
    if !may_hold_reference(input) {
        return Ok(unresolved);
    }
    let mut positions = Positions::new(input);
    let mut walk = Walk::new(input, paths);
    while let Some(scalar) = walk.scalar()? {
        for located in locate(input, &scalar) {
            if let Err(reason) = expander.resolve(&located.reference, &scalar.text) {
                unresolved.push(Unresolved::new(walk.path(), &mut positions, &located, reason));
            }
        }
    }
    Ok(unresolved)
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
