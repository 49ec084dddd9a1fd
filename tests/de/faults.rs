//! What an error says beside its message: kind, and sites. A fault that a type has swallowed is in no later error.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::marker::PhantomData;

use envref::{ErrorKind, Expander, Reason, Unset, de};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::types::{Config, Content, Inner, Tagged};
use crate::{SECRET, assert_consistent, assert_no_secret, check, expander, read, read_by, without_place};

/// Returns name and path of each site.
fn sites<E>(error: &de::Error<E>) -> Vec<(&str, &str)> {
    error.sites().iter().map(|site| (site.name(), site.path().unwrap())).collect()
}

#[test]
fn the_kind_and_the_sites_say_what_is_wrong() {
    #[track_caller]
    fn check<T: DeserializeOwned + Debug>(text: &str, kind: ErrorKind, expected: &[(&str, &str)]) {
        let error = read_by::<T>(text, &expander().output_limit(40)).unwrap_err();
        assert_eq!((error.kind(), sites(&error)), (kind, expected.to_vec()), "{error}");
        assert_consistent(&error);
        assert_no_secret(&error);
    }
    check::<Config>(r#"{"server": "$SECRET"}"#, ErrorKind::InvalidValue, &[("SECRET", "server")]);
    check::<Config>(r#"{"server": "$UNSET"}"#, ErrorKind::InvalidValue, &[("UNSET", "server")]);
    check::<[u8; 1]>(r#"["-$PORT$C"]"#, ErrorKind::InvalidValue, &[("PORT", "[0]"), ("C", "[0]")]);
    check::<[Tagged; 1]>(
        r#"[{"kind": "A", "port": "$SECRET$EMPTY"}]"#,
        ErrorKind::InvalidValue,
        &[("SECRET", "[0].port"), ("EMPTY", "[0].port")],
    );
    check::<[String; 2]>(r#"["$WIDE", "x$WIDE"]"#, ErrorKind::OutputLimit, &[("WIDE", "[1]")]);
    check::<Config>(r#"{"server": [1}"#, ErrorKind::Document, &[]);
    check::<Config>(r#"{"server": "80"}"#, ErrorKind::Document, &[]);
    check::<Config>(r#"{"port": "$SECRET"}"#, ErrorKind::Document, &[]);
}

#[test]
fn a_rejected_reference_is_a_site_with_its_reason() {
    let rules = expander().on_unset(Unset::Reject);
    let error = read_by::<Vec<String>>(r#"["$PORT", "$A", "$B"]"#, &rules).unwrap_err();
    assert_eq!((error.kind(), sites(&error)), (ErrorKind::Unresolved, vec![("A", "[1]")]));
    assert_eq!(error.site().unwrap().reason(), Some(Reason::NoFallback));
    let error = read_by::<Vec<String>>(r#"["x$A$PORT${B}"]"#, &rules).unwrap_err();
    assert_eq!((error.kind(), sites(&error)), (ErrorKind::Unresolved, vec![("A", "[0]"), ("B", "[0]")]));
    let spans: Vec<_> = error.sites().iter().map(envref::Site::span).collect();
    assert_eq!(spans, [1..3, 8..12]);
}

#[test]
fn the_error_of_the_format_is_redacted() {
    let error = read::<Config>(r#"{"server": "$SECRET"}"#).unwrap_err();
    let message = error.to_string();
    let inner: serde_json::Error = error.into_inner();
    assert_eq!(inner.to_string(), message);
    assert_eq!((inner.line(), inner.column()), (1, 20));
    assert!(!format!("{inner:?}").contains(SECRET));
}

#[test]
fn an_adapter_that_is_passed_on_knows_kind_and_sites_too() {
    let error = crate::pass_on::<Config>(r#"{"server": "$SECRET"}"#).unwrap_err();
    assert_eq!((error.kind(), sites(&error)), (ErrorKind::InvalidValue, vec![("SECRET", "server")]));
    // What the target says by itself, after the adapter has returned, may be about a value, but nobody knows which.
    let error = crate::pass_on::<Tagged>(r#"{"kind": "A", "port": "$SECRET"}"#).unwrap_err();
    assert_eq!((error.kind(), sites(&error)), (ErrorKind::InvalidValue, vec![]));
    let error = crate::pass_on::<Tagged>(r#"{"kind": "A"}"#).unwrap_err();
    assert_eq!((error.kind(), sites(&error)), (ErrorKind::Document, vec![]));
}

/// What `T` reads, or its default: it swallows the error.
#[derive(Debug, Default, PartialEq)]
struct OrDefault<T>(T);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for OrDefault<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(T::deserialize(deserializer).unwrap_or_default()))
    }
}

/// The same by `Option`: `None` for what does not fit.
#[allow(clippy::unnecessary_wraps, reason = "serde asks for a result")]
fn or_none<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(T::deserialize(deserializer).ok())
}

#[derive(Debug, PartialEq, Deserialize)]
struct Fields {
    #[serde(default, deserialize_with = "or_none")]
    a: Option<u16>,
    #[serde(default)]
    b: OrDefault<u16>,
    c: u16,
}

/// Reads the first element, or swallows its error, and ends the sequence there.
#[derive(Debug)]
struct First<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for First<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Self(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for First<T> {
    type Value = Self;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self, A::Error> {
        let _ = elements.next_element::<T>();
        Ok(self)
    }
}

/// The same for the first entry of a map.
#[derive(Debug)]
struct Entry<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entry<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entry<T> {
    type Value = Self;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        let _ = entries.next_entry::<IgnoredAny, T>();
        Ok(self)
    }
}

/// Tries a number, and then says something of its own.
#[derive(Debug)]
struct Sullen;

impl<'de> Deserialize<'de> for Sullen {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let _ = u16::deserialize(deserializer);
        Err(Error::missing_field("x"))
    }
}

/// Checks that an error is that of a document in which no reference is at fault.
#[track_caller]
fn check_blameless<T: DeserializeOwned + Debug>(text: &str, expected: &str) {
    let error = read::<T>(text).unwrap_err();
    assert_eq!(without_place(&error), expected, "{text}");
    assert_eq!((error.kind(), sites(&error)), (ErrorKind::Document, vec![]), "{text}: {error}");
}

#[test]
fn a_swallowed_fault_stops_nothing() {
    check(r#"{"a": "$SECRET", "b": "$SECRET", "c": 1}"#, Fields { a: None, b: OrDefault(0), c: 1 });
    check(r#"{"a": "$PORT", "b": "$PORT", "c": 1}"#, Fields { a: Some(8080), b: OrDefault(8080), c: 1 });
}

#[test]
fn a_swallowed_fault_is_not_in_the_error_of_another_field() {
    for swallowed in [r#""a": "$SECRET""#, r#""b": "$SECRET""#, r#""a": "$SECRET", "b": "$UNSET""#] {
        let text = |rest: &str| format!("{{{swallowed}{rest}}}");
        check_blameless::<Fields>(&text(""), "missing field `c`");
        check_blameless::<Fields>(&text(r#", "c": 1, "c": 2"#), "duplicate field `c`");
        check_blameless::<Fields>(&text(r#", "c": "80""#), r#"invalid type: string "80", expected u16"#);
        check_blameless::<Fields>(&text(r#", "c": 99999"#), "invalid value: integer `99999`, expected u16");
        check_blameless::<Fields>(&text(r#", "c": []"#), "invalid type: sequence, expected u16");
        check_blameless::<[Fields; 1]>(&format!("[{}]", text("")), "missing field `c`");
        let error = read::<Fields>(&text(r#", "c": "$BIG""#)).unwrap_err();
        assert_eq!((error.kind(), sites(&error)), (ErrorKind::InvalidValue, vec![("BIG", "c")]));
    }
}

#[test]
fn a_swallowed_fault_is_not_in_a_syntax_error() {
    check_blameless::<Fields>(r#"{"a": "$SECRET""#, "EOF while parsing an object");
    check_blameless::<Fields>(r#"{"a": "$SECRET" "c": 1}"#, "expected `,` or `}`");
    check_blameless::<Fields>(r#"{"a": "$SECRET", "c" 1}"#, "expected `:`");
    check_blameless::<Fields>(r#"{"a": "$SECRET", "c": x}"#, "expected value");
    check_blameless::<Fields>(r#"{"a": "$SECRET", 1}"#, "key must be a string");
    check_blameless::<Vec<OrDefault<u16>>>(r#"["$SECRET""#, "EOF while parsing a list");
    check_blameless::<Vec<OrDefault<u16>>>(r#"["$SECRET" 1]"#, "expected `,` or `]`");
    check_blameless::<(OrDefault<u16>, u16)>(r#"["$SECRET", x]"#, "expected value");
    check_blameless::<BTreeMap<String, OrDefault<u16>>>(r#"{"a": "$SECRET""#, "EOF while parsing an object");
    check_blameless::<BTreeMap<String, Vec<OrDefault<u16>>>>(
        r#"{"a": ["$SECRET"] 1}"#,
        "expected `,` or `}`",
    );
    check_blameless::<Vec<BTreeMap<String, OrDefault<u16>>>>(
        r#"[{"a": "$SECRET"} 1]"#,
        "expected `,` or `]`",
    );
}

#[test]
fn a_swallowed_fault_is_not_in_the_error_of_the_end_of_its_own_collection() {
    check_blameless::<[Fields; 1]>(r#"[{"a": "$SECRET", "c": 1}, 2]"#, "trailing characters");
    check_blameless::<[OrDefault<u16>; 1]>(r#"["$SECRET", 2]"#, "trailing characters");
    check_blameless::<[OrDefault<u16>; 1]>(r#"["$SECRET""#, "EOF while parsing a list");
    check_blameless::<First<u16>>(r#"["$SECRET", 2]"#, "trailing characters");
    check_blameless::<Entry<u16>>(r#"{"a": "$SECRET", "b": 2}"#, "trailing comma");
    check_blameless::<[[OrDefault<u16>; 1]; 1]>(r#"[["$SECRET", 2]]"#, "trailing characters");
    check_blameless::<BTreeMap<String, [OrDefault<u16>; 1]>>(
        r#"{"a": ["$SECRET", 2]}"#,
        "trailing characters",
    );
    check_blameless::<Shaped>(r#"{"New": "$SECRET" 1}"#, "expected value");
    check_blameless::<Shaped>(r#"{"Pair": ["$SECRET", 2, 3]}"#, "trailing characters");
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only read")]
enum Shaped {
    New(OrDefault<u16>),
    Pair(OrDefault<u16>, u16),
}

#[allow(clippy::zero_sized_map_values, reason = "a map of what cannot be read")]
#[test]
fn a_swallowed_fault_within_the_error_of_a_type_is_not_named_as_its_cause() {
    check_blameless::<Vec<Sullen>>(r#"["$SECRET"]"#, "missing field `x`");
    check_blameless::<Sullen>(r#""$SECRET""#, "missing field `x`");
    check_blameless::<BTreeMap<String, Sullen>>(r#"{"a": "$SECRET"}"#, "missing field `x`");
}

#[test]
fn a_rejected_reference_that_was_swallowed_is_in_no_later_error() {
    let rules = expander().on_unset(Unset::Reject);
    for text in [
        r#"{"a": "$UNSET"}"#,
        r#"{"a": "$UNSET", "c": "80"}"#,
        r#"{"a": "$UNSET", "b": "x$UNSET", "c": 99999}"#,
        r#"{"a": "$UNSET", "c" 1}"#,
    ] {
        let error = read_by::<Fields>(text, &rules).unwrap_err();
        assert_eq!((error.kind(), sites(&error)), (ErrorKind::Document, vec![]), "{text}: {error}");
    }
    let error = read_by::<Fields>(r#"{"a": "$UNSET", "c": "$C"}"#, &rules).unwrap_err();
    assert_eq!((error.kind(), sites(&error)), (ErrorKind::InvalidValue, vec![("C", "c")]));
}

#[test]
fn an_output_limit_that_was_swallowed_is_in_no_later_error() {
    let vars = [("A", "aaaa")];
    let rules = Expander::new(&vars).output_limit(3);
    for text in [r#"{"a": "$A"}"#, r#"{"b": "$A", "c": "80"}"#, r#"{"b": "$A" 1}"#] {
        let error = read_by::<Fields>(text, &rules).unwrap_err();
        assert_eq!((error.kind(), sites(&error)), (ErrorKind::Document, vec![]), "{text}: {error}");
    }
}

#[test]
fn a_fault_is_kept_through_each_shape_on_its_way_out() {
    #[track_caller]
    fn check<T: DeserializeOwned + Debug>(text: &str, path: &str) {
        let error = read::<T>(text).unwrap_err();
        assert_eq!(
            (error.kind(), sites(&error)),
            (ErrorKind::InvalidValue, vec![("SECRET", path)]),
            "{error}"
        );
    }
    check::<u16>(r#""$SECRET""#, "");
    check::<Option<u16>>(r#""$SECRET""#, "");
    check::<Vec<Option<u16>>>(r#"[1, "$SECRET"]"#, "[1]");
    check::<BTreeMap<String, Vec<Inner>>>(r#"{"a": [{"port": "$SECRET"}]}"#, "a[0].port");
    check::<Content>(r#"{"New": "$SECRET"}"#, "New");
    check::<Content>(r#"{"Pair": ["$SECRET", ""]}"#, "Pair[0]");
    check::<Content>(r#"{"Full": {"port": "$SECRET"}}"#, "Full.port");
    check::<(Config,)>(r#"[{"server": "$SECRET"}]"#, "[0].server");
}
