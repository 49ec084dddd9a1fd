//! The laws of the serde adapter, over JSON.

use std::collections::BTreeMap;
use std::ops::Range;

use arbitrary::{Arbitrary as _, Unstructured};
use envref::{Expander, Form, Lookup, Provenance, Site, Unset, de};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Error, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};
use serde_json::Value;

use crate::case::{Case, Vars};
use crate::oracle;

/// Checks all laws on a file of the fuzzer: a [`Case`] whose text is a JSON document.
pub fn check(data: &[u8]) {
    let Ok(case) = Case::arbitrary_take_rest(Unstructured::new(data)) else { return };
    the_adapter_reads_the_expansion_of_the_parsed_value(&case);
    a_document_is_explained_as_its_texts_are(&case);
    no_value_becomes_structure(&case);
    no_value_shows_in_errors(&case);
}

/// Reads a document that has nothing after it.
fn read<T, L, F>(text: &str, expander: &Expander<'_, L, F>) -> serde_json::Result<T>
where
    T: DeserializeOwned,
    L: Lookup,
    F: Lookup + ?Sized,
{
    let mut json = serde_json::Deserializer::from_str(text);
    let value = de::deserialize(&mut json, expander).map_err(de::Error::into_inner)?;
    json.end()?;
    Ok(value)
}

/// What is read through the adapter is what is read without it, with each string value expanded that is not under a private
/// key.
pub fn the_adapter_reads_the_expansion_of_the_parsed_value(case: &Case<'_>) {
    let expander = Expander::new(&case.vars).fallback(&case.host);
    match (serde_json::from_str::<Value>(&case.text), read::<Value, _, _>(&case.text, &expander)) {
        (Ok(_), Ok(after)) => {
            let tree: Tree = serde_json::from_str(&case.text).unwrap();
            assert_eq!(after, Value::deserialize(tree.expanded(case)).unwrap());
        }
        (Err(before), Err(after)) => assert_eq!(after.to_string(), before.to_string()),
        (before, after) => panic!("{before:?} without the adapter, {after:?} with it"),
    }
}

/// The sites of a document are those of its texts, one text after the other, each with a path and without a position. None of
/// them is without a value if and only if an expander that rejects those succeeds.
pub fn a_document_is_explained_as_its_texts_are(case: &Case<'_>) {
    let expander = Expander::new(&case.vars).fallback(&case.host);
    let mut json = serde_json::Deserializer::from_str(&case.text);
    let Ok(explanation) = de::explain(&mut json, &expander) else { return };
    if json.end().is_err() {
        return;
    }
    let result = read::<Tree, _, _>(&case.text, &expander.on_unset(Unset::Reject));
    assert_eq!(result.is_ok(), explanation.iter().all(|site| site.reason().is_none()));
    assert!(explanation.iter().all(|site| site.path().is_some() && site.position().is_none()));
    let Ok(tree) = serde_json::from_str::<Tree>(&case.text) else { return };
    let mut texts = Vec::new();
    tree.list(&mut texts);
    let of_texts: Vec<_> = texts.iter().flat_map(|text| expander.explain(text).unwrap()).collect();
    assert!(explanation.iter().map(told).eq(of_texts.iter().map(told)));
}

/// What a site tells of a reference in a text.
fn told(site: &Site) -> (&str, &str, Form, Range<usize>, bool, Provenance) {
    (site.name(), site.text(), site.form(), site.span(), site.is_whole(), site.provenance())
}

/// The shape of a document, which is what there is beside its texts, does not depend on the values of variables.
pub fn no_value_becomes_structure(case: &Case<'_>) {
    let shapes = |value| {
        let (vars, host) = (case.vars.all_set_to(value), case.host.all_set_to(value));
        let expander = Expander::new(&vars).fallback(&host);
        let json = read::<Value, _, _>(&case.text, &expander).ok().map(json_without_texts);
        let toml = read::<toml::Value, _, _>(&case.text, &expander).ok().map(toml_without_texts);
        (json, toml)
    };
    let of_text = shapes("x");
    for value in [r#"{"admin":true}"#, r#"a","b"#, r#""x""#, "8080", "null", "1979-05-27"] {
        assert_eq!(shapes(value), of_text, "{value}");
    }
}

fn json_without_texts(value: Value) -> Value {
    match value {
        Value::String(_) => Value::String(String::new()),
        Value::Array(items) => items.into_iter().map(json_without_texts).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, json_without_texts(value))).collect(),
        other => other,
    }
}

fn toml_without_texts(value: toml::Value) -> toml::Value {
    use toml::Value;

    let entry = |(key, value)| (key, toml_without_texts(value));
    match value {
        Value::String(_) => Value::String(String::new()),
        Value::Array(items) => Value::Array(items.into_iter().map(toml_without_texts).collect()),
        Value::Table(map) => Value::Table(map.into_iter().map(entry).collect()),
        other => other,
    }
}

/// How the private keys of formats begin.
const PRIVATE: [&str; 6] =
    ["$sonic_rs::", "$sonic::", "$__toml_private_", "$__private__bson_", "$__bson_private_", "___figment_"];

/// A document in which no key has a meaning.
#[derive(Debug, Clone)]
enum Tree {
    Text(String),
    List(Vec<Tree>),
    /// The entries in their order. What is under a private key is private.
    Map(Vec<(String, Tree)>),
    Other(Value),
}

