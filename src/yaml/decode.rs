//! From the source of a flow scalar to its text, piece by piece, so that a place in the text can be found in the source.
//!
//! It is used only where it agrees with the parser.

use core::ops::Range;

use granit_parser::ScalarStyle;

/// A piece of the text of a flow scalar, and of its source.
#[derive(Debug, Clone)]
pub(super) struct Piece<'s> {
    pub(super) text: Text<'s>,
    pub(super) source: Range<usize>,
}

/// The text of a piece.
#[derive(Debug, Clone, Copy)]
pub(super) enum Text<'s> {
    /// As written.
    Copied(&'s str),
    /// A character for an escape.
    Escaped(char),
    /// This many newlines.
    Newlines(usize),
}

impl Text<'_> {
    pub(super) fn len(self) -> usize {
        match self {
            Text::Copied(text) => text.len(),
            Text::Escaped(c) => c.len_utf8(),
            Text::Newlines(count) => count,
        }
    }

    /// Returns what comes after the piece in `text`, if it begins with it.
    fn strip(self, text: &str) -> Option<&str> {
        match self {
            Text::Copied(copied) => text.strip_prefix(copied),
            Text::Escaped(c) => text.strip_prefix(c),
            Text::Newlines(count) => {
                let rest = text.get(count..)?;
                text.strip_suffix(rest)?.bytes().all(|byte| byte == b'\n').then_some(rest)
            }
        }
    }
}

/// Reads the source of a flow scalar, without its quotes (YAML 1.2.2 §6.5, §7.3). Ends early at an unknown escape.
#[derive(Debug, Clone)]
pub(super) struct Pieces<'s> {
    source: &'s str,
    at: usize,
    style: ScalarStyle,
}

/// Returns the pieces of `source`, which tile it, and of which the text is made.
pub(super) fn pieces(source: &str, style: ScalarStyle) -> Pieces<'_> {
    Pieces { source, at: 0, style }
}

/// Tells whether `source` reads as `text`.
pub(super) fn reads_as(source: &str, style: ScalarStyle, text: &str) -> bool {
    let mut pieces = pieces(source, style);
    let rest = pieces.try_fold(text, |rest, piece| piece.text.strip(rest));
    rest == Some("") && pieces.at == source.len()
}

impl<'s> Iterator for Pieces<'s> {
    type Item = Piece<'s>;

    fn next(&mut self) -> Option<Piece<'s>> {
        let is_double = self.style == ScalarStyle::DoubleQuoted;
        let is_single = self.style == ScalarStyle::SingleQuoted;
        let special = |c: char| {
            matches!(c, ' ' | '\t' | '\n' | '\r') || is_double && c == '\\' || is_single && c == '\''
        };
        let rest = self.source.get(self.at..)?;
        let first = rest.chars().next()?;
        let blanks = blanks(rest);
        let (text, len) = if let Some((len, breaks)) = line_breaks(rest.get(blanks..)?) {
            // §6.5: one break is folded into a space; of several, the first is dropped.
            (if breaks == 1 { Text::Escaped(' ') } else { Text::Newlines(breaks - 1) }, blanks + len)
        } else if blanks > 0 {
            (Text::Copied(rest.get(..blanks)?), blanks)
        } else if is_double && first == '\\' {
            let code = rest.get(1..)?;
            if let Some((len, breaks)) = line_breaks(code) {
                // §7.3.1: an escaped break is dropped; empty lines after it are not.
                (Text::Newlines(breaks - 1), 1 + len)
            } else {
                let (c, len) = escape(code)?;
                (Text::Escaped(c), 1 + len)
            }
        } else if is_single && first == '\'' {
            (Text::Escaped('\''), 2)
        } else {
            let len = rest.find(special).unwrap_or(rest.len());
            (Text::Copied(rest.get(..len)?), len)
        };
        let start = self.at;
        self.at += len;
        Some(Piece { text, source: start..self.at })
    }
}

/// Returns how many spaces and tabs a text begins with.
fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

