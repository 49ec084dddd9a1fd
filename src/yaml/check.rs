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
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, *style, *anchor, tag.as_deref()),
            Event::SequenceStart(style, anchor, tag) => {
                self.node(*style as u8, 1, "", *anchor, tag.as_deref());
            }
            Event::MappingStart(style, anchor, tag) => {
                self.node(*style as u8, 2, "", *anchor, tag.as_deref());
            }
            Event::Alias(anchor) => self.node(0, 3, "", *anchor, None),
            Event::DocumentStart(explicit, version) => {
                self.node(u8::from(*explicit), 4, "", 0, None);
                version.map(|version| (version.major, version.minor)).hash(&mut self.hasher);
            }
            Event::DocumentEnd => self.node(0, 5, "", 0, None),
            Event::SequenceEnd => self.node(0, 6, "", 0, None),
            Event::MappingEnd => self.node(0, 7, "", 0, None),
            // Start and end of the stream, and what these settings of the parser do not give.
            _ => self.node(0, 8, "", 0, None),
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, tag: Option<&Tag>) {
        self.node(style as u8, 0, text, anchor, tag);
    }

    /// Adds an event in as few writes as there can be: they are what a digest costs.
    fn node(&mut self, style: u8, kind: u8, text: &str, anchor: usize, tag: Option<&Tag>) {
        self.events += 1;
        let has_properties = anchor != 0 || tag.is_some();
        self.hasher.write_u32(u32::from_le_bytes([kind, style, has_properties.into(), 0]));
        self.hasher.write_usize(text.len());
        self.hasher.write(text.as_bytes());
        if has_properties {
            anchor.hash(&mut self.hasher);
            tag.map(Tag::parts).hash(&mut self.hasher);
        }
    }
}
