//! The adapter that coerces.

use std::collections::BTreeMap;

use envref::de;
use serde::de::value::MapDeserializer;

use crate::expander;
use crate::forwarding::Terse;
use crate::types::Content;

#[test]
fn any_text_is_coerced() {
    let text = r#"["8080", "true", "Mail", {"New": "$PORT"}, "7", "x"]"#;
    let value: (u16, bool, Content, Content, i128, String) =
        de::Deserializer::new(&mut serde_json::Deserializer::from_str(text), &expander())
            .coerce()
            .deserialize()
            .unwrap();
    assert_eq!(value, (8080, true, Content::Mail, Content::New(8080), 7, "x".to_owned()));
}

#[test]
fn an_enum_is_left_to_the_format() {
    let rules = expander();
    let error = de::Deserializer::new(Terse("Mail"), &rules).coerce().deserialize::<Content>().unwrap_err();
    assert_eq!(error.to_string(), "invalid type: text, expected enum Content");
}

#[test]
fn what_is_refused_while_coercing_is_not_shown() {
    let text = serde_json::json!({"port": "s3cret", "ports": ["80", []]});
    let error = de::coerce::<_, BTreeMap<String, u16>>(&text["port"]).unwrap_err();
    assert!(!error.to_string().contains("s3cret"), "{error}");
    let error = de::coerce::<_, u16>(&text["port"]).unwrap_err();
    assert_eq!(error.to_string(), "invalid value: a value that is not shown, expected u16");
    let error = de::coerce::<_, Vec<u16>>(&text["ports"]).unwrap_err();
    assert_eq!(error.to_string(), "invalid value: a value at [1] that is not shown, expected u16");
}

#[test]
fn a_key_that_is_an_enum_is_not_coerced() {
    let map = MapDeserializer::new([(Terse("Mail"), 1)].into_iter());
    let rules = expander();
    let read = de::Deserializer::new(map, &rules).coerce().deserialize::<BTreeMap<Content, u8>>();
    assert_eq!(read.unwrap_err().to_string(), "invalid type: text, expected enum Content");
}
