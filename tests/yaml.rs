//! YAML text: how each style of scalars is written, what is left alone, where references are, and what is refused.

#![allow(clippy::string_slice, clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "yaml")]

use std::borrow::Cow;
use std::fmt::Write as _;

use envref::{Error, ErrorKind, Expander, Explanation, Form, Paths, Provenance, Reason, Unset, yaml};

type Vars<'a> = &'a [(&'a str, &'a str)];

fn expand(input: &str, vars: Vars<'_>) -> Result<String, Error> {
    yaml::expand(input, &Expander::new(vars)).map(Cow::into_owned)
}

/// Returns the references of a stream, whatever they resolve to.
fn explain(input: &str) -> Result<Explanation, Error> {
    yaml::explain(input, &Expander::new(&()))
}

/// Checks what becomes of each input where `A` has the value beside it.
#[track_caller]
fn check(cases: &[(&str, &str, &str)]) {
    for (input, value, expected) in cases {
        assert_eq!(expand(input, &[("A", value)]).unwrap(), *expected, "{input:?} with {value:?}");
    }
}

#[test]
fn a_plain_scalar_stays_plain_where_the_value_can_be_plain() {
    check(&[
        ("port: ${A}", "8080", "port: 8080"),
        ("port: $<A> # $A", "8080", "port: 8080 # $A"),
        ("on: $A", "true", "on: true"),
        ("none: $A", "~", "none: ~"),
        ("size: $A", "-1.5e3", "size: -1.5e3"),
        ("url: $A", "http://host:80/?q#f", "url: http://host:80/?q#f"),
        ("dir: $A/data", "C:\\w", "dir: C:\\w/data"),
        ("k: a\t$A", "x", "k: a\tx"),
        ("k: :$A", "x", "k: :x"),
        ("k: ?$A", "x", "k: ?x"),
        ("k: x:$A", "?", "k: x:?"),
        ("k: [x:$A]", "y", "k: [x:y]"),
        ("k: [x:$A]", "?", "k: [\"x:?\"]"),
        ("$A", "x", "x"),
    ]);
}

#[test]
fn a_plain_scalar_is_quoted_where_the_value_would_be_structure_or_lost() {
    check(&[
        ("k: $A", "", "k: \"\""),
        ("k: $A # c", "a: b", "k: \"a: b\" # c"),
        ("k: $A", "a #b", "k: \"a #b\""),
        ("k: $A", "{a: b}", "k: \"{a: b}\""),
        ("k: $A", "*a", "k: \"*a\""),
        ("k: $A", "!t a", "k: \"!t a\""),
        ("k: $A", "- a", "k: \"- a\""),
        ("k: $A", " a ", "k: \" a \""),
        ("k: $A", "a\nb", "k: \"a\\nb\""),
        ("k: $A", "\"\\\t", "k: \"\\\"\\\\\\t\""),
        ("k: $A", "a\u{85}\u{2028}\0", "k: \"a\\x85\\u2028\\x00\""),
        ("k: it's $A", "a: b", "k: \"it's a: b\""),
        ("k: -$A", " a", "k: \"- a\""),
        ("$A", "---", "\"---\""),
    ]);
}

#[test]
fn a_quoted_scalar_stays_quoted() {
    check(&[
        ("port: \"${A}\"", "8080", "port: \"8080\""),
        ("port: '${A}'", "8080", "port: '8080'"),
        ("k: '$A'", "it's", "k: 'it''s'"),
        ("k: 'it''s $A'", "a\nb", "k: \"it's a\\nb\""),
        ("k: '$A'", "", "k: ''"),
        ("k: \"\\t$A\\t\"", "a \"b\" \\", "k: \"\\ta \\\"b\\\" \\\\\\t\""),
    ]);
}

