//! The laws of the serde adapter, as property tests; and the inputs of the fuzzer, without the fuzzer.

use std::borrow::Cow;

use arbitrary::{Arbitrary as _, Result, Unstructured};
use arbtest::arbtest;
use envref_laws::case::{Case, text};
use envref_laws::{de, replay};
use serde_json::{Value, json};

/// Makes a document of the shapes that the laws read.
fn document(u: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    let keys = ["a", "b", "c", "d", "e", "f", "t", "n", "s", "Unit", "New", "Struct", "$A"];
    Ok(match u.int_in_range(0..=if depth == 0 { 4 } else { 6 })? {
        0 => json!(u.arbitrary::<i16>()?),
        1 => json!(u.arbitrary::<Option<bool>>()?),
        2 => json!(*u.choose(&["$A", "${B}", "$<AB>", "$NONE", "A", "Unit"])?),
        3 | 4 => json!(text(u)?),
        5 => (0..u.int_in_range(0..=3)?).map(|_| document(u, depth - 1)).collect::<Result<_>>()?,
        _ => (0..u.int_in_range(0..=3)?)
            .map(|_| Ok(((*u.choose(&keys)?).to_owned(), document(u, depth - 1)?)))
            .collect::<Result<_>>()?,
    })
}

/// Checks a law about cases whose text is a document.
fn holds(law: fn(&Case<'_>)) {
    arbtest(|u| {
        let text = document(u, 3)?.to_string();
        law(&Case { text: Cow::Owned(text), ..Case::arbitrary(u)? });
        Ok(())
    });
}

#[test]
fn the_adapter_reads_the_expansion_of_the_parsed_value() {
    holds(de::the_adapter_reads_the_expansion_of_the_parsed_value);
}

#[test]
fn a_document_is_explained_as_its_texts_are() {
    holds(de::a_document_is_explained_as_its_texts_are);
}

#[test]
fn no_value_shows_in_errors() {
    holds(de::no_value_shows_in_errors);
}

#[test]
fn files_of_the_fuzz_target_de() {
    replay::replay("de", de::check);
}
