//! Errors: their messages, in full, and their rendering.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use envref::{Dialect, Error, ErrorKind, Expander, Position, ProcessEnv, Provenance, Reason, Site, Unset};

/// Returns the error for the references of `input` that have no value.
#[track_caller]
fn unset_error(input: &str) -> Error {
    let vars = [("SET", "value")];
    let host = ProcessEnv::only(["ENVREF_ALLOWED"]);
    Expander::new(&vars).fallback(&host).on_unset(Unset::Reject).expand(input).unwrap_err()
}

#[test]
fn a_message_names_the_reference_the_place_and_the_reason() {
    let cases = [
        ("$ENVREF_ALLOWED", "unresolved reference $ENVREF_ALLOWED at 1:1: unset"),
        (
            "$<NO>",
            "unresolved reference $<NO> at 1:1: neither a variable nor an allowed environment variable",
        ),
        (
            "a\n ${NO}",
            "unresolved reference ${NO} at 2:2: \
             not among the variables, and the fallback is not asked within a longer text",
        ),
    ];
    for (input, message) in cases {
        assert_eq!(unset_error(input).to_string(), message);
    }
}

#[test]
fn an_error_names_every_unset_reference_with_its_place() {
    let input = "$SET $A\n${B}$<A>";
    let error = Expander::new(&[("SET", "value")]).on_unset(Unset::Reject).expand(input).unwrap_err();
    assert_eq!(
        error.to_string(),
        "unresolved references: $A at 1:6: unset; ${B} at 2:1: unset; $<A> at 2:5: unset"
    );
    assert_eq!(error.kind(), ErrorKind::Unresolved);
    assert_eq!(error.span(), 5..7);
    assert_eq!(error.position().to_string(), "1:6");
    let all: Vec<_> = error.sites().iter().map(|it| (it.name(), it.text(), it.span(), it.reason())).collect();
    assert_eq!(
        all,
        [
            ("A", "$A", 5..7, Some(Reason::Unset)),
            ("B", "${B}", 8..12, Some(Reason::Unset)),
            ("A", "$<A>", 12..16, Some(Reason::Unset)),
        ]
    );
    let last = error.sites().last().unwrap();
    assert_eq!(last.position().unwrap().column, 5);
    assert_eq!(last.to_string(), "unresolved reference $<A>: unset");
}

#[test]
fn an_error_at_one_place_is_the_only_one_of_its_places() {
    let vars = [("A", "aaa")];
    let expander = Expander::new(&vars).output_limit(2);
    let limit = expander.expand("x $A").unwrap_err();
    let malformed = expander.dialect(Dialect::Compose).expand("$A ${}${").unwrap_err();
    let kinds = [ErrorKind::OutputLimit, ErrorKind::Malformed, ErrorKind::Unresolved];
    for (error, kind) in [limit, malformed, unset_error("x $A")].into_iter().zip(kinds) {
        assert_eq!(error.kind(), kind);
        assert_eq!(error.each().collect::<Vec<_>>(), [error]);
    }
}

#[test]
fn the_output_limit_blames_the_reference_or_the_text_that_crossed_it() {
    let vars = [("A", "aaa")];
    let error = |input, limit| Expander::new(&vars).output_limit(limit).expand(input).unwrap_err();

    let crossed = error("\n$A$A", 4);
    assert_eq!(crossed.to_string(), "expansion longer than the limit of 4 bytes with $A at 2:3");
    assert_eq!((crossed.kind(), crossed.span()), (ErrorKind::OutputLimit, 3..5));
    let [site] = crossed.sites() else { panic!("{crossed:?}") };
    assert_eq!((site.name(), site.span(), site.provenance()), ("A", 3..5, Provenance::Vars));

    let whole = error("${A}", 2);
    assert_eq!(whole.to_string(), "expansion longer than the limit of 2 bytes with ${A} at 1:1");

    let tail = error("$A tail", 5);
    assert_eq!(tail.to_string(), "expansion longer than the limit of 5 bytes at 1:3");
    assert_eq!((tail.sites(), tail.span()), (&[][..], 2..7));
    assert_eq!(error("plain $A", 5).span(), 6..8);
}

