//! Writes changed scalars into the text of a document, with every other byte as it was.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::{self, Vec};
use core::ops::Range;
use std::collections::HashMap;

use granit_parser::{Event, ScalarStyle, StructureStyle, Tag};

use crate::origins::{Changes, Now, Place, RestoreError};
use crate::yaml::encode::{fits_plain, is_printable, misleads};
use crate::yaml::scan::{Scalar, not_yaml, parser};
use crate::yaml::write::{Rewrite, may_be_in_plain};

/// Returns `input` with the changed scalars in it; `None` if any of them has no place of its own.
pub(super) fn update(input: &str, changes: &Changes<'_>) -> Result<Option<String>, RestoreError> {
    let mut walk = Walk { input, changes, frames: Vec::new(), edits: Vec::new() };
    let (mut at, mut documents) = (0, 0);
    for (index, event) in parser(input).enumerate() {
        let (event, span) = event.map_err(|error| RestoreError::not_yaml(not_yaml(input, &error)))?;
        let bytes = span.byte_range().unwrap_or_default();
        let after = at;
        // The span of a document without `---` is that of the first token in it.
        if !matches!(event, Event::DocumentStart(false, _)) {
            at = bytes.end;
        }
        documents += usize::from(matches!(event, Event::DocumentStart(..)));
        let indent = span.indent.unwrap_or_default();
        if walk.event(index, event, bytes, indent, after).is_none() || documents > 1 {
            return Ok(None);
        }
    }
    if walk.edits.len() != changes.len() {
        return Ok(None);
    }
    let output = splice(input, &walk.edits);
    Ok(output.filter(|output| is_only_edited(input, output, &walk.edits)))
}

/// Follows the events of a document and the value that was read from it, side by side.
struct Walk<'w, 'c> {
    input: &'w str,
    changes: &'w Changes<'c>,
    frames: Vec<Frame<'w>>,
    edits: Vec<Edit>,
}

/// A collection that is open.
struct Frame<'w> {
    kind: Kind<'w>,
    in_flow: bool,
    /// What is in it shows elsewhere, too.
    is_anchored: bool,
}

enum Kind<'w> {
    Sequence(vec::IntoIter<Place>),
    Mapping { places: HashMap<Cow<'w, str>, Place>, next: Next },
}

/// What comes next in a mapping.
enum Next {
    Key,
    Value(Option<Place>),
}

/// A scalar that changes.
struct Edit {
    /// Which event it is.
    event: usize,
    /// What is replaced, in bytes of the stream.
    span: Range<usize>,
    source: String,
    /// What the parser then reads, and in which style.
    text: String,
    style: ScalarStyle,
}

