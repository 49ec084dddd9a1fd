//! Places in a document: the path to a value, and patterns that choose values by their paths. It knows no format.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use crate::error::acts_on_terminals;

/// Patterns that choose which values of a document take part in expansion, by their paths.
///
/// A pattern is a path in which some steps are left open. It has to match the whole path of a value:
///
/// | pattern | chooses |
/// |---|---|
/// | `workspace_dir` | the value of the key `workspace_dir` at the top |
/// | `channels[0].kind` | the value of `kind` in the first entry of `channels` |
/// | `channels[*].config.*` | each value of each channel's `config`, but nothing deeper |
/// | `channels[*].config.**` | everything in each channel's `config`, however deep, and `config` itself |
/// | `**.token` | the value of each key `token`, wherever it is |
/// | `annotations["a.b/c"]` | the value of the key `a.b/c`; a quote or backslash in it takes a backslash |
/// | `["a\u{1b}"]` | the value of a key with the control character ESC |
///
/// ```abnf
/// pattern = first *( "." ( key / "*" / "**" ) / index )
/// first   = key / "*" / "**" / index
/// index   = "[" ( 1*DIGIT / "*" / DQUOTE *( unescaped / escape ) DQUOTE ) "]"
/// escape  = "\" ( DQUOTE / "\" / "u{" 1*HEXDIG "}" )
/// key     = 1*( any character but ".", "[", "]", "*" and DQUOTE )
/// ```
///
/// `*` stands for any one key, `[*]` for any one index of a sequence, and `**` for any number of steps of either kind, even
/// none. Errors and inventories show paths in the same syntax, with escapes for what a terminal would act upon: keys may come
/// from a stranger. They show no more of a key than 64 characters, and of a path 256 bytes, with `…` for the rest, so that
/// many references below a long key take no more than linear time and memory.
///
/// ```
/// let paths = envref::Paths::new(["workspace_dir", "channels[*].config.*"])?;
///
/// let error = envref::Paths::new(["channels[].config"]).unwrap_err();
/// assert_eq!(error.to_string(), "no index between the brackets, at byte 9 of the path `channels[].config`");
/// # Ok::<(), envref::PathError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    patterns: Vec<Vec<Step>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    AnyKey,
    Index(usize),
    AnyIndex,
    /// Any number of steps.
    Any,
}

impl Paths {
    /// Returns the choice of everything.
    #[must_use]
    pub fn all() -> Self {
        Self { patterns: Vec::from([Vec::from([Step::Any])]) }
    }

    /// Returns the choice of what any of `patterns` matches: nothing, if there is none.
    ///
    /// # Errors
    ///
    /// If a pattern does not have the syntax of a path: `""`, `a..b` (an empty key), `a[` (not closed), `a[x]` (no
    /// index), `a*` (`*` is a step of its own).
    pub fn new<I>(patterns: I) -> Result<Self, PathError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let parse = |pattern: I::Item| parse(pattern.as_ref());
        Ok(Self { patterns: patterns.into_iter().map(parse).collect::<Result<_, _>>()? })
    }

    /// Returns the length of the longest key in the patterns, in bytes.
    #[cfg(feature = "serde")]
    pub(crate) fn longest_key(&self) -> usize {
        let keys =
            self.patterns.iter().flatten().map(|step| if let Step::Key(key) = step { key.len() } else { 0 });
        keys.max().unwrap_or_default()
    }

    /// Tells whether `path` is chosen.
    pub(crate) fn contain(&self, path: &Path) -> bool {
        self.patterns.iter().any(|pattern| matches(pattern, path))
    }
}

impl Default for Paths {
    /// Returns the choice of everything.
    fn default() -> Self {
        Self::all()
    }
}