#[test]
fn the_limit_counts_in_bytes_to_the_last() {
    let expander = Expander::new(&[("A", "é")]);
    assert_eq!(expander.output_limit(4).expand("$A$A").unwrap(), "éé");
    assert!(expander.output_limit(3).expand("$A$A").is_err());
    assert_eq!(expander.output_limit(0).expand("").unwrap(), "");
    assert_eq!(expander.output_limit(0).expand("$UNSET").unwrap(), "");
}

#[test]
fn an_amplified_expansion_fails_before_memory_is_taken() {
    // Without the limit, a quarter of a gibibyte.
    let value = "x".repeat(1 << 16);
    let vars = [("A", &value)];
    let input = "$A".repeat(1 << 12);
    let error = Expander::new(&vars).output_limit(10 << 16).expand(&input).unwrap_err();
    assert_eq!(error.span(), 20..22);
}

/// Checks the rendering of the error of `input`: its lines, joined.
#[track_caller]
fn check_rendering(input: &str, expected: &[&str]) {
    let rendering = unset_error(input).render(input).to_string();
    assert_eq!(rendering.lines().collect::<Vec<_>>(), expected);
    assert!(rendering.ends_with('\n'));
}

const NOT_ALLOWED: &str = "neither a variable nor an allowed environment variable";
const EMBEDDED: &str = "not among the variables, and the fallback is not asked within a longer text";

#[test]
fn rendering_on_the_first_line() {
    check_rendering("$X", &[&format!("1:1: unresolved reference $X: {NOT_ALLOWED}"), "1 | $X", "  | ^^"]);
}

#[test]
fn rendering_on_later_lines() {
    let input = "\n".repeat(9) + "port: ${PORT} # yes\nlast";
    check_rendering(
        &input,
        &[
            &format!("10:7: unresolved reference ${{PORT}}: {EMBEDDED}"),
            "10 | port: ${PORT} # yes",
            "   |       ^^^^^^^",
        ],
    );
}

#[test]
fn rendering_at_the_end_of_input() {
    check_rendering("a\nb$X", &[&format!("2:2: unresolved reference $X: {EMBEDDED}"), "2 | b$X", "  |  ^^"]);
}

#[test]
fn rendering_several_places() {
    check_rendering(
        "$X\n$Y",
        &[
            &format!("1:1: unresolved reference $X: {EMBEDDED}"),
            "1 | $X",
            "  | ^^",
            &format!("2:1: unresolved reference $Y: {EMBEDDED}"),
            "2 | $Y",
            "  | ^^",
        ],
    );
}

#[test]
fn rendering_with_tabs_keeps_them() {
    check_rendering(
        "\ta:\té\t$X",
        &[&format!("1:7: unresolved reference $X: {EMBEDDED}"), "1 | \ta:\té\t$X", "  | \t  \t \t^^"],
    );
}

#[test]
fn rendering_with_crlf_and_lone_cr() {
    for input in ["a\r\nb: $X\r\nc", "a\rb: $X\rc"] {
        check_rendering(
            input,
            &[&format!("2:4: unresolved reference $X: {EMBEDDED}"), "2 | b: $X", "  |    ^^"],
        );
    }
}

#[test]
fn rendering_with_wide_combining_and_astral_characters() {
    check_rendering(
        "日本 e\u{301} \u{1F600} $X",
        &[
            &format!("1:9: unresolved reference $X: {EMBEDDED}"),
            "1 | 日本 e\u{301} \u{1F600} $X",
            "  |           ^^",
        ],
    );
}

#[test]
fn rendering_replaces_what_a_terminal_would_act_upon() {
    check_rendering(
        "\u{1B}[2J\u{202E}\u{2028}\u{85}$X\u{7}",
        &[
            &format!("1:8: unresolved reference $X: {EMBEDDED}"),
            "1 | \u{FFFD}[2J\u{FFFD}\u{FFFD}\u{FFFD}$X\u{FFFD}",
            "  |        ^^",
        ],
    );
}