#[test]
fn an_escape_in_double_quotes_can_be_a_part_of_a_reference() {
    check(&[
        ("k: \"\\x24{A}\"", "x", "k: \"x\""),
        ("k: \"a\\u0024A\\U00000024<A>b\"", "x", "k: \"axxb\""),
        ("k: \"\\n$\\x41\\n\"", "x", "k: \"\\nx\\n\""),
        ("k: \"${A\\\n  }\"", "x", "k: \"x\""),
        ("k: \"y $A\\x42\"", "x", "k: \"y $A\\x42\""),
        ("k: \"\\\\x24{A}\"", "x", "k: \"\\\\x24{A}\""),
        ("k: '\\x24{A}'", "x", "k: '\\x24{A}'"),
    ]);
}

#[test]
fn a_literal_block_indents_each_line_of_a_value() {
    check(&[
        ("k: |\n  $A\nl: x\n", "a\nb", "k: |\n  a\n  b\nl: x\n"),
        ("k: |\n  a $A b\n", "x\n\ny\n", "k: |\n  a x\n\n  y\n   b\n"),
        ("- - |\n   $A\n", "a\nb", "- - |\n   a\n   b\n"),
        ("k: |2\n    $A\n", "a\nb", "k: |2\n    a\n  b\n"),
        ("k: |\n\n  $A\n", "a", "k: |\n\n  a\n"),
        ("k: |\r\n  $A\r\n", "a\nb", "k: |\r\n  a\r\n  b\r\n"),
        ("k: |\n  $A\n", "a: b # c", "k: |\n  a: b # c\n"),
        ("k: |\n  \\x\n  $A\n", "\\y", "k: |\n  \\x\n  \\y\n"),
    ]);
}

#[test]
fn a_literal_block_keeps_its_chomping_or_is_quoted() {
    check(&[
        ("k: |-\n  $A\n", "a", "k: |-\n  a\n"),
        ("k: |+\n  $A\n\n\n", "a", "k: |+\n  a\n\n\n"),
        ("k: |-\n  $A\n", "a\n", "k: \"a\\n\"\n"),
        ("k: |\n  $A\n", "a\n", "k: \"a\\n\\n\"\n"),
        ("k: |\n  $A\n\n\nl: x\n", "", "k: \"\\n\"\n\n\nl: x\n"),
        ("k: |\n  x\n  $A\n", "", "k: \"x\\n\\n\"\n"),
    ]);
}

#[test]
fn a_literal_block_is_quoted_where_its_first_line_would_begin_with_a_blank() {
    check(&[
        ("k: |\n  $A\n", " a", "k: \" a\\n\"\n"),
        ("k: |\n  $A\n", "\ta", "k: \"\\ta\\n\"\n"),
        ("k: |\n  $A\n", "\na", "k: \"\\na\\n\"\n"),
        ("k: |2 # c\n  $A x\n", "", "k: \" x\\n\" # c\n"),
    ]);
}

#[test]
fn a_block_that_is_quoted_keeps_properties_comment_and_the_lines_below() {
    check(&[
        ("k: &x !t |- # c | >\n  $A\n\n# d\nl: *x\n", "\r", "k: &x !t \"\\r\" # c | >\n\n# d\nl: *x\n"),
        ("k:\n  # | no header\n  |\n  $A\n", "\r", "k:\n  # | no header\n  \"\\r\\n\"\n"),
        ("- >\n $A\n- x\n", "a\nb", "- \"a\\nb\\n\"\n- x\n"),
        ("? |\n  $A\n: |\n  $A\n", "\r", "? |\n  $A\n: \"\\r\\n\"\n"),
        ("k: |\n  $A\n---\nk: x\n", "\r", "k: \"\\r\\n\"\n---\nk: x\n"),
        ("|\n $A\n", "\r", "\"\\r\\n\"\n"),
        ("x\n...\n|\n $A\n", "\r", "x\n...\n\"\\r\\n\"\n"),
    ]);
}

