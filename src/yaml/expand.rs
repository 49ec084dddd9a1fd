//! One pass over a stream that builds the result, and one over the result that checks it.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::error::{Error, ErrorKind};
use crate::expand::Erased;
use crate::site::{Provenance, Site};
use crate::snippet::{Position, Positions};
use crate::yaml::check::Expected;
use crate::yaml::locate::locate;
use crate::yaml::scan::{Walk, may_hold_reference};
use crate::yaml::splice::edit;

pub(super) fn expand<'a>(input: &'a str, expander: &Erased<'_>) -> Result<Cow<'a, str>, Error> {
    if !may_hold_reference(input) {
        return Ok(Cow::Borrowed(input));
    }
    let mut output = Output { input, text: String::new(), copied: 0 };
    // How much expanded text the limit has left.
    let mut left = expander.limit();
    let mut expected = Expected::new();
    let mut positions = Positions::new(input);
    let mut unresolved = Vec::new();
    let mut walk = Walk::new(input, expander.selection());
    while let Some(scalar) = walk.scalar(|event| expected.event(event))? {
        let mut resolved = Vec::new();
        let mut first = None;
        // The text with its references replaced. As soon as it is too long, no more values are taken.
        let mut text = String::new();
        let mut copied = 0;
        for located in locate(input, &scalar) {
            let reference = located.reference;
            let mut site = |provenance| {
                let position = positions.at(located.span.start);
                let site = Site::new(&reference, &scalar.text, provenance).spanning(located.span.clone());
                site.at(position).below(walk.trail().path().shown())
            };
            let value = match expander.replacement(&reference, &scalar.text) {
                Ok(value) => value,
                Err(reason) => {
                    unresolved.push(site(Provenance::Missing(reason)));
                    None
                }
            };
            if let Some(value) = &value {
                let site = first.get_or_insert_with(|| site(Provenance::Vars));
                let Range { start, end } = reference.span();
                let before = scalar.text.get(copied..start).unwrap_or_default();
                if text.len().saturating_add(before.len()).saturating_add(value.len()) > left {
                    return Err(too_long(expander.limit(), site.clone()));
                }
                text.push_str(before);
                text.push_str(value);
                copied = end;
            }
            resolved.push((located, value));
        }
        let tail = scalar.text.get(copied..).unwrap_or_default();
        let Some(site) = first else {
            expected.scalar(&scalar, &scalar.text, scalar.style);
            continue;
        };
        if text.len().saturating_add(tail.len()) > left {
            return Err(too_long(expander.limit(), site));
        }
        text.push_str(tail);
        left -= text.len();
        if text == scalar.text {
            expected.scalar(&scalar, &text, scalar.style);
        } else {
            let Some(edit) = edit(input, &scalar, &resolved, &text) else {
                return Err(inexpressible(site));
            };
            output.replace(&edit.span, &edit.source);
            expected.changed(&scalar, site, edit.text, edit.style);
        }
    }
    if let Some(position) = unresolved.first().and_then(Site::position) {
        return Err(Error::unresolved(unresolved, position));
    }
    let output = output.finish();
    expected.verify(&output).map_err(inexpressible)?;
    Ok(output)
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
        if self.copied == 0 {
            self.text.reserve(self.input.len());
        }
        self.text.push_str(self.input.get(self.copied..span.start).unwrap_or_default());
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

#[cold]
fn too_long(limit: usize, site: Site) -> Error {
    let (span, position) = place(&site);
    Error::output_limit(limit, Some(site), span, position)
}

#[cold]
fn inexpressible(site: Site) -> Error {
    let problem = format!("the expansion of {} would change the document around it", site.text());
    let (span, position) = place(&site);
    Error::other(ErrorKind::Inexpressible, problem, Some(site), span, position)
}

fn place(site: &Site) -> (Range<usize>, Position) {
    (site.span(), site.position().unwrap_or_else(|| Position::of("", 0)))
}
