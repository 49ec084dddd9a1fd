//! Saving without secrets, by example: what is restored, what is lost, what is refused.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::items_after_statements, reason = "a type stands beside the document that it reads")]
#![cfg(feature = "origins")]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::IpAddr;

use arbitrary::Unstructured;
use envref::origins::{Origin, Origins, RestoreError, Restored};
use envref::{Dialect, ErrorKind, Expander, Lookup, Paths, Unset, de};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

static VARS: [(&str, &str); 11] = [
    ("TOKEN", "s3cret"),
    ("OTHER", "0ther"),
    ("SAME", "s3cret"),
    ("PORT", "8080"),
    ("HOST", "h"),
    ("URL", "HTTP://Example.com"),
    ("ADDRESS", "127.0.0.1"),
    ("KIND", "Mail"),
    ("FLAG", "true"),
    ("EMPTY", ""),
    ("DOLLAR", "$TOKEN"),
];

fn expander() -> Expander<'static> {
    let vars: &(dyn Lookup + Sync) = &VARS;
    Expander::new(vars)
}

fn load<T: DeserializeOwned + Serialize>(document: &Value) -> (T, Origins) {
    load_with(document, &expander())
}

fn load_with<T: DeserializeOwned + Serialize>(document: &Value, expander: &Expander<'_>) -> (T, Origins) {
    let text = document.to_string();
    let mut json = serde_json::Deserializer::from_str(&text);
    de::Deserializer::new(&mut json, expander).deserialize_with_origins().unwrap()
}

fn saved(restored: &Restored<'_>) -> Value {
    serde_json::to_value(restored).unwrap()
}

fn texts<'o>(origins: impl IntoIterator<Item = &'o Origin>) -> Vec<(&'o str, &'o str)> {
    origins.into_iter().map(|origin| (origin.path(), origin.text())).collect()
}

/// Loads `document` as a `T`, changes it, and expects `expected` for what is saved, and `dropped` for what is lost.
#[track_caller]
fn saves<T: DeserializeOwned + Serialize>(
    document: &Value,
    change: impl FnOnce(&mut T),
    expected: &Value,
    dropped: &[&str],
) {
    let (mut value, origins) = load::<T>(document);
    change(&mut value);
    let restored = origins.restore(&value).unwrap();
    assert_eq!(saved(&restored), *expected);
    let lost: Vec<_> = restored.dropped().iter().map(|origin| origin.text()).collect();
    assert_eq!(lost, dropped);
}

