//! The Compose dialect by example: the table of its semantics, what it makes of what is not in the table, where it departs
//! from compose-go, and what becomes of it in YAML and serde.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::borrow::Cow;

use envref::{Action, Dialect, ErrorKind, Expander, Provenance, Reason, Token, Unset};

type Vars = [(&'static str, &'static str)];

fn compose(vars: &Vars) -> Expander<'_, Vars> {
    Expander::new(vars).dialect(Dialect::Compose).on_unset(Unset::Empty)
}

#[track_caller]
fn check(input: &str, vars: &Vars, expected: &str) {
    assert_eq!(compose(vars).expand(input).unwrap(), expected, "{input}");
}

#[track_caller]
fn check_unresolved(input: &str, vars: &Vars, expected: &str) {
    for unset in [Unset::Default, Unset::Keep, Unset::Empty, Unset::Reject] {
        let error = compose(vars).on_unset(unset).expand(input).unwrap_err();
        assert_eq!((error.kind(), &*error.to_string()), (ErrorKind::Unresolved, expected), "{input}");
    }
}

#[track_caller]
fn check_malformed(input: &str, expected: &str) {
    for vars in [&[][..], &[("A", "x"), ("U", "x"), ("B", "")]] {
        let expander = compose(vars);
        let error = expander.expand(input).unwrap_err();
        assert_eq!((error.kind(), &*error.to_string()), (ErrorKind::Malformed, expected), "{input}");
        assert_eq!(expander.explain(input).unwrap_err(), error);
    }
    let last = Dialect::Compose.tokens(input).last();
    assert!(matches!(last, Some(Token::Malformed(_))), "{input}");
}

#[track_caller]
fn check_is_malformed(input: &str) {
    assert_eq!(compose(&[("A", "x")]).expand(input).unwrap_err().kind(), ErrorKind::Malformed, "{input}");
}

/// Unset, empty and set, for each operator.
#[test]
fn operators_do_what_the_table_says() {
    const ERROR: &str = "an error";
    let table = [
        ("$A", ["", "", "v"]),
        ("${A}", ["", "", "v"]),
        ("${A-d}", ["d", "", "v"]),
        ("${A:-d}", ["d", "d", "v"]),
        ("${A?m}", [ERROR, "", "v"]),
        ("${A:?m}", [ERROR, ERROR, "v"]),
        ("${A+x}", ["", "x", "x"]),
        ("${A:+x}", ["", "", "x"]),
    ];
    for (input, results) in table {
        for (vars, expected) in [&[][..], &[("A", "")], &[("A", "v")]].into_iter().zip(results) {
            for (before, after) in [("", ""), ("<", ">"), ("${U:-", "}"), ("$$", "$A$$")] {
                let input = format!("{before}{input}{after}");
                let result = compose(vars).expand(&input);
                if expected == ERROR {
                    assert_eq!(result.unwrap_err().kind(), ErrorKind::Unresolved, "{input}");
                    continue;
                }
                let a = vars.first().map_or("", |(_, value)| value);
                let expected = match before {
                    "<" => format!("<{expected}>"),
                    "$$" => format!("${expected}{a}$"),
                    _ => expected.to_owned(),
                };
                assert_eq!(result.unwrap(), expected, "{input} with {vars:?}");
            }
        }
    }
}

#[test]
fn a_reference_without_an_operator_is_treated_as_the_setting_for_the_unset_says() {
    let table = [
        (Unset::Default, ["", " $A", "x$A"]),
        (Unset::Keep, ["$A", " $A", "x$A"]),
        (Unset::Empty, ["", " ", "x"]),
    ];
    for (unset, results) in table {
        for (input, expected) in ["$A", " $A", "${B:-x$A}"].into_iter().zip(results) {
            assert_eq!(compose(&[]).on_unset(unset).expand(input).unwrap(), expected, "{input} {unset:?}");
        }
    }
    let rejects = compose(&[]).on_unset(Unset::Reject);
    let error = rejects.expand("$A ${B:-$C} ${D:+$E} ${F-}").unwrap_err();
    assert_eq!(error.to_string(), "unresolved references: $A at 1:1: unset; $C at 1:9: unset");
}

#[test]
fn two_dollars_are_one() {
    check("$$A ${A} $$", &[("A", "x")], "$A x $");
    check("$${A} $$$A $$$$A", &[("A", "x")], "${A} $x $$A");
    check("${U:-$$A}", &[("A", "x")], "$A");
}

#[test]
fn to_keep_the_unset_is_to_keep_the_escapes_of_the_next_stage() {
    let keeps = compose(&[("A", "x")]);
    assert_eq!(keeps.on_unset(Unset::Keep).expand("$A $B $$A ${C:-$$}").unwrap(), "x $B $$A $$");
}

