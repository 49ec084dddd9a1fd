//! How a text is written in each style of scalars, and whether it can be. Where parsers differ, the narrower rule is kept.

use alloc::string::String;
use core::fmt::Write as _;

/// Tells whether a character is one that every parser takes as it stands, in any style, and that is no line break: the
/// printable ones of YAML 1.2.2 §5.1 but those that are line breaks in YAML 1.1 (NEL, LS, PS) and the byte order mark.
pub(super) fn is_printable(c: char) -> bool {
    match c {
        '\u{2028}' | '\u{2029}' | '\u{FEFF}' => false,
        '\t' | ' '..='~' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'.. => true,
        _ => false,
    }
}

/// Returns `text` as a double-quoted scalar on one line (§7.3.1). Every text can be written so.
pub(super) fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    escape(&mut quoted, text);
    quoted.push('"');
    quoted
}

/// Appends `text` as it is written within double quotes (§5.7).
pub(super) fn escape(output: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '"' => output.push_str("\\\""),
            '\\' => output.push_str("\\\\"),
            '\t' => output.push_str("\\t"),
            '\n' => output.push_str("\\n"),
            '\r' => output.push_str("\\r"),
            c if is_printable(c) => output.push(c),
            c => {
                let code = u32::from(c);
                // Writing to a `String` does not fail.
                let _ = if code <= 0xFF {
                    write!(output, "\\x{code:02X}")
                } else {
                    // Beyond 0xFFFF every character is printable.
                    write!(output, "\\u{code:04X}")
                };
            }
        }
    }
}

/// Tells whether `source` can stand as a plain scalar (§7.3.3), of one line or several, within a flow collection or not.
pub(super) fn fits_plain(source: &str, in_flow: bool) -> bool {
    let edge = |c: char| is_blank(c) || c == '\n' || c == '\r';
    let mut chars = source.chars();
    let starts = match chars.next() {
        None
        | Some(
            ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`',
        ) => false,
        // libyaml takes `?` and `:` for indicators in a flow collection, whatever follows.
        Some('?' | ':') if in_flow => false,
        Some('-' | '?' | ':') => chars.next().is_some_and(|c| !edge(c)),
        Some(_) => true,
    };
    starts
        && !source.starts_with(edge)
        && !source.ends_with(edge)
        && lines(source).all(|line| fits_plain_line(line.trim_matches(is_blank), in_flow))
        && !holds_marker(source)
}

fn fits_plain_line(line: &str, in_flow: bool) -> bool {
    let mut after_blank = true;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek();
        let fits = match c {
            '#' => !after_blank,
            ':' => next.is_some_and(|next| !(is_blank(*next) || in_flow && *next == '?')),
            ',' | '[' | ']' | '{' | '}' => !in_flow,
            c => is_printable(c),
        };
        if !fits {
            return false;
        }
        after_blank = is_blank(c);
    }
    true
}

/// Tells whether a line of `source` begins like a document marker (§9.1.2), which in the first column would end it.
pub(super) fn holds_marker(source: &str) -> bool {
    lines(source).any(|line| {
        let line = line.trim_start_matches(is_blank);
        line.starts_with("---") || line.starts_with("...")
    })
}

/// Returns the lines of a source (§5.4): each ends with LF, CRLF, behind which this has an empty line, or CR.
fn lines(source: &str) -> impl Iterator<Item = &str> {
    source.split(['\n', '\r'])
}

fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}
