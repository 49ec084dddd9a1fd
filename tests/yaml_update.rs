//! Changed scalars in the text of a YAML document: what is edited, and what is not.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::items_after_statements, reason = "a type stands beside the document that it is read from")]
#![cfg(all(feature = "origins", feature = "yaml"))]

use std::collections::BTreeMap;

use arbitrary::Unstructured;
use arbtest::arbtest;
use envref::origins::Origins;
use envref::{Dialect, Expander, Lookup, de, yaml};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use yaml_serde::Value;

static VARS: [(&str, &str); 4] = [("TOKEN", "s3cret"), ("PORT", "8080"), ("EMPTY", ""), ("TEXT", "a: b\nc")];

fn load<T: DeserializeOwned + Serialize>(text: &str) -> (T, Origins) {
    let vars: &(dyn Lookup + Sync) = &VARS;
    let yaml = yaml_serde::Deserializer::from_str(text);
    de::Deserializer::new(yaml, &Expander::new(vars)).deserialize_with_origins().unwrap()
}

/// Changes what is read from `text`, and expects `expected` for the text then, or `None`.
#[track_caller]
fn updates<T>(text: &str, change: impl FnOnce(&mut T), expected: Option<&str>)
where
    T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug,
{
    let (mut value, origins) = load::<T>(text);
    change(&mut value);
    let updated = yaml::update(text, &origins, &value).unwrap();
    assert_eq!(updated.as_deref(), expected);
    if let Some(updated) = updated {
        assert_eq!(load::<T>(&updated).0, value, "{updated}");
    }
}

/// Sets the value of the key `k` in `text`, which is of the type `V`.
#[track_caller]
fn sets<V>(text: &str, value: V, expected: Option<&str>)
where
    V: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug,
{
    updates::<BTreeMap<String, V>>(text, |map| drop(map.insert("k".into(), value)), expected);
}

#[test]
fn every_byte_but_those_of_the_scalar_stays() {
    let text = "# Settings\n\nk:   8080  # port\nother: [ 1,2 ]\n";
    sets::<Value>(text, 9090.into(), Some("# Settings\n\nk:   9090  # port\nother: [ 1,2 ]\n"));
    let text = "%YAML 1.2\r\n---\r\nj: \"$TOKEN\" # c\r\nk: 'old'\r\n...\r\n";
    sets(text, "new".to_owned(), Some(&text.replace("old", "new")));
    sets(text, "old".to_owned(), Some(text));
}

#[test]
fn a_text_stays_in_its_style_and_stays_a_text() {
    let new = |text: &str| text.to_owned();
    sets("k: old", new("new text"), Some("k: new text"));
    sets("k: old", new("$5"), Some("k: $5"));
    for text in [
        "8080",
        "yes",
        "Null",
        "~",
        "",
        "0x1F",
        "1:30",
        "2001-01-01",
        ".inf",
        "<<",
        "a: b",
        "-",
        "é\n",
        "a #b",
    ] {
        let written = text.replace('\n', "\\n");
        sets("k: old # c", new(text), Some(&format!("k: \"{written}\" # c")));
    }
    sets("k: 'old'", new("it's 8080"), Some("k: 'it''s 8080'"));
    sets("k: 'old'", new("a\nb"), Some("k: \"a\\nb\""));
    sets("k: \"old\"", new("say \"hi\"\t\u{1b}"), Some("k: \"say \\\"hi\\\"\\t\\x1B\""));
    sets("{k: old, l: [b]}", Value::from("a, b"), Some("{k: \"a, b\", l: [b]}"));
    sets("k: |\n  old\n  text\nl: x\n", new("new\n"), Some("k: \"new\\n\"\nl: x\n"));
}

#[test]
fn numbers_bools_and_null_are_plain() {
    sets("k: '$PORT'", 1_u16, Some("k: 1"));
    sets("k: $PORT # c", -1_i64, Some("k: -1 # c"));
    sets("k: true", false, Some("k: false"));
    sets("k: 1.5", 2.0, Some("k: 2.0"));
    sets("k: 1.5", 1e300, Some("k: 1.0e+300"));
    sets("k: 1.5", f64::INFINITY, Some("k: .inf"));
    sets("k: old", None::<String>, Some("k: null"));
    sets("k: ~", Some("new".to_owned()), Some("k: new"));
    sets("k:", Some("new".to_owned()), Some("k: new"));
    sets("k: # none\nl: x\n", Some("new".to_owned()), Some("k: new # none\nl: x\n"));
    sets("{k: , l: x}", Some("new".to_owned()), Some("{k: new , l: x}"));
    updates::<Vec<Option<u8>>>("- \n- 1\n", |it| it[0] = Some(2), Some("- 2\n- 1\n"));
}

