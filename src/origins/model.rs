//! A value as its `Serialize` describes it to a human-readable format: the calls that were made, in order. It keeps
//! all of them (which kind of enum, how long a sequence said it would be), so that [`replay`](super::replay) can make them again.

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::ops::Range;

/// A value: its nodes in the order in which they were written, each followed by what is in it.
///
/// It is flat in memory, since documents are large and it is made at every save: no value needs an allocation of its own,
/// and dropping a tree does not recurse.
#[derive(Clone, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// All texts, one after the other.
    pub(super) text: String,
    pub(super) bytes: Vec<u8>,
    pub(super) variants: Vec<Variant>,
}

#[derive(Clone, Copy)]
pub(super) struct Node {
    pub(super) shape: Shape,
    /// Equal for equal values, under a key drawn at random for each load, so that two that differ are as good as never
    /// equal. The order of a map's entries does not count.
    pub(super) hash: u64,
    /// The node after all that is in this one.
    pub(super) end: u32,
    /// The origin of this value, or one of the two below.
    origin: u32,
}

/// There is none.
const NONE: u32 = u32::MAX;
/// There is none, and each `$` of the text is written as `$$`.
const ESCAPED: u32 = u32::MAX - 1;

/// What was called, with floats as their bits. Texts, bytes and variants are kept by the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    Bool(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    I128(Wide),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    U128(Wide),
    F32(u32),
    F64(u64),
    Char(char),
    Str(Span),
    /// What `collect_str` was called with, and the length of the first piece that it wrote: `yaml_serde` tells a tag from a
    /// text by that.
    Collected(Span, u32),
    Bytes(Span),
    None,
    Some,
    Unit,
    UnitStruct(&'static str),
    UnitVariant(u32),
    NewtypeStruct(&'static str),
    NewtypeVariant(u32),
    Seq(Option<usize>),
    Tuple(u32),
    TupleStruct(&'static str, u32),
    TupleVariant(u32, u32),
    /// Entries follow as pairs of a key and a value.
    Map(Option<usize>),
    /// Fields follow as pairs of a [`Shape::Field`] and a value.
    Struct(&'static str, u32),
    StructVariant(u32, u32),
    Field(&'static str),
}

/// An integer of 128 bits, by its bytes: it would align all nodes to 16 bytes otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Wide(pub(super) [u8; 16]);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    pub(super) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Variant {
    /// Of the enum.
    pub(super) of: &'static str,
    pub(super) index: u32,
    pub(super) name: &'static str,
}

impl Node {
    pub(super) fn new(shape: Shape) -> Self {
        Self { shape, hash: 0, end: 0, origin: NONE }
    }

    pub(super) fn origin(&self) -> Option<usize> {
        if self.origin >= ESCAPED { None } else { Some(self.origin as usize) }
    }
}

/// What is read beyond the end of a tree: nothing ever is.
static NOWHERE: Node = Node { shape: Shape::Unit, hash: 0, end: u32::MAX, origin: NONE };

impl Tree {
    pub(super) fn node(&self, id: usize) -> &Node {
        self.nodes.get(id).unwrap_or(&NOWHERE)
    }

    pub(super) fn shape(&self, id: usize) -> Shape {
        self.node(id).shape
    }

    pub(super) fn hash(&self, id: usize) -> u64 {
        self.node(id).hash
    }

    /// Returns the node after all that is in `id`.
    pub(super) fn end(&self, id: usize) -> usize {
        self.node(id).end as usize
    }

    pub(super) fn origin(&self, id: usize) -> Option<usize> {
        self.node(id).origin()
    }

    /// Notes the origin of a value, if there are not too many to count.
    pub(super) fn set_origin(&mut self, id: usize, origin: Option<usize>) {
        if let Some(node) = self.nodes.get_mut(id) {
            let origin = origin.and_then(|origin| u32::try_from(origin).ok());
            node.origin = origin.filter(|origin| *origin < ESCAPED).unwrap_or(NONE);
        }
    }

    /// Has each `$` in the text of a value without an origin written as `$$`.
    pub(super) fn escape(&mut self, id: usize) {
        if let Some(node) = self.nodes.get_mut(id) {
            node.origin = ESCAPED;
        }
    }

    /// Returns `text`, which is that of a value or a part of it, as it is written.
    pub(super) fn written<'t>(&self, id: usize, text: &'t str) -> Cow<'t, str> {
        if self.node(id).origin == ESCAPED { text.replace('$', "$$").into() } else { text.into() }
    }

    /// Returns what is directly in `id`: in a map or a struct each key before its value.
    pub(super) fn children(&self, id: usize) -> Children<'_> {
        Children { tree: self, next: id + 1, end: self.end(id) }
    }

    /// Returns the keys and values of a map or a struct.
    pub(super) fn entries(&self, id: usize) -> impl Iterator<Item = (usize, usize)> + use<'_> {
        let mut children = self.children(id);
        core::iter::from_fn(move || Some((children.next()?, children.next()?)))
    }

    pub(super) fn variant(&self, index: u32) -> Variant {
        self.variants.get(index as usize).copied().unwrap_or(Variant { of: "", index: 0, name: "" })
    }

    pub(super) fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    pub(super) fn bytes(&self, span: Span) -> &[u8] {
        self.bytes.get(span.range()).unwrap_or_default()
    }

    /// Returns the value within what formats do not show: an option that is there, and a newtype.
    pub(super) fn unwrapped(&self, mut id: usize) -> usize {
        while matches!(self.shape(id), Shape::Some | Shape::NewtypeStruct(_)) {
            id += 1;
        }
        id
    }

    /// Returns the text of a value that formats write as text: what a reader would search for references.
    pub(super) fn text(&self, id: usize) -> Option<&str> {
        match self.shape(id) {
            Shape::Str(span) | Shape::Collected(span, _) => Some(self.slice(span)),
            Shape::UnitVariant(variant) => Some(self.variant(variant).name),
            _ => None,
        }
    }

    /// Returns a scalar as text: what a reference has to expand to so that a reader finds this scalar.
    pub(super) fn scalar(&self, id: usize) -> Option<Cow<'_, str>> {
        if let Some(text) = self.text(id) {
            return Some(Cow::Borrowed(text));
        }
        Some(Cow::Owned(match self.shape(id) {
            Shape::Bool(value) => value.to_string(),
            Shape::I8(value) => value.to_string(),
            Shape::I16(value) => value.to_string(),
            Shape::I32(value) => value.to_string(),
            Shape::I64(value) => value.to_string(),
            Shape::I128(value) => i128::from_ne_bytes(value.0).to_string(),
            Shape::U8(value) => value.to_string(),
            Shape::U16(value) => value.to_string(),
            Shape::U32(value) => value.to_string(),
            Shape::U64(value) => value.to_string(),
            Shape::U128(value) => u128::from_ne_bytes(value.0).to_string(),
            Shape::F32(bits) => f32::from_bits(bits).to_string(),
            Shape::F64(bits) => f64::from_bits(bits).to_string(),
            Shape::Char(value) => value.to_string(),
            _ => return None,
        }))
    }

    /// Tells whether a value is a scalar, null among them.
    #[cfg(feature = "yaml")]
    pub(super) fn is_scalar(&self, id: usize) -> bool {
        matches!(self.shape(id), Shape::None | Shape::Unit | Shape::UnitStruct(_))
            || self.scalar(id).is_some()
    }

    /// Returns a key as the adapter names it in a path: `None` if it is not a scalar.
    pub(super) fn key(&self, id: usize) -> Option<Cow<'_, str>> {
        let id = self.unwrapped(id);
        match self.shape(id) {
            Shape::Field(name) => Some(Cow::Borrowed(name)),
            // The tag of a YAML value, whose `!` the reader does not see.
            Shape::Collected(span, 1) if self.slice(span).len() > 1 => {
                let text = self.slice(span);
                Some(Cow::Borrowed(text.strip_prefix('!').unwrap_or(text)))
            }
            _ => self.scalar(id),
        }
    }

    /// Tells whether two nodes were written by the same call, and what is in them can be compared part by part.
    pub(super) fn is_like(&self, id: usize, other: &Self, other_id: usize) -> bool {
        match (self.shape(id), other.shape(other_id)) {
            (Shape::Some, Shape::Some)
            | (Shape::Seq(_), Shape::Seq(_))
            | (Shape::Tuple(_), Shape::Tuple(_))
            | (Shape::Map(_), Shape::Map(_)) => true,
            (Shape::NewtypeStruct(a), Shape::NewtypeStruct(b))
            | (Shape::TupleStruct(a, _), Shape::TupleStruct(b, _))
            | (Shape::Struct(a, _), Shape::Struct(b, _)) => a == b,
            (Shape::NewtypeVariant(a), Shape::NewtypeVariant(b))
            | (Shape::TupleVariant(a, _), Shape::TupleVariant(b, _))
            | (Shape::StructVariant(a, _), Shape::StructVariant(b, _)) => self.variant(a) == other.variant(b),
            _ => false,
        }
    }
}

/// Made by [`Tree::children`].
pub(super) struct Children<'t> {
    tree: &'t Tree,
    next: usize,
    end: usize,
}

impl Iterator for Children<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let id = self.next;
        if id >= self.end {
            return None;
        }
        self.next = self.tree.end(id);
        Some(id)
    }
}