#[test]
fn a_folded_block_takes_one_line_and_is_quoted_otherwise() {
    check(&[
        ("k: >\n  one\n  $A\n", "a b", "k: >\n  one\n  a b\n"),
        ("k: >-\n  one\n  $A\n", "a\nb", "k: \"one a\\nb\"\n"),
        ("k: >\n  one\n  $A\n", "", "k: \"one \\n\"\n"),
        ("k: >\n  one\n  $A\n  two\n", " a", "k: \"one  a two\\n\"\n"),
    ]);
}

#[test]
fn a_block_at_the_end_of_a_stream_without_a_newline_has_none_afterwards() {
    check(&[
        ("k: |\n  $A", "a\nb", "k: |\n  a\n  b"),
        ("k: |-\n  $A", "a", "k: |-\n  a"),
        ("k: >\n  $A", "a", "k: >\n  a"),
        ("k: |\n  $A", " a", "k: \" a\""),
        ("k: |-\n  $A", "a\n", "k: \"a\\n\""),
    ]);
}

#[test]
fn a_block_without_indentation_holds_no_document_marker() {
    check(&[
        ("--- |\n$A\n", "a\nb", "--- |\na\nb\n"),
        ("--- |\n$A\n", "a\n---\nb", "--- \"a\\n---\\nb\\n\"\n"),
        ("--- >\n$A\n", "... a", "--- \"... a\\n\"\n"),
        ("|\rx\r$A\ry\r", "---", "\"x\\n---\\ny\\n\"\r"),
        ("k: |\n  $A\n", "---", "k: |\n  ---\n"),
        ("k: >\n  $A\n", "...", "k: >\n  ...\n"),
    ]);
}

#[test]
fn a_multi_line_scalar_keeps_its_lines_where_the_value_is_one() {
    check(&[
        ("k: one\n  $A\n\n  two\n", "a b", "k: one\n  a b\n\n  two\n"),
        ("k: one\n  $A\n  two\n", "", "k: \"one  two\"\n"),
        ("k: one\n  $A\n", "- a", "k: one\n  - a\n"),
        ("k: one\n  $A\n", "a:", "k: \"one a:\"\n"),
        ("k: one\n  $A\n", "#a", "k: \"one #a\"\n"),
        ("k: $A\n  two\n", "-", "k: \"- two\"\n"),
        ("k: $A\n  two\n", "", "k: \" two\"\n"),
        ("k: 'one\n  $A\n  two'\n", "it's", "k: 'one\n  it''s\n  two'\n"),
        ("k: 'one\n  $A\n  two'\n", " a", "k: \"one  a two\"\n"),
        ("k: \"one\n  $A \\\n  two\"\n", "a\n", "k: \"one\n  a\\n \\\n  two\"\n"),
        ("k: \"one\n  $A\n  two\"\n", "", "k: \"one  two\"\n"),
        ("one\n$A\n", "--- a", "\"one --- a\"\n"),
    ]);
}

#[test]
fn a_flow_collection_takes_no_flow_indicator() {
    check(&[
        ("[$A]", "8080", "[8080]"),
        ("[$A]", "a, b", "[\"a, b\"]"),
        ("[$A]", "]", "[\"]\"]"),
        ("{a: $A, b: [$<A>]}", "{}", "{a: \"{}\", b: [\"{}\"]}"),
        ("{\"a\":$A}", "?a", "{\"a\":\"?a\"}"),
        ("[k: $A, ? l : $A]", "x", "[k: x, ? l : x]"),
        ("[\n  $A,\n  # $A\n  '$A'\n]", "a:?", "[\n  \"a:?\",\n  # $A\n  'a:?'\n]"),
    ]);
}

