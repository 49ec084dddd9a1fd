//! What holds for every input, as property tests.

#![allow(clippy::string_slice, reason = "a test fails by panicking")]

mod oracle;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use arbitrary::{Result, Unstructured};
use arbtest::arbtest;
use envref::{ErrorKind, Expander, Provenance, Token, expand, references, tokens};

/// Pieces of which inputs are built: everything that is close to a reference.
const PIECES: [&str; 24] = [
    "$",
    "{",
    "}",
    "<",
    ">",
    "A",
    "B",
    "_",
    "1",
    "9z",
    "-",
    ":-",
    " ",
    "é",
    "\u{1F600}",
    "\n",
    "${A}",
    "$<B>",
    "$A",
    "${",
    "$<",
    "plain text",
    "\0",
    "${AB}",
];

const NAMES: [&str; 6] = ["A", "B", "AB", "_", "A1", "B9z"];

const VALUES: [&str; 7] = ["", "x", "$A", "${B}", "é", "longer than its reference", "}"];

fn input(u: &mut Unstructured<'_>) -> Result<String> {
    let mut input = String::new();
    for _ in 0..u.int_in_range(0..=12)? {
        input.push_str(u.choose(&PIECES)?);
    }
    if u.ratio(1, 4)? {
        input.push_str(u.arbitrary()?);
    }
    Ok(input)
}

fn vars(u: &mut Unstructured<'_>) -> Result<BTreeMap<&'static str, &'static str>> {
    let mut vars = BTreeMap::new();
    for name in NAMES {
        if u.arbitrary()? {
            vars.insert(name, *u.choose(&VALUES)?);
        }
    }
    Ok(vars)
}

fn naive(
    input: &str,
    vars: &BTreeMap<&'static str, &'static str>,
    host: &BTreeMap<&'static str, &'static str>,
) -> String {
    let get = |map: &BTreeMap<&str, &str>, name: &str| map.get(name).map(ToString::to_string);
    oracle::expand(input, &|name| get(vars, name), &|name| get(host, name))
}

#[test]
fn tokens_tile_the_input() {
    arbtest(|u| {
        let input = input(u)?;
        let mut end = 0;
        let mut after_text = false;
        for token in tokens(&input) {
            assert_eq!(token.span().start, end);
            assert_eq!(token.text(), &input[token.span()]);
            assert!(!token.text().is_empty());
            let text = matches!(token, Token::Text(_));
            assert!(!(text && after_text), "two texts in a row");
            after_text = text;
            end = token.span().end;
        }
        assert_eq!(end, input.len());
        Ok(())
    });
}

#[test]
fn references_are_those_of_the_oracle() {
    arbtest(|u| {
        let input = input(u)?;
        let found: Vec<_> = references(&input)
            .map(|it| oracle::Reference { span: it.span(), name: it.name().to_owned() })
            .collect();
        assert_eq!(found, oracle::references(&input));
        let in_tokens: Vec<_> = tokens(&input)
            .filter_map(|token| match token {
                Token::Reference(reference) => Some(reference),
                _ => None,
            })
            .collect();
        assert_eq!(in_tokens, references(&input).collect::<Vec<_>>());
        Ok(())
    });
}

#[test]
fn expansion_is_that_of_the_oracle() {
    arbtest(|u| {
        let (input, vars, host) = (input(u)?, vars(u)?, vars(u)?);
        let expander = Expander::new(&vars);
        assert_eq!(expander.fallback(&host).expand(&input).unwrap(), naive(&input, &vars, &host));
        assert_eq!(expander.no_fallback().expand(&input).unwrap(), naive(&input, &vars, &BTreeMap::new()));
        Ok(())
    });
}

#[test]
fn the_free_function_is_the_default_expander() {
    arbtest(|u| {
        let (input, vars) = (input(u)?, vars(u)?);
        assert_eq!(expand(&input, &vars), Expander::new(&vars).expand(&input).unwrap());
        Ok(())
    });
}

