//! The adapter inside and outside of another one: `serde_path_to_error`, and itself.

use std::error::Error as _;
use std::fmt;

use envref::{ErrorKind, Expander, de};
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

use crate::types::Config;
use crate::{SECRET, assert_consistent, expander, read_from};

#[test]
fn serde_path_to_error_composes_in_both_nestings() {
    let rules = expander();
    for (text, expected, kind) in [
        (
            r#"{"server": "$SECRET"}"#,
            "invalid value for $SECRET at server: expected u16",
            ErrorKind::InvalidValue,
        ),
        (r#"{"server": "$UNSET"}"#, "$UNSET is unset, expected u16 at server", ErrorKind::InvalidValue),
        (r#"{"server": []}"#, "invalid type: sequence, expected u16", ErrorKind::Document),
    ] {
        let mut json = serde_json::Deserializer::from_str(text);
        let inside = de::Deserializer::new(&mut json, &rules);
        let error = serde_path_to_error::deserialize::<_, Config>(inside).unwrap_err();
        assert_eq!(error.path().to_string(), "server");
        assert!(error.inner().to_string().starts_with(expected), "{error}");
        assert_eq!(error.inner().kind(), kind);
        assert_consistent(error.inner());
        assert!(!format!("{error:?}").contains(SECRET));

        let mut json = serde_json::Deserializer::from_str(text);
        let mut track = serde_path_to_error::Track::new();
        let inside = serde_path_to_error::Deserializer::new(&mut json, &mut track);
        let error = read_from::<Config, _>(inside).unwrap_err();
        assert_eq!(track.path().to_string(), "server");
        assert!(error.to_string().starts_with(expected), "{error}");
        assert_eq!(error.kind(), kind);
        assert_consistent(&error);
        assert!(error.source().is_none() && !format!("{error:?}").contains(SECRET));
    }
}

/// Adds the numbers of a sequence to those that it has, up to a number that it knows.
struct Append<'a> {
    numbers: &'a mut Vec<u16>,
    most: u16,
}

impl<'de> DeserializeSeed<'de> for Append<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Append<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        while let Some(number) = access.next_element()? {
            if number > self.most {
                return Err(Error::custom(format!("{number} is too large")));
            }
            self.numbers.push(number);
        }
        Ok(())
    }
}

#[test]
fn a_seed_reads_with_what_it_has() {
    let rules = expander();
    let mut numbers = vec![1];
    let mut append = |text, coerces| {
        let mut json = serde_json::Deserializer::from_str(text);
        let adapter = de::Deserializer::new(&mut json, &rules);
        let adapter = if coerces { adapter.coerce() } else { adapter };
        adapter.deserialize_seed(Append { numbers: &mut numbers, most: 9000 })
    };
    append(r#"[2, "$PORT"]"#, false).unwrap();
    append(r#"["3"]"#, true).unwrap();

    let error = append(r#"["$SECRET"]"#, false).unwrap_err();
    assert!(error.to_string().starts_with("invalid value for $SECRET at [0]: expected u16"), "{error}");
    assert_consistent(&error);
    // What the seed says may hold a value.
    let error = append(r#"[4, "1$PORT"]"#, false).unwrap_err();
    let expected = "invalid value, in which $PORT is expanded at [1]";
    assert!(error.to_string().starts_with(expected) && !format!("{error:?}").contains("18080"), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    let error = append("[9001]", false).unwrap_err();
    assert!(error.to_string().starts_with("9001 is too large"), "{error}");
    assert_eq!(numbers, [1, 2, 8080, 3, 4]);
}

#[test]
fn an_adapter_around_an_adapter_expands_by_both_rules() {
    let (first, second) = ([("A", "$B")], [("B", "80")]);
    let (inner_rules, outer_rules) = (Expander::new(&first), Expander::new(&second));
    let mut json = serde_json::Deserializer::from_str(r#"["$A", "$B"]"#);
    let inner = de::Deserializer::new(&mut json, &inner_rules);
    // `$B` is the empty text for the inner one, which is the only one to see it.
    let read: [String; 2] = de::deserialize(inner, &outer_rules).unwrap();
    assert_eq!(read, ["80", ""]);

    let secret = [("B", SECRET)];
    let outer_rules = Expander::new(&secret);
    let mut json = serde_json::Deserializer::from_str(r#"["$A"]"#);
    let inner = de::Deserializer::new(&mut json, &inner_rules);
    let error = de::deserialize::<_, [u16; 1], _, _>(inner, &outer_rules).unwrap_err();
    assert!(!format!("{error} {error:?} {error:#?} {:?}", error.sites()).contains(SECRET), "{error:?}");
    // The inner one takes what the outer one says for what a type says.
    assert!(error.site().is_none());
}
