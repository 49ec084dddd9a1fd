//! Patterns over the places of a document, which select the values that take part. Knows no format.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::str::FromStr;

use crate::path::{Path, Segment, is_special};

/// Selects the values of a document that are expanded, by patterns of their paths. Set with
/// [`Expander::paths`](crate::Expander::paths).
///
/// A pattern is a path that may have wildcards. It has to match the whole path of a value:
///
/// | pattern | selects |
/// |---|---|
/// | `workspace_dir` | the value of the key `workspace_dir` at the top |
/// | `channels[0].kind` | the value of `kind` in the first entry of `channels` |
/// | `channels[*].config.*` | each value of each channel's `config`, but nothing deeper |
/// | `channels[*].config.**` | everything in each channel's `config`, however deep, and `config` itself |
/// | `**.token` | the value of each key `token`, wherever it is |
/// | `annotations["a.b/c"]` | the value of the key `a.b/c`; a quote or backslash in it takes a backslash |
/// | `["a\u{1b}"]` | the value of a key with the control character ESC |
/// | `!**.prompt` | excludes the value of each key `prompt` from what the patterns before it select |
///
/// ```abnf
/// pattern = [ "!" ] first *( "." ( key / "*" / "**" ) / index )
/// first   = key / "*" / "**" / index
/// index   = "[" ( 1*DIGIT / "*" / DQUOTE *( unescaped / escape ) DQUOTE ) "]"
/// escape  = "\" ( DQUOTE / "\" / "u{" 1*HEXDIG "}" )
/// key     = 1*( any character but ".", "[", "]", "*" and DQUOTE )
/// ```
///
/// The last pattern that matches decides, as in a `.gitignore`. If the first pattern excludes, it excludes from all
/// values. No pattern at all selects nothing.
///
/// Patterns see the document, not the type: serde reads a struct from a sequence, too, and `["x"]` in place of
/// `{"prompt": "x"}` has the path `[0]`. In an untrusted document, select what is expanded; do not rely on exclusion.
///
/// `*` stands for any one key, `[*]` for any one index of a sequence, and `**` for any number of steps of either kind, even
/// none. Errors and explanations show paths in the same syntax, with escapes for what a terminal would act upon, since
/// keys are untrusted, too. They show at most 64 characters of a key and 256 bytes of a path, with `…` for the rest, so
/// that many references below a long key take linear time and memory.
///
/// ```
/// let paths = envref::Paths::new(["workspace_dir", "channels[*].config.*", "!**.prompt"])?;
///
/// let error = envref::Paths::new(["channels[].config"]).unwrap_err();
/// assert_eq!(error.to_string(), "expected an index, `*` or a quoted key at byte 9 of the path `channels[].config`");
/// # Ok::<(), envref::PathError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    patterns: Arc<[Pattern]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    /// As written.
    text: String,
    excludes: bool,
    steps: Vec<Step>,
    /// The first of its positions: see [`Selection`].
    start: usize,
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
    /// Selects every value.
    #[must_use]
    pub fn all() -> Self {
        let steps = Vec::from([Step::Any]);
        Self { patterns: Arc::new([Pattern { text: "**".into(), excludes: false, steps, start: 0 }]) }
    }

    /// Returns the selection that `patterns` make, in their order. Without a pattern it selects nothing.
    ///
    /// # Errors
    ///
    /// If a pattern does not have the syntax of a path: `""`, `a..b` (an empty key), `a[` (not closed), `a[x]` (not an
    /// index), `a*` (`*` is a step of its own).
    pub fn new<I>(patterns: I) -> Result<Self, PathError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut start = 0;
        let parse = |pattern: I::Item| {
            let pattern = Pattern::parse(pattern.as_ref(), start)?;
            start = pattern.end() + 1;
            Ok(pattern)
        };
        Ok(Self { patterns: patterns.into_iter().map(parse).collect::<Result<_, _>>()? })
    }
}

impl Default for Paths {
    /// Selects every value.
    fn default() -> Self {
        Self::all()
    }
}

/// Reads one pattern.
impl FromStr for Paths {
    type Err = PathError;

