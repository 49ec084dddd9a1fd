//! References without a value.

use std::net::SocketAddr;

use envref::{ProcessEnv, Unset};
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::types::Inner;
use crate::{assert_starts_with, check, check_error, expander, read_by};

#[test]
fn a_message_says_that_a_reference_is_unset_and_what_was_expected() {
    check(r#""${UNSET}""#, String::new());
    check_error::<u16>(r#""${UNSET}""#, "${UNSET} is unset, expected u16");
    check_error::<Vec<SocketAddr>>(r#"["$UNSET"]"#, "$UNSET is unset, expected socket address at [0]");

    let host = ProcessEnv::only(["OTHER"]);
    let expander = expander().fallback(&host);
    assert_starts_with(
        read_by::<[u16; 1]>(r#"["$PATH"]"#, &expander),
        "$PATH cannot be used (neither a variable nor an allowed environment variable), expected u16 at [0]",
    );
    assert_starts_with(
        read_by::<u16>(r#""$UNSET""#, &expander),
        "$UNSET cannot be used (neither a variable nor an allowed environment variable), expected u16",
    );
}

#[cfg(unix)]
#[test]
fn a_message_says_that_a_variable_is_not_unicode() {
    // The environment of a child, as that of this process may not be changed while other tests read it.
    use std::os::unix::ffi::OsStrExt;
    if std::env::var_os("ENVREF_BROKEN").is_none() {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "unset::a_message_says_that_a_variable_is_not_unicode"])
            .env("ENVREF_BROKEN", std::ffi::OsStr::from_bytes(b"s3\xFFcret"))
            .output()
            .unwrap();
        let shown = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && shown.contains("1 passed"), "{shown}");
        return;
    }
    let host = ProcessEnv::any();
    let expander = expander().fallback(&host);
    let text = r#"["$ENVREF_BROKEN"]"#;
    assert_starts_with(
        read_by::<Vec<u16>>(text, &expander),
        "$ENVREF_BROKEN cannot be used (its value is not Unicode), expected u16 at [0]",
    );
    assert_starts_with(
        read_by::<Vec<u16>>(text, &expander.on_unset(Unset::Reject)),
        "unresolved reference $ENVREF_BROKEN at [0]: its value is not Unicode",
    );
}

#[test]
fn the_unset_become_what_the_expander_says() {
    let text = r#"["$PORT$A", "$A", "x$A", "$5"]"#;
    for (unset, expected) in [
        (Unset::Default, ["8080$A", "", "x$A", "$5"]),
        (Unset::Keep, ["8080$A", "$A", "x$A", "$5"]),
        (Unset::Empty, ["8080", "", "x", "$5"]),
    ] {
        let read: [String; 4] = read_by(text, &expander().on_unset(unset)).unwrap();
        assert_eq!(read, expected, "{unset:?}");
    }
    let rejected = read_by::<[String; 4]>(text, &expander().on_unset(Unset::Reject));
    assert_starts_with(rejected, "unresolved reference $A at [0]: unset");
}

#[test]
fn an_unset_reference_takes_part_in_a_number_as_in_a_text() {
    let read = |text, unset| read_by::<u16>(text, &expander().on_unset(unset));
    assert_eq!(read(r#""80$A""#, Unset::Empty).unwrap(), 80);
    // What is kept is text in which nothing is replaced.
    let unset = "$A is unset, expected u16";
    assert_starts_with(read(r#""80$A""#, Unset::Default), unset);
    assert_starts_with(read(r#""80$A""#, Unset::Keep), unset);
    assert_starts_with(read(r#""$A""#, Unset::Keep), unset);
    assert_starts_with(read(r#""$A""#, Unset::Default), "$A is unset, expected u16");
    assert_starts_with(read(r#""$A""#, Unset::Empty), "$A is unset, expected u16");
}

#[test]
fn the_unset_are_rejected_all_of_a_value_at_once() {
    let rules = expander().on_unset(Unset::Reject);
    assert_starts_with(
        read_by::<Value>(r#"{"a": [1, "$A"]}"#, &rules),
        "unresolved reference $A at a[1]: unset, and no fallback is set",
    );
    assert_starts_with(
        read_by::<Value>(r#"{"a": "$A $PORT ${B}"}"#, &rules),
        "unresolved references at a: $A: unset; ${B}: unset",
    );
    let read: Value = read_by(r#"{"$A": "$$ $5 $PORT"}"#, &rules).unwrap();
    assert_eq!(read, json!({"$A": "$$ $5 8080"}));
}

#[test]
fn what_the_target_ignores_is_not_rejected() {
    let rules = expander().on_unset(Unset::Reject);
    let read: Inner = read_by(r#"{"x": ["$UNSET"], "port": "$PORT"}"#, &rules).unwrap();
    assert_eq!(read, Inner { port: 8080 });
    read_by::<IgnoredAny>(r#"["$UNSET"]"#, &rules).unwrap();
}
