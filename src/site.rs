//! A reference with its place, and what it resolves to: what explanations and errors are made of.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};
use core::ops::{Deref, Range};

use crate::compose::{self, Action, Operator};
use crate::lookup::Reason;
use crate::snippet::{Position, Snippet, harmless};
use crate::token::{Form, Reference};

/// A reference with its place in an input, and where its value comes from or why it has none.
///
/// It holds names and places, never the value of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    name: Box<str>,
    text: Box<str>,
    form: Form,
    operator: Option<Operator>,
    span: Range<usize>,
    is_whole: bool,
    provenance: Provenance,
    position: Option<Position>,
    path: Option<Box<str>>,
}

impl Site {
    /// Returns `reference`, found in `text`, without position and path.
    pub(crate) fn new(reference: &Reference<'_>, text: &str, provenance: Provenance) -> Self {
        Self {
            name: reference.name().into(),
            text: reference.text().into(),
            form: reference.form(),
            operator: reference.operator,
            span: reference.span(),
            is_whole: reference.text().len() == text.len(),
            provenance,
            position: None,
            path: None,
        }
    }

    /// Returns the near miss at `span` of `text`.
    pub(crate) fn near_miss(text: &str, span: Range<usize>) -> Self {
        Self {
            name: Box::default(),
            text: text.get(span.clone()).unwrap_or_default().into(),
            form: Form::Braced,
            operator: None,
            is_whole: span == (0..text.len()),
            span,
            provenance: Provenance::NearMiss,
            position: None,
            path: None,
        }
    }

    /// Returns the site with its position.
    pub(crate) fn at(self, position: Position) -> Self {
        Self { position: Some(position), ..self }
    }

    /// Returns the site with another span: that in a larger text, of a reference found in a part of it.
    #[cfg(any(feature = "serde", feature = "yaml"))]
    pub(crate) fn spanning(self, span: Range<usize>) -> Self {
        Self { span, ..self }
    }

    /// Returns the site of a text as that of a value, at `path` of a document without known lines.
    #[cfg(feature = "serde")]
    pub(crate) fn in_value_at(self, path: String) -> Self {
        Self { position: None, path: Some(path.into()), ..self }
    }

    /// Returns the site with the path of the value that it is in.
    #[cfg(feature = "yaml")]
    pub(crate) fn below(self, path: String) -> Self {
        Self { path: Some(path.into()), ..self }
    }

    /// Returns the name of the variable; the empty text for a [near miss](Provenance::NearMiss), which names none.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns how the reference is written.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// Returns the operator and the word behind the name, as [`Reference::operator`] does.
    ///
    /// ```
    /// use envref::{Action, Dialect, Expander};
    ///
    /// let sites = Expander::new(&()).dialect(Dialect::Compose).explain("${PORT:-8080}")?;
    /// let (operator, word) = sites[0].operator().unwrap();
    /// assert_eq!((operator.action(), word), (Action::Default, "8080"));
    /// # Ok::<(), envref::Error>(())
    /// ```
    #[must_use]
    pub fn operator(&self) -> Option<(Operator, &str)> {
        let operator = self.operator?;
        Some((operator, operator.word_of(&self.text, &self.name)))
    }

    /// Returns the reference for messages: as written, but without its word.
    pub(crate) fn shown(&self) -> Cow<'_, str> {
        compose::shown(&self.text, &self.name, self.operator)
    }

    /// Returns what messages say of the provenance, with the message of a reference that has to have a value.
    pub(crate) fn cause(&self) -> impl fmt::Display + '_ {
        Cause(self)
    }

    /// Returns the reference as written: `${PORT}`. In a YAML scalar that is its text without escapes, even where it is
    /// written `"\x24{PORT}"`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns where the reference is, in bytes: in the text or in the YAML stream, as it is written there; with `de`, in the
    /// value that it is in.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Tells whether the reference is the whole text (the whole value, in a document), so that the fallback is asked if
    /// the variables do not have it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Returns where the value of the reference comes from, or why it has none.
    #[must_use]
    pub fn provenance(&self) -> Provenance {
        self.provenance
    }

    /// Returns why the reference has no value; `None` unless the provenance is [`Missing`](Provenance::Missing).
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self.provenance {
            Provenance::Missing(reason) => Some(reason),
            _ => None,
        }
    }

    /// Returns line and column of the start of [`span`](Self::span); `None` with `de`, where no line is known.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// Returns the path of the value that holds the reference, in the syntax of `Paths`; `None` in a text, which has none.
    ///
    /// It is empty where the whole document is one value. The documents of a YAML stream are not told apart.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// Returns the site for people to read: position and message, the line of `input`, and carets under the reference.
    ///
    /// `input` is the text or the YAML stream that the site is in; with `de`, the value. Long lines are cut, and characters
    /// that could fool a terminal (control characters, changes of writing direction) are replaced by U+FFFD.
    #[must_use]
    pub fn render<'a>(&'a self, input: &'a str) -> impl fmt::Display + 'a {
        Snippet { message: self, span: self.span(), position: self.position, input }
    }

    /// Writes where the site is, if that is known: ` at 1:2`, or ` at server.port`.
    pub(crate) fn write_place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.position, self.path()) {
            (Some(position), _) => write!(f, " at {position}"),
            (None, None | Some("")) => Ok(()),
            (None, Some(path)) => write!(f, " at {path}"),
        }
    }
}

