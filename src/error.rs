//! What can go wrong and where: [`Error`], line and column arithmetic, and the source line with a caret under it.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::iter;
use core::ops::Range;

use unicode_width::UnicodeWidthStr;

use crate::lookup::Reason;
use crate::token::{Reference, references};

/// Why an input could not be expanded, and where.
///
/// It holds names and places, never the value of a variable: it may be logged, and shown to the author of a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct Error {
    repr: Box<Repr>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Repr {
    #[error("{}", List(|| iter::once(.0).chain(.1)))]
    Unresolved(Unresolved, Vec<Unresolved>),
    #[error(transparent)]
    TooLong(Problem),
}

/// What kind of error an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// References without a value, under a [strict](crate::Expander::strict) expander.
    Unresolved,
    /// A result longer than the [output limit](crate::Expander::output_limit).
    OutputLimit,
}

impl Error {
    /// Returns the error for references of `input` that have no value.
    pub(crate) fn unresolved_in<'a>(
        input: &str,
        first: (Reference<'a>, Reason),
        rest: impl Iterator<Item = (Reference<'a>, Reason)>,
    ) -> Self {
        let mut positions = Positions::new(input);
        let mut unresolved = |(reference, reason)| Unresolved::new(&mut positions, &reference, reason);
        let first = unresolved(first);
        Self { repr: Box::new(Repr::Unresolved(first, rest.map(unresolved).collect())) }
    }

    /// Returns the error for a result that outgrew `limit` with the reference or the text at byte `at` of `input`.
    pub(crate) fn too_long(input: &str, at: usize, limit: usize) -> Self {
        let reference = references(input).find(|reference| reference.span().start >= at);
        let reference = reference.filter(|reference| reference.span().start == at);
        let place = Place {
            span: reference.map_or(at..input.len(), |reference| reference.span()),
            position: Position::of(input, at),
        };
        let reference = reference.map(|reference| Named::new(&reference));
        Self { repr: Box::new(Repr::TooLong(Problem::too_long(limit, reference, place))) }
    }

    /// Returns what kind of error this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match *self.repr {
            Repr::Unresolved(..) => ErrorKind::Unresolved,
            Repr::TooLong(_) => ErrorKind::OutputLimit,
        }
    }

    /// Returns the name of the variable at fault, the first if there are several.
    ///
    /// It is `None` only where a result outgrew its limit with text that is no reference.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match &*self.repr {
            Repr::Unresolved(first, _) => Some(first.name()),
            Repr::TooLong(problem) => problem.name(),
        }
    }

    /// Returns where the error is in the input, in bytes: the (first) reference at fault, or the text if
    /// [`name`](Self::name) is `None`.
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
            Repr::Unresolved(first, _) => first.place(),
            Repr::TooLong(problem) => &problem.place,
        }
    }

    /// Returns every reference without a value, in the order of the input. Empty unless the kind is
    /// [`Unresolved`](ErrorKind::Unresolved).
    pub fn unresolved(&self) -> impl Iterator<Item = &Unresolved> {
        let (first, rest) = match &*self.repr {
            Repr::Unresolved(first, rest) => (Some(first), rest.as_slice()),
            Repr::TooLong(_) => (None, Default::default()),
        };
        first.into_iter().chain(rest)
    }

    /// Returns the error as a text for people: for each place a line with position and message, the line of `input`,
    /// and carets under the reference.
    ///
    /// `input` is the text that the error came from. Long lines are cut, and characters that could fool a terminal
    /// (control characters, changes of writing direction) are replaced by U+FFFD.
    ///
    /// ```
    /// let input = "name: w1\nport: ${PORT}\n";
    /// let vars = [("NAME", "w1")];
    /// let error = envref::Expander::new(&vars).strict().no_fallback().expand(input).unwrap_err();
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
            Repr::TooLong(problem) => problem.render(input).fmt(f),
        }
    }
}

/// The message of an error with several places, of which the function makes an iterator.
pub(crate) struct List<F>(pub(crate) F);

impl<'a, F, I> fmt::Display for List<F>
where
    F: Fn() -> I,
    I: Iterator<Item = &'a Unresolved>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0().nth(1).is_some() { "s:" } else { "" };
        write!(f, "unresolved reference{plural} ")?;
        for (index, unresolved) in self.0().enumerate() {
            f.write_str(if index == 0 { "" } else { "; " })?;
            write!(f, "{} at {}: {}", unresolved.text(), unresolved.position(), unresolved.reason)?;
        }
        Ok(())
    }
}

/// A reference by its name and as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: Box<str>,
    pub(crate) text: Box<str>,
}

impl Named {
    pub(crate) fn new(reference: &Reference<'_>) -> Self {
        Self { name: reference.name().into(), text: reference.text().into() }
    }
}

/// A reference without a value: which one, where, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    reference: Named,
    place: Place,
    reason: Reason,
}

impl Unresolved {
    fn new(positions: &mut Positions<'_>, reference: &Reference<'_>, reason: Reason) -> Self {
        Self::at(positions.place(reference.span()), reference, reason)
    }

    /// Returns `reference` with a place of its own: that in the input, where `reference` was found in a part of it.
    pub(crate) fn at(place: Place, reference: &Reference<'_>, reason: Reason) -> Self {
        Self { reference: Named::new(reference), place, reason }
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Returns the name of the variable.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.reference.name
    }

    /// Returns the reference as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.reference.text
    }

    /// Returns where the reference is in the input, in bytes.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.place.span.clone()
    }

    /// Returns line and column of the start of [`span`](Self::span).
    #[must_use]
    pub fn position(&self) -> Position {
        self.place.position
    }

    /// Returns why the reference has no value.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// Returns position and message, the line of `input` and carets under the reference, as [`Error::render`] does for
    /// all of them.
    #[must_use]
    pub fn render<'a>(&'a self, input: &'a str) -> impl fmt::Display + 'a {
        self.place.render(input, self)
    }
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unresolved reference {}: {}", self.text(), self.reason)
    }
}

