//! What stays byte for byte: everything that is not a reference in a value.

use super::*;

#[test]
fn line_ends_byte_order_mark_and_other_breaks_stay() {
    check(&[
        ("\u{FEFF}k: $A\r\nl: '$A'\r\n", "x", "\u{FEFF}k: x\r\nl: 'x'\r\n"),
        ("k: a\r\n  $A\r\n", "x", "k: a\r\n  x\r\n"),
        ("k: |\r\n  $A\r\nl: x\r\n", " ", "k: \" \\n\"\r\nl: x\r\n"),
        ("k: $A\rl: x\r", "a", "k: a\rl: x\r"),
        ("|\n x\r $A\n y", "a", "|\n x\r a\n y"),
        ("|\n x\r $A\n y", "", "|\n x\r \n y"),
        ("|\n x\r $A\n y", "\nb", "|\n x\r \n b\n y"),
        ("x\r$A\ny", "", "\"x  y\""),
        ("|\r x\r $A\n y", "b\n", "|\r x\r b\n \n y"),
        ("|\n x\n $A\r y", "b\n", "|\n x\n b\n \r y"),
        ("'x\r$A\ny'", "", "\"x  y\""),
        // YAML 1.2 takes NEL, LS and PS for characters like others, YAML 1.1 for line breaks.
        ("k: \"\u{85}$A\u{2028}\"", "x", "k: \"\\x85x\\u2028\""),
        ("k: |\n  \u{85}$A\n", "a\nb", "k: \"\\x85a\\nb\\n\"\n"),
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
        assert!(yaml::explain(input, &Expander::new(&[("A", "v")])).unwrap().is_empty());
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