#[test]
fn what_begins_no_reference_is_text() {
    for input in ["$", "a$", "$5", "$}", "$(A)", "$<A>", "{}", "}{", "$-", "$é", "a:-b", "{A}"] {
        let expander = compose(&[("A", "x"), ("5", "five")]);
        let result = expander.expand(input).unwrap();
        assert!(matches!(result, Cow::Borrowed(text) if std::ptr::eq(text, input)), "{input}");
        assert_eq!(expander.explain(input).unwrap().len(), 0);
    }
}

#[test]
fn quotes_and_backslashes_protect_nothing() {
    check(r#"'$A' "$A" \$A ${U:-'}'}"#, &[("A", "x")], r#"'x' "x" \x ''}"#);
}

#[test]
fn the_first_operator_counts() {
    for (input, operator, word) in [
        ("${A:-b?c}", ":-", "b?c"),
        ("${A-b:?c}", "-", "b:?c"),
        ("${A?b-c}", "?", "b-c"),
        ("${A?:b}", "?", ":b"),
        ("${A:?b+c}", ":?", "b+c"),
        ("${A+b:-c}", "+", "b:-c"),
        ("${A:+b?c}", ":+", "b?c"),
        ("${A--}", "-", "-"),
        ("${A:-:-}", ":-", ":-"),
        ("${A+}", "+", ""),
    ] {
        let reference = Dialect::Compose.references(input).next().unwrap();
        let (found, found_word) = reference.operator().unwrap();
        assert_eq!((found.as_str(), found_word), (operator, word), "{input}");
        assert_eq!((found.to_string(), found.has_colon()), (operator.to_owned(), operator.len() == 2));
    }
    let action = |input| Dialect::Compose.references(input).next().unwrap().operator().unwrap().0.action();
    assert_eq!(["${A-}", "${A?}", "${A+}"].map(action), [Action::Default, Action::Require, Action::Replace]);
}

#[test]
fn words_are_expanded_when_they_are_used_and_only_then() {
    check("${A:-${B:-${C:-c}}}", &[], "c");
    check("${A:-${B:-${C:-c}}}", &[("B", "b")], "b");
    check("${A:-$B ${C}}", &[("B", "b"), ("C", "c")], "b c");
    check("${A:-${B:?never asked for}}", &[("A", "a")], "a");
    check("${A:+[$A]}", &[("A", "a")], "[a]");
    check("${A:-$B}", &[("B", "$C"), ("C", "no")], "$C");
}

#[test]
fn every_missing_reference_is_in_one_error_in_order() {
    check_unresolved(
        "${A?} ${B:?say so} ${C:-${D?}} ${A-x}",
        &[("B", "")],
        "unresolved references: ${A?} at 1:1: unset; ${B:?…} at 1:7: empty: say so; ${D?} at 1:25: unset",
    );
}

#[test]
fn a_message_is_shown_as_written_and_harmless_to_a_terminal() {
    check_unresolved(
        "x ${A:?set $B, or ${B}\n\u{1b}[31m}",
        &[("B", "s3cret")],
        "unresolved reference ${A:?…} at 1:3: unset: set $B, or ${B}\u{FFFD}\u{FFFD}[31m",
    );
}

#[test]
fn a_malformed_text_is_an_error_that_says_what_to_write() {
    let deep = format!("{}{}", "${A:-".repeat(65), "}".repeat(65));
    for (input, expected) in [
        ("é ${}", "${… at 1:3: what follows ${ is not a name"),
        ("${1}", "${… at 1:1: what follows ${ is not a name"),
        ("${#A}", "${… at 1:1: what follows ${ is not a name"),
        ("a ${{ x }}", "${… at 1:3: what follows ${ is not a name"),
        ("${", "${… at 1:1: what follows ${ is not a name"),
        ("${A.B}", "${A… at 1:1: neither } nor one of :- - :? ? :+ + after the name"),
        ("$A\n${A:-{x}", "${A… at 2:1: no } closes it"),
        ("${A:-${U", "${U… at 1:6: no } closes it"),
        (&deep, "${A… at 1:1: braces in it are nested deeper than 64 levels"),
    ] {
        check_malformed(input, &format!("malformed reference {expected} (write $$ for a literal $)"));
    }
    for input in
        ["${1A}", "${A:x}", "${A", "${{ x }}", "${A%y}", "${", "${ A}", "${A }", "${A!}", "${A:}", "$$${"]
    {
        check_is_malformed(input);
    }
}

#[test]
fn words_nest_to_64_levels() {
    for (open, close, count) in [("${A:-", "}", 64), ("{", "}", 63)] {
        let nested = format!("{}x{}", open.repeat(count), close.repeat(count));
        let (input, expected) = match open {
            "{" => (format!("${{A:-{nested}}}"), nested),
            _ => (nested, "x".to_owned()),
        };
        check(&input, &[], &expected);
        check_is_malformed(&input.replace('x', "${A:-x}"));
        check_is_malformed(&input.replace('x', "{x}"));
    }
}

/// Compose-go has it otherwise, each time.
mod departures_from_compose_go {
    use super::*;

    #[test]
    fn braces_pair_whatever_comes_after_one() {
        check("${U:-{}} ${B:-y}", &[], "{} y");
        check("${A:-{}}}", &[], "{}}");
    }

    #[test]
    fn a_word_whose_braces_do_not_pair_is_malformed() {
        check_is_malformed("${U:-{x}");
        check_is_malformed("${A:-{x}");
    }

    #[test]
    fn a_word_is_read_even_if_it_is_not_used() {
        check_is_malformed("${A:-${}}");
        check_is_malformed("${A:-${1}}");
        check_is_malformed("${U:+${A.B}}");
    }

    #[test]
    fn a_line_feed_in_a_word_is_text() {
        check("${U:-a\nb}", &[], "a\nb");
    }

    #[test]
    fn names_are_ascii() {
        check(
            "$\u{17F} $\u{212A} $A\u{17F}",
            &[("\u{17F}", "no"), ("A", "x")],
            "$\u{17F} $\u{212A} x\u{17F}",
        );
        check_is_malformed("${\u{212A}}");
    }

    #[test]
    fn every_missing_variable_is_reported() {
        let error = compose(&[]).expand("${U?} ${V?}").unwrap_err();
        assert_eq!(error.sites().iter().map(envref::Site::name).collect::<Vec<_>>(), ["U", "V"]);
    }

    #[test]
    fn a_message_is_not_expanded() {
        check_unresolved(
            "${U?$A}",
            &[("A", "s3cret")],
            "unresolved reference ${U?…} at 1:1: unset, and no fallback is set: $A",
        );
    }

    #[test]
    fn siblings_and_nesting_take_linear_time() {
        // Quadratic time would be minutes.
        let siblings = "${A:-x}".repeat(1 << 16);
        check(&siblings, &[], &"x".repeat(1 << 16));
        let nested = format!("{}{siblings}{}", "${A:-".repeat(63), "}".repeat(63));
        check(&nested, &[], &"x".repeat(1 << 16));
        check_is_malformed(&"${A:-".repeat(1 << 18));
        check_is_malformed(&format!("${{A:-{}", "${B:-x}{}".repeat(1 << 16)));
        let braces = format!("${{A:-{}}}", "{}".repeat(1 << 18));
        check(&braces, &[("A", "x")], "x");
        assert_eq!(compose(&[]).explain(&siblings).unwrap().len(), 1 << 16);
    }
}

mod trust {
    use super::*;

    const HOST: [(&str, &str); 3] = [("A", "host"), ("B", "host"), ("E", "")];

    #[track_caller]
    fn check(input: &str, vars: &Vars, expected: &str) {
        let result = compose(vars).fallback(&HOST).expand(input).unwrap().into_owned();
        assert_eq!(result, expected, "{input}");
    }

    #[test]
    fn the_outermost_whole_reference_asks_the_fallback_for_its_name() {
        for input in ["$A", "${A}", "${A-d}", "${A:-d}", "${A?m}", "${A:?m}"] {
            check(input, &[], "host");
        }
        check("${A:+x}", &[], "x");
        check("${E:-d}", &[], "d");
        check("${E-d}", &[], "");
    }

    #[test]
    fn a_reference_in_a_word_never_does() {
        check("${U:-$A}", &[], "");
        check("${U:-${A}}", &[], "");
        check("${U:-${A:-d}}", &[], "d");
        check("${A+$B}", &[], "");
    }

    #[test]
    fn an_embedded_one_never_does() {
        for input in [" ${A:-d}", "${A:-d} ", "${A:-d}${U:-}", "$$${A:-d}", "${A:-d}\n"] {
            check(input, &[], &input.replace("${A:-d}", "d").replace("${U:-}", "").replace("$$", "$"));
        }
    }

    #[test]
    fn an_empty_variable_of_the_caller_takes_the_word_without_asking_the_host() {
        check("${A:-d}", &[("A", "")], "d");
        let error = compose(&[("A", "")]).fallback(&HOST).expand("${A:?m}").unwrap_err();
        assert_eq!(error.to_string(), "unresolved reference ${A:?…} at 1:1: empty: m");
    }
}

#[test]
fn an_explanation_has_every_reference_used_or_not() {
    let vars = [("A", "a"), ("E", "")];
    let expander = compose(&vars);
    let sites = expander.explain("${A:-$B} ${U:-${A}$V} ${E:+$A} ${E:?m} ${A+x}").unwrap();
    let found: Vec<_> = sites.iter().map(|site| (site.text(), site.provenance())).collect();
    assert_eq!(
        found,
        [
            ("${A:-$B}", Provenance::Vars),
            ("$B", Provenance::Unused),
            ("${U:-${A}$V}", Provenance::Word),
            ("${A}", Provenance::Vars),
            ("$V", Provenance::Missing(Reason::Unset)),
            ("${E:+$A}", Provenance::Word),
            ("$A", Provenance::Unused),
            ("${E:?m}", Provenance::Missing(Reason::Empty)),
            ("${A+x}", Provenance::Word),
        ]
    );
    let shown: Vec<_> = sites.iter().map(ToString::to_string).collect();
    assert_eq!(shown[0], "${A:-…}: from the variables");
    assert_eq!(shown[1], "$B: in a word that is not used");
    assert_eq!(shown[2], "${U:-…}: from the reference itself");
    assert_eq!(shown[7], "unresolved reference ${E:?…}: empty: m");
}

#[test]
fn an_error_shows_the_line_of_the_reference() {
    let input = "port: ${PORT:?set\nit}\n";
    let error = compose(&[]).expand(input).unwrap_err();
    assert_eq!(
        error.render(input).to_string(),
        concat!(
            "1:7: unresolved reference ${PORT:?…}: unset: set\u{FFFD}it\n",
            "1 | port: ${PORT:?set\n",
            "  |       ^^^^^^^^^^^\n"
        )
    );
}

#[test]
fn results_are_a_part_of_the_input_where_they_can_be() {
    let vars = [("A", "value"), ("E", "")];
    let expander = compose(&vars);
    for (input, part) in [
        ("${U:-8080}", Some(5..9)),
        ("$$", Some(1..2)),
        ("$$A", Some(1..3)),
        ("A$$", Some(0..2)),
        ("$$$$", Some(1..3)),
        ("${U:-a$$}", Some(5..7)),
        ("x$E", Some(0..1)),
        ("${U:-${V:-x}y}", None),
        ("x${U:-y}", None),
        ("$$ $$ ", None),
    ] {
        match (expander.expand(input).unwrap(), part) {
            (Cow::Borrowed(text), Some(part)) => {
                assert!(input.get(part).is_some_and(|part| std::ptr::eq(text, part)), "{input}");
            }
            (Cow::Owned(_), None) => {}
            (result, part) => panic!("{input}: {result:?}, {part:?}"),
        }
    }
    for input in ["$A", "${A}", "${A:-d}", "${U:-$A}", "${A+${E}$A}"] {
        let Cow::Borrowed(text) = expander.expand(input).unwrap() else { panic!("{input}") };
        assert!(std::ptr::eq(text, vars[0].1), "{input}");
    }
}

#[test]
fn the_limit_stops_an_amplification_in_a_word() {
    let vars = [("A", "0123456789")];
    let expander = compose(&vars).output_limit(64);
    let error = expander.expand(&format!("${{U:-{}}}", "$A".repeat(1000))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutputLimit);
    assert_eq!(error.to_string(), "expansion longer than the limit of 64 bytes with ${U:-…} at 1:1");
}

#[test]
fn the_limit_blames_the_outermost_reference_around_what_crosses_it() {
    let vars = [("A", "aa")];
    let expander = compose(&vars).output_limit(3);
    for (input, blamed, text) in [
        ("${U:-abcd}", "1:1", "${U:-abcd}"),
        ("${U:-abcd} $A", "1:1", "${U:-abcd}"),
        ("é\n${A+${U:-abcd}}", "2:1", "${A+${U:-abcd}}"),
        ("${U:-a${U:-$A$A}}", "1:1", "${U:-a${U:-$A$A}}"),
        ("${U:-a}$A$A", "1:10", "$A"),
        ("a${U:-$$$$$$}", "1:2", "${U:-$$$$$$}"),
    ] {
        let error = expander.expand(input).unwrap_err();
        assert_eq!(
            (error.kind(), &*error.position().to_string()),
            (ErrorKind::OutputLimit, blamed),
            "{input}"
        );
        let [site] = error.sites() else { panic!("{input}: {error:?}") };
        assert_eq!(
            (site.text(), input.get(error.span()), site.position()),
            (text, Some(text), Some(error.position()))
        );
    }
    for (input, blamed) in [("${U:-a}bcd", "bcd"), ("${U:-}abcd $A", "abcd $A"), ("$$abc", "$abc")] {
        let error = expander.expand(input).unwrap_err();
        assert_eq!(
            (error.kind(), error.sites(), input.get(error.span())),
            (ErrorKind::OutputLimit, &[][..], Some(blamed))
        );
    }
}
