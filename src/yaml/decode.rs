//! From the source of a flow scalar to its text, with a map from the text back to the source.
//!
//! It is believed only where it agrees with the parser.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use granit_parser::ScalarStyle;

/// The text of a flow scalar, and where its parts come from.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) text: String,
    /// In the order of the text, which they tile.
    pieces: Vec<Piece>,
}

/// A piece of the text: copied from the source byte by byte, or one character for an escape, or the fold of line breaks.
#[derive(Debug)]
struct Piece {
    text: Range<usize>,
    source: Range<usize>,
}

impl Decoded {
    fn push(&mut self, text: &str, source: Range<usize>) {
        let start = self.text.len();
        self.text.push_str(text);
        self.pieces.push(Piece { text: start..self.text.len(), source });
    }

    /// Returns where in the source a part of the text is, which is not empty: a reference.
    pub(super) fn source(&self, text: &Range<usize>) -> Option<Range<usize>> {
        let (first, from_start, _) = self.piece(text.start)?;
        let (last, _, to_end) = self.piece(text.end.checked_sub(1)?)?;
        Some(first.source.start + from_start..last.source.end - to_end)
    }

    /// Returns the piece that holds a byte of the text, and how many bytes of the source are before and after that byte in
    /// the piece: none in an escape, which is not divided.
    fn piece(&self, at: usize) -> Option<(&Piece, usize, usize)> {
        let index = self.pieces.partition_point(|piece| piece.text.end <= at);
        let piece = self.pieces.get(index)?;
        let copied = piece.source.len() == piece.text.len();
        let before = at - piece.text.start;
        Some(if copied { (piece, before, piece.text.len() - before - 1) } else { (piece, 0, 0) })
    }
}

/// Decodes the source of a flow scalar, without its quotes (YAML 1.2.2 §6.5, §7.3). `None` if there is an unknown escape.
pub(super) fn decode(source: &str, style: ScalarStyle) -> Option<Decoded> {
    let is_double = style == ScalarStyle::DoubleQuoted;
    let is_single = style == ScalarStyle::SingleQuoted;
    let special =
        |c: char| matches!(c, ' ' | '\t' | '\n' | '\r') || is_double && c == '\\' || is_single && c == '\'';
    let mut decoded = Decoded::default();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let at = source.len() - rest.len();
        let blanks = blanks(rest);
        let after_blanks = rest.get(blanks..)?;
        let len = if let Some((len, breaks)) = line_breaks(after_blanks) {
            // §6.5: one break is folded into a space; of several, the first is dropped.
            let folded = if breaks == 1 { " ".into() } else { "\n".repeat(breaks - 1) };
            decoded.push(&folded, at..at + blanks + len);
            blanks + len
        } else if blanks > 0 {
            decoded.push(rest.get(..blanks)?, at..at + blanks);
            blanks
        } else if is_double && first == '\\' {
            let code = rest.get(1..)?;
            if let Some((len, breaks)) = line_breaks(code) {
                // §7.3.1: an escaped break is dropped; empty lines after it are not.
                decoded.push(&"\n".repeat(breaks - 1), at..at + 1 + len);
                1 + len
            } else {
                let (c, len) = escape(code)?;
                decoded.push(c.encode_utf8(&mut [0; 4]), at..at + 1 + len);
                1 + len
            }
        } else if is_single && first == '\'' {
            decoded.push("'", at..at + 2);
            2
        } else {
            let len = rest.find(special).unwrap_or(rest.len());
            decoded.push(rest.get(..len)?, at..at + len);
            len
        };
        rest = rest.get(len..)?;
    }
    Some(decoded)
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

/// Reads an escape from behind its backslash, and returns its character and length (§5.7).
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

    #[test]
    fn each_escape_is_what_it_is_to_the_parser() {
        for code in (0..=0x17F).filter_map(char::from_u32).filter(|c| !matches!(c, '\n' | '\r')) {
            for digits in ["", "4", "41", "0041", "00000041", "D800", "0001F600", "0011FFFF", "+041"] {
                let source = format!("a\\{code}{digits}z");
                let decoded = decode(&source, ScalarStyle::DoubleQuoted).map(|decoded| decoded.text);
                assert_eq!(decoded, parsed(&format!("\"{source}\"")), "{source:?}");
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
            let decoded = decode(source, style).unwrap_or_default();
            let quote = match style {
                SingleQuoted => "'",
                DoubleQuoted => "\"",
                _ => "",
            };
            assert_eq!(
                parsed(&format!("{quote}{source}{quote}")).as_ref(),
                Some(&decoded.text),
                "{source:?}"
            );
            let (mut text, mut from) = (0, 0);
            for piece in &decoded.pieces {
                assert_eq!((piece.text.start, piece.source.start), (text, from), "{source:?}");
                (text, from) = (piece.text.end, piece.source.end);
            }
            assert_eq!((text, from), (decoded.text.len(), source.len()), "{source:?}");
        }
    }
}
