//! The serde adapter, on JSON. What differs from format to format is in the package `formats`.

#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::error::Error as _;
use std::fmt::Debug;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;

use envref::{Expander, Paths, ProcessEnv, Reason, de};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use serde_json::Value;

const SECRET: &str = "s3cret";

const VARS: [(&str, &str); 11] = [
    ("PORT", "8080"),
    ("BIG", "99999"),
    ("YES", "true"),
    ("HALF", "0.5"),
    ("HUGE", "1e999"),
    ("NEGATIVE", "-7"),
    ("C", "é"),
    ("KIND", "Mail"),
    ("EMPTY", ""),
    ("SECRET", SECRET),
    ("WIDE", "170141183460469231731687303715884105727"),
];

fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, serde_json::Error> {
    de::deserialize(&mut serde_json::Deserializer::from_str(text), &Expander::new(&VARS).no_fallback())
}

#[allow(clippy::needless_pass_by_value, reason = "it reads better where it is called")]
#[track_caller]
fn check<T: DeserializeOwned + PartialEq + Debug>(text: &str, expected: T) {
    assert_eq!(read::<T>(text).unwrap(), expected, "{text}");
}

/// Checks that a message is exactly this, with a place from the format after it or not.
#[track_caller]
fn check_error<T: DeserializeOwned>(text: &str, expected: &str) {
    let Err(error) = read::<T>(text) else { panic!("{text} was read") };
    let message = error.to_string();
    let (message, _) = message.split_once(" at line ").unwrap_or((&message, ""));
    assert_eq!(message, expected, "{text}");
    assert_no_secret(&error);
}

