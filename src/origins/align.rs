//! Which value of a tree is which value of an earlier one. Knows nothing of references, only which values have an origin.
//!
//! Fields and entries of maps are paired by key, what is in tuples by index, and the entries of sequences by content, since
//! an index says nothing once an entry before it is gone. All of it takes nearly linear time, whatever has changed.

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::hash::Hash;
use std::collections::HashMap;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::model::{Shape, Tree};

/// What has become of the values of the old tree.
#[derive(Default)]
pub(super) struct Alignment {
    /// The values with an origin that are the same, old and new.
    pub(super) same: Vec<(usize, usize)>,
    /// The values that are new, or changed: those that hold no part that is old.
    pub(super) new: Vec<usize>,
}

/// Aligns `new` with `old`.
pub(super) fn align(old: &Tree, new: &Tree) -> Alignment {
    let mut origins_before = Vec::with_capacity(old.nodes.len() + 1);
    let mut count: u32 = 0;
    for node in &old.nodes {
        origins_before.push(count);
        count += u32::from(node.origin().is_some());
    }
    origins_before.push(count);
    let mut aligner = Aligner { old, new, origins_before, alignment: Alignment::default() };
    aligner.values(0, 0);
    aligner.alignment
}

struct Aligner<'t> {
    old: &'t Tree,
    new: &'t Tree,
    /// How many values before each have an origin.
    origins_before: Vec<u32>,
    alignment: Alignment,
}

/// An entry that has no counterpart so far.
#[derive(Clone, Copy)]
struct Single {
    /// Between which entries that have one it is.
    gap: usize,
    id: usize,
}

/// A scalar that more entries have than this does not tell them apart.
const COMMON: usize = 8;

