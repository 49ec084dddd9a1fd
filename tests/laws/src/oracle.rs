//! The language of the crate written a second time, for clarity and nothing else: what the crate has to agree with.
//!
//! It shares no code with `src/`, and is as slow as it likes. Tests, fuzz targets and benchmarks use it.

use std::ops::Range;

use envref::{Form, Unset};

/// A reference: where it is in the input, how it is written, and the name it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub span: Range<usize>,
    pub form: Form,
    pub name: String,
}

/// Finds the references of `input` by trying each character in turn.
pub fn references(input: &str) -> Vec<Reference> {
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

/// A text with its references replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expansion {
    pub text: String,
    /// Whether there was a reference that got a value, or was made empty.
    pub is_replaced: bool,
}

/// Expands `input`: `vars` counts everywhere, `host` only where one reference is all of the input. Where neither has a
/// value, `unset` decides; the error is the references that it rejects.
pub fn expansion(
    input: &str,
    unset: Unset,
    vars: &dyn Fn(&str) -> Option<String>,
    host: &dyn Fn(&str) -> Option<String>,
) -> Result<Expansion, Vec<Reference>> {
    let mut text = String::new();
    let mut copied = 0;
    let mut rejected = Vec::new();
    for reference in references(input) {
        let is_whole = reference.span == (0..input.len());
        let mut value = vars(&reference.name);
        if value.is_none() && is_whole {
            value = host(&reference.name);
        }
        if value.is_none() && (unset == Unset::Empty || unset == Unset::Default && is_whole) {
            value = Some(String::new());
        }
        match value {
            Some(value) => {
                text += &input[copied..reference.span.start];
                text += &value;
                copied = reference.span.end;
            }
            None if unset == Unset::Reject => rejected.push(reference),
            None => {}
        }
    }
    text += &input[copied..];
    if rejected.is_empty() { Ok(Expansion { text, is_replaced: copied > 0 }) } else { Err(rejected) }
}

/// Expands `input` where nothing is rejected, as `envref::expand` does.
pub fn expand(
    input: &str,
    vars: &dyn Fn(&str) -> Option<String>,
    host: &dyn Fn(&str) -> Option<String>,
) -> String {
    expansion(input, Unset::Default, vars, host).expect("nothing is rejected").text
}

/// Finds what looks like a reference and is text: each `${` that begins no reference, to the brace that closes it on the
/// same line, or else to the next closing brace on the line, or else to the end of the name behind it. None begins in
/// another. Once braces do not pair on a line, they are not paired on the rest of it.
pub fn near_misses(input: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let references = references(input);
    let mut unpaired = 0;
    for (start, _) in input.match_indices("${") {
        let is_reference = references.iter().any(|it| it.span.start == start);
        if is_reference || found.last().is_some_and(|last| start < last.end) {
            continue;
        }
        let line_end = input[start..].find(['\n', '\r']).map_or(input.len(), |len| start + len);
        let line = &input[start..line_end];
        let closes = |end: &usize| {
            let inner = &line[..*end];
            inner.ends_with('}') && inner.matches('{').count() == inner.matches('}').count()
        };
        let name = line[2..].bytes().scan(true, |first, byte| {
            let goes_on = continues_name(byte, *first);
            *first = false;
            goes_on.then_some(())
        });
        let by_name = 2 + name.count();
        let len = if start < unpaired {
            line.find('}').map_or(by_name, |at| at + 1)
        } else if let Some(end) = (0..=line.len()).filter(|end| line.is_char_boundary(*end)).find(closes) {
            end
        } else {
            unpaired = line_end;
            line.find('}').map_or(by_name, |at| at + 1)
        };
        found.push(start..start + len);
    }
    found
}

/// Writes down line and column of byte `offset`, where a reference starts.
pub fn position(input: &str, offset: usize) -> String {
    let before = &input[..offset];
    let before = before.strip_prefix('\u{FEFF}').unwrap_or(before);
    let before = before.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = before.split('\n').collect();
    format!("{}:{}", lines.len(), lines[lines.len() - 1].chars().count() + 1)
}

/// Tells whether what is shown would do more to a terminal than fill it: a control character that is neither an end of a
/// line nor a tab, a separator of lines, a change of the direction of writing (`Bidi_Control`).
pub fn acts_on_terminals(shown: &str) -> bool {
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
    let (form, closing) = match bytes.get(at + 1) {
        Some(b'{') => (Form::Braced, Some(b'}')),
        Some(b'<') => (Form::Angled, Some(b'>')),
        _ => (Form::Bare, None),
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
    Some(Reference { span: at..end, form, name })
}

/// POSIX XBD 3, *Name*: letters, digits and underscores, of which the first is no digit.
fn continues_name(byte: u8, first: bool) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || (byte.is_ascii_digit() && !first)
}
