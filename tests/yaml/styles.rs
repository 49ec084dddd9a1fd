//! How a value is written in each style of scalar: cases of template, value of `A`, and result. A value keeps the style if the
//! style can hold it; otherwise the scalar is double-quoted.

use super::*;

#[test]
fn a_plain_scalar_stays_plain_where_it_can() {
    check(&[
        // The author of the template decides about the type: a number, a bool, null.
        ("port: ${A}", "8080", "port: 8080"),
        ("port: $<A> # $A", "8080", "port: 8080 # $A"),
        ("on: $A", "true", "on: true"),
        ("none: $A", "~", "none: ~"),
        ("size: $A", "-1.5e3", "size: -1.5e3"),
        // Indicators that are none in the middle of a scalar.
        ("url: $A", "http://host:80/?q#f", "url: http://host:80/?q#f"),
        ("dir: $A/data", "C:\\w", "dir: C:\\w/data"),
        // Indicators that the template has already.
        ("k: :$A", "x", "k: :x"),
        ("k: ?$A", "x", "k: ?x"),
        ("k: x:$A", "?", "k: x:?"),
        ("k: [x:$A]", "y", "k: [x:y]"),
        // A tab of the template stays; a `?` of a value within flow does not.
        ("k: a\t$A", "x", "k: a\tx"),
        ("k: [x:$A]", "?", "k: [\"x:?\"]"),
        // A document that is one scalar.
        ("$A", "x", "x"),
    ]);
}

#[test]
fn a_plain_scalar_is_quoted_where_a_value_would_be_structure() {
    check(&[
        // Null.
        ("k: $A", "", "k: \"\""),
        // A mapping, a comment, a collection, an alias, a tag, a sequence.
        ("k: $A # c", "a: b", "k: \"a: b\" # c"),
        ("k: $A", "a #b", "k: \"a #b\""),
        ("k: $A", "{a: b}", "k: \"{a: b}\""),
        ("k: $A", "*a", "k: \"*a\""),
        ("k: $A", "!t a", "k: \"!t a\""),
        ("k: $A", "- a", "k: \"- a\""),
        // Blanks and breaks that folding would lose, and characters that need an escape.
        ("k: $A", " a ", "k: \" a \""),
        ("k: $A", "a\nb", "k: \"a\\nb\""),
        ("k: $A", "\"\\\t", "k: \"\\\"\\\\\\t\""),
        ("k: $A", "a\u{85}\u{2028}\0", "k: \"a\\x85\\u2028\\x00\""),
        // Quotes of the template, an indicator that the value completes, a document marker.
        ("k: it's $A", "a: b", "k: \"it's a: b\""),
        ("k: -$A", " a", "k: \"- a\""),
        ("$A", "---", "\"---\""),
        // PyYAML refuses a tab.
        ("k: $A", "x\tb", "k: \"x\\tb\""),
    ]);
}

#[test]
fn a_quoted_scalar_stays_a_string() {
    check(&[
        // A number in quotes is a string.
        ("port: \"${A}\"", "8080", "port: \"8080\""),
        ("port: '${A}'", "8080", "port: '8080'"),
        // Single quotes double theirs; what takes more than a line needs double quotes.
        ("k: '$A'", "it's", "k: 'it''s'"),
        ("k: 'it''s $A'", "a\nb", "k: \"it's a\\nb\""),
        ("k: '$A'", "", "k: ''"),
        // Escapes of the template stay; those of the value are added.
        ("k: \"\\t$A\\t\"", "a \"b\" \\", "k: \"\\ta \\\"b\\\" \\\\\\t\""),
    ]);
}

#[test]
fn an_escape_can_be_a_part_of_a_reference() {
    check(&[
        // The `$`, a letter of the name, a folded break before the brace.
        ("k: \"\\x24{A}\"", "x", "k: \"x\""),
        ("k: \"a\\u0024A\\U00000024<A>b\"", "x", "k: \"axxb\""),
        ("k: \"\\n$\\x41\\n\"", "x", "k: \"\\nx\\n\""),
        ("k: \"${A\\\n  }\"", "x", "k: \"x\""),
        // A longer name, an escaped backslash, single quotes: no reference to `A`.
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
        // An indentation indicator, a leading empty line, CRLF.
        ("k: |2\n    $A\n", "a\nb", "k: |2\n    a\n  b\n"),
        ("k: |\n\n  $A\n", "a", "k: |\n\n  a\n"),
        ("k: |\r\n  $A\r\n", "a\nb", "k: |\r\n  a\r\n  b\r\n"),
        // Nothing in a block is an indicator or an escape.
        ("k: |\n  $A\n", "a: b # c", "k: |\n  a: b # c\n"),
        ("k: |\n  \\x\n  $A\n", "\\y", "k: |\n  \\x\n  \\y\n"),
    ]);
}