#[test]
fn references_stay_as_written_and_go_where_their_values_go() {
    type Map = BTreeMap<String, String>;
    let swap = |map: &mut Map| {
        let (a, b) = (map["a"].clone(), map["b"].clone());
        map.insert("a".into(), b);
        map.insert("b".into(), a);
    };
    updates::<Map>("a: \"${TOKEN}\" # 1\nb: plain # 2\n", swap, Some("a: \"plain\" # 1\nb: ${TOKEN} # 2\n"));
    updates::<Map>("{a: $<TOKEN>, b: '$TEXT'}", swap, Some("{a: $TEXT, b: '$<TOKEN>'}"));
    updates::<Map>("{a: '${TOKEN}', b: x}", swap, Some("{a: 'x', b: \"${TOKEN}\"}"));
    sets("k: \"${TOKEN}\"", "new".to_owned(), Some("k: \"new\""));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Channel {
    Off,
    Key(String),
    Pair(String, u16),
    Mail { token: String, port: u16 },
}

#[test]
fn places_are_found_in_collections_and_variants() {
    let text = "a:\n- - $TOKEN\n  - {x: 1}\n";
    let change = |value: &mut Value| value["a"][0][1]["x"] = 2.into();
    updates::<Value>(text, change, Some("a:\n- - $TOKEN\n  - {x: 2}\n"));

    let text = "- !Key $TOKEN\n- !Pair [a, 1]\n- !Mail\n  token: t # c\n  port: 2\n- Off\n";
    let expected = "- !Key new\n- !Pair [b, 1]\n- !Mail\n  token: t # c\n  port: 3\n- Off\n";
    let change = |channels: &mut Vec<Channel>| {
        channels[0] = Channel::Key("new".into());
        channels[1] = Channel::Pair("b".into(), 1);
        channels[2] = Channel::Mail { token: "t".into(), port: 3 };
    };
    updates(text, change, Some(expected));
    // Another variant is more than a scalar.
    updates(text, |channels: &mut Vec<Channel>| channels[3] = Channel::Key("k".into()), None);

    let text = "- !x 1\n- !y [a]\n";
    let change = |values: &mut Vec<Value>| {
        let Value::Tagged(tagged) = &mut values[1] else { panic!() };
        tagged.value[0] = "b".into();
    };
    updates(text, change, Some("- !x 1\n- !y [b]\n"));
    updates::<BTreeMap<u8, bool>>("1: true\n", |map| *map.get_mut(&1).unwrap() = false, Some("1: false\n"));
}

#[test]
fn where_more_than_scalars_changed_there_is_no_text() {
    type Lists = BTreeMap<String, Vec<u8>>;
    updates::<Lists>("a: [1, 2]", |map| map.get_mut("a").unwrap().truncate(1), None);
    updates::<Lists>("a: [1, 2]", |map| drop(map.insert("b".into(), vec![])), None);
    updates::<Lists>("a: [1, 2]", BTreeMap::clear, None);
    updates::<Value>("a: [1]", |value| value["a"] = 1.into(), None);
    updates::<Value>("a: 1", |value| value["a"] = Value::Sequence(vec![]), None);
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Defaults {
    #[serde(default)]
    port: u16,
}

#[test]
fn where_a_change_would_show_elsewhere_there_is_no_text() {
    let change = |value: &mut Value| value["b"]["x"] = 2.into();
    updates::<Value>("a: &a {x: 1}\nb: *a\n", change, None);
    updates::<Value>("b: &a {x: 1}\na: *a\n", change, None);
    updates::<Value>("b: {x: &a 1}\na: *a\n", change, None);
    updates::<Value>("b: {x: !!int 1}\n", change, None);
    updates::<Value>("b: {x: 1}\n", change, Some("b: {x: 2}\n"));

    // A default is nowhere.
    updates::<Defaults>("{}", |it| it.port = 1, None);
    updates::<Defaults>("port: 3", |it| it.port = 1, Some("port: 1"));

    // The text is another one.
    let (mut map, origins) = load::<BTreeMap<String, u8>>("k: 1");
    map.insert("k".into(), 2);
    assert_eq!(yaml::update("k: 3", &origins, &map), Ok(None));
    assert_eq!(yaml::update("k: 1\n---\nk: 1", &origins, &map), Ok(None));
    let error = yaml::update("k: [1", &origins, &map).unwrap_err();
    assert!(error.to_string().starts_with("invalid YAML: "), "{error}");
    map.insert("k".into(), 1);
    assert_eq!(yaml::update("k: 1 # c", &origins, &map), Ok(Some("k: 1 # c".into())));
}

#[test]
fn a_new_reference_is_refused() {
    let (mut map, origins) = load::<BTreeMap<String, String>>("k: x\n");
    map.insert("k".into(), "${TOKEN}".into());
    assert_eq!(yaml::update("k: x\n", &origins, &map).unwrap_err().path(), "k");
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Config {
    name: String,
    port: u16,
    token: Option<String>,
    list: Vec<String>,
    nested: BTreeMap<String, f64>,
}

/// Whatever scalars change, and in whatever style they are written, the new text reads as the new value, has the
/// references of the rest, and differs from the old one in no comment.
#[test]
fn what_is_updated_reads_as_the_new_value() {
    let texts = [
        "new",
        "8080",
        "",
        "a: b",
        "it's",
        "two\nlines",
        " x ",
        "#",
        "é",
        "null",
        "\t",
        "- a",
        "x y",
        "\u{1b}",
    ];
    arbtest(|u: &mut Unstructured<'_>| {
        let scalar = |u: &mut Unstructured<'_>| {
            let scalars = [
                "plain",
                "'single'",
                "\"double\"",
                "\"${TOKEN}\"",
                "$TOKEN",
                "'x-$TOKEN'",
                "\"a\\tb\"",
                "null",
            ];
            u.choose(&scalars).copied()
        };
        let block = *u.choose(&["|\n  literal\n  text", ">-\n  folded\n  text", "plain", "''"])?;
        let text = format!(
            "# head\nname: {block}\nport: {} # port\ntoken:  {}   # token\nlist:\n- {} # 0\n-   {}\nnested: {{a: 1, b: {} }} # end\n",
            u.choose(&["$PORT", "'${PORT}'", "80"])?,
            scalar(u)?,
            u.choose(&["plain", "'$TOKEN'"])?,
            u.choose(&["\"x\"", "$<TOKEN>"])?,
            u.choose(&["1.5", "2"])?,
        );
        let (mut config, origins) = load::<Config>(&text);
        for _ in 0..u.int_in_range(1..=3)? {
            let new = (*u.choose(&texts)?).to_owned();
            match u.int_in_range(0..=5)? {
                0 => config.name = new,
                1 => config.port = u.arbitrary()?,
                2 => config.token = u.choose(&[None, Some(new)])?.clone(),
                3 => config.list[0] = new,
                4 => config.list.reverse(),
                _ => drop(config.nested.insert("b".into(), f64::from(u.arbitrary::<i16>()?) / 4.0)),
            }
        }
        let updated = yaml::update(&text, &origins, &config).unwrap().unwrap_or_else(|| panic!("{text}"));
        assert_eq!(load::<Config>(&updated).0, config, "{updated}");
        let comments =
            |text: &str| ["# head", "# port", "# token", "# 0", "# end"].map(|it| text.contains(it));
        assert_eq!(comments(&updated), comments(&text));
        let is_kept = config.token.as_deref().is_some_and(|token| token.contains("s3cret"));
        assert!(!is_kept || !updated.contains("token:  s3cret"), "{updated}");
        Ok(())
    });
}

#[test]
fn a_new_reference_is_escaped_in_the_compose_dialect() {
    let vars: &(dyn Lookup + Sync) = &VARS;
    let expander = Expander::new(vars).dialect(Dialect::Compose);
    let load = |text: &str| {
        let yaml = yaml_serde::Deserializer::from_str(text);
        de::Deserializer::new(yaml, &expander).deserialize_with_origins::<BTreeMap<String, String>>().unwrap()
    };
    let text = "a: ${NO:-d} # default\nb: $$TOKEN\nk: 'old'\n";
    let (mut map, origins) = load(text);
    map.insert("k".into(), "$TOKEN${".into());
    let updated = yaml::update(text, &origins, &map).unwrap().unwrap();
    assert_eq!(updated, text.replace("old", "$$TOKEN$${"));
    assert_eq!(load(&updated).0, map);
}
