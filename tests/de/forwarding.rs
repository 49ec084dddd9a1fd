//! What a deserializer may do and JSON does not, and what the adapter hands on of it: shapes, hints, errors.

use envref::{Provenance, de};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, value};
use serde::de::{Error, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use std::collections::BTreeMap;
use std::error::Error as _;

use crate::types::Content;
use crate::{assert_consistent, expander, pass_on, read, read_from};

/// A text in a format that reads no enum and is not human-readable. Four texts stand for something else: a unit, a text in
/// an option and in a newtype, and one that is refused with what was expected.
#[derive(Clone, Copy)]
pub(crate) struct Terse(pub(crate) &'static str);

impl<'de> serde::Deserializer<'de> for Terse {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            "unit" => visitor.visit_unit(),
            "some" => visitor.visit_some(Self("$UNSET")),
            "newtype" => visitor.visit_newtype_struct(Self("$UNSET")),
            "refused" => Err(Error::invalid_type(Unexpected::Other("text"), &visitor)),
            text => visitor.visit_borrowed_str(text),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        Err(Error::invalid_type(Unexpected::Other("text"), &visitor))
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl IntoDeserializer<'_, value::Error> for Terse {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Returns a deserializer of `value`.
fn direct<'de, T: IntoDeserializer<'de, value::Error>>(value: T) -> T::Deserializer {
    value.into_deserializer()
}

#[test]
fn a_text_in_an_option_or_in_a_newtype_is_explained_and_expanded() {
    for wrapped in ["some", "newtype"] {
        let explanation = de::explain(Terse(wrapped), &expander()).unwrap();
        assert_eq!(explanation[0].to_string(), "unresolved reference $UNSET: unset, and no fallback is set");
        assert!(matches!(explanation[0].provenance(), Provenance::Missing(_)));
        assert_eq!(explanation[0].path(), Some(""));
    }
    assert_eq!(de::explain(Terse("unit"), &expander()).unwrap()[..], []);
    assert_eq!(read_from::<Option<String>, _>(Terse("some")).unwrap(), Some(String::new()));
    assert_eq!(de::empty_as_none::<_, u16>(Terse("unit")).unwrap(), None);
}

#[test]
fn integers_of_128_bits_are_taken() {
    assert_eq!(read_from::<f64, _>(direct(-3_i128)).unwrap(), -3.0);
    assert_eq!(read_from::<i128, _>(direct(-3_i128)).unwrap(), -3);
    let lowest = "-170141183460469231731687303715884105728";
    assert_eq!(de::coerce::<_, i128>(Terse(lowest)).unwrap(), i128::MIN);
}

#[test]
fn a_variant_is_named_by_its_index_or_in_bytes() {
    assert_eq!(read_from::<Content, _>(direct(0_u32)).unwrap(), Content::Mail);
    let map = MapDeserializer::<_, value::Error>::new([(&b"New"[..], 8)].into_iter());
    let map = MapAccessDeserializer::new(map);
    assert_eq!(read_from::<Content, _>(map).unwrap(), Content::New(8));
}

#[test]
fn is_human_readable_is_forwarded() {
    struct IsHumanReadable(bool);

    impl<'de> Deserialize<'de> for IsHumanReadable {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let is_human_readable = deserializer.is_human_readable();
            IgnoredAny::deserialize(deserializer).map(|_| Self(is_human_readable))
        }
    }

    let rules = expander();
    assert!(pass_on::<IsHumanReadable>("[1]").unwrap().0);
    assert!(read::<Vec<IsHumanReadable>>("[1]").unwrap()[0].0);
    assert!(!IsHumanReadable::deserialize(de::Deserializer::new(Terse("x"), &rules)).unwrap().0);
    assert!(!read_from::<IsHumanReadable, _>(Terse("x")).unwrap().0);
}

#[test]
fn size_hint_is_forwarded() {
    struct Hint(Option<usize>);

    impl<'de> Visitor<'de> for Hint {
        type Value = Self;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("entries")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
            let hint = Self(entries.size_hint());
            while entries.next_element::<IgnoredAny>()?.is_some() {}
            Ok(hint)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
            let hint = Self(entries.size_hint());
            while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(hint)
        }
    }

    impl<'de> Deserialize<'de> for Hint {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(Self(None))
        }
    }

    let entries = || [("a", 1), ("b", 2), ("c", 3)].into_iter();
    let seq = SeqDeserializer::<_, value::Error>::new([1, 2, 3].into_iter());
    assert_eq!(read_from::<Hint, _>(seq).unwrap().0, Some(3));
    let map = MapDeserializer::<_, value::Error>::new(entries());
    assert_eq!(read_from::<Hint, _>(map).unwrap().0, Some(3));
    let unknown = MapDeserializer::<_, value::Error>::new(entries().filter(|_| true));
    assert_eq!(read_from::<Hint, _>(unknown).unwrap().0, None);
}