#[test]
fn a_literal_block_keeps_its_chomping_or_is_quoted() {
    check(&[
        ("k: |-\n  $A\n", "a", "k: |-\n  a\n"),
        ("k: |+\n  $A\n\n\n", "a", "k: |+\n  a\n\n\n"),
        // A newline at the end that strip would take away, or clip would hide.
        ("k: |-\n  $A\n", "a\n", "k: \"a\\n\"\n"),
        ("k: |\n  $A\n", "a\n", "k: \"a\\n\\n\"\n"),
        ("k: |\n  $A\n\n\nl: x\n", "", "k: \"\\n\"\n\n\nl: x\n"),
        ("k: |\n  x\n  $A\n", "", "k: \"x\\n\\n\"\n"),
    ]);
}

#[test]
fn a_literal_block_is_quoted_before_a_leading_blank() {
    check(&[
        // The first line with text says how deep a block is indented.
        ("k: |\n  $A\n", " a", "k: \" a\\n\"\n"),
        ("k: |\n  $A\n", "\ta", "k: \"\\ta\\n\"\n"),
        ("k: |\n  $A\n", "\na", "k: \"\\na\\n\"\n"),
        ("k: |2 # c\n  $A x\n", "", "k: \" x\\n\" # c\n"),
    ]);
}

#[test]
fn a_quoted_block_keeps_its_properties_and_comments() {
    check(&[
        // Anchor, tag, and the comment of the header.
        ("k: &x !t |- # c | >\n  $A\n\n# d\nl: *x\n", "\r", "k: &x !t \"\\r\" # c | >\n\n# d\nl: *x\n"),
        // A `|` in a comment is no header.
        ("k:\n  # | no header\n  |\n  $A\n", "\r", "k:\n  # | no header\n  \"\\r\\n\"\n"),
        // The next entry, key, document.
        ("- >\n $A\n- x\n", "a\nb", "- \"a\\nb\\n\"\n- x\n"),
        ("? |\n  $A\n: |\n  $A\n", "\r", "? |\n  $A\n: \"\\r\\n\"\n"),
        ("k: |\n  $A\n---\nk: x\n", "\r", "k: \"\\r\\n\"\n---\nk: x\n"),
        ("|\n $A\n", "\r", "\"\\r\\n\"\n"),
        ("x\n...\n|\n $A\n", "\r", "x\n...\n\"\\r\\n\"\n"),
    ]);
}

#[test]
fn a_folded_block_takes_one_line() {
    check(&[
        ("k: >\n  one\n  $A\n", "a b", "k: >\n  one\n  a b\n"),
        ("k: >-\n  one\n  $A\n", "a\nb", "k: \"one a\\nb\"\n"),
        ("k: >\n  one\n  $A\n", "", "k: \"one \\n\"\n"),
        ("k: >\n  one\n  $A\n  two\n", " a", "k: \"one  a two\\n\"\n"),
    ]);
}

#[test]
fn a_block_without_a_final_newline_gets_none() {
    check(&[
        ("k: |\n  $A", "a\nb", "k: |\n  a\n  b"),
        ("k: |-\n  $A", "a", "k: |-\n  a"),
        ("k: >\n  $A", "a", "k: >\n  a"),
        ("k: |\n  $A", " a", "k: \" a\""),
        ("k: |-\n  $A", "a\n", "k: \"a\\n\""),
    ]);
}

#[test]
fn a_block_in_the_first_column_is_quoted() {
    check(&[
        // Some parsers end it at a line in the first column, or at a marker.
        ("--- |\n$A\n", "a", "--- \"a\\n\"\n"),
        ("|\n#$A", "a", "\"#a\""),
        (">\n$A\n\n---\nx", "a", "\"a\\n\"\n\n---\nx"),
        ("--- |\n $A\n", "a\nb", "--- |\n a\n b\n"),
        ("--- |\n$A\n", "a\n---\nb", "--- \"a\\n---\\nb\\n\"\n"),
        ("--- >\n$A\n", "... a", "--- \"... a\\n\"\n"),
        ("|\rx\r$A\ry\r", "---", "\"x\\n---\\ny\\n\"\r"),
        // Indented, a marker is text.
        ("k: |\n  $A\n", "---", "k: |\n  ---\n"),
        ("k: >\n  $A\n", "...", "k: >\n  ...\n"),
    ]);
}

