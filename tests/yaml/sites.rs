//! What an explanation has: each reference of a stream with its place.

use super::*;

fn explain(input: &str) -> Explanation {
    yaml::explain(input, &Expander::new(&[("A", "x")])).unwrap()
}

fn position(site: &Site) -> String {
    site.position().unwrap().to_string()
}

#[test]
fn a_site_has_name_form_path_and_position() {
    let input = "\u{FEFF}a: $A # $X\r\nb:\r\n- \"é ${B}\"\r\n- [$<C>, {\"k.l\": '$D'}]\r\n--- |-\r\n  $E\r\n";
    let sites = explain(input);
    let found: Vec<_> =
        sites.iter().map(|it| (it.name(), it.form(), it.path(), position(it), it.is_whole())).collect();
    let site = |name, form, path, position: &str, whole| (name, form, Some(path), position.to_owned(), whole);
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
    for site in sites {
        assert_eq!(&input[site.span()], site.text());
    }
}

#[test]
fn an_alias_counts_as_an_entry_of_paths() {
    let input = "a: &a x\nb: [*a, $B]\nc: {k: *a, $K: $C, *a : $D}\n";
    let sites = explain(input);
    let found: Vec<_> = sites.iter().map(|it| (it.path().unwrap(), it.text())).collect();
    assert_eq!(found, [("b[1]", "$B"), ("c.$K", "$C"), ("c[?]", "$D")]);
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
        let sites = explain(input);
        let found: Vec<_> = sites.iter().map(|site| &input[site.span()]).collect();
        assert_eq!(found, spans, "{input:?}");
    }
}

#[test]
fn a_site_has_its_provenance() {
    let input = "a: $A\nb: [$H, x $H, $N]\n$KEY: '${N:-d}'\n";
    let expander = Expander::new(&[("A", "x")]).fallback(&[("H", "host")]);
    let sites = yaml::explain(input, &expander).unwrap();
    let found: Vec<_> = sites.iter().map(|it| (it.text(), it.provenance())).collect();
    assert_eq!(
        found,
        [
            ("$A", Provenance::Vars),
            ("$H", Provenance::Fallback),
            ("$H", Provenance::Missing(Reason::Embedded)),
            ("$N", Provenance::Missing(Reason::Unset)),
            ("${N:-d}", Provenance::NearMiss),
        ]
    );
    let without = yaml::explain("a: $H", &Expander::new(&[("A", "x")])).unwrap();
    assert_eq!(without[0].provenance(), Provenance::Missing(Reason::NoFallback));
    assert_eq!(without[0].render("a: $H").to_string().lines().nth(2), Some("  |    ^^"));
}

#[test]
fn a_near_miss_has_span_and_position() {
    for (input, misses) in [
        ("k: ${A:-d} $A\n", &[("${A:-d}", "${A:-d}", "1:4")][..]),
        ("k: a ${{ x }} b\n", &[("${{ x }}", "${{ x }}", "1:6")]),
        ("k: one\n  ${a-b}\n", &[("${a-b}", "${a-b}", "2:3")]),
        ("k: 'it''s ${A:-it''s}'\n", &[("${A:-it's}", "${A:-it''s}", "1:11")]),
        ("k: \"\\t\\x24{A:-\\\"}\"\n", &[("${A:-\"}", "\\x24{A:-\\\"}", "1:7")]),
        ("k: |\n  x\n  ${A-}\n  $A ${B\n", &[("${A-}", "${A-}", "3:3"), ("${B", "${B", "4:6")]),
        ("k: >\n  ${A:-a\n  b} $A\n", &[("${A:-a b}", "${A:-a\n  b}", "2:3")]),
        ("[\"${A:-[${A}]}\"]", &[("${A:-[${A}]}", "${A:-[${A}]}", "1:3")]),
        ("${K:-d}: x # ${A:-d}\n", &[]),
    ] {
        let sites = explain(input);
        let found: Vec<_> = sites.iter().filter(|it| it.provenance() == Provenance::NearMiss).collect();
        assert_eq!(found.len(), misses.len(), "{input:?}");
        for (site, (text, source, at)) in found.into_iter().zip(misses) {
            assert_eq!((site.text(), &input[site.span()], &*position(site)), (*text, *source, *at));
            assert_eq!((site.name(), site.path().is_some()), ("", true), "{input:?}");
        }
    }
}

#[test]
fn sites_are_in_the_order_of_the_stream() {
    let input = "a: ${A-} $A ${A:-$A} \"\nb: \"\\x24{A-} \\x24A\"\n";
    let starts: Vec<_> = explain(input).iter().map(|it| it.span().start).collect();
    assert_eq!(starts, [3, 9, 12, 17, 27, 36]);
}

#[test]
fn unmatched_patterns_are_reported() {
    let unmatched = |input: &str, patterns: &[&str]| {
        let paths = Paths::new(patterns).unwrap();
        yaml::explain(input, &Expander::new(&[("A", "x")]).paths(&paths)).unwrap().unmatched().to_owned()
    };
    let input = "a: $A\nb: [{c: x}]\nc: *d\n".replace("*d", "{e: ~}");
    assert_eq!(unmatched(&input, &["a", "b[0].c", "c.e"]), [""; 0]);
    assert_eq!(unmatched(&input, &["a", "bb", "b[*].d", "!**.x", "b"]), ["bb", "b[*].d", "!**.x", "b"]);
    assert_eq!(unmatched("no: reference", &["no", "none"]), ["none"]);
    assert!(explain(&input).unmatched().is_empty());
}

#[test]
fn explain_each_gives_the_sites_of_explain() {
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
