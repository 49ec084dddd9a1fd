//! Which scalars of a stream take part: values with a `$` in them, selected by their paths. Keys never do.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, StrInput, StructureStyle, Tag};

use crate::compose::Malformed;
use crate::error::{Error, ErrorKind};
use crate::expand::Erased;
use crate::path::Segment;
use crate::select::{Paths, Trail};
use crate::site::Site;
use crate::snippet::{Position, Positions};
use crate::token::Dialect;
use crate::word::has_dollar;
use crate::yaml::locate::Places;

/// Walks the events of a stream, with a stack of its own: depth is bounded by the parser's limits, never by the thread's
/// stack.
pub(super) struct Walk<'a> {
    input: &'a str,
    parser: Parser<'a, StrInput<'a>>,
    trail: Trail,
    frames: Vec<Frame>,
    /// The node of the last event is complete, but its path is still wanted.
    leaving: bool,
    /// Where the last event ends, in bytes.
    at: usize,
}

/// A collection that is open.
struct Frame {
    kind: Kind,
    in_flow: bool,
    /// It is a key, or in one.
    in_key: bool,
}

enum Kind {
    /// The index of the next entry.
    Sequence(usize),
    /// Whether a value comes next, and not a key.
    Mapping { value_next: bool },
}

/// A scalar value that takes part.
pub(super) struct Scalar<'a> {
    /// As decoded.
    pub(super) text: Cow<'a, str>,
    pub(super) style: ScalarStyle,
    pub(super) anchor: usize,
    pub(super) tag: Option<Cow<'a, Tag>>,
    /// Where the scalar is in the stream, in bytes: with its quotes, without its anchor and tag. A block scalar goes from
    /// the first character of its first line with text, so without the header, to the end of the blank lines after it.
    pub(super) span: Range<usize>,
    /// The indentation of each line of a block scalar, in spaces.
    pub(super) indent: usize,
    pub(super) in_flow: bool,
    /// Where the event before it ends: anchor, tag and header of the scalar are between that and its span.
    pub(super) after: usize,
}

impl Scalar<'_> {
    /// Returns where the source of the scalar is, without its quotes, in bytes of the stream.
    pub(super) fn inner(&self) -> Range<usize> {
        let Range { start, end } = self.span;
        match self.style {
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => start + 1..end.saturating_sub(1),
            _ => start..end,
        }
    }
}

/// Returns the parser of a stream with the settings of this module.
pub(super) fn parser(input: &str) -> Parser<'_, StrInput<'_>> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    Parser::new_from_str_with_options(input, options)
}

impl<'a> Walk<'a> {
    pub(super) fn new(input: &'a str, paths: Option<&Paths>) -> Self {
        Self {
            input,
            parser: parser(input),
            trail: Trail::new(paths),
            frames: Vec::new(),
            leaving: false,
            at: 0,
        }
    }

    /// Returns `site`, found in the last scalar, with its place in the stream.
    pub(super) fn locate(&self, site: Site, span: Range<usize>, position: Position) -> Site {
        site.spanning(span).at(position).below(self.trail.path().shown())
    }

    /// Returns the patterns that no value so far has matched.
    pub(super) fn unmatched(&self) -> Vec<String> {
        self.trail.unmatched()
    }