    fn from_str(pattern: &str) -> Result<Self, PathError> {
        Self::new([pattern])
    }
}

impl Pattern {
    fn parse(text: &str, start: usize) -> Result<Self, PathError> {
        let (excludes, path) = text.strip_prefix('!').map_or((false, text), |path| (true, path));
        let steps = parse(path).map_err(|(problem, rest)| PathError {
            problem,
            offset: text.len() - rest.len(),
            pattern: text.to_owned(),
        })?;
        Ok(Self { text: text.to_owned(), excludes, steps, start })
    }

    /// Returns its last position.
    fn end(&self) -> usize {
        self.start + self.steps.len()
    }
}

/// Where the reader of a document is: the path, and how far each pattern has matched on the way there.
///
/// Entering a place takes time in proportion to the patterns, whatever the depth. So does asking whether it is selected.
pub(crate) struct Trail {
    path: Path,
    selection: Option<Selection>,
    /// At this many segments from the top, and below, nothing is selected, whatever the patterns say.
    sealed: Option<usize>,
}

impl Trail {
    /// Returns the trail at the top of a document. Without paths everything is selected.
    pub(crate) fn new(paths: Option<&Paths>) -> Self {
        Self { path: Path::default(), selection: paths.map(Selection::new), sealed: None }
    }

    pub(crate) fn push(&mut self, segment: Segment<'_>) {
        self.path.push(segment);
        if let Some(selection) = &mut self.selection {
            selection.push(segment);
        }
    }

    pub(crate) fn pop(&mut self) {
        self.path.pop();
        self.sealed = self.sealed.filter(|sealed| *sealed <= self.path.len());
        if let Some(selection) = &mut self.selection {
            selection.leave();
        }
    }

    /// Lets nothing be selected here and below.
    #[cfg(feature = "serde")]
    pub(crate) fn seal(&mut self) {
        self.sealed = self.sealed.or(Some(self.path.len()));
    }

