//! What can go wrong, and where it did.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use crate::compose::Malformed;
use crate::site::Site;
use crate::snippet::{Position, Snippet};

/// Why a text or a YAML stream cannot be expanded, and where.
///
/// It holds names and places, never the value of a variable. It is safe to log and to show to a template's author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct Error {
    repr: Box<Repr>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", Message(self))]
struct Repr {
    kind: ErrorKind,
    /// What is wrong, in the order of the input; nothing, if the sites say it.
    problems: Vec<Problem>,
    sites: Vec<Site>,
    span: Range<usize>,
    position: Position,
}

/// What is wrong at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Problem {
    message: String,
    /// Comes after the place.
    reason: Option<String>,
    span: Range<usize>,
    position: Position,
}

impl Problem {
    /// Returns what is wrong, with `place` before the reason.
    fn with_place(&self, place: fmt::Arguments<'_>) -> String {
        let reason = self.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("{}{place}{reason}", self.message)
    }
}

/// The kind of an [`Error`], or of an error of the module `de`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A reference without a value, under [`Unset::Reject`](crate::Unset::Reject); or one that has to have a value, such as
    /// `${NAME:?message}` in the Compose dialect.
    Unresolved,
    /// A `${` that begins no reference, or that is never closed, in the Compose dialect. One per text; for a YAML stream,
    /// one for each malformed text.
    Malformed,
    /// More expanded text than the [output limit](crate::Expander::output_limit).
    OutputLimit,
    /// A document that cannot be read, whatever the variables: it is not YAML or, with `de`, does not have the format or
    /// the shape that is expected.
    Document,
    /// An expanded value that does not fit its type (`de`): a `PORT` of `http` in a `u16`.
    InvalidValue,
    /// A value cannot be written at this place in YAML without changing the document. Nothing is returned.
    Inexpressible,
}

impl Error {
    /// Returns the error for references without a value, of which the first one is at `position`.
    pub(crate) fn unresolved(sites: Vec<Site>, position: Position) -> Self {
        let span = sites.first().map(Site::span).unwrap_or_default();
        Self {
            repr: Box::new(Repr { kind: ErrorKind::Unresolved, problems: Vec::new(), sites, span, position }),
        }
    }

    /// Returns the error for a malformed reference of `text`.
    #[cold]
    pub(crate) fn malformed(text: &str, malformed: Malformed) -> Self {
        let position = Position::of(text, malformed.span().start);
        Self::malformed_at(malformed.span(), position, malformed.message(text), malformed.reason(None))
    }

    /// Returns the error for a malformed reference at `span` of the input.
    #[cold]
    pub(crate) fn malformed_at(
        span: Range<usize>,
        position: Position,
        message: String,
        reason: String,
    ) -> Self {
        let problem = Problem { message, reason: Some(reason), span, position };
        Self::of_problem(ErrorKind::Malformed, problem, Vec::new())
    }

    /// Returns the error for a result that outgrew `limit` with `site`, or with the text at `span` if that is no
    /// reference.
    pub(crate) fn output_limit(
        limit: usize,
        site: Option<Site>,
        span: Range<usize>,
        position: Position,
    ) -> Self {
        let with = site.as_ref().map(|site| format!(" with {}", site.shown())).unwrap_or_default();
        let problem = format!("expansion longer than the limit of {limit} bytes{with}");
        Self::other(ErrorKind::OutputLimit, problem, site, span, position)
    }

    /// Returns the error for what is wrong at one place, `site` if a reference is at fault.
    pub(crate) fn other(
        kind: ErrorKind,
        problem: String,
        site: Option<Site>,
        span: Range<usize>,
        position: Position,
    ) -> Self {
        let span = site.as_ref().map_or(span, Site::span);
        let problem = Problem { message: problem, reason: None, span, position };
        Self::of_problem(kind, problem, site.into_iter().collect())
    }

    fn of_problem(kind: ErrorKind, problem: Problem, sites: Vec<Site>) -> Self {
        let (span, position) = (problem.span.clone(), problem.position);
        Self { repr: Box::new(Repr { kind, problems: Vec::from([problem]), sites, span, position }) }
    }

