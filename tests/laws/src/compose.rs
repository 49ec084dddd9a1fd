//! The laws of the Compose dialect.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Mutex;

use arbitrary::{Arbitrary, Result, Unstructured};
use envref::{Dialect, Error, ErrorKind, Expander, Provenance, Site, Token, Unset, from_fn};

use crate::case::{Case, Owner, Ruled, UNSET, Vars, raw_text};
use crate::compose_oracle::{Expansion, Node, Piece, Rules, parse, references};
use crate::oracle;
use crate::tokens::tile;

/// Pieces of which texts are built.
const PIECES: [&str; 37] = [
    "$",
    "$$",
    "{",
    "}",
    "}",
    "}",
    "A",
    "B",
    "_",
    "1",
    ":",
    "-",
    "?",
    "+",
    " ",
    "é",
    "\n",
    "\u{202E}",
    "text",
    "$A",
    "$B",
    "${A}",
    "${B}",
    "${AB}",
    "$<A>",
    "${A:-",
    "${B:-",
    "${A-",
    "${A?",
    "${B:?",
    "${A+",
    "${B:+",
    "${A:-x}",
    "${B+x}",
    "${",
    "${A:?say $B}",
    "{x}",
];

/// Makes a case of which the text is made of pieces.
pub fn case(u: &mut Unstructured<'_>) -> Result<Case<'static>> {
    let (vars, host) = (Vars::of(Owner::Caller, u)?, Vars::of(Owner::Host, u)?);
    let mut text = String::new();
    for _ in 0..u.int_in_range(0..=14)? {
        text.push_str(u.choose(&PIECES)?);
    }
    // Most texts would be malformed otherwise.
    if u.ratio(3, 4)? {
        text.push_str(&"}".repeat(text.matches('{').count().saturating_sub(text.matches('}').count())));
    }
    Ok(Case { vars, host, text: Cow::Owned(text) })
}

/// Checks all laws on a file of the fuzzer: a [`Case`].
pub fn check(data: &[u8]) {
    let Ok(case) = Case::arbitrary_take_rest(Unstructured::new(data)) else { return };
    // A tree takes its time.
    if raw_text(data).len() < 4096 {
        check_case(&case);
    }
}

pub fn check_case(case: &Case<'_>) {
    tokens_and_references_are_those_of_the_oracle(case);
    a_text_with_every_dollar_doubled_expands_to_the_text(case);
    whether_a_text_is_malformed_does_not_depend_on_variables(case);
    a_secret_shows_only_as_the_value_of_the_outermost_whole_reference(case);
    expansion_is_that_of_the_oracle(case);
    what_both_dialects_read_alike_expands_alike(case);
    the_output_limit_is_exact(case);
    what_is_contiguous_is_borrowed(case);
    no_value_shows_in_errors_or_debug_output(case);
}

/// Calls `law` with the Compose dialect, under all other rules.
fn under_all_rules(case: &Case<'_>, law: impl Fn(Ruled<'_>)) {
    case.under_all_rules(Dialect::Compose, law);
}

impl Ruled<'_> {
    /// Returns what the oracle makes of a text that is not malformed.
    fn oracle_of(&self, nodes: &[Node]) -> Expansion {
        let vars = |name: &str| self.case.vars.get(name).map(str::to_owned);
        let host = |name: &str| self.host(name).map(str::to_owned);
        let has_host = self.host.is_some();
        let rules = Rules { vars: &vars, host: has_host.then_some(&host), unset: self.unset };
        rules.expand(nodes, self.text().len())
    }
}

/// Law 1. Tokens tile the text, and no text comes after a text. The references are those of the oracle, each before those in
/// its word, and lie in it; those among the tokens are the ones in no word.
pub fn tokens_and_references_are_those_of_the_oracle(case: &Case<'_>) {
    let text = &*case.text;
    tile(text, Dialect::Compose.tokens(text));
    let mut outermost = Vec::new();
    for token in Dialect::Compose.tokens(text) {
        match token {
            Token::Escape(_) => assert_eq!(token.text(), "$$"),
            Token::Reference(reference) => outermost.push(reference),
            Token::Malformed(rest) => assert_eq!(rest.span().end, text.len()),
            _ => {}
        }
    }

    let found: Vec<_> = Dialect::Compose.references(text).collect();
    let mut word_end = 0;
    for reference in &found {
        if reference.span().start >= word_end {
            assert_eq!(Some(reference), outermost.first());
            outermost.remove(0);
            word_end = reference.span().end;
        }
    }
    assert!(outermost.is_empty());

    let malformed = Dialect::Compose.tokens(text).find(|token| matches!(token, Token::Malformed(_)));
    match parse(text) {
        Ok(nodes) => {
            assert_eq!(malformed, None);
            let expected = references(&nodes);
            assert_eq!(found.len(), expected.len());
            for (reference, expected) in found.iter().zip(expected) {
                assert_eq!((reference.name(), reference.form()), (&*expected.name, expected.form));
                assert_eq!(reference.span(), expected.span);
                let operator = reference.operator().map(|(operator, word)| (operator.as_str(), word));
                let word = expected.operator.as_ref().map(|(it, word, _)| (*it, &text[word.clone()]));
                assert_eq!(operator, word);
            }
        }
        Err((_, start)) => {
            let rest = malformed.expect("malformed");
            assert_eq!(rest.span(), start..text.len());
            // What comes before is read.
            let nodes = parse(&text[..start]).unwrap();
            assert!(
                found
                    .iter()
                    .map(envref::Reference::span)
                    .eq(references(&nodes).iter().map(|it| it.span.clone()))
            );
        }
    }
}