/// What is wrong at one place, with the reference at fault if there is one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at {position}", position = .place.position)]
pub(crate) struct Problem {
    pub(crate) message: String,
    pub(crate) reference: Option<Named>,
    pub(crate) place: Place,
}

impl Problem {
    /// Returns the problem of a result that outgrew its limit.
    pub(crate) fn too_long(limit: usize, reference: Option<Named>, place: Place) -> Self {
        let with =
            reference.as_ref().map(|reference| format!(" with {}", reference.text)).unwrap_or_default();
        let message = format!("expansion longer than the limit of {limit} bytes{with}");
        Self { message, reference, place }
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.reference.as_ref().map(|reference| &*reference.name)
    }

    pub(crate) fn render<'a>(&'a self, input: &'a str) -> impl fmt::Display + 'a {
        self.place.render(input, &self.message)
    }
}

/// A line and a column, both counted from one.
///
/// A line ends with LF, CRLF or CR (YAML 1.2.2 §5.4, and what editors do). A column is a character: a Unicode scalar
/// value, be it a tab, a wide or a combining one. A byte order mark at the start of the input is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Position {
    /// The line, from one.
    pub line: usize,
    /// The column, in characters from one.
    pub column: usize,
}

impl Position {
    /// Returns the position of byte `offset` of `input`; of its end, if it is shorter.
    ///
    /// ```
    /// let input = "é: 1\r\nport: $PORT";
    /// let reference = envref::references(input).next().unwrap();
    /// assert_eq!(envref::Position::of(input, reference.span().start).to_string(), "2:7");
    /// ```
    #[must_use]
    pub fn of(input: &str, offset: usize) -> Self {
        Positions::new(input).at(offset)
    }
}

/// `line:column`, as compilers print it.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// Computes the positions of ascending offsets in one pass over the input.
pub(crate) struct Positions<'a> {
    input: &'a [u8],
    /// What comes before this byte is counted.
    counted: usize,
    position: Position,
}

impl<'a> Positions<'a> {
    pub(crate) fn new(input: &'a str) -> Self {
        let counted = if input.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
        Self { input: input.as_bytes(), counted, position: Position { line: 1, column: 1 } }
    }

    pub(crate) fn at(&mut self, offset: usize) -> Position {
        let end = offset.min(self.input.len());
        let passed = self.input.get(self.counted..end).unwrap_or_default();
        let mut line = passed;
        for at in memchr::memchr2_iter(b'\n', b'\r', passed) {
            let is_crlf =
                passed.get(at) == Some(&b'\r') && self.input.get(self.counted + at + 1) == Some(&b'\n');
            if !is_crlf {
                self.position.line += 1;
                self.position.column = 1;
                line = passed.get(at + 1..).unwrap_or_default();
            }
        }
        // Every byte of a character but the first is 0b10xxxxxx.
        self.position.column += line.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        self.counted = self.counted.max(end);
        self.position
    }

    pub(crate) fn place(&mut self, span: Range<usize>) -> Place {
        Place { position: self.at(span.start), span }
    }
}

/// A part of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) span: Range<usize>,
    pub(crate) position: Position,
}

impl Place {
    pub(crate) fn render<'a, M>(&'a self, input: &'a str, message: &'a M) -> Rendered<'a, M> {
        Rendered { message, place: self, input }
    }
}

/// A message with its position, its line and carets.
pub(crate) struct Rendered<'a, M> {
    message: &'a M,
    place: &'a Place,
    input: &'a str,
}

/// How many characters of a line are shown before the start of a span, and how many from there on.
const SHOWN_BEFORE: usize = 60;
const SHOWN_AFTER: usize = 100;

impl<M: fmt::Display> fmt::Display for Rendered<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { span, position } = self.place;
        let input = self.input;
        let in_line = |c: &char| !matches!(c, '\n' | '\r');

        let before = input.get(..span.start).unwrap_or_default();
        let mut before = before.chars().rev().take_while(in_line);
        let shown: Vec<char> = before.by_ref().take(SHOWN_BEFORE).collect();
        let cut = before.next().map(|_| '…');
        let shown: String = cut.into_iter().chain(shown.into_iter().rev().map(harmless)).collect();
        let indent: Vec<String> = shown.split('\t').map(|part| " ".repeat(part.width())).collect();

        let marked = input.get(span.clone()).unwrap_or_default();
        let marked: String = marked.chars().take_while(in_line).take(SHOWN_AFTER).map(harmless).collect();
        let carets = "^".repeat(marked.width().max(1));

        let after = input.get(span.start..).unwrap_or_default();
        let mut after = after.chars().take_while(in_line);
        let from_start: String = after.by_ref().take(SHOWN_AFTER).map(harmless).collect();
        let cut = if after.next().is_some() { "…" } else { "" };

        let line = position.line.to_string();
        let margin = " ".repeat(line.len());
        writeln!(f, "{position}: {}", self.message)?;
        writeln!(f, "{line} | {shown}{from_start}{cut}")?;
        writeln!(f, "{margin} | {}{carets}", indent.join("\t"))
    }
}

/// Replaces what a terminal would act upon, other than the tab.
fn harmless(c: char) -> char {
    if c != '\t' && acts_on_terminals(c) { char::REPLACEMENT_CHARACTER } else { c }
}

/// Tells whether a terminal would act upon a character: control characters, line and paragraph separators, and the
/// characters that change the direction of writing (Unicode Standard Annex 9, `Bidi_Control`).
pub(crate) fn acts_on_terminals(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
        )
}