    /// Returns the error with the problems of another one of the same kind, which come later in the input.
    #[cfg(feature = "yaml")]
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.repr.problems.extend(other.repr.problems);
        self
    }

    /// Returns what is wrong at the one place, which is the value at `path`; nothing, if the sites say it.
    #[cfg(feature = "serde")]
    pub(crate) fn problem_at(&self, path: &str) -> String {
        let at = if path.is_empty() { "" } else { " at " };
        let problem = self.repr.problems.first();
        problem.map(|problem| problem.with_place(format_args!("{at}{path}"))).unwrap_or_default()
    }

    /// Returns what kind of error this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.repr.kind
    }

    /// Returns the references at fault, in the order of the input: every one without a value if the kind is
    /// [`Unresolved`](ErrorKind::Unresolved), else one, or none if no reference is at fault.
    #[must_use]
    pub fn sites(&self) -> &[Site] {
        &self.repr.sites
    }

    /// Returns where the error is in the input, in bytes: the span of the first site, or of the offending text, if no
    /// reference is at fault.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.repr.span.clone()
    }

    /// Returns line and column of the start of [`span`](Self::span).
    #[must_use]
    pub fn position(&self) -> Position {
        self.repr.position
    }

    /// Returns an error for each place at fault, in the order of the input, for tools that show them one by one.
    ///
    /// There are several if several references have no value, or several texts of a YAML stream are malformed.
    ///
    /// ```
    /// use envref::{Expander, Unset};
    ///
    /// let error = Expander::new(&()).on_unset(Unset::Reject).expand("$A\n $B").unwrap_err();
    /// let messages: Vec<_> = error.each().map(|error| error.to_string()).collect();
    /// assert_eq!(messages, ["unresolved reference $A at 1:1: unset", "unresolved reference $B at 2:2: unset"]);
    /// ```
    pub fn each(&self) -> impl Iterator<Item = Self> + '_ {
        let Repr { kind, problems, sites, position, .. } = &*self.repr;
        let of_sites = if problems.is_empty() { &**sites } else { &[] };
        let of_site =
            |site: &Site| Self::unresolved(Vec::from([site.clone()]), site.position().unwrap_or(*position));
        let of_problem = |problem: &Problem| {
            Self::of_problem(*kind, problem.clone(), sites.first().cloned().into_iter().collect())
        };
        of_sites.iter().map(of_site).chain(problems.iter().map(of_problem))
    }

    /// Returns the error for people to read: for each place a line with position and message, the line of `input`, and
    /// carets under the reference.
    ///
    /// `input` is the text or the stream that the error came from. Long lines are cut, and characters that could fool a
    /// terminal (control characters, changes of writing direction) are replaced by U+FFFD.
    ///
    /// ```
    /// use envref::{Expander, Unset};
    ///
    /// let input = "name: $NAME\nport: ${PORT}\n";
    /// let vars = [("NAME", "w1")];
    /// let error = Expander::new(&vars).on_unset(Unset::Reject).expand(input).unwrap_err();
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
        Rendering { repr: &self.repr, input }
    }
}

struct Rendering<'a> {
    repr: &'a Repr,
    input: &'a str,
}

impl fmt::Display for Rendering<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { repr: Repr { problems, sites, .. }, input } = self;
        if problems.is_empty() {
            return sites.iter().try_for_each(|site| site.render(input).fmt(f));
        }
        problems.iter().try_for_each(|problem| {
            let message = problem.with_place(format_args!(""));
            Snippet { message, span: problem.span.clone(), position: Some(problem.position), input }.fmt(f)
        })
    }
}

struct Message<'a>(&'a Repr);

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Repr { problems, sites, .. } = self.0;
        for (index, problem) in problems.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "; " })?;
            f.write_str(&problem.with_place(format_args!(" at {}", problem.position)))?;
        }
        if !problems.is_empty() {
            return Ok(());
        }
        f.write_str(if sites.len() > 1 { "unresolved references: " } else { "unresolved reference " })?;
        for (index, site) in sites.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "; " })?;
            f.write_str(&site.shown())?;
            site.write_place(f)?;
            write!(f, ": {}", site.cause())?;
        }
        Ok(())
    }
}
