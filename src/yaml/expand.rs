//! Expansion of a stream: one pass that builds the result, and one over the result that checks it.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::error::{Error, ErrorKind};
use crate::expand::{Erased, Stop};
use crate::lookup::Reason;
use crate::site::{Provenance, Site};
use crate::snippet::{Position, Positions};
use crate::token::{Reference, Token};
use crate::yaml::check::Expected;
use crate::yaml::locate::Places;
use crate::yaml::scan::{Scalar, Walk, may_hold_reference, note_malformed};
use crate::yaml::write::{Replacement, Rewrite};

pub(super) fn expand<'a>(input: &'a str, expander: &Erased<'_>) -> Result<Cow<'a, str>, Error> {
    if !may_hold_reference(input, expander.language()) {
        return Ok(Cow::Borrowed(input));
    }
    let mut walk = Walk::new(input, expander.selection());
    let mut expected = Expected::new();
    let mut output = Output { input, text: String::new(), copied: 0 };
    // How much expanded text the limit has left.
    let mut left = expander.limit();
    let mut malformed = None;
    // What else stopped the expansion. The rest is read all the same, so that it does not depend on values whether a stream
    // is malformed.
    let mut failure = None;
    let mut unresolved = Vec::new();
    let mut positions = Positions::new(input);
    // A reference that is malformed may be why the stream is no YAML.
    while let Some(scalar) =
        walk.scalar(|event| expected.event(event)).map_err(|error| malformed.take().unwrap_or(error))?
    {
        note_malformed(&mut malformed, (input, &scalar), expander, &mut positions);
        if malformed.is_some() || failure.is_some() {
            continue;
        }
        let expansion = Expansion::of(&scalar, input, expander, left, |reference, reason, place| {
            let site = Site::new(&reference, &scalar.text, Provenance::Missing(reason));
            let position = positions.at(place.start);
            unresolved.push(walk.locate(site, place, position));
        });
        let Expansion { text, replaced, is_too_long } = expansion;
        let Some((first, last)) = replaced.first().zip(replaced.last()) else {
            expected.unchanged(&scalar);
            continue;
        };
        let error = |at: &Replacement<'_>, kind, problem| {
            let place = at.place.clone().unwrap_or_else(|| scalar.span.clone());
            let position = Position::of(input, place.start);
            let site = at.reference().map(|it| {
                let provenance = expander.provenance(&it, &scalar.text);
                walk.locate(Site::new(&it, &scalar.text, provenance), place.clone(), position)
            });
            Error::other(kind, problem, site, place, position)
        };
        if is_too_long {
            let limit = expander.limit();
            let problem = format!("expansion longer than the limit of {limit} bytes with {}", last.shown());
            failure = Some(error(last, ErrorKind::OutputLimit, problem));
            continue;
        }
        left -= text.len();
        if text == scalar.text {
            expected.unchanged(&scalar);
            continue;
        }
        let Some(rewrite) = Rewrite::of(input, &scalar, &replaced, &text) else {
            failure = Some(error(first, ErrorKind::Inexpressible, inexpressible(&first.shown())));
            continue;
        };
        output.replace(&rewrite.span, &rewrite.source);
        expected.changed(&scalar, rewrite.span.start, rewrite.text, rewrite.style);
    }
    if let Some(error) = malformed.or(failure) {
        return Err(error);
    }
    if let Some(position) = unresolved.first().and_then(Site::position) {
        return Err(Error::unresolved(unresolved, position));
    }
    let output = output.finish();
    expected.verify(&output).map_err(|at| {
        let problem = inexpressible("a reference");
        Error::other(ErrorKind::Inexpressible, problem, None, at..at, Position::of(input, at))
    })?;
    Ok(output)
}

fn inexpressible(reference: &str) -> String {
    format!(
        "the expansion of {reference} would change the document around it: quote the value in the template"
    )
}

/// What becomes of the text of a scalar.
struct Expansion<'t> {
    text: String,
    replaced: Vec<Replacement<'t>>,
    /// The last replacement was one too many, and the text is not complete.
    is_too_long: bool,
}

impl<'t> Expansion<'t> {
    /// Replaces the references of `scalar`, which is in `input`, as long as no more than `left` bytes come out. Those that
    /// have to have a value and have none go to `missing`, with their places.
    fn of(
        scalar: &'t Scalar<'_>,
        input: &'t str,
        expander: &Erased<'t>,
        left: usize,
        mut missing: impl FnMut(Reference<'t>, Reason, Range<usize>),
    ) -> Self {
        let mut expansion = Self { text: String::new(), replaced: Vec::new(), is_too_long: false };
        let mut places = Places::new(input, scalar);
        let mut copied = 0;
        let mut rejected = None;
        for token in expander.language().tokens(&scalar.text) {
            let (value, is_too_long) = match expander.replacement(&token, &scalar.text, left) {
                Ok(None) => continue,
                Ok(Some(value)) => (value, false),
                Err(stop) => match *stop {
                    Stop::TooLong(_) => (Cow::Borrowed(""), true),
                    Stop::Unset(_) | Stop::Malformed(_) => {
                        rejected = rejected.or(Some(token));
                        continue;
                    }
                },
            };
            let Range { start, end } = token.span();
            let before = scalar.text.get(copied..start).unwrap_or_default();
            expansion.push(&[before, &value], left);
            copied = end;
            let place = places.exactly(&token.span());
            expansion.replaced.push(Replacement { token, place, value });
            expansion.is_too_long |= is_too_long;
            if expansion.is_too_long {
                return expansion;
            }
        }
        if let Some(Token::Reference(first)) = rejected {
            let mut places = Places::new(input, scalar);
            let mut is_first_named = false;
            for (reference, reason) in expander.rejected(&scalar.text) {
                is_first_named |= first.span().contains(&reference.span().start);
                let place = places.place(&reference.span());
                missing(reference, reason, place);
            }
            // A lookup may change its answers: name what was rejected in any case.
            if !is_first_named {
                missing(first, Reason::Unset, Places::new(input, scalar).place(&first.span()));
            }
        }
        if !expansion.replaced.is_empty() {
            expansion.push(&[scalar.text.get(copied..).unwrap_or_default()], left);
        }
        expansion
    }

    fn push(&mut self, texts: &[&str], left: usize) {
        let added: usize = texts.iter().map(|text| text.len()).sum();
        self.is_too_long = self.text.len().saturating_add(added) > left;
        if !self.is_too_long {
            self.text.reserve(added);
            self.text.extend(texts.iter().copied());
        }
    }
}

/// The result, as far as it is built.
struct Output<'a> {
    input: &'a str,
    text: String,
    /// What comes before this byte of the input is in the text.
    copied: usize,
}

impl<'a> Output<'a> {
    /// Puts `source` in the place of `span` of the input.
    fn replace(&mut self, span: &Range<usize>, source: &str) {
        let before = self.input.get(self.copied..span.start).unwrap_or_default();
        if self.text.capacity() - self.text.len() < before.len() + source.len() {
            // Room for the rest, and half as much more: most results never move.
            let rest = self.input.len() - self.copied;
            self.text.reserve_exact(source.len() + rest + usize::midpoint(self.text.len(), rest));
        }
        self.text.push_str(before);
        self.text.push_str(source);
        self.copied = span.end;
    }

    fn finish(mut self) -> Cow<'a, str> {
        let rest = self.input.get(self.copied..).unwrap_or_default();
        if self.copied == 0 {
            return Cow::Borrowed(rest);
        }
        self.text.push_str(rest);
        Cow::Owned(self.text)
    }
}
