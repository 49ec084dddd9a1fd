//! One pass over a stream that builds the result, and one over the result that checks it.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::error::{Named, Positions};
use crate::expand::Expander;
use crate::path::Paths;
use crate::yaml::check::Expected;
use crate::yaml::error::{Error, Unresolved};
use crate::yaml::locate::{Located, locate};
use crate::yaml::scan::{Walk, may_hold_reference};
use crate::yaml::splice::{Resolved, edit};

pub(super) fn expand<'a>(
    input: &'a str,
    expander: &Expander<'_>,
    paths: &Paths,
) -> Result<Cow<'a, str>, Error> {
    let mut output = Output { input, limit: expander.limit(), text: String::new(), copied: 0 };
    if !may_hold_reference(input) {
        return output.finish();
    }
    let strict = expander.is_strict();
    let mut expected = Expected::new();
    let mut positions = Positions::new(input);
    let mut unresolved = Vec::new();
    let mut walk = Walk::new(input, paths);
    while let Some(scalar) = walk.scalar(|event| expected.event(event))? {
        let mut resolved = Vec::new();
        // The text with its references replaced. As soon as it is too long, no more values are taken.
        let mut text = String::new();
        let mut copied = 0;
        for located in locate(input, &scalar) {
            let reference = located.reference;
            let value = expander.resolve(&reference, &scalar.text);
            if let (Err(reason), true) = (&value, strict) {
                unresolved.push(Unresolved::new(walk.path(), &mut positions, &located, *reason));
            }
            // A reference without a value is empty where it is the whole text, and stays elsewhere.
            let is_whole = reference.text().len() == scalar.text.len();
            let value = value.ok().or_else(|| is_whole.then_some(Cow::Borrowed("")));
            if let Some(value) = &value {
                let Range { start, end } = reference.span();
                let before = scalar.text.get(copied..start).unwrap_or_default();
                if text.len().saturating_add(before.len()).saturating_add(value.len()) > output.limit {
                    return Err(output.too_long(&located));
                }
                text.push_str(before);
                text.push_str(value);
                copied = end;
            }
            resolved.push((located, value));
        }
        text.push_str(scalar.text.get(copied..).unwrap_or_default());
        if text == scalar.text {
            expected.scalar(&scalar, &text, scalar.style);
        } else {
            let edit = edit(input, &scalar, &resolved, &text);
            let edit = edit.ok_or_else(|| inexpressible(input, paths, &scalar.span))?;
            output.replace(&edit.span, &edit.source, &resolved)?;
            expected.changed(&scalar, edit.text, edit.style);
        }
    }
    if let Some(error) = Error::unresolved_in(unresolved) {
        return Err(error);
    }
    let output = output.finish()?;
    expected.verify(&output).map_err(|scalar| inexpressible(input, paths, &scalar))?;
    Ok(output)
}

/// The result, as far as it is built.
struct Output<'a> {
    input: &'a str,
    /// How long the result may be, in bytes.
    limit: usize,
    text: String,
    /// What comes before this byte of the input is in the text.
    copied: usize,
}

impl<'a> Output<'a> {
    /// Puts `source` in the place of `span` of the input, for the sake of `resolved`.
    fn replace(
        &mut self,
        span: &Range<usize>,
        source: &str,
        resolved: &[Resolved<'_, '_>],
    ) -> Result<(), Error> {
        let before = self.input.get(self.copied..span.start).unwrap_or_default();
        if self.text.len().saturating_add(before.len()).saturating_add(source.len()) > self.limit {
            let first = resolved.iter().find(|(_, value)| value.is_some());
            let error = first.map(|(located, _)| self.too_long(located));
            return Err(error.unwrap_or_else(|| self.too_long_at(span.clone())));
        }
        if self.copied == 0 {
            self.text.reserve(self.input.len());
        }
        self.text.push_str(before);
        self.text.push_str(source);
        self.copied = span.end;
        Ok(())
    }

    fn finish(mut self) -> Result<Cow<'a, str>, Error> {
        let rest = self.input.get(self.copied..).unwrap_or_default();
        if self.text.len().saturating_add(rest.len()) > self.limit {
            return Err(self.too_long_at(self.copied..self.input.len()));
        }
        if self.copied == 0 {
            return Ok(Cow::Borrowed(rest));
        }
        self.text.push_str(rest);
        Ok(Cow::Owned(self.text))
    }

    #[cold]
    fn too_long(&self, located: &Located<'_>) -> Error {
        let place = Positions::new(self.input).place(located.span.clone());
        Error::too_long(self.limit, Some(Named::new(&located.reference)), place)
    }

    #[cold]
    fn too_long_at(&self, span: Range<usize>) -> Error {
        Error::too_long(self.limit, None, Positions::new(self.input).place(span))
    }
}

/// Returns the error for a scalar of `input`: it names the first reference there.
#[cold]
fn inexpressible(input: &str, paths: &Paths, scalar: &Range<usize>) -> Error {
    let sites = super::references(input, paths).unwrap_or_default();
    match sites.into_iter().find(|site| site.place.span.start >= scalar.start) {
        Some(site) => Error::inexpressible(Some(site.reference), site.place),
        None => Error::inexpressible(None, Positions::new(input).place(scalar.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::error::ErrorKind;
    use alloc::string::ToString as _;

    #[test]
    fn the_error_for_a_scalar_names_the_first_reference_there() {
        let input = "a: $A\nb: x $B$C\n";
        let error = inexpressible(input, &Paths::all(), &(9..15));
        assert_eq!((error.name(), error.span()), (Some("B"), 11..13));
        assert_eq!(error.kind(), ErrorKind::Inexpressible);
        assert_eq!(error.to_string(), "the expansion of $B would change the document around it at 2:6");
        assert_eq!(
            error.render(input).to_string(),
            "2:6: the expansion of $B would change the document around it\n2 | b: x $B$C\n  |      ^^\n"
        );
        let error = inexpressible(input, &Paths::all(), &(15..16));
        assert_eq!((error.name(), error.span()), (None, 15..16));
        assert_eq!(
            error.to_string(),
            "the expansion of a reference would change the document around it at 2:10"
        );
    }
}