/// A type round-trips.
#[track_caller]
fn keeps<T: DeserializeOwned + Serialize>(document: &Value) {
    saves::<T>(document, |_| {}, document, &[]);
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Server {
    name: String,
    token: String,
    port: u16,
}

#[test]
fn a_change_leaves_the_references_of_the_rest() {
    let document = json!({"name": "a", "token": "${TOKEN}", "port": "${PORT}"});
    let after = json!({"name": "a", "token": "${TOKEN}", "port": 9090});
    saves::<Server>(&document, |server| server.port = 9090, &after, &["${PORT}"]);
    let after = json!({"name": "a", "token": "new", "port": "${PORT}"});
    saves::<Server>(&document, |server| server.token = "new".into(), &after, &["${TOKEN}"]);
}

#[test]
fn origins_are_listed_with_their_paths() {
    // In the order of the document, whether maps keep it or sort their keys.
    let document = json!({"note": "$HOST/$UNSET", "plain": "$5", "servers": [{"token": "${TOKEN}"}]});
    let (_, origins) = load::<Value>(&document);
    let expected = [("note", "$HOST/$UNSET"), ("servers[0].token", "${TOKEN}")];
    assert_eq!(texts(&origins), expected);
}

/// An address that is normalised when it is read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
struct Url(String);

impl From<String> for Url {
    fn from(text: String) -> Self {
        Self(text.to_lowercase() + "/")
    }
}

impl From<Url> for String {
    fn from(url: Url) -> Self {
        url.0
    }
}

#[test]
fn what_a_type_makes_of_a_text_is_no_special_case() {
    #[derive(Serialize, Deserialize)]
    struct Limits {
        #[serde(with = "duration")]
        wait: std::time::Duration,
        address: IpAddr,
        url: Url,
        flag: bool,
        urls: Vec<Url>,
    }
    mod duration {
        use serde::{Deserialize, Deserializer, Serializer, ser::SerializeStruct};
        pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<std::time::Duration, D::Error> {
            String::deserialize(d).map(|text| std::time::Duration::from_secs(text.len() as u64))
        }
        // Not what it reads: an object for a text.
        pub(super) fn serialize<S: Serializer>(it: &std::time::Duration, s: S) -> Result<S::Ok, S::Error> {
            let mut fields = s.serialize_struct("Wait", 1)?;
            fields.serialize_field("secs", &it.as_secs())?;
            fields.end()
        }
    }
    keeps::<Limits>(&json!({
        "wait": "${PORT}", "address": "${ADDRESS}", "url": "${URL}", "flag": "${FLAG}",
        "urls": ["${URL}", "$URL"],
    }));
}

#[test]
fn all_shapes_of_serde_are_restored() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum External {
        Unit,
        New(String),
        Tuple(String, u16),
        Struct { token: String },
    }
    keeps::<Vec<External>>(&json!([
        "Unit", {"New": "${TOKEN}"}, {"Tuple": ["$TOKEN", "${PORT}"]}, {"Struct": {"token": "x${TOKEN}"}},
    ]));

    #[derive(Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Internal {
        Mail { token: String, to: Option<Vec<String>> },
        New(BTreeMap<String, String>),
    }
    keeps::<Vec<Internal>>(&json!([
        {"kind": "Mail", "token": "$TOKEN", "to": ["${HOST}"]},
        {"kind": "${KIND}", "token": "$TOKEN", "to": null},
        {"kind": "New", "a": "$TOKEN"},
    ]));

    #[derive(Serialize, Deserialize)]
    #[serde(tag = "t", content = "c")]
    enum Adjacent {
        Mail(String, String),
        Struct { token: String },
    }
    keeps::<Vec<Adjacent>>(&json!([
        {"t": "Mail", "c": ["$TOKEN", "x"]}, {"t": "Struct", "c": {"token": "$TOKEN"}},
    ]));

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        One(String),
        Many(Vec<String>),
        Named { token: String },
    }
    keeps::<Vec<Untagged>>(&json!(["${TOKEN}", ["$TOKEN", "a"], {"token": "$TOKEN"}]));

    #[derive(Serialize, Deserialize)]
    struct Newtype(Option<String>);
    #[derive(Serialize, Deserialize)]
    struct Tuple(Newtype, (u16, String), [String; 2]);
    keeps::<Tuple>(&json!(["$TOKEN", ["$PORT", "${HOST}"], ["a$HOST", "b"]]));

    #[derive(Serialize, Deserialize)]
    struct Flat {
        own: u8,
        #[serde(flatten)]
        inner: Inner,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }
    #[derive(Serialize, Deserialize)]
    struct Inner {
        token: String,
    }
    keeps::<Flat>(&json!({"own": 1, "token": "${TOKEN}", "deep": {"list": [1, "${HOST}"]}}));

    keeps::<BTreeMap<u8, BTreeMap<bool, String>>>(&json!({"1": {"true": "$TOKEN"}, "2": {"false": "x"}}));
    keeps::<BTreeMap<char, Option<u16>>>(&json!({"a": "${PORT}", "b": null}));
    keeps::<i128>(&json!(1));
    keeps::<String>(&json!("$TOKEN"));
    keeps::<External>(&json!({"Tuple": ["a", "${PORT}"]}));
    keeps::<(f32, f64)>(&json!([0.5, "${PORT}"]));
}

#[test]
fn skipped_fields_come_and_go() {
    #[derive(Serialize, Deserialize)]
    struct Optional {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        a: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        b: Option<String>,
        token: String,
    }
    let document = json!({"b": "${OTHER}", "token": "$TOKEN"});
    keeps::<Optional>(&document);
    let after = json!({"a": "new", "b": "${OTHER}", "token": "$TOKEN"});
    saves::<Optional>(&document, |it| it.a = Some("new".into()), &after, &[]);
    let after = json!({"token": "$TOKEN"});
    saves::<Optional>(&document, |it| it.b = None, &after, &["${OTHER}"]);
    let after = json!({"a": "${OTHER}", "token": "$TOKEN"});
    saves::<Optional>(&document, |it| std::mem::swap(&mut it.a, &mut it.b), &after, &[]);
}

#[test]
fn what_is_read_and_written_under_different_keys_is_lost_and_never_written_twice() {
    #[derive(Serialize, Deserialize)]
    struct Renamed {
        #[serde(alias = "apiKey")]
        api_key: String,
        #[serde(rename(serialize = "written", deserialize = "read"))]
        other: String,
        token: String,
    }
    let document = json!({"apiKey": "${OTHER}", "read": "${HOST}", "token": "${TOKEN}"});
    let after = json!({"api_key": "0ther", "written": "h", "token": "${TOKEN}"});
    saves::<Renamed>(&document, |_| {}, &after, &["${OTHER}", "${HOST}"]);
}

