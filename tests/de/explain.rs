//! Explanations.

use std::collections::HashMap;

use envref::{ErrorKind, Explanation, Form, Paths, Provenance, Reason, Site, Unset, de};

use crate::{expander, explain_by};

/// Returns what is shown of the references without a value.
fn unresolved(explanation: &Explanation) -> Vec<String> {
    explanation.iter().filter(|site| site.reason().is_some()).map(ToString::to_string).collect()
}

#[test]
fn all_references_come_in_one_pass_with_their_paths() {
    let text =
        r#"{"a": "$A", "b": ["${B} $PORT ${B2}", {"$K": "$<E>"}], "c": "$D$D", "n": [1, null, true, 0.5]}"#;
    let rules = expander().output_limit(1);
    let all = [
        "unresolved reference $A at a: unset, and no fallback is set",
        "unresolved reference ${B} at b[0]: unset",
        "unresolved reference ${B2} at b[0]: unset",
        "unresolved reference $<E> at b[1].$K: unset, and no fallback is set",
        "unresolved reference $D at c: unset",
        "unresolved reference $D at c: unset",
    ];
    assert_eq!(unresolved(&explain_by(text, &rules)), all);
    assert_eq!(unresolved(&explain_by(text, &rules.paths(&Paths::all()))), all);
    assert_eq!(unresolved(&explain_by(text, &rules.on_unset(Unset::Reject))), all);
    let paths = Paths::new(["b[1].*"]).unwrap();
    assert_eq!(unresolved(&explain_by(text, &rules.paths(&paths))), all[3..4]);

    let explanation = explain_by(text, &rules);
    let paths: Vec<_> = explanation.iter().map(|site| (site.name(), site.path().unwrap())).collect();
    let expected = [
        ("A", "a"),
        ("B", "b[0]"),
        ("PORT", "b[0]"),
        ("B2", "b[0]"),
        ("E", "b[1].$K"),
        ("D", "c"),
        ("D", "c"),
    ];
    assert_eq!(paths, expected);
    assert_eq!(explanation[2].to_string(), "$PORT at b[0]: from the variables");
}

#[test]
fn a_site_tells_name_form_text_span_and_provenance() {
    let host = HashMap::from([("HOST", "h"), ("E", "e")]);
    let explanation = explain_by(r#"["x $<E>", "${HOST}"]"#, &expander().fallback(&host));
    let told = |site: &Site| {
        (site.name().to_owned(), site.form(), site.text().to_owned(), site.span(), site.is_whole())
    };
    assert_eq!(told(&explanation[0]), ("E".to_owned(), Form::Angled, "$<E>".to_owned(), 2..6, false));
    assert_eq!(explanation[0].provenance(), Provenance::Missing(Reason::Embedded));
    assert_eq!(told(&explanation[1]), ("HOST".to_owned(), Form::Braced, "${HOST}".to_owned(), 0..7, true));
    assert_eq!((explanation[1].provenance(), explanation[1].reason()), (Provenance::Fallback, None));
    assert_eq!((explanation[1].path(), explanation[1].position()), (Some("[1]"), None));

    let top = explain_by(r#""$A""#, &expander());
    assert_eq!((top[0].path(), top.len()), (Some(""), 1));
}

#[test]
fn near_misses_are_sites_without_a_name() {
    let text = r#"{"a": "${PORT:-80} $PORT", "$b": "${{ x }}", "${c-d}": 1, "e": "$5 ${}"}"#;
    let explanation = explain_by(text, &expander());
    let told =
        |site: &Site| (site.name().to_owned(), site.text().to_owned(), site.path().unwrap().to_owned());
    let expected =
        [("", "${PORT:-80}", "a"), ("PORT", "$PORT", "a"), ("", "${{ x }}", "$b"), ("", "${}", "e")];
    assert_eq!(
        explanation.iter().map(told).collect::<Vec<_>>(),
        expected.map(|(name, text, path)| (name.to_owned(), text.to_owned(), path.to_owned()))
    );
    assert_eq!(explanation[0].provenance(), Provenance::NearMiss);
    assert_eq!((explanation[0].span(), explanation[0].reason()), (0..11, None));
    assert_eq!(explanation[0].to_string(), "${PORT:-80} at a: text, not a reference");

    let paths = Paths::new(["e"]).unwrap();
    let selected = explain_by(text, &expander().paths(&paths));
    assert_eq!(selected.iter().map(Site::text).collect::<Vec<_>>(), ["${}"]);
}

#[test]
fn patterns_that_selected_nothing_are_told() {
    let text = r#"{"dir": "/srv", "channels": [{"token": "$TOKEN", "port": 1, "off": null}]}"#;
    let unmatched = |patterns: &[&str]| {
        let paths = Paths::new(patterns).unwrap();
        explain_by(text, &expander().paths(&paths)).unmatched().to_vec()
    };
    assert_eq!(unmatched(&[]), [""; 0]);
    // A value that holds no reference is selected all the same, whatever its type is.
    assert_eq!(unmatched(&["dir", "channels[*].*", "**.off", "channels[0].port"]), [""; 0]);
    assert_eq!(
        unmatched(&["dirs", "dir", "channels[1].token", "!**.prompt", "channels.*.token"]),
        ["dirs", "channels[1].token", "!**.prompt", "channels.*.token"]
    );
    assert_eq!(unmatched(&["**", "!**.token"]), [""; 0]);
    assert_eq!(explain_by(text, &expander()).unmatched(), [""; 0]);
}

#[test]
fn a_document_that_cannot_be_read_is_not_explained() {
    let mut json = serde_json::Deserializer::from_str("[1");
    let error = de::explain(&mut json, &expander()).unwrap_err();
    assert_eq!((error.kind(), error.site()), (ErrorKind::Document, None));
    assert!(error.into_inner().is_eof());
}

#[test]
fn the_tags_of_yaml_are_steps_of_the_path() {
    let yaml = yaml_serde::Deserializer::from_str("- !$NONE $A\n");
    let explanation = de::explain(yaml, &expander()).unwrap();
    assert_eq!(
        unresolved(&explanation),
        ["unresolved reference $A at [0].$NONE: unset, and no fallback is set"]
    );
}
