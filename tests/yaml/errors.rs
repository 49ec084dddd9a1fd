//! What is an error, with its position and message.

use std::fmt::Write as _;

use super::*;

#[test]
fn braces_in_a_flow_collection_belong_to_yaml() {
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
fn a_parse_error_has_a_position() {
    let input = "a: $A\nb: [x\nc: y\n";
    for error in
        [expand(input, &[]).unwrap_err(), yaml::explain(input, &Expander::new(&[("A", "x")])).unwrap_err()]
    {
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
        concat!(
            "unresolved references: $A at 1:4: unset, and no fallback is set; $B at 2:7: unset; ",
            "${C} at 2:12: unset, and no fallback is set; $E at 5:8: unset"
        )
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
fn no_error_holds_a_value() {
    let secret = "s3cr3t: \n\u{85}\0";
    let vars = [("A", secret)];
    let expander = Expander::new(&vars);
    let mut shown = format!("{expander:?}");
    for (input, expander) in [
        ("k: $A $B", expander.on_unset(Unset::Reject)),
        ("k: $A", expander.output_limit(6)),
        ("[?$A]", expander),
        ("k: $A\nl: [", expander),
        ("k: $A\nl: *unknown", expander),
    ] {
        let error = yaml::expand(input, &expander).unwrap_err();
        write!(shown, "{error} {error:?} {}", error.render(input)).unwrap();
    }
    assert!(!shown.contains("s3cr3t"), "{shown}");
}

#[test]
fn excessive_nesting_is_an_error() {
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
fn errors_are_send_and_sync() {
    fn check<T: Send + Sync + std::error::Error + 'static>() {}
    check::<Error>();
}

#[test]
fn an_inexpressible_value_is_an_error_at_its_first_reference() {
    let input = "a: $A\nb: {c: [x, ?y $A $B]}\n";
    let error = yaml::expand(input, &Expander::new(&[("A", "a: b"), ("B", "x")])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Inexpressible);
    let [site] = error.sites() else { panic!("{error:?}") };
    assert_eq!((site.name(), site.path(), site.span()), ("A", Some("b.c[1]"), 20..22));
    assert_eq!(
        error.to_string(),
        "the expansion of $A would change the document around it: quote the value in the template at 2:15"
    );
    assert_eq!(
        error.render(input).to_string(),
        concat!(
            "2:15: the expansion of $A would change the document around it: quote the value in the template\n",
            "2 | b: {c: [x, ?y $A $B]}\n",
            "  |               ^^\n"
        )
    );
}