#[test]
fn a_set_has_an_order_of_its_own() {
    let texts: Vec<_> =
        (0..40).map(|n| if n % 3 == 0 { format!("{n}-${{TOKEN}}") } else { format!("x{n}") }).collect();
    let (set, origins) = load::<HashSet<String>>(&json!(texts));
    let restored = origins.restore(&set).unwrap();
    let saved: HashSet<String> = serde_json::from_value(saved(&restored)).unwrap();
    assert_eq!(saved, texts.into_iter().collect());
    assert!(restored.dropped().is_empty());
}

#[test]
fn a_set_of_what_its_type_normalises_is_restored_by_what_it_shows() {
    let document = json!(["$URL", "HTTP://z", "http://${HOST}"]);
    let after = json!(["$URL", "http://${HOST}", "http://z/"]);
    saves::<BTreeSet<Url>>(&document, |_| {}, &after, &[]);
    let document = json!(["ah", "A$HOST"]);
    saves::<BTreeSet<String>>(&document, |_| {}, &json!(["A$HOST", "ah"]), &[]);
    // Entries that are told apart by one of their texts, which all have another in common.
    let entry = |name: &str, token: &str| json!({"region": "$HOST", "name": name, "token": token});
    let document = json!([entry("b", "${TOKEN}"), entry("a", "${OTHER}")]);
    let after = json!([entry("a", "${OTHER}"), entry("b", "${TOKEN}")]);
    #[derive(PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    struct Entry {
        name: String,
        region: String,
        token: String,
    }
    saves::<BTreeSet<Entry>>(&document, |_| {}, &after, &[]);
}

#[test]
fn entries_of_lists_keep_their_references_wherever_they_go() {
    let document = json!([
        {"name": "a", "token": "${TOKEN}", "port": 1},
        {"name": "b", "token": "${OTHER}", "port": "${PORT}"},
        {"name": "c", "token": "x-${TOKEN}", "port": 3},
    ]);
    type List = Vec<Server>;
    let [a, b, c] = [0, 1, 2].map(|index| document[index].clone());
    saves::<List>(&document, |it| it.reverse(), &json!([c, b, a]), &[]);
    saves::<List>(&document, |it| drop(it.remove(0)), &json!([b, c]), &["${TOKEN}"]);
    saves::<List>(&document, |it| it.rotate_left(1), &json!([b, c, a]), &[]);
    // Moved and changed at once.
    let changed = json!({"name": "renamed", "token": "${OTHER}", "port": "${PORT}"});
    let change = |it: &mut List| {
        it[1].name = "renamed".into();
        it.swap(0, 1);
        it.insert(0, Server { name: "new".into(), token: "new".into(), port: 7 });
    };
    let new = json!({"name": "new", "token": "new", "port": 7});
    saves::<List>(&document, change, &json!([new, changed, a, c]), &[]);
}

#[test]
fn numbers_that_move_in_a_list_or_a_tuple_take_their_references_along() {
    let after = json!([1, 2, "${PORT}"]);
    saves::<Vec<u16>>(&json!(["${PORT}", 1, 2]), |it| it.rotate_left(1), &after, &[]);
    let after = json!([2, 1, "${PORT}"]);
    saves::<[u16; 3]>(&json!(["${PORT}", 1, 2]), |it| it.reverse(), &after, &[]);
    saves::<(u16, u16)>(&json!(["${PORT}", 1]), |it| *it = (it.1, it.0), &json!([1, "${PORT}"]), &[]);
}

#[test]
fn where_values_are_equal_each_entry_keeps_its_own_reference() {
    // The ports tell the entries apart.
    let document = json!([
        {"name": "a", "token": "${TOKEN}", "port": 1},
        {"name": "b", "token": "${SAME}", "port": 2},
    ]);
    let after = json!([
        {"name": "new b", "token": "${SAME}", "port": 2},
        {"name": "new a", "token": "${TOKEN}", "port": 1},
    ]);
    let change = |it: &mut Vec<Server>| {
        it.reverse();
        for server in it.iter_mut() {
            server.name.insert_str(0, "new ");
        }
    };
    saves(&document, change, &after, &[]);
    // Nothing tells these apart but their order, and their list.
    let entry = |name: String, token: &str| json!({"name": name, "token": token, "port": 1});
    let list = |prefix: &str| (0..20).map(|n| entry(format!("{prefix}{n}"), "${SAME}")).collect::<Vec<_>>();
    let document = json!({"gone": [entry("g".into(), "${TOKEN}")], "list": list("")});
    let change = |it: &mut BTreeMap<String, Vec<Server>>| {
        it.get_mut("gone").unwrap().clear();
        it.get_mut("list").unwrap().iter_mut().for_each(|server| server.name.insert(0, 'x'));
    };
    saves(&document, change, &json!({"gone": [], "list": list("x")}), &["${TOKEN}"]);
}

