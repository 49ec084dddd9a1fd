//! The law, checked by parsing the result: every event has to be the expected one.
//!
//! Expected events are not kept but digested, with a secret key, so that memory does not grow with the events.

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash, Hasher};
use std::hash::{DefaultHasher, RandomState};

use granit_parser::{Event, ScalarStyle, Tag};

use crate::yaml::scan::{Scalar, parser};

/// What the events of a result have to be.
pub(super) struct Expected {
    start: Digest,
    digest: Digest,
    /// After scalars that were changed, in order.
    checkpoints: Vec<Checkpoint>,
}

struct Checkpoint {
    /// Where the first of its changes is in the input, in bytes.
    change: usize,
    digest: u64,
}

/// Changes that are no further apart than this share a checkpoint, so that checkpoints take less room than the input.
const APART: usize = 32;

/// A digest of the events so far.
#[derive(Clone)]
struct Digest(DefaultHasher);

impl Expected {
    pub(super) fn new() -> Self {
        let start = Digest(RandomState::new().build_hasher());
        Self { digest: start.clone(), start, checkpoints: Vec::new() }
    }

    /// Expects an event as it was.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        self.digest.event(event);
    }

    /// Expects `scalar` as it was.
    pub(super) fn unchanged(&mut self, scalar: &Scalar<'_>) {
        self.digest.scalar(&scalar.text, scalar.style, scalar.anchor, scalar.tag.as_deref());
    }

    /// Expects `scalar` with `text` for its text, in `style`, after the change at byte `change` of the input.
    pub(super) fn changed(&mut self, scalar: &Scalar<'_>, change: usize, text: &str, style: ScalarStyle) {
        self.digest.scalar(text, style, scalar.anchor, scalar.tag.as_deref());
        let digest = self.digest.value();
        match self.checkpoints.last_mut() {
            Some(last) if change - last.change < APART => last.digest = digest,
            _ => self.checkpoints.push(Checkpoint { change, digest }),
        }
    }

    /// Reads `output` and compares, if anything was changed. On a mismatch, returns where in the input the change is that is
    /// to blame: the one at or before which the mismatch first shows.
    pub(super) fn verify(self, output: &str) -> Result<(), usize> {
        let mut checkpoints = self.checkpoints.iter();
        let Some(mut next) = checkpoints.next() else { return Ok(()) };
        let mut digest = self.start;
        for event in parser(output) {
            let Ok((event, _)) = event else { return Err(next.change) };
            digest.event(&event);
            if matches!(event, Event::Scalar(..)) && digest.value() == next.digest {
                next = checkpoints.next().unwrap_or(next);
            }
        }
        if digest.value() == self.digest.value() { Ok(()) } else { Err(next.change) }
    }
}

