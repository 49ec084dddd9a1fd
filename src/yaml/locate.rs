//! Where the references of a scalar's text are in the stream.

use alloc::vec::Vec;
use core::ops::Range;

use granit_parser::ScalarStyle;

use crate::near_miss::near_misses;
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
    exactly(input, scalar).unwrap_or_else(|| {
        let located = |reference| Located { reference, span: scalar.span.clone(), is_exact: false };
        references(&scalar.text).map(located).collect()
    })
}

/// Returns the references of `scalar` with their places, or `None` if source and text disagree.
fn exactly<'t>(input: &str, scalar: &'t Scalar<'_>) -> Option<Vec<Located<'t>>> {
    let inner = inner(scalar);
    let source = input.get(inner.clone())?;
    let located = |reference, span: Range<usize>| {
        let span = inner.start + span.start..inner.start + span.end;
        Located { reference, span, is_exact: true }
    };
    if source == scalar.text {
        return Some(references(&scalar.text).map(|it| located(it, it.span())).collect());
    }
    if scalar.style == ScalarStyle::DoubleQuoted && source.contains('\\') {
        // A `$`, a brace or a letter may be an escape, and a break within the reference may be one.
        let decoded = decode(source, scalar.style).filter(|decoded| decoded.text == *scalar.text)?;
        return references(&scalar.text).map(|it| Some(located(it, decoded.source(&it.span())?))).collect();
    }
    // Elsewhere a reference is written as it is read: it has no quote, blank or break in it.
    let mut written = references(source);
    let both =
        |it: Reference<'t>| Some(located(it, written.next().filter(|same| same.text() == it.text())?.span()));
    let found = references(&scalar.text).map(both).collect();
    written.next().map_or(found, |_| None)
}

/// Returns what looks like a reference in `scalar` and is text: where it is in its text, and where in `input`.
pub(super) fn locate_near_misses(input: &str, scalar: &Scalar<'_>) -> Vec<(Range<usize>, Range<usize>)> {
    let found: Vec<_> = near_misses(&scalar.text).collect();
    if found.is_empty() {
        return Vec::new();
    }
    let inner = inner(scalar);
    let source = input.get(inner.clone()).unwrap_or_default();
    let written: Option<Vec<_>> = if scalar.style == ScalarStyle::DoubleQuoted && source.contains('\\') {
        let decoded = decode(source, scalar.style).filter(|decoded| decoded.text == *scalar.text);
        decoded.and_then(|decoded| found.iter().map(|span| decoded.source(span)).collect())
    } else {
        // A value of several lines may be written in others: then it is not the same text.
        let written: Vec<_> = near_misses(source).collect();
        let found = found.iter().map(|it| scalar.text.get(it.clone()));
        let is_same = found.eq(written.iter().map(|it| source.get(it.clone())));
        is_same.then_some(written)
    };
    let place = |span: Range<usize>| inner.start + span.start..inner.start + span.end;
    match written {
        Some(written) => found.into_iter().zip(written.into_iter().map(place)).collect(),
        None => found.into_iter().map(|span| (span, scalar.span.clone())).collect(),
    }
}

/// Returns where the source of `scalar` is without its quotes.
pub(super) fn inner(scalar: &Scalar<'_>) -> Range<usize> {
    let Range { start, end } = scalar.span;
    match scalar.style {
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => start + 1..end.saturating_sub(1),
        _ => start..end,
    }
}