#[test]
fn braces_in_a_flow_collection_are_yaml_and_not_a_reference() {
    for input in ["[${A}]", "{a: ${A}}"] {
        let error = expand(input, &[("A", "x")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Document);
        assert!(
            error.to_string().contains("(within `[]` or `{}`, a `${…}` has to be quoted) at 1:"),
            "{error}"
        );
    }
    assert_eq!(expand("['${A}', \"${A}\"]", &[("A", "x")]).unwrap(), "['x', \"x\"]");
}

#[test]
fn line_ends_byte_order_mark_and_other_breaks_stay() {
    check(&[
        ("\u{FEFF}k: $A\r\nl: '$A'\r\n", "x", "\u{FEFF}k: x\r\nl: 'x'\r\n"),
        ("k: a\r\n  $A\r\n", "x", "k: a\r\n  x\r\n"),
        ("k: |\r\n  $A\r\nl: x\r\n", " ", "k: \" \\n\"\r\nl: x\r\n"),
        ("k: $A\rl: x\r", "a", "k: a\rl: x\r"),
        ("|\nx\r$A\ny", "a", "|\nx\ra\ny"),
        ("|\nx\r$A\ny", "", "\"x\\n\\ny\""),
        ("|\nx\r$A\ny", "\nb", "\"x\\n\\nb\\ny\""),
        ("|\rx\r$A\ny", "b\n", "|\rx\rb\n\ny"),
        ("|\nx\n$A\ry", "b\n", "|\nx\nb\n\ry"),
        ("'x\r$A\ny'", "", "\"x  y\""),
        // YAML 1.2 takes NEL, LS and PS for characters like others.
        ("k: \"\u{85}$A\u{2028}\"", "x", "k: \"\u{85}x\u{2028}\""),
        ("k: |\n  \u{85}$A\n", "a\nb", "k: |\n  \u{85}a\n  b\n"),
    ]);
}

#[test]
fn aliases_anchors_tags_directives_and_markers_stay() {
    check(&[
        ("k: &x $A\nl: *x\n", "a b", "k: &x a b\nl: *x\n"),
        (
            "k: !secret ${A}\nl: !include other.yaml\n",
            "a: b",
            "k: !secret \"a: b\"\nl: !include other.yaml\n",
        ),
        ("k: !!str $A\n", "1", "k: !!str 1\n"),
        (
            "%YAML 1.2\n%TAG !e! tag:e,2026:\n---\nk: !e!t $A\n...\n",
            "x",
            "%YAML 1.2\n%TAG !e! tag:e,2026:\n---\nk: !e!t x\n...\n",
        ),
        ("k: $A\n---\n- $A\n...\n---\n\"$A\"\n", "x", "k: x\n---\n- x\n...\n---\n\"x\"\n"),
        ("---\n---\n--- # $A\n...\n--- $A", "x", "---\n---\n--- # $A\n...\n--- x"),
        ("k:\nl: ~\nm: \"\"\nn: $A\n", "x", "k:\nl: ~\nm: \"\"\nn: x\n"),
    ]);
}

#[test]
fn keys_are_never_touched() {
    for input in [
        "$A: x\n\"${A}\": x\n'$A': x\n",
        "? $A\n: x\n? |\n  $A\n: x\n",
        "? [$A, {$A: $A}, '$A']\n: x\n",
        "{$A: x, ? $A : x, \"$A\": x, [$A]: x}\n",
        "[$A: x, ? {k: $A} : x]\n",
        "? ? $A\n  : $A\n: x\n",
        "? - $A\n  - k: $A\n: x\n",
    ] {
        assert_eq!(expand(input, &[("A", "v")]).unwrap(), input);
        assert!(explain(input).unwrap().is_empty());
    }
    check(&[("? [$A, $A]\n: $A\n$A: [$A]\n", "v", "? [$A, $A]\n: v\n$A: [v]\n")]);
}

#[test]
fn the_input_is_borrowed_where_nothing_is_replaced() {
    for input in [
        "",
        "a: b",
        "a: [", // Not even read.
        "a: [ cost $5",
        "# $A\nk: x # ${A}\n",
        "$A: x",
        "k: $B/x",
        "k: '${B} $$ $5'",
    ] {
        let expander = Expander::new(&[("A", "x")]);
        let result = yaml::expand(input, &expander).unwrap();
        assert!(matches!(result, Cow::Borrowed(text) if std::ptr::eq(text, input)), "{input:?}");
    }
    // A value that is its own reference replaces nothing.
    assert!(matches!(yaml::expand("k: $A", &Expander::new(&[("A", "$A")])), Ok(Cow::Borrowed("k: $A"))));
}

#[test]
fn the_fallback_is_asked_for_whole_values_only() {
    let host = [("H", "host")];
    let expander = Expander::new(&[("A", "x")]).fallback(&host);
    for (input, expected) in [
        ("k: $H", "k: host"),
        ("k: '${H}'", "k: 'host'"),
        ("k: \"\\x24{H}\"", "k: \"host\""),
        ("k: |-\n  $H\n", "k: |-\n  host\n"),
        ("k: |\n  $H\n", "k: |\n  $H\n"), // The text ends with a newline.
        ("k: x $H", "k: x $H"),
        ("k: ' $H'", "k: ' $H'"),
        ("k: $A$H", "k: x$H"),
        ("k: $NO", "k: \"\""),
    ] {
        assert_eq!(yaml::expand(input, &expander).unwrap(), expected);
    }
}

#[test]
fn values_are_not_expanded_again() {
    check(&[("k: $A", "$A ${B}", "k: $A ${B}"), ("k: |\n  $A\n  $A\n", "$A", "k: |\n  $A\n  $A\n")]);
}

#[test]
fn paths_choose_the_values() {
    let input = "a: $A\nb:\n  - c: $A\n  - d: $A\n? [x]\n: $A\n";
    for (pattern, expected) in [
        ("a", "a: v\nb:\n  - c: $A\n  - d: $A\n? [x]\n: $A\n"),
        ("b[*].c", "a: $A\nb:\n  - c: v\n  - d: $A\n? [x]\n: $A\n"),
        ("b[1].**", "a: $A\nb:\n  - c: $A\n  - d: v\n? [x]\n: $A\n"),
        ("*", "a: v\nb:\n  - c: $A\n  - d: $A\n? [x]\n: v\n"),
    ] {
        let paths = Paths::new([pattern]).unwrap();
        let expander = Expander::new(&[("A", "v")]).paths(&paths);
        assert_eq!(yaml::expand(input, &expander).unwrap(), expected, "{pattern}");
        let changed = yaml::explain(input, &expander).unwrap();
        assert_eq!(changed.len(), expected.matches('v').count());
    }
}

#[test]
fn an_inventory_has_name_form_path_place_and_wholeness() {
    let input = "\u{FEFF}a: $A # $X\r\nb:\r\n- \"é ${B}\"\r\n- [$<C>, {\"k.l\": '$D'}]\r\n--- |-\r\n  $E\r\n";
    let sites = explain(input).unwrap();
    let found: Vec<_> = sites
        .iter()
        .map(|it| {
            (it.name(), it.form(), it.path().unwrap(), it.position().unwrap().to_string(), it.is_whole())
        })
        .collect();
    let site = |name, form, path, position: &str, whole| (name, form, path, position.to_owned(), whole);
    assert_eq!(
        found,
        [
            site("A", Form::Bare, "a", "1:4", true),
            site("B", Form::Braced, "b[0]", "3:6", false),
            site("C", Form::Angled, "b[1][0]", "4:4", true),
            site("D", Form::Bare, "b[1][1][\"k.l\"]", "4:19", true),
            site("E", Form::Bare, "", "6:3", true),
        ]
    );
    for site in &sites {
        assert_eq!(&input[site.span()], site.text());
    }
}

#[test]
fn an_alias_has_a_place_among_keys_and_entries() {
    let input = "a: &a x\nb: [*a, $B]\nc: {k: *a, $K: $C, *a : $D}\n";
    let sites = explain(input).unwrap();
    let found: Vec<_> = sites.iter().map(|it| (it.path(), it.text())).collect();
    assert_eq!(found, [(Some("b[1]"), "$B"), (Some("c.$K"), "$C"), (Some("c[?]"), "$D")]);
}

#[test]
fn spans_are_exact_in_every_style() {
    for (input, spans) in [
        ("k: a $A ${B}", vec!["$A", "${B}"]),
        ("k: one\n  $A\n\n  two ${B}\n", vec!["$A", "${B}"]),
        ("k: 'it''s\n  $A ''${B}'''\n", vec!["$A", "${B}"]),
        ("k: \"$A\n\n  ${B}\"", vec!["$A", "${B}"]),
        ("k: \"\\t\\x24{A}\\u0024B$\\x43 $D\"", vec!["\\x24{A}", "\\u0024B", "$\\x43", "$D"]),
        ("k: \"a \\\n  $A ${B\\\n  }\"", vec!["$A", "${B\\\n  }"]),
        ("k: |2\n    $A\n   ${B}\n", vec!["$A", "${B}"]),
        ("k: >\n  one\n\n   $A\n  ${B}\n", vec!["$A", "${B}"]),
    ] {
        let sites = explain(input).unwrap();
        let found: Vec<_> = sites.iter().map(|site| &input[site.span()]).collect();
        assert_eq!(found, spans, "{input:?}");
    }
}

#[test]
fn a_parse_error_says_where() {
    let input = "a: $A\nb: [x\nc: y\n";
    for error in [expand(input, &[]).unwrap_err(), explain(input).unwrap_err()] {
        assert_eq!((error.kind(), error.sites()), (ErrorKind::Document, &[][..]));
        assert!(error.to_string().starts_with("invalid YAML: "), "{error}");
        assert!(error.position().line > 1, "{error}");
        assert!(error.render(input).to_string().lines().count() == 3);
    }
}

#[test]
fn a_parse_error_has_a_hint_only_where_braces_are_a_reference() {
    let hint = "(within `[]` or `{}`, a `${…}` has to be quoted)";
    for input in ["a: [${A}]", "{a: x, b: ${A}}"] {
        assert!(expand(input, &[]).unwrap_err().to_string().contains(hint), "{input}");
    }
    for input in ["a: $A\nb: [x {y}]", "a: [$A, $]]", "a: $A\nb: [x{"] {
        let error = expand(input, &[]).unwrap_err().to_string();
        assert!(!error.contains(hint), "{input}");
    }
}

#[test]
fn an_error_names_every_unresolved_reference_of_the_stream() {
    let input = "a: $A\nb: [x $B, \"\\x24{C}\"]\n$KEY: y # $D\n---\n- $SET $E\n";
    let vars = [("SET", "x")];
    let error = yaml::expand(input, &Expander::new(&vars).on_unset(Unset::Reject)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unresolved);
    assert_eq!(
        error.to_string(),
        "unresolved references: $A at 1:4: unset, and no fallback is set; $B at 2:7: unset; \
         ${C} at 2:12: unset, and no fallback is set; $E at 5:8: unset"
    );
    assert_eq!((error.span(), error.position().to_string()), (3..5, "1:4".to_owned()));
    let paths: Vec<_> = error.sites().iter().map(|it| (it.path().unwrap(), it.text())).collect();
    assert_eq!(paths, [("a", "$A"), ("b[0]", "$B"), ("b[1]", "${C}"), ("[0]", "$E")]);
    let rendered = error.render(input).to_string();
    assert!(
        rendered.starts_with(
            "1:4: unresolved reference $A: unset, and no fallback is set\n1 | a: $A\n  |    ^^\n2:7: "
        ),
        "{rendered}"
    );
    assert!(rendered.contains("2 | b: [x $B, \"\\x24{C}\"]\n  |            ^^^^^^^\n"), "{rendered}");
}

#[test]
fn problems_are_found_whatever_becomes_of_the_unset() {
    let input = "a: $A\nb: x $B\nc: $SET\n";
    let expander = Expander::new(&[("SET", "x")]).fallback(&[("A", "host"), ("B", "host")]);
    for expander in [expander, expander.on_unset(Unset::Reject)] {
        let explanation = yaml::explain(input, &expander).unwrap();
        let problems: Vec<_> = explanation.iter().filter(|site| site.reason().is_some()).collect();
        let [problem] = problems[..] else { panic!("{problems:?}") };
        assert_eq!((problem.name(), problem.path(), problem.span()), ("B", Some("b"), 11..13));
        assert_eq!(problem.reason(), Some(Reason::Embedded));
        let message = "unresolved reference $B: not among the variables, \
                       and embedded in a longer text, where no fallback is asked";
        assert_eq!(problem.to_string(), message);
        assert_eq!(problem.render(input).to_string(), format!("2:6: {message}\n2 | b: x $B\n  |      ^^\n"));
    }
    let paths = Paths::new(["a"]).unwrap();
    assert!(yaml::explain(input, &expander.paths(&paths)).unwrap().iter().all(|it| it.reason().is_none()));
}

#[test]
fn the_output_limit_counts_the_values_in_which_something_is_replaced() {
    let vars = [("A", "aaaa")];
    let expander = Expander::new(&vars);
    for (input, len) in [
        ("$A", 4),
        ("x $A", 6),
        ("x $A$A y $A z", 19),
        ("k: $A\nl: $A # comment\n", 8),
        ("k: |\n  $A\n", 5),
        ("- '$A'\n- \"x $A\"\n- $B $5\n- plain\n", 10),
    ] {
        let result = yaml::expand(input, &expander).unwrap();
        assert_eq!(yaml::expand(input, &expander.output_limit(len)).unwrap(), result);
        let error = yaml::expand(input, &expander.output_limit(len - 1)).unwrap_err();
        assert_eq!((error.kind(), error.sites().len()), (ErrorKind::OutputLimit, 1));
    }
    let crossed = yaml::expand("k: $A\nl: ${A}\n", &expander.output_limit(7)).unwrap_err();
    assert_eq!(crossed.to_string(), "expansion longer than the limit of 7 bytes with ${A} at 2:4");
    assert_eq!((crossed.sites()[0].name(), crossed.span()), ("A", 9..13));

    let nothing = "k: for f in $FILES; do echo $f; done\nl: cost $5\n";
    assert_eq!(yaml::expand(nothing, &expander.output_limit(0)).unwrap(), nothing);
}

#[test]
fn an_amplified_stream_fails_before_memory_is_taken() {
    let value = "x\n".repeat(1 << 16);
    let vars = [("A", &value)];
    let expander = Expander::new(&vars).output_limit(1 << 20);
    let many = "- $A\n".repeat(1 << 14);
    let in_one = format!("- {}\n", "$A ".repeat(1 << 14));
    let indented = format!("k: |\n{}a $A b\n", " ".repeat(1 << 14));
    for input in [many, in_one] {
        let error = yaml::expand(&input, &expander).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutputLimit);
    }
    // Each line would take the indentation with it.
    let result = yaml::expand(&indented, &expander).unwrap();
    assert!(result.len() < 1 << 20 && result.starts_with("k: \"a x\\nx\\n"));
}

