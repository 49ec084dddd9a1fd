//! The place of a value in a document. Knows no format.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::snippet::acts_on_terminals;

/// Tells whether a character has a meaning in the syntax of paths, so that a key with it is quoted.
pub(crate) fn is_special(c: char) -> bool {
    matches!(c, '.' | '[' | ']' | '*' | '"')
}

/// How many characters of a key are shown.
const SHOWN_OF_KEY: usize = 64;
/// How many bytes of a path are shown.
const SHOWN_OF_PATH: usize = 256;

/// One step from a value to a value within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Segment<'k> {
    /// To an entry of a map.
    Key(&'k str),
    /// To an entry of a sequence.
    Index(usize),
    /// To an entry of a map whose key is not a scalar: `[?]`. Only the wildcards for keys match it.
    Unnamed,
}

/// The path to where a reader of a document is. Entering and leaving allocates only while it grows.
///
/// Shown in the syntax of [`Paths`](crate::Paths); the top is the empty path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Path {
    segments: Vec<Stored>,
    /// The keys of the segments, one after the other.
    keys: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stored {
    /// A key that begins at byte `start` of the keys, and ends with `end`.
    Key {
        start: usize,
        end: usize,
    },
    Index(usize),
    Unnamed,
}

impl Path {
    pub(crate) fn push(&mut self, segment: Segment<'_>) {
        self.segments.push(match segment {
            Segment::Key(key) => {
                let start = self.keys.len();
                self.keys.push_str(key);
                Stored::Key { start, end: self.keys.len() }
            }
            Segment::Index(index) => Stored::Index(index),
            Segment::Unnamed => Stored::Unnamed,
        });
    }

    /// Leaves the innermost segment.
    pub(crate) fn pop(&mut self) {
        if let Some(Stored::Key { start, .. }) = self.segments.pop() {
            self.keys.truncate(start);
        }
    }

    /// Returns how many segments there are.
    pub(crate) fn len(&self) -> usize {
        self.segments.len()
    }

    /// Returns the segments from the top down.
    pub(crate) fn segments(&self) -> impl DoubleEndedIterator<Item = Segment<'_>> {
        self.segments.iter().map(|segment| match *segment {
            Stored::Key { start, end } => Segment::Key(self.keys.get(start..end).unwrap_or_default()),
            Stored::Index(index) => Segment::Index(index),
            Stored::Unnamed => Segment::Unnamed,
        })
    }

    /// Returns the path as it is shown: a long one without its middle.
    pub(crate) fn shown(&self) -> String {
        let mut shown = String::new();
        self.show(&mut shown);
        shown
    }

    /// Appends the path as it is shown to `out`, which is empty. Takes time in proportion to what is shown.
    pub(crate) fn show(&self, out: &mut String) {
        for (position, segment) in self.segments().enumerate() {
            // Writing to a string does not fail.
            let _ = write_segment(segment, position == 0, out);
            if out.len() > SHOWN_OF_PATH {
                break;
            }
        }
        if out.len() <= SHOWN_OF_PATH {
            return;
        }
        let mut end = String::new();
        let mut below = self.segments.len();
        for segment in self.segments().rev() {
            below -= 1;
            let mut shown = String::new();
            let _ = write_segment(segment, below == 0, &mut shown);
            end.insert_str(0, &shown);
            if end.len() >= SHOWN_OF_PATH / 2 {
                break;
            }
        }
        out.truncate(start_of(out, SHOWN_OF_PATH / 2).len());
        out.push('…');
        let cut = start_of(&end, end.len() - SHOWN_OF_PATH / 2).len();
        out.push_str(end.get(cut..).unwrap_or_default());
    }
}