#[test]
fn entries_of_maps_keep_their_references_under_other_keys() {
    let document = json!({"dev": {"name": "d", "token": "${TOKEN}", "port": "${PORT}"}});
    let rename = |it: &mut BTreeMap<String, Server>| {
        let mut server = it.remove("dev").unwrap();
        server.name = "changed".into();
        it.insert("prod".into(), server);
    };
    let after = json!({"prod": {"name": "changed", "token": "${TOKEN}", "port": "${PORT}"}});
    saves(&document, rename, &after, &[]);
}

#[test]
fn a_value_that_moves_to_another_list_takes_its_reference_along() {
    #[derive(Serialize, Deserialize)]
    struct Lists {
        active: Vec<Server>,
        archive: Vec<Server>,
    }
    let document = json!({
        "active": [{"name": "a", "token": "${TOKEN}", "port": "${PORT}"}],
        "archive": [],
    });
    let after = json!({"active": [], "archive": document["active"]});
    saves::<Lists>(&document, |it| std::mem::swap(&mut it.active, &mut it.archive), &after, &[]);
}

#[test]
fn a_copy_under_the_same_key_is_written_as_the_reference_it_is_a_copy_of() {
    let document = json!({"dev": {"name": "d", "token": "${TOKEN}", "port": "${PORT}"}});
    let copy = |it: &mut BTreeMap<String, Server>| {
        let mut server = it["dev"].clone();
        server.name = "p".into();
        it.insert("prod".into(), server);
    };
    let after = json!({"dev": document["dev"], "prod": {"name": "p", "token": "${TOKEN}", "port": 8080}});
    saves(&document, copy, &after, &[]);
    // Under another key it is a value.
    let document = json!({"token": "${TOKEN}", "note": "x"});
    let copy = |it: &mut BTreeMap<String, String>| drop(it.insert("note".into(), "s3cret".into()));
    saves(&document, copy, &json!({"token": "${TOKEN}", "note": "s3cret"}), &[]);
}

#[test]
fn what_a_type_made_of_a_text_does_not_go_where_it_would_be_read_as_another() {
    #[derive(Serialize, Deserialize)]
    struct Addresses {
        url: Url,
        note: String,
    }
    let document = json!({"url": "$URL", "note": "n"});
    let after = json!({"url": "other/", "note": "http://example.com/"});
    let change = |it: &mut Addresses| it.note = std::mem::replace(&mut it.url, Url("other/".into())).0;
    saves(&document, change, &after, &["$URL"]);
}

#[test]
fn a_map_that_was_filled_again_is_the_same_map() {
    #[derive(Serialize, Deserialize)]
    #[serde(from = "String")]
    struct Letters(HashMap<char, usize>);
    impl From<String> for Letters {
        fn from(text: String) -> Self {
            Self(text.char_indices().map(|(at, c)| (c, at)).collect())
        }
    }
    let document = json!({"letters": "abcdefghij-$TOKEN", "token": "$TOKEN"});
    let fill_again = |it: &mut BTreeMap<String, Letters>| {
        for letters in it.values_mut() {
            // Another hasher gives another order.
            letters.0 = letters.0.drain().collect::<Vec<_>>().into_iter().collect();
        }
    };
    saves(&document, fill_again, &document, &[]);
}

#[test]
fn an_empty_text_elsewhere_is_no_value_that_moved() {
    let document = json!({"a": "${EMPTY}", "b": "x"});
    let change = |it: &mut BTreeMap<String, String>| {
        it.insert("a".into(), "new".into());
        it.insert("b".into(), String::new());
    };
    saves(&document, change, &json!({"a": "new", "b": ""}), &["${EMPTY}"]);
}