#[test]
fn rendering_cuts_long_lines() {
    let input = "a".repeat(1000) + "$X" + &"-b".repeat(1000);
    let shown = format!("1 | …{}$X{}…", "a".repeat(60), "-b".repeat(49));
    check_rendering(
        &input,
        &[
            &format!("1:1001: unresolved reference $X: {EMBEDDED}"),
            &shown,
            &format!("  | {}^^", " ".repeat(61)),
        ],
    );
    let fits = "a".repeat(60) + "$X" + &"-b".repeat(49);
    let line = format!("1 | {fits}");
    assert_eq!(unset_error(&fits).render(&fits).to_string().lines().nth(1), Some(line.as_str()));
}

#[test]
fn rendering_the_output_limit() {
    let input = "a: 1\nb: $A\nc";
    let vars = [("A", "aaa")];
    let render = |limit| {
        let error = Expander::new(&vars).output_limit(limit).expand(input).unwrap_err();
        error.render(input).to_string()
    };
    assert_eq!(render(9), "2:4: expansion longer than the limit of 9 bytes with $A\n2 | b: $A\n  |    ^^\n");
    // The text after the reference crosses the limit: the caret is where its line ends.
    assert_eq!(render(12), "2:6: expansion longer than the limit of 12 bytes\n2 | b: $A\n  |      ^\n");
}

#[test]
fn rendering_with_another_text_does_not_fail() {
    for other in ["", "short", "\n\n\n", "ééééééééé"] {
        assert!(
            unset_error("a: 1\nb: $X").render(other).to_string().starts_with("2:4: unresolved reference $X")
        );
    }
}

#[test]
fn positions_by_name() {
    let input = "\u{FEFF}one\r\ntwo\né\r\n";
    let cases = [
        ("start_of_input", 0, (1, 1)),
        ("after_the_byte_order_mark", 3, (1, 1)),
        ("end_of_first_line", 6, (1, 4)),
        ("start_of_second_line", 8, (2, 1)),
        ("end_of_second_line", 11, (2, 4)),
        ("after_a_character_of_two_bytes", 14, (3, 2)),
        ("end_of_input", 16, (4, 1)),
        ("beyond_the_end", 99, (4, 1)),
    ];
    for (name, offset, (line, column)) in cases {
        let position = Position::of(input, offset);
        assert_eq!((position.line, position.column), (line, column), "{name}");
    }
}

#[test]
fn explanations_name_reference_and_source() {
    let (vars, host) = ([("A", "secret")], [("B", "secret")]);
    let expander = Expander::new(&vars).fallback(&host);
    let explain = |input| expander.explain(input).unwrap().iter().map(Site::to_string).collect::<Vec<_>>();
    assert_eq!(explain("${B}"), ["${B}: from the fallback"]);
    assert_eq!(explain("$C"), ["unresolved reference $C: unset"]);
    assert_eq!(
        explain("$<A> $B"),
        [
            "$<A>: from the variables",
            "unresolved reference $B: not among the variables, and the fallback is not asked within a longer text"
        ]
    );
    let without = &Expander::new(&vars).explain("$B!").unwrap()[0];
    assert_eq!(without.provenance(), Provenance::Missing(Reason::Unset));
    assert_eq!(without.name(), "B");
}

#[test]
fn debug_output_holds_no_values() {
    let vars = [("A", "secret")];
    let expander = Expander::new(&vars).fallback(&vars).output_limit(9);
    let paths = if cfg!(any(feature = "serde", feature = "yaml")) { "paths: None, " } else { "" };
    assert_eq!(
        format!("{expander:?}"),
        format!(
            "Expander {{ fallback: true, dialect: Plain, on_unset: Default, output_limit: 9, {paths}.. }}"
        )
    );
    assert!(!format!("{:?}", expander.explain("$A")).contains("secret"));
}

#[test]
fn an_error_has_no_source() {
    assert!(std::error::Error::source(&unset_error("$X")).is_none());
}
