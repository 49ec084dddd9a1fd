//! Keys, in which nothing is expanded.

use std::collections::{BTreeMap, HashMap};

use envref::{Paths, Unset, de};
use serde::Deserialize;
use serde::de::value::{BytesDeserializer, MapDeserializer};

use crate::types::{Content, Open};
use crate::{check, check_error, expander, read, read_by, read_from};

#[derive(Debug, PartialEq, Eq, Hash, Deserialize)]
enum KeyKind {
    Mail,
}

#[test]
fn keys_are_kept_as_written() {
    check(r#"{"$PORT": "$PORT"}"#, BTreeMap::from([("$PORT".to_owned(), "8080".to_owned())]));
    check(r#"{"7": "$PORT"}"#, BTreeMap::from([(7_u16, 8080_u16)]));
    check(r#"{"5": "$PORT"}"#, BTreeMap::from([(5_i128, 8080_u16)]));
    check(r#"{"Mail": "$PORT"}"#, HashMap::from([(KeyKind::Mail, 8080_u16)]));
    check_error::<BTreeMap<u16, u16>>(
        r#"{"$PORT": 1}"#,
        "invalid value: expected key to be a number in quotes",
    );
    check_error::<HashMap<KeyKind, u16>>(r#"{"$KIND": 1}"#, "unknown variant `$KIND`, expected `Mail`");
    check_error::<Content>(
        r#"{"a": {"$KIND": 1}}"#,
        "unknown variant `a`, expected one of `Mail`, `New`, `Pair`, `Full`",
    );
}

#[test]
fn what_is_within_a_key_is_kept_as_written() {
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
    enum Key {
        Text(String),
    }

    let yaml = yaml_serde::Deserializer::from_str("!Text $PORT : $PORT");
    let read: BTreeMap<Key, u16> = read_from(yaml).unwrap();
    assert_eq!(read, BTreeMap::from([(Key::Text("$PORT".to_owned()), 8080)]));

    let yaml = yaml_serde::Deserializer::from_str("{a: $PORT}: $PORT");
    let read: BTreeMap<BTreeMap<String, String>, u16> = read_from(yaml).unwrap();
    let key = BTreeMap::from([("a".to_owned(), "$PORT".to_owned())]);
    assert_eq!(read, BTreeMap::from([(key, 8080)]));
}

#[test]
fn a_tag_is_a_key() {
    let yaml = yaml_serde::Deserializer::from_str("!$KIND 1");
    let error = read_from::<Open, _>(yaml).unwrap_err();
    assert_eq!(error.to_string(), "the key $KIND names a variant, and keys are not expanded");
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Tree {
    Text(String),
    List(Vec<Tree>),
    Map(BTreeMap<String, Tree>),
}

/// What every text of a tree is.
fn texts_of(tree: &Tree, texts: &mut Vec<String>) {
    match tree {
        Tree::Text(text) => texts.push(text.clone()),
        Tree::List(trees) => trees.iter().for_each(|tree| texts_of(tree, texts)),
        Tree::Map(trees) => trees.values().for_each(|tree| texts_of(tree, texts)),
    }
}

/// A reference under a private key stays a text, also further down, and is not listed. What comes after it is expanded.
#[test]
fn what_is_under_a_private_key_is_not_expanded() {
    for key in [
        "$serde_json::private::RawValue",
        "$serde_json::private::Number",
        "$__toml_private_datetime",
        "$sonic_rs::private::Value",
        "___figment_relative_path",
    ] {
        let text = format!(
            r#"{{"a": {{"{key}": "$KIND", "b": "$KIND"}}, "b": {{"{key}": [{{"c": "x$KIND"}}]}}, "d": "$KIND"}}"#
        );
        let mut found = Vec::new();
        texts_of(&read::<Tree>(&text).unwrap(), &mut found);
        assert_eq!(found, ["$KIND", "Mail", "x$KIND", "Mail"], "{key}");
        let sites = de::explain(&mut serde_json::Deserializer::from_str(&text), &expander()).unwrap();
        assert_eq!(sites.iter().filter_map(envref::Site::path).collect::<Vec<_>>(), ["a.b", "d"], "{key}");
        let rejecting = expander().on_unset(Unset::Reject);
        let unset = text.replace("KIND", "UNSET");
        assert_eq!(read_by::<Tree>(&unset, &rejecting).unwrap_err().sites().len(), 1, "{key}");
    }
}

/// A key that a format gives as bytes has a name like any other.
#[test]
fn a_key_of_bytes_is_a_step_of_the_path() {
    let paths = Paths::new(["**", "!secret"]).unwrap();
    let rules = expander().paths(&paths);
    let key = BytesDeserializer::<serde::de::value::Error>::new(b"secret");
    let map = MapDeserializer::new([(key, "$KIND")].into_iter());
    let read: BTreeMap<String, String> = de::deserialize(map, &rules).unwrap();
    assert_eq!(read["secret"], "$KIND");
}
