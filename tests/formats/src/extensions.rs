//! What formats have beyond the data model of serde: tags of YAML, places of TOML, raw text.

use std::collections::BTreeMap;

use envref::{Expander, Paths, de};
use serde::Deserialize;

use crate::format::Format;
use crate::types::{At, Kind};

#[test]
fn a_tag_of_yaml_names_a_variant_and_its_content_is_expanded() {
    let vars = [("PORT", "8080"), ("EMPTY", "")];
    for format in [Format::Yaml, Format::Saphyr] {
        for (text, expected) in [
            ("v: !new ${PORT}", Kind::New(8080)),
            ("v: !pair [\"80$EMPTY\", true]", Kind::Pair(80, true)),
            ("v: !full {port: \"${PORT}\"}", Kind::Full { port: 8080 }),
        ] {
            let read = format.read::<At<Kind<u16>>>(text.as_bytes(), &vars).unwrap();
            assert_eq!(read.v, expected, "{format:?} {text}");
        }
    }
}

#[test]
fn a_spanned_value_of_toml_has_the_path_of_the_value() {
    let vars = [("PORT", "8080"), ("SECRET", "s3cret")];
    let paths = Paths::new(["v"]).unwrap();
    let expander = Expander::new(&vars).paths(&paths);
    let read = |text| {
        let toml = toml::Deserializer::parse(text).unwrap();
        de::Deserializer::new(toml, &expander).deserialize::<At<toml::Spanned<u16>>>()
    };
    assert_eq!(*read("v = \"$PORT\"").unwrap().v.get_ref(), 8080);
    let error = read("v = \"$SECRET\"").unwrap_err();
    assert!(error.to_string().contains("invalid value for $SECRET at v: expected u16"), "{error}");
}

/// A value in it would be structure as soon as somebody reads it.
#[test]
fn raw_text_of_ron_is_left_alone() {
    use ron::value::RawValue;

    let raw = r#"(a: "$PORT", b: ["x$PORT"])"#;
    let text = format!(r#"{{"v": {raw}, "w": "$PORT"}}"#);
    let vars = [("PORT", "8080")];
    let expander = Expander::new(&vars);

    let mut ron = ron::Deserializer::from_str(raw).unwrap();
    let read: &RawValue = de::deserialize(&mut ron, &expander).unwrap();
    assert_eq!(read.get_ron(), raw);

    let mut ron = ron::Deserializer::from_str(&text).unwrap();
    let read: BTreeMap<String, Box<RawValue>> = de::deserialize(&mut ron, &expander).unwrap();
    assert_eq!(read["v"].get_ron().trim(), raw);
    assert_eq!(read["w"].get_ron().trim(), "\"$PORT\"");

    #[derive(Debug, Deserialize)]
    struct Beside {
        v: Box<RawValue>,
        w: u16,
    }
    let text = format!(r#"(v: {raw}, w: "$PORT")"#);
    let mut ron = ron::Deserializer::from_str(&text).unwrap();
    let read: Beside = de::deserialize(&mut ron, &expander).unwrap();
    assert_eq!((read.v.get_ron().trim(), read.w), (raw, 8080));
}
