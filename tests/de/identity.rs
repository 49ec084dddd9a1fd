//! A document in which nothing is replaced is read as without the adapter. Other formats, and `f32`, which depends on a feature
//! of `serde_json`: see the package `tests/formats`.

use std::collections::BTreeMap;
use std::fmt::Debug;

use arbitrary::Unstructured;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::types::{Adjacent, Content, Inner, Untagged};
use crate::{read, without_place};

#[test]
fn a_document_without_references_is_read_as_without_the_adapter() {
    /// Compares without the place in errors: asked for a number, the format stops before a text, and else behind it.
    fn same<T: DeserializeOwned + PartialEq + Debug>(text: &str) {
        let direct = serde_json::from_str::<T>(text).map_err(|error| without_place(&error));
        assert_eq!(read::<T>(text).map_err(|error| without_place(&error)), direct, "{text}");
    }
    arbtest::arbtest(|u| {
        let value = document(u, 0)?;
        let text = value.to_string();
        same::<Value>(&text);
        same::<u8>(&text);
        same::<i64>(&text);
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
fn document(u: &mut Unstructured<'_>, depth: usize) -> arbitrary::Result<Value> {
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