#[test]
fn no_error_holds_a_value() {
    let secret = "s3cr3t: \n\u{85}\0";
    let vars = [("A", secret)];
    let expander = Expander::new(&vars);
    let mut shown = format!("{expander:?}");
    for (input, expander) in [
        ("k: $A $B", expander.on_unset(Unset::Reject)),
        ("k: $A", expander.output_limit(6)),
        ("k: $A\nl: [", expander),
        ("k: $A\nl: *unknown", expander),
    ] {
        let error = yaml::expand(input, &expander).unwrap_err();
        write!(shown, "{error} {error:?} {}", error.render(input)).unwrap();
    }
    assert!(!shown.contains("s3cr3t"), "{shown}");
}

#[test]
fn depth_is_an_error_and_not_a_crash() {
    for input in [
        "[".repeat(100_000) + "$A",
        "- ".repeat(100_000) + "$A",
        "? ".repeat(100_000) + "$A",
        "{a: ".repeat(100_000) + "$A",
    ] {
        assert_eq!(expand(&input, &[("A", "x")]).unwrap_err().kind(), ErrorKind::Document);
    }
    let deep = format!("{}$A{}", "[".repeat(200), "]".repeat(200));
    assert_eq!(expand(&deep, &[("A", "x")]).unwrap(), deep.replace("$A", "x"));
}

