//! The language of the crate written a second time, for clarity and nothing else: what the crate has to agree with.
//!
//! It shares no code with `src/`. Tests, fuzz targets and benchmarks include this file.

#![allow(dead_code, reason = "each user of this file needs its own part of it")]
#![allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "the shortest way to say it; a slip is found at once"
)]

use std::ops::Range;

/// A reference: where it is in the input, and the name it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) span: Range<usize>,
    pub(crate) name: String,
}

/// Finds the references of `input` by trying each character in turn.
pub(crate) fn references(input: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < input.len() {
        match reference_at(input, at) {
            Some(reference) => {
                at = reference.span.end;
                found.push(reference);
            }
            None => at += 1,
        }
    }
    found
}

/// Expands `input`: `vars` counts everywhere, `host` only where one reference is all of the input.
pub(crate) fn expand(
    input: &str,
    vars: &dyn Fn(&str) -> Option<String>,
    host: &dyn Fn(&str) -> Option<String>,
) -> String {
    let references = references(input);
    if let [only] = references.as_slice() {
        if only.span == (0..input.len()) {
            return vars(&only.name).or_else(|| host(&only.name)).unwrap_or_default();
        }
    }
    let mut result = String::new();
    let mut copied = 0;
    for reference in references {
        if let Some(value) = vars(&reference.name) {
            result += &input[copied..reference.span.start];
            result += &value;
            copied = reference.span.end;
        }
    }
    result + &input[copied..]
}

/// Writes down line and column of byte `offset`, where a reference starts.
pub(crate) fn position(input: &str, offset: usize) -> String {
    let before = &input[..offset];
    let before = before.strip_prefix('\u{FEFF}').unwrap_or(before);
    let before = before.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = before.split('\n').collect();
    format!("{}:{}", lines.len(), lines[lines.len() - 1].chars().count() + 1)
}

/// Tells whether what is shown would do more to a terminal than fill it: a control character that is neither an end of a
/// line nor a tab, a separator of lines, a change of the direction of writing (`Bidi_Control`).
pub(crate) fn acts_on_terminals(shown: &str) -> bool {
    const OTHERS: [char; 14] = [
        '\u{61C}', '\u{200E}', '\u{200F}', '\u{2028}', '\u{2029}', '\u{202A}', '\u{202B}', '\u{202C}',
        '\u{202D}', '\u{202E}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
    ];
    shown.chars().any(|c| c.is_control() && c != '\n' && c != '\t' || OTHERS.contains(&c))
}

/// Reads a reference that begins at byte `at`, if one does.
fn reference_at(input: &str, at: usize) -> Option<Reference> {
    let bytes = input.as_bytes();
    if bytes[at] != b'$' {
        return None;
    }
    let closing = match bytes.get(at + 1) {
        Some(b'{') => Some(b'}'),
        Some(b'<') => Some(b'>'),
        _ => None,
    };
    let start = if closing.is_some() { at + 2 } else { at + 1 };
    let mut end = start;
    while end < bytes.len() && continues_name(bytes[end], end == start) {
        end += 1;
    }
    if end == start || (closing.is_some() && bytes.get(end).copied() != closing) {
        return None;
    }
    let name = input[start..end].to_owned();
    let end = if closing.is_some() { end + 1 } else { end };
    Some(Reference { span: at..end, name })
}

/// POSIX XBD 8.1: letters, digits and underscores, of which the first is no digit.
fn continues_name(byte: u8, first: bool) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || (byte.is_ascii_digit() && !first)
}
