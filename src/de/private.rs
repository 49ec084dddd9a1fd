//! The private keys of formats: how a format passes a type of its own through the data model of serde, as a map with a key
//! that no document is expected to have.
//!
//! A document can have it all the same. Where a type, or a feature that any dependency may enable, makes a format honour
//! the key, the text under it becomes something other than text: raw JSON, a number, a datetime. A value there would
//! become structure, so no text under such a key is expanded, whatever the format.

use crate::path::Segment;
use crate::select::Trail;

/// How private keys, and private names of newtypes, begin, after any prefix that a type strips. Formats append more to
/// some of these from version to version.
const PRIVATE: [&str; 7] = [
    // serde_json: `Number` (feature `arbitrary_precision`) and `RawValue` (feature `raw_value`), also honoured by
    // serde_json_bytes, ijson, rust_decimal and bigdecimal.
    "$serde_json::private::",
    // toml, toml_edit, toml_datetime: `$__toml_private_datetime`.
    "$__toml_private_",
    // sonic-rs: `Value` and `JsonNumber`.
    "$sonic_rs::private::",
    // bson: `$__private__bson_RawDocument`, `…RawArray`, `…RawBson`; `$__bson_private_uuid`.
    "$__private__bson_",
    "$__bson_private_",
    // figment: `___figment_relative_path` and others of its magic values.
    "___figment_",
    // ron: `RawValue`.
    "$ron::private::",
];

/// The keys of a value with its place: `Spanned` of `serde_spanned`, and of toml before 0.8. Under them is the ordinary
/// value.
const TRANSPARENT: [&str; 2] = ["$__serde_spanned_private_value", "$__toml_private_value"];

/// Tells whether `name` is private to a format: a key, or the name of a newtype by which it passes raw text. So is one
/// with a prefix, which a type may strip (`serde_with::with_prefix!`).
pub(crate) fn is_private(name: &str) -> bool {
    PRIVATE.iter().any(|private| name.contains(private))
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
