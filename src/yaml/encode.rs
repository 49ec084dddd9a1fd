//! How a text is written in each style of scalars, and whether it can be. Where parsers differ, the narrower rule counts.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

/// Tells whether every parser takes a character literally, in any style, and not as a line break: the printable ones of
/// YAML 1.2.2 §5.1, except the line breaks of YAML 1.1 (NEL, LS, PS) and the byte order mark.
pub(super) fn is_printable(c: char) -> bool {
    match c {
        '\u{2028}' | '\u{2029}' | '\u{FEFF}' => false,
        '\t' | ' '..='~' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'.. => true,
        _ => false,
    }
}

/// What ends a line (§5.4), and what did so before YAML 1.2, as it still does in libyaml: NEL, LS and PS.
pub(super) const BREAKS: [char; 2] = ['\n', '\r'];
pub(super) const BREAKS_1_1: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// Tells whether a source has more lines in YAML 1.1 than in YAML 1.2.
pub(super) fn has_break_1_1(source: &str) -> bool {
    !source.is_ascii() && source.contains(BREAKS_1_1)
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

/// Returns the lines of a source, with an empty one after each CRLF.
fn lines(source: &str) -> impl Iterator<Item = &str> {
    source.split(BREAKS)
}

/// Tells whether some parsers take a plain `text` for another type and then reject it: the keys `<<` and `=` of YAML 1.1,
/// numbers without a digit (`0x`, `._`), and dates that do not exist (`2026-02-30`).
pub(super) fn misleads(text: &str) -> bool {
    let number = text.trim_start_matches(['+', '-']);
    let digits = ["0b", "0o", "0x", "."].iter().find_map(|prefix| number.strip_prefix(prefix));
    matches!(text, "<<" | "=")
        || digits.is_some_and(|digits| number != "." && digits.chars().all(|c| c == '_'))
        || is_no_date(text)
}

/// Tells whether a text begins like a timestamp (`2026-11-21 17:15:00.5 +01:00`), with a number that is out of range.
fn is_no_date(text: &str) -> bool {
    if text.as_bytes().get(4) != Some(&b'-') {
        return false;
    }
    let is_digit = |c: char| c.is_ascii_digit();
    // What is behind a point is any number.
    let (before, after) = text.split_once('.').unwrap_or((text, ""));
    let after = after.trim_start_matches(is_digit);
    let numbers = before.split(|c| !is_digit(c)).chain(after.split(|c| !is_digit(c)));
    let numbers: Vec<&str> = numbers.filter(|digits| !digits.is_empty()).take(8).collect();
    let [year, month, ..] = numbers[..] else { return false };
    let date = text
        .strip_prefix(year)
        .and_then(|rest| rest.strip_prefix('-')?.strip_prefix(month)?.strip_prefix('-'));
    if year.len() != 4 || month.len() > 2 || !date.is_some_and(|rest| rest.starts_with(is_digit)) {
        return false;
    }
    let numbers: Vec<u32> = numbers.iter().map(|digits| digits.parse().unwrap_or(u32::MAX)).collect();
    let [year, month, day, ..] = numbers[..] else { return false };
    let days = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let most = [9999, 12, days, 23, 59, 59, 23, 59];
    year.min(month).min(day) == 0 || numbers.iter().zip(most).any(|(number, most)| *number > most)
}

pub(super) fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_type_and_is_none_misleads() {
        for text in [
            "<<",
            "=",
            "0x",
            "-0b_",
            "+0o__",
            "._",
            "0000-00-00",
            "2026-02-29",
            "2026-13-01",
            "2026-1-32 10:00:00",
            "2026-11-21T24:00:00",
            "2026-11-21 10:60:00",
            "2026-11-21 10:00:60",
            "2026-11-21 10:00:00.99 +24:00",
            "2026-11-21 10:00:00+01:60",
        ] {
            assert!(misleads(text), "{text}");
        }
        for text in [
            "",
            ".",
            "-",
            "<",
            "<<<",
            "==",
            "0x1",
            "0",
            "1_000",
            ".5",
            "2024-02-29",
            "2000-02-29",
            "2026-11-21",
            "2026-11-21T23:59:59.999999+23:59",
            "2026-1-1 1:00:00 Z",
            "12345-13-01",
            "2026-130-01",
            "2026-13",
            "2026-13-x",
            "x2026-13-01",
            "2026.13-13-13",
            "26-1-99",
            "2026-13",
        ] {
            assert!(!misleads(text), "{text}");
        }
    }
}
