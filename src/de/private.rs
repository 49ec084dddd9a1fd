//! The private keys of formats: how a format hands a type of its own through the data model of serde, as a map with a key
//! that no document is expected to have.
//!
//! A document can have it all the same. Where a type or a feature makes a format honour such a key, the text under it becomes
//! something else than text, so that a value there could become structure.

/// The key of a value whose place TOML tells, too (`serde_spanned`). What is under it is the value as it would be without.
const TRANSPARENT: &str = "$__serde_spanned_private_value";

/// Tells whether a key stands for no step in the document.
pub(super) fn is_transparent(key: &str) -> bool {
    key == TRANSPARENT
}
