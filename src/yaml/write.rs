//! How a scalar is written with values in it: in its own style, with only the bytes of the references changed, if every
//! parser reads the result alike; otherwise double-quoted, on one line.

use alloc::borrow::Cow;
use alloc::string::String;
use core::ops::Range;

use granit_parser::ScalarStyle;

use crate::token::{Reference, Token};
use crate::yaml::decode::reads_as;
use crate::yaml::encode::{
    BREAKS, BREAKS_1_1, double_quoted, escape, fits_plain, has_break_1_1, holds_marker, is_blank,
    is_printable, misleads,
};
use crate::yaml::scan::Scalar;

/// A reference or an escape of a scalar, and the text that takes its place.
pub(super) struct Replacement<'t> {
    pub(super) token: Token<'t>,
    /// Where it is in the stream, in bytes, if that is known.
    pub(super) place: Option<Range<usize>>,
    pub(super) value: Cow<'t, str>,
}

impl<'t> Replacement<'t> {
    /// Returns the reference, if it is one.
    pub(super) fn reference(&self) -> Option<Reference<'t>> {
        match self.token {
            Token::Reference(reference) => Some(reference),
            _ => None,
        }
    }

    /// Returns what is replaced, for messages.
    pub(super) fn shown(&self) -> Cow<'t, str> {
        self.reference().map_or_else(|| self.token.text().into(), |it| it.shown())
    }
}

/// The new source of a scalar.
pub(super) struct Rewrite<'t> {
    /// What it replaces, in bytes of the stream.
    pub(super) span: Range<usize>,
    pub(super) source: String,
    pub(super) style: ScalarStyle,
    /// What the parser then reads.
    pub(super) text: &'t str,
}

impl<'t> Rewrite<'t> {
    /// Returns how `scalar`, which is in `input`, is written with the values of `replaced`: its text is then `text`.
    ///
    /// `None` if parsers already differ so much about the scalar that no result is right for all of them.
    pub(super) fn of(
        input: &str,
        scalar: &Scalar<'_>,
        replaced: &[Replacement<'_>],
        text: &'t str,
    ) -> Option<Self> {
        let span = scalar.inner();
        let writer = Writer { input, scalar, replaced, text, before: input.get(span.clone())? };
        let source = match scalar.style {
            // Parsers that break lines there would fold them, and end a block.
            _ if has_break_1_1(writer.before) => None,
            ScalarStyle::Plain => writer.plain(),
            ScalarStyle::SingleQuoted => writer.single_quoted(),
            ScalarStyle::DoubleQuoted => writer.double_quoted(),
            ScalarStyle::Literal => writer.literal(),
            ScalarStyle::Folded => writer.folded(),
        };
        match source {
            Some(source) => Some(Self { span, source, style: scalar.style, text }),
            None => writer.requoted(),
        }
    }

    /// Returns how `scalar`, which is in `input`, is written double-quoted with `text` for its text; `None` as for
    /// [`of`](Self::of).
    #[cfg(feature = "origins")]
    pub(super) fn requoted(input: &str, scalar: &Scalar<'_>, text: &'t str) -> Option<Self> {
        let before = input.get(scalar.inner())?;
        Writer { input, scalar, replaced: &[], text, before }.requoted()
    }
}

struct Writer<'w, 't> {
    input: &'w str,
    scalar: &'w Scalar<'w>,
    replaced: &'w [Replacement<'w>],
    text: &'t str,
    /// The source of the scalar as it is, without quotes.
    before: &'w str,
}