impl Digest {
    fn value(&self) -> u64 {
        self.0.finish()
    }

    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, *style, *anchor, tag.as_deref()),
            Event::SequenceStart(style, anchor, tag) => {
                self.node(1, *style as u8, "", *anchor, tag.as_deref());
            }
            Event::MappingStart(style, anchor, tag) => {
                self.node(2, *style as u8, "", *anchor, tag.as_deref());
            }
            Event::Alias(anchor) => self.node(3, 0, "", *anchor, None),
            Event::DocumentStart(explicit, version) => {
                self.node(4, u8::from(*explicit), "", 0, None);
                version.map(|version| (version.major, version.minor)).hash(&mut self.0);
            }
            // An end: of what, the starts say. And what these settings of the parser do not give.
            _ => self.node(5, 0, "", 0, None),
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, tag: Option<&Tag>) {
        self.node(0, style as u8, text, anchor, tag);
    }

    /// Adds a node in as few writes as there can be: they are what a digest costs.
    fn node(&mut self, kind: u8, style: u8, text: &str, anchor: usize, tag: Option<&Tag>) {
        let has_properties = anchor != 0 || tag.is_some();
        let head = u64::from_le_bytes([kind, style, has_properties.into(), 0, 0, 0, 0, 0]);
        self.0.write_u64(head | (text.len() as u64) << 24);
        if !text.is_empty() {
            self.0.write(text.as_bytes());
        }
        if has_properties {
            anchor.hash(&mut self.0);
            tag.map(Tag::parts).hash(&mut self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::scan::Walk;

    /// Expects the events of `input`, with each `$A` replaced by `value`.
    fn expected(input: &str, value: &str) -> Expected {
        let mut expected = Expected::new();
        let mut walk = Walk::new(input, None);
        while let Some(scalar) = walk.scalar(|event| expected.event(event)).unwrap_or(None) {
            if scalar.text.contains("$A") {
                let text = scalar.text.replace("$A", value);
                expected.changed(&scalar, scalar.span.start, &text, scalar.style);
            } else {
                expected.unchanged(&scalar);
            }
        }
        expected
    }

    #[test]
    fn what_was_expected_is_verified() {
        for (input, output) in [
            ("k: $A", "k: x"),
            ("k: $A # c\n", "k: x # d\n"),
            ("%YAML 1.2\n--- &a !t\n- $A\n- *a\n...\n", "%YAML 1.2\n--- &b !t\n- x\n- *b\n...\n"),
            ("{k: '$A', l: [\"$A\", $B]}", "{k: 'x', l: [\"x\", $B]}"),
        ] {
            assert_eq!(expected(input, "x").verify(output), Ok(()), "{output}");
        }
    }

    #[test]
    fn any_other_event_is_blamed_on_the_scalar_before_it() {
        let input = "- $A\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- $A\n";
        let (first, last) = (2, input.rfind("$A").unwrap_or_default());
        for (output, blamed) in [
            ("- y\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n", first),
            ("- 'x'\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n", first),
            ("--- \n- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n", first),
            ("%YAML 1.2\n---\n- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n", first),
            ("[x, &a !t k, {k: v}, [v], *a, '', x]", first),
            ("- x\n- &a !t l\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n", last),
            ("- x\n- &a !u k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n", last),
            ("- x\n- &a !!t k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n", last),
            ("- x\n- &a k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n", last),
            ("- x\n- &a !t k\n- k: v\n- [v]\n- *a\n- ''\n- x\n", last),
            ("- x\n- &a !t k\n- &b {k: v}\n- [v]\n- *a\n- ''\n- x\n", last),
            ("- x\n- &a !t k\n- !t {k: v}\n- [v]\n- *a\n- ''\n- x\n", last),
            ("- x\n- &a !t k\n- [k, v]\n- [v]\n- *a\n- ''\n- x\n", last),
            ("- x\n- &a !t k\n- {k: v}\n- &b [v]\n- *a\n- ''\n- x\n", last),
            ("- x\n- &a !t k\n- {k: v}\n- !t [v]\n- *a\n- ''\n- x\n", last),
            ("- x\n- &a !t k\n- {k: v}\n- - v\n- *a\n- ''\n- x\n", last),
            ("- x\n- &a !t k\n- {k: &b v}\n- [v]\n- *b\n- ''\n- x\n", last),
            ("- x\n- &a !t k\n- {k: v}\n- [v]\n- a\n- ''\n- x\n", last),
            ("- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- \"\"\n- x\n", last),
            ("- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n-\n- x\n", last),
            ("- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- z\n", last),
            ("- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n- x\n", last),
            ("- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n--- x\n", last),
            ("- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n", last),
            ("- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- [x\n", last),
        ] {
            assert_eq!(expected(input, "x").verify(output), Err(blamed), "{output}");
        }
    }

    #[test]
    fn where_the_structure_ends_makes_a_difference() {
        for (input, output) in [
            ("[[a], $A]", "[[a, x]]"),
            ("[[a, $A]]", "[[a], x]"),
            ("{a: {b: $A}, c: d}", "{a: {b: x, c: d}}"),
            ("[{a: $A}, b]", "[{a: x, b: }]"),
            ("$A\n--- a", "x\n...\na"),
            ("- $A\n---\n- a", "- x\n- a"),
            ("[&a v, &b v, *a, $A]", "[&a v, &b v, *b, x]"),
            ("[&a v, v, *a, $A]", "[v, &a v, *a, x]"),
        ] {
            assert!(expected(input, "x").verify(output).is_err(), "{output}");
        }
    }

    #[test]
    fn nothing_is_read_again_where_nothing_was_changed() {
        assert_eq!(expected("k: v", "x").verify("[no YAML"), Ok(()));
    }
}
