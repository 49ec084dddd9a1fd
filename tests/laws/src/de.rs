//! The laws of the serde adapter, over JSON.

use std::collections::BTreeMap;
use std::ops::Range;

use arbitrary::{Arbitrary as _, Unstructured};
use envref::{Expander, Form, Lookup, Provenance, Site, Unset, de};
use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::case::{Case, Vars};
use crate::oracle;

/// Checks all laws on a file of the fuzzer: a [`Case`] whose text is a JSON document.
pub fn check(data: &[u8]) {
    let Ok(case) = Case::arbitrary_take_rest(Unstructured::new(data)) else { return };
    the_adapter_reads_the_expansion_of_the_parsed_value(&case);
    a_document_is_explained_as_its_texts_are(&case);
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

/// What is read through the adapter is what is read without it, with each string value expanded.
pub fn the_adapter_reads_the_expansion_of_the_parsed_value(case: &Case<'_>) {
    let expander = Expander::new(&case.vars).fallback(&case.host);
    match (serde_json::from_str::<Value>(&case.text), read::<Value, _, _>(&case.text, &expander)) {
        (Ok(before), Ok(after)) => assert_eq!(after, expanded(before, case)),
        (Err(before), Err(after)) => assert_eq!(after.to_string(), before.to_string()),
        (before, after) => panic!("{before:?} without the adapter, {after:?} with it"),
    }
}

fn expanded(value: Value, case: &Case<'_>) -> Value {
    let vars = |name: &str| case.vars.get(name).map(ToOwned::to_owned);
    let host = |name: &str| case.host.get(name).map(ToOwned::to_owned);
    match value {
        Value::String(text) => Value::String(oracle::expand(&text, &vars, &host)),
        Value::Array(items) => items.into_iter().map(|item| expanded(item, case)).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, expanded(value, case))).collect(),
        other => other,
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
    let result = read::<Value, _, _>(&case.text, &expander.on_unset(Unset::Reject));
    assert_eq!(result.is_ok(), explanation.iter().all(|site| site.reason().is_none()));
    assert!(explanation.iter().all(|site| site.path().is_some() && site.position().is_none()));
    let Ok(Entries(texts)) = serde_json::from_str(&case.text) else { return };
    let of_texts: Vec<_> = texts.iter().flat_map(|text| expander.explain(text).unwrap()).collect();
    assert!(explanation.iter().map(told).eq(of_texts.iter().map(told)));
}

/// What a site tells of a reference in a text.
fn told(site: &Site) -> (&str, &str, Form, Range<usize>, bool, Provenance) {
    (site.name(), site.text(), site.form(), site.span(), site.is_whole(), site.provenance())
}

/// The texts of all values of a document, in its order.
struct Entries(Vec<String>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self(Vec::new()))
    }
}

impl<'de> Visitor<'de> for Entries {
    type Value = Self;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self, E> {
        Ok(Self(vec![text.to_owned()]))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E: Error>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut entries: A) -> Result<Self, A::Error> {
        while let Some(Self(texts)) = entries.next_element()? {
            self.0.extend(texts);
        }
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<Self, A::Error> {
        while let Some((IgnoredAny, Self(texts))) = entries.next_entry()? {
            self.0.extend(texts);
        }
        Ok(self)
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
