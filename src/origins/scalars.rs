//! Which scalars have changed since reading, where nothing else has: for edits of the text of the document itself. Knows
//! no format.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use std::collections::HashMap;

use serde_core::Serialize;

use super::model::{Shape, Tree};
use super::place::Look;
use super::{Origin, Origins, RestoreError};

/// The scalars of a value that are not what they were right after reading.
pub(crate) struct Changes<'o> {
    before: &'o Tree,
    after: Tree,
    origins: &'o [Origin],
    /// From a scalar as it was to what it is now.
    changed: HashMap<usize, usize>,
}

/// A place in the value as it was read, with what formats show of it.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    id: usize,
    /// It is what is in a variant: the name has been passed.
    in_variant: bool,
}

/// What a scalar is now.
pub(crate) enum Now<'c> {
    Text(Cow<'c, str>),
    /// A number, a bool or null, as it is written without quotes.
    Bare(String),
}

impl Origins {
    /// Returns the scalars in which `value` differs from what was read; `None` if it differs in more than that.
    pub(crate) fn changes<T: Serialize + ?Sized>(
        &self,
        value: &T,
    ) -> Result<Option<Changes<'_>>, RestoreError> {
        let restored = self.restore(value)?;
        let mut changes = Changes {
            before: &self.snapshot,
            after: restored.tree,
            origins: &self.all,
            changed: HashMap::new(),
        };
        Ok(changes.compare(0, 0).then_some(changes))
    }
}

