//! What can go wrong with a stream, and where. Messages name references and places, never values.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use core::fmt;
use core::iter;
use core::ops::Range;

use granit_parser::ScanError;

use crate::error::{List, Named, Place, Position, Positions, Problem};
use crate::lookup::Reason;
use crate::path::Path;
use crate::yaml::locate::Located;

/// Why a stream could not be read or expanded, and where.
///
/// It holds names and places, and nothing of a variable's value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct Error {
    repr: Box<Repr>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Repr {
    #[error("{}", List(|| iter::once(.0).chain(.1).map(|it| &it.inner)))]
    Unresolved(Unresolved, Vec<Unresolved>),
    #[error("{1}")]
    Other(ErrorKind, Problem),
}

/// What kind of error an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A text that is not YAML, or nested too deeply.
    Parse,
    /// References without a value, under a [strict](crate::Expander::strict) expander.
    Unresolved,
    /// A result longer than the [output limit](crate::Expander::output_limit).
    OutputLimit,
    /// A result that would not be the document it came from: it was not handed out.
    Inexpressible,
}

impl Error {
    pub(super) fn parse(input: &str, error: &ScanError) -> Self {
        let at = error.marker().byte_offset().unwrap_or(input.len());
        let place = Positions::new(input).place(at..at);
        let brace = input.get(..at).and_then(|before| before.char_indices().next_back());
        let in_reference = brace.is_some_and(|(_, c)| c == '$');
        let hint = if in_reference && input.get(at..).is_some_and(|rest| rest.starts_with('{')) {
            " (within `[]` or `{}`, a `${…}` has to be quoted)"
        } else {
            ""
        };
        let message = format!("invalid YAML: {}{hint}", error.info());
        Self::other(ErrorKind::Parse, Problem { message, reference: None, place })
    }

    /// Returns the error for `unresolved`, or `None` if that is empty.
    pub(super) fn unresolved_in(unresolved: Vec<Unresolved>) -> Option<Self> {
        let mut unresolved = unresolved.into_iter();
        let first = unresolved.next()?;
        Some(Self { repr: Box::new(Repr::Unresolved(first, unresolved.collect())) })
    }

    pub(super) fn too_long(limit: usize, reference: Option<Named>, place: Place) -> Self {
        Self::other(ErrorKind::OutputLimit, Problem::too_long(limit, reference, place))
    }

    pub(super) fn inexpressible(reference: Option<Named>, place: Place) -> Self {
        let text = reference.as_ref().map_or("a reference", |reference| &reference.text);
        let message = format!("the expansion of {text} would change the document around it");
        Self::other(ErrorKind::Inexpressible, Problem { message, reference, place })
    }

    fn other(kind: ErrorKind, problem: Problem) -> Self {
        Self { repr: Box::new(Repr::Other(kind, problem)) }
    }

    /// Returns what kind of error this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match *self.repr {
            Repr::Unresolved(..) => ErrorKind::Unresolved,
            Repr::Other(kind, _) => kind,
        }
    }

    /// Returns the name of the variable at fault, the first if there are several; `None` if no reference is at fault.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match &*self.repr {
            Repr::Unresolved(first, _) => Some(first.name()),
            Repr::Other(_, problem) => problem.name(),
        }
    }

    /// Returns where the error is in the stream, in bytes: the (first) reference at fault; for a text that is not YAML
    /// the empty range where reading stopped.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.place().span.clone()
    }

    /// Returns line and column of the start of [`span`](Self::span).
    #[must_use]
    pub fn position(&self) -> Position {
        self.place().position
    }

    fn place(&self) -> &Place {
        match &*self.repr {
            Repr::Unresolved(first, _) => first.inner.place(),
            Repr::Other(_, problem) => &problem.place,
        }
    }

    /// Returns every reference of the stream without a value, in its order. Empty unless the kind is
    /// [`Unresolved`](ErrorKind::Unresolved).
    pub fn unresolved(&self) -> impl Iterator<Item = &Unresolved> {
        let (first, rest) = match &*self.repr {
            Repr::Unresolved(first, rest) => (Some(first), rest.as_slice()),
            Repr::Other(..) => (None, Default::default()),
        };
        first.into_iter().chain(rest)
    }

    /// Returns the error as a text for people, as [`envref::Error::render`](crate::Error::render) does: for each place a
    /// line with position and message, the line of `input`, and carets.
    ///
    /// `input` is the stream that the error came from.
    ///
    /// ```
    /// use envref::{Expander, Paths, yaml};
    ///
    /// let input = "name: w1\nport: ${PORT}\n";
    /// let vars = [("NAME", "w1")];
    /// let expander = Expander::new(&vars).no_fallback().strict();
    /// let error = yaml::expand(input, &expander, &Paths::all()).unwrap_err();
    ///
    /// assert_eq!(
    ///     error.render(input).to_string(),
    ///     concat!(
    ///         "2:7: unresolved reference ${PORT}: unset\n",
    ///         "2 | port: ${PORT}\n",
    ///         "  |       ^^^^^^^\n",
    ///     ),
    /// );
    /// ```
    #[must_use]
    pub fn render<'a>(&'a self, input: &'a str) -> impl fmt::Display + 'a {
        Rendering(self, input)
    }
}

struct Rendering<'a>(&'a Error, &'a str);

impl fmt::Display for Rendering<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(error, input) = self;
        match &*error.repr {
            Repr::Unresolved(..) => error.unresolved().try_for_each(|it| it.render(input).fmt(f)),
            Repr::Other(_, problem) => problem.render(input).fmt(f),
        }
    }
}

/// A reference of a stream without a value: which one, where, and why. Made by [`unresolved`](super::unresolved).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    path: Box<str>,
    inner: crate::Unresolved,
}

impl Unresolved {
    pub(super) fn new(
        path: &Path,
        positions: &mut Positions<'_>,
        located: &Located<'_>,
        reason: Reason,
    ) -> Self {
        let place = positions.place(located.span.clone());
        let inner = crate::Unresolved::at(place, &located.reference, reason);
        Self { path: path.shown().into(), inner }
    }

    /// Returns the path to the scalar that holds the reference, in the syntax of [`Paths`](crate::Paths); empty where a
    /// whole document is one scalar.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the name of the variable.
    #[must_use]
    pub fn name(&self) -> &str {
        self.inner.name()
    }

    /// Returns the reference as it is in the text of the scalar, so without escapes.
    #[must_use]
    pub fn text(&self) -> &str {
        self.inner.text()
    }

    /// Returns where the reference is in the stream, in bytes.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.inner.span()
    }

    /// Returns line and column of the start of [`span`](Self::span).
    #[must_use]
    pub fn position(&self) -> Position {
        self.inner.position()
    }

    /// Returns why the reference has no value.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.inner.reason()
    }

    /// Returns position and message, the line of `input` and carets under the reference, as [`Error::render`] does for
    /// all of them.
    #[must_use]
    pub fn render<'a>(&'a self, input: &'a str) -> impl fmt::Display + 'a {
        self.inner.render(input)
    }
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
