//! What messages say.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU16;

use envref::Expander;
use serde::Deserialize;

use crate::types::{Adjacent, Config, Content, Flat, Tagged, TriedFrom};
use crate::{assert_starts_with, check_error, read, read_by, read_from};

#[test]
fn a_message_names_reference_and_path_and_what_was_expected() {
    check_error::<Config>(
        r#"{"server": "${SECRET}"}"#,
        "invalid value for ${SECRET} at server: expected u16",
    );
    check_error::<u16>(r#""${SECRET}""#, "invalid value for ${SECRET}: expected u16");
    check_error::<u16>(r#""${BIG}""#, "invalid value for ${BIG}: expected u16");
    check_error::<u8>(r#""-${PORT}$<PORT>""#, "invalid value for ${PORT}, $<PORT>: expected u8");
    check_error::<u8>(r#""1$UNSET$PORT""#, "invalid value for $PORT: expected u8");
    check_error::<f64>(r#""$HUGE""#, "invalid value for $HUGE: expected f64");
    check_error::<f32>(r#""1$HUGE""#, "invalid value for $HUGE: expected f32");
    check_error::<NonZeroU16>(r#""0$EMPTY""#, "invalid value for $EMPTY: expected a nonzero u16");
    check_error::<bool>(r#""x$SECRET""#, "invalid value for $SECRET: expected a boolean");
    check_error::<char>(r#""$SECRET""#, "invalid value for $SECRET: expected a character");
    check_error::<Vec<SocketAddr>>(
        r#"["$SECRET"]"#,
        "invalid value for $SECRET at [0]: expected socket address",
    );
    check_error::<Content>(
        r#""$SECRET""#,
        "invalid value for $SECRET: expected one of `Mail`, `New`, `Pair`, `Full`",
    );
    check_error::<Content>(
        r#"{"Full": {"port": "$SECRET"}}"#,
        "invalid value for $SECRET at Full.port: expected u16",
    );
}

#[test]
fn a_message_about_what_was_read_first_names_what_was_expanded_in_it() {
    check_error::<Vec<TriedFrom>>(r#"["$SECRET"]"#, "invalid value at [0], in which $SECRET is expanded");
    check_error::<TriedFrom>(r#""$SECRET""#, "invalid value, in which $SECRET is expanded");
    check_error::<Vec<Flat>>(
        r#"[{"name": "n", "port": "$SECRET"}]"#,
        buffered!("invalid value at [0], in which $SECRET is expanded at [0].port"),
    );
    check_error::<Tagged>(
        r#"{"kind": "A", "port": "$SECRET"}"#,
        buffered!("invalid value, in which $SECRET is expanded at port"),
    );
    check_error::<Tagged>(
        r#"{"kind": "$SECRET", "port": 1}"#,
        "invalid value for $SECRET at kind: expected `A`",
    );
    check_error::<Adjacent>(
        r#"{"content": {"port": "$SECRET"}, "kind": "A"}"#,
        buffered!("invalid value, in which $SECRET is expanded at content.port"),
    );
}

#[test]
fn a_message_names_each_reference_once_and_those_without_a_value() {
    check_error::<Tagged>(
        r#"{"kind": "A", "a": "$PORT$PORT", "port": "$UNSET", "b": "x$UNSET $YES"}"#,
        buffered!("invalid value, in which $PORT, $UNSET (unset), $YES are expanded"),
    );
    check_error::<Tagged>(
        r#"{"kind": "A", "port": "$UNSET"}"#,
        buffered!("invalid value, in which $UNSET (unset) is expanded at port"),
    );
    check_error::<Vec<Tagged>>(
        r#"[{"kind": "A", "port": "x", "a": "$A1$A2$A3$A4", "b": "$A5$A6$A7$A8$A9$PORT"}]"#,
        buffered!(
            "invalid value at [0], in which $A5 (unset), $A6 (unset), $A7 (unset), $A8 (unset), $A9 (unset), $PORT are expanded at [0].b"
        ),
    );
    let all: Vec<_> = (1..=9).map(|n| (format!("A{n}"), "s3cret")).collect();
    let vars: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let result = read_by::<u16>(r#""$A1$A2$A3$A4$A5$A6$A7$A8$A9""#, &Expander::new(&vars));
    assert_starts_with(result, "invalid value for $A1, $A2, $A3, $A4, $A5, $A6, $A7, $A8, …: expected u16");
    check_error::<Tagged>(
        r#"{"kind": "A", "port": "$EMPTY"}"#,
        buffered!("invalid value, in which $EMPTY is expanded at port"),
    );
}

#[test]
fn other_errors_keep_their_message() {
    check_error::<Config>(r#"{"x": "$SECRET"}"#, "missing field `server`");
    check_error::<(String, u16)>(
        r#"["$SECRET"]"#,
        "invalid value, in which $SECRET is expanded at [0]: invalid length",
    );
    check_error::<(String, u16)>(r#"["secret"]"#, "invalid length 1, expected a tuple of size 2");
    check_error::<(String, u16)>(r#"["$SECRET", []]"#, "invalid type: sequence, expected u16");
    check_error::<(String, u16)>(r#"["$SECRET", 99999]"#, "invalid value: integer `99999`, expected u16");
    check_error::<Content>(r#"{"Mail": 1}"#, "invalid type: integer `1`, expected unit");
    check_error::<(String, TriedFrom)>(r#"["$SECRET", "me"]"#, "I do not like me");
    check_error::<(String, u16)>(r#"["$SECRET", }"#, "expected value");
}

#[test]
fn a_type_can_wrap_an_error_in_a_message_of_its_own() {
    #[derive(Debug)]
    struct Wrapping;

    impl<'de> Deserialize<'de> for Wrapping {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let result = u16::deserialize(deserializer);
            result.map(|_| Self).map_err(|error| serde::de::Error::custom(format!("no port: {error}")))
        }
    }

    check_error::<Vec<Wrapping>>("[[]]", "no port: invalid type: sequence, expected u16");
    check_error::<Vec<Wrapping>>(r#"["x"]"#, "no port: invalid type: string \"x\", expected u16");
    check_error::<Vec<Wrapping>>(r#"["$SECRET"]"#, "invalid value at [0], in which $SECRET is expanded");
}

#[test]
fn a_key_that_is_a_number_is_a_step_of_the_path() {
    let yaml = yaml_serde::Deserializer::from_str("k: {1: 1, -2: $SECRET}");
    let error = read_from::<BTreeMap<String, BTreeMap<i8, u16>>, _>(yaml).unwrap_err();
    assert!(error.to_string().contains("invalid value for $SECRET at k.-2: expected u16"), "{error}");
}

#[test]
fn a_key_without_a_name_is_a_question_mark_in_the_path() {
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
    #[serde(untagged)]
    enum Key {
        Name(String),
        List(Vec<String>),
    }

    let yaml = yaml_serde::Deserializer::from_str("k: 1\n? [$PORT]\n: $SECRET\n");
    let error = read_from::<BTreeMap<Key, u16>, _>(yaml).unwrap_err();
    assert!(error.to_string().contains("invalid value for $SECRET at [?]: expected u16"), "{error}");
}

#[test]
fn a_message_that_names_a_key_does_nothing_to_a_terminal() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Empty {}
    let error = read::<Empty>(r#"{"a\u001b[31m\u202e\r\tb": 1}"#).unwrap_err();
    let message = "unknown field `a\u{FFFD}[31m\u{FFFD}\u{FFFD}\tb`, there are no fields at line 1 column 25";
    assert_eq!(error.to_string(), message);
}