/// Matches steps one by one. Where that fails, the last `**` takes one step more, so that the time is at most the product
/// of the two lengths.
fn matches(pattern: &[Step], path: &Path) -> bool {
    let (mut steps, mut segments) = (pattern, path.segments.as_slice());
    let mut last_any = None;
    loop {
        match (steps.split_first(), segments.split_first()) {
            (Some((Step::Any, rest)), _) => {
                last_any = Some((rest, segments));
                steps = rest;
            }
            (Some((step, rest)), Some((segment, below))) if path.is_at(step, segment) => {
                (steps, segments) = (rest, below);
            }
            (None, None) => return true,
            _ => {
                let Some((rest, [_, below @ ..])) = last_any else { return false };
                last_any = Some((rest, below));
                (steps, segments) = (rest, below);
            }
        }
    }
}

/// Why a text is no path. Returned by [`Paths::new`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}, at byte {at} of the path `{path}`")]
pub struct PathError {
    problem: &'static str,
    at: usize,
    path: String,
}

/// What is wrong, and the rest of the path from there on.
type Problem<'a> = (&'static str, &'a str);

fn parse(path: &str) -> Result<Vec<Step>, PathError> {
    let mut steps = Vec::new();
    let mut rest = path;
    while steps.is_empty() || !rest.is_empty() {
        let step = match (rest.strip_prefix('['), rest.strip_prefix('.')) {
            (Some(index), _) => parse_index(index),
            (None, Some(named)) if !steps.is_empty() => parse_named(named),
            (None, _) if steps.is_empty() => parse_named(rest),
            (None, _) => Err(("neither `.` nor `[` after a step", rest)),
        };
        let (step, after) = step.map_err(|(problem, rest)| PathError {
            problem,
            at: path.len() - rest.len(),
            path: path.to_owned(),
        })?;
        steps.push(step);
        rest = after;
    }
    Ok(steps)
}

/// Reads a key, `*` or `**`.
fn parse_named(text: &str) -> Result<(Step, &str), Problem<'_>> {
    if let Some(rest) = text.strip_prefix("**") {
        return Ok((Step::Any, rest));
    }
    if let Some(rest) = text.strip_prefix('*') {
        return Ok((Step::AnyKey, rest));
    }
    let (key, rest) = text.find(is_special).and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""));
    if key.is_empty() {
        return Err(("no key", text));
    }
    Ok((Step::Key(key.to_owned()), rest))
}

/// Reads what comes after a `[`, to its `]`.
fn parse_index(text: &str) -> Result<(Step, &str), Problem<'_>> {
    let (step, rest) = if let Some(quoted) = text.strip_prefix('"') {
        let (key, rest) = parse_quoted(quoted)?;
        (Step::Key(key), rest)
    } else if let Some(rest) = text.strip_prefix('*') {
        (Step::AnyIndex, rest)
    } else {
        let (digits, rest) =
            text.find(']').and_then(|at| text.split_at_checked(at)).ok_or(("no `]`", text))?;
        // `parse` would take a sign, too.
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let index =
            digits.parse().ok().filter(|_| is_number).ok_or(("no index between the brackets", text))?;
        (Step::Index(index), rest)
    };
    let rest = rest.strip_prefix(']').ok_or(("no `]`", rest))?;
    Ok((step, rest))
}

/// Reads a quoted key from behind its first quote to behind its last.
fn parse_quoted(text: &str) -> Result<(String, &str), Problem<'_>> {
    let mut key = String::new();
    let mut chars = text.chars();
    loop {
        match chars.next() {
            Some('"') => return Ok((key, chars.as_str())),
            Some('\\') => {
                let (c, rest) =
                    parse_escaped(chars.as_str()).ok_or(("a backslash that begins no escape", text))?;
                key.push(c);
                chars = rest.chars();
            }
            Some(c) => key.push(c),
            None => return Err(("no closing quote", text)),
        }
    }
}

/// Reads what comes after a backslash.
fn parse_escaped(text: &str) -> Option<(char, &str)> {
    if let Some(number) = text.strip_prefix("u{") {
        let (digits, rest) = number.split_once('}')?;
        // `from_str_radix` would take a sign, too.
        let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| is_number)?;
        return Some((char::from_u32(number)?, rest));
    }
    let mut chars = text.chars();
    let escaped = chars.next().filter(|c| matches!(c, '"' | '\\'))?;
    Some((escaped, chars.as_str()))
}

