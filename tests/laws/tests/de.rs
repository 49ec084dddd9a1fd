//! The laws of the serde adapter, as property tests; and the inputs of the fuzzer, without the fuzzer.

use std::borrow::Cow;

use arbitrary::{Arbitrary as _, Result, Unstructured};
use arbtest::arbtest;
use envref_laws::case::{Case, text};
use envref_laws::{de, replay};
use serde_json::{Value, json};

/// Keys that some shape of the laws has.
const KEYS: &[&str] = &["a", "b", "c", "d", "e", "f", "t", "n", "s", "Unit", "New", "Struct", "$A"];

/// Private keys of formats.
const PRIVATE: &[&str] = &[
    "$serde_json::private::RawValue",
    "$serde_json::private::Number",
    "$__toml_private_datetime",
    "$sonic_rs::private::Value",
    "$__private__bson_RawBson",
    "$__bson_private_uuid",
    "___figment_value_value",
    "$ron::private::RawValue",
];

/// Makes a document, in which one key of `private` is private.
fn document(u: &mut Unstructured<'_>, private: u16, depth: usize) -> Result<Value> {
    let texts = ["$A", "${B}", "$<AB>", "$NONE", "A", "Unit", r#"["$A"]"#, r#""$B""#, "8$A"];
    Ok(match u.int_in_range(0..=if depth == 0 { 4 } else { 6 })? {
        0 => json!(u.arbitrary::<i16>()?),
        1 => json!(u.arbitrary::<Option<bool>>()?),
        2 => json!(*u.choose(&texts)?),
        3 | 4 => json!(text(u)?),
        5 => (0..u.int_in_range(0..=3)?).map(|_| document(u, private, depth - 1)).collect::<Result<_>>()?,
        _ => (0..u.int_in_range(0..=3)?)
            .map(|_| {
                let keys = if u.ratio(1, private)? { PRIVATE } else { KEYS };
                Ok(((*u.choose(keys)?).to_owned(), document(u, private, depth - 1)?))
            })
            .collect::<Result<_>>()?,
    })
}

/// Checks a law about cases whose text is a document, in which one key of `private` is private.
fn holds(law: fn(&Case<'_>), private: u16) {
    arbtest(|u| {
        let text = document(u, private, 3)?.to_string();
        law(&Case { text: Cow::Owned(text), ..Case::arbitrary(u)? });
        Ok(())
    });
}

#[test]
fn the_adapter_reads_the_expansion_of_the_parsed_value() {
    holds(de::the_adapter_reads_the_expansion_of_the_parsed_value, 4);
}

#[test]
fn a_document_is_explained_as_its_texts_are() {
    holds(de::a_document_is_explained_as_its_texts_are, 4);
}

#[test]
fn no_value_becomes_structure() {
    holds(de::no_value_becomes_structure, 1);
}

#[test]
fn no_value_shows_in_errors() {
    holds(de::no_value_shows_in_errors, 20);
}

#[test]
fn files_of_the_fuzz_target_de() {
    replay::replay("de", de::check);
}