#[test]
fn a_changed_value_is_written_as_it_is_and_its_reference_is_lost() {
    let document = json!({"url": "pg://u:${TOKEN}@h"});
    let change = |it: &mut BTreeMap<String, String>| it.get_mut("url").unwrap().push_str("ost");
    saves(&document, change, &json!({"url": "pg://u:s3cret@host"}), &["pg://u:${TOKEN}@h"]);
}

#[test]
fn a_new_value_that_would_be_a_reference_is_refused() {
    let document = json!({"nickname": "n", "token": "${TOKEN}", "kept": "a $UNSET"});
    let refuses = |nickname: &str| {
        let (mut map, origins) = load::<BTreeMap<String, String>>(&document);
        map.insert("nickname".into(), nickname.into());
        origins.restore(&map).map(|_| ()).map_err(|error: RestoreError| {
            assert_eq!(error.path(), "nickname");
            error.to_string()
        })
    };
    let message = "the new value at nickname would be read as a reference: remove its `$`".to_owned();
    assert_eq!(refuses("${TOKEN}"), Err(message.clone()));
    assert_eq!(refuses("x $ELSE"), Err(message.clone()));
    assert_eq!(refuses("costs $5"), Ok(()));
    // Without a value at load, and so without one on the next read, by the same variables.
    assert_eq!(refuses("b $UNSET"), Ok(()));
    // The whole text now: it would be empty, or that of the process.
    assert_eq!(refuses("$UNSET"), Err(message));
}

#[test]
fn a_value_that_looks_like_a_reference_is_no_new_one() {
    let document = json!({"list": ["${DOLLAR}", "x"]});
    type Lists = BTreeMap<String, Vec<String>>;
    saves::<Lists>(
        &document,
        |it| it.get_mut("list").unwrap().reverse(),
        &json!({"list": ["x", "${DOLLAR}"]}),
        &[],
    );
    // Its place is gone, and a copy cannot be told from what it would be read as.
    let (mut lists, origins) = load::<Lists>(&document);
    lists.insert("other".into(), vec!["$TOKEN!".into()]);
    assert_eq!(origins.restore(&lists).unwrap_err().path(), "other[0]");
}

#[test]
fn references_stay_where_the_unset_are_kept() {
    let expander = expander().on_unset(Unset::Keep);
    let document = json!({"a": "${LATER}", "b": "$TOKEN"});
    let (mut map, origins) = load_with::<BTreeMap<String, String>>(&document, &expander);
    map.insert("c".into(), "${LATER}".into());
    let after = json!({"a": "${LATER}", "b": "$TOKEN", "c": "${LATER}"});
    assert_eq!(saved(&origins.restore(&map).unwrap()), after);
}

/// Under the Compose dialect, sets `nickname`, and returns what is saved of it and of the rest.
fn compose_saves(unset: Unset, nickname: &str) -> Result<(Value, Value), RestoreError> {
    let document =
        json!({"nickname": "n", "rest": ["${NO:-d}", "$$TOKEN", "${TOKEN:?}", "costs $5", "$UNSET."]});
    let expander = expander().dialect(Dialect::Compose).on_unset(unset);
    let (mut value, origins) = load_with::<Value>(&document, &expander);
    value["nickname"] = nickname.into();
    let mut saved = saved(&origins.restore(&value)?);
    assert_eq!(saved["rest"], document["rest"]);
    let again = load_with::<Value>(&saved, &expander).0;
    assert_eq!(again, value);
    Ok((saved["nickname"].take(), again))
}

#[test]
fn a_new_reference_is_escaped_in_the_compose_dialect() {
    let nickname = |text| compose_saves(Unset::Default, text).unwrap().0;
    assert_eq!(nickname("$TOKEN for $5"), "$$TOKEN for $$5");
    assert_eq!(nickname("${"), "$${");
    assert_eq!(nickname("$$"), "$$$$");
    assert_eq!(nickname("${UNSET:-d}"), "$${UNSET:-d}");
    // Read as it is: nothing to escape.
    assert_eq!(nickname("costs $5"), "costs $5");
    assert_eq!(nickname("a $UNSET"), "a $UNSET");
}

#[test]
fn a_new_reference_is_refused_where_escapes_are_kept() {
    let nickname = |text| compose_saves(Unset::Keep, text).map(|it| it.0);
    assert_eq!(nickname("$$TOKEN"), Ok("$$TOKEN".into()));
    for text in ["$TOKEN", "${", "${UNSET:-d}"] {
        assert_eq!(nickname(text).unwrap_err().path(), "nickname");
    }
}