/// Law 2. A `$$` is a `$`, and nothing else is made of it; to keep what is unset is to keep it, too.
pub fn a_text_with_every_dollar_doubled_expands_to_the_text(case: &Case<'_>) {
    let doubled = case.text.replace('$', "$$");
    under_all_rules(case, |ruled| {
        let result = ruled.expander.expand(&doubled).unwrap().into_owned();
        assert_eq!(result, if ruled.unset == Unset::Keep { &*doubled } else { ruled.text() });
    });
}

/// Law 3. The oracle, which knows no variables, says the same; the error names the place, and comes before any other.
pub fn whether_a_text_is_malformed_does_not_depend_on_variables(case: &Case<'_>) {
    let malformed = parse(&case.text).err().map(|(at, _)| at);
    let place = |error: &Error| (error.kind() == ErrorKind::Malformed).then(|| error.span().start);
    under_all_rules(case, |ruled| {
        for expander in [ruled.expander, ruled.expander.output_limit(0)] {
            let error = expander.expand(ruled.text()).err();
            assert_eq!(error.as_ref().and_then(place), malformed);
            let error = expander.explain(ruled.text()).err();
            assert_eq!(error.as_ref().and_then(place), malformed);
        }
    });
}

/// Law 4. If a secret of the host is in the result, it is the result; only the outermost whole reference is asked for.
pub fn a_secret_shows_only_as_the_value_of_the_outermost_whole_reference(case: &Case<'_>) {
    let text = &*case.text;
    // A text may be made to spell out, by its words, any secret that has no character of its own.
    let Some(own) = ('\u{E000}'..='\u{F8FF}').find(|c| !text.contains(*c)) else { return };
    let secret = format!("{own} of the host ${{A}}");
    let asked = Mutex::new(Vec::new());
    let host = from_fn(|name: &str| {
        asked.lock().unwrap().push(name.to_owned());
        Some(secret.clone())
    });
    let whole = match parse(text).as_deref() {
        Ok([Node::Reference(reference)]) => Some(reference.name.clone()),
        _ => None,
    };
    for unset in UNSET {
        let expander = Expander::new(&case.vars).on_unset(unset).dialect(Dialect::Compose).fallback(&host);
        let result = expander.expand(text).unwrap_or_default();
        assert!(!result.contains(own) || result == secret);
        let _ = expander.explain(text);
        let names = std::mem::take(&mut *asked.lock().unwrap());
        assert!(names.iter().all(|name| Some(name) == whole.as_ref() && case.vars.get(name).is_none()));
        assert!(!names.is_empty() || result != secret);
    }
}

/// Law 5. The oracle has the same result or rejects the same references, and the same sites with the same provenance.
pub fn expansion_is_that_of_the_oracle(case: &Case<'_>) {
    let Ok(nodes) = parse(&case.text) else { return };
    under_all_rules(case, |ruled| {
        let (text, expected) = (ruled.text(), ruled.oracle_of(&nodes));
        let sites = ruled.expander.explain(text).unwrap();
        assert!(sites.iter().map(place_and_provenance).eq(expected.sites.iter().cloned()));
        match ruled.expander.expand(text) {
            Ok(result) => {
                assert_eq!(expected.rejected, []);
                assert_eq!(result, expected.text(text));
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unresolved);
                let rejected = expected.sites.iter().filter(|(span, _)| expected.rejected.contains(span));
                assert!(error.sites().iter().map(place_and_provenance).eq(rejected.cloned()));
                assert_eq!(error.span(), error.sites()[0].span());
                assert_eq!(Some(error.position()), error.sites()[0].position());
                for site in error.sites() {
                    let position = oracle::position(text, site.span().start);
                    assert_eq!(site.position().unwrap().to_string(), position);
                }
            }
        }
    });
}

fn place_and_provenance(site: &Site) -> (std::ops::Range<usize>, Provenance) {
    (site.span(), site.provenance())
}

