//! What the adapter notes while it reads: which texts have references, at which paths, and what they expanded to. It is kept
//! as the tree of their paths, so that a walk over the value finds all of them at once.

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::hash::BuildHasher as _;
use std::collections::HashMap;
use std::hash::RandomState;

use super::Origin;
use crate::path::{Path, Segment, start_of};

/// How many bytes of a key tell it from others: those of an untrusted document may have any length.
const TOLD_APART: usize = 512;

/// Filled by the adapter.
pub(crate) struct Notes {
    places: Vec<Place>,
    origins: Vec<Origin>,
    /// What each origin expanded to.
    expansions: Vec<String>,
    /// The names that had no value, and whether that was so even where one was the whole text.
    unset: BTreeMap<String, bool>,
    /// The places one step below others, by what stands for the place above and the step.
    steps: HashMap<u64, usize>,
    hasher: RandomState,
}

/// A path at or below which there are notes. The first is the top.
#[derive(Default)]
struct Place {
    origin: Option<usize>,
    /// The places one step below, in the order of the document.
    below: Vec<(Way, usize)>,
    /// Of a sequence, the index of the last element that was asked for: that is the last one, or the one after it.
    last: Option<usize>,
}

/// A step that leads to a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Way {
    Key(Rc<str>),
    Index(usize),
}

/// What is kept of a reading besides its notes' places.
pub(super) struct Noted {
    pub(super) origins: Vec<Origin>,
    pub(super) expansions: Vec<String>,
    pub(super) unset: BTreeMap<String, bool>,
}

impl Default for Notes {
    fn default() -> Self {
        Self {
            places: Vec::from([Place::default()]),
            origins: Vec::new(),
            expansions: Vec::new(),
            unset: BTreeMap::new(),
            steps: HashMap::new(),
            hasher: RandomState::new(),
        }
    }
}

/// No value is shown.
impl fmt::Debug for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Notes").field(&self.origins).finish()
    }
}

impl Notes {
    /// Notes that the value at `path` was written as `text`, which has references, and expanded to `expansion`.
    pub(crate) fn origin(&mut self, path: &Path, text: &str, expansion: &str) {
        let origin = self.origins.len();
        self.origins.push(Origin::new(path.shown(), text.to_owned()));
        self.expansions.push(expansion.to_owned());
        let at = path.segments().try_fold(0, |at, segment| {
            self.has_more(at);
            self.enter(at, segment)
        });
        if let Some(place) = at.and_then(|at| self.places.get_mut(at)) {
            place.origin = Some(origin);
        }
    }

    /// Notes that the value at `path` was written as a text without references. Of the values of a key that a map has twice, the
    /// last one counts.
    pub(crate) fn plain(&mut self, path: &Path) {
        if let Some(place) = self.find(path) {
            place.origin = None;
            place.below.clear();
        }
    }

    /// Notes that of the sequence at `path` the element at `last` was the last that was asked for.
    pub(crate) fn sequence(&mut self, path: &Path, last: usize) {
        if let Some(place) = self.find(path) {
            place.last = Some(last);
        }
    }

    /// Notes a name that had no value, in a longer text or where it was the whole of one.
    pub(crate) fn unset(&mut self, name: &str, is_whole: bool) {
        *self.unset.entry(name.to_owned()).or_default() |= is_whole;
    }

    /// Returns the place at `path`, if something was noted there or below.
    fn find(&mut self, path: &Path) -> Option<&mut Place> {
        let mut at = 0;
        for segment in path.segments() {
            self.has_more(at);
            at = *self.steps.get(&self.step(at, segment)?)?;
        }
        self.places.get_mut(at)
    }

    /// Notes that there is something below a place: if it was a text, it has come again.
    fn has_more(&mut self, at: usize) {
        if let Some(place) = self.places.get_mut(at) {
            place.origin = None;
        }
    }

    /// Returns what stands for a step from a place. There is none to a key that has no name.
    fn step(&self, at: usize, segment: Segment<'_>) -> Option<u64> {
        Some(match segment {
            Segment::Key(key) => self.hasher.hash_one((at, key)),
            Segment::Index(index) => self.hasher.hash_one((at, index)),
            Segment::Unnamed => return None,
        })
    }

    /// Returns the place one step below `at`, and `None` below a key that has no name.
    fn enter(&mut self, at: usize, segment: Segment<'_>) -> Option<usize> {
        let next = self.places.len();
        let below = *self.steps.entry(self.step(at, segment)?).or_insert(next);
        if below == next {
            let way = match segment {
                Segment::Key(key) => Way::Key(start_of(key, TOLD_APART).into()),
                Segment::Index(index) => Way::Index(index),
                Segment::Unnamed => return None,
            };
            self.places.get_mut(at)?.below.push((way, next));
            self.places.push(Place::default());
        }
        Some(below)
    }

    /// Returns the origin of the value at a place.
    pub(super) fn origin_at(&self, at: usize) -> Option<usize> {
        self.places.get(at)?.origin
    }

    /// Returns the places of the values of keys, below a place.
    pub(super) fn below_keys(&self, at: usize) -> Keys<'_> {
        let mut keys = HashMap::new();
        for (way, below) in self.places.get(at).into_iter().flat_map(|place| &place.below) {
            if let Way::Key(key) = way {
                // Of keys that begin alike, none is found.
                keys.entry(&**key).and_modify(|below| *below = None).or_insert(Some(*below));
            }
        }
        Keys(keys)
    }

    /// Tells whether a sequence that was read at a place may have had so many elements.
    pub(super) fn may_have(&self, at: usize, count: usize) -> bool {
        let last = self.places.get(at).and_then(|place| place.last);
        last.is_some_and(|last| count == last || count == last + 1)
    }

    /// Returns the indices with notes at or below them, ascending, each with its place.
    pub(super) fn below_indices(&self, at: usize) -> impl Iterator<Item = (usize, usize)> {
        let below = self.places.get(at).into_iter().flat_map(|place| &place.below);
        below.filter_map(|(way, at)| if let Way::Index(index) = way { Some((*index, *at)) } else { None })
    }

    /// Returns the first paths at and below a place at which something was noted, in the order of the document, each with
    /// the origin there: no more than `most`.
    pub(super) fn first_below(&self, at: usize, most: usize) -> Vec<(Vec<Way>, usize)> {
        let mut found = Vec::new();
        let mut open = Vec::from([(Vec::new(), at)]);
        while let Some((path, at)) = open.pop().filter(|_| found.len() < most) {
            let Some(place) = self.places.get(at) else { continue };
            // More than that are never needed, and the last one is looked at first.
            for (way, below) in place.below.iter().take(most).rev() {
                let mut path = path.clone();
                path.push(way.clone());
                open.push((path, *below));
            }
            found.extend(place.origin.map(|origin| (path, origin)));
        }
        found
    }

    pub(super) fn expansion(&self, origin: usize) -> &str {
        self.expansions.get(origin).map(String::as_str).unwrap_or_default()
    }

    pub(super) fn has_any(&self) -> bool {
        !self.origins.is_empty()
    }

    pub(super) fn into_noted(self) -> Noted {
        let Self { origins, expansions, unset, .. } = self;
        Noted { origins, expansions, unset }
    }
}

/// Made by [`Notes::below_keys`].
pub(super) struct Keys<'n>(HashMap<&'n str, Option<usize>>);

impl Keys<'_> {
    pub(super) fn get(&self, key: &str) -> Option<usize> {
        *self.0.get(start_of(key, TOLD_APART))?
    }
}
