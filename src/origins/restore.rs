//! Puts references back where the values are what they were, and escapes or rejects new ones.

use alloc::vec::Vec;
use core::convert::Infallible;
use core::iter::from_fn;
use std::collections::{HashMap, HashSet};

use super::align::{Alignment, align};
use super::model::{Node, Shape, Tree};
use super::walk::{Field, walk};
use super::{Origins, RestoreError};
use crate::token::Token;
use crate::word::has_dollar;

/// The value of an origin right after reading.
pub(super) struct Placed {
    pub(super) hash: u64,
    /// Whether it is the text that the reference expanded to: then it may be anywhere, whatever reads it there.
    pub(super) is_verbatim: bool,
    pub(super) key: u64,
    pub(super) owner: u64,
}

/// A new value that is equal to one that has an origin.
struct Candidate {
    id: usize,
    hash: u64,
    key: u64,
    owner: u64,
}

/// The origins of equal values.
#[derive(Default)]
struct Offers {
    /// Those that are lost so far, the first at the end: by the key of the text, or by the field of what is no text.
    by_slot: HashMap<u64, Vec<usize>>,
    /// Those of texts that are lost so far.
    anywhere: Vec<usize>,
    /// One for each key, lost or not.
    copies: HashMap<u64, usize>,
}

/// What a new value has to have in common with one that has an origin.
#[derive(Clone, Copy)]
enum Terms {
    /// That one is lost at another place, under the same key if it is a text, else in the same field of a type.
    SameKey,
    /// That one is a text, and lost anywhere.
    Anywhere,
    /// That one is a text under the same key, and still there: a copy.
    Copy,
}

impl Offers {
    fn take(&mut self, terms: Terms, candidate: &Candidate, is_lost: &[bool]) -> Option<usize> {
        // Whatever was taken on other terms is still listed.
        let next_lost = |lost: &mut Vec<usize>| {
            from_fn(|| lost.pop()).find(|origin| is_lost.get(*origin).is_some_and(|is_lost| *is_lost))
        };
        match terms {
            Terms::SameKey => [candidate.key, candidate.owner]
                .into_iter()
                .find_map(|slot| self.by_slot.get_mut(&slot).and_then(next_lost)),
            Terms::Anywhere => next_lost(&mut self.anywhere),
            Terms::Copy => self.copies.get(&candidate.key).copied(),
        }
    }
}

impl Origins {
    /// Marks in `tree` which values are written as which origin.
    pub(super) fn mark(&self, tree: &mut Tree) -> Result<(), RestoreError> {
        let mut is_lost: Vec<_> = self.all.iter().map(|_| true).collect();
        let Alignment { same, new } = align(&self.snapshot, tree);
        for (old, new) in &same {
            let origin = self.snapshot.origin(*old);
            tree.set_origin(*new, origin);
            set(&mut is_lost, origin, false);
        }

        let mut wanted: Vec<_> = new.iter().flat_map(|root| *root..tree.end(*root)).collect();
        wanted.retain(|id| self.by_hash.contains_key(&tree.hash(*id)));
        if self.paths.is_some() {
            wanted.extend(same.iter().map(|(_, new)| *new));
        }
        wanted.sort_unstable();
        let mut candidates = Vec::new();
        let mut beyond = Vec::new();
        let Ok(()) = walk::<Infallible>(tree, self.paths.as_ref(), &wanted, |id, trail, field| {
            match tree.origin(id) {
                Some(_) if !trail.is_selected() => beyond.push(id),
                None if trail.is_selected() => {
                    let (key, owner) = self.slots(field);
                    candidates.push(Candidate { id, hash: tree.hash(id), key, owner });
                }
                _ => {}
            }
            Ok(())
        });
        for id in beyond {
            set(&mut is_lost, tree.origin(id), true);
            tree.set_origin(id, None);
        }
        self.offer(tree, candidates, &mut is_lost);
        self.settle_references(tree)
    }

