//! Where a part of a scalar's text is in the stream: a reference, or what looks like one.

use core::ops::Range;

use granit_parser::ScalarStyle;

use crate::yaml::decode::{Piece, Pieces, Text, pieces, reads_as};
use crate::yaml::scan::Scalar;

/// A map from the text of a scalar to its source, for spans that begin with a `$`, in ascending order.
pub(super) struct Places<'t> {
    scalar: Range<usize>,
    source: Source<'t>,
}

enum Source<'t> {
    /// With escapes.
    Escaped { cursor: Cursor<'t>, start: usize },
    /// Each `$` and brace is written as it is read. How much of the text, and of the source, has been passed.
    Same { text: &'t str, source: &'t str, passed: (usize, usize), start: usize },
    /// Source and text disagree.
    Unknown,
}

impl<'t> Places<'t> {
    /// Returns the map for `scalar`, which is in `input`.
    pub(super) fn new(input: &'t str, scalar: &'t Scalar<'_>) -> Self {
        let Range { start, end } = scalar.inner();
        let text = &*scalar.text;
        let source = input.get(start..end).unwrap_or_default();
        let dollars = |text: &str| memchr::memchr_iter(b'$', text.as_bytes()).count();
        let source = if scalar.style == ScalarStyle::DoubleQuoted && source.contains('\\') {
            // A `$`, a brace or a letter may be an escape, and a break within the reference may be one.
            if reads_as(source, scalar.style, text) {
                Source::Escaped { cursor: Cursor::new(pieces(source, scalar.style)), start }
            } else {
                Source::Unknown
            }
        } else if dollars(source) == dollars(text) {
            Source::Same { text, source, passed: (0, 0), start }
        } else {
            Source::Unknown
        };
        Self { scalar: scalar.span.clone(), source }
    }

    /// Returns where a part of the text is in the stream, in bytes, or the whole scalar if that is not known.
    pub(super) fn place(&mut self, span: &Range<usize>) -> Range<usize> {
        self.exactly(span).unwrap_or_else(|| self.scalar.clone())
    }

    /// Returns where a part of the text is in the stream, in bytes, if that is known.
    pub(super) fn exactly(&mut self, span: &Range<usize>) -> Option<Range<usize>> {
        match &mut self.source {
            Source::Escaped { cursor, start } => {
                let first = cursor.seek(span.start)?;
                // What begins in a span may be asked for next.
                let last = cursor.clone().seek(span.end - 1)?;
                Some(*start + first.start..*start + last.end)
            }
            Source::Same { text, source, passed, start } => {
                let dollars = memchr::memchr_iter(b'$', text.get(passed.0..span.start)?.as_bytes()).count();
                let at = nth(source, passed.1, b'$', dollars)?;
                *passed = (span.start, at);
                let part = text.get(span.clone())?;
                // A near miss may have a quote, which is written twice, or a fold in it.
                let len = if source.get(at..)?.starts_with(part) {
                    part.len()
                } else {
                    let closed = memchr::memchr_iter(b'}', part.as_bytes()).count().checked_sub(1)?;
                    nth(source, at, b'}', closed)? + 1 - at
                };
                Some(*start + at..*start + at + len)
            }
            Source::Unknown => None,
        }
    }
}

/// A piece of a scalar, and those after it.
#[derive(Clone)]
struct Cursor<'s> {
    piece: Option<Piece<'s>>,
    /// Where the piece begins in the text.
    at: usize,
    pieces: Pieces<'s>,
}

impl<'s> Cursor<'s> {
    fn new(mut pieces: Pieces<'s>) -> Self {
        Self { piece: pieces.next(), at: 0, pieces }
    }

    /// Goes on to the piece that holds byte `at` of the text, and returns where that byte is in the source: an escape is not
    /// divided.
    fn seek(&mut self, at: usize) -> Option<Range<usize>> {
        loop {
            let Piece { text, source } = self.piece.as_ref()?;
            let passed = at.checked_sub(self.at)?;
            if passed < text.len() {
                let byte = source.start + passed;
                return Some(if matches!(text, Text::Copied(_)) { byte..byte + 1 } else { source.clone() });
            }
            self.at += text.len();
            self.piece = self.pieces.next();
        }
    }
}

/// Returns where the byte is in `text`: of those from `from` on, the one after `n` others.
fn nth(text: &str, from: usize, byte: u8, n: usize) -> Option<usize> {
    let at = memchr::memchr_iter(byte, text.as_bytes().get(from..)?).nth(n)?;
    Some(from + at)
}
