//! The laws of `expand`, `explain` and the rules of an `Expander`.

use std::borrow::Cow;
use std::ops::Range;

use arbitrary::{Arbitrary, Result, Unstructured};
use envref::{
    Dialect, Error, ErrorKind, Expander, Form, Position, ProcessEnv, Provenance, Reason, Reference, Site,
    references,
};

use crate::case::{Case, NAMES, Owner, Ruled, Vars};
use crate::oracle;

/// Checks all laws on a file of the fuzzer. Its first byte says whether the rest is a [`Case`] (even, such as `t`) or
/// [`Pieces`] (odd, such as `k`).
pub fn check(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let u = Unstructured::new(rest);
    if kind % 2 == 0 {
        let Ok(case) = Case::arbitrary_take_rest(u) else { return };
        check_case(&case);
    } else {
        let Ok(pieces) = Pieces::arbitrary_take_rest(u) else { return };
        check_case(&pieces_expand_to_their_answers(&pieces));
    }
}

fn check_case(case: &Case<'_>) {
    expansion_is_that_of_the_oracle(case);
    the_free_function_is_an_expander_with_the_process_environment(case);
    results_borrow_where_they_can(case);
    an_error_names_every_reference_without_a_value(case);
    explanations_have_every_reference_and_near_miss(case);
    the_output_limit_is_exact(case);
}

/// Calls `law` with the plain dialect, under all other rules.
fn under_all_rules(case: &Case<'_>, law: impl Fn(Ruled<'_>)) {
    case.under_all_rules(Dialect::Plain, law);
}

impl Ruled<'_> {
    /// Returns what the oracle makes of the case.
    fn oracle(&self) -> Result<oracle::Expansion, Vec<oracle::Reference>> {
        let vars = |name: &str| self.case.vars.get(name).map(str::to_owned);
        let host = |name: &str| self.host(name).map(str::to_owned);
        oracle::expansion(self.text(), self.unset, &vars, &host)
    }

    /// Returns where the value of a reference has to come from, or why it has none.
    fn provenance(&self, reference: &oracle::Reference) -> Provenance {
        let is_whole = reference.span == (0..self.text().len());
        if self.case.vars.get(&reference.name).is_some() {
            Provenance::Vars
        } else if is_whole && self.host(&reference.name).is_some() {
            Provenance::Fallback
        } else {
            Provenance::Missing(match self.host {
                Some(_) if is_whole => Reason::Unset,
                Some(_) => Reason::Embedded,
                None if is_whole => Reason::NoFallback,
                None => Reason::Unset,
            })
        }
    }
}

/// The oracle has the same result, whatever the rules.
pub fn expansion_is_that_of_the_oracle(case: &Case<'_>) {
    under_all_rules(case, |ruled| {
        let result = ruled.expander.expand(ruled.text()).ok();
        let expected = ruled.oracle().ok();
        assert_eq!(result.as_deref(), expected.as_ref().map(|it| it.text.as_str()));
    });
}

pub fn the_free_function_is_an_expander_with_the_process_environment(case: &Case<'_>) {
    let process = ProcessEnv::any();
    let expander = Expander::new(&case.vars).fallback(&process);
    assert_eq!(envref::expand(&case.text, &case.vars), expander.expand(&case.text).unwrap());
}

/// By pointer: a whole reference borrows from the lookup that has it, a text in which nothing is replaced from the
/// input, and only what is neither is owned.
pub fn results_borrow_where_they_can(case: &Case<'_>) {
    under_all_rules(case, |ruled| {
        let text = ruled.text();
        let (Ok(result), Ok(expected)) = (ruled.expander.expand(text), ruled.oracle()) else { return };
        let whole = references(text).next().filter(|it| it.text() == text);
        let value = whole.and_then(|it| case.vars.get(it.name()).or_else(|| ruled.host(it.name())));
        let owner = match value {
            Some(value) => Some(value),
            // Unset, and made empty: some empty text, of no matter whom.
            None if whole.is_some() && expected.is_replaced => {
                return assert!(matches!(result, Cow::Borrowed("")));
            }
            None if expected.is_replaced => None,
            None => Some(text),
        };
        match (result, owner) {
            (Cow::Borrowed(text), Some(owner)) => {
                assert!(std::ptr::eq(text, owner), "borrowed from elsewhere");
            }
            (Cow::Owned(_), None) => {}
            (result, owner) => panic!("{result:?} where {owner:?} was to be borrowed"),
        }
    });
}

