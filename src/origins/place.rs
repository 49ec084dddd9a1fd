//! Finds, right after reading, the value that each noted text became.
//!
//! A path of the document leads to it, if the type writes what it reads under the same keys. Sequences need a second look:
//! a set has an order of its own, and an index may lead to another's value. There, what a text expanded to tells.

use alloc::borrow::{Cow, ToOwned as _};
use alloc::string::String;
use alloc::vec::Vec;
use core::mem::take;
use std::collections::HashMap;

use super::model::{Shape, Tree};
use super::notes::{Notes, Way};

/// Marks in `tree` the values that the noted texts became.
pub(super) fn place(notes: &Notes, tree: &mut Tree) {
    let budget = TRIALS * tree.nodes.len();
    let mut placer = Placer { notes, tree, found: Vec::new(), budget };
    if notes.has_any() {
        placer.value(0, 0);
    }
    let Placer { found, .. } = placer;
    for (id, origin) in found {
        tree.set_origin(id, Some(origin));
    }
}

struct Placer<'a> {
    notes: &'a Notes,
    tree: &'a Tree,
    /// Nodes and their origins.
    found: Vec<(usize, usize)>,
    /// How many nodes may still be looked at in elements that are at another index than the text.
    budget: usize,
}

/// An element of a sequence, and whether it has been found to be that of some index.
type Element = (usize, bool);

/// How often all values may be looked at in search of what is at another index.
const TRIALS: usize = 16;
/// How many texts in an element are looked at to tell it from others.
const TELLING: usize = 4;
/// How many elements with the same text are tried.
const TRIED: usize = 8;
/// How many different paths to such texts are looked at, in all elements of a sequence.
const PATHS: usize = 64;