    /// Goes back to the place that is `len` segments from the top.
    #[cfg(feature = "serde")]
    pub(crate) fn back_to(&mut self, len: usize) {
        while self.path.len() > len {
            self.pop();
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Tells whether the value here is selected.
    pub(crate) fn is_selected(&self) -> bool {
        self.sealed.is_none() && self.selection.as_ref().is_none_or(Selection::is_selected)
    }

    /// Notes that there is a value here: its patterns have matched something.
    pub(crate) fn note_value(&mut self) {
        if let Some(selection) = &mut self.selection {
            selection.note_value();
        }
    }

    /// Returns the patterns that no value has matched, as they were written.
    pub(crate) fn unmatched(&self) -> Vec<String> {
        self.selection.as_ref().map(Selection::unmatched).unwrap_or_default()
    }
}

/// The patterns as an automaton without backtracking: a position for each step, and one for the end of each pattern.
struct Selection {
    patterns: Arc<[Pattern]>,
    /// How many words a set of positions takes.
    words: usize,
    /// The sets of positions that were reached, one for each segment of the path and one before them, one after the other.
    reached: Vec<u64>,
    /// The positions that the values so far have reached.
    noted: Vec<u64>,
}

impl Selection {
    fn new(paths: &Paths) -> Self {
        let patterns = Arc::clone(&paths.patterns);
        let words = patterns.last().map_or(0, Pattern::end) / 64 + 1;
        let mut selection = Self { patterns, words, reached: Vec::new(), noted: Vec::new() };
        selection.enter(|pattern, _, set| insert(set, pattern.start));
        selection
    }

    fn push(&mut self, segment: Segment<'_>) {
        self.enter(|pattern, last, set| {
            for (position, step) in pattern.positions().filter(|(position, _)| contains(last, *position)) {
                if *step == Step::Any {
                    insert(set, position);
                } else if step.matches(segment) {
                    insert(set, position + 1);
                }
            }
        });
    }

    /// Adds a set, which `reach` fills for each pattern, given the last set; and what can be reached from there without a
    /// segment, since `**` stands for none, too.
    fn enter(&mut self, reach: impl Fn(&Pattern, &[u64], &mut [u64])) {
        let len = self.reached.len();
        self.reached.resize(len + self.words, 0);
        let Some((before, set)) = self.reached.split_at_mut_checked(len) else { return };
        let last = last_of(before, self.words);
        for pattern in self.patterns.iter() {
            reach(pattern, last, set);
            for (position, step) in pattern.positions() {
                if *step == Step::Any && contains(set, position) {
                    insert(set, position + 1);
                }
            }
        }
    }

    fn leave(&mut self) {
        self.reached.truncate(self.reached.len().saturating_sub(self.words));
    }

    /// Returns the set of positions that is reached.
    fn here(&self) -> &[u64] {
        last_of(&self.reached, self.words)
    }

    fn is_selected(&self) -> bool {
        match self.patterns.iter().rfind(|pattern| contains(self.here(), pattern.end())) {
            Some(pattern) => !pattern.excludes,
            // Where the first pattern excludes, it excludes from everything.
            None => self.patterns.first().is_some_and(|pattern| pattern.excludes),
        }
    }

    fn note_value(&mut self) {
        self.noted.resize(self.words, 0);
        let here = last_of(&self.reached, self.words);
        for (noted, here) in self.noted.iter_mut().zip(here) {
            *noted |= here;
        }
    }

    fn unmatched(&self) -> Vec<String> {
        let unmatched = self.patterns.iter().filter(|pattern| !contains(&self.noted, pattern.end()));
        unmatched.map(|pattern| pattern.text.clone()).collect()
    }
}

impl Pattern {
    /// Returns its steps with their positions.
    fn positions(&self) -> impl Iterator<Item = (usize, &Step)> {
        (self.start..).zip(&self.steps)
    }
}

/// Returns the last one of several sets of `words` words each, or nothing if there is none.
fn last_of(sets: &[u64], words: usize) -> &[u64] {
    sets.get(sets.len().saturating_sub(words)..).unwrap_or_default()
}

fn contains(set: &[u64], position: usize) -> bool {
    set.get(position / 64).is_some_and(|word| word >> (position % 64) & 1 == 1)
}

fn insert(set: &mut [u64], position: usize) {
    if let Some(word) = set.get_mut(position / 64) {
        *word |= 1 << (position % 64);
    }
}

impl Step {
    /// Tells whether a step other than `**` matches a segment.
    fn matches(&self, segment: Segment<'_>) -> bool {
        match (self, segment) {
            (Self::Key(key), Segment::Key(at)) => key == at,
            (Self::Index(index), Segment::Index(at)) => *index == at,
            (Self::AnyIndex, Segment::Index(_)) | (Self::AnyKey, Segment::Key(_) | Segment::Unnamed) => true,
            _ => false,
        }
    }
}

/// Why a text is not a pattern of a path. Returned by [`Paths::new`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at byte {offset} of the path `{pattern}`")]
pub struct PathError {
    problem: &'static str,
    offset: usize,
    pattern: String,
}

impl PathError {
    /// Returns the pattern at fault, as written.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Returns where in the pattern it is wrong, in bytes.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }
}

/// What is wrong, and the rest of the path from there on.
type Problem<'a> = (&'static str, &'a str);

fn parse(path: &str) -> Result<Vec<Step>, Problem<'_>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while steps.is_empty() || !rest.is_empty() {
        let (step, after) = match (rest.strip_prefix('['), rest.strip_prefix('.')) {
            (Some(index), _) => parse_index(index)?,
            (None, Some(named)) if !steps.is_empty() => parse_named(named)?,
            (None, _) if steps.is_empty() => parse_named(rest)?,
            (None, _) => return Err(("expected `.` or `[`", rest)),
        };
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
        return Err(("expected a key", text));
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
            text.find(']').and_then(|at| text.split_at_checked(at)).ok_or(("expected `]`", text))?;
        // `parse` would take a sign, too.
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let index = digits
            .parse()
            .ok()
            .filter(|_| is_number)
            .ok_or(("expected an index, `*` or a quoted key", text))?;
        (Step::Index(index), rest)
    };
    let rest = rest.strip_prefix(']').ok_or(("expected `]`", rest))?;
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
                let (c, rest) = parse_escaped(chars.as_str())
                    .ok_or((r#"unknown escape, expected `\"`, `\\` or `\u{…}`"#, text))?;
                key.push(c);
                chars = rest.chars();
            }
            Some(c) => key.push(c),
            None => return Err(("expected a closing quote", text)),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the trail to a place, of keys and, where a part is a number, indices.
    fn trail(paths: &Paths, parts: &[&str]) -> Trail {
        let mut trail = Trail::new(Some(paths));
        for part in parts {
            trail.push(segment(part));
        }
        trail
    }

    fn segment(part: &str) -> Segment<'_> {
        part.parse().map_or(Segment::Key(part), Segment::Index)
    }

