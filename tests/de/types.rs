//! The types that the tests read, one for each way in which serde reads a type; and those that refuse all they read.

use serde::Deserialize;
use serde::de::{Error, Unexpected, Visitor};

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Port(pub(crate) u16);

#[derive(Debug, Deserialize)]
pub(crate) struct Config {
    #[allow(dead_code, reason = "only its error is looked at")]
    server: Port,
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Inner {
    pub(crate) port: u16,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) enum Content {
    Mail,
    New(u16),
    Pair(u16, String),
    Full { port: u16 },
}

#[derive(Debug, PartialEq, Eq, Hash, Deserialize)]
pub(crate) enum Open {
    Mail,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Flat {
    #[allow(dead_code, reason = "only its error is looked at")]
    name: String,
    #[serde(flatten)]
    #[allow(dead_code, reason = "only its error is looked at")]
    inner: Inner,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "kind")]
pub(crate) enum Tagged {
    A(Inner),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", content = "content")]
pub(crate) enum Adjacent {
    A(Inner),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Untagged {
    Port(u16),
    Text(String),
}

/// Refuses every text, in a conversion, and says it.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct TriedFrom;

impl TryFrom<String> for TriedFrom {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Err(format!("I do not like {text}"))
    }
}

/// Refuses what it has read with an error that says so in what it expected.
#[derive(Debug)]
pub(crate) struct Chatty<const CASE: u8>;

impl<'de, const CASE: u8> Deserialize<'de> for Chatty<CASE> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<const CASE: u8>;

        impl<const CASE: u8> Visitor<'_> for Text<CASE> {
            type Value = Chatty<CASE>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("another text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Chatty<CASE>, E> {
                let expected = format!("no {text}");
                Err(E::invalid_value(Unexpected::Str(text), &expected.as_str()))
            }
        }

        if CASE == 0 {
            return deserializer.deserialize_str(Text);
        }
        let text = String::deserialize(deserializer)?;
        let expected = format!("no {text}");
        let expected = expected.as_str();
        Err(match CASE {
            1 => D::Error::invalid_value(Unexpected::Str(&text), &expected),
            2 => D::Error::invalid_length(text.len(), &expected),
            3 => D::Error::invalid_type(Unexpected::Unit, &expected),
            _ => D::Error::invalid_type(Unexpected::Other(&text), &expected),
        })
    }
}

/// Refuses what it has read, by the name of a variant.
#[derive(Debug)]
pub(crate) struct Named;

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(Error::unknown_variant(&text, &["a", "b"]))
    }
}

/// Refuses what it has read, as a field of which there should be none.
#[derive(Debug)]
pub(crate) struct Choosy;

impl<'de> Deserialize<'de> for Choosy {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(Error::unknown_field(&text, &[]))
    }
}