/// Law 6. Without `$$`, `$<`, and with every `${` at the start of a reference without an operator, a text is the same in both
/// dialects: its result, its errors and its sites.
pub fn what_both_dialects_read_alike_expands_alike(case: &Case<'_>) {
    let text = &*case.text;
    let is_plain = |(at, _)| oracle::references(text).iter().any(|it| it.span.start == at);
    if text.contains("$$") || text.contains("$<") || !text.match_indices("${").all(is_plain) {
        return;
    }
    under_all_rules(case, |ruled| {
        let plain = ruled.expander.dialect(Dialect::Plain);
        assert_eq!(ruled.expander.expand(text), plain.expand(text));
        assert_eq!(ruled.expander.explain(text), plain.explain(text));
    });
}

/// Law 7. A text in which something is replaced may be as long as the limit, and no longer. What is blamed is a reference
/// that is in no other, or the text between references.
pub fn the_output_limit_is_exact(case: &Case<'_>) {
    let Ok(nodes) = parse(&case.text) else { return };
    under_all_rules(case, |ruled| {
        let (text, expected) = (ruled.text(), ruled.oracle_of(&nodes));
        if !expected.rejected.is_empty() {
            return;
        }
        let limited = |limit| ruled.expander.output_limit(limit).expand(text);
        let result = expected.text(text);
        if is_unchanged(&expected, text) {
            return assert_eq!(limited(0).unwrap(), text);
        }
        assert_eq!(limited(result.len()).unwrap(), result);
        let Some(less) = result.len().checked_sub(1) else { return };
        for limit in [0, less / 2, less] {
            let error = limited(limit).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutputLimit);
            assert!(!text[error.span()].is_empty());
            let blamed = Dialect::Compose.tokens(text).find(|it| it.span().contains(&error.span().start));
            let named: Vec<_> = error.sites().iter().map(Site::span).collect();
            match blamed {
                Some(Token::Reference(reference)) => {
                    assert_eq!((named, error.span()), (vec![reference.span()], reference.span()));
                }
                _ => assert_eq!(named, []),
            }
        }
    });
}

fn is_unchanged(expansion: &Expansion, text: &str) -> bool {
    text.is_empty() || expansion.pieces == [Piece::Input(0..text.len())]
}

/// Law 8. By pointer: a result that is one part of the input, or one value, is borrowed; any other that is not empty is
/// owned.
pub fn what_is_contiguous_is_borrowed(case: &Case<'_>) {
    let Ok(nodes) = parse(&case.text) else { return };
    under_all_rules(case, |ruled| {
        let (text, expected) = (ruled.text(), ruled.oracle_of(&nodes));
        let Ok(result) = ruled.expander.expand(text) else { return };
        let owner = match &expected.pieces[..] {
            [] => return assert!(matches!(result, Cow::Borrowed(""))),
            [Piece::Input(part)] => vec![&text[part.clone()]],
            [Piece::Value(value)] => {
                let values = references(&nodes)
                    .into_iter()
                    .flat_map(|it| [case.vars.get(&it.name), ruled.host(&it.name)]);
                values.flatten().filter(|it| it == value).collect()
            }
            _ => return assert!(matches!(result, Cow::Owned(_))),
        };
        let Cow::Borrowed(result) = result else { panic!("{result:?} is owned") };
        assert!(owner.into_iter().any(|owner| std::ptr::eq(owner, result)), "borrowed from elsewhere");
    });
}

/// Law 9. Neither a value of the host nor one of the caller is in what may be logged or shown to the author of the text, and
/// nothing that a terminal acts upon is.
pub fn no_value_shows_in_errors_or_debug_output(case: &Case<'_>) {
    const SECRET: &str = "s3cr3t-0f-the-h0st ${A}";
    const VALUE: &str = "v4lue-0f-the-c4ller $A";
    let text = &*case.text;
    if text.contains(SECRET) || text.contains(VALUE) {
        return;
    }
    let (vars, host) = (case.vars.all_set_to(VALUE), case.host.all_set_to(SECRET));
    for unset in UNSET {
        for limit in [10, usize::MAX] {
            let rules = Expander::new(&vars).fallback(&host).on_unset(unset).output_limit(limit);
            let expander = rules.dialect(Dialect::Compose);
            let mut shown = format!("{expander:?} {:?}", Dialect::Compose.tokens(text));
            let mut messages = String::new();
            for site in expander.explain(text).unwrap_or_default() {
                write!(shown, "{site:?}").unwrap();
                write!(messages, "{site}{}", site.render(text)).unwrap();
            }
            if let Err(error) = expander.expand(text) {
                write!(shown, "{error:?}").unwrap();
                write!(messages, "{error}{}", error.render(text)).unwrap();
            }
            for shown in [&shown, &messages] {
                assert!(!shown.contains(SECRET) && !shown.contains(VALUE));
            }
            assert!(!oracle::acts_on_terminals(&messages));
        }
    }
}