impl<'w> Walk<'w, '_> {
    /// Takes the next event. Returns `None` if a scalar has changed that cannot be changed by itself.
    fn event(
        &mut self,
        index: usize,
        event: Event<'w>,
        span: Range<usize>,
        indent: usize,
        after: usize,
    ) -> Option<()> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let in_flow = self.frames.last().is_some_and(|frame| frame.in_flow);
                let scalar = Scalar { text, style, anchor, tag, span, indent, in_flow, after };
                if let Some(place) = self.enter(Some(&scalar.text)) {
                    self.scalar(index, place, &scalar)?;
                }
            }
            Event::Alias(_) => {
                self.enter(None);
            }
            Event::SequenceStart(style, anchor, tag) => {
                let place = self.open(tag.as_deref());
                let elements = place.map(|place| self.changes.elements(place)).unwrap_or_default();
                self.push(Kind::Sequence(elements.into_iter()), style, anchor);
            }
            Event::MappingStart(style, anchor, tag) => {
                let place = self.open(tag.as_deref());
                let places = place.map(|place| self.changes.entries(place)).unwrap_or_default();
                self.push(Kind::Mapping { places, next: Next::Key }, style, anchor);
            }
            Event::SequenceEnd | Event::MappingEnd => drop(self.frames.pop()),
            _ => {}
        }
        Some(())
    }

    fn push(&mut self, kind: Kind<'w>, style: StructureStyle, anchor: usize) {
        let is_anchored = anchor != 0 || self.frames.last().is_some_and(|frame| frame.is_anchored);
        self.frames.push(Frame { kind, in_flow: style == StructureStyle::Flow, is_anchored });
    }

    /// Enters a node, a scalar with `text` if it is one. Returns its place if it is a value that the program has.
    fn enter(&mut self, text: Option<&str>) -> Option<Place> {
        let Some(frame) = self.frames.last_mut() else { return Some(self.changes.top()) };
        match &mut frame.kind {
            Kind::Sequence(places) => places.next(),
            Kind::Mapping { places, next } => match next {
                Next::Key => {
                    *next = Next::Value(text.and_then(|key| places.get(key).copied()));
                    None
                }
                Next::Value(place) => {
                    let place = *place;
                    *next = Next::Key;
                    place
                }
            },
        }
    }

    /// Enters a collection. Returns its place, behind its tag.
    fn open(&mut self, tag: Option<&Tag>) -> Option<Place> {
        let place = self.enter(None)?;
        Some(self.behind(place, tag).unwrap_or(place))
    }

    /// Returns the place behind a tag that names a variant.
    fn behind(&self, place: Place, tag: Option<&Tag>) -> Option<Place> {
        self.changes.tagged(place, tag?.parts().1)
    }

    /// Notes the edit of a scalar, if it has changed.
    fn scalar(&mut self, event: usize, place: Place, scalar: &Scalar<'_>) -> Option<()> {
        let behind = self.behind(place, scalar.tag.as_deref());
        let Some(now) = self.changes.now(behind.unwrap_or(place)) else { return Some(()) };
        let is_anchored = scalar.anchor != 0 || self.frames.last().is_some_and(|frame| frame.is_anchored);
        let has_another_tag = scalar.tag.is_some() && behind.is_none();
        let was = self.changes.was(behind.unwrap_or(place), &scalar.text);
        if is_anchored || has_another_tag || !was {
            return None;
        }
        let scalar = &Scalar { text: scalar.text.clone(), tag: None, span: self.span(scalar), ..*scalar };
        let edit = match now {
            Now::Text(text) => self.text(event, &text, scalar)?,
            Now::Bare(text) if !is_block(scalar.style) => {
                let (span, source) = (scalar.span.clone(), text.clone());
                Edit { event, span, source, text, style: ScalarStyle::Plain }
            }
            Now::Bare(_) => return None,
        };
        self.edits.push(edit);
        Some(())
    }

    /// Returns where a scalar is. Where there is none, as in `key:`, the parser says that it is before the colon.
    fn span(&self, scalar: &Scalar<'_>) -> Range<usize> {
        let Range { start, end } = scalar.span;
        let rest = self.input.get(start..).filter(|_| start == end).unwrap_or_default();
        let is_value = rest.trim_start_matches([' ', '\t']).starts_with(':');
        let colon = rest.find(':').filter(|_| is_value);
        colon.map_or(start..end, |colon| start + colon + 1..start + colon + 1)
    }

    /// Returns the edit of a scalar that is to be a text.
    fn text(&self, event: usize, text: &str, scalar: &Scalar<'_>) -> Option<Edit> {
        let in_flow = scalar.in_flow;
        let fits_plain = || {
            may_be_in_plain(text, in_flow)
                && fits_plain(text, in_flow)
                && !misleads(text)
                && reads_as_text(text)
        };
        let (source, style) = match scalar.style {
            ScalarStyle::Plain if fits_plain() => (text.into(), ScalarStyle::Plain),
            ScalarStyle::SingleQuoted if text.chars().all(is_printable) => {
                (format!("'{}'", text.replace('\'', "''")), ScalarStyle::SingleQuoted)
            }
            _ => {
                let edit = Rewrite::requoted(self.input, scalar, text)?;
                let (source, text, style) = (edit.source, edit.text.into(), edit.style);
                return Some(Edit { event, span: edit.span, source, text, style });
            }
        };
        Some(Edit { event, span: scalar.span.clone(), source, text: text.into(), style })
    }
}

fn is_block(style: ScalarStyle) -> bool {
    matches!(style, ScalarStyle::Literal | ScalarStyle::Folded)
}

/// Tells whether every parser, of YAML 1.1 or 1.2, reads a plain scalar as text.
fn reads_as_text(text: &str) -> bool {
    const OTHERS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '$' | '/' | '_'))
        && !OTHERS.iter().any(|other| text.eq_ignore_ascii_case(other))
}

/// Returns `input` with the edits in it, which ascend.
fn splice(input: &str, edits: &[Edit]) -> Option<String> {
    let mut output = String::with_capacity(input.len());
    let mut copied = 0;
    for edit in edits {
        let before = input.get(copied..edit.span.start)?;
        output.push_str(before);
        // An empty value needs a blank before it.
        if edit.span.is_empty() && output.ends_with([':', '-']) {
            output.push(' ');
        }
        output.push_str(&edit.source);
        copied = edit.span.end;
    }
    output.push_str(input.get(copied..)?);
    Some(output)
}

/// Parses both texts, and tells whether they differ in the edits and in nothing else.
fn is_only_edited(input: &str, output: &str, edits: &[Edit]) -> bool {
    let mut edits = edits.iter().peekable();
    let (mut before, mut after) = (parser(input), parser(output));
    let mut index = 0;
    loop {
        let (old, new) = match (before.next_event(), after.next_event()) {
            (None, None) => return edits.next().is_none(),
            (Some(Ok((old, _))), Some(Ok((new, _)))) => (old, new),
            _ => return false,
        };
        let expected = match (edits.next_if(|edit| edit.event == index), old) {
            (Some(edit), Event::Scalar(_, _, anchor, tag)) => {
                Event::Scalar(Cow::Borrowed(edit.text.as_str()), edit.style, anchor, tag)
            }
            (None, old) => old,
            _ => return false,
        };
        if expected != new {
            return false;
        }
        index += 1;
    }
}
