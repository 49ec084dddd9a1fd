//! The laws of `expand` and `Expander`.

use std::borrow::Cow;

use arbitrary::{Arbitrary, Result, Unstructured};
use envref::{ErrorKind, Expander, Form, Position, Provenance, Reason, Reference, Unresolved, references};

use super::case::{Case, NAMES, Owner, Vars};
use super::oracle;

/// Checks all laws on a file of the fuzzer. Its first byte says whether the rest is a [`Case`] (even, such as `t`) or
/// [`Pieces`] (odd, such as `k`).
pub(crate) fn check(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let u = Unstructured::new(rest);
    if kind % 2 == 0 {
        let Ok(case) = Case::arbitrary_take_rest(u) else { return };
        expansion_is_that_of_the_oracle(&case);
        check_case(&case);
    } else {
        let Ok(pieces) = Pieces::arbitrary_take_rest(u) else { return };
        check_case(&pieces_expand_to_their_answers(&pieces));
    }
}

fn check_case(case: &Case<'_>) {
    the_free_function_is_the_default_expander(case);
    results_borrow_where_they_can(case);
    strict_agrees_or_names_every_unset_reference(case);
    explanations_cover_every_reference_and_name_the_source(case);
    the_output_limit_is_the_length_at_which_expansion_fails(case);
}

/// The oracle has the same result, with a fallback and without.
pub(crate) fn expansion_is_that_of_the_oracle(case: &Case<'_>) {
    let Case { vars, host, text } = case;
    let get = |lookup: &Vars, name: &str| lookup.value(name).map(str::to_owned);
    let expander = Expander::new(vars);
    assert_eq!(
        expander.fallback(host).expand(text).unwrap(),
        oracle::expand(text, &|name| get(vars, name), &|name| get(host, name)),
    );
    assert_eq!(
        expander.fallback(host).no_fallback().expand(text).unwrap(),
        oracle::expand(text, &|name| get(vars, name), &|_| None),
    );
}

pub(crate) fn the_free_function_is_the_default_expander(case: &Case<'_>) {
    let Case { vars, text, .. } = case;
    assert_eq!(envref::expand(text, vars), Expander::new(vars).expand(text).unwrap());
}

/// By pointer: a whole reference borrows from the lookup that has it, a text in which nothing is replaced from the
/// input, and only what is neither is owned.
pub(crate) fn results_borrow_where_they_can(case: &Case<'_>) {
    let Case { vars, host, text } = case;
    let result = Expander::new(vars).fallback(host).expand(text).unwrap();
    let whole = references(text).next().filter(|it| it.text() == *text);
    let replaced = references(text).any(|it| vars.value(it.name()).is_some());
    let expected = match whole {
        Some(it) => match vars.value(it.name()).or_else(|| host.value(it.name())) {
            Some(value) => Some(value),
            // Unset: some empty text, of no matter whom.
            None => return assert!(matches!(result, Cow::Borrowed(""))),
        },
        None if replaced => None,
        None => Some(&**text),
    };
    match (result, expected) {
        (Cow::Borrowed(text), Some(owner)) => assert!(std::ptr::eq(text, owner), "borrowed from elsewhere"),
        (Cow::Owned(_), None) => {}
        (result, expected) => panic!("{result:?} where {expected:?} was to be borrowed"),
    }
}

/// Strict gives the lenient result, or an error with each unset reference, its place by the oracle, and the reason.
pub(crate) fn strict_agrees_or_names_every_unset_reference(case: &Case<'_>) {
    let Case { vars, host, text } = case;
    let expander = Expander::new(vars).fallback(host);
    let is_unset = |it: &Reference<'_>| matches!(expected_provenance(case, it), Provenance::Unset(_));
    let unset: Vec<_> = references(text).filter(is_unset).collect();
    match expander.strict().expand(text) {
        Ok(strict) => {
            assert!(unset.is_empty());
            assert_eq!(strict, expander.expand(text).unwrap());
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unresolved);
            assert!(error.unresolved().map(Unresolved::span).eq(unset.iter().map(Reference::span)));
            for (unresolved, reference) in error.unresolved().zip(&unset) {
                assert_eq!(unresolved.name(), reference.name());
                assert_eq!(unresolved.text(), reference.text());
                assert_eq!(unresolved.reason(), reason(case, reference));
            }
            // The first and the last, for speed; those between are counted on the way from one to the other.
            for unresolved in error.unresolved().take(1).chain(error.unresolved().last()) {
                let at = unresolved.span().start;
                assert_eq!(unresolved.position(), Position::of(text, at));
                assert_eq!(unresolved.position().to_string(), oracle::position(text, at));
            }
        }
    }
}

pub(crate) fn explanations_cover_every_reference_and_name_the_source(case: &Case<'_>) {
    let Case { vars, host, text } = case;
    let explained = Expander::new(vars).fallback(host).explain(text);
    let expected = references(text).map(|it| (it, expected_provenance(case, &it)));
    assert!(explained.map(|it| (it.reference(), it.provenance())).eq(expected));
}

fn expected_provenance(case: &Case<'_>, reference: &Reference<'_>) -> Provenance {
    if case.vars.value(reference.name()).is_some() {
        Provenance::Vars
    } else if reference.text() == case.text && case.host.value(reference.name()).is_some() {
        Provenance::Fallback
    } else {
        Provenance::Unset(reason(case, reference))
    }
}