    /// Gives new values the origins of equal ones.
    fn offer(&self, tree: &mut Tree, mut candidates: Vec<Candidate>, is_lost: &mut [bool]) {
        let mut offers: HashMap<u64, Offers> = HashMap::new();
        for candidate in &candidates {
            offers.entry(candidate.hash).or_insert_with(|| self.offers(candidate.hash, is_lost));
        }
        for terms in [Terms::SameKey, Terms::Anywhere, Terms::Copy] {
            let mut covered = 0;
            candidates.retain(|candidate| {
                let Some(offers) = offers.get_mut(&candidate.hash) else { return false };
                if candidate.id < covered {
                    return false;
                }
                let Some(origin) = offers.take(terms, candidate, is_lost) else { return true };
                set(is_lost, Some(origin), false);
                tree.set_origin(candidate.id, Some(origin));
                covered = tree.end(candidate.id);
                false
            });
        }
    }

    /// Returns the origins of values with a hash.
    fn offers(&self, hash: u64, is_lost: &[bool]) -> Offers {
        let mut offers = Offers::default();
        for origin in self.by_hash.get(&hash).into_iter().flatten().rev().copied() {
            let Some(Some(placed)) = self.placed.get(origin) else { continue };
            let is_lost = is_lost.get(origin).is_some_and(|is_lost| *is_lost);
            if is_lost {
                let slot = if placed.is_verbatim { placed.key } else { placed.owner };
                offers.by_slot.entry(slot).or_default().push(origin);
            }
            if placed.is_verbatim {
                offers.copies.insert(placed.key, origin);
                offers.anywhere.extend(Some(origin).filter(|_| is_lost));
            }
        }
        offers
    }

    /// Returns what stands for the key of a field, and for the key together with its type, and nothing for that in a map.
    pub(super) fn slots(&self, field: Field<'_>) -> (u64, u64) {
        use core::hash::BuildHasher as _;
        let owner = field.owner.map(|owner| self.hasher.hash_one((owner, field.key)));
        (self.hasher.hash_one(field.key), owner.unwrap_or_default())
    }

    /// Escapes each text that would be a reference on the next read, and fails if the dialect has no escape.
    fn settle_references(&self, tree: &mut Tree) -> Result<(), RestoreError> {
        let (in_texts, in_bytes) = (has_dollar(&tree.text), tree.bytes.contains(&b'$'));
        if !in_texts && !in_bytes {
            return Ok(());
        }
        let known = if in_bytes { self.known_bytes() } else { HashSet::new() };
        let may_refer = |id: &usize| match tree.shape(*id) {
            // The names of variants that an enum expects are not references.
            Shape::UnitVariant(_) => false,
            // RON writes bytes as a text that is expanded, JSON as numbers. Bytes of the document have the form that they
            // had.
            Shape::Bytes(span) => {
                let text = core::str::from_utf8(tree.bytes(span));
                text.is_ok_and(|text| self.would_refer(text)) && !known.contains(&tree.hash(*id))
            }
            _ => tree.text(*id).is_some_and(|text| self.would_refer(text)),
        };
        let wanted: Vec<_> = (0..tree.nodes.len()).filter(may_refer).collect();
        let mut escaped = Vec::new();
        walk(tree, self.paths.as_ref(), &wanted, |id, trail, _| {
            if !trail.is_selected() || tree.origin(id).is_some() {
                return Ok(());
            }
            let has_escape = self.has_escape && tree.text(id).is_some();
            if !has_escape {
                return Err(RestoreError::new_reference(trail.path().shown()));
            }
            escaped.push(id);
            Ok(())
        })?;
        for id in escaped {
            tree.escape(id);
        }
        Ok(())
    }

    /// Returns the hashes of the bytes that were read.
    fn known_bytes(&self) -> HashSet<u64> {
        let is_bytes = |node: &&Node| matches!(node.shape, Shape::Bytes(_));
        self.snapshot.nodes.iter().filter(is_bytes).map(|node| node.hash).collect()
    }

    /// Tells whether a text would be read as another one, for example because it has references that may have a value on
    /// the next read.
    ///
    /// A name without a value at load has none then, by the same variables; unless it is the whole text now, and was not.
    fn would_refer(&self, text: &str) -> bool {
        self.dialect.tokens(text).any(|token| match token {
            Token::Text(_) => false,
            Token::Escape(_) => self.has_escape,
            Token::Reference(reference) if reference.operator().is_none() => {
                let is_whole = reference.text().len() == text.len();
                self.unset.get(reference.name()).is_none_or(|even_if_whole| is_whole && !even_if_whole)
            }
            _ => true,
        })
    }
}

fn set(flags: &mut [bool], index: Option<usize>, value: bool) {
    if let Some(flag) = index.and_then(|index| flags.get_mut(index)) {
        *flag = value;
    }
}