fn is_special(c: char) -> bool {
    matches!(c, '.' | '[' | ']' | '*' | '"')
}

/// How many characters of a key are shown.
pub(crate) const SHOWN_OF_KEY: usize = 64;
/// How many bytes of a path are shown.
const SHOWN_OF_PATH: usize = 256;

/// The path to where a reader of a document is. Entering and leaving allocates only while it grows.
///
/// Shown in the syntax of [`Paths`]; the top is the empty path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Path {
    segments: Vec<Segment>,
    /// The keys of the segments, one after the other.
    keys: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    /// An entry of a map; its key begins at byte `start` of the keys, and ends with `end`.
    Key { start: usize, end: usize },
    /// An entry of a sequence.
    Index(usize),
    /// An entry of a map whose key is no scalar, `[?]`. Only the wildcards for keys match it.
    Unnamed,
}

impl Path {
    pub(crate) fn push_key(&mut self, key: &str) {
        let start = self.keys.len();
        self.keys.push_str(key);
        self.segments.push(Segment::Key { start, end: self.keys.len() });
    }

    pub(crate) fn push_index(&mut self, index: usize) {
        self.segments.push(Segment::Index(index));
    }

    pub(crate) fn push_unnamed(&mut self) {
        self.segments.push(Segment::Unnamed);
    }

    /// Leaves the innermost segment.
    #[cfg(any(feature = "yaml", test))]
    pub(crate) fn pop(&mut self) {
        if let Some(Segment::Key { start, .. }) = self.segments.pop() {
            self.keys.truncate(start);
        }
    }

    /// Goes back to the top.
    #[cfg(feature = "serde")]
    pub(crate) fn clear(&mut self) {
        self.segments.clear();
        self.keys.clear();
    }

    /// Turns a path that was entered from its inner end, from a place to the one around it, the right way round. It is for
    /// looking at: leaving it segment by segment no longer works.
    #[cfg(feature = "serde")]
    pub(crate) fn reverse(&mut self) {
        self.segments.reverse();
    }

    /// Returns the path as it is shown: long ones without their middle.
    pub(crate) fn shown(&self) -> String {
        let text = self.to_string();
        if text.len() <= SHOWN_OF_PATH {
            return text;
        }
        let end = start_of(&text, text.len() - SHOWN_OF_PATH / 2).len();
        format!("{}…{}", start_of(&text, SHOWN_OF_PATH / 2), text.get(end..).unwrap_or_default())
    }

    fn key(&self, start: usize, end: usize) -> &str {
        self.keys.get(start..end).unwrap_or_default()
    }