    fn selects(paths: &Paths, parts: &[&str]) -> bool {
        trail(paths, parts).is_selected()
    }

    /// The same by backtracking.
    fn matches(steps: &[Step], parts: &[&str]) -> bool {
        match (steps, parts) {
            ([], []) => true,
            ([Step::Any, rest @ ..], _) => {
                matches(rest, parts) || matches!(parts, [_, below @ ..] if matches(steps, below))
            }
            ([step, rest @ ..], [part, below @ ..]) => step.matches(segment(part)) && matches(rest, below),
            _ => false,
        }
    }

    /// Every pattern of up to four steps, and every path of up to four segments.
    #[test]
    fn the_automaton_matches_what_backtracking_matches() {
        fn all<'t>(words: &[&'t str], len: usize) -> Vec<Vec<&'t str>> {
            let mut all = Vec::from([Vec::new()]);
            for _ in 0..len {
                let longer =
                    all.iter().flat_map(|it: &Vec<_>| words.iter().map(|word| [&it[..], &[*word]].concat()));
                all.extend(longer.collect::<Vec<_>>());
            }
            all
        }
        let paths = all(&["a", "b", "0"], 3);
        for steps in all(&["a", "b", "*", "**", "[0]", "[*]"], 3).iter().filter(|steps| !steps.is_empty()) {
            let pattern = steps.join(".").replace(".[", "[");
            let pattern = Paths::new([pattern]).unwrap();
            for path in &paths {
                let expected = matches(&pattern.patterns[0].steps, path);
                assert_eq!(selects(&pattern, path), expected, "{steps:?} on {path:?}");
            }
        }
    }

    #[test]
    fn the_last_pattern_that_matches_decides() {
        let paths = Paths::new(["**", "!**.prompt", "bots[0].prompt"]).unwrap();
        assert!(selects(&paths, &["a"]) && selects(&paths, &["bots", "0", "prompt"]));
        assert!(!selects(&paths, &["prompt"]) && !selects(&paths, &["bots", "1", "prompt"]));
        // Where the first excludes, it excludes from everything.
        let paths: Paths = "!**.prompt".parse().unwrap();
        assert!(selects(&paths, &["a"]) && !selects(&paths, &["prompt"]));
    }

    #[test]
    fn a_pattern_that_no_value_matches_is_told() {
        let many: Vec<_> =
            (0..70).map(|at| format!("a{at}.*")).chain(["**.b".into(), "!typo".into()]).collect();
        let paths = Paths::new(&many).unwrap();
        let mut trail = trail(&paths, &["a69", "b"]);
        trail.note_value();
        trail.pop();
        trail.note_value();
        let unmatched: Vec<_> = many.iter().filter(|it| *it != "a69.*" && *it != "**.b").cloned().collect();
        assert_eq!(trail.unmatched(), unmatched);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn nothing_is_selected_below_a_seal() {
        let mut trail = trail(&Paths::all(), &["a", "b"]);
        trail.seal();
        trail.push(Segment::Key("c"));
        assert!(!trail.is_selected());
        trail.back_to(2);
        assert!(!trail.is_selected());
        trail.back_to(1);
        assert!(trail.is_selected());
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
            assert_eq!(selects(&Paths::new([pattern]).unwrap(), parts), expected, "{pattern} on {parts:?}");
        }
    }

    #[test]
    fn any_pattern_will_do_and_no_pattern_selects_nothing() {
        let paths = Paths::new(["a", "b"]).unwrap();
        assert!(selects(&paths, &["a"]) && selects(&paths, &["b"]));
        assert!(!selects(&paths, &["c"]));
        assert!(!selects(&Paths::new::<[&str; 0]>([]).unwrap(), &[]));
        assert!(selects(&Paths::default(), &["a", "0"]));
    }

    #[test]
    fn an_unnamed_key_matches_wildcards_only() {
        for (pattern, expected) in [("*", true), ("**", true), ("[*]", false), ("[\"?\"]", false)] {
            let mut trail = Trail::new(Some(&Paths::new([pattern]).unwrap()));
            trail.push(Segment::Unnamed);
            assert_eq!((trail.path().shown().as_str(), trail.is_selected()), ("[?]", expected), "{pattern}");
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
            "!",
            "!a",
        ];
        for first in keys {
            for second in keys {
                let parts = [first, "3", second];
                let shown = trail(&Paths::all(), &parts).path().shown();
                let paths = Paths::new([&shown]).unwrap();
                assert!(selects(&paths, &parts) && paths.patterns[0].steps.len() == 3, "{shown}");
            }
        }
        let shown = trail(&Paths::all(), &["a", "0", "b.c", "d"]).path().shown();
        assert_eq!(shown, r#"a[0]["b.c"].d"#);
    }

    #[test]
    fn what_is_no_path_is_an_error_that_says_where() {
        let cases = [
            ("", "expected a key at byte 0 of the path ``"),
            (".a", "expected a key at byte 0 of the path `.a`"),
            ("a.", "expected a key at byte 2 of the path `a.`"),
            ("a..b", "expected a key at byte 2 of the path `a..b`"),
            ("a[", "expected `]` at byte 2 of the path `a[`"),
            ("a[]", "expected an index, `*` or a quoted key at byte 2 of the path `a[]`"),
            ("a[x]", "expected an index, `*` or a quoted key at byte 2 of the path `a[x]`"),
            ("a[-1]", "expected an index, `*` or a quoted key at byte 2 of the path `a[-1]`"),
            ("a[+1]", "expected an index, `*` or a quoted key at byte 2 of the path `a[+1]`"),
            (
                "[99999999999999999999]",
                "expected an index, `*` or a quoted key at byte 1 of the path `[99999999999999999999]`",
            ),
            ("a[*", "expected `]` at byte 3 of the path `a[*`"),
            ("a[\"b\"", "expected `]` at byte 5 of the path `a[\"b\"`"),
            ("a[\"b", "expected a closing quote at byte 3 of the path `a[\"b`"),
            (
                "a[\"\\b\"]",
                "unknown escape, expected `\\\"`, `\\\\` or `\\u{…}` at byte 3 of the path `a[\"\\b\"]`",
            ),
            (
                "[\"\\u{}\"]",
                "unknown escape, expected `\\\"`, `\\\\` or `\\u{…}` at byte 2 of the path `[\"\\u{}\"]`",
            ),
            (
                "[\"\\u{+41}\"]",
                "unknown escape, expected `\\\"`, `\\\\` or `\\u{…}` at byte 2 of the path `[\"\\u{+41}\"]`",
            ),
            (
                "[\"\\u{d800}\"]",
                "unknown escape, expected `\\\"`, `\\\\` or `\\u{…}` at byte 2 of the path `[\"\\u{d800}\"]`",
            ),
            (
                "[\"\\u{41\"]",
                "unknown escape, expected `\\\"`, `\\\\` or `\\u{…}` at byte 2 of the path `[\"\\u{41\"]`",
            ),
            ("a*", "expected `.` or `[` at byte 1 of the path `a*`"),
            ("***", "expected `.` or `[` at byte 2 of the path `***`"),
            ("a[0]b", "expected `.` or `[` at byte 4 of the path `a[0]b`"),
            ("!a]", "expected `.` or `[` at byte 2 of the path `!a]`"),
            ("!", "expected a key at byte 1 of the path `!`"),
            ("a]", "expected `.` or `[` at byte 1 of the path `a]`"),
        ];
        for (pattern, message) in cases {
            assert_eq!(Paths::new([pattern]).unwrap_err().to_string(), message);
        }
    }
}
