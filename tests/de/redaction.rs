//! No value of a variable shows, whoever makes the message and whoever asks.

use envref::{Paths, de};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

use crate::types::{Adjacent, Chatty, Choosy, Config, Named, Tagged, TriedFrom, Untagged};
use crate::{SECRET, assert_no_secret, check_error, expander, pass_on, without_place};

/// What a message says if nothing that a type says of a value may show.
const WITHHELD: &str = "invalid value (details withheld: they may contain a variable's value)";

#[test]
fn what_a_type_expected_is_withheld_if_it_may_hold_a_value() {
    let text = r#"["$SECRET"]"#;
    check_error::<[Chatty<0>; 1]>(text, "invalid value for $SECRET at [0]: expected another text");
    check_error::<[Chatty<1>; 1]>(text, "invalid value at [0], in which $SECRET is expanded");
    check_error::<[Chatty<2>; 1]>(text, "invalid value at [0], in which $SECRET is expanded: invalid length");
    check_error::<[Chatty<3>; 1]>(
        text,
        "invalid value at [0], in which $SECRET is expanded: unexpected unit value",
    );
    check_error::<[Chatty<4>; 1]>(text, "invalid value at [0], in which $SECRET is expanded");
    check_error::<[Chatty<3>; 1]>(r#"["x"]"#, "invalid type: null, expected no x");
}

#[test]
fn what_a_type_says_after_the_adapter_has_returned_is_withheld() {
    #[track_caller]
    fn check<T: DeserializeOwned + Debug>(text: &str, expected: &str) {
        let error = pass_on::<T>(text).unwrap_err();
        let message = error.to_string();
        assert_eq!(without_place(&error), expected, "{text}");
        assert_no_secret(&error);
        let inner = error.into_inner();
        assert!(!format!("{inner} {inner:?}").contains(SECRET), "{inner:?}");

        let mut json = serde_json::Deserializer::from_str(text);
        let rules = expander();
        let error = serde_path_to_error::deserialize::<_, T>(de::Deserializer::new(&mut json, &rules));
        let error = error.unwrap_err();
        assert_eq!(error.inner().to_string(), message);
        assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");
    }
    check::<Tagged>(r#"{"kind": "A", "port": "$SECRET"}"#, buffered!("invalid value"));
    check::<Tagged>(r#"{"kind": "A", "port": []}"#, "invalid value: unexpected sequence, expected u16");
    check::<Tagged>(r#"{"kind": "A"}"#, "missing field `port`");
    check::<Tagged>(r#"{"kind": "A", "port": 1, "port": 2}"#, "duplicate field `port`");
    check::<Tagged>(r#"{"kind": "$SECRET"}"#, "invalid value for $SECRET at kind: expected `A`");
    check::<Tagged>(r#"{"kind": "A""#, "EOF while parsing an object");
    check::<Adjacent>(
        r#"{"content": {"port": "$SECRET"}, "kind": "A"}"#,
        buffered!("invalid value, in which $SECRET is expanded at content.port"),
    );
    check::<TriedFrom>(r#""$SECRET""#, WITHHELD);
    check::<Choosy>(r#""$SECRET""#, WITHHELD);
    check::<Named>(r#""$SECRET""#, "invalid value: expected one of `a`, `b`");
    check::<Untagged>("[true]", WITHHELD);
    check::<Config>(r#"{"server": "$SECRET"}"#, "invalid value for $SECRET at server: expected u16");
    assert_eq!(pass_on::<Untagged>(r#""$SECRET""#).unwrap(), Untagged::Text(SECRET.to_owned()));
}

#[test]
fn debug_output_shows_the_rules_and_no_value() {
    let paths = Paths::new(["a.b"]).unwrap();
    let rules = expander().paths(&paths);
    let mut json = serde_json::Deserializer::from_str(r#""$SECRET""#);
    let shown = format!("{:?}", de::Deserializer::new(&mut json, &rules).coerce());
    assert!(shown.starts_with("Deserializer { expander: Expander {"), "{shown}");
    assert!(shown.contains("coerce: true") && !shown.contains(SECRET), "{shown}");
    let error = u16::deserialize(de::Deserializer::new(&mut json, &rules)).unwrap_err();
    assert_no_secret(&error);
}