impl Tree {
    fn expanded(self, case: &Case<'_>) -> Self {
        let vars = |name: &str| case.vars.get(name).map(ToOwned::to_owned);
        let host = |name: &str| case.host.get(name).map(ToOwned::to_owned);
        match self {
            Self::Text(text) => Self::Text(oracle::expand(&text, &vars, &host)),
            Self::List(items) => Self::List(items.into_iter().map(|item| item.expanded(case)).collect()),
            Self::Map(entries) => Self::Map(
                entries
                    .into_iter()
                    .map(|(key, tree)| {
                        let tree = if is_private(&key) { tree } else { tree.expanded(case) };
                        (key, tree)
                    })
                    .collect(),
            ),
            other @ Self::Other(_) => other,
        }
    }

    /// Lists the texts that are not private.
    fn list<'t>(&'t self, texts: &mut Vec<&'t str>) {
        match self {
            Self::Text(text) => texts.push(text),
            Self::List(items) => items.iter().for_each(|item| item.list(texts)),
            Self::Map(entries) => {
                entries.iter().filter(|(key, _)| !is_private(key)).for_each(|(_, tree)| tree.list(texts));
            }
            Self::Other(_) => {}
        }
    }
}

fn is_private(key: &str) -> bool {
    // Of whatever crate: `$serde_json::private::RawValue`.
    let owned = key
        .match_indices("::private::")
        .any(|(at, _)| key.get(..at).is_some_and(|owner| owner.contains('$')));
    owned || PRIVATE.iter().any(|private| key.contains(private))
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Other(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Other(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Other(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Other(value.into()))
    }

    fn visit_unit<E: Error>(self) -> Result<Tree, E> {
        Ok(Tree::Other(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Tree::Map(entries))
    }
}

/// Reads what it holds.
impl<'de> Deserializer<'de> for Tree {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> serde_json::Result<V::Value> {
        match self {
            Self::Text(text) => visitor.visit_string(text),
            Self::List(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter())),
            Self::Map(entries) => visitor.visit_map(MapDeserializer::new(entries.into_iter())),
            Self::Other(value) => value.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl IntoDeserializer<'_, serde_json::Error> for Tree {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// A type of each shape that serde reads in a way of its own.
#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only read")]
struct Shapes {
    #[serde(default)]
    a: Option<u16>,
    #[serde(default)]
    b: Vec<f32>,
    #[serde(default)]
    c: BTreeMap<String, bool>,
    #[serde(default)]
    d: Option<Tagged>,
    #[serde(default)]
    e: Option<Untagged>,
    #[serde(default)]
    f: Option<Plain>,
    #[serde(default)]
    g: Option<Chatty>,
    #[serde(default)]
    h: Option<Open>,
    #[serde(flatten)]
    rest: BTreeMap<String, char>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only read")]
#[serde(tag = "t")]
enum Tagged {
    A { n: u8 },
    B { s: std::net::IpAddr },
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only read")]
#[serde(untagged)]
enum Untagged {
    Number(u64),
    Pair(u8, Plain),
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only read")]
enum Plain {
    Unit,
    New(u8),
    Tuple(i64, char),
    Struct { n: i128 },
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only read")]
enum Open {
    Unit,
    New(Chatty),
    #[serde(other)]
    Other,
}

/// Accepts nothing, and repeats what it has read wherever an error takes a text.
#[derive(Debug)]
struct Chatty;

impl<'de> Deserialize<'de> for Chatty {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let unexpected = Unexpected::Str(&text);
        Err(match text.len() % 5 {
            0 => Error::custom(&text),
            1 => Error::invalid_type(unexpected, &text.as_str()),
            2 => Error::invalid_value(Unexpected::Unit, &text.as_str()),
            3 => Error::invalid_length(text.len(), &text.as_str()),
            _ => Error::unknown_variant(&text, &["x"]),
        })
    }
}

/// No value is in an error, whatever the type is that it does not fit, and whoever calls it.
pub fn no_value_shows_in_errors(case: &Case<'_>) {
    const SECRET: &str = "s3cr3t";
    if case.text.contains(SECRET) {
        return;
    }
    let (vars, host) = (case.vars.all_set_to(SECRET), case.host.all_set_to(SECRET));
    let expander = Expander::new(&vars).fallback(&host);
    for expander in [expander, expander.on_unset(Unset::Reject), expander.output_limit(10)] {
        shows_none::<Shapes>(&case.text, &expander, SECRET);
        shows_none::<Vec<Shapes>>(&case.text, &expander, SECRET);
        shows_none::<Tagged>(&case.text, &expander, SECRET);
        shows_none::<Untagged>(&case.text, &expander, SECRET);
        shows_none::<Vec<Plain>>(&case.text, &expander, SECRET);
        shows_none::<BTreeMap<u8, std::net::IpAddr>>(&case.text, &expander, SECRET);
        shows_none::<u16>(&case.text, &expander, SECRET);
        shows_none::<Chatty>(&case.text, &expander, SECRET);
        shows_none::<Vec<Open>>(&case.text, &expander, SECRET);
        shows_none::<Plain>(&case.text, &expander, SECRET);
    }
}

fn shows_none<T: DeserializeOwned>(text: &str, expander: &Expander<'_, Vars, Vars>, secret: &str) {
    if let Err(error) = read::<T, _, _>(text, expander) {
        assert!(!format!("{error} {error:?}").contains(secret), "{error}");
    }
    let mut json = serde_json::Deserializer::from_str(text);
    if let Err(error) = T::deserialize(de::Deserializer::new(&mut json, expander)) {
        assert!(!format!("{error} {error:?} {:?}", error.sites()).contains(secret), "{error}");
    }
}
