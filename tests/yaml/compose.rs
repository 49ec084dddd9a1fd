//! The Compose dialect in YAML text: where it bites.

use super::*;
use envref::Dialect;

fn compose<'v>(vars: &'v [(&'v str, &'v str)]) -> Expander<'v, [(&'v str, &'v str)]> {
    Expander::new(vars).dialect(Dialect::Compose)
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    let vars = [("A", "x"), ("E", ""), ("LINES", "1\n2"), ("MAP", "a: b")];
    for (input, expected) in cases {
        assert_eq!(yaml::expand(input, &compose(&vars)).unwrap(), *expected, "{input:?}");
    }
}

#[test]
fn a_word_takes_the_place_of_a_reference() {
    check(&[
        ("port: ${PORT:-8080} # ${PORT:-1}\n", "port: 8080 # ${PORT:-1}\n"),
        ("\"${K:-k}\": ${U:-v}\n", "\"${K:-k}\": v\n"),
        ("- ${U:-$A}/${E:-${A}}\n- '${A:+it''s}'\n", "- x/x\n- 'it''s'\n"),
        ("- ${U:-}\n- a${U:-}\n", "- \"\"\n- a\n"),
        ("|\n  ${U:-one}\n  two ${A:-no}\n", "|\n  one\n  two x\n"),
    ]);
}

#[test]
fn a_value_in_a_word_never_becomes_structure() {
    check(&[("a: ${U:-$MAP}\n", "a: \"a: b\"\n"), ("a: ${U:-$LINES}\n", "a: \"1\\n2\"\n")]);
}

#[test]
fn a_text_with_nothing_but_escapes_is_not_skipped() {
    check(&[
        ("a: $$\n", "a: $\n"),
        ("$$", "$"),
        ("a: '$${A}'\n", "a: '${A}'\n"),
        ("a: \"$\\x24\"\n", "a: \"$\"\n"),
    ]);
}

#[test]
fn a_malformed_text_is_not_skipped() {
    for (input, place) in
        [("a: $A\nb: ${}\n", "2:4"), ("a: \"x\\x24{1}\"\n", "1:6"), ("- '${A:-{}'\n", "1:4")]
    {
        let error = yaml::expand(input, &compose(&[])).unwrap_err();
        assert_eq!((error.kind(), error.position().to_string()), (ErrorKind::Malformed, place.to_owned()));
        assert_eq!(yaml::explain(input, &compose(&[])).unwrap_err(), error);
    }
}

