//! The references of a document with their paths: a walk over all values, without a target type.

use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::fmt;

use serde_core::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use super::document::Fault;
use super::private;
use crate::expand::Erased;
use crate::path::Segment;
use crate::select::Trail;
use crate::site::{Explanation, Site};
use crate::word::has_dollar;

/// Walks over the values of a document.
pub(super) struct Walk<'e> {
    expander: Erased<'e>,
    trail: Trail,
    sites: Vec<Site>,
    /// The text that stopped the walk.
    fault: Option<Fault>,
}

impl<'e> Walk<'e> {
    pub(super) fn new(expander: Erased<'e>) -> Self {
        Self { expander, trail: Trail::new(expander.selection()), sites: Vec::new(), fault: None }
    }

    /// Returns what stopped the walk, if it was a text.
    pub(super) fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    pub(super) fn into_explanation(self) -> Explanation {
        let unmatched = self.trail.unmatched();
        Explanation::new(self.sites, unmatched)
    }

    fn text<E: Error>(&mut self, text: &str) -> Result<(), E> {
        self.trail.note_value();
        if has_dollar(text) && self.trail.is_selected() {
            let path = self.trail.path().shown();
            let sites = self.expander.sites(text).map_err(|error| {
                let message = error.problem_at(&path);
                let failure = E::custom(&message);
                self.fault = Some(Fault { kind: error.kind(), sites: Vec::new(), message });
                failure
            })?;
            self.sites.extend(sites.into_iter().map(|site| site.in_value_at(path.clone())));
        }
        Ok(())
    }
}

/// Reads a value.
impl<'de> DeserializeSeed<'de> for &mut Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Takes a scalar that is not text.
macro_rules! scalars {
    ($($method:ident($($type:ty)?))*) => {$(
        fn $method<E: Error>(self, $(_: $type)?) -> Result<(), E> {
            self.trail.note_value();
            Ok(())
        }
    )*};
}

impl<'de> Visitor<'de> for &mut Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    scalars! {
        visit_bool(bool)
        visit_i64(i64)
        visit_i128(i128)
        visit_u64(u64)
        visit_u128(u128)
        visit_f64(f64)
        visit_none()
        visit_unit()
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.text(text)
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<(), E> {
        if let Ok(text) = core::str::from_utf8(bytes) {
            return self.text(text);
        }
        self.trail.note_value();
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        for index in 0.. {
            self.trail.push(Segment::Index(index));
            let element = elements.next_element_seed(&mut *self)?;
            self.trail.pop();
            if element.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(is_step) = entries.next_key_seed(Key(&mut *self))? {
            entries.next_value_seed(&mut *self)?;
            if is_step {
                self.trail.pop();
            }
        }
        Ok(())
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<(), A::Error> {
        let (is_step, content) = access.variant_seed(Key(&mut *self))?;
        content.newtype_variant_seed(&mut *self)?;
        if is_step {
            self.trail.pop();
        }
        Ok(())
    }
}

/// Reads a key and steps over it. Returns whether it is a step.
struct Key<'w, 'e>(&'w mut Walk<'e>);

impl Key<'_, '_> {
    fn step(self, segment: Segment<'_>) -> bool {
        if matches!(segment, Segment::Key(key) if private::is_private(key)) {
            // A number or a datetime, which the document has in place of this map.
            self.0.trail.note_value();
        }
        private::step(&mut self.0.trail, segment)
    }
}

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Takes a key that is a scalar, but no text.
macro_rules! scalar_keys {
    ($($method:ident($type:ty))*) => {$(
        fn $method<E: Error>(self, key: $type) -> Result<bool, E> {
            Ok(self.step(Segment::Key(&key.to_string())))
        }
    )*};
}

impl<'de> Visitor<'de> for Key<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    scalar_keys! {
        visit_bool(bool)
        visit_i64(i64)
        visit_i128(i128)
        visit_u64(u64)
        visit_u128(u128)
        visit_f64(f64)
        visit_char(char)
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        Ok(self.step(Segment::Key(key)))
    }

    fn visit_bytes<E: Error>(self, key: &[u8]) -> Result<bool, E> {
        Ok(self.step(core::str::from_utf8(key).map_or(Segment::Unnamed, Segment::Key)))
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(self.step(Segment::Unnamed))
    }

    fn visit_none<E: Error>(self) -> Result<bool, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<bool, A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(self.step(Segment::Unnamed))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<bool, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(self.step(Segment::Unnamed))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<bool, A::Error> {
        let (_, content) = access.variant::<IgnoredAny>()?;
        content.newtype_variant::<IgnoredAny>()?;
        Ok(self.step(Segment::Unnamed))
    }
}