impl Aligner<'_> {
    /// Tells whether there are origins at or below an old value.
    fn has_origins(&self, old: usize) -> bool {
        self.origins_before.get(old) != self.origins_before.get(self.old.end(old))
    }

    /// Aligns two values that are the same one, old and new.
    fn values(&mut self, old: usize, new: usize) {
        let is_same = self.old.hash(old) == self.new.hash(new);
        if self.old.origin(old).is_some() {
            if is_same {
                self.alignment.same.push((old, new));
            } else {
                self.alignment.new.push(new);
            }
            return;
        }
        if is_same && !self.has_origins(old) {
            return;
        }
        if !self.old.is_like(old, self.new, new) {
            self.alignment.new.extend(Some(new).filter(|_| !is_same));
            return;
        }
        match self.old.shape(old) {
            Shape::Some | Shape::NewtypeStruct(_) | Shape::NewtypeVariant(_) => self.values(old + 1, new + 1),
            Shape::Seq(_) => self.sequences(old, new),
            Shape::Map(_) => self.maps(old, new),
            Shape::Struct(..) | Shape::StructVariant(..) => self.structs(old, new),
            _ => self.tuples(old, new),
        }
    }

    /// Aligns by content: what is the same and in the same order first.
    fn sequences(&mut self, old: usize, new: usize) {
        let (old_tree, new_tree) = (self.old, self.new);
        let olds: Vec<_> = old_tree.children(old).collect();
        let news: Vec<_> = new_tree.children(new).collect();
        let is_same = |(old, new): &(&usize, &usize)| old_tree.hash(**old) == new_tree.hash(**new);
        let before = olds.iter().zip(&news).take_while(is_same).count();
        let (olds_before, olds) = olds.split_at_checked(before).unwrap_or_default();
        let (news_before, news) = news.split_at_checked(before).unwrap_or_default();
        let after = olds.iter().rev().zip(news.iter().rev()).take_while(is_same).count();
        let (olds, olds_after) = olds.split_at_checked(olds.len() - after).unwrap_or_default();
        let (news, news_after) = news.split_at_checked(news.len() - after).unwrap_or_default();
        let around = olds_before.iter().zip(news_before).chain(olds_after.iter().zip(news_after));
        around.for_each(|(old, new)| self.values(*old, *new));

        let old_hashes: Vec<_> = olds.iter().map(|id| old_tree.hash(*id)).collect();
        let new_hashes: Vec<_> = news.iter().map(|id| new_tree.hash(*id)).collect();
        let (mut old_singles, mut new_singles) = (Vec::new(), Vec::new());
        let mut gap = 0;
        for op in capture_diff_slices(Algorithm::Myers, &old_hashes, &new_hashes) {
            let old_part = olds.get(op.old_range()).unwrap_or_default();
            let new_part = news.get(op.new_range()).unwrap_or_default();
            if let DiffOp::Equal { .. } = op {
                gap += 1;
                for (old, new) in old_part.iter().zip(new_part) {
                    self.values(*old, *new);
                }
            } else {
                old_singles.extend(old_part.iter().map(|id| Single { gap, id: *id }));
                new_singles.extend(new_part.iter().map(|id| Single { gap, id: *id }));
            }
        }
        self.singles(old_singles, new_singles);
    }

    /// Aligns by key. What is left over may have another key now.
    fn maps(&mut self, old: usize, new: usize) {
        let (old_tree, new_tree) = (self.old, self.new);
        let olds = old_tree.entries(old).map(|(key, value)| (old_tree.hash(key), value));
        let news = new_tree.entries(new).map(|(key, value)| (new_tree.hash(key), value));
        let (olds, news) = self.entries(olds, news);
        let single = |id| Single { gap: 0, id };
        self.singles(olds.into_iter().map(single).collect(), news.into_iter().map(single).collect());
    }

    /// Aligns by name. A field does not turn into another one.
    fn structs(&mut self, old: usize, new: usize) {
        let (old_tree, new_tree) = (self.old, self.new);
        let olds = old_tree.entries(old).map(|(field, value)| (old_tree.key(field), value));
        let news = new_tree.entries(new).map(|(field, value)| (new_tree.key(field), value));
        let (_, news) = self.entries(olds, news);
        self.alignment.new.extend(news);
    }

    /// Aligns the values of equal keys, and returns what is left over, in order. Most keys are in the same order.
    fn entries<K: Eq + Hash>(
        &mut self,
        mut olds: impl Iterator<Item = (K, usize)>,
        news: impl Iterator<Item = (K, usize)>,
    ) -> (Vec<usize>, Vec<usize>) {
        let mut passed = HashMap::new();
        let mut rest = Vec::new();
        for (key, new) in news {
            let mut found = if passed.is_empty() { None } else { passed.remove(&key) };
            while found.is_none() {
                match olds.next() {
                    Some((old_key, old)) if old_key == key => found = Some(old),
                    Some((old_key, old)) => drop(passed.insert(old_key, old)),
                    None => break,
                }
            }
            match found {
                Some(old) => self.values(old, new),
                None => rest.push(new),
            }
        }
        let mut gone: Vec<_> = passed.into_values().chain(olds.map(|(_, old)| old)).collect();
        gone.sort_unstable();
        (gone, rest)
    }

    /// Aligns by index, but for entries that are the same at another one.
    fn tuples(&mut self, old: usize, new: usize) {
        let single = |(gap, id)| Single { gap, id };
        let mut olds: Vec<_> = self.old.children(old).enumerate().map(single).collect();
        let mut news: Vec<_> = self.new.children(new).enumerate().map(single).collect();
        let both = olds.iter().zip(&news).enumerate();
        let same = both.filter(|(_, (old, new))| self.old.hash(old.id) == self.new.hash(new.id));
        let same: Vec<_> = same.map(|(index, _)| (index, index)).collect();
        self.pair(&mut olds, &mut news, &same);
        self.equal_singles(&mut olds, &mut news);
        self.neighbours(&mut olds, &mut news);
        self.alignment.new.extend(news.into_iter().map(|single| single.id));
    }

    /// Aligns what has no counterpart by its place among its neighbours: first what is the same, then what is similar,
    /// then what is between the same neighbours.
    fn singles(&mut self, mut olds: Vec<Single>, mut news: Vec<Single>) {
        self.equal_singles(&mut olds, &mut news);
        self.similar_singles(&mut olds, &mut news);
        self.neighbours(&mut olds, &mut news);
        self.alignment.new.extend(news.into_iter().map(|single| single.id));
    }

    /// Aligns entries that are the same somewhere else.
    fn equal_singles(&mut self, olds: &mut Vec<Single>, news: &mut Vec<Single>) {
        if olds.is_empty() || news.is_empty() {
            return;
        }
        let mut by_hash: HashMap<u64, Vec<usize>> = HashMap::new();
        for (index, single) in olds.iter().enumerate().rev() {
            by_hash.entry(self.old.hash(single.id)).or_default().push(index);
        }
        let mut pairs = Vec::new();
        for (index, single) in news.iter().enumerate() {
            if let Some(old) = by_hash.get_mut(&self.new.hash(single.id)).and_then(Vec::pop) {
                pairs.push((old, index));
            }
        }
        self.pair(olds, news, &pairs);
    }

    /// Aligns entries by the scalars that they share, the rare ones, most shared first.
    fn similar_singles(&mut self, olds: &mut Vec<Single>, news: &mut Vec<Single>) {
        if olds.is_empty() || news.is_empty() {
            return;
        }
        let mut by_scalar: HashMap<u64, Vec<usize>> = HashMap::new();
        for (index, single) in olds.iter().enumerate() {
            for scalar in scalars(self.old, single.id) {
                let having = by_scalar.entry(scalar).or_default();
                if having.len() <= COMMON && having.last() != Some(&index) {
                    having.push(index);
                }
            }
        }
        let mut candidates = Vec::new();
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for (index, single) in news.iter().enumerate() {
            for scalar in scalars(self.new, single.id) {
                let having = by_scalar.get(&scalar).map(Vec::as_slice).unwrap_or_default();
                for old in having.iter().filter(|_| having.len() <= COMMON) {
                    *shared.entry(*old).or_default() += COMMON.div_ceil(having.len());
                }
            }
            for (old, score) in shared.drain() {
                let Some(old_single) = olds.get(old) else { continue };
                if self.old.is_like(old_single.id, self.new, single.id) {
                    candidates.push((Reverse(score), old_single.gap.abs_diff(single.gap), index, old));
                }
            }
        }
        candidates.sort_unstable();
        let mut old_taken = vec![false; olds.len()];
        let mut new_taken = vec![false; news.len()];
        let mut pairs = Vec::new();
        for (_, _, new, old) in candidates {
            let (Some(old_taken), Some(new_taken)) = (old_taken.get_mut(old), new_taken.get_mut(new)) else {
                continue;
            };
            if !*old_taken && !*new_taken {
                (*old_taken, *new_taken) = (true, true);
                pairs.push((old, new));
            }
        }
        self.pair(olds, news, &pairs);
    }

    /// Aligns entries that are in the same gap, in their order.
    fn neighbours(&mut self, olds: &mut Vec<Single>, news: &mut Vec<Single>) {
        let mut pairs = Vec::new();
        let mut open = olds.iter().enumerate().peekable();
        for (index, new) in news.iter().enumerate() {
            while open.next_if(|(_, old)| old.gap < new.gap).is_some() {}
            let is_counterpart =
                |old: &Single| old.gap == new.gap && self.old.is_like(old.id, self.new, new.id);
            if let Some((old, _)) = open.next_if(|(_, old)| is_counterpart(old)) {
                pairs.push((old, index));
            }
        }
        self.pair(olds, news, &pairs);
    }

    /// Aligns entries by their indices in `olds` and `news`, and takes them out.
    fn pair(&mut self, olds: &mut Vec<Single>, news: &mut Vec<Single>, pairs: &[(usize, usize)]) {
        let mut old_paired = vec![false; olds.len()];
        let mut new_paired = vec![false; news.len()];
        for (old, new) in pairs {
            if let (Some(old_paired), Some(new_paired)) = (old_paired.get_mut(*old), new_paired.get_mut(*new))
            {
                (*old_paired, *new_paired) = (true, true);
            }
            if let (Some(old), Some(new)) = (olds.get(*old), news.get(*new)) {
                self.values(old.id, new.id);
            }
        }
        let (mut old_paired, mut new_paired) = (old_paired.into_iter(), new_paired.into_iter());
        olds.retain(|_| old_paired.next() != Some(true));
        news.retain(|_| new_paired.next() != Some(true));
    }
}

/// Returns what tells a value from others that are like it: the hashes of the scalars in it.
fn scalars(tree: &Tree, id: usize) -> impl Iterator<Item = u64> {
    let within = id..tree.end(id);
    let is_scalar = |id: &usize| tree.end(*id) == id + 1 && !matches!(tree.shape(*id), Shape::Field(_));
    within.filter(is_scalar).map(|id| tree.hash(id))
}