/// A function for each style: which values it accepts, how they are written, and whether the result reads as it should.
impl<'t> Writer<'_, 't> {
    fn plain(&self) -> Option<String> {
        let in_flow = self.scalar.in_flow;
        if !self.values().all(|value| may_be_in_plain(value, in_flow)) {
            return None;
        }
        let source = self.splice(String::push_str)?;
        // What libyaml takes for indicators in a flow collection, whatever follows, has to stay.
        let indicators = indicators(&source, in_flow);
        let rest = source.get(indicators.len()..)?;
        let fits = indicators == self::indicators(self.before, in_flow)
            && fits_plain(rest, in_flow)
            && !misleads(rest)
            && self.unfolds(&source);
        fits.then_some(source)
    }

    fn single_quoted(&self) -> Option<String> {
        if !self.values().all(is_line) {
            return None;
        }
        let source = self.splice(|source, value| source.push_str(&value.replace('\'', "''")))?;
        self.unfolds(&source).then_some(source)
    }

    fn double_quoted(&self) -> Option<String> {
        let source = self.splice(escape)?;
        self.unfolds(&source).then_some(source)
    }

    fn literal(&self) -> Option<String> {
        let fits = |value: &str| value.split('\n').all(is_line);
        // libyaml and others end a block at a line in the first column.
        let fits = self.scalar.indent > 0
            && self.values().all(fits)
            && has_edges_of(self.text, &self.scalar.text)
            && bears_indentation(self.text, self.scalar);
        if !fits {
            return None;
        }
        let line_break = line_break_before(self.input, self.scalar.span.start);
        let indent = " ".repeat(self.scalar.indent);
        self.splice(|source, value| push_lines(source, value, line_break, &indent))
    }

    fn folded(&self) -> Option<String> {
        // A line that begins with a blank is not folded, and an empty one is a break.
        let fits = |value: &str| is_line(value) && !value.is_empty() && value.trim_matches(is_blank) == value;
        if self.scalar.indent == 0 || !self.values().all(fits) {
            return None;
        }
        self.splice(String::push_str)
    }

    /// Returns the scalar as a double-quoted one, on one line.
    fn requoted(&self) -> Option<Rewrite<'t>> {
        match self.scalar.style {
            ScalarStyle::Plain => self.quoted_plain(),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                Some(self.quoted(self.scalar.span.clone(), double_quoted(self.text)))
            }
            ScalarStyle::Literal | ScalarStyle::Folded => self.quoted_block(),
        }
    }

    /// Returns a plain scalar as a double-quoted one.
    fn quoted_plain(&self) -> Option<Rewrite<'t>> {
        let Scalar { in_flow, ref span, .. } = *self.scalar;
        // libyaml reads a key in `[?$A]`, unless it is quoted.
        let is_key = !indicators(self.before, in_flow).is_empty();
        let differs = |line: &str| !is_read_alike(line, in_flow);
        if is_key || has_break_1_1(self.before) && self.before.split(BREAKS_1_1).any(differs) {
            return None;
        }
        let mut source = double_quoted(self.text);
        // libyaml takes blank lines for a part of the scalar, in which tabs may be; below a quoted one, a tab is a token.
        let rest = self.input.get(span.end..)?;
        let (blank, _) = rest.split_at(rest.len() - rest.trim_start_matches(is_blank_or_break).len());
        let (line, below) = blank.split_at(blank.find(BREAKS).unwrap_or(blank.len()));
        if in_flow || !below.contains('\t') {
            return Some(self.quoted(span.clone(), source));
        }
        source.push_str(line);
        push_without_tabs(&mut source, below);
        Some(self.quoted(span.start..span.end + blank.len(), source))
    }

    /// Returns a block scalar as a double-quoted one.
    fn quoted_block(&self) -> Option<Rewrite<'t>> {
        let Self { input, scalar, text, before: body, .. } = *self;
        // To some parsers, what is not indented after a break of YAML 1.1 is not part of the scalar.
        let differs = |line: &str| {
            let line = line.split(BREAKS).next().unwrap_or_default();
            let indent = line.len() - line.trim_start_matches(' ').len();
            indent < scalar.indent.max(1) && !is_read_alike(line, false)
        };
        if has_break_1_1(body) && body.split(BREAKS_1_1).skip(1).any(differs) {
            return None;
        }
        // At the end of a stream, a last line without a break has none in its text either (§8.1.1.2), and other parsers read
        // it so; this one adds it.
        let mut lines = body.rsplit(BREAKS);
        let last_line = lines.next().unwrap_or_default();
        let is_text = lines.next().is_none() || last_line.len() > scalar.indent;
        let adds_break = scalar.span.end == input.len() && is_text && scalar.text.ends_with('\n');
        let text = text.strip_suffix('\n').filter(|_| adds_break).unwrap_or(text);
        let mut source = double_quoted(text);
        // It takes the place of the header; the rest of that line stays, and so do the empty lines below.
        let header = header(input, scalar)?;
        source.push_str(input.get(header.end..scalar.span.start)?.split(BREAKS).next()?);
        let body_end = body.trim_end_matches(is_blank_or_break).len();
        push_without_tabs(&mut source, body.get(body_end..)?.trim_start_matches(is_blank));
        Some(Rewrite { text, ..self.quoted(header.start..scalar.span.end, source) })
    }

    fn quoted(&self, span: Range<usize>, source: String) -> Rewrite<'t> {
        Rewrite { span, source, style: ScalarStyle::DoubleQuoted, text: self.text }
    }

    fn values(&self) -> impl Iterator<Item = &str> {
        self.replaced.iter().map(|it| &*it.value)
    }

    /// Returns the source with the values in it, as `write` writes them; `None` if it is not known where they belong.
    fn splice(&self, write: impl Fn(&mut String, &str)) -> Option<String> {
        let Range { start: mut copied, end } = self.scalar.inner();
        let mut source = String::with_capacity(end.saturating_sub(copied));
        for Replacement { place, value, .. } in self.replaced {
            let place = place.as_ref()?;
            source.push_str(self.input.get(copied..place.start)?);
            write(&mut source, value);
            copied = place.end;
        }
        source.push_str(self.input.get(copied..end)?);
        Some(source)
    }

    /// Tells whether `source` is read as it should be where lines are folded, which depends on what a value has at the
    /// ends of a line.
    fn unfolds(&self, source: &str) -> bool {
        !self.before.contains(BREAKS)
            || !holds_marker(source) && reads_as(source, self.scalar.style, self.text)
    }
}