/// `unresolved reference ${PORT}: unset`, and the path if there is no position: `unresolved reference ${PORT} at
/// server.port: unset`.
impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Provenance::Missing(_) = self.provenance {
            f.write_str("unresolved reference ")?;
        }
        // A near miss may hold anything.
        write_harmless(&self.shown(), f)?;
        if self.position.is_none() {
            self.write_place(f)?;
        }
        write!(f, ": {}", self.cause())
    }
}

struct Cause<'a>(&'a Site);

impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(site) = self;
        site.provenance.fmt(f)?;
        match (site.provenance, site.operator()) {
            (Provenance::Missing(_), Some((operator, message)))
                if operator.action() == Action::Require && !message.is_empty() =>
            {
                f.write_str(": ")?;
                write_harmless(message, f)
            }
            _ => Ok(()),
        }
    }
}

/// Writes a text that may hold anything.
fn write_harmless(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    text.chars().try_for_each(|c| f.write_char(harmless(c)))
}

/// Where the value of a reference comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provenance {
    /// The variables of the expander.
    Vars,
    /// The fallback of the expander: the reference is the whole text.
    Fallback,
    /// Nowhere: the reference has no value.
    Missing(Reason),
    /// The reference itself, in the Compose dialect: its word takes its place, or nothing does, as for `${A+word}` if `A`
    /// is unset.
    Word,
    /// Not looked up: the reference is in a word that is not used (Compose dialect only).
    Unused,
    /// Text that resembles a reference, such as `${PORT:-80}`, `${a-b}` or `${{ x }}`, but is not one in the plain dialect.
    NearMiss,
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vars => f.write_str("from the variables"),
            Self::Fallback => f.write_str("from the fallback"),
            Self::Missing(reason) => reason.fmt(f),
            Self::Word => f.write_str("from the reference itself"),
            Self::Unused => f.write_str("in a word that is not used"),
            Self::NearMiss => f.write_str("text, not a reference"),
        }
    }
}

/// The sites of an input, in order: a slice of them, and the patterns of `Paths` that matched nothing.
///
/// ```
/// use envref::{Expander, Provenance};
///
/// let vars = [("NAME", "w1")];
/// let explanation = Expander::new(&vars).explain("/srv/$NAME/$HOME")?;
///
/// let missing = explanation.iter().filter(|site| matches!(site.provenance(), Provenance::Missing(_)));
/// assert_eq!(missing.map(|site| site.name()).collect::<Vec<_>>(), ["HOME"]);
/// # Ok::<(), envref::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    sites: Vec<Site>,
    unmatched: Vec<String>,
}

impl Explanation {
    pub(crate) fn new(sites: Vec<Site>, unmatched: Vec<String>) -> Self {
        Self { sites, unmatched }
    }

    /// Returns the patterns of the expander's `Paths` that match no value of the document, as written.
    ///
    /// Most often that is a mistake: a typo in a pattern leaves references unexpanded, without an error. Empty if the
    /// expander has no paths, and for a text.
    #[must_use]
    pub fn unmatched(&self) -> &[String] {
        &self.unmatched
    }
}

impl Deref for Explanation {
    type Target = [Site];

    fn deref(&self) -> &[Site] {
        &self.sites
    }
}

impl IntoIterator for Explanation {
    type Item = Site;
    type IntoIter = alloc::vec::IntoIter<Site>;

    fn into_iter(self) -> Self::IntoIter {
        self.sites.into_iter()
    }
}

impl<'a> IntoIterator for &'a Explanation {
    type Item = &'a Site;
    type IntoIter = core::slice::Iter<'a, Site>;

    fn into_iter(self) -> Self::IntoIter {
        self.sites.iter()
    }
}
