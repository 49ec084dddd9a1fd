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
fn a_text_is_coerced_into_an_enum_where_the_format_does_not() {
    let rules = expander();
    let plain = |text| de::Deserializer::new(Terse(text), &rules);
    let coerce = |text| plain(text).coerce();
    assert_eq!(coerce("Mail").deserialize::<Content>().unwrap(), Content::Mail);
    assert_eq!(coerce("$KIND").deserialize::<Content>().unwrap(), Content::Mail);
    let error = coerce("$SECRET").deserialize::<Content>().unwrap_err();
    assert_eq!(error.to_string(), "invalid value for $SECRET: expected one of `Mail`, `New`, `Pair`, `Full`");
    let error = plain("Mail").deserialize::<Content>().unwrap_err();
    assert_eq!(error.to_string(), "invalid type: text, expected enum Content");
}

#[test]
fn a_key_that_is_an_enum_is_not_coerced() {
    let map = MapDeserializer::new([(Terse("Mail"), 1)].into_iter());
    let rules = expander();
    let read = de::Deserializer::new(map, &rules).coerce().deserialize::<BTreeMap<Content, u8>>();
    assert_eq!(read.unwrap_err().to_string(), "invalid type: text, expected enum Content");
}
