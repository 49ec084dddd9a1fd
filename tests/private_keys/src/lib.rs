//! A value never becomes structure by way of a private key: the same whether a neighbour has the formats honour it or not.

#![cfg(test)]

use std::collections::BTreeMap;
use std::fmt::Debug;

use envref::{Expander, Paths, Site, Unset, de};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

type Vars = [(&'static str, &'static str)];

/// Values that are structure, a number or a datetime where a text is taken for one.
const VARS: &Vars =
    &[("OBJECT", r#"{"admin":true}"#), ("ITEMS", r#"a","b"#), ("NUMBER", "8080"), ("DATE", "1979-05-27")];

/// Texts with references to them, as they are written in JSON, YAML and TOML alike.
const TEXTS: [&str; 6] =
    ["$OBJECT", r#"[\"$ITEMS\"]"#, "${NUMBER}", "80$NUMBER", "$<DATE>", "$DATE 07:32:00"];

/// At least one key for each entry of the table of the adapter.
const KEYS: [&str; 18] = [
    "$serde_json::private::RawValue",
    "$serde_json::private::Number",
    "$__toml_private_datetime",
    "$__toml_private_Datetime",
    "$sonic_rs::private::Value",
    "$sonic_rs::private::JsonNumber",
    "$__private__bson_RawDocument",
    "$__private__bson_RawArray",
    "$__private__bson_RawBson",
    "$__bson_private_uuid",
    "___figment_value_id",
    "___figment_value_value",
    "___figment_relative_path",
    "$ron::private::RawValue",
    "$serde_json_lenient::private::RawValue",
    "$serde_json_lenient::private::Number",
    "$sonic_rs::LazyValue",
    "$sonic::OwnedLv",
];

/// Where a private key can be: `KEY`, with the text `TEXT` under it. The text `OUTSIDE` is under no private key.
const TEMPLATES: [&str; 9] = [
    r#"{"KEY": "TEXT"}"#,
    r#"[{"KEY": "TEXT"}, "OUTSIDE"]"#,
    r#"{"a": {"KEY": "TEXT"}, "z": "OUTSIDE"}"#,
    r#"{"a": {"KEY": "TEXT", "b": "OUTSIDE"}}"#,
    r#"{"a": {"b": "OUTSIDE", "KEY": "TEXT"}}"#,
    r#"{"a": {"KEY": ["TEXT", {"b": "TEXT"}], "b": "OUTSIDE"}}"#,
    r#"{"a": {"KEY": {"KEY": "TEXT"}}, "z": "OUTSIDE"}"#,
    r#"[{"\u0024serde_json::private::RawValue": "TEXT"}, {"KEY": "TEXT"}, "OUTSIDE"]"#,
    r#"{"KEY": 80, "a": {"KEY": "TEXT"}, "z": ["OUTSIDE"]}"#,
];

fn fill(template: &str, key: &str, text: &str, outside: &str) -> String {
    template.replace("KEY", key).replace("TEXT", text).replace("OUTSIDE", outside)
}

/// Calls `f` with each template for each key and each text.
fn for_each_template(mut f: impl FnMut(&dyn Fn(&str) -> String)) {
    for template in TEMPLATES {
        for key in KEYS {
            for text in TEXTS {
                f(&|outside| fill(template, key, text, outside));
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Json,
    Yaml,
    Toml,
}

impl Format {
    const ALL: [Self; 3] = [Self::Json, Self::Yaml, Self::Toml];

    /// Reads a document that has `value`, which is written in JSON, under the key `v`; through the adapter if there is one.
    fn read<T: DeserializeOwned>(
        self,
        value: &str,
        expander: Option<&Expander<'_, Vars>>,
    ) -> Result<T, String> {
        fn run<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
            deserializer: D,
            expander: Option<&Expander<'_, Vars>>,
        ) -> Result<T, String> {
            match expander {
                Some(expander) => de::deserialize(deserializer, expander).map_err(|error| error.to_string()),
                None => T::deserialize(deserializer).map_err(|error| error.to_string()),
            }
        }
        let json = format!(r#"{{"v": {value}}}"#);
        match self {
            Self::Json => run(&mut serde_json::Deserializer::from_str(&json), expander),
            Self::Yaml => run(yaml_serde::Deserializer::from_str(&json), expander),
            Self::Toml => {
                let toml = format!("v = {}", value.replace("\": ", "\" = "));
                run(toml::Deserializer::parse(&toml).map_err(|error| error.to_string())?, expander)
            }
        }
    }
}

#[derive(Debug, Deserialize, PartialEq)]
struct At<T> {
    v: T,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only shown")]
struct Flat {
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only shown")]
#[serde(untagged)]
enum Untagged {
    List(Vec<serde_json::Value>),
    Json(serde_json::Value),
    Toml(toml::Value),
}

#[test]
fn there_is_a_key_for_each_entry_of_the_table() {
    let table = include_str!("../../../src/de/private.rs");
    let table = table.split_once("const PRIVATE").and_then(|(_, rest)| rest.split_once("];")).unwrap().0;
    let entry = |line: &'static str| line.trim().strip_prefix('"')?.strip_suffix("\",");
    let entries: Vec<_> = table.lines().filter_map(entry).collect();
    assert!(!entries.is_empty());
    for entry in entries {
        assert!(KEYS.iter().any(|key| key.starts_with(entry)), "{entry}");
    }
}

/// Without this, the other tests would say nothing.
#[test]
fn a_text_under_a_private_key_is_structure_where_a_format_honours_the_key() {
    let read = |key, text| {
        let value = fill(TEMPLATES[0], key, text, "");
        Format::Yaml.read::<At<serde_json::Value>>(&value, None).unwrap().v
    };
    let honours = cfg!(feature = "neighbour");
    assert_eq!(read(KEYS[0], r#"{\"admin\":true}"#)["admin"] == true, honours);
    assert_eq!(read(KEYS[0], r#"[\"a\",\"b\"]"#)[1] == "b", honours);
    assert_eq!(read(KEYS[1], "8080").is_number(), honours);

    let value = fill(TEMPLATES[0], KEYS[2], "1979-05-27", "");
    for format in Format::ALL {
        assert!(format.read::<At<toml::Value>>(&value, None).unwrap().v.is_datetime(), "{format:?}");
    }
}

#[test]
fn a_text_under_a_private_key_is_read_as_without_the_adapter() {
    fn check<T: DeserializeOwned + Debug>() {
        let expander = Expander::new(VARS);
        for_each_template(|template| {
            for format in Format::ALL {
                let through = format.read::<At<T>>(&template("$NUMBER"), Some(&expander));
                let direct = format.read::<At<T>>(&template("8080"), None);
                match (through, direct) {
                    (Ok(through), Ok(direct)) => {
                        assert_eq!(format!("{through:?}"), format!("{direct:?}"), "{format:?}");
                    }
                    (Err(through), Err(_)) => {
                        for (_, value) in VARS {
                            assert!(!through.contains(value), "{format:?}: {through}");
                        }
                    }
                    (through, direct) => {
                        panic!("{format:?} {}: {through:?}, without {direct:?}", template("$NUMBER"))
                    }
                }
            }
        });
    }
    check::<serde_json::Value>();
    check::<BTreeMap<String, serde_json::Value>>();
    check::<toml::Value>();
    check::<toml::Table>();
    check::<yaml_serde::Value>();
    check::<figment::value::Value>();
    check::<Flat>();
    check::<Untagged>();
}

#[test]
fn a_text_under_a_private_key_is_neither_listed_nor_rejected() {
    let vars: &Vars = &[("OUT", "x")];
    let expander = Expander::new(vars).on_unset(Unset::Reject);
    for_each_template(|template| {
        let value = template("$OUT");
        let explanation = de::explain(&mut serde_json::Deserializer::from_str(&value), &expander).unwrap();
        let names: Vec<_> = explanation.iter().map(Site::name).collect();
        assert_eq!(names, vec!["OUT"; value.matches("$OUT").count()], "{value}");
        for format in Format::ALL {
            let read = format.read::<At<yaml_serde::Value>>(&value, Some(&expander));
            assert!(read.is_ok(), "{format:?} {value}: {read:?}");
        }
    });
}

#[test]
fn an_alias_under_a_private_key_is_private() {
    let expander = Expander::new(VARS);
    for key in KEYS {
        let yaml = format!("v: {{a: &text $NUMBER, b: {{'{key}': *text}}, c: *text}}");
        let yaml = yaml_serde::Deserializer::from_str(&yaml);
        let read: At<yaml_serde::Value> = de::deserialize(yaml, &expander).unwrap();
        assert_eq!(
            (&read.v["a"], &read.v["b"][key], &read.v["c"]),
            (&"8080".into(), &"$NUMBER".into(), &"8080".into())
        );
    }
}

/// What is left of a key is private, once a type has taken its prefix away.
#[test]
fn a_private_key_with_a_prefix_is_one() {
    serde_with::with_prefix!(prefix "p_");

    #[derive(Debug, Deserialize)]
    struct Prefixed {
        #[serde(flatten, with = "prefix")]
        rest: serde_json::Value,
    }

    let expander = Expander::new(VARS);
    for format in Format::ALL {
        let read = |value: &str, expander| format.read::<At<Prefixed>>(value, expander);
        let honoured = read(r#"{"p_$serde_json::private::RawValue": "{\"admin\":true}"}"#, None).unwrap();
        assert_eq!(honoured.v.rest["admin"] == true, cfg!(feature = "neighbour"));
        let through = read(r#"{"p_$serde_json::private::RawValue": "$OBJECT"}"#, Some(&expander));
        // As it stands, the text is no JSON.
        let expected = (!cfg!(feature = "neighbour")).then_some("$OBJECT".into());
        let text = through.ok().map(|read| read.v.rest["$serde_json::private::RawValue"].clone());
        assert_eq!(text, expected, "{format:?}");
    }
}

/// With `arbitrary_precision`, a number of JSON comes as a map with a private key.
#[test]
fn a_number_is_a_number() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Numbers {
        a: u16,
        b: Option<f32>,
        c: Vec<i128>,
        d: serde_json::Number,
        e: f64,
    }
    let text = r#"{"a": "$NUMBER", "b": 1.5, "c": [-1, 18446744073709551615], "d": 80, "e": "1$NUMBER"}"#;
    let expander = Expander::new(VARS);
    let mut json = serde_json::Deserializer::from_str(text);
    let numbers: Numbers = de::deserialize(&mut json, &expander).unwrap();
    let c = vec![-1, i128::from(u64::MAX)];
    assert_eq!(numbers, Numbers { a: 8080, b: Some(1.5), c, d: 80.into(), e: 18080.0 });

    let paths = Paths::new(["a", "b", "c[*]", "x"]).unwrap();
    let mut json = serde_json::Deserializer::from_str(text);
    let explanation = de::explain(&mut json, &expander.paths(&paths)).unwrap();
    assert_eq!(explanation.unmatched(), ["x"]);
}

/// The other way round, such a map is a number in every build. A reference in it is none.
#[test]
fn a_map_with_the_private_key_of_a_number_is_one() {
    let expander = Expander::new(VARS);
    for format in Format::ALL {
        let read = |text| format.read::<At<u16>>(&fill(TEMPLATES[0], KEYS[1], text, ""), Some(&expander));
        assert_eq!(read("8080").unwrap().v, 8080, "{format:?}");
        assert!(read("$NUMBER").is_err(), "{format:?}");
        assert!(read("80$NUMBER").is_err(), "{format:?}");
    }
}

/// So comes a datetime of TOML, in every build.
#[test]
fn a_datetime_is_a_datetime() {
    let paths = Paths::new(["day", "days[*]", "x"]).unwrap();
    let text = "day = 1979-05-27\ndays = [1979-05-27T07:32:00Z]";
    let expander = Expander::new(VARS).paths(&paths);
    let table: toml::Table = de::deserialize(toml::Deserializer::parse(text).unwrap(), &expander).unwrap();
    assert_eq!(table, text.parse().unwrap());
    let explanation = de::explain(toml::Deserializer::parse(text).unwrap(), &expander).unwrap();
    assert_eq!(explanation.unmatched(), ["x"]);
}

/// It is the document as it is written, private key or not.
#[cfg(feature = "neighbour")]
#[test]
fn raw_text_is_left_alone() {
    use serde_json::value::RawValue;

    let expander = Expander::new(VARS);
    let text = r#"{"v": {"a": "$OBJECT", "b": ["$NUMBER"]}}"#;
    let read: At<Box<RawValue>> =
        de::deserialize(&mut serde_json::Deserializer::from_str(text), &expander).unwrap();
    assert_eq!(read.v.get(), r#"{"a": "$OBJECT", "b": ["$NUMBER"]}"#);
    let read: At<&RawValue> =
        de::deserialize(&mut serde_json::Deserializer::from_str(text), &expander).unwrap();
    assert_eq!(read.v.get(), r#"{"a": "$OBJECT", "b": ["$NUMBER"]}"#);
}