fn write_segment(segment: Segment<'_>, is_first: bool, out: &mut impl fmt::Write) -> fmt::Result {
    let key = match segment {
        Segment::Index(index) => return write!(out, "[{index}]"),
        Segment::Unnamed => return out.write_str("[?]"),
        Segment::Key(key) => key,
    };
    let rest = key.char_indices().nth(SHOWN_OF_KEY).map(|(at, _)| at);
    let key = rest.and_then(|at| key.get(..at)).unwrap_or(key);
    let cut = if rest.is_some() { "…" } else { "" };
    // A pattern that begins with `!` excludes.
    let is_quoted = key.is_empty() || key.starts_with('!') || key.contains(is_special);
    if is_quoted || key.contains(acts_on_terminals) {
        write_quoted(key, cut, out)
    } else {
        write!(out, "{}{key}{cut}", if is_first { "" } else { "." })
    }
}

fn write_quoted(key: &str, cut: &str, f: &mut impl fmt::Write) -> fmt::Result {
    f.write_str("[\"")?;
    for c in key.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            c if acts_on_terminals(c) => write!(f, "{}", c.escape_unicode())?,
            c => f.write_char(c)?,
        }
    }
    write!(f, "{cut}\"]")
}

/// Returns the characters of `text` that end within its first `len` bytes.
pub(crate) fn start_of(text: &str, len: usize) -> &str {
    if text.len() <= len {
        return text;
    }
    // A character has at most four bytes.
    (len.saturating_sub(3)..=len).rev().find_map(|len| text.get(..len)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    /// Makes a path of keys and, where a part is a number, indices.
    fn path(parts: &[&str]) -> Path {
        let mut path = Path::default();
        for part in parts {
            path.push(part.parse().map_or(Segment::Key(part), Segment::Index));
        }
        path
    }

    #[test]
    fn a_shown_path_does_nothing_to_a_terminal() {
        let path = path(&["a\nforged: line", "\u{1B}[2J\u{202E}\"", "\\u{41}", "\\.\t"]);
        assert_eq!(path.shown(), r#"["a\u{a}forged: line"]["\u{1b}[2J\u{202e}\""].\u{41}["\\.\u{9}"]"#);
    }

    #[test]
    fn leaving_undoes_entering() {
        let mut path = path(&["a", "0"]);
        let before = path.clone();
        path.push(Segment::Key("key"));
        path.push(Segment::Unnamed);
        path.push(Segment::Index(1));
        assert_eq!(path.shown(), "a[0].key[?][1]");
        for _ in 0..3 {
            path.pop();
        }
        assert_eq!(path, before);
        Path::default().pop();
    }

    #[test]
    fn long_keys_and_paths_are_cut_short() {
        let long = "é".repeat(65);
        let cut = "é".repeat(64) + "…";
        let fits = "é".repeat(40);
        assert_eq!(path(&[&long, &fits, "b"]).shown(), format!("{cut}.{fits}.b"));
        assert_eq!(path(&[&(".".repeat(64) + "é")]).shown(), format!("[\"{}…\"]", ".".repeat(64)));
        assert_eq!(path(&["a", &long]).shown(), format!("a.{cut}"));

        let deep: Vec<_> = (0..100).map(|index| index.to_string()).collect();
        let deep = path(&deep.iter().map(String::as_str).collect::<Vec<_>>());
        let shown = deep.shown();
        assert_eq!(shown.len(), 256 + "…".len());
        assert!(
            shown.starts_with("[0][1][2]") && shown.contains("…") && shown.ends_with("[98][99]"),
            "{shown}"
        );
        let short = path(&["a".repeat(64).as_str(), &"b".repeat(64), &"c".repeat(64), &"d".repeat(61)]);
        assert_eq!((short.shown().len(), short.shown().contains('…')), (256, false));
    }

    #[test]
    fn the_start_of_a_text_ends_with_a_character() {
        let text = "aé\u{1F600}b";
        let starts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(|len| start_of(text, len).len());
        assert_eq!(starts, [0, 1, 1, 3, 3, 3, 3, 7, 8, 8]);
    }
}