/// Returns why a reference would be unset, in the presence of a fallback.
fn reason(case: &Case<'_>, reference: &Reference<'_>) -> Reason {
    if reference.text() == case.text { Reason::Unset } else { Reason::Embedded }
}

/// With its own length as the limit the result is the same; with one byte less it is an error that blames a part of the
/// text.
pub(crate) fn the_output_limit_is_the_length_at_which_expansion_fails(case: &Case<'_>) {
    let Case { vars, host, text } = case;
    let expander = Expander::new(vars).fallback(host);
    let result = expander.expand(text).unwrap();
    assert_eq!(expander.output_limit(result.len()).expand(text).unwrap(), result);
    if let Some(less) = result.len().checked_sub(1) {
        let error = expander.output_limit(less).expand(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutputLimit);
        let blamed = text.get(error.span()).unwrap();
        assert!(!blamed.is_empty());
        let names: Vec<_> = references(blamed).take(1).map(|it| it.name()).collect();
        assert!(error.name().is_none_or(|name| names == [name]));
    }
}

/// A text made of pieces, each with a known answer whatever stands beside it.
#[derive(Debug, Clone)]
pub(crate) struct Pieces {
    vars: Vars,
    host: Vars,
    sequence: Vec<Piece>,
}

#[derive(Debug, Clone, Copy)]
enum Piece {
    /// Text that is none of the below.
    Text(&'static str),
    Reference(&'static str, Form),
    /// A reference inside what would be one itself, were it not for this.
    Nested(&'static str, Form),
}

/// Texts that neither begin nor end as a part of a reference does.
const TEXTS: [&str; 24] = [
    " ",
    "/",
    "é",
    "\n",
    "\r\n",
    "{-}",
    "<->",
    "plain text.",
    "\u{1F600}",
    "\0",
    "$5",
    "$-",
    "$é",
    "$ ",
    "${}",
    "$<>",
    "${1A}",
    "${A-B}",
    "${A:-d}",
    "${ A }",
    "${A>",
    "$<A}",
    "$(A)",
    "${A ",
];

/// How many pieces a text has.
const AT_MOST: usize = 8;

impl Arbitrary<'_> for Piece {
    /// Reads two bytes: which piece, and which text or name.
    fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        let [kind, which] = u.arbitrary::<[u8; 2]>()?;
        let name = NAMES[usize::from(which) % NAMES.len()];
        Ok(match kind % 8 {
            0 | 1 => Self::Text(TEXTS[usize::from(which) % TEXTS.len()]),
            2 => Self::Reference(name, Form::Bare),
            3 => Self::Reference(name, Form::Braced),
            4 => Self::Reference(name, Form::Angled),
            5 => Self::Nested(name, Form::Bare),
            6 => Self::Nested(name, Form::Braced),
            _ => Self::Nested(name, Form::Angled),
        })
    }
}

impl<'a> Arbitrary<'a> for Pieces {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let (vars, host) = (Vars::of(Owner::Caller, u)?, Vars::of(Owner::Host, u)?);
        let count = u.int_in_range(0..=AT_MOST)?;
        let sequence = (0..count).map(|_| u.arbitrary()).collect::<Result<_>>()?;
        Ok(Self { vars, host, sequence })
    }

    /// Takes the rest as pieces, two bytes each, but no more than a few: many take time, and show nothing new.
    fn arbitrary_take_rest(mut u: Unstructured<'a>) -> Result<Self> {
        let (vars, host) = (Vars::of(Owner::Caller, &mut u)?, Vars::of(Owner::Host, &mut u)?);
        let count = AT_MOST.min(u.len() / 2);
        let sequence = (0..count).map(|_| u.arbitrary()).collect::<Result<_>>()?;
        Ok(Self { vars, host, sequence })
    }
}

fn written(name: &str, form: Form) -> String {
    match form {
        Form::Braced => format!("${{{name}}}"),
        Form::Angled => format!("$<{name}>"),
        _ => format!("${name}"),
    }
}

impl Pieces {
    /// Returns the text that the pieces make, and its expansion, piece by piece.
    fn text_and_answer(&self) -> (String, String) {
        if let [Piece::Reference(name, form)] = self.sequence[..] {
            let value = self.vars.value(name).or_else(|| self.host.value(name));
            return (written(name, form), value.unwrap_or_default().to_owned());
        }
        let (mut text, mut answer) = (String::new(), String::new());
        for piece in &self.sequence {
            let (name, form, before, after) = match *piece {
                Piece::Text(piece) => {
                    text += piece;
                    answer += piece;
                    continue;
                }
                // What comes next could be more of a bare name.
                Piece::Reference(name, Form::Bare) => (name, Form::Bare, "", "."),
                Piece::Reference(name, form) => (name, form, "", ""),
                Piece::Nested(name, form) => (name, form, "$$<${B", "}>"),
            };
            let written = written(name, form);
            let value = self.vars.value(name).unwrap_or(&written);
            for (joined, middle) in [(&mut text, written.as_str()), (&mut answer, value)] {
                *joined += before;
                *joined += middle;
                *joined += after;
            }
        }
        (text, answer)
    }
}

/// The pieces are expanded to their answers. Returns the case that they make.
pub(crate) fn pieces_expand_to_their_answers(pieces: &Pieces) -> Case<'static> {
    let Pieces { vars, host, .. } = *pieces;
    let (text, answer) = pieces.text_and_answer();
    let result = Expander::new(&vars).fallback(&host).expand(&text).unwrap();
    assert_eq!(result, answer, "of {text:?}");
    Case { vars, host, text: Cow::Owned(text) }
}