#[test]
fn a_new_reference_is_escaped_in_every_shape_and_only_where_selected() {
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Shapes {
        pieces: Pieces,
        some: Option<String>,
        list: Vec<String>,
        free: String,
        kind: Kind,
    }
    /// Written in pieces.
    #[derive(Deserialize, PartialEq, Debug)]
    struct Pieces(String);
    impl Serialize for Pieces {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&format_args!("{}-{}", "$", self.0))
        }
    }
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    enum Kind {
        /// No reference: an enum is never expanded to what it expects as written.
        #[serde(rename = "$TOKEN")]
        Token,
    }
    let paths = Paths::new(["**", "!free"]).unwrap();
    let expander = expander().dialect(Dialect::Compose).paths(&paths);
    let document = json!({"pieces": "", "some": null, "list": [], "free": "", "kind": "$TOKEN"});
    let (_, origins) = load_with::<Shapes>(&document, &expander);
    let text = || "$TOKEN".to_owned();
    let shapes = Shapes {
        pieces: Pieces(text()),
        some: Some(text()),
        list: vec![text()],
        free: text(),
        kind: Kind::Token,
    };
    let expected = json!({
        "pieces": "$$-$$TOKEN",
        "some": "$$TOKEN",
        "list": ["$$TOKEN"],
        "free": "$TOKEN",
        "kind": "$TOKEN",
    });
    assert_eq!(saved(&origins.restore(&shapes).unwrap()), expected);
}

/// Bytes, which JSON has as numbers. RON has them as a text, in which references are expanded.
#[derive(Debug, PartialEq, Deserialize)]
struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

#[test]
fn new_bytes_that_would_be_a_reference_are_refused() {
    for dialect in [Dialect::Plain, Dialect::Compose] {
        let document = json!({"a": b"$TOKEN", "b": b"x"});
        let (mut map, origins) =
            load_with::<BTreeMap<String, Bytes>>(&document, &expander().dialect(dialect));
        assert_eq!(saved(&origins.restore(&map).unwrap()), document);
        map.insert("b".into(), Bytes(b"\xFF$TOKEN".to_vec()));
        assert!(origins.restore(&map).is_ok());
        map.insert("b".into(), Bytes(b"$OTHER".to_vec()));
        assert_eq!(origins.restore(&map).unwrap_err().path(), "b");
    }
}

#[test]
fn new_raw_text_is_no_reference() {
    /// As `RawValue` of RON is written.
    #[derive(Debug, Deserialize)]
    struct Raw(String);
    impl Serialize for Raw {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_newtype_struct("$ron::private::RawValue", &self.0)
        }
    }
    let (_, origins) = load::<Vec<Raw>>(&json!([]));
    assert_eq!(saved(&origins.restore(&[Raw("$TOKEN".into())]).unwrap()), json!(["$TOKEN"]));
}

#[test]
fn a_refused_value_is_named_by_its_path_in_every_shape() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Shape {
        New(String),
        Tuple(u8, Option<String>),
        Struct { token: String },
    }
    let document = json!({"1": [{"New": ""}, {"Tuple": [0, null]}, {"Struct": {"token": ""}}]});
    let refused_at = |shape: Shape| {
        let (mut shapes, origins) = load::<BTreeMap<u8, Vec<Shape>>>(&document);
        let index =
            ["New", "Tuple", "Struct"].iter().position(|it| format!("{shape:?}").starts_with(it)).unwrap();
        shapes.get_mut(&1).unwrap()[index] = shape;
        origins.restore(&shapes).unwrap_err().path().to_owned()
    };
    assert_eq!(refused_at(Shape::New("$TOKEN".into())), "1[0].New");
    assert_eq!(refused_at(Shape::Tuple(0, Some("$TOKEN".into()))), "1[1].Tuple[1]");
    assert_eq!(refused_at(Shape::Struct { token: "$TOKEN".into() }), "1[2].Struct.token");
}

#[test]
fn only_selected_places_are_restored_and_refused() {
    let paths = Paths::new(["servers[*].token", "first"]).unwrap();
    let expander = expander().paths(&paths);
    let document =
        json!({"servers": [{"token": "$TOKEN", "note": "$TOKEN"}], "first": "$OTHER", "free": "x"});
    let (mut value, origins) = load_with::<Value>(&document, &expander);
    value["free"] = json!("$TOKEN");
    let mut expected = document.clone();
    expected["free"] = json!("$TOKEN");
    assert_eq!(saved(&origins.restore(&value).unwrap()), expected);
    // A selected value that goes where nothing is expanded is written as it is.
    value["free"] = value["first"].take();
    expected["free"] = json!("0ther");
    expected["first"] = Value::Null;
    let restored = origins.restore(&value).unwrap();
    assert_eq!(saved(&restored), expected);
    assert_eq!(texts(restored.dropped().iter().copied()), [("first", "$OTHER")]);
    value["first"] = json!("${TOKEN}");
    assert_eq!(origins.restore(&value).unwrap_err().path(), "first");
}

