//! Converts a text to the bool or the number that is expected.

use alloc::string::String;
use core::fmt;

use serde_core::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};

/// How the key ends of the one-entry map that a number is with the feature `arbitrary_precision` of `serde_json`, or of a crate
/// made from it.
const JSON_NUMBER: &str = "::private::Number";

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Scalar {
    Bool,
    Integer,
    F32,
    F64,
}

/// Hands `text` on as the bool or the number that it is, or gives the visitor back.
pub(super) fn visit_number<'de, V, E>(
    scalar: Scalar,
    text: &str,
    visitor: V,
) -> Result<Result<V::Value, E>, V>
where
    V: Visitor<'de>,
    E: Error,
{
    // Rust reads a number that is too large as infinity.
    let is_overflow = |infinite: bool| infinite && text.contains(|c: char| c.is_ascii_digit());
    if scalar == Scalar::Bool {
        if let Ok(value) = text.parse() {
            return Ok(visitor.visit_bool(value));
        }
    } else if scalar == Scalar::Integer {
        if let Ok(value) = text.parse::<u64>() {
            return Ok(visitor.visit_u64(value));
        }
        if let Ok(value) = text.parse::<i64>() {
            return Ok(visitor.visit_i64(value));
        }
        if let Ok(value) = text.parse::<u128>() {
            return Ok(visitor.visit_u128(value));
        }
        if let Ok(value) = text.parse::<i128>() {
            return Ok(visitor.visit_i128(value));
        }
    } else if let (Scalar::F32, Ok(value)) = (scalar, text.parse::<f32>()) {
        if !is_overflow(value.is_infinite()) {
            return Ok(visitor.visit_f32(value));
        }
    } else if let (Scalar::F64, Ok(value)) = (scalar, text.parse::<f64>()) {
        if !is_overflow(value.is_infinite()) {
            return Ok(visitor.visit_f64(value));
        }
    }
    Err(visitor)
}

/// Reads the number that `serde_json` gives as a map of one entry, with its feature `arbitrary_precision`.
pub(super) fn visit_json_number<'de, A, V>(
    scalar: Scalar,
    mut access: A,
    visitor: V,
) -> Result<V::Value, A::Error>
where
    A: MapAccess<'de>,
    V: Visitor<'de>,
{
    if !matches!(access.next_key_seed(JsonNumber), Ok(Some(()))) {
        return Err(A::Error::invalid_type(Unexpected::Map, &visitor));
    }
    let text: String = access.next_value()?;
    match visit_number(scalar, &text, visitor).or_else(|visitor| visit_number(Scalar::F64, &text, visitor)) {
        Ok(result) => result,
        Err(visitor) => Err(A::Error::invalid_value(Unexpected::Other("number"), &visitor)),
    }
}

/// The key of such a map.
struct JsonNumber;

impl<'de> DeserializeSeed<'de> for JsonNumber {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for JsonNumber {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<(), E> {
        if key.ends_with(JSON_NUMBER) { Ok(()) } else { Err(E::invalid_type(Unexpected::Map, &self)) }
    }
}

/// Reads the number with a tag that a format gives as an enum where any value is asked for. Asked for a number, it would pass
/// over the tag.
pub(super) fn visit_tagged<'de, A, V>(access: A, visitor: V) -> Result<V::Value, A::Error>
where
    A: EnumAccess<'de>,
    V: Visitor<'de>,
{
    let (IsCbor(is_cbor), content) = access.variant_seed(IsCbor(false))?;
    if is_cbor {
        content.tuple_variant(2, Tagged(visitor))
    } else {
        content.newtype_variant_seed(Tagged(visitor))
    }
}

/// Whether the name of a variant is the one by which ciborium passes a tag: the content is a pair of tag and value then. In
/// other formats (YAML) the name is the tag, and the content is the value.
struct IsCbor(bool);

impl<'de> DeserializeSeed<'de> for IsCbor {
    type Value = Self;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for IsCbor {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a tag")
    }

    fn visit_str<E: Error>(self, tag: &str) -> Result<Self, E> {
        Ok(Self(tag == "@@TAGGED@@"))
    }
}

/// What has a tag: as the only content, or as the second of a pair.
struct Tagged<V>(V);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Tagged<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_any(self.0)
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Tagged<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pair: A) -> Result<V::Value, A::Error> {
        pair.next_element::<IgnoredAny>()?;
        pair.next_element_seed(Tagged(self.0))?.ok_or_else(|| A::Error::custom("a tag without a value"))
    }
}