#[test]
fn a_folded_scalar_keeps_its_lines() {
    check(&[
        // Plain: a line that a value leaves empty would be a break.
        ("k: one\n  $A\n\n  two\n", "a b", "k: one\n  a b\n\n  two\n"),
        ("k: one\n  $A\n  two\n", "", "k: \"one  two\"\n"),
        ("k: one\n  $A\n", "- a", "k: one\n  - a\n"),
        ("k: one\n  $A\n", "a:", "k: \"one a:\"\n"),
        ("k: one\n  $A\n", "#a", "k: \"one #a\"\n"),
        ("k: $A\n  two\n", "-", "k: \"- two\"\n"),
        ("k: $A\n  two\n", "", "k: \" two\"\n"),
        // Single-quoted, then double-quoted.
        ("k: 'one\n  $A\n  two'\n", "it's", "k: 'one\n  it''s\n  two'\n"),
        ("k: 'one\n  $A\n  two'\n", " a", "k: \"one  a two\"\n"),
        ("k: \"one\n  $A \\\n  two\"\n", "a\n", "k: \"one\n  a\\n \\\n  two\"\n"),
        ("k: \"one\n  $A\n  two\"\n", "", "k: \"one  two\"\n"),
        // A document marker at the start of a line.
        ("one\n$A\n", "--- a", "\"one --- a\"\n"),
    ]);
}

#[test]
fn a_value_never_ends_a_flow_collection() {
    check(&[
        ("[$A]", "8080", "[8080]"),
        ("[$A]", "a, b", "[\"a, b\"]"),
        ("[$A]", "]", "[\"]\"]"),
        ("{a: $A, b: [$<A>]}", "{}", "{a: \"{}\", b: [\"{}\"]}"),
        // PyYAML and go-yaml end the scalar at the `?`.
        ("[$A]", "http://h/p?q=1", "[\"http://h/p?q=1\"]"),
        ("[x?y $A]", "z", "[x?y z]"),
        ("{\"a\":$A}", "?a", "{\"a\":\"?a\"}"),
        ("[k: $A, ? l : $A]", "x", "[k: x, ? l : x]"),
        ("[\n  $A,\n  # $A\n  '$A'\n]", "a:?", "[\n  \"a:?\",\n  # $A\n  'a:?'\n]"),
    ]);
}

#[test]
fn what_libyaml_takes_for_a_key_is_never_quoted() {
    check(&[("[?$A]", "x", "[?x]"), ("[&a :$A]", "x", "[&a :x]")]);
    for input in ["[?$A]", "[&a :$A]"] {
        for value in ["a: b", "2026-02-30", ""] {
            let error = expand(input, &[("A", value)]).unwrap_err();
            assert_eq!((error.kind(), error.sites()[0].name()), (ErrorKind::Inexpressible, "A"));
        }
    }
}

#[test]
fn blank_lines_below_a_newly_quoted_scalar_lose_their_tabs() {
    check(&[
        ("k: $A\t# c\n \t\n\t\nl: x\n", "a: b", "k: \"a: b\"\t# c\n \t\n\t\nl: x\n"),
        ("k: $A\t\n \t\n\nl: x\n", "a: b", "k: \"a: b\"\t\n \n\nl: x\n"),
        ("k: $A\n \t# c\nl: x\n", "a: b", "k: \"a: b\"\n # c\nl: x\n"),
        ("k: $A\n \t\nl: x\n", "a", "k: a\n \t\nl: x\n"),
        ("[$A\n \t]", "a, b", "[\"a, b\"\n \t]"),
    ]);
}

#[test]
fn what_a_parser_rejects_for_its_type_is_quoted() {
    check(&[
        ("k: $A", "=", "k: \"=\""),
        ("k: $A", "<<", "k: \"<<\""),
        ("[0$A]", "x_", "[\"0x_\"]"),
        ("day: 2026-$A", "02-30", "day: \"2026-02-30\""),
        ("day: 2026-$A", "02-28", "day: 2026-02-28"),
        ("day: '$A'", "2026-02-30", "day: '2026-02-30'"),
    ]);
}

#[test]
fn a_line_break_of_yaml_1_1_is_quoted_or_an_error() {
    check(&[
        // To YAML 1.1, NEL, LS and PS end a line.
        ("k: a\u{2028}b $A\n", "x", "k: \"a\\u2028b x\"\n"),
        ("k: |\n  a\u{85}b $A\n", "x", "k: \"a\\x85b x\\n\"\n"),
        ("k: |\n  a\u{85}  # $A\n", "x", "k: \"a\\x85  # x\\n\"\n"),
        ("'\u{85}$A'", "---", "\"\\x85---\""),
        ("\"$A\u{2028}\"", "x ", "\"x \\u2028\""),
    ]);
    // What follows could be structure.
    for input in ["- a\u{85}- $A\n", "[a:\u{2028} $A]", "--- |\n  a\u{85}#$A\n", "- |\n  $A\u{2029}b: c\n"] {
        assert_eq!(expand(input, &[("A", "x")]).unwrap_err().kind(), ErrorKind::Inexpressible, "{input:?}");
    }
}
