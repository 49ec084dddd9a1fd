//! The table of the language: every row through `expand` and through `Expander`, with a stand-in for the process
//! environment.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::borrow::Cow;

use envref::{Expander, Form, Unset, expand, references};

/// Variables or host variables, as pairs.
type Vars = [(&'static str, &'static str)];

/// Expands with `vars` and a fallback `host`, whether the unset are rejected or not, and checks that they agree wherever
/// both succeed.
#[track_caller]
fn check(input: &str, vars: &Vars, host: &Vars, expected: &str) {
    let expander = Expander::new(vars).fallback(host);
    let result =
        expander.expand(input).expect("an expander that rejects nothing, and has no limit, does not fail");
    assert_eq!(result, expected, "Expander on {input:?}");
    if let Ok(result) = expander.on_unset(Unset::Reject).expand(input) {
        assert_eq!(result, expected, "Expander that rejects on {input:?}");
    }
    // `expand` falls back to the real process environment, which has no variable with a name of this table.
    if host.is_empty() {
        assert_eq!(expand(input, vars), expected, "expand on {input:?}");
    }
}

/// Checks that `input` comes out as it is, borrowed.
#[track_caller]
fn check_untouched(input: &str, vars: &Vars, host: &Vars) {
    check(input, vars, host, input);
    let expander = Expander::new(vars).fallback(host);
    for result in [expander.expand(input).unwrap(), expand(input, vars)] {
        assert!(
            matches!(result, Cow::Borrowed(text) if text.as_ptr() == input.as_ptr()),
            "{input:?} borrowed"
        );
    }
}

#[test]
fn text_without_a_dollar_is_itself() {
    for input in ["plain", "", " ", "{A}", "<A>", "A", "é\u{1F600}\0"] {
        check_untouched(input, &[("A", "x")], &[("A", "host")]);
    }
}

#[test]
fn every_form_takes_the_value_of_the_variables() {
    for input in ["$A", "${A}", "$<A>"] {
        check(input, &[("A", "x")], &[], "x");
        check(input, &[("A", "x")], &[("A", "host")], "x");
    }
}

#[test]
fn an_empty_value_is_a_value() {
    check("${A}", &[("A", "")], &[("A", "host")], "");
    check("[${A}]", &[("A", "")], &[("A", "host")], "[]");
}

#[test]
fn a_whole_reference_falls_back() {
    for input in ["$A", "${A}", "$<A>"] {
        check(input, &[], &[("A", "host")], "host");
        check(input, &[], &[("A", "")], "");
    }
}

#[test]
fn a_whole_reference_without_a_value_is_empty() {
    for input in ["$ENVREF_UNSET", "${ENVREF_UNSET}", "$<ENVREF_UNSET>"] {
        check(input, &[], &[], "");
    }
}

#[test]
fn an_embedded_reference_does_not_fall_back() {
    for input in ["$A/p", "a${A}b", "${A}${A}", " ${A}", "${A} ", "${A}\n", "\u{FEFF}$A", "$$A"] {
        check_untouched(input, &[], &[("A", "host")]);
    }
    check("${A} and ${B}", &[("A", "yes")], &[("B", "host")], "yes and ${B}");
}

#[test]
fn a_dollar_that_begins_no_name_is_text() {
    let at_the_end = ["$", "a$", "$$"];
    let prices = ["$5", "cost $100"];
    let before_other_characters = ["$-", "$é", "$ A", "$\n", "$}", "$>", "$\0"];
    for input in [&at_the_end[..], &prices, &before_other_characters].concat() {
        check_untouched(input, &[("5", "five"), ("", "nothing"), ("100", "hundred")], &[("5", "five")]);
    }
    check("$$A", &[("A", "x")], &[], "$x");
    check("$5$A$", &[("A", "x")], &[], "$5x$");
}

#[test]
fn a_bracketed_name_has_to_be_a_name_to_its_end() {
    let empty_or_no_name = ["${}", "$<>", "${1A}", "$<1A>", "${é}", "${Aé}"];
    let operators = ["${A-B}", "${A:-d}"];
    let blanks = ["${ A }", "${A ", "${A\n}", "$ {A}"];
    let never_closed = ["${", "$<", "${A", "$<A", "${A>", "$<A}"];
    let other_brackets = ["$(A)", "$[A]"];
    for input in [&empty_or_no_name[..], &operators, &blanks, &never_closed, &other_brackets].concat() {
        check_untouched(input, &[("A", "x"), ("A-B", "y"), ("1A", "z"), ("", "nothing")], &[("A", "host")]);
    }
}

#[test]
fn scanning_goes_on_inside_of_text() {
    check("${B$A}", &[("A", "x"), ("B", "no")], &[], "${Bx}");
    check("${${A}}", &[("A", "x")], &[], "${x}");
    check("$<${A}>", &[("A", "x")], &[], "$<x>");
    check("${A$<A>", &[("A", "x")], &[], "${Ax");
}

#[test]
fn a_bare_name_is_the_longest_match_in_ascii() {
    check("$Aé", &[("A", "x")], &[], "xé");
    check("$A-B", &[("A", "x"), ("A-B", "no")], &[], "x-B");
    check("$AB", &[("A", "no"), ("AB", "x")], &[], "x");
    check("$A1_b!", &[("A1_b", "x")], &[], "x!");
    check("$_", &[("_", "x")], &[], "x");
    check("$a", &[("a", "x"), ("A", "no")], &[], "x");
}

#[test]
fn values_are_not_expanded_again() {
    check("$A", &[("A", "$B"), ("B", "y")], &[], "$B");
    check("-$A-", &[("A", "${A}")], &[], "-${A}-");
    check("$A{B}", &[("A", "$"), ("B", "no")], &[], "${B}");
    check("${A}", &[], &[("A", "$A")], "$A");
}

#[test]
fn a_reference_has_name_form_span_and_text() {
    let found: Vec<_> =
        references("é$A${B}$<C>").map(|it| (it.name(), it.form(), it.span(), it.text())).collect();
    assert_eq!(
        found,
        [
            ("A", Form::Bare, 2..4, "$A"),
            ("B", Form::Braced, 4..8, "${B}"),
            ("C", Form::Angled, 8..12, "$<C>"),
        ]
    );
}