/// Tells whether a value can be a part of a plain scalar. Some parsers end it at a tab or, in a flow collection, at a `?`.
pub(super) fn may_be_in_plain(value: &str, in_flow: bool) -> bool {
    is_line(value) && !value.contains('\t') && !(in_flow && value.contains('?'))
}

/// Tells whether a value is at most one line, in every parser.
fn is_line(value: &str) -> bool {
    value.chars().all(is_printable)
}

/// Returns what libyaml takes for indicators at the start of a plain scalar of a flow collection.
fn indicators(source: &str, in_flow: bool) -> &str {
    let rest = source.trim_start_matches(|c| in_flow && matches!(c, '?' | ':'));
    source.strip_suffix(rest).unwrap_or_default()
}

/// Tells whether a part of a scalar between breaks of YAML 1.1 is only text where these end a line.
fn is_read_alike(line: &str, in_flow: bool) -> bool {
    let line = line.trim_matches(is_blank_or_break);
    line.is_empty() || indicators(line, in_flow).is_empty() && fits_plain(line, in_flow)
}

/// Appends the lines of `value`, all but the first on a line of its own behind `indent`.
fn push_lines(source: &mut String, value: &str, line_break: &str, indent: &str) {
    let mut lines = value.split('\n').peekable();
    source.push_str(lines.next().unwrap_or_default());
    while let Some(line) = lines.next() {
        source.push_str(line_break);
        // The source goes on in the last line; empty lines need no indentation.
        if !line.is_empty() || lines.peek().is_none() {
            source.push_str(indent);
        }
        source.push_str(line);
    }
}

/// Tells whether a text begins and ends with the same blanks and breaks as before, and has more than those. Then a block
/// scalar keeps its indentation and its chomping (YAML 1.2.2 §8.1.1). Where a blank line, or one that begins with a
/// blank, would decide about them, parsers differ.
fn has_edges_of(text: &str, before: &str) -> bool {
    let (start, start_before) =
        (text.trim_start_matches(is_blank_or_break), before.trim_start_matches(is_blank_or_break));
    let (end, end_before) =
        (text.trim_end_matches(is_blank_or_break), before.trim_end_matches(is_blank_or_break));
    !start.is_empty()
        && text.strip_suffix(start) == before.strip_suffix(start_before)
        && text.strip_prefix(end) == before.strip_prefix(end_before)
}

/// Tells whether indenting the lines that values add costs at most a small multiple of the text. Otherwise a short stream
/// with a deep indentation could take disproportionate memory and time.
fn bears_indentation(text: &str, scalar: &Scalar<'_>) -> bool {
    let lines = |text: &str| memchr::memchr_iter(b'\n', text.as_bytes()).count();
    let added = lines(text).saturating_sub(lines(&scalar.text));
    added.saturating_mul(scalar.indent) <= 4096 + text.len().saturating_mul(16)
}

/// Returns the line break before byte `at` and the blanks there.
fn line_break_before(input: &str, at: usize) -> &'static str {
    let before = input.get(..at).unwrap_or_default().trim_end_matches(' ');
    if before.ends_with("\r\n") { "\r\n" } else { "\n" }
}

/// Appends blank lines without the tabs in them.
fn push_without_tabs(source: &mut String, blank: &str) {
    source.extend(blank.chars().filter(|c| *c != '\t'));
}

fn is_blank_or_break(c: char) -> bool {
    is_blank(c) || BREAKS.contains(&c)
}

/// Returns where the header of a block scalar is (§8.1.1), without its comment.
///
/// The parser does not say. Between the previous event and the body there can only be document markers, the indicator of
/// the entry, tag, anchor and comments: the first `|` or `>` that begins a word and is in no comment begins the header.
fn header(input: &str, scalar: &Scalar<'_>) -> Option<Range<usize>> {
    let mut rest = input.get(scalar.after..scalar.span.start)?;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{FEFF}']);
        let len = match rest.chars().next()? {
            '|' | '>' => {
                let start = scalar.span.start - rest.len();
                let indicators = rest
                    .get(1..)?
                    .trim_start_matches(['+', '-', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
                return Some(start..scalar.span.start - indicators.len());
            }
            '#' => rest.find(BREAKS)?,
            '!' | '&' => rest.find(is_blank_or_break)?,
            '-' | '.' | ':' | '?' => 1,
            _ => return None,
        };
        rest = rest.get(len..)?;
    }
}