impl Changes<'_> {
    /// Notes which scalars differ, and tells whether nothing else does.
    fn compare(&mut self, old: usize, new: usize) -> bool {
        let (before, after) = (self.before, &self.after);
        let (old, new) = (before.unwrapped(old), after.unwrapped(new));
        if before.hash(old) == after.hash(new) {
            return true;
        }
        if after.is_scalar(new) && (before.is_scalar(old) || before.origin(old).is_some()) {
            self.changed.insert(old, new);
            return true;
        }
        if before.origin(old).is_some() || !before.is_like(old, after, new) {
            return false;
        }
        let both: Option<Vec<_>> = match before.shape(old) {
            Shape::NewtypeVariant(_) => Some(Vec::from([(old + 1, new + 1)])),
            Shape::Map(_) | Shape::Struct(..) | Shape::StructVariant(..) => {
                let keyed = |(key, value)| Some((after.key(key)?, value));
                let by_key: Option<HashMap<_, _>> = after.entries(new).map(keyed).collect();
                let by_key = by_key.filter(|by_key| by_key.len() == before.entries(old).count());
                by_key.and_then(|by_key| {
                    let counterpart = |(key, value)| Some((value, *by_key.get(&before.key(key)?)?));
                    before.entries(old).map(counterpart).collect()
                })
            }
            _ => {
                let is_as_long = before.children(old).count() == after.children(new).count();
                is_as_long.then(|| before.children(old).zip(after.children(new)).collect())
            }
        };
        both.is_some_and(|both| both.into_iter().all(|(old, new)| self.compare(old, new)))
    }

    pub(crate) fn len(&self) -> usize {
        self.changed.len()
    }

    pub(crate) fn top(&self) -> Place {
        self.place(0)
    }

    fn place(&self, id: usize) -> Place {
        Place { id: self.before.unwrapped(id), in_variant: false }
    }

    /// Returns the place in a variant of an enum, and the name of the variant.
    fn content(&self, place: Place) -> Option<(Cow<'_, str>, Place)> {
        let id = place.id;
        match self.before.shape(id) {
            Shape::NewtypeVariant(variant) => {
                Some((Cow::Borrowed(self.before.variant(variant).name), self.place(id + 1)))
            }
            Shape::TupleVariant(variant, _) | Shape::StructVariant(variant, _) if !place.in_variant => {
                let name = Cow::Borrowed(self.before.variant(variant).name);
                Some((name, Place { id, in_variant: true }))
            }
            // What YAML has for values with a tag.
            Shape::Map(Some(1)) => {
                let (key, value) = self.before.entries(id).next()?;
                let is_tag = matches!(self.before.shape(key), Shape::Collected(_, 1));
                let name = self.before.key(key).filter(|_| is_tag)?;
                Some((name, self.place(value)))
            }
            _ => None,
        }
    }

    /// Returns the place of what is written behind `tag`.
    pub(crate) fn tagged(&self, place: Place, tag: &str) -> Option<Place> {
        self.content(place).filter(|(name, _)| name == tag).map(|(_, place)| place)
    }

    /// Returns the places of what is written under the keys of a map.
    pub(crate) fn entries(&self, place: Place) -> HashMap<Cow<'_, str>, Place> {
        if let Some(variant) = self.content(place) {
            return HashMap::from([variant]);
        }
        match self.before.shape(place.id) {
            Shape::Map(_) | Shape::Struct(..) | Shape::StructVariant(..) => {
                let keyed = |(key, value)| Some((self.before.key(key)?, self.place(value)));
                self.before.entries(place.id).filter_map(keyed).collect()
            }
            _ => HashMap::new(),
        }
    }

    /// Returns the places of the entries of a sequence.
    pub(crate) fn elements(&self, place: Place) -> Vec<Place> {
        match self.before.shape(place.id) {
            Shape::Seq(_) | Shape::Tuple(_) | Shape::TupleStruct(..) | Shape::TupleVariant(..) => {
                self.before.children(place.id).map(|id| self.place(id)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns what has become of the scalar at a place, if it has changed.
    pub(crate) fn now(&self, place: Place) -> Option<Now<'_>> {
        let id = *self.changed.get(&place.id)?;
        if let Some(origin) = self.after.origin(id).and_then(|origin| self.origins.get(origin)) {
            return Some(Now::Text(Cow::Borrowed(origin.text())));
        }
        if let Some(text) = self.after.text(id) {
            return Some(Now::Text(self.after.written(id, text)));
        }
        let scalar = self.after.scalar(id);
        Some(match (self.after.shape(id), scalar) {
            (Shape::F32(bits), _) => Now::Bare(float(format!("{:?}", f32::from_bits(bits)))),
            (Shape::F64(bits), _) => Now::Bare(float(format!("{:?}", f64::from_bits(bits)))),
            (Shape::Char(_), Some(text)) => Now::Text(text),
            (_, Some(bare)) => Now::Bare(bare.into_owned()),
            (_, None) => Now::Bare("null".to_string()),
        })
    }

    /// Tells whether `text` is what the scalar at a place was read from.
    pub(crate) fn was(&self, place: Place, text: &str) -> bool {
        if let Some(origin) = self.before.origin(place.id).and_then(|origin| self.origins.get(origin)) {
            return origin.text() == text;
        }
        let Some(scalar) = self.before.scalar(place.id) else {
            return matches!(text, "" | "~" | "null" | "Null" | "NULL");
        };
        let number = |text: &str| text.replace('_', "").parse::<f64>().ok();
        scalar == text
            || self.before.text(place.id).is_some() && Look::Loose.at(&scalar) == Look::Loose.at(text)
            || scalar.eq_ignore_ascii_case(text)
            || number(&scalar).is_some_and(|value| number(text) == Some(value))
    }
}

/// Returns a float as all parsers of YAML read it, given how Rust shows it.
fn float(shown: String) -> String {
    match shown.as_str() {
        "NaN" => ".nan".to_string(),
        "inf" => ".inf".to_string(),
        "-inf" => "-.inf".to_string(),
        // YAML 1.1 wants a point, and a sign in the exponent.
        _ => match shown.split_once('e') {
            Some((mantissa, exponent)) => {
                let point = if mantissa.contains('.') { "" } else { ".0" };
                let sign = if exponent.starts_with('-') { "" } else { "+" };
                format!("{mantissa}{point}e{sign}{exponent}")
            }
            None => shown,
        },
    }
}
