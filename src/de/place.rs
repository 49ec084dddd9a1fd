//! Where the reader of a document is.

use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;

use super::document::Document;
use super::private;
use crate::path::Segment;
use crate::select::Trail;

/// A place in the document, on the reader's stack: a link to the place around it, and the step from there.
///
/// The path is followed only if a reference or an error is found there.
pub(super) struct Node<'a, 'de> {
    pub(super) document: &'a Document<'a>,
    parent: Option<&'a Node<'a, 'de>>,
    step: Cell<Step<'de>>,
    /// Where the key of this node begins in [`Document::keys`], if it is there.
    start: usize,
    /// How many segments the way to this node has, its step not included, once it was followed. The places around it do
    /// not change as long as it is there, so that what was followed stays true.
    depth: Cell<Option<usize>>,
}

#[derive(Clone, Copy)]
enum Step<'de> {
    /// The place around it: the top, or a wrapper that the document does not show.
    None,
    /// A key that has no name.
    Unnamed,
    Key(&'de str),
    /// A key in [`Document::keys`], to this byte.
    Copied(usize),
    Index(usize),
}

impl<'a, 'de> Node<'a, 'de> {
    #[inline]
    pub(super) fn top(document: &'a Document<'a>) -> Self {
        Self { document, parent: None, step: Cell::new(Step::None), start: 0, depth: Cell::new(Some(0)) }
    }

    #[inline]
    pub(super) fn below(parent: &'a Self) -> Self {
        let start = if let Step::Copied(end) = parent.step.get() { end } else { parent.start };
        let step = Cell::new(Step::None);
        Self { document: parent.document, parent: Some(parent), step, start, depth: Cell::new(None) }
    }

    pub(super) fn is_top(&self) -> bool {
        self.parent.is_none()
    }

    #[inline]
    pub(super) fn next_key(&self) {
        self.step.set(Step::Unnamed);
    }

    #[inline]
    pub(super) fn next_index(&self) {
        let next = if let Step::Index(index) = self.step.get() { index + 1 } else { 0 };
        self.step.set(Step::Index(next));
    }

    /// Returns the index of the last element that was asked for, if any was.
    #[cfg(feature = "origins")]
    pub(super) fn last_index(&self) -> Option<usize> {
        if let Step::Index(index) = self.step.get() { Some(index) } else { None }
    }

    /// Notes the key of the next value.
    #[inline]
    pub(super) fn name(&self, key: &'de str) {
        self.step.set(Step::Key(key));
    }

    /// Notes a key that the format only lends.
    pub(super) fn name_lent(&self, key: impl fmt::Display) {
        let mut keys = self.document.keys.take();
        keys.truncate(self.start);
        // Writing to a string does not fail.
        let _ = fmt::write(&mut keys, format_args!("{key}"));
        self.step.set(Step::Copied(keys.len()));
        self.document.keys.set(keys);
    }

    /// Calls `f` with the way to this place.
    pub(super) fn with_trail<T>(&self, f: impl FnOnce(&Trail) -> T) -> T {
        let keys = self.document.keys.take();
        let mut trail = self.document.trail.take().unwrap_or_else(|| self.document.new_trail());
        self.follow(&keys, &mut trail);
        let result = f(&trail);
        self.document.keys.set(keys);
        self.document.trail.set(Some(trail));
        result
    }

    /// Follows the way to this place, from the nearest place around it that the trail has passed.
    fn follow(&self, keys: &str, trail: &mut Trail) {
        let mut ahead = Vec::new();
        let mut node = self;
        let depth = loop {
            match (node.depth.get(), node.parent) {
                (Some(depth), _) => break depth,
                (None, None) => break 0,
                (None, Some(parent)) => {
                    ahead.push(node);
                    node = parent;
                }
            }
        };
        trail.back_to(depth);
        node.take_step(keys, trail);
        for node in ahead.into_iter().rev() {
            node.depth.set(Some(trail.path().len()));
            node.take_step(keys, trail);
        }
    }

    fn take_step(&self, keys: &str, trail: &mut Trail) {
        let segment = match self.step.get() {
            Step::None => return,
            Step::Unnamed => Segment::Unnamed,
            Step::Index(index) => Segment::Index(index),
            Step::Copied(end) => Segment::Key(keys.get(self.start..end).unwrap_or_default()),
            Step::Key(key) => Segment::Key(key),
        };
        private::step(trail, segment);
    }

    /// Returns the path to this place, as it is shown.
    pub(super) fn path(&self) -> String {
        self.with_trail(|trail| trail.path().shown())
    }
}
