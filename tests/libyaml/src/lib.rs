//! Streams as libyaml reads them.

use std::ffi::CStr;
use std::mem::MaybeUninit;

use libyaml_rs::{
    yaml_event_delete, yaml_event_t, yaml_event_type_t as Type, yaml_parser_delete, yaml_parser_initialize,
    yaml_parser_parse, yaml_parser_set_input_string, yaml_parser_t, yaml_scalar_style_t,
};

/// What libyaml sees next in a stream: of a node everything but its place and the style of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub kind: Kind,
    /// The text of a scalar.
    pub text: String,
    /// The anchor of a node, or the one that an alias stands for.
    pub anchor: Option<String>,
    pub tag: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Document,
    Sequence,
    Mapping,
    Alias,
    /// A plain scalar.
    Plain,
    /// A scalar in quotes or a block.
    Quoted,
    /// The end of a document, a sequence or a mapping.
    End,
}

/// Returns the events of a stream.
///
/// # Errors
///
/// What libyaml says if the stream is not YAML to it.
pub fn events(stream: &str) -> Result<Vec<Event>, String> {
    let mut parser = Parser::new(stream);
    let mut events = Vec::new();
    while parser.read(&mut events)? {}
    Ok(events)
}

/// libyaml's parser. It has pointers to itself, so that it is never moved.
struct Parser(Box<MaybeUninit<yaml_parser_t>>);

impl Parser {
    fn new(stream: &str) -> Self {
        let mut parser = Box::new(MaybeUninit::uninit());
        // SAFETY: the parser is initialized before it is used. The stream outlives it: `events` has both.
        unsafe {
            assert!(yaml_parser_initialize(parser.as_mut_ptr()).ok);
            yaml_parser_set_input_string(parser.as_mut_ptr(), stream.as_ptr(), stream.len() as u64);
        }
        Self(parser)
    }

    /// Reads the next event, and tells whether it is not the last.
    fn read(&mut self, events: &mut Vec<Event>) -> Result<bool, String> {
        let mut event = MaybeUninit::<yaml_event_t>::uninit();
        // SAFETY: the parser is initialized. libyaml initializes the event in any case, and it owns what it points to until
        // it is deleted, which is after all of that has been copied. Its type says which field of the union is set.
        unsafe {
            if yaml_parser_parse(self.0.as_mut_ptr(), event.as_mut_ptr()).fail {
                return Err(text(self.0.assume_init_ref().problem.cast()).unwrap_or_default());
            }
            events.extend(copy(event.assume_init_ref()));
            let is_last = event.assume_init_ref().type_ == Type::YAML_STREAM_END_EVENT;
            yaml_event_delete(event.as_mut_ptr());
            Ok(!is_last)
        }
    }
}

impl Drop for Parser {
    fn drop(&mut self) {
        // SAFETY: it is initialized, and not used afterwards.
        unsafe { yaml_parser_delete(self.0.as_mut_ptr()) }
    }
}

/// Copies an event, other than the start and the end of the stream.
///
/// # Safety
///
/// libyaml has made the event, and it has not been deleted.
unsafe fn copy(event: &yaml_event_t) -> Option<Event> {
    let node = |kind| Event { kind, text: String::new(), anchor: None, tag: None };
    // SAFETY: the type says which field of the union is set, and strings are null or end with a zero.
    unsafe {
        let data = &event.data;
        Some(match event.type_ {
            Type::YAML_DOCUMENT_START_EVENT => node(Kind::Document),
            Type::YAML_ALIAS_EVENT => Event { anchor: text(data.alias.anchor), ..node(Kind::Alias) },
            Type::YAML_SEQUENCE_START_EVENT => Event {
                anchor: text(data.sequence_start.anchor),
                tag: text(data.sequence_start.tag),
                ..node(Kind::Sequence)
            },
            Type::YAML_MAPPING_START_EVENT => Event {
                anchor: text(data.mapping_start.anchor),
                tag: text(data.mapping_start.tag),
                ..node(Kind::Mapping)
            },
            Type::YAML_SCALAR_EVENT => {
                let scalar = &data.scalar;
                let is_plain = scalar.style == yaml_scalar_style_t::YAML_PLAIN_SCALAR_STYLE;
                let bytes = std::slice::from_raw_parts(scalar.value, usize::try_from(scalar.length).ok()?);
                Event {
                    kind: if is_plain { Kind::Plain } else { Kind::Quoted },
                    text: String::from_utf8_lossy(bytes).into_owned(),
                    anchor: text(scalar.anchor),
                    tag: text(scalar.tag),
                }
            }
            Type::YAML_DOCUMENT_END_EVENT | Type::YAML_SEQUENCE_END_EVENT | Type::YAML_MAPPING_END_EVENT => {
                node(Kind::End)
            }
            _ => return None,
        })
    }
}

/// Copies a string of C.
///
/// # Safety
///
/// `at` is null or points to bytes of which one is zero.
unsafe fn text(at: *const u8) -> Option<String> {
    // SAFETY: the caller says so.
    let text = (!at.is_null()).then(|| unsafe { CStr::from_ptr(at.cast()) })?;
    Some(text.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_its_events() {
        let events = events("&a !t x: ['y', *a]\n").unwrap();
        let seen: Vec<_> = events.iter().map(|it| (it.kind, it.text.as_str())).collect();
        assert_eq!(
            seen,
            [
                (Kind::Document, ""),
                (Kind::Mapping, ""),
                (Kind::Plain, "x"),
                (Kind::Sequence, ""),
                (Kind::Quoted, "y"),
                (Kind::Alias, ""),
                (Kind::End, ""),
                (Kind::End, ""),
                (Kind::End, ""),
            ]
        );
        assert_eq!((events[2].anchor.as_deref(), events[2].tag.as_deref()), (Some("a"), Some("!t")));
        assert_eq!(events[5].anchor.as_deref(), Some("a"));
    }

    #[test]
    fn what_is_not_yaml_is_an_error() {
        assert_eq!(events("[x").unwrap_err(), "did not find expected ',' or ']'");
        assert_eq!(events("").unwrap(), []);
    }
}
