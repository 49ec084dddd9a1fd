//! From a [`Tree`] to any format: the calls that were recorded, with the text of an origin in place of the values that have
//! one.

use core::fmt;

use serde_core::Serialize;
use serde_core::ser::{
    SerializeMap as _, SerializeSeq as _, SerializeStruct as _, SerializeStructVariant as _,
    SerializeTuple as _, SerializeTupleStruct as _, SerializeTupleVariant as _, Serializer,
};

use super::Origin;
use super::model::{Shape, Tree};

/// The value at a node of a tree.
#[derive(Clone, Copy)]
pub(super) struct Value<'t> {
    pub(super) tree: &'t Tree,
    pub(super) origins: &'t [Origin],
    pub(super) id: usize,
}

impl Value<'_> {
    fn at(self, id: usize) -> Self {
        Self { id, ..self }
    }

    fn children(&self) -> impl Iterator<Item = Self> {
        self.tree.children(self.id).map(|id| self.at(id))
    }

    /// Returns the fields of a struct.
    fn fields(&self) -> impl Iterator<Item = (&'static str, Self)> {
        self.tree.entries(self.id).map(|(field, value)| {
            let Shape::Field(name) = self.tree.shape(field) else { return ("", self.at(value)) };
            (name, self.at(value))
        })
    }
}

/// A text in the pieces in which it was collected.
struct Pieces<'t>(&'t str, &'t str);

impl fmt::Display for Pieces<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)?;
        f.write_str(self.1)
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { tree, id, .. } = *self;
        if let Some(origin) = tree.origin(id).and_then(|origin| self.origins.get(origin)) {
            return serializer.serialize_str(origin.text());
        }
        let within = self.at(id + 1);
        match tree.shape(id) {
            Shape::Bool(value) => serializer.serialize_bool(value),
            Shape::I8(value) => serializer.serialize_i8(value),
            Shape::I16(value) => serializer.serialize_i16(value),
            Shape::I32(value) => serializer.serialize_i32(value),
            Shape::I64(value) => serializer.serialize_i64(value),
            Shape::I128(value) => serializer.serialize_i128(i128::from_ne_bytes(value.0)),
            Shape::U8(value) => serializer.serialize_u8(value),
            Shape::U16(value) => serializer.serialize_u16(value),
            Shape::U32(value) => serializer.serialize_u32(value),
            Shape::U64(value) => serializer.serialize_u64(value),
            Shape::U128(value) => serializer.serialize_u128(u128::from_ne_bytes(value.0)),
            Shape::F32(bits) => serializer.serialize_f32(f32::from_bits(bits)),
            Shape::F64(bits) => serializer.serialize_f64(f64::from_bits(bits)),
            Shape::Char(value) => serializer.serialize_char(value),
            Shape::Str(span) => serializer.serialize_str(&tree.written(id, tree.slice(span))),
            Shape::Collected(span, first) => {
                let text = tree.slice(span);
                let (first, rest) = text.split_at_checked(first as usize).unwrap_or((text, ""));
                serializer.collect_str(&Pieces(&tree.written(id, first), &tree.written(id, rest)))
            }
            Shape::Bytes(span) => serializer.serialize_bytes(tree.bytes(span)),
            Shape::None => serializer.serialize_none(),
            Shape::Some => serializer.serialize_some(&within),
            // A field is written by its struct.
            Shape::Unit | Shape::Field(_) => serializer.serialize_unit(),
            Shape::UnitStruct(name) => serializer.serialize_unit_struct(name),
            Shape::UnitVariant(variant) => {
                let it = tree.variant(variant);
                serializer.serialize_unit_variant(it.of, it.index, it.name)
            }
            Shape::NewtypeStruct(name) => serializer.serialize_newtype_struct(name, &within),
            Shape::NewtypeVariant(variant) => {
                let it = tree.variant(variant);
                serializer.serialize_newtype_variant(it.of, it.index, it.name, &within)
            }
            Shape::Seq(len) => {
                let mut seq = serializer.serialize_seq(len)?;
                self.children().try_for_each(|element| seq.serialize_element(&element))?;
                seq.end()
            }
            Shape::Tuple(len) => {
                let mut tuple = serializer.serialize_tuple(len as usize)?;
                self.children().try_for_each(|element| tuple.serialize_element(&element))?;
                tuple.end()
            }
            Shape::TupleStruct(name, len) => {
                let mut tuple = serializer.serialize_tuple_struct(name, len as usize)?;
                self.children().try_for_each(|field| tuple.serialize_field(&field))?;
                tuple.end()
            }
            Shape::TupleVariant(variant, len) => {
                let it = tree.variant(variant);
                let mut tuple = serializer.serialize_tuple_variant(it.of, it.index, it.name, len as usize)?;
                self.children().try_for_each(|field| tuple.serialize_field(&field))?;
                tuple.end()
            }
            Shape::Map(len) => {
                let mut map = serializer.serialize_map(len)?;
                tree.entries(id)
                    .try_for_each(|(key, value)| map.serialize_entry(&self.at(key), &self.at(value)))?;
                map.end()
            }
            Shape::Struct(name, len) => {
                let mut fields = serializer.serialize_struct(name, len as usize)?;
                self.fields().try_for_each(|(name, value)| fields.serialize_field(name, &value))?;
                fields.end()
            }
            Shape::StructVariant(variant, len) => {
                let it = tree.variant(variant);
                let mut fields =
                    serializer.serialize_struct_variant(it.of, it.index, it.name, len as usize)?;
                self.fields().try_for_each(|(name, value)| fields.serialize_field(name, &value))?;
                fields.end()
            }
        }
    }
}
