//! From a value to a [`Tree`]: a serializer that records every call. It claims to be human-readable, as are the formats
//! that the tree is written to.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};
use core::hash::{BuildHasher as _, Hash as _, Hasher as _};
use core::mem::discriminant;
use std::hash::{DefaultHasher, RandomState};

use serde_core::Serialize;
use serde_core::ser::{
    Error, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::model::{Node, Shape, Span, Tree, Variant, Wide};
use super::notes::Way;
use crate::path::{Path, Segment, start_of};

impl Tree {
    /// Returns what `value` says of itself, with hashes under `key`. It takes memory for as much as there was in `like`.
    pub(super) fn of<T>(value: &T, key: &RandomState, like: &Self) -> Result<Self, Failure>
    where
        T: Serialize + ?Sized,
    {
        let tree = Self {
            nodes: Vec::with_capacity(like.nodes.len()),
            text: String::with_capacity(like.text.len()),
            ..Self::default()
        };
        let mut recorder = Recorder { tree, key };
        value.serialize(&mut recorder)?;
        Ok(recorder.tree)
    }
}

/// A value could not be recorded. It says where, and not why: what a type says may hold a variable's value.
#[derive(Debug, Default)]
pub(super) struct Failure {
    /// From its inner end.
    path: Vec<Way>,
}

impl Failure {
    /// Returns the path of the value that could not be recorded, as it is shown.
    pub(super) fn path(self) -> String {
        let mut path = Path::default();
        for way in self.path.iter().rev() {
            path.push(match way {
                Way::Key(key) => Segment::Key(key),
                Way::Index(index) => Segment::Index(*index),
            });
        }
        path.shown()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value cannot be serialized")
    }
}

impl core::error::Error for Failure {}

impl Error for Failure {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::default()
    }
}

struct Recorder<'k> {
    tree: Tree,
    key: &'k RandomState,
}

/// There are more nodes or bytes than are counted.
fn count(len: usize) -> Result<u32, Failure> {
    u32::try_from(len).ok().filter(|len| *len != u32::MAX).ok_or_else(Failure::default)
}

impl<'k> Recorder<'k> {
    fn push(&mut self, shape: Shape) -> usize {
        self.tree.nodes.push(Node::new(shape));
        self.tree.nodes.len() - 1
    }

    /// Notes that all that is in node `id` has been written.
    fn close(&mut self, id: usize, hash: u64) -> Result<u64, Failure> {
        let end = count(self.tree.nodes.len())?;
        if let Some(node) = self.tree.nodes.get_mut(id) {
            node.end = end;
            node.hash = hash;
        }
        Ok(hash)
    }

    fn leaf(&mut self, shape: Shape) -> Result<u64, Failure> {
        let id = self.push(shape);
        self.close(id, self.key.hash_one(shape))
    }

    /// Notes a text that has been added to the texts, from `start` on.
    fn text(&mut self, start: usize, shape: impl FnOnce(Span) -> Shape) -> Result<u64, Failure> {
        let span = Span { start: count(start)?, end: count(self.tree.text.len())? };
        let hash = self.key.hash_one(self.tree.slice(span));
        let id = self.push(shape(span));
        self.close(id, hash)
    }

    fn variant(&mut self, name: &'static str, index: u32, variant: &'static str) -> Result<u32, Failure> {
        self.tree.variants.push(Variant { of: name, index, name: variant });
        count(self.tree.variants.len() - 1)
    }

    /// Notes a node with one value in it.
    fn around<T: Serialize + ?Sized>(&mut self, shape: Shape, name: &str, value: &T) -> Result<u64, Failure> {
        let id = self.push(shape);
        let within = value.serialize(&mut *self)?;
        let hash = self.key.hash_one((discriminant(&shape), name, within));
        self.close(id, hash)
    }

    fn open(&mut self, shape: Shape, name: &str) -> Compound<'_, 'k> {
        let mut hasher = self.key.build_hasher();
        (discriminant(&shape), name).hash(&mut hasher);
        let id = self.push(shape);
        Compound { recorder: self, id, hasher, sum: 0, key: 0, len: 0 }
    }
}