#[test]
fn what_cannot_be_serialized_is_named_without_its_value() {
    #[derive(Debug, Deserialize)]
    struct Secret(String);
    impl Serialize for Secret {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self.0.as_str() {
                "ok" => serializer.serialize_str("ok"),
                text => Err(serde::ser::Error::custom(text)),
            }
        }
    }
    let text = r#"{"a": [{"b": "ok"}]}"#;
    type Map = BTreeMap<String, Vec<BTreeMap<String, Secret>>>;
    let expander = expander();
    let read = |text: &str| {
        let mut json = serde_json::Deserializer::from_str(text);
        de::Deserializer::new(&mut json, &expander).deserialize_with_origins::<Map>()
    };
    let (mut map, origins) = read(text).unwrap();
    map.get_mut("a").unwrap()[0].insert("b".into(), Secret("s3cret".into()));
    let error = origins.restore(&map).unwrap_err();
    assert_eq!(error.path(), "a[0].b");
    assert!(error.to_string().starts_with("the value at a[0].b cannot be serialized"));
    let error = read(&text.replace("ok", "$TOKEN")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Document);
    assert!(error.to_string().starts_with("the value at a[0].b cannot be serialized"), "{error}");
}

#[test]
fn no_value_shows_in_debug_output() {
    let document = json!({"a": "${TOKEN}", "b": "x"});
    let (mut map, origins) = load::<BTreeMap<String, String>>(&document);
    map.insert("a".into(), "new s3cret".into());
    let restored = origins.restore(&map).unwrap();
    let shown = format!("{origins:?} {restored:?}");
    assert!(shown.contains("${TOKEN}") && !shown.contains("s3cret"), "{shown}");
}

#[test]
fn origins_are_send_and_sync() {
    fn check<T: Send + Sync>() {}
    check::<Origins>();
    check::<Origin>();
    check::<Restored<'_>>();
    check::<RestoreError>();
}

#[test]
fn raw_json_and_numbers_come_through() {
    #[derive(Serialize, Deserialize)]
    struct Raw {
        raw: Box<serde_json::value::RawValue>,
        number: serde_json::Number,
    }
    let (raw, origins) = load::<Raw>(&json!({"raw": {"a": "$TOKEN"}, "number": 5}));
    let text = serde_json::to_string(&origins.restore(&raw).unwrap()).unwrap();
    assert_eq!(text, r#"{"raw":{"a":"$TOKEN"},"number":5}"#);
}

/// Aligns the entries of two lists, by position or by name, and returns what a tool that does so would save.
fn naive(template: &[Value], before: &[Server], after: &[Server], by_name: bool) -> Vec<Value> {
    let counterpart = |index: usize, server: &Server| {
        if by_name { before.iter().position(|it| it.name == server.name) } else { Some(index) }
    };
    let restore = |(index, server): (usize, &Server)| {
        let mut saved = serde_json::to_value(server).unwrap();
        let old =
            counterpart(index, server).and_then(|index| Some((template.get(index)?, before.get(index)?)));
        if let Some((text, _)) = old.filter(|(_, old)| old.token == server.token) {
            saved["token"] = text["token"].clone();
        }
        saved
    };
    after.iter().enumerate().map(restore).collect()
}

/// On random edits of lists, alignment by index and by name write secrets in clear, and alignment by content none.
#[test]
fn lists_are_aligned_by_content() {
    let template: Vec<_> =
        (0..6).map(|n| json!({"name": format!("n{n}"), "token": format!("${{T{n}}}"), "port": n})).collect();
    let vars: BTreeMap<_, _> = (0..6).map(|n| (format!("T{n}"), format!("s3cret-{n}"))).collect();
    let vars: &(dyn Lookup + Sync) = &vars;
    let (before, origins) = load_with::<Vec<Server>>(&json!(template), &Expander::new(vars));
    let mut in_clear = [0; 3];
    arbtest::arbtest(|u: &mut Unstructured<'_>| {
        let mut after = before.clone();
        let mut touched: Vec<String> = Vec::new();
        for step in 0..u.int_in_range(1..=3)? {
            let index = u.choose_index(after.len().max(1))?.min(after.len().saturating_sub(1));
            match u.int_in_range(0..=5)? {
                _ if after.is_empty() => {}
                0 => drop(after.remove(index)),
                1 => after.insert(index, Server { name: format!("new{step}"), token: "t".into(), port: 0 }),
                2 => after.swap(0, index),
                3 => after[index].name = format!("renamed{step}"),
                4 => after[index].port += 100,
                _ => {
                    touched.push(after[index].token.clone());
                    after[index].token = "changed".into();
                }
            }
        }
        let by_content = match saved(&origins.restore(&after).unwrap()) {
            Value::Array(entries) => entries,
            other => panic!("{other}"),
        };
        let saves =
            [naive(&template, &before, &after, false), naive(&template, &before, &after, true), by_content];
        for (count, saved) in in_clear.iter_mut().zip(saves) {
            let shows =
                |secret: &String| !touched.contains(secret) && json!(saved).to_string().contains(secret);
            *count += usize::from((0..6).map(|n| format!("s3cret-{n}")).any(|secret| shows(&secret)));
        }
        Ok(())
    })
    .budget_ms(300);
    let [by_index, by_name, by_content] = in_clear;
    assert!(by_index > by_name && by_name > 0, "{in_clear:?}");
    assert_eq!(by_content, 0);
}

