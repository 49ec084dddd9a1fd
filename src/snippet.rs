//! Where something is in a text, for people to read: line and column, and the line with carets under it, harmless to a
//! terminal.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use unicode_width::UnicodeWidthStr;

/// A line and a column, both counted from one.
///
/// A line ends with LF, CRLF or CR (YAML 1.2.2 §5.4, and what editors do). Columns count Unicode scalar values; a tab or a
/// wide character counts as one. A byte order mark at the start of the input does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Position {
    /// The line, from one.
    pub line: usize,
    /// The column, in characters from one.
    pub column: usize,
}

impl Position {
    /// Returns the position of byte `offset` of `input`, or of its end if it is shorter.
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

/// Computes the positions of ascending offsets, in one pass over the input.
pub(crate) struct Positions<'a> {
    input: &'a [u8],
    /// How many bytes are counted.
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
}

/// A message with its position, its line and carets.
pub(crate) struct Snippet<'a, M> {
    pub(crate) message: M,
    pub(crate) span: Range<usize>,
    /// Computed from the span if `None`.
    pub(crate) position: Option<Position>,
    pub(crate) input: &'a str,
}

/// How many characters of a line are shown before the start of a span, and how many from there on.
const SHOWN_BEFORE: usize = 60;
const SHOWN_AFTER: usize = 100;

impl<M: fmt::Display> fmt::Display for Snippet<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { span, input, .. } = self;
        let position = self.position.unwrap_or_else(|| Position::of(input, span.start));
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
pub(crate) fn harmless(c: char) -> char {
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