impl Placer<'_> {
    /// Finds what was noted at the place `at` or below it, in the value `id` and below.
    fn value(&mut self, at: usize, id: usize) {
        let id = self.tree.unwrapped(id);
        if let Some(origin) = self.notes.origin_at(at) {
            self.found.push((id, origin));
        } else if let Shape::Seq(_) = self.tree.shape(id) {
            self.sequence(at, id);
        } else {
            let is_map = matches!(self.tree.shape(id), Shape::Map(_));
            for (at, id) in self.below(at, id) {
                if !is_map || self.may_be_in_map(at, id) {
                    self.value(at, id);
                }
            }
        }
    }

    /// Tells whether a value of a map may be what was noted at `at`. If the map had its key twice, it may be another's. A number
    /// is what the text reads as; of other values, the texts that they were read from have been noted.
    fn may_be_in_map(&self, at: usize, id: usize) -> bool {
        let id = self.tree.unwrapped(id);
        let Some(origin) = self.notes.origin_at(at) else { return true };
        let expansion = self.notes.expansion(origin);
        let number = |text: &str| text.parse::<f64>().ok();
        match self.tree.scalar(id) {
            Some(_) if self.tree.text(id).is_some() => true,
            Some(scalar) => {
                Look::Loose.at(&scalar) == Look::Loose.at(expansion)
                    || number(&scalar).is_some_and(|value| number(expansion) == Some(value))
            }
            None => true,
        }
    }

    /// Returns the values in `id` to which a path leads from the place `at`, each with its place.
    fn below(&self, at: usize, id: usize) -> Vec<(usize, usize)> {
        let by_key = |at: usize| {
            let keys = self.notes.below_keys(at);
            let mut found = HashMap::new();
            for (key, value) in self.tree.entries(id) {
                if let Some(at) = self.tree.key(key).and_then(|key| keys.get(&key)) {
                    // Of keys that cannot be told apart, `1` and `"1"`, none is found.
                    found.entry(at).and_modify(|found| *found = None).or_insert(Some(value));
                }
            }
            let mut found: Vec<_> = found.into_iter().filter_map(|(at, value)| Some((at, value?))).collect();
            found.sort_unstable();
            found
        };
        let by_index = |at: usize| {
            let elements: Vec<_> = self.tree.children(id).collect();
            self.notes.below_indices(at).filter_map(move |(index, at)| Some((at, *elements.get(index)?)))
        };
        let in_variant = |variant| self.notes.below_keys(at).get(self.tree.variant(variant).name);
        match self.tree.shape(id) {
            Shape::Map(_) | Shape::Struct(..) => by_key(at),
            Shape::StructVariant(variant, _) => in_variant(variant).into_iter().flat_map(by_key).collect(),
            Shape::Seq(_) | Shape::Tuple(_) | Shape::TupleStruct(..) => by_index(at).collect(),
            Shape::TupleVariant(variant, _) => in_variant(variant).into_iter().flat_map(by_index).collect(),
            Shape::NewtypeVariant(variant) => {
                in_variant(variant).into_iter().map(|at| (at, id + 1)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Finds the elements of a sequence: those that look as what was noted expanded to, first at the same index and then
    /// anywhere. What none looks like was changed by its type, and is at its index, if the others are.
    fn sequence(&mut self, at: usize, id: usize) {
        let mut elements: Vec<Element> = self.tree.children(id).map(|id| (id, false)).collect();
        let mut open: Vec<_> = self.notes.below_indices(at).collect();
        let mut is_in_order = true;
        for look in [Look::Exact, Look::Loose] {
            for (index, at) in take(&mut open) {
                match elements.get_mut(index) {
                    Some((id, is_taken)) if !*is_taken && self.shows(at, *id, look) => {
                        *is_taken = true;
                        let id = *id;
                        self.value(at, id);
                    }
                    _ => open.push((index, at)),
                }
            }
            let mut texts = HashMap::new();
            for (index, at) in take(&mut open) {
                if let Some(id) = self.elsewhere(at, look, &mut elements, &mut texts) {
                    is_in_order = false;
                    self.value(at, id);
                } else {
                    open.push((index, at));
                }
            }
        }
        // A type that left elements out has others at their indices.
        let is_in_order = is_in_order && self.notes.may_have(at, elements.len());
        for (index, at) in open.into_iter().filter(|_| is_in_order) {
            if let Some((id, false)) = elements.get(index) {
                self.value(at, *id);
            }
        }
    }

    /// Returns an element that shows what was noted at `at` and below, and takes it. `texts` has the elements by what they
    /// show at each path that has been looked at.
    fn elsewhere(
        &mut self,
        at: usize,
        look: Look,
        elements: &mut [Element],
        texts: &mut HashMap<Vec<Way>, HashMap<String, Vec<usize>>>,
    ) -> Option<usize> {
        for (path, origin) in self.notes.first_below(at, TELLING) {
            if texts.len() >= PATHS && !texts.contains_key(&path) {
                continue;
            }
            let by_text = texts.entry(path).or_insert_with_key(|path| {
                let mut by_text = HashMap::<_, Vec<_>>::new();
                for (index, (id, _)) in elements.iter().enumerate() {
                    if let Some(text) = self.scalar_below(*id, path) {
                        by_text.entry(look.at(&text)).or_default().push(index);
                    }
                }
                by_text
            });
            let indices = by_text.get(&look.at(self.notes.expansion(origin)));
            for index in indices.into_iter().flatten().take(TRIED) {
                let Some((id, is_taken)) = elements.get_mut(*index).filter(|(_, is_taken)| !*is_taken) else {
                    continue;
                };
                let (id, size) = (*id, self.tree.end(*id) - *id);
                self.budget = self.budget.checked_sub(size)?;
                if self.shows(at, id, look) {
                    *is_taken = true;
                    return Some(id);
                }
            }
        }
        None
    }

    /// Tells whether a value shows a text that was noted at the place `at` or below it, and no other in place of one.
    fn shows(&self, at: usize, id: usize, look: Look) -> bool {
        let mut is_any_shown = false;
        self.agrees(at, id, look, &mut is_any_shown) && is_any_shown
    }

    fn agrees(&self, at: usize, id: usize, look: Look, is_any_shown: &mut bool) -> bool {
        let id = self.tree.unwrapped(id);
        if let Some(origin) = self.notes.origin_at(at) {
            let Some(text) = self.tree.scalar(id) else { return true };
            let is_shown = look.at(&text) == look.at(self.notes.expansion(origin));
            *is_any_shown |= is_shown;
            return is_shown;
        }
        self.below(at, id).into_iter().all(|(at, id)| self.agrees(at, id, look, is_any_shown))
    }

    fn scalar_below(&self, id: usize, path: &[Way]) -> Option<Cow<'_, str>> {
        let id = path.iter().try_fold(id, |id, way| self.step(id, way))?;
        self.tree.scalar(self.tree.unwrapped(id))
    }

    /// Returns the value one step below `id`.
    fn step(&self, id: usize, way: &Way) -> Option<usize> {
        let id = self.tree.unwrapped(id);
        match (self.tree.shape(id), way) {
            (Shape::Map(_) | Shape::Struct(..), Way::Key(wanted)) => {
                let is_wanted = |key| self.tree.key(key).is_some_and(|key| *key == **wanted);
                self.tree.entries(id).find(|(key, _)| is_wanted(*key)).map(|(_, value)| value)
            }
            (Shape::Seq(_) | Shape::Tuple(_) | Shape::TupleStruct(..), Way::Index(index)) => {
                self.tree.children(id).nth(*index)
            }
            _ => None,
        }
    }
}

/// How a value is compared with what a text expanded to.
#[derive(Clone, Copy)]
pub(super) enum Look {
    Exact,
    /// By letters and digits in lower case: types normalise addresses.
    Loose,
}

impl Look {
    /// Returns what is compared of a text.
    pub(super) fn at(self, text: &str) -> String {
        match self {
            Self::Exact => text.to_owned(),
            Self::Loose => {
                text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
            }
        }
    }
}
