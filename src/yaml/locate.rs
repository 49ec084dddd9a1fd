//! Where the references of a scalar's text are in the stream.

use alloc::vec::Vec;
use core::ops::Range;

use granit_parser::ScalarStyle;

use crate::token::{Reference, references};
use crate::yaml::decode::decode;
use crate::yaml::scan::Scalar;

/// A reference of a scalar's text.
pub(super) struct Located<'t> {
    pub(super) reference: Reference<'t>,
    /// Where it is in the stream, in bytes; the whole scalar if that is not known.
    pub(super) span: Range<usize>,
    pub(super) is_exact: bool,
}

/// Returns the references of `scalar`, which is in `input`.
pub(super) fn locate<'t>(input: &str, scalar: &'t Scalar<'_>) -> Vec<Located<'t>> {
    let spans = spans(input, scalar);
    let mut spans = spans.iter().flatten();
    let located = |reference| {
        let span = spans.next().cloned();
        let is_exact = span.is_some();
        Located { reference, span: span.unwrap_or_else(|| scalar.span.clone()), is_exact }
    };
    references(&scalar.text).map(located).collect()
}

/// Returns where each reference of `scalar` is, or `None` if source and text disagree.
fn spans(input: &str, scalar: &Scalar<'_>) -> Option<Vec<Range<usize>>> {
    let inner = inner(scalar);
    let source = input.get(inner.clone())?;
    let in_source = if scalar.style == ScalarStyle::DoubleQuoted && source.contains('\\') {
        // A `$`, a brace or a letter may be an escape, and a break within the reference may be one.
        let decoded = decode(source, scalar.style).filter(|decoded| decoded.text == *scalar.text)?;
        references(&scalar.text).map(|it| decoded.source(&it.span())).collect::<Option<Vec<_>>>()?
    } else {
        // Elsewhere a reference is written as it is read: it has no quote, blank or break in it.
        let written = || references(source);
        if !written().map(|it| it.text()).eq(references(&scalar.text).map(|it| it.text())) {
            return None;
        }
        written().map(|it| it.span()).collect()
    };
    Some(in_source.into_iter().map(|span| inner.start + span.start..inner.start + span.end).collect())
}

/// Returns where the source of `scalar` is without its quotes.
pub(super) fn inner(scalar: &Scalar<'_>) -> Range<usize> {
    let Range { start, end } = scalar.span;
    match scalar.style {
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => start + 1..end.saturating_sub(1),
        _ => start..end,
    }
}