#[test]
fn every_malformed_text_of_a_stream_is_in_one_error_with_its_place() {
    let input = "a: ${}\nb: $A ${B?}\nc:\n- \"x\\x24{1}\"\n---\n${NO:?need: ${it}\n: ${A} ${A ${B\n";
    let error = yaml::expand(input, &compose(&[("A", "x")])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert_eq!(
        error.to_string(),
        "malformed reference ${… at 1:4: what follows ${ is not a name (write $$ for a literal $); \
         malformed reference ${… at 4:5: what follows ${ is not a name (write $$ for a literal $); \
         malformed reference ${A… at 7:8: neither } nor one of :- - :? ? :+ + after the name (write $$ for a literal $)"
    );
    assert_eq!((error.sites(), error.position().to_string()), (&[][..], "1:4".to_owned()));
    assert_eq!(yaml::explain(input, &compose(&[])).unwrap_err(), error);

    let each: Vec<_> =
        error.each().map(|error| (&input[error.span()], error.position().to_string())).collect();
    let expected = [("${", "1:4"), ("\\x24{", "4:5"), ("${A", "7:8")];
    assert_eq!(each, expected.map(|(text, position)| (text, position.to_owned())));
    let rendered: String = error.each().map(|error| error.render(input).to_string()).collect();
    assert_eq!(error.render(input).to_string(), rendered);
    assert!(rendered.starts_with("1:4: malformed reference ${…: what follows ${ is not a name (write $$ "));
    assert_eq!(rendered.lines().count(), 9);
}

/// Whatever the values, and wherever it is.
#[test]
fn what_is_malformed_comes_before_everything_else() {
    let vars = [("A", "a: b")];
    let expander = compose(&vars).output_limit(8);
    for (input, kind) in [
        ("a: $A$A$A", ErrorKind::OutputLimit),
        ("a: ${B?}", ErrorKind::Unresolved),
        ("[?$A]", ErrorKind::Inexpressible),
    ] {
        assert_eq!(yaml::expand(input, &expander).unwrap_err().kind(), kind, "{input}");
        for (input, kind) in [
            (format!("{input}\n--- ${{}}\n"), ErrorKind::Malformed),
            (format!("--- ${{}}\n---\n{input}\n"), ErrorKind::Malformed),
            (format!("--- ${{}}\n---\n{input}\n--- ["), ErrorKind::Malformed),
            (format!("{input}\n--- ["), ErrorKind::Document),
        ] {
            assert_eq!(yaml::expand(&input, &expander).unwrap_err().kind(), kind, "{input}");
        }
    }
}

#[test]
fn as_many_malformed_texts_as_there_are_take_linear_time() {
    // Quadratic time would be minutes.
    let input = "- ${\n".repeat(1 << 16);
    let error = yaml::expand(&input, &compose(&[])).unwrap_err();
    assert_eq!(error.each().count(), 1 << 16);
    assert_eq!(error.each().last().unwrap().position().line, 1 << 16);
    assert_eq!(yaml::explain(&input, &compose(&[])).unwrap_err(), error);
}

#[test]
fn a_word_may_be_folded() {
    check(&[
        ("a: ${U:-one\n  two} $A\n", "a: one two x\n"),
        ("a: '${U:-one\n\n  two}'\n", "a: \"one\\ntwo\"\n"),
        ("a: \"${U:-one \\\n  two} $A\"\n", "a: \"one two x\"\n"),
        (">\n  ${U:-one\n  two} $A\n", ">\n  one two x\n"),
    ]);
}

#[test]
fn a_word_may_hold_an_escape() {
    check(&[
        (r#"a: "${U:-\t\"q\" \\ \u00e9}""#, r#"a: "\t\"q\" \\ é""#),
        (r#"a: "\x24{U:-\x7d""#, r#"a: """#),
        (r#"a: "\x24{U\x3a\x2d8080\x7d""#, r#"a: "8080""#),
    ]);
}

#[test]
fn a_malformed_plain_scalar_has_a_hint_to_quote_it() {
    let error = |input| yaml::expand(input, &compose(&[])).unwrap_err().to_string();
    let hint = "malformed reference ${NO… at 1:4: no } closes it (`: ` and ` #` end what is not quoted in YAML; write $$ \
                for a literal $)";
    assert_eq!(error("a: ${NO:?need: it}\n"), hint);
    assert_eq!(error("a: ${NO:-b #c}\n"), hint);
    assert!(error("a: [${NO:-b}]\n").contains("(within `[]` or `{}`, a `${…}` has to be quoted)"));
    check(&[("a: '${U:-b: c #d}'\n", "a: 'b: c #d'\n"), ("[\"${U:-b}\"]", "[\"b\"]")]);
}

#[test]
fn one_error_has_every_unresolved_reference() {
    let input = "a: ${A:?set A}\nb: \"${B:-\\u0024{C?}}\"\n---\n- ${A?}\n";
    let error = yaml::expand(input, &compose(&[("B", "")])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "unresolved references: ${A:?…} at 1:4: unset, and no fallback is set: set A; ${C?} at 2:10: unset; \
         ${A?} at 4:3: unset, and no fallback is set"
    );
    let paths: Vec<_> = error.sites().iter().map(|site| site.path().unwrap()).collect();
    assert_eq!(paths, ["a", "b", "[0]"]);
    assert_eq!(&input[error.sites()[1].span()], "\\u0024{C?}");
}

#[test]
fn a_message_is_harmless_to_a_terminal() {
    let input = "a: \"${A:?one\\ntwo\\e[31m}\"\n";
    let error = yaml::expand(input, &compose(&[])).unwrap_err();
    assert!(error.to_string().ends_with("set: one\u{FFFD}two\u{FFFD}[31m"));
    assert_eq!(error.render(input).to_string().lines().count(), 3);
}

#[test]
fn sites_have_the_places_of_the_source() {
    let input = "a: \"${A:-\\u0024{B}} $$ ${C:+$D}\"\n";
    let sites = yaml::explain(input, &compose(&[])).unwrap();
    let found: Vec<_> =
        sites.iter().map(|site| (site.name(), &input[site.span()], site.provenance())).collect();
    assert_eq!(
        found,
        [
            ("A", "${A:-\\u0024{B}}", Provenance::Word),
            ("B", "\\u0024{B}", Provenance::Missing(Reason::Unset)),
            ("C", "${C:+$D}", Provenance::Word),
            ("D", "$D", Provenance::Unused),
        ]
    );
}

#[test]
fn only_a_whole_value_asks_the_fallback() {
    let host = [("A", "host")];
    let expander = compose(&[]).on_unset(Unset::Empty).fallback(&host);
    let input = "- ${A:-d}\n- x${A:-d}\n- ${U:-$A}\n- $$$A\n";
    assert_eq!(yaml::expand(input, &expander).unwrap(), "- host\n- xd\n- \"\"\n- $\n");
}

#[test]
fn words_count_against_the_limit() {
    let expander = compose(&[("A", "0123456789")]);
    let input = "- ${U:-abc}\n- $$\n- x${U:-$A$A}\n";
    assert!(yaml::expand(input, &expander.output_limit(25)).is_ok());
    let error = yaml::expand(input, &expander.output_limit(24)).unwrap_err();
    assert_eq!(
        (error.kind(), &*error.to_string()),
        (ErrorKind::OutputLimit, "expansion longer than the limit of 24 bytes with ${U:-…} at 3:4")
    );
    let error = yaml::expand("$$", &expander.output_limit(0)).unwrap_err();
    assert_eq!(error.to_string(), "expansion longer than the limit of 0 bytes with $$ at 1:1");
}

#[test]
fn unset_keep_keeps_every_byte() {
    let input = "a: \"$$ ${A} \\x24B\" # $$\n";
    assert_eq!(yaml::expand(input, &compose(&[]).on_unset(Unset::Keep)).unwrap(), input);
}