/// Reads the line breaks that a text begins with, and the blanks after each, and returns their length and number.
fn line_breaks(text: &str) -> Option<(usize, usize)> {
    let mut rest = text;
    let mut breaks = 0;
    while let Some(after) = ["\r\n", "\n", "\r"].iter().find_map(|line_break| rest.strip_prefix(line_break)) {
        breaks += 1;
        rest = after.get(blanks(after)..)?;
    }
    (breaks > 0).then_some((text.len() - rest.len(), breaks))
}

/// Reads an escape, without its backslash, and returns its character and length (§5.7).
fn escape(text: &str) -> Option<(char, usize)> {
    let code = text.chars().next()?;
    let digits = match code {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    if digits > 0 {
        let hex = text.get(1..=digits).filter(|hex| !hex.starts_with('+'))?;
        let value = u32::from_str_radix(hex, 16).ok()?;
        return Some((char::from_u32(value)?, 1 + digits));
    }
    let c = match code {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\x0B',
        'f' => '\x0C',
        'r' => '\r',
        'e' => '\x1B',
        ' ' | '"' | '/' | '\\' => code,
        'N' => '\u{85}',
        '_' => '\u{A0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        _ => return None,
    };
    Some((c, code.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::scan::parser;
    use alloc::format;
    use alloc::string::String;
    use granit_parser::Event;

    /// What the parser reads, if it is one scalar.
    fn parsed(source: &str) -> Option<String> {
        let mut text = None;
        for event in parser(source) {
            if let (Event::Scalar(scalar, ..), _) = event.ok()? {
                text = Some(scalar.into_owned());
            }
        }
        text
    }

    /// What a source is read as.
    fn text(source: &str, style: ScalarStyle) -> String {
        let mut text = String::new();
        for piece in pieces(source, style) {
            match piece.text {
                Text::Copied(copied) => text.push_str(copied),
                Text::Escaped(c) => text.push(c),
                Text::Newlines(count) => text.extend(core::iter::repeat_n('\n', count)),
            }
        }
        text
    }

    #[test]
    fn each_escape_is_what_it_is_to_the_parser() {
        for code in (0..=0x17F).filter_map(char::from_u32).filter(|c| !matches!(c, '\n' | '\r')) {
            for digits in ["", "4", "41", "0041", "00000041", "D800", "0001F600", "0011FFFF", "+041"] {
                let source = format!("a\\{code}{digits}z");
                let read = text(&source, ScalarStyle::DoubleQuoted);
                match parsed(&format!("\"{source}\"")) {
                    Some(parsed) => {
                        assert!(reads_as(&source, ScalarStyle::DoubleQuoted, &parsed), "{source:?}");
                    }
                    None => assert!(!reads_as(&source, ScalarStyle::DoubleQuoted, &read), "{source:?}"),
                }
            }
        }
    }

    #[test]
    fn pieces_tile_source_and_text_which_is_that_of_the_parser() {
        use ScalarStyle::{DoubleQuoted, Plain, SingleQuoted};
        for (style, source) in [
            (Plain, "one"),
            (Plain, "one two\tthree"),
            (Plain, "one\n  two\r\n\r  three  \n\n\n\tfour"),
            (SingleQuoted, "it''s \n  ''one''\n\n two"),
            (SingleQuoted, " \n one\\ \n "),
            (DoubleQuoted, "\\ta \\x41\\u0041\\U00000041\\\" \\\\"),
            (DoubleQuoted, "one\\\n  two \\\n\n\n  \\ three\n\n\n  four \n five"),
            (DoubleQuoted, "\\\r\n\\\r one \n \\n "),
        ] {
            let quote = match style {
                SingleQuoted => "'",
                DoubleQuoted => "\"",
                _ => "",
            };
            let text = text(source, style);
            assert_eq!(parsed(&format!("{quote}{source}{quote}")).as_ref(), Some(&text), "{source:?}");
            assert!(reads_as(source, style, &text), "{source:?}");
            assert!(!reads_as(source, style, &(text.clone() + "x")), "{source:?}");
            assert!(!reads_as(source, style, text.get(1..).unwrap_or_default()), "{source:?}");
            let mut at = 0;
            for piece in pieces(source, style) {
                assert_eq!(piece.source.start, at, "{source:?}");
                at = piece.source.end;
            }
            assert_eq!(at, source.len(), "{source:?}");
        }
    }
}