#[test]
fn what_is_no_resolved_reference_is_borrowed_unchanged() {
    arbtest(|u| {
        let (input, vars) = (input(u)?, vars(u)?);
        let replaced = references(&input).any(|it| it.text() == input || vars.contains_key(it.name()));
        let result = Expander::new(&vars).no_fallback().expand(&input).unwrap();
        if !replaced {
            assert!(matches!(result, Cow::Borrowed(text) if std::ptr::eq(text, input.as_str())));
        }
        Ok(())
    });
}

#[test]
fn strict_succeeds_where_every_reference_has_a_value_and_then_agrees() {
    arbtest(|u| {
        let (input, vars, host) = (input(u)?, vars(u)?, vars(u)?);
        let expander = Expander::new(&vars).fallback(&host);
        let unset: Vec<_> = expander
            .explain(&input)
            .filter(|it| matches!(it.provenance(), Provenance::Unset(_)))
            .map(|it| it.reference().span())
            .collect();
        match expander.strict().expand(&input) {
            Ok(strict) => {
                assert!(unset.is_empty());
                assert_eq!(strict, expander.expand(&input).unwrap());
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unresolved);
                assert_eq!(error.unresolved().map(envref::Unresolved::span).collect::<Vec<_>>(), unset);
            }
        }
        Ok(())
    });
}

#[test]
fn explanations_cover_every_reference_and_name_the_source() {
    arbtest(|u| {
        let (input, vars, host) = (input(u)?, vars(u)?, vars(u)?);
        let explained: Vec<_> = Expander::new(&vars).fallback(&host).explain(&input).collect();
        assert_eq!(
            explained.iter().map(envref::Resolution::reference).collect::<Vec<_>>(),
            references(&input).collect::<Vec<_>>()
        );
        for resolution in explained {
            let name = resolution.reference().name();
            let whole = resolution.reference().text() == input;
            match resolution.provenance() {
                Provenance::Vars => assert!(vars.contains_key(name)),
                Provenance::Fallback => assert!(!vars.contains_key(name) && whole && host.contains_key(name)),
                _ => assert!(!(vars.contains_key(name) || whole && host.contains_key(name))),
            }
        }
        Ok(())
    });
}

#[test]
fn the_output_limit_is_the_length_at_which_expansion_fails() {
    arbtest(|u| {
        let (input, vars, host) = (input(u)?, vars(u)?, vars(u)?);
        let expander = Expander::new(&vars).fallback(&host);
        let result = expander.expand(&input).unwrap();
        assert_eq!(expander.output_limit(result.len()).expand(&input).unwrap(), result);
        if let Some(less) = result.len().checked_sub(1) {
            let error = expander.output_limit(less).expand(&input).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutputLimit);
            assert!(input.get(error.span()).is_some_and(|text| !text.is_empty()));
        }
        Ok(())
    });
}

#[test]
fn a_secret_in_the_fallback_shows_only_where_a_reference_to_it_is_the_whole_input() {
    const SECRET: &str = "s3cr3t-0f-the-h0st";
    arbtest(|u| {
        let (input, vars) = (input(u)?, vars(u)?);
        let host: Vec<_> = NAMES.iter().map(|name| (*name, SECRET)).collect();
        let expander = Expander::new(&vars).fallback(&host);
        let whole =
            references(&input).next().is_some_and(|it| it.text() == input && !vars.contains_key(it.name()));

        let mut shown = format!("{expander:?} {:?}", expander.explain(&input).collect::<Vec<_>>());
        for expander in [expander.strict(), expander.output_limit(0), expander.strict().output_limit(3)] {
            if let Err(error) = expander.expand(&input) {
                write!(shown, "{error} {error:?} {}", error.render(&input)).unwrap();
            }
        }
        assert!(!shown.contains(SECRET));
        assert_eq!(expander.expand(&input).unwrap().contains(SECRET), whole);
        Ok(())
    });
}