#[track_caller]
fn assert_no_secret(error: &dyn std::error::Error) {
    assert!(!format!("{error} {error:?} {error:#?}").contains(SECRET), "{error:?}");
    assert!(error.source().is_none(), "{error:?}");
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
enum Content {
    Mail,
    New(u16),
    Pair(u16, String),
    Full { port: u16 },
}

#[derive(Debug, PartialEq, Deserialize)]
struct Port(u16);

#[test]
fn typed_values_are_read_from_whole_and_embedded_references() {
    check(r#""${PORT}""#, 8080_u16);
    check(r#""1${PORT}""#, 18080_u64);
    check(r#""$NEGATIVE""#, -7_i8);
    check(r#""$NEGATIVE""#, -7_i64);
    check(r#""$<HALF>""#, 0.5_f64);
    check(r#""${PORT}""#, 8080_f32);
    check(r#""1$HALF""#, 10.5_f32);
    check(r#""$YES""#, true);
    check(r#""$C""#, 'é');
    check(r#""$PORT""#, NonZeroU16::new(8080).unwrap());
    check(r#""$PORT""#, Some(8080_u16));
    check(r#""$PORT""#, Port(8080));
    check(r#"["$PORT", "$YES"]"#, (8080_u16, true));
    check(r#"["$PORT", 7]"#, vec![8080_u16, 7]);
    check(r#""/srv/$PORT""#, PathBuf::from("/srv/8080"));
    check(r#""127.0.0.1:${PORT}""#, SocketAddr::from(([127, 0, 0, 1], 8080)));
    check(r#""$KIND""#, Content::Mail);
    check(r#"{"New": "$PORT"}"#, Content::New(8080));
    check(r#"{"Pair": ["$PORT", "$KIND"]}"#, Content::Pair(8080, "Mail".into()));
    check(r#"{"Full": {"port": "$PORT"}}"#, Content::Full { port: 8080 });
    check(r#"["x$PORT", {"a": "$PORT"}]"#, serde_json::json!(["x8080", {"a": "8080"}]));
}

#[test]
fn text_without_a_reference_is_not_converted() {
    check_error::<u16>(r#""8080""#, r#"invalid type: string "8080", expected u16"#);
    check_error::<bool>(r#""true""#, r#"invalid type: string "true", expected a boolean"#);
    check_error::<u16>(r#""1$UNSET""#, r#"invalid type: string "1$UNSET", expected u16"#);
    check(r#""0123""#, "0123".to_owned());
    check(r#""$EMPTY""#, String::new());
    check(r#""$5 and $""#, "$5 and $".to_owned());
}

#[test]
fn keys_are_never_expanded() {
    check(r#"{"$PORT": "$PORT"}"#, BTreeMap::from([("$PORT".to_owned(), "8080".to_owned())]));
    check(r#"{"7": "$PORT"}"#, BTreeMap::from([(7_u16, 8080_u16)]));
    check(r#"{"Mail": "$PORT"}"#, HashMap::from([(KeyKind::Mail, 8080_u16)]));
    check_error::<BTreeMap<u16, u16>>(
        r#"{"$PORT": 1}"#,
        "invalid value: expected key to be a number in quotes",
    );
    check_error::<HashMap<KeyKind, u16>>(r#"{"$KIND": 1}"#, "unknown variant `$KIND`, expected `Mail`");
    check_error::<Content>(
        r#"{"a": {"$KIND": 1}}"#,
        "unknown variant `a`, expected one of `Mail`, `New`, `Pair`, `Full`",
    );
}

#[derive(Debug, PartialEq, Eq, Hash, Deserialize)]
enum KeyKind {
    Mail,
}

#[derive(Debug, PartialEq, Eq, Hash, Deserialize)]
enum Open {
    Mail,
    #[serde(other)]
    Other,
}

#[test]
fn the_name_of_a_variant_is_expanded_if_it_is_a_value_and_not_if_it_is_a_key() {
    check(r#"["$KIND", "$UNSET", "x$UNSET"]"#, [Open::Mail, Open::Other, Open::Other]);
    check(r#"["$KIND"]"#, [Content::Mail]);
    // Which of the two a name without content is, the format does not say.
    check(r#"[{"$KIND": null}]"#, [Content::Mail]);
    let expected = "the key $KIND names a variant at [0], and keys are not expanded";
    check_error::<[Content; 1]>(r#"[{"$KIND": 1}]"#, expected);
    check_error::<[Open; 1]>(r#"[{"$KIND": {}}]"#, expected);
    check_error::<[Content; 1]>(r#"[{"$KIND": [1}]"#, expected);
    check_error::<[Open; 1]>(
        r#"[{"$SECRET": 1}]"#,
        "the key $SECRET names a variant at [0], and keys are not expanded",
    );
    for (kind, content) in [("New", "newtype"), ("Pair", "tuple"), ("Full", "struct")] {
        let vars = [("KIND", kind)];
        let mut json = serde_json::Deserializer::from_str(r#"["$KIND"]"#);
        let error = de::deserialize::<_, [Content; 1]>(&mut json, &Expander::new(&vars)).unwrap_err();
        let expected = format!("invalid type: unit variant, expected {content} variant");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }

    let expander = Expander::new(&VARS).no_fallback();
    let mut json = serde_json::Deserializer::from_str(r#"[{"$SECRET": 1}]"#);
    let adapter = de::Deserializer::new(&mut json, &expander);
    let error = serde_path_to_error::deserialize::<_, [Open; 1]>(adapter).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");

    let strict = Expander::new(&VARS).no_fallback().strict();
    let mut json = serde_json::Deserializer::from_str(r#"["$UNSET"]"#);
    let error = de::deserialize::<_, [Open; 1]>(&mut json, &strict).unwrap_err();
    assert!(error.to_string().starts_with("unresolved reference $UNSET at [0]: unset"), "{error}");

    let paths = Paths::new(["x"]).unwrap();
    let mut json = serde_json::Deserializer::from_str(r#"["$KIND", {"$KIND": null}]"#);
    let unchosen = de::Deserializer::new(&mut json, &expander).paths(&paths);
    assert_eq!(unchosen.deserialize::<[Open; 2]>().unwrap(), [Open::Other, Open::Other]);
}

#[test]
fn the_content_of_a_key_is_a_key() {
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
    enum Key {
        Text(String),
    }

    let expander = Expander::new(&VARS);
    let yaml = yaml_serde::Deserializer::from_str("!Text $PORT : $PORT");
    let read: BTreeMap<Key, u16> = de::deserialize(yaml, &expander).unwrap();
    assert_eq!(read, BTreeMap::from([(Key::Text("$PORT".to_owned()), 8080)]));
    let yaml = yaml_serde::Deserializer::from_str("!$KIND 1");
    let error = de::deserialize::<_, Open>(yaml, &expander).unwrap_err();
    assert_eq!(error.to_string(), "the key $KIND names a variant, and keys are not expanded");

    let yaml = yaml_serde::Deserializer::from_str("- !$NONE $A\n");
    let unresolved = de::unresolved(yaml, &expander.no_fallback(), &Paths::all()).unwrap();
    let unresolved: Vec<_> = unresolved.iter().map(ToString::to_string).collect();
    assert_eq!(unresolved, ["unresolved reference $A at [0].$NONE: unset"]);
}

#[derive(Debug, Deserialize)]
struct Config {
    #[allow(dead_code, reason = "only its error is looked at")]
    server: Port,
}

#[derive(Debug)]
struct Picky;

impl TryFrom<String> for Picky {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Err(format!("I do not like {text}"))
    }
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct TriedFrom(#[allow(dead_code, reason = "never made")] Picky);

impl TryFrom<String> for TriedFrom {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Picky::try_from(text).map(Self)
    }
}

#[derive(Debug, Deserialize)]
struct Flat {
    #[allow(dead_code, reason = "only its error is looked at")]
    name: String,
    #[serde(flatten)]
    #[allow(dead_code, reason = "only its error is looked at")]
    inner: Inner,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Inner {
    port: u16,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    A(Inner),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", content = "content")]
enum Adjacent {
    A(Inner),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Port(u16),
    Text(String),
}

#[test]
fn errors_name_reference_and_path_and_never_a_value() {
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
    check_error::<Vec<TriedFrom>>(r#"["$SECRET"]"#, "invalid value at [0], in which $SECRET is expanded");
    check_error::<TriedFrom>(r#""$SECRET""#, "invalid value, in which $SECRET is expanded");
    check_error::<Vec<Flat>>(
        r#"[{"name": "n", "port": "$SECRET"}]"#,
        "invalid value at [0], in which $SECRET is expanded: expected u16",
    );
    check_error::<Tagged>(
        r#"{"kind": "A", "port": "$SECRET"}"#,
        "invalid value, in which $SECRET is expanded: expected u16",
    );
    check_error::<Tagged>(
        r#"{"kind": "$SECRET", "port": 1}"#,
        "invalid value for $SECRET at kind: expected `A`",
    );
    check_error::<Adjacent>(
        r#"{"content": {"port": "$SECRET"}, "kind": "A"}"#,
        "invalid value, in which $SECRET is expanded: expected u16",
    );
}

/// Refuses what it has read with an error that says so in what it expected.
#[derive(Debug)]
struct Chatty<const CASE: u8>;

impl<'de, const CASE: u8> Deserialize<'de> for Chatty<CASE> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;

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

#[test]
fn what_a_type_expected_is_not_shown_if_it_may_hold_a_value() {
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
fn an_error_names_each_reference_once_and_those_without_a_value() {
    check_error::<Tagged>(
        r#"{"kind": "A", "a": "$PORT$PORT", "port": "$UNSET", "b": "x$UNSET $YES"}"#,
        "invalid value, in which $PORT, $UNSET (unset), $UNSET, $YES are expanded: expected u16",
    );
    check_error::<Tagged>(
        r#"{"kind": "A", "port": "$UNSET"}"#,
        "invalid value, in which $UNSET (unset) is expanded: expected u16",
    );
    check_error::<Vec<Tagged>>(
        r#"[{"kind": "A", "port": "x", "a": "$A1$A2$A3$A4", "b": "$A5$A6$A7$A8$A9$PORT"}]"#,
        "invalid value at [0], in which $A5, $A6, $A7, $A8, $A9, $PORT are expanded: expected u16",
    );
    let all: Vec<_> = (1..=9).map(|n| (format!("A{n}"), "s3cret")).collect();
    let vars: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let mut json = serde_json::Deserializer::from_str(r#""$A1$A2$A3$A4$A5$A6$A7$A8$A9""#);
    let error = de::deserialize::<_, u16>(&mut json, &Expander::new(&vars)).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("invalid value for $A1, $A2, $A3, $A4, $A5, $A6, $A7, $A8, …: expected u16"),
        "{error}"
    );
    check_error::<Tagged>(
        r#"{"kind": "A", "port": "$EMPTY"}"#,
        "invalid value, in which $EMPTY is expanded: expected u16",
    );
}

#[test]
fn other_errors_keep_their_message() {
    check_error::<Config>(r#"{"x": "$SECRET"}"#, "missing field `server`");
    check_error::<(String, u16)>(
        r#"["$SECRET"]"#,
        "invalid value, in which $SECRET is expanded: invalid length",
    );
    check_error::<(String, u16)>(r#"["secret"]"#, "invalid length 1, expected a tuple of size 2");
    check_error::<(String, u16)>(r#"["$SECRET", []]"#, "invalid type: sequence, expected u16");
    check_error::<(String, u16)>(r#"["$SECRET", 99999]"#, "invalid value: integer `99999`, expected u16");
    check_error::<Content>(r#"{"Mail": 1}"#, "invalid type: integer `1`, expected unit");
    check_error::<(String, TriedFrom)>(r#"["$SECRET", "me"]"#, "I do not like me");
    check_error::<(String, u16)>(r#"["$SECRET", }"#, "expected value");
}

#[test]
fn an_unset_reference_says_so() {
    check(r#""${UNSET}""#, String::new());
    check_error::<u16>(r#""${UNSET}""#, "${UNSET} is unset, expected u16");
    check_error::<Vec<SocketAddr>>(r#"["$UNSET"]"#, "$UNSET is unset, expected socket address at [0]");

    let host = ProcessEnv::only(["OTHER"]);
    let expander = Expander::new(&VARS).fallback(&host);
    let mut json = serde_json::Deserializer::from_str(r#"["$PATH"]"#);
    let error = de::deserialize::<_, [u16; 1]>(&mut json, &expander).unwrap_err();
    let expected = "$PATH has no value (not among the allowed environment variables), expected u16 at [0]";
    assert!(error.to_string().starts_with(expected), "{error}");
    let host = ProcessEnv::only(["OTHER"]);
    let expander = Expander::new(&VARS).fallback(&host);
    let mut json = serde_json::Deserializer::from_str(r#""$UNSET""#);
    let error = de::deserialize::<_, u16>(&mut json, &expander).unwrap_err().to_string();
    assert!(
        error.starts_with("$UNSET has no value (not among the allowed environment variables), expected u16"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_unicode_is_an_error_that_says_so() {
    // The environment of a child, as that of this process may not be changed while other tests read it.
    use std::os::unix::ffi::OsStrExt;
    if std::env::var_os("ENVREF_BROKEN").is_none() {
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_variable_that_is_not_unicode_is_an_error_that_says_so"])
            .env("ENVREF_BROKEN", std::ffi::OsStr::from_bytes(b"s3\xFFcret"))
            .status();
        assert!(status.unwrap().success());
        return;
    }
    let none: [(&str, &str); 0] = [];
    let error = |expander: Expander<'_>| {
        let mut json = serde_json::Deserializer::from_str(r#"["$ENVREF_BROKEN"]"#);
        de::deserialize::<_, Vec<u16>>(&mut json, &expander).unwrap_err().to_string()
    };
    let message = error(Expander::new(&none));
    assert!(
        message.starts_with("$ENVREF_BROKEN has no value (its value is not Unicode), expected u16 at [0]"),
        "{message}"
    );
    let message = error(Expander::new(&none).strict());
    assert!(
        message.starts_with("unresolved reference $ENVREF_BROKEN at [0]: its value is not Unicode"),
        "{message}"
    );
}

#[test]
fn a_strict_expander_refuses_unset_references_and_names_each() {
    let expander = Expander::new(&VARS).no_fallback().strict();
    let read = |text: &str| -> Result<Value, _> {
        de::deserialize(&mut serde_json::Deserializer::from_str(text), &expander)
    };
    let error = read(r#"{"a": [1, "$A"]}"#).unwrap_err().to_string();
    assert!(error.starts_with("unresolved reference $A at a[1]: unset"), "{error}");
    let error = read(r#"{"a": "$A $PORT ${B}"}"#).unwrap_err().to_string();
    assert!(error.starts_with("unresolved references at a: $A: unset; ${B}: unset"), "{error}");
    assert_eq!(read(r#"{"$A": "$$ $5 $PORT"}"#).unwrap(), serde_json::json!({"$A": "$$ $5 8080"}));
}

#[test]
fn what_nobody_reads_is_nobodys_error() {
    let expander = Expander::new(&VARS).no_fallback().strict();
    let mut json = serde_json::Deserializer::from_str(r#"{"x": ["$UNSET"], "port": "$PORT"}"#);
    assert_eq!(de::deserialize::<_, Inner>(&mut json, &expander).unwrap(), Inner { port: 8080 });
    let mut json = serde_json::Deserializer::from_str(r#"["$UNSET"]"#);
    de::deserialize::<_, IgnoredAny>(&mut json, &expander).unwrap();
}

#[derive(Deserialize)]
struct Borrowing<'a> {
    plain: &'a str,
    dollars: &'a str,
    #[serde(borrow)]
    changed: Cow<'a, str>,
    #[serde(borrow)]
    unchanged: Cow<'a, str>,
}

#[test]
fn unchanged_text_stays_borrowed_from_the_document() {
    let text = r#"{"plain": "a", "dollars": "$5 $UNSET!", "changed": "$PORT", "unchanged": "$$"}"#;
    let read: Borrowing<'_> = read(text).unwrap();
    let is_in_text = |part: &str| text.as_bytes().as_ptr_range().contains(&part.as_ptr());
    assert!(is_in_text(read.plain) && is_in_text(read.dollars));
    assert!(matches!(read.unchanged, Cow::Borrowed(part) if is_in_text(part)));
    assert_eq!((read.changed.as_ref(), read.dollars), ("8080", "$5 $UNSET!"));
}

#[test]
fn only_chosen_paths_are_expanded() {
    let text = r#"{"dir": "$PORT", "channels": [{"config": {"a": "$PORT", "b": {"c": "$PORT"}}}],
        "Full": {"token": "$PORT"}, "esc\u0061ped": {"token": "$PORT"}, "token": "$PORT"}"#;
    let cases: [(&[&str], &[&str]); 6] = [
        (&[], &[]),
        (&["dir"], &["/dir"]),
        (&["channels[*].config.*"], &["/channels/0/config/a"]),
        (&["channels[0].**", "dir"], &["/dir", "/channels/0/config/a", "/channels/0/config/b/c"]),
        (&["**.token"], &["/Full/token", "/escaped/token", "/token"]),
        (&["escaped.*"], &["/escaped/token"]),
    ];
    for (patterns, expanded) in cases {
        let paths = Paths::new(patterns).unwrap();
        let expander = Expander::new(&VARS);
        let mut json = serde_json::Deserializer::from_str(text);
        let value: Value = de::Deserializer::new(&mut json, &expander).paths(&paths).deserialize().unwrap();
        let mut expected: Value = serde_json::from_str(text).unwrap();
        for pointer in expanded {
            *expected.pointer_mut(pointer).unwrap() = "8080".into();
        }
        assert_eq!(value, expected, "{patterns:?}");
    }
}

#[test]
fn a_long_key_is_told_from_others_to_its_end() {
    let chosen = "é".repeat(300);
    let others = [chosen.clone() + "é", "é".repeat(299), "é".repeat(299) + "e", "é".repeat(64)];
    let text: Value =
        [&chosen].into_iter().chain(&others).map(|key| (key.clone(), Value::from("$PORT"))).collect();
    let paths = Paths::new([&chosen]).unwrap();
    let read: Value =
        de::Deserializer::new(&text, &Expander::new(&VARS)).paths(&paths).deserialize().unwrap();
    assert_eq!(read[&chosen], "8080");
    for other in others {
        assert_eq!(read[&other], "$PORT");
    }
    for paths in [paths, Paths::all()] {
        let expander = Expander::new(&[("A", "x")]).no_fallback();
        let unresolved = de::unresolved(&text, &expander, &paths).unwrap();
        let cut = unresolved.iter().filter(|it| it.path() == "é".repeat(64) + "…").count();
        let whole = unresolved.iter().filter(|it| it.path() == "é".repeat(64)).count();
        assert_eq!((cut, whole), if paths == Paths::all() { (4, 1) } else { (1, 0) });
    }
}

#[test]
fn a_reference_outside_the_chosen_paths_is_not_converted() {
    let paths = Paths::new(["a"]).unwrap();
    let expander = Expander::new(&VARS);
    let mut json = serde_json::Deserializer::from_str(r#"{"port": "$PORT"}"#);
    let reader = de::Deserializer::new(&mut json, &expander).paths(&paths);
    let error = reader.deserialize::<Inner>().unwrap_err().to_string();
    assert!(error.starts_with(r#"invalid type: string "$PORT", expected u16"#), "{error}");
}

#[test]
fn all_unresolved_references_come_in_one_pass() {
    let text =
        r#"{"a": "$A", "b": ["${B} $PORT ${B2}", {"$K": "$<E>"}], "c": "$D$D", "n": [1, null, true, 0.5]}"#;
    let find = |expander: &Expander<'_>, patterns: &[&str]| {
        let mut json = serde_json::Deserializer::from_str(text);
        let paths = Paths::new(patterns).unwrap();
        let found = de::unresolved(&mut json, expander, &paths).unwrap();
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let expander = Expander::new(&VARS).no_fallback().output_limit(1);
    let all = [
        "unresolved reference $A at a: unset",
        "unresolved reference ${B} at b[0]: unset",
        "unresolved reference ${B2} at b[0]: unset",
        "unresolved reference $<E> at b[1].$K: unset",
        "unresolved reference $D at c: unset",
        "unresolved reference $D at c: unset",
    ];
    assert_eq!(find(&expander, &["**"]), all);
    assert_eq!(find(&expander.strict(), &["**"]), all);
    assert_eq!(find(&expander, &["b[1].*"]), all[3..4]);
    let mut json = serde_json::Deserializer::from_str(text);
    assert_eq!(de::unresolved(&mut json, &expander, &Paths::all()).unwrap()[3].path(), "b[1].$K");

    let mut json = serde_json::Deserializer::from_str(r#""x $<E>""#);
    let found = de::unresolved(&mut json, &Expander::new(&VARS), &Paths::all()).unwrap();
    assert_eq!(
        (found[0].path(), found[0].name(), found[0].text(), found[0].span(), found[0].reason()),
        ("", "E", "$<E>", 2..6, Reason::Embedded)
    );
    let error = de::unresolved(&mut serde_json::Deserializer::from_str("[1"), &expander, &Paths::all());
    assert!(error.unwrap_err().is_eof());
}

#[test]
fn the_output_limit_bounds_the_whole_document() {
    let vars = [("A", "aaaa")];
    let read = |text: &str, limit| -> Result<Vec<String>, _> {
        let expander = Expander::new(&vars).output_limit(limit);
        de::deserialize(&mut serde_json::Deserializer::from_str(text), &expander)
    };
    let text = r#"["$A", "a long text that holds no reference, not even $", "x$A"]"#;
    assert_eq!(read(text, 9).unwrap()[2], "xaaaa");
    let error = read(text, 8).unwrap_err().to_string();
    let expected = "expansions longer than the limit of 8 bytes for the document, with $A at [2]";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn buffered_types_take_strings_and_their_scalars_take_references_with_a_helper() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Helped {
        #[serde(deserialize_with = "envref::de::lenient")]
        port: u16,
        #[serde(deserialize_with = "envref::de::lenient")]
        wide: i128,
        #[serde(deserialize_with = "envref::de::lenient")]
        kind: Content,
        #[serde(default, deserialize_with = "envref::de::empty_as_none")]
        retries: Option<u8>,
        #[serde(default, deserialize_with = "envref::de::empty_as_none")]
        token: Option<String>,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Flat {
        name: String,
        #[serde(flatten)]
        inner: Helped,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "tag")]
    enum Internal {
        A(Helped),
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        A(Helped),
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "tag", content = "content")]
    enum Adjacent {
        A(Helped),
    }
    let helped =
        || Helped { port: 8080, wide: i128::MAX, kind: Content::New(8080), retries: None, token: None };
    let fields = r#""port": "$PORT", "wide": "$WIDE", "kind": {"New": "$PORT"}, "retries": "$UNSET", "token": "$EMPTY""#;
    check(&format!("{{{fields}}}"), helped());
    check(&format!(r#"{{"name": "$KIND", {fields}}}"#), Flat { name: "Mail".into(), inner: helped() });
    check(&format!(r#"{{"tag": "A", {fields}}}"#), Internal::A(helped()));
    check(&format!("{{{fields}}}"), Untagged::A(helped()));
    check(&format!(r#"{{"content": {{{fields}}}, "tag": "A"}}"#), Adjacent::A(helped()));
    check_error::<Flat>(
        r#"{"name": "n", "port": "$SECRET"}"#,
        "invalid value, in which $SECRET is expanded: expected u16",
    );
}

#[test]
fn helpers_take_what_needs_no_help() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Helped {
        #[serde(deserialize_with = "envref::de::lenient")]
        port: u16,
        #[serde(default, deserialize_with = "envref::de::empty_as_none")]
        retries: Option<u8>,
    }
    check(r#"{"port": 7, "retries": 3}"#, Helped { port: 7, retries: Some(3) });
    check(r#"{"port": "7", "retries": "3"}"#, Helped { port: 7, retries: Some(3) });
    check(r#"{"port": 7, "retries": null}"#, Helped { port: 7, retries: None });
    check(r#"{"port": 7}"#, Helped { port: 7, retries: None });
    check_error::<Helped>(r#"{"port": 7, "retries": "x"}"#, r#"invalid type: string "x", expected u8"#);
}

#[test]
fn without_a_helper_a_buffered_string_is_expanded_and_a_buffered_number_is_not() {
    check(r#""$PORT""#, Untagged::Text("8080".into()));
    check("7", Untagged::Port(7));
    check(r#"{"kind": "$C", "port": 1}"#, serde_json::json!({"kind": "é", "port": 1}));
    check(r#"{"kind": "A", "content": {"port": "$PORT"}}"#, Adjacent::A(Inner { port: 8080 }));
}

#[test]
fn a_lenient_deserializer_converts_any_text() {
    let expander = Expander::new(&VARS);
    let mut json =
        serde_json::Deserializer::from_str(r#"["8080", "true", "Mail", {"New": "$PORT"}, "7", "x"]"#);
    let value: (u16, bool, Content, Content, i128, String) =
        de::Deserializer::new(&mut json, &expander).lenient().deserialize().unwrap();
    assert_eq!(value, (8080, true, Content::Mail, Content::New(8080), 7, "x".to_owned()));
}

/// A text in a format that reads no enum and is not human-readable. Four texts stand for something else: a unit, a text in
/// an option and in a newtype, and one that is refused with what was expected.
#[derive(Clone, Copy)]
struct Terse(&'static str);

impl<'de> serde::Deserializer<'de> for Terse {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            "unit" => visitor.visit_unit(),
            "some" => visitor.visit_some(Self("$UNSET")),
            "newtype" => visitor.visit_newtype_struct(Self("$UNSET")),
            "refused" => Err(serde::de::Error::invalid_type(Unexpected::Other("text"), &visitor)),
            text => visitor.visit_borrowed_str(text),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        Err(serde::de::Error::invalid_type(Unexpected::Other("text"), &visitor))
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl IntoDeserializer<'_, serde::de::value::Error> for Terse {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[test]
fn a_lenient_deserializer_makes_enums_of_text_where_the_format_does_not() {
    let expander = Expander::new(&VARS);
    let strict = |text| de::Deserializer::new(Terse(text), &expander);
    let lenient = |text| strict(text).lenient();
    assert_eq!(lenient("Mail").deserialize::<Content>().unwrap(), Content::Mail);
    assert_eq!(lenient("$KIND").deserialize::<Content>().unwrap(), Content::Mail);
    let error = lenient("$SECRET").deserialize::<Content>().unwrap_err();
    assert_eq!(error.to_string(), "invalid value for $SECRET: expected one of `Mail`, `New`, `Pair`, `Full`");
    let error = strict("Mail").deserialize::<Content>().unwrap_err();
    assert_eq!(error.to_string(), "invalid type: text, expected enum Content");

    // A key that is an enum is a key, which is handed on as it is.
    let map = || MapDeserializer::new([(Terse("Mail"), 1)].into_iter());
    let read = de::Deserializer::new(map(), &expander).lenient().deserialize::<BTreeMap<Content, u8>>();
    assert_eq!(read.unwrap_err().to_string(), "invalid type: text, expected enum Content");
}

#[test]
fn a_type_is_told_whether_the_format_is_human_readable() {
    struct IsHumanReadable(bool);

    impl<'de> Deserialize<'de> for IsHumanReadable {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let is_human_readable = deserializer.is_human_readable();
            IgnoredAny::deserialize(deserializer).map(|_| Self(is_human_readable))
        }
    }

    let expander = Expander::new(&VARS);
    let mut json = serde_json::Deserializer::from_str("[1]");
    assert!(IsHumanReadable::deserialize(de::Deserializer::new(&mut json, &expander)).unwrap().0);
    assert!(read::<Vec<IsHumanReadable>>("[1]").unwrap()[0].0);
    assert!(!IsHumanReadable::deserialize(de::Deserializer::new(Terse("x"), &expander)).unwrap().0);
    assert!(!de::deserialize::<_, IsHumanReadable>(Terse("x"), &expander).unwrap().0);
}

#[test]
fn whatever_a_format_gives_is_taken() {
    let expander = Expander::new(&VARS).no_fallback();
    for wrapped in ["some", "newtype"] {
        let unresolved = de::unresolved(Terse(wrapped), &expander, &Paths::all()).unwrap();
        assert_eq!(unresolved[0].to_string(), "unresolved reference $UNSET: unset");
        assert_eq!(unresolved[0].path(), "");
    }
    assert_eq!(de::unresolved(Terse("unit"), &expander, &Paths::all()).unwrap(), []);
    assert_eq!(de::deserialize::<_, Option<String>>(Terse("some"), &expander).unwrap(), Some(String::new()));
    assert_eq!(de::empty_as_none::<_, u16>(Terse("unit")).unwrap(), None);

    let wide = |wide: i128| IntoDeserializer::<serde::de::value::Error>::into_deserializer(wide);
    assert_eq!(de::deserialize::<_, f64>(wide(-3), &expander).unwrap().to_bits(), (-3_f64).to_bits());
    assert_eq!(de::deserialize::<_, i128>(wide(-3), &expander).unwrap(), -3);
    let lowest = "-170141183460469231731687303715884105728";
    assert_eq!(de::lenient::<_, i128>(Terse(lowest)).unwrap(), i128::MIN);

    // A variant by its index, and by bytes.
    let index = IntoDeserializer::<serde::de::value::Error>::into_deserializer(0_u32);
    assert_eq!(de::deserialize::<_, Content>(index, &expander).unwrap(), Content::Mail);
    let map = MapDeserializer::<_, serde::de::value::Error>::new([(&b"New"[..], 8)].into_iter());
    let map = MapAccessDeserializer::new(map);
    assert_eq!(de::deserialize::<_, Content>(map, &expander).unwrap(), Content::New(8));

    // Keys of any shape, in which nothing is expanded.
    check(r#"{"5": "$PORT"}"#, BTreeMap::from([(5_i128, 8080_u16)]));
    let yaml = yaml_serde::Deserializer::from_str("{a: $PORT}: $PORT");
    let read: BTreeMap<BTreeMap<String, String>, u16> = de::deserialize(yaml, &expander).unwrap();
    let key = BTreeMap::from([("a".to_owned(), "$PORT".to_owned())]);
    assert_eq!(read, BTreeMap::from([(key, 8080)]));
}

#[test]
fn debug_output_shows_the_settings_and_no_value() {
    let expander = Expander::new(&VARS);
    let mut json = serde_json::Deserializer::from_str(r#""$SECRET""#);
    let paths = Paths::new(["a.b"]).unwrap();
    let shown = format!("{:?}", de::Deserializer::new(&mut json, &expander).paths(&paths).lenient());
    assert!(shown.starts_with("Deserializer { expander: Expander {"), "{shown}");
    assert!(shown.contains("lenient: true") && !shown.contains(SECRET), "{shown}");
}

#[test]
fn a_type_is_told_how_many_entries_there_are() {
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

    let expander = Expander::new(&VARS);
    let entries = || [("a", 1), ("b", 2), ("c", 3)].into_iter();
    let seq = SeqDeserializer::<_, serde::de::value::Error>::new([1, 2, 3].into_iter());
    assert_eq!(de::deserialize::<_, Hint>(seq, &expander).unwrap().0, Some(3));
    let map = MapDeserializer::<_, serde::de::value::Error>::new(entries());
    assert_eq!(de::deserialize::<_, Hint>(map, &expander).unwrap().0, Some(3));
    let unknown = MapDeserializer::<_, serde::de::value::Error>::new(entries().filter(|_| true));
    assert_eq!(de::deserialize::<_, Hint>(unknown, &expander).unwrap().0, None);
}

#[test]
fn a_format_can_say_what_was_expected() {
    let expander = Expander::new(&VARS);
    let message = |error: serde::de::value::Error| error.to_string();
    let refused = Terse("refused");
    assert_eq!(
        de::deserialize::<_, u16>(refused, &expander).map_err(message),
        Err("invalid type: text, expected u16".to_owned())
    );
    assert_eq!(
        de::unresolved(refused, &expander, &Paths::all()).map_err(message),
        Err("invalid type: text, expected any value".to_owned())
    );
    let map = MapDeserializer::new([(refused, 1)].into_iter());
    assert_eq!(
        de::deserialize::<_, Content>(MapAccessDeserializer::new(map), &expander).map_err(message),
        Err("invalid type: text, expected variant identifier".to_owned())
    );
    assert_eq!(
        de::empty_as_none::<_, u16>(refused).map_err(message),
        Err("invalid type: text, expected an optional value".to_owned())
    );
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
fn a_key_that_is_a_number_is_in_paths() {
    let expander = Expander::new(&VARS).no_fallback();
    let yaml = yaml_serde::Deserializer::from_str("k: {1: 1, -2: $SECRET}");
    let error = de::deserialize::<_, BTreeMap<String, BTreeMap<i8, u16>>>(yaml, &expander).unwrap_err();
    assert!(error.to_string().contains("invalid value for $SECRET at k.-2: expected u16"), "{error}");
}

#[test]
fn a_key_without_a_name_is_a_question_mark_in_paths() {
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
    #[serde(untagged)]
    enum Key {
        Name(String),
        List(Vec<String>),
    }

    let expander = Expander::new(&VARS).no_fallback();
    let yaml = || yaml_serde::Deserializer::from_str("k: 1\n? [$PORT]\n: $SECRET\n");
    let error = de::deserialize::<_, BTreeMap<Key, u16>>(yaml(), &expander).unwrap_err();
    assert!(error.to_string().contains("invalid value for $SECRET at [?]: expected u16"), "{error}");
}

#[test]
fn wide_integers_are_what_they_are_without_the_adapter() {
    check("170141183460469231731687303715884105727", i128::MAX);
    check("340282366920938463463374607431768211455", u128::MAX);
    check("-5", -5_i128);
}

#[test]
fn raw_json_is_untouched() {
    #[derive(Deserialize)]
    struct Raw {
        raw: Box<serde_json::value::RawValue>,
        text: String,
    }
    let raw: Raw = read(r#"{"raw": {"a": "$PORT"}, "text": "$PORT"}"#).unwrap();
    assert_eq!((raw.raw.get(), raw.text.as_str()), (r#"{"a": "$PORT"}"#, "8080"));
}

#[test]
fn a_number_that_comes_as_the_private_map_of_serde_json_is_a_number() {
    fn number<T: DeserializeOwned>(text: &str) -> Result<T, serde::de::value::Error> {
        let entries = [("$serde_json::private::Number", text)];
        let map = MapDeserializer::new(entries.into_iter());
        de::deserialize(map, &Expander::new(&VARS))
    }
    assert_eq!(number::<u16>("8080").unwrap(), 8080);
    assert_eq!(number::<u16>("80x").unwrap_err().to_string(), "invalid value: number, expected u16");
    assert_eq!(number::<i64>("-8080").unwrap(), -8080);
    assert_eq!(number::<f64>("1e3").unwrap().to_bits(), 1000_f64.to_bits());
    assert_eq!(number::<BTreeMap<String, String>>("1.10").unwrap()["$serde_json::private::Number"], "1.10");
    let error = number::<u16>("1.5").unwrap_err().to_string();
    assert_eq!(error, "invalid type: floating point `1.5`, expected u16");
}

#[test]
fn it_works_inside_and_outside_of_serde_path_to_error() {
    let expander = Expander::new(&VARS).no_fallback();
    for (text, expected) in [
        (r#"{"server": "$SECRET"}"#, "invalid value for $SECRET at server: expected u16"),
        (r#"{"server": "$UNSET"}"#, "$UNSET is unset, expected u16 at server"),
        (r#"{"server": []}"#, "invalid type: sequence, expected u16"),
    ] {
        let mut json = serde_json::Deserializer::from_str(text);
        let inside = de::Deserializer::new(&mut json, &expander);
        let error = serde_path_to_error::deserialize::<_, Config>(inside).unwrap_err();
        assert_eq!(error.path().to_string(), "server");
        assert!(error.inner().to_string().starts_with(expected), "{error}");
        assert!(!format!("{error:?}").contains(SECRET));

        let mut json = serde_json::Deserializer::from_str(text);
        let mut track = serde_path_to_error::Track::new();
        let inside = serde_path_to_error::Deserializer::new(&mut json, &mut track);
        let error = de::deserialize::<_, Config>(inside, &expander).unwrap_err();
        assert_eq!(track.path().to_string(), "server");
        assert!(error.to_string().starts_with(expected), "{error}");
        assert!(error.source().is_none() && !format!("{error:?}").contains(SECRET));
    }
}

#[test]
fn no_value_shows_in_what_a_type_makes_of_a_document_that_it_has_read() {
    fn composed<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, de::Error<serde_json::Error>> {
        let mut json = serde_json::Deserializer::from_str(text);
        T::deserialize(de::Deserializer::new(&mut json, &Expander::new(&VARS).no_fallback()))
    }
    #[track_caller]
    fn check<T: DeserializeOwned + Debug>(text: &str, expected: &str) {
        let error = composed::<T>(text).unwrap_err();
        let message = error.to_string();
        assert_eq!(message.split(" at line ").next().unwrap(), expected, "{text}");
        assert_no_secret(&error);
        assert_no_secret(&error.into_inner());

        let mut json = serde_json::Deserializer::from_str(text);
        let expander = Expander::new(&VARS).no_fallback();
        let error = serde_path_to_error::deserialize::<_, T>(de::Deserializer::new(&mut json, &expander));
        let error = error.unwrap_err();
        assert_eq!(error.inner().to_string(), message);
        assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");
    }
    const WITHHELD: &str =
        "invalid value: what its type says is not shown, since it may hold a variable's value";
    check::<Tagged>(r#"{"kind": "A", "port": "$SECRET"}"#, "invalid value: expected u16");
    check::<Tagged>(r#"{"kind": "A", "port": []}"#, "invalid value: unexpected sequence, expected u16");
    check::<Tagged>(r#"{"kind": "A"}"#, "missing field `port`");
    check::<Tagged>(r#"{"kind": "A", "port": 1, "port": 2}"#, "duplicate field `port`");
    check::<Tagged>(r#"{"kind": "$SECRET"}"#, "invalid value for $SECRET at kind: expected `A`");
    check::<Tagged>(r#"{"kind": "A""#, "EOF while parsing an object");
    check::<Adjacent>(
        r#"{"content": {"port": "$SECRET"}, "kind": "A"}"#,
        "invalid value, in which $SECRET is expanded: expected u16",
    );
    check::<TriedFrom>(r#""$SECRET""#, WITHHELD);
    check::<Choosy>(r#""$SECRET""#, WITHHELD);
    check::<Named>(r#""$SECRET""#, "invalid value: expected one of `a`, `b`");
    check::<Untagged>("[true]", WITHHELD);
    check::<Config>(r#"{"server": "$SECRET"}"#, "invalid value for $SECRET at server: expected u16");
    assert_eq!(composed::<Untagged>(r#""$SECRET""#).unwrap(), Untagged::Text(SECRET.to_owned()));
}

/// Refuses what it has read, by the name of a variant.
#[derive(Debug)]
struct Named;

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(serde::de::Error::unknown_variant(&text, &["a", "b"]))
    }
}

/// Refuses what it has read, as a field of which there should be none.
#[derive(Debug)]
struct Choosy;

impl<'de> Deserialize<'de> for Choosy {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(serde::de::Error::unknown_field(&text, &[]))
    }
}

#[test]
fn the_error_of_a_handed_on_adapter_is_that_of_the_format() {
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

    let expander = Expander::new(&VARS);
    let mut json = serde_json::Deserializer::from_reader(Broken);
    let error = u16::deserialize(de::Deserializer::new(&mut json, &expander)).unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), std::fmt::Error.to_string());
    let (shown, debugged) = (error.to_string(), format!("{error:?}"));
    let inner = error.into_inner();
    assert!(inner.is_io());
    assert_eq!((shown, debugged), (inner.to_string(), format!("{inner:?}")));
}

#[test]
fn deep_nesting_ends_in_the_error_of_the_format() {
    for text in ["[".repeat(100_000), r#"{"a":"#.repeat(100_000), r#"[{"a":"#.repeat(100_000)] {
        let error = read::<Value>(&text).unwrap_err().to_string();
        assert!(error.starts_with("recursion limit exceeded"), "{error}");
        let mut json = serde_json::Deserializer::from_str(&text);
        let error = de::unresolved(&mut json, &Expander::new(&VARS), &Paths::all()).unwrap_err();
        assert!(error.to_string().starts_with("recursion limit exceeded"), "{error}");
    }
    let deepest = format!("{}\"$PORT\"{}", "[".repeat(127), "]".repeat(127));
    let mut value = read::<Value>(&deepest).unwrap();
    while let Value::Array(mut items) = value {
        value = items.remove(0);
    }
    assert_eq!(value, "8080");
}

#[test]
fn documents_without_references_are_read_as_without_the_adapter() {
    fn same<T: DeserializeOwned + PartialEq + Debug>(text: &str) {
        let direct = serde_json::from_str::<T>(text).map_err(|error| message(&error));
        assert_eq!(read::<T>(text).map_err(|error| message(&error)), direct, "{text}");
    }
    /// Without the place: asked for a number, the format stops before a text, and else behind it.
    fn message(error: &serde_json::Error) -> String {
        error.to_string().split(" at line ").next().unwrap().to_owned()
    }
    arbtest::arbtest(|u| {
        let value = document(u, 0)?;
        let text = value.to_string();
        same::<Value>(&text);
        same::<u8>(&text);
        same::<i64>(&text);
        same::<f32>(&text);
        same::<f64>(&text);
        same::<bool>(&text);
        same::<char>(&text);
        same::<String>(&text);
        same::<Option<u16>>(&text);
        same::<Vec<Option<bool>>>(&text);
        same::<BTreeMap<String, Value>>(&text);
        same::<(u8, String)>(&text);
        same::<Content>(&text);
        same::<Untagged>(&text);
        same::<Adjacent>(&text);
        same::<Inner>(&text);
        same::<()>(&text);
        Ok(())
    });
}

/// Makes a document, most of whose texts hold a `$`, but no reference.
fn document(u: &mut arbitrary::Unstructured<'_>, depth: usize) -> arbitrary::Result<Value> {
    let texts =
        ["", "a", "Mail", "A", "New", "port", "kind", "content", "$", "${", "$5", "true", "8080", "é"];
    Ok(match u.int_in_range(0..=if depth < 4 { 9 } else { 6 })? {
        0 => Value::Null,
        1 => u.arbitrary::<bool>()?.into(),
        2 => u.arbitrary::<i64>()?.into(),
        3 => u.arbitrary::<u64>()?.into(),
        4 => u.arbitrary::<f64>()?.into(),
        5 => u.arbitrary::<u8>()?.into(),
        6 => (*u.choose(&texts)?).into(),
        7 | 8 => (0..u.int_in_range(0..=3)?).map(|_| document(u, depth + 1)).collect::<Result<Value, _>>()?,
        _ => {
            let mut entries = serde_json::Map::new();
            for _ in 0..u.int_in_range(0..=3)? {
                entries.insert((*u.choose(&texts)?).into(), document(u, depth + 1)?);
            }
            Value::Object(entries)
        }
    })
}
