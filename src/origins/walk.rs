//! Visits values of a tree with their paths.

use alloc::borrow::Cow;

use super::model::{Shape, Tree};
use crate::de::private;
use crate::path::Segment;
use crate::select::{Paths, Trail};

/// Where a value is, but for its path: which key it has, and in a struct of which type. What is in a sequence has the field
/// of the sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Field<'t> {
    /// The name of the struct, and nothing in a map.
    pub(super) owner: Option<&'static str>,
    /// `None` for a key that is not a text.
    pub(super) key: Option<&'t str>,
}

/// Calls `visit` for the values of `tree` that are in `wanted`, which ascends, with the way to each. Whatever has an origin
/// is not entered.
pub(super) fn walk<'t, E>(
    tree: &'t Tree,
    paths: Option<&Paths>,
    wanted: &[usize],
    visit: impl FnMut(usize, &Trail, Field<'t>) -> Result<(), E>,
) -> Result<(), E> {
    Walker { tree, wanted, trail: Trail::new(paths), visit }.value(0, Field::default())
}

struct Walker<'w, 't, F> {
    tree: &'t Tree,
    wanted: &'w [usize],
    trail: Trail,
    visit: F,
}

impl<'t, F: FnMut(usize, &Trail, Field<'t>) -> Result<(), E>, E> Walker<'_, 't, F> {
    fn value(&mut self, id: usize, field: Field<'t>) -> Result<(), E> {
        let (tree, end) = (self.tree, self.tree.end(id));
        let next = self.wanted.get(self.wanted.partition_point(|wanted| *wanted < id)).copied();
        let Some(next) = next.filter(|next| *next < end) else { return Ok(()) };
        if next == id {
            (self.visit)(id, &self.trail, field)?;
        }
        if tree.origin(id).is_some() {
            return Ok(());
        }
        let in_variant = |variant| {
            let it = tree.variant(variant);
            Field { owner: Some(it.of), key: Some(it.name) }
        };
        match tree.shape(id) {
            // Raw text, in which nothing is expanded.
            Shape::NewtypeStruct(name) if private::is_private_newtype(name) => Ok(()),
            Shape::Some | Shape::NewtypeStruct(_) => self.value(id + 1, field),
            Shape::NewtypeVariant(variant) => {
                let field = in_variant(variant);
                self.below_key(field.key, |it| it.value(id + 1, field))
            }
            Shape::TupleVariant(variant, _) => {
                let field = in_variant(variant);
                self.below_key(field.key, |it| it.elements(id, field))
            }
            Shape::StructVariant(variant, _) => {
                let it = tree.variant(variant);
                self.below_key(Some(it.name), |walker| walker.entries(id, Some(it.name)))
            }
            Shape::Seq(_) | Shape::Tuple(_) | Shape::TupleStruct(..) => self.elements(id, field),
            Shape::Struct(name, _) => self.entries(id, Some(name)),
            Shape::Map(_) => self.entries(id, None),
            _ => Ok(()),
        }
    }

    fn elements(&mut self, id: usize, field: Field<'t>) -> Result<(), E> {
        for (index, element) in self.tree.children(id).enumerate() {
            self.trail.push(Segment::Index(index));
            self.value(element, field)?;
            self.trail.pop();
        }
        Ok(())
    }

    fn entries(&mut self, id: usize, owner: Option<&'static str>) -> Result<(), E> {
        for (key, value) in self.tree.entries(id) {
            let key = self.tree.key(key);
            let text = if let Some(Cow::Borrowed(text)) = key { Some(text) } else { None };
            self.below_key(key.as_deref(), |it| it.value(value, Field { owner, key: text }))?;
        }
        Ok(())
    }

    fn below_key(
        &mut self,
        key: Option<&str>,
        enter: impl FnOnce(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        let is_step = private::step(&mut self.trail, key.map_or(Segment::Unnamed, Segment::Key));
        enter(self)?;
        if is_step {
            self.trail.pop();
        }
        Ok(())
    }
}
