//! The law, checked by reading the result again: every event has to be the one that was expected.
//!
//! Expected events are not kept but digested, with a key that nobody knows, so that memory does not grow with the stream.

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash, Hasher};
use std::hash::{DefaultHasher, RandomState};

use granit_parser::{Event, ScalarStyle, Tag};

use crate::site::Site;
use crate::yaml::scan::{Scalar, parser};

/// What the events of a result have to be.
pub(super) struct Expected {
    key: RandomState,
    digest: Digest,
    /// After each scalar that was changed.
    checkpoints: Vec<Checkpoint>,
}

struct Checkpoint {
    /// The first reference that was replaced in it.
    site: Site,
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
    pub(super) fn changed(&mut self, scalar: &Scalar<'_>, site: Site, text: &str, style: ScalarStyle) {
        self.scalar(scalar, text, style);
        let Digest { events, hasher } = &self.digest;
        let digest = hasher.finish();
        self.checkpoints.push(Checkpoint { site, events: *events, digest });
    }

    /// Reads `output` and compares, if anything was changed. On a mismatch, returns the first reference of the scalar that is
    /// to blame: the one at or before which it first shows.
    pub(super) fn verify(self, output: &str) -> Result<(), Site> {
        let mut digest = Digest::new(&self.key);
        let mut checkpoints = self.checkpoints.into_iter();
        let Some(mut blamed) = checkpoints.next() else { return Ok(()) };
        for event in parser(output) {
            let Ok((event, _)) = event else { return Err(blamed.site) };
            digest.event(&event);
            if blamed.events == digest.events {
                if blamed.digest != digest.hasher.finish() {
                    return Err(blamed.site);
                }
                let Some(next) = checkpoints.next() else { continue };
                blamed = next;
            }
        }
        let same =
            digest.events == self.digest.events && digest.hasher.finish() == self.digest.hasher.finish();
        if same { Ok(()) } else { Err(blamed.site) }
    }
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
            // An end: of what, the starts say. And what these settings of the parser do not give.
            _ => self.node(0, 5, "", 0, None),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Provenance;
    use crate::token::references;
    use crate::yaml::scan::Walk;

    /// Expects the events of `input`, with each `$A` replaced by `value`.
    fn expected(input: &str, value: &str) -> Expected {
        let mut expected = Expected::new();
        let mut walk = Walk::new(input, None);
        while let Some(scalar) = walk.scalar(|event| expected.event(event)).unwrap_or(None) {
            let reference = references(&scalar.text).find(|reference| reference.name() == "A");
            if let Some(reference) = reference {
                let site = Site::new(&reference, &scalar.text, Provenance::Vars);
                let site = site.spanning(scalar.span.clone());
                expected.changed(&scalar, site, &scalar.text.replace("$A", value), scalar.style);
            } else {
                expected.scalar(&scalar, &scalar.text, scalar.style);
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
        let last = input.rfind("$A").unwrap_or_default();
        let (first, last) = (2..4, last..last + 2);
        for (output, blamed) in [
            ("- y\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n", &first),
            ("- 'x'\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n", &first),
            ("--- \n- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n", &first),
            ("%YAML 1.2\n---\n- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n", &first),
            ("[x, &a !t k, {k: v}, [v], *a, '', x]", &first),
            ("- x\n- &a !t l\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n", &last),
            ("- x\n- &a !u k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n", &last),
            ("- x\n- &a !!t k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n", &last),
            ("- x\n- &a k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n", &last),
            ("- x\n- &a !t k\n- k: v\n- [v]\n- *a\n- ''\n- x\n", &last),
            ("- x\n- &a !t k\n- &b {k: v}\n- [v]\n- *a\n- ''\n- x\n", &last),
            ("- x\n- &a !t k\n- !t {k: v}\n- [v]\n- *a\n- ''\n- x\n", &last),
            ("- x\n- &a !t k\n- [k, v]\n- [v]\n- *a\n- ''\n- x\n", &last),
            ("- x\n- &a !t k\n- {k: v}\n- &b [v]\n- *a\n- ''\n- x\n", &last),
            ("- x\n- &a !t k\n- {k: v}\n- !t [v]\n- *a\n- ''\n- x\n", &last),
            ("- x\n- &a !t k\n- {k: v}\n- - v\n- *a\n- ''\n- x\n", &last),
            ("- x\n- &a !t k\n- {k: &b v}\n- [v]\n- *b\n- ''\n- x\n", &last),
            ("- x\n- &a !t k\n- {k: v}\n- [v]\n- a\n- ''\n- x\n", &last),
            ("- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- \"\"\n- x\n", &last),
            ("- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n-\n- x\n", &last),
            ("- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- z\n", &last),
            ("- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n- x\n", &last),
            ("- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- x\n--- x\n", &last),
            ("- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n", &last),
            ("- x\n- &a !t k\n- {k: v}\n- [v]\n- *a\n- ''\n- [x\n", &last),
        ] {
            let result = expected(input, "x").verify(output).map_err(|site| site.span());
            assert_eq!(result.as_ref(), Err(blamed), "{output}");
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