/// The error has each reference without a value, in order, with its place, and where it is found by the oracle.
pub fn an_error_names_every_reference_without_a_value(case: &Case<'_>) {
    under_all_rules(case, |ruled| {
        let text = ruled.text();
        let (result, expected) = (ruled.expander.expand(text), ruled.oracle());
        let (Err(error), Err(expected)) = (&result, &expected) else {
            return assert_eq!(result.is_ok(), expected.is_ok());
        };
        assert_eq!(error.kind(), ErrorKind::Unresolved);
        assert!(error.sites().iter().map(Site::span).eq(expected.iter().map(|it| it.span.clone())));
        assert_eq!((error.span(), Some(error.position())), at(&error.sites()[0]));
        for (site, reference) in error.sites().iter().zip(expected) {
            check_site(site, reference, &ruled);
        }
    });
}

fn at(site: &Site) -> (Range<usize>, Option<Position>) {
    (site.span(), site.position())
}

/// Checks all that a site of a text tells of a reference.
fn check_site(site: &Site, reference: &oracle::Reference, ruled: &Ruled<'_>) {
    let (text, span) = (ruled.text(), reference.span.clone());
    assert_eq!((site.name(), site.form(), site.span()), (&*reference.name, reference.form, span.clone()));
    assert_eq!((site.text(), site.path()), (&text[span.clone()], None));
    assert_eq!(site.is_whole(), span == (0..text.len()));
    assert_eq!(site.provenance(), ruled.provenance(reference));
    check_position(site, text);
}

fn check_position(site: &Site, text: &str) {
    let at = site.span().start;
    assert_eq!(site.position(), Some(Position::of(text, at)));
    assert_eq!(Position::of(text, at).to_string(), oracle::position(text, at));
}

/// An explanation has the references and the near misses that the oracle finds, in the order of the text. A reference is
/// within a near miss or beside it. What becomes of the unset does not matter, and neither does the limit.
pub fn explanations_have_every_reference_and_near_miss(case: &Case<'_>) {
    under_all_rules(case, |ruled| {
        let text = ruled.text();
        let explanation = ruled.expander.output_limit(0).explain(text).unwrap();
        assert!(explanation.unmatched().is_empty());
        assert!(explanation.windows(2).all(|pair| pair[0].span().start < pair[1].span().start));

        let is_near_miss = |site: &&Site| site.provenance() == Provenance::NearMiss;
        let (near, found): (Vec<_>, Vec<_>) = explanation.iter().partition(is_near_miss);
        let expected = oracle::references(text);
        assert_eq!(found.len(), expected.len());
        for (site, reference) in found.iter().zip(&expected) {
            check_site(site, reference, &ruled);
        }

        assert!(near.iter().map(|site| site.span()).eq(oracle::near_misses(text)));
        for site in near {
            let span = site.span();
            assert_eq!((site.name(), site.path(), site.reason()), ("", None, None));
            assert_eq!(Some(site.text()), text.get(span.clone()));
            assert_eq!(site.is_whole(), span == (0..text.len()));
            check_position(site, text);
            for Range { start, end } in expected.iter().map(|it| it.span.clone()) {
                assert!(end <= span.start || span.end <= start || span.start < start && end <= span.end);
            }
        }
    });
}

/// A text in which something is replaced may be as long as the limit, and no longer: then there is an error that blames a
/// part of the text. A text in which nothing is replaced has no limit.
pub fn the_output_limit_is_exact(case: &Case<'_>) {
    under_all_rules(case, |ruled| {
        let (expander, text) = (ruled.expander, ruled.text());
        let limited = |limit| expander.output_limit(limit).expand(text);
        match ruled.oracle() {
            Ok(expected) if expected.is_replaced => {
                assert_eq!(limited(expected.text.len()).unwrap(), expected.text);
                let Some(less) = expected.text.len().checked_sub(1) else { return };
                check_blame(&limited(less).unwrap_err(), text);
            }
            Ok(_) => assert_eq!(limited(0).unwrap(), text),
            Err(_) => assert!(limited(0).is_err()),
        }
    });
}

fn check_blame(error: &Error, text: &str) {
    assert_eq!(error.kind(), ErrorKind::OutputLimit);
    let blamed = &text[error.span()];
    assert!(!blamed.is_empty());
    let named: Vec<Reference<'_>> = references(blamed).take(1).collect();
    for site in error.sites() {
        assert_eq!(named.iter().map(Reference::name).collect::<Vec<_>>(), [site.name()]);
        assert_eq!((error.span(), Some(error.position())), at(site));
    }
    assert!(error.sites().len() < 2);
}

/// A text made of pieces, each with a known answer whatever stands beside it.
#[derive(Debug, Clone)]
pub struct Pieces {
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
            let value = self.vars.get(name).or_else(|| self.host.get(name));
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
            let value = self.vars.get(name).unwrap_or(&written);
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
pub fn pieces_expand_to_their_answers(pieces: &Pieces) -> Case<'static> {
    let Pieces { vars, host, .. } = *pieces;
    let (text, answer) = pieces.text_and_answer();
    let result = Expander::new(&vars).fallback(&host).expand(&text).unwrap();
    assert_eq!(result, answer, "of {text:?}");
    Case { vars, host, text: Cow::Owned(text) }
}