    /// Returns the next scalar that takes part, or `None` at the end of the stream. The events before it go to `pass`.
    pub(super) fn scalar(&mut self, mut pass: impl FnMut(&Event<'a>)) -> Result<Option<Scalar<'a>>, Error> {
        loop {
            if core::mem::take(&mut self.leaving) {
                self.leave();
            }
            let (event, span) = match self.parser.next_event() {
                Some(Ok(next)) => next,
                Some(Err(error)) => return Err(not_yaml(self.input, &error)),
                None => return Ok(None),
            };
            // The parser gives byte offsets for every span of a text.
            let bytes = span.byte_range().unwrap_or_default();
            let after = self.at;
            // The span of a document without `---` is that of the first token in it.
            if !matches!(event, Event::DocumentStart(false, _)) {
                self.at = bytes.end;
            }
            let in_flow = self.frames.last().is_some_and(|frame| frame.in_flow);
            if !self.follow(&event) {
                pass(&event);
            } else if let Event::Scalar(text, style, anchor, tag) = event {
                let indent = span.indent.unwrap_or_default();
                return Ok(Some(Scalar { text, style, anchor, tag, span: bytes, indent, in_flow, after }));
            }
        }
    }

    /// Follows the path of an event, and tells whether it is a scalar that takes part.
    fn follow(&mut self, event: &Event<'a>) -> bool {
        match event {
            Event::Scalar(text, ..) => {
                let is_value = self.enter(Some(text));
                self.leaving = true;
                if is_value {
                    self.trail.note_value();
                }
                return is_value && has_dollar(text) && self.trail.is_selected();
            }
            Event::Alias(_) => {
                self.enter(None);
                self.leaving = true;
            }
            Event::SequenceStart(style, ..) => self.open(Kind::Sequence(0), *style),
            Event::MappingStart(style, ..) => self.open(Kind::Mapping { value_next: false }, *style),
            Event::SequenceEnd | Event::MappingEnd => {
                self.frames.pop();
                self.leaving = true;
            }
            _ => {}
        }
        false
    }

    /// Enters a node, a scalar with `text` if it is one, and tells whether it is a value and in no key.
    fn enter(&mut self, text: Option<&str>) -> bool {
        let Some(frame) = self.frames.last_mut() else { return true };
        match &mut frame.kind {
            Kind::Sequence(index) => {
                self.trail.push(Segment::Index(*index));
                *index += 1;
                !frame.in_key
            }
            Kind::Mapping { value_next } => {
                let is_value = core::mem::replace(value_next, !*value_next);
                match text {
                    _ if is_value => {}
                    Some(key) => self.trail.push(Segment::Key(key)),
                    None => self.trail.push(Segment::Unnamed),
                }
                is_value && !frame.in_key
            }
        }
    }

    fn open(&mut self, kind: Kind, style: StructureStyle) {
        let is_value = self.enter(None);
        self.frames.push(Frame { kind, in_flow: style == StructureStyle::Flow, in_key: !is_value });
    }

    /// Leaves a node that is complete. The segment of a key stays until its value is complete.
    fn leave(&mut self) {
        let is_entry = self.frames.last().is_some_and(|frame| match frame.kind {
            Kind::Sequence(_) => true,
            Kind::Mapping { value_next } => !value_next,
        });
        if is_entry {
            self.trail.pop();
        }
    }
}

/// Returns the error for a stream that the parser rejects.
pub(super) fn not_yaml(input: &str, error: &ScanError) -> Error {
    let at = error.marker().byte_offset().unwrap_or(input.len());
    let brace = input.get(..at).and_then(|before| before.char_indices().next_back());
    let in_reference = brace.is_some_and(|(_, c)| c == '$');
    let hint = if in_reference && input.get(at..).is_some_and(|rest| rest.starts_with('{')) {
        " (within `[]` or `{}`, a `${…}` has to be quoted)"
    } else {
        ""
    };
    let problem = format!("invalid YAML: {}{hint}", error.info());
    Error::other(ErrorKind::Document, problem, None, at..at, Position::of(input, at))
}

/// Adds `scalar` of `input` to those whose text is malformed, if it is one of them.
pub(super) fn note_malformed(
    malformed: &mut Option<Error>,
    (input, scalar): (&str, &Scalar<'_>),
    expander: &Erased<'_>,
    positions: &mut Positions<'_>,
) {
    if let Some(found) = expander.find_malformed(&scalar.text) {
        let error = not_read(input, scalar, found, positions);
        *malformed = Some(match malformed.take() {
            Some(first) => first.and(error),
            None => error,
        });
    }
}

/// Returns the error for a scalar of `input` whose text is malformed.
fn not_read(input: &str, scalar: &Scalar<'_>, malformed: Malformed, positions: &mut Positions<'_>) -> Error {
    let place = Places::new(input, scalar).place(&malformed.span());
    let may_be_cut = scalar.style == ScalarStyle::Plain && malformed.is_unclosed();
    let advice = may_be_cut.then_some("`: ` and ` #` end what is not quoted in YAML");
    let position = positions.at(place.start);
    Error::malformed_at(place, position, malformed.message(&scalar.text), malformed.reason(advice))
}

/// Tells whether a stream can hold a reference at all: a `$` that may begin one, or an escape for `$` (YAML 1.2.2 §5.7). In
/// the Compose dialect `$$` is enough.
pub(super) fn may_hold_reference(input: &str, dialect: Dialect) -> bool {
    let is_escape = |next: u8| dialect == Dialect::Compose && next == b'$';
    memchr::memchr2_iter(b'$', b'\\', input.as_bytes()).any(|at| {
        let mut rest = input.as_bytes().get(at..).unwrap_or_default().iter();
        if rest.next() == Some(&b'$') {
            let begins = |next: u8| next.is_ascii_alphabetic() || b"_{<\\".contains(&next);
            return rest.next().is_some_and(|next| begins(*next) || is_escape(*next));
        }
        ["x24", "u0024", "U00000024"].iter().any(|escape| {
            let escape = escape.as_bytes();
            rest.as_slice().starts_with(escape)
        })
    })
}