/// Writes a `Display`, and keeps the length of the first piece.
struct Pieces<'t> {
    text: &'t mut String,
    first: Option<usize>,
}

impl fmt::Write for Pieces<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if !piece.is_empty() {
            self.first.get_or_insert(piece.len());
        }
        self.text.push_str(piece);
        Ok(())
    }
}

macro_rules! scalars {
    ($($method:ident($type:ty) => $shape:expr;)*) => {$(
        fn $method(self, value: $type) -> Result<u64, Failure> {
            self.leaf($shape(value))
        }
    )*};
}

impl<'r, 'k> Serializer for &'r mut Recorder<'k> {
    /// The hash of what has been written.
    type Ok = u64;
    type Error = Failure;
    type SerializeSeq = Compound<'r, 'k>;
    type SerializeTuple = Compound<'r, 'k>;
    type SerializeTupleStruct = Compound<'r, 'k>;
    type SerializeTupleVariant = Compound<'r, 'k>;
    type SerializeMap = Compound<'r, 'k>;
    type SerializeStruct = Compound<'r, 'k>;
    type SerializeStructVariant = Compound<'r, 'k>;

    scalars! {
        serialize_bool(bool) => Shape::Bool;
        serialize_i8(i8) => Shape::I8;
        serialize_i16(i16) => Shape::I16;
        serialize_i32(i32) => Shape::I32;
        serialize_i64(i64) => Shape::I64;
        serialize_u8(u8) => Shape::U8;
        serialize_u16(u16) => Shape::U16;
        serialize_u32(u32) => Shape::U32;
        serialize_u64(u64) => Shape::U64;
        serialize_char(char) => Shape::Char;
        serialize_unit_struct(&'static str) => Shape::UnitStruct;
    }

    fn serialize_i128(self, value: i128) -> Result<u64, Failure> {
        self.leaf(Shape::I128(Wide(value.to_ne_bytes())))
    }

    fn serialize_u128(self, value: u128) -> Result<u64, Failure> {
        self.leaf(Shape::U128(Wide(value.to_ne_bytes())))
    }

    fn serialize_f32(self, value: f32) -> Result<u64, Failure> {
        self.leaf(Shape::F32(value.to_bits()))
    }

    fn serialize_f64(self, value: f64) -> Result<u64, Failure> {
        self.leaf(Shape::F64(value.to_bits()))
    }

    fn serialize_str(self, text: &str) -> Result<u64, Failure> {
        let start = self.tree.text.len();
        self.tree.text.push_str(text);
        self.text(start, Shape::Str)
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<u64, Failure> {
        let start = self.tree.text.len();
        let mut pieces = Pieces { text: &mut self.tree.text, first: None };
        write!(pieces, "{value}").map_err(|_| Failure::default())?;
        let first = count(pieces.first.unwrap_or_default())?;
        self.text(start, |span| Shape::Collected(span, first))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<u64, Failure> {
        let start = count(self.tree.bytes.len())?;
        self.tree.bytes.extend_from_slice(bytes);
        let end = count(self.tree.bytes.len())?;
        let id = self.push(Shape::Bytes(Span { start, end }));
        self.close(id, self.key.hash_one(bytes))
    }

    fn serialize_none(self) -> Result<u64, Failure> {
        self.leaf(Shape::None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<u64, Failure> {
        self.around(Shape::Some, "", value)
    }

    fn serialize_unit(self) -> Result<u64, Failure> {
        self.leaf(Shape::Unit)
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<u64, Failure> {
        let shape = Shape::UnitVariant(self.variant(name, index, variant)?);
        let id = self.push(shape);
        self.close(id, self.key.hash_one((discriminant(&shape), name, variant)))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<u64, Failure> {
        self.around(Shape::NewtypeStruct(name), name, value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<u64, Failure> {
        let shape = Shape::NewtypeVariant(self.variant(name, index, variant)?);
        self.around(shape, variant, value).map_err(|failure| failure.below_key(variant))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Compound<'r, 'k>, Failure> {
        Ok(self.open(Shape::Seq(len), ""))
    }

    fn serialize_tuple(self, len: usize) -> Result<Compound<'r, 'k>, Failure> {
        Ok(self.open(Shape::Tuple(count(len)?), ""))
    }

    fn serialize_tuple_struct(self, name: &'static str, len: usize) -> Result<Compound<'r, 'k>, Failure> {
        Ok(self.open(Shape::TupleStruct(name, count(len)?), name))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'r, 'k>, Failure> {
        let shape = Shape::TupleVariant(self.variant(name, index, variant)?, count(len)?);
        Ok(self.open(shape, variant))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Compound<'r, 'k>, Failure> {
        Ok(self.open(Shape::Map(len), ""))
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Compound<'r, 'k>, Failure> {
        Ok(self.open(Shape::Struct(name, count(len)?), name))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'r, 'k>, Failure> {
        let shape = Shape::StructVariant(self.variant(name, index, variant)?, count(len)?);
        Ok(self.open(shape, variant))
    }

    fn is_human_readable(&self) -> bool {
        true
    }
}

impl Failure {
    fn below_key(mut self, key: &str) -> Self {
        // A path shows no more of it.
        self.path.push(Way::Key(start_of(key, 512).into()));
        self
    }

    fn below_index(mut self, index: usize) -> Self {
        self.path.push(Way::Index(index));
        self
    }
}

/// What holds other values, while they are written.
struct Compound<'r, 'k> {
    recorder: &'r mut Recorder<'k>,
    id: usize,
    hasher: DefaultHasher,
    /// Of the hashes of a map's entries: their order does not count.
    sum: u64,
    /// The hash of the key that was written last.
    key: u64,
    len: usize,
}

impl Compound<'_, '_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        let hash = value.serialize(&mut *self.recorder).map_err(|failure| failure.below_index(self.len))?;
        self.hasher.write_u64(hash);
        self.len += 1;
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Failure> {
        let id = self.recorder.push(Shape::Field(key));
        self.recorder.close(id, 0)?;
        let hash = value.serialize(&mut *self.recorder).map_err(|failure| failure.below_key(key))?;
        key.hash(&mut self.hasher);
        self.hasher.write_u64(hash);
        Ok(())
    }

    fn finish(mut self) -> Result<u64, Failure> {
        self.hasher.write_u64(self.sum);
        self.recorder.close(self.id, self.hasher.finish())
    }

    /// Returns a failure that happened in a variant with its name.
    fn in_variant(&self, failure: Failure) -> Failure {
        match self.recorder.tree.shape(self.id) {
            Shape::TupleVariant(variant, _) | Shape::StructVariant(variant, _) => {
                failure.below_key(self.recorder.tree.variant(variant).name)
            }
            _ => failure,
        }
    }
}

macro_rules! compounds {
    ($($trait:ident: $method:ident;)*) => {$(
        impl $trait for Compound<'_, '_> {
            type Ok = u64;
            type Error = Failure;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
                self.element(value).map_err(|failure| self.in_variant(failure))
            }

            fn end(self) -> Result<u64, Failure> {
                self.finish()
            }
        }
    )*};
}

compounds! {
    SerializeSeq: serialize_element;
    SerializeTuple: serialize_element;
    SerializeTupleStruct: serialize_field;
    SerializeTupleVariant: serialize_field;
}

macro_rules! structs {
    ($($trait:ident)*) => {$(
        impl $trait for Compound<'_, '_> {
            type Ok = u64;
            type Error = Failure;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Failure> {
                self.field(key, value).map_err(|failure| self.in_variant(failure))
            }

            fn end(self) -> Result<u64, Failure> {
                self.finish()
            }
        }
    )*};
}

structs! {
    SerializeStruct
    SerializeStructVariant
}

impl SerializeMap for Compound<'_, '_> {
    type Ok = u64;
    type Error = Failure;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failure> {
        self.len = self.recorder.tree.nodes.len();
        self.key = key.serialize(&mut *self.recorder)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        let result = value.serialize(&mut *self.recorder);
        let hash = result.map_err(|failure| match self.recorder.tree.key(self.len) {
            Some(key) => failure.below_key(&key),
            None => failure,
        })?;
        self.sum = self.sum.wrapping_add(self.recorder.key.hash_one((self.key, hash)));
        Ok(())
    }

    fn end(self) -> Result<u64, Failure> {
        self.finish()
    }
}