    /// Tells whether a step of a pattern, other than `**`, matches a segment.
    fn is_at(&self, step: &Step, segment: &Segment) -> bool {
        match (step, segment) {
            (Step::Key(key), Segment::Key { start, end }) => key == self.key(*start, *end),
            (Step::Index(step), Segment::Index(index)) => step == index,
            (Step::AnyIndex, Segment::Index(_)) | (Step::AnyKey, Segment::Key { .. } | Segment::Unnamed) => {
                true
            }
            _ => false,
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Unnamed => f.write_str("[?]")?,
                Segment::Key { start, end } => {
                    let key = self.key(*start, *end);
                    let rest = key.char_indices().nth(SHOWN_OF_KEY).map(|(at, _)| at);
                    let key = rest.and_then(|at| key.get(..at)).unwrap_or(key);
                    let cut = if rest.is_some() { "…" } else { "" };
                    if key.is_empty() || key.contains(is_special) || key.contains(acts_on_terminals) {
                        write_quoted(key, cut, f)?;
                    } else if position == 0 {
                        write!(f, "{key}{cut}")?;
                    } else {
                        write!(f, ".{key}{cut}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn write_quoted(key: &str, cut: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

    /// Makes a path of keys and, where a part is a number, indices.
    fn path(parts: &[&str]) -> Path {
        let mut path = Path::default();
        for part in parts {
            match part.parse() {
                Ok(index) => path.push_index(index),
                Err(_) => path.push_key(part),
            }
        }
        path
    }

    #[test]
    fn patterns_match_whole_paths() {
        let cases: [(&str, &[&str], bool); 30] = [
            ("a", &["a"], true),
            ("a", &["a", "b"], false),
            ("a", &["b"], false),
            ("a", &[], false),
            ("a.b", &["a", "b"], true),
            ("a.b", &["a", "c"], false),
            ("*", &["a"], true),
            ("*", &["0"], false),
            ("[*]", &["0"], true),
            ("[*]", &["a"], false),
            ("[1]", &["1"], true),
            ("[1]", &["2"], false),
            ("a[*].b", &["a", "7", "b"], true),
            ("a[*].b", &["a", "b"], false),
            ("[0][1]", &["0", "1"], true),
            ("a.*", &["a", "b"], true),
            ("a.*", &["a"], false),
            ("a.*", &["a", "b", "c"], false),
            ("**", &[], true),
            ("**", &["a", "0", "b"], true),
            ("a.**", &["a"], true),
            ("a.**", &["a", "b", "1"], true),
            ("a.**", &["b", "a"], false),
            ("**.b", &["b"], true),
            ("**.b", &["a", "0", "b"], true),
            ("**.b", &["b", "c"], false),
            ("**.b.*.d", &["b", "b", "x", "b", "c", "d"], true),
            ("**.b.*.d", &["b", "b", "x", "b", "c", "e"], false),
            ("a.**.b.**.c", &["a", "b", "a", "b", "x", "c"], true),
            ("a.**.b.**.c", &["a", "b", "a", "b", "x"], false),
        ];
        for (pattern, parts, expected) in cases {
            let paths = Paths::new([pattern]).unwrap();
            assert_eq!(paths.contain(&path(parts)), expected, "{pattern} on {parts:?}");
        }
    }

    #[test]
    fn any_pattern_will_do_and_no_pattern_chooses_nothing() {
        let paths = Paths::new(["a", "b"]).unwrap();
        assert!(paths.contain(&path(&["a"])) && paths.contain(&path(&["b"])));
        assert!(!paths.contain(&path(&["c"])));
        assert!(!Paths::new::<[&str; 0]>([]).unwrap().contain(&path(&[])));
        assert!(Paths::default().contain(&path(&["a", "0"])));
    }

    #[test]
    fn an_unnamed_key_matches_wildcards_only() {
        let mut unnamed = Path::default();
        unnamed.push_unnamed();
        assert_eq!(unnamed.to_string(), "[?]");
        for (pattern, expected) in [("*", true), ("**", true), ("[*]", false), ("[\"?\"]", false)] {
            assert_eq!(Paths::new([pattern]).unwrap().contain(&unnamed), expected, "{pattern}");
        }
    }

    #[test]
    fn a_shown_path_is_a_pattern_for_itself() {
        let keys = [
            "a",
            "a.b",
            "",
            "a\"b",
            "a\\b",
            "a\\\"",
            "[0]",
            "*",
            "**",
            "a b",
            "é",
            "a\nb",
            "\u{1B}[2J",
            "\u{202E}",
            "\t",
            "-",
            "]",
        ];
        for first in keys {
            for second in keys {
                let path = path(&[first, "3", second]);
                let pattern = Paths::new([path.to_string()]).unwrap();
                assert!(pattern.contain(&path), "{path}");
                assert_eq!(pattern.patterns[0].len(), 3);
            }
        }
        assert_eq!(path(&["a", "0", "b.c", "d"]).to_string(), r#"a[0]["b.c"].d"#);
    }

    #[test]
    fn a_shown_path_does_nothing_to_a_terminal() {
        let path = path(&["a\nforged: line", "\u{1B}[2J\u{202E}\"", "\\u{41}", "\\.\t"]);
        assert_eq!(path.to_string(), r#"["a\u{a}forged: line"]["\u{1b}[2J\u{202e}\""].\u{41}["\\.\u{9}"]"#);
        assert!(Paths::new([path.to_string()]).unwrap().contain(&path));
    }

    #[test]
    fn leaving_undoes_entering() {
        let mut path = path(&["a", "0"]);
        let before = path.clone();
        path.push_key("key");
        path.push_unnamed();
        path.push_index(1);
        assert_eq!(path.to_string(), "a[0].key[?][1]");
        for _ in 0..3 {
            path.pop();
        }
        assert_eq!(path, before);
        Path::default().pop();
    }

    #[test]
    fn what_is_no_path_is_an_error_that_says_where() {
        let cases = [
            ("", "no key, at byte 0 of the path ``"),
            (".a", "no key, at byte 0 of the path `.a`"),
            ("a.", "no key, at byte 2 of the path `a.`"),
            ("a..b", "no key, at byte 2 of the path `a..b`"),
            ("a[", "no `]`, at byte 2 of the path `a[`"),
            ("a[]", "no index between the brackets, at byte 2 of the path `a[]`"),
            ("a[x]", "no index between the brackets, at byte 2 of the path `a[x]`"),
            ("a[-1]", "no index between the brackets, at byte 2 of the path `a[-1]`"),
            ("a[+1]", "no index between the brackets, at byte 2 of the path `a[+1]`"),
            (
                "[99999999999999999999]",
                "no index between the brackets, at byte 1 of the path `[99999999999999999999]`",
            ),
            ("a[*", "no `]`, at byte 3 of the path `a[*`"),
            ("a[\"b\"", "no `]`, at byte 5 of the path `a[\"b\"`"),
            ("a[\"b", "no closing quote, at byte 3 of the path `a[\"b`"),
            ("a[\"\\b\"]", "a backslash that begins no escape, at byte 3 of the path `a[\"\\b\"]`"),
            ("[\"\\u{}\"]", "a backslash that begins no escape, at byte 2 of the path `[\"\\u{}\"]`"),
            ("[\"\\u{+41}\"]", "a backslash that begins no escape, at byte 2 of the path `[\"\\u{+41}\"]`"),
            ("[\"\\u{d800}\"]", "a backslash that begins no escape, at byte 2 of the path `[\"\\u{d800}\"]`"),
            ("[\"\\u{41\"]", "a backslash that begins no escape, at byte 2 of the path `[\"\\u{41\"]`"),
            ("a*", "neither `.` nor `[` after a step, at byte 1 of the path `a*`"),
            ("***", "neither `.` nor `[` after a step, at byte 2 of the path `***`"),
            ("a[0]b", "neither `.` nor `[` after a step, at byte 4 of the path `a[0]b`"),
            ("a]", "neither `.` nor `[` after a step, at byte 1 of the path `a]`"),
        ];
        for (pattern, message) in cases {
            assert_eq!(Paths::new([pattern]).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn long_keys_and_paths_are_cut_short() {
        let long = "é".repeat(65);
        let cut = "é".repeat(64) + "…";
        let fits = "é".repeat(64);
        assert_eq!(path(&[&long, &fits, "b"]).to_string(), format!("{cut}.{fits}.b"));
        assert_eq!(path(&[&(".".repeat(64) + "é")]).to_string(), format!("[\"{}…\"]", ".".repeat(64)));
        assert_eq!(path(&["a", &long]).to_string(), format!("a.{cut}"));

        let deep: Vec<_> = (0..100).map(|index| index.to_string()).collect();
        let deep = path(&deep.iter().map(String::as_str).collect::<Vec<_>>());
        let shown = deep.shown();
        assert_eq!(shown.len(), 256 + "…".len());
        assert!(
            shown.starts_with("[0][1][2]") && shown.contains("…") && shown.ends_with("[98][99]"),
            "{shown}"
        );
        let short = path(&["a".repeat(64).as_str(), &"b".repeat(64), &"c".repeat(64), &"d".repeat(61)]);
        assert_eq!((short.to_string().len(), short.shown()), (256, short.to_string()));
    }

    #[test]
    fn the_start_of_a_text_ends_with_a_character() {
        let text = "aé\u{1F600}b";
        let starts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(|len| start_of(text, len).len());
        assert_eq!(starts, [0, 1, 1, 3, 3, 3, 3, 7, 8, 8]);
    }
}