#[test]
fn expecting_is_forwarded() {
    let refused = Terse("refused");
    let message = |error: de::Error<value::Error>| {
        assert_consistent(&error);
        error.to_string()
    };
    assert_eq!(
        read_from::<u16, _>(refused).map_err(message),
        Err("invalid type: text, expected u16".to_owned())
    );
    assert_eq!(
        de::explain(refused, &expander()).map_err(message),
        Err("invalid type: text, expected any value".to_owned())
    );
    let map = MapDeserializer::new([(refused, 1)].into_iter());
    assert_eq!(
        read_from::<Content, _>(MapAccessDeserializer::new(map)).map_err(message),
        Err("invalid type: text, expected variant identifier".to_owned())
    );
    assert_eq!(
        de::empty_as_none::<_, u16>(refused).map_err(|error| error.to_string()),
        Err("invalid type: text, expected an optional value".to_owned())
    );
}

#[test]
fn the_private_number_of_serde_json_is_a_number() {
    fn number<T: DeserializeOwned>(text: &str) -> Result<T, String> {
        let entries = [("$serde_json::private::Number", text)];
        let map = MapDeserializer::<_, value::Error>::new(entries.into_iter());
        read_from(map).map_err(|error| error.to_string())
    }
    assert_eq!(number::<u16>("8080").unwrap(), 8080);
    assert_eq!(number::<u16>("80x").unwrap_err(), "invalid value: number, expected u16");
    assert_eq!(number::<i64>("-8080").unwrap(), -8080);
    assert_eq!(number::<f64>("1e3").unwrap(), 1000.0);
    assert_eq!(number::<BTreeMap<String, String>>("1.10").unwrap()["$serde_json::private::Number"], "1.10");
    assert_eq!(number::<u16>("1.5").unwrap_err(), "invalid type: floating point `1.5`, expected u16");
}

#[test]
fn the_source_of_an_error_is_forwarded() {
    /// Fails with itself, and with a source.
    #[derive(Debug)]
    struct Broken;

    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other(Self))
        }
    }

    impl std::error::Error for Broken {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&std::fmt::Error)
        }
    }

    impl std::fmt::Display for Broken {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("broken")
        }
    }

    let rules = expander();
    let broken = || serde_json::Deserializer::from_reader(Broken);
    let (mut read, mut passed) = (broken(), broken());
    for error in [
        de::deserialize::<_, u16, _, _>(&mut read, &rules).unwrap_err(),
        u16::deserialize(de::Deserializer::new(&mut passed, &rules)).unwrap_err(),
    ] {
        assert_eq!(error.source().unwrap().to_string(), std::fmt::Error.to_string());
        let (shown, debugged) = (error.to_string(), format!("{error:?}"));
        let inner = error.into_inner();
        assert!(inner.is_io());
        assert_eq!((shown, debugged), (inner.to_string(), format!("{inner:?}")));
    }
}
