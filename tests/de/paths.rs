//! The places that an expander selects.

use envref::{Expander, Paths, Unset, de};
use serde_json::{Value, json};

use crate::types::{Content, Inner};
use crate::{assert_starts_with, expander, explain_by, read_by};

/// Reads a value with the places that `patterns` select.
fn read_at(text: &str, patterns: &[&str]) -> Value {
    let paths = Paths::new(patterns).unwrap();
    read_by(text, &expander().paths(&paths)).unwrap()
}

#[test]
fn only_selected_values_are_expanded() {
    let text = r#"{"dir": "$PORT", "channels": [{"config": {"a": "$PORT", "b": {"c": "$PORT"}}}],
        "Full": {"token": "$PORT"}, "esc\u0061ped": {"token": "$PORT"}, "token": "$PORT"}"#;
    let cases: [(&[&str], &[&str]); 6] = [
        (&[], &[]),
        (&["dir"], &["/dir"]),
        (&["channels[*].config.*"], &["/channels/0/config/a"]),
        (&["channels[0].**", "dir"], &["/dir", "/channels/0/config/a", "/channels/0/config/b/c"]),
        (&["**.token"], &["/Full/token", "/escaped/token", "/token"]),
        (&["escaped.*"], &["/escaped/token"]),
    ];
    for (patterns, expanded) in cases {
        let mut expected: Value = serde_json::from_str(text).unwrap();
        for pointer in expanded {
            *expected.pointer_mut(pointer).unwrap() = "8080".into();
        }
        assert_eq!(read_at(text, patterns), expected, "{patterns:?}");
    }
}

#[test]
fn an_exclusion_takes_away_what_patterns_before_it_have_selected() {
    let text = r#"{"a": {"prompt": "$PORT", "x": "$PORT"}, "prompt": "$PORT", "b": ["$PORT"]}"#;
    let read = |patterns: &[&str]| read_at(text, patterns);
    assert_eq!(
        read(&["**", "!**.prompt"]),
        json!({"a": {"prompt": "$PORT", "x": "8080"}, "prompt": "$PORT", "b": ["8080"]})
    );
    // A pattern by itself that takes away takes away from all.
    assert_eq!(read(&["!**.prompt"]), read(&["**", "!**.prompt"]));
    // The last one decides.
    assert_eq!(
        read(&["**", "!**.prompt", "a.prompt"]),
        json!({"a": {"prompt": "8080", "x": "8080"}, "prompt": "$PORT", "b": ["8080"]})
    );
    assert_eq!(
        read(&["a.*", "!a.**", "b[0]"]),
        json!({"a": {"prompt": "$PORT", "x": "$PORT"}, "prompt": "$PORT", "b": ["8080"]})
    );
}

#[test]
fn an_excluded_reference_is_neither_rejected_nor_explained() {
    let text = r#"{"prompt": "$UNSET", "a": "$PORT"}"#;
    let paths = Paths::new(["!prompt"]).unwrap();
    let rules = expander().paths(&paths);
    let read: Value = read_by(text, &rules.on_unset(Unset::Reject)).unwrap();
    assert_eq!(read, json!({"prompt": "$UNSET", "a": "8080"}));
    let explanation = explain_by(text, &rules);
    assert_eq!(explanation.iter().map(|site| site.path()).collect::<Vec<_>>(), [Some("a")]);
}

#[test]
fn a_long_key_is_told_from_others_to_its_end() {
    let selected = "é".repeat(300);
    let others = [selected.clone() + "é", "é".repeat(299), "é".repeat(299) + "e", "é".repeat(64)];
    let document: Value =
        [&selected].into_iter().chain(&others).map(|key| (key.clone(), Value::from("$PORT"))).collect();
    let text = document.to_string();
    let read = read_at(&text, &[&selected]);
    assert_eq!(read[&selected], "8080");
    for other in others {
        assert_eq!(read[&other], "$PORT");
    }
    let vars = [("A", "x")];
    let rules = Expander::new(&vars);
    for (paths, expected) in [(Paths::new([&selected]).unwrap(), (1, 0)), (Paths::all(), (4, 1))] {
        let explanation = explain_by(&text, &rules.paths(&paths));
        let shown = |path: &str| explanation.iter().filter(|site| site.path() == Some(path)).count();
        assert_eq!((shown(&("é".repeat(64) + "…")), shown(&"é".repeat(64))), expected);
    }
}

#[test]
fn a_reference_that_is_not_selected_is_not_converted() {
    let paths = Paths::new(["a"]).unwrap();
    let result = read_by::<Inner>(r#"{"port": "$PORT"}"#, &expander().paths(&paths));
    assert_starts_with(result, r#"invalid type: string "$PORT", expected u16"#);
}

#[test]
fn patterns_see_the_document_and_not_the_type() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Agent {
        prompt: String,
    }

    let paths = Paths::new(["!**.prompt"]).unwrap();
    let expander = expander().paths(&paths);
    let read = |text| read_by::<Agent>(text, &expander).unwrap().prompt;
    assert_eq!(read(r#"{"prompt": "$PORT"}"#), "$PORT");
    assert_eq!(read(r#"["$PORT"]"#), "8080");
}

/// Formats of bytes (`MessagePack`, CBOR) may name a variant by bytes.
#[test]
fn the_name_of_a_variant_is_a_step_also_as_bytes() {
    use serde::de::value::{BytesDeserializer, Error, MapAccessDeserializer, MapDeserializer};

    let paths = Paths::new(["**", "!**.New"]).unwrap();
    let vars = [("A", "8080")];
    let rules = Expander::new(&vars).paths(&paths);
    let map = MapDeserializer::new([(BytesDeserializer::<Error>::new(b"New"), "$A")].into_iter());
    let enums = MapAccessDeserializer::new(map);
    let error = de::Deserializer::new(enums, &rules).deserialize::<Content>().unwrap_err();
    assert_eq!(error.to_string(), "invalid type: string \"$A\", expected u16");
}