/// What has a reference is written as one where it was, and nowhere else.
#[test]
fn a_value_that_never_was_a_reference_does_not_become_one() {
    let saves_as = |document: &str, expected: &Value| {
        let mut json = serde_json::Deserializer::from_str(document);
        let (value, origins): (Value, _) =
            de::Deserializer::new(&mut json, &expander()).deserialize_with_origins().unwrap();
        assert_eq!(saved(&origins.restore(&value).unwrap()), *expected, "{document}");
    };
    // A key twice: the last one counts.
    saves_as(r#"{"a": "$TOKEN", "a": "plain"}"#, &json!({"a": "plain"}));
    saves_as(r#"{"a": "$TOKEN", "a": 7}"#, &json!({"a": 7}));
    saves_as(r#"{"a": "$TOKEN", "a": {"x": "plain"}}"#, &json!({"a": {"x": "plain"}}));
    saves_as(r#"{"a": "$TOKEN", "a": {"x": "$OTHER"}}"#, &json!({"a": {"x": "$OTHER"}}));
    saves_as(r#"{"a": {"x": "$TOKEN"}, "a": {"x": "plain"}}"#, &json!({"a": {"x": "plain"}}));
    saves_as(r#"{"a": ["$TOKEN"], "b": "$OTHER", "a": ["plain"]}"#, &json!({"a": ["plain"], "b": "$OTHER"}));
    saves_as(r#"{"a": "$TOKEN", "a": "$OTHER"}"#, &json!({"a": "$OTHER"}));

    // A type that leaves elements out.
    let document = json!(["$TOKEN", "$SAME", "x"]);
    let (set, origins) = load::<BTreeSet<String>>(&document);
    let restored = origins.restore(&set).unwrap();
    assert!(saved(&restored) == json!(["$TOKEN", "x"]) || saved(&restored) == json!(["$SAME", "x"]));
    assert_eq!(restored.dropped().len(), 1);

    // Keys that begin alike.
    let key = |end: &str| "k".repeat(600) + end;
    let document = json!({ key("a"): "$TOKEN", key("b"): "$OTHER", key("c"): "plain" });
    let (map, origins) = load::<BTreeMap<String, String>>(&document);
    let restored = origins.restore(&map).unwrap();
    assert_eq!(saved(&restored)[key("c")], "plain");
    assert_eq!(restored.dropped().len(), 2);
}

/// A plain text is read as without the origins.
#[test]
fn a_number_in_a_text_without_references_is_none() {
    let expander = expander();
    let mut json = serde_json::Deserializer::from_str(r#"{"b": "$TOKEN", "a": "8080"}"#);
    let read =
        de::Deserializer::new(&mut json, &expander).deserialize_with_origins::<(BTreeMap<String, u16>,)>();
    assert!(read.is_err());
    let mut json = serde_json::Deserializer::from_str(r#"["$PORT", "8080"]"#);
    let read = de::Deserializer::new(&mut json, &expander).deserialize_with_origins::<(u16, u16)>();
    assert!(read.unwrap_err().to_string().starts_with("invalid type: string \"8080\", expected u16"));
}