#[test]
fn many_references_are_as_right_as_one() {
    let vars = [("A", "x: y")];
    let entry = "- $A\n- '$A $A'\n- |\n  $A\n- x\n- [$A, \"\\x24A\"]\n";
    let result = expand(&entry.repeat(10_000), &vars).unwrap();
    assert!(result == expand(entry, &vars).unwrap().repeat(10_000));
    let sites = explain(&entry.repeat(10_000)).unwrap();
    assert_eq!(sites.len(), 60_000);
    assert_eq!(sites.last().unwrap().position().unwrap().to_string(), "60000:9");

    let one_scalar = "$A ".repeat(100_000);
    let result = expand(&format!("- '{one_scalar}'"), &vars).unwrap();
    assert!(result == format!("- '{}'", "x: y ".repeat(100_000)));
}

#[test]
fn errors_can_cross_threads() {
    fn check<T: Send + Sync + std::error::Error + 'static>() {}
    check::<Error>();
}

#[test]
fn near_misses_are_explained_with_their_place() {
    let input = "\
url: http://${HOST:-h}/$A
flow: [\"\\x24{a-b}\", '${a''b}', \"${x\\n}\"]
block: |
  ${A} ${ A }
folded: >
  ${a-
  b} $A
plain: ${a-
  b}
${KEY-x}: 1 # ${X-y}
";
    let sites = explain(input).unwrap();
    let found: Vec<_> = sites.iter().map(|it| (it.provenance(), it.text(), &input[it.span()])).collect();
    let (missing, near_miss) = (Provenance::Missing(Reason::Unset), Provenance::NearMiss);
    assert_eq!(
        found,
        [
            (near_miss, "${HOST:-h}", "${HOST:-h}"),
            (missing, "$A", "$A"),
            (near_miss, "${a-b}", "\\x24{a-b}"),
            // Where the source is another text, the place is the whole value.
            (near_miss, "${a'b}", "'${a''b}'"),
            (near_miss, "${x", "${x"),
            (missing, "${A}", "${A}"),
            (near_miss, "${ A }", "${ A }"),
            (near_miss, "${a- b}", "${a-\n  b} $A\n"),
            (missing, "$A", "$A"),
            (near_miss, "${a- b}", "${a-\n  b}"),
        ]
    );
    assert!(sites.iter().all(|it| (it.provenance() == near_miss) == it.name().is_empty()));
    assert_eq!(sites[1].position().unwrap().to_string(), "1:24");
    assert_eq!(sites[2].path(), Some("flow[0]"));
}

#[test]
fn one_by_one_the_sites_are_those_of_the_explanation() {
    let paths = Paths::new(["a", "typo"]).unwrap();
    let expander = Expander::new(&()).paths(&paths);
    let input = "a: $A ${A-b}\nb: $B\n";
    let mut sites = Vec::new();
    let unmatched = yaml::explain_each(input, &expander, |site| sites.push(site)).unwrap();
    let explanation = yaml::explain(input, &expander).unwrap();
    assert_eq!((&sites[..], &unmatched[..]), (&explanation[..], explanation.unmatched()));
    // What comes before a fault is not withheld.
    sites.clear();
    let error = yaml::explain_each("a: $A\nb: [\n", &expander, |site| sites.push(site)).unwrap_err();
    assert_eq!((sites.len(), error.kind()), (1, ErrorKind::Document));
}
