//! Where a part of a scalar's text is in the stream: a reference, or what looks like one.

use core::ops::Range;

use granit_parser::ScalarStyle;

use crate::yaml::decode::{Decoded, decode};
use crate::yaml::scan::Scalar;

/// A map from the text of a scalar to its source, for spans that begin with a `$`, in ascending order.
pub(super) struct Places<'t> {
    scalar: Range<usize>,
    source: Source<'t>,
}

enum Source<'t> {
    /// As the parser has taken it apart, from this byte of the stream on.
    Decoded(Decoded, usize),
    /// Each `$` and brace is written as it is read: what has been passed of the text, and of the source.
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
            let decoded = decode(source, scalar.style).filter(|decoded| decoded.text == text);
            decoded.map_or(Source::Unknown, |decoded| Source::Decoded(decoded, start))
        } else if dollars(source) == dollars(text) {
            Source::Same { text, source, passed: (0, 0), start }
        } else {
            Source::Unknown
        };
        Self { scalar: scalar.span.clone(), source }
    }

    /// Returns where a part of the text is in the stream, in bytes; the whole scalar, if that is not known.
    pub(super) fn place(&mut self, span: &Range<usize>) -> Range<usize> {
        self.exactly(span).unwrap_or_else(|| self.scalar.clone())
    }

    /// Returns where a part of the text is in the stream, in bytes, if that is known.
    pub(super) fn exactly(&mut self, span: &Range<usize>) -> Option<Range<usize>> {
        match &mut self.source {
            Source::Decoded(decoded, start) => {
                let Range { start: from, end } = decoded.source(span)?;
                Some(*start + from..*start + end)
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

/// Returns where the byte is in `text`, of those from `from` on the one that `n` others come before.
fn nth(text: &str, from: usize, byte: u8, n: usize) -> Option<usize> {
    let at = memchr::memchr_iter(byte, text.as_bytes().get(from..)?).nth(n)?;
    Some(from + at)
}
