//! The law, checked by reading the result again: every event has to be the one that was expected.
//!
//! Expected events are not kept but digested, with a key that nobody knows, so that memory does not grow with the stream.

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash, Hasher};
use core::ops::Range;
use std::hash::{DefaultHasher, RandomState};

use granit_parser::{Event, ScalarStyle, Tag};

use crate::yaml::scan::{Scalar, parser};

/// What the events of a result have to be.
pub(super) struct Expected {
    key: RandomState,
    digest: Digest,
    /// After each scalar that was changed.
    checkpoints: Vec<Checkpoint>,
}

struct Checkpoint {
    /// The scalar in the input, in bytes.
    scalar: Range<usize>,
    events: usize,
    digest: u64,
}

/// A digest of the events so far.
struct Digest {
    events: usize,
    hasher: DefaultHasher,
}

impl Expected {
    pub(super) fn new() -> Self {
        let key = RandomState::new();
        Self { digest: Digest::new(&key), key, checkpoints: Vec::new() }
    }

    /// Expects an event as it was.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        self.digest.event(event);
    }

    /// Expects `scalar` with `text` for its text, in `style`.
    pub(super) fn scalar(&mut self, scalar: &Scalar<'_>, text: &str, style: ScalarStyle) {
        self.digest.scalar(text, style, scalar.anchor, scalar.tag.as_deref());
    }

    /// Expects `scalar` likewise, and notes that it was changed.
    pub(super) fn changed(&mut self, scalar: &Scalar<'_>, text: &str, style: ScalarStyle) {
        self.scalar(scalar, text, style);
        let Digest { events, hasher } = &self.digest;
        let digest = hasher.finish();
        self.checkpoints.push(Checkpoint { scalar: scalar.span.clone(), events: *events, digest });
    }

    /// Tells whether nothing was changed.
    pub(super) fn is_unchanged(&self) -> bool {
        self.checkpoints.is_empty()
    }

    /// Reads `output` and compares. On a mismatch, returns where in the input the scalar is that is to blame: the one at or
    /// before which it first shows.
    pub(super) fn verify(&self, output: &str) -> Result<(), Range<usize>> {
        let mut digest = Digest::new(&self.key);
        let mut checkpoints = self.checkpoints.iter().peekable();
        let mut blamed = self.checkpoints.first();
        for event in parser(output) {
            blamed = checkpoints.peek().copied().or(blamed);
            let Ok((event, _)) = event else { return Err(scalar_of(blamed)) };
            digest.event(&event);
            let due = checkpoints.next_if(|it| it.events == digest.events);
            if due.is_some_and(|it| it.digest != digest.hasher.finish()) {
                return Err(scalar_of(blamed));
            }
        }
        let same =
            digest.events == self.digest.events && digest.hasher.finish() == self.digest.hasher.finish();
        if same { Ok(()) } else { Err(scalar_of(blamed)) }
    }
}

fn scalar_of(checkpoint: Option<&Checkpoint>) -> Range<usize> {
    checkpoint.map(|it| it.scalar.clone()).unwrap_or_default()
}

impl Digest {
    fn new(key: &RandomState) -> Self {
        Self { events: 0, hasher: key.build_hasher() }
    }

    fn event(&mut self, event: &Event<'_>) {
        if let Event::Scalar(text, style, anchor, tag) = event {
            return self.scalar(text, *style, *anchor, tag.as_deref());
        }
        self.events += 1;
        core::mem::discriminant(event).hash(&mut self.hasher);
        match event {
            Event::DocumentStart(explicit, version) => {
                explicit.hash(&mut self.hasher);
                version.map(|version| (version.major, version.minor)).hash(&mut self.hasher);
            }
            Event::Alias(anchor) => anchor.hash(&mut self.hasher),
            Event::SequenceStart(style, anchor, tag) | Event::MappingStart(style, anchor, tag) => {
                core::mem::discriminant(style).hash(&mut self.hasher);
                self.properties(*anchor, tag.as_deref());
            }
            _ => {}
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, tag: Option<&Tag>) {
        self.events += 1;
        text.hash(&mut self.hasher);
        core::mem::discriminant(&style).hash(&mut self.hasher);
        self.properties(anchor, tag);
    }

    fn properties(&mut self, anchor: usize, tag: Option<&Tag>) {
        anchor.hash(&mut self.hasher);
        tag.map(Tag::parts).hash(&mut self.hasher);
    }
}
