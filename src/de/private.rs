//! The private keys of formats: how a format passes a type of its own through the data model of serde, as a map with a key
//! that no document is expected to have.
//!
//! A document can have it all the same. Where a type, or a feature that any dependency may enable, makes a format honour
//! the key, the text under it becomes something other than text: raw JSON, a number, a datetime. A value there would
//! become structure, so no text under such a key is expanded, whatever the format.

use crate::path::Segment;
use crate::select::Trail;

/// How private keys begin, after any prefix that a type strips, other than those with `::private::`. Formats append more to
/// some of these from version to version.
const PRIVATE: [&str; 6] = [
    // toml, toml_edit, toml_datetime: `$__toml_private_datetime`.
    "$__toml_private_",
    // sonic-rs: `$sonic_rs::LazyValue`, `$sonic::OwnedLv`.
    "$sonic_rs::",
    "$sonic::",
    // bson: `$__private__bson_RawDocument`, `…RawArray`, `…RawBson`; `$__bson_private_uuid`.
    "$__private__bson_",
    "$__bson_private_",
    // figment: `___figment_relative_path` and others of its magic values.
    "___figment_",
];

/// What private keys have after a `$` and the name of their crate: `serde_json` (`$serde_json::private::Number`, with its feature
/// `arbitrary_precision`, and `…::RawValue`, with `raw_value`; also honoured by `serde_json_bytes`, ijson, `rust_decimal` and
/// bigdecimal), the crates made from it (`$serde_json_lenient::private::…`), sonic-rs and ron.
const OF_A_CRATE: &str = "::private::";

/// The keys of a value with its place: `Spanned` of `serde_spanned`, and of toml before 0.8. Under them is the ordinary
/// value.
const TRANSPARENT: [&str; 2] = ["$__serde_spanned_private_value", "$__toml_private_value"];

/// Tells whether a key is private to a format. So is one with a prefix, which a type may strip (`serde_with::with_prefix!`).
pub(crate) fn is_private(key: &str) -> bool {
    PRIVATE.iter().any(|private| key.contains(private))
        || key.split_once('$').is_some_and(|(_, name)| name.contains(OF_A_CRATE))
}

/// Tells whether a format passes raw text, or the memory of a value, as a newtype of this name: no type of Rust has one like
/// it.
pub(crate) fn is_private_newtype(name: &str) -> bool {
    name.starts_with('$') || is_private(name)
}

/// Takes a step to a value on the trail, and tells whether it is one that the document shows.
pub(crate) fn step(trail: &mut Trail, segment: Segment<'_>) -> bool {
    if let Segment::Key(key) = segment {
        if TRANSPARENT.contains(&key) {
            return false;
        }
        trail.push(segment);
        if is_private(key) {
            trail.seal();
        }
    } else {
        trail.push(segment);
    }
    true
}
