//! The types that documents are read into: generic over what takes the value, so that they write a template, too.

use std::time::Duration;

use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct At<T> {
    pub(crate) v: T,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Newtype<T>(pub(crate) T);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Unit;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind<T> {
    Mail,
    New(T),
    Pair(T, bool),
    Full { port: T },
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Timed {
    #[serde(with = "humantime_serde")]
    pub(crate) v: Duration,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Port<T> {
    pub(crate) port: T,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Closed {
    pub(crate) port: u16,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Coerced<T> {
    #[serde(deserialize_with = "envref::de::coerce", bound(deserialize = "T: Deserialize<'de>"))]
    pub(crate) port: T,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EmptyAsNone<T> {
    #[serde(
        default,
        deserialize_with = "envref::de::empty_as_none",
        bound(deserialize = "T: Deserialize<'de>")
    )]
    pub(crate) port: Option<T>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Flat<T> {
    #[serde(flatten)]
    pub(crate) v: T,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Internal<T> {
    A(T),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Untagged<T> {
    A(T),
}

/// Its content comes before its tag where maps are sorted, and it is read by way of a buffer then.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "z_kind", content = "content", rename_all = "lowercase")]
pub(crate) enum Adjacent<T> {
    A(T),
}

/// What is written for it: the content first.
#[derive(Serialize)]
pub(crate) struct ContentFirst<T> {
    pub(crate) content: T,
    pub(crate) z_kind: Tag,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tag {
    A,
}
