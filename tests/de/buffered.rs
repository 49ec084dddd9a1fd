//! Types that serde reads into a buffer first, and the helpers for their fields.

use serde::Deserialize;
use serde_json::json;

use crate::types::{Adjacent, Content, Inner, Untagged};
use crate::{check, check_error};

#[test]
fn a_buffered_scalar_takes_a_reference_with_a_helper() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Helped {
        #[serde(deserialize_with = "envref::de::coerce")]
        port: u16,
        #[serde(deserialize_with = "envref::de::coerce")]
        wide: i128,
        #[serde(deserialize_with = "envref::de::coerce")]
        kind: Content,
        #[serde(default, deserialize_with = "envref::de::empty_as_none")]
        retries: Option<u8>,
        #[serde(default, deserialize_with = "envref::de::empty_as_none")]
        token: Option<String>,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Flat {
        name: String,
        #[serde(flatten)]
        inner: Helped,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "tag")]
    enum Internal {
        A(Helped),
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        A(Helped),
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "tag", content = "content")]
    enum Adjacent {
        A(Helped),
    }
    let helped =
        || Helped { port: 8080, wide: i128::MAX, kind: Content::New(8080), retries: None, token: None };
    let fields = r#""port": "$PORT", "wide": "$WIDE", "kind": {"New": "$PORT"}, "retries": "$UNSET", "token": "$EMPTY""#;
    check(&format!("{{{fields}}}"), helped());
    check(&format!(r#"{{"name": "$KIND", {fields}}}"#), Flat { name: "Mail".into(), inner: helped() });
    check(&format!(r#"{{"tag": "A", {fields}}}"#), Internal::A(helped()));
    check(&format!("{{{fields}}}"), Untagged::A(helped()));
    check(&format!(r#"{{"content": {{{fields}}}, "tag": "A"}}"#), Adjacent::A(helped()));
    check_error::<Flat>(
        r#"{"name": "n", "port": "$SECRET"}"#,
        "invalid value, in which $SECRET is expanded at port: expected u16",
    );
}

#[test]
fn a_helper_takes_what_needs_no_help() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Helped {
        #[serde(deserialize_with = "envref::de::coerce")]
        port: u16,
        #[serde(default, deserialize_with = "envref::de::empty_as_none")]
        retries: Option<u8>,
    }
    check(r#"{"port": 7, "retries": 3}"#, Helped { port: 7, retries: Some(3) });
    check(r#"{"port": "7", "retries": "3"}"#, Helped { port: 7, retries: Some(3) });
    check(r#"{"port": 7, "retries": null}"#, Helped { port: 7, retries: None });
    check(r#"{"port": 7}"#, Helped { port: 7, retries: None });
    check_error::<Helped>(
        r#"{"port": 7, "retries": "x"}"#,
        "invalid value: a value that is not shown, expected u8",
    );
}

#[test]
fn without_a_helper_a_buffered_text_is_expanded_and_not_converted() {
    check(r#""$PORT""#, Untagged::Text("8080".into()));
    check("7", Untagged::Port(7));
    check(r#"{"kind": "$C", "port": 1}"#, json!({"kind": "é", "port": 1}));
    check(r#"{"kind": "A", "content": {"port": "$PORT"}}"#, Adjacent::A(Inner { port: 8080 }));
}
