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

/// Returns where the source of `scalar` is without its quotes.
pub(super) fn inner(scalar: &Scalar<'_>) -> Range<usize> {
    let Range { start, end } = scalar.span;
    match scalar.style {
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => start + 1..end.saturating_sub(1),
        _ => start..end,
    }
}
