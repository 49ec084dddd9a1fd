//! How the source of a scalar changes when its references are replaced: as little as its style allows, and otherwise to a
//! double-quoted scalar.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use granit_parser::ScalarStyle;

use crate::yaml::decode::decode;
use crate::yaml::encode::{double_quoted, escape, fits_plain, holds_marker, is_printable};
use crate::yaml::locate::{Located, inner};
use crate::yaml::scan::Scalar;

/// A reference with the value that takes its place, or `None` if it stays.
pub(super) type Resolved<'t, 'v> = (Located<'t>, Option<Cow<'v, str>>);

/// A change of the source of one scalar.
pub(super) struct Edit<'t> {
    /// What is replaced, in bytes of the stream.
    pub(super) span: Range<usize>,
    pub(super) source: String,
    /// The style of the scalar afterwards.
    pub(super) style: ScalarStyle,
    /// What the parser then reads.
    pub(super) text: &'t str,
}

/// Returns the change that makes `text` of the text of `scalar` by replacing `resolved`.
///
/// `None` if there is no way to write that: only if the header of a block scalar is not where it should be.
pub(super) fn edit<'t>(
    input: &str,
    scalar: &Scalar<'_>,
    resolved: &[Resolved<'_, '_>],
    text: &'t str,
) -> Option<Edit<'t>> {
    let is_exact = resolved.iter().all(|(located, _)| located.is_exact);
    let spliced = if is_exact { spliced(input, scalar, resolved, text) } else { None };
    spliced.or_else(|| requoted(input, scalar, text))
}

/// Returns the scalar in its own style, with no byte changed outside its references, if it fits.
fn spliced<'t>(
    input: &str,
    scalar: &Scalar<'_>,
    resolved: &[Resolved<'_, '_>],
    text: &'t str,
) -> Option<Edit<'t>> {
    let span = inner(scalar);
    let before = input.get(span.clone())?;
    let mut values = resolved.iter().filter_map(|(_, value)| value.as_deref());
    let style = scalar.style;
    let values_fit = match style {
        ScalarStyle::Plain | ScalarStyle::SingleQuoted => values.all(is_line),
        ScalarStyle::DoubleQuoted => true,
        ScalarStyle::Literal => {
            values.all(|value| value.split('\n').all(is_line))
                && has_edges_of(text, &scalar.text)
                && bears_indentation(text, scalar)
        }
        ScalarStyle::Folded => values
            .all(|value| is_line(value) && !value.is_empty() && value.trim_matches([' ', '\t']) == value),
    };
    if !values_fit {
        return None;
    }
    let source = match style {
        ScalarStyle::Plain | ScalarStyle::Folded => splice(input, &span, resolved, String::push_str)?,
        ScalarStyle::SingleQuoted => {
            splice(input, &span, resolved, |source, value| source.push_str(&value.replace('\'', "''")))?
        }
        ScalarStyle::DoubleQuoted => splice(input, &span, resolved, escape)?,
        ScalarStyle::Literal => {
            let line_break = line_break_before(input, span.start);
            let indent = " ".repeat(scalar.indent);
            splice(input, &span, resolved, |source, value| push_lines(source, value, line_break, &indent))?
        }
    };
    // Where lines are folded, what a value does at the ends of a line has to be looked at.
    let unfolds = || {
        !before.contains(['\n', '\r'])
            || !holds_marker(&source) && decode(&source, style).is_some_and(|decoded| decoded.text == text)
    };
    let fits = match style {
        ScalarStyle::Plain => fits_plain(&source, scalar.in_flow) && unfolds(),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => unfolds(),
        ScalarStyle::Literal | ScalarStyle::Folded => scalar.indent > 0 || !holds_marker(&source),
    };
    fits.then_some(Edit { span, source, style, text })
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

/// Returns the part `span` of `input` with the values of `resolved` in it, as `write` writes them; `None` if a CR and an LF
/// came together that way, which are one line break instead of two (YAML 1.2.2 §5.4).
fn splice(
    input: &str,
    span: &Range<usize>,
    resolved: &[Resolved<'_, '_>],
    write: impl Fn(&mut String, &str),
) -> Option<String> {
    let mut output = String::with_capacity(span.len());
    let mut copied = span.start;
    let mut seams = Vec::new();
    for (located, value) in resolved {
        let Some(value) = value else { continue };
        output.push_str(input.get(copied..located.span.start)?);
        seams.push(output.len());
        write(&mut output, value);
        seams.push(output.len());
        copied = located.span.end;
    }
    output.push_str(input.get(copied..span.end)?);
    let is_apart = |at: &usize| output.get(at.saturating_sub(1)..=*at) != Some("\r\n");
    seams.iter().all(is_apart).then_some(output)
}

fn is_line(value: &str) -> bool {
    value.chars().all(is_printable)
}

/// Tells whether a text begins and ends with the same blanks and breaks as it did, and is not only that. Then a block
/// scalar has the indentation and the chomping that it had (YAML 1.2.2 §8.1.1); where a line that is blank, or begins
/// so, would decide about them, parsers differ.
fn has_edges_of(text: &str, before: &str) -> bool {
    let blank = [' ', '\t', '\n'];
    let (start, start_before) = (text.trim_start_matches(blank), before.trim_start_matches(blank));
    let (end, end_before) = (text.trim_end_matches(blank), before.trim_end_matches(blank));
    !start.is_empty()
        && text.strip_suffix(start) == before.strip_suffix(start_before)
        && text.strip_prefix(end) == before.strip_prefix(end_before)
}

/// Tells whether indenting the lines that values add costs no more than a small multiple of the text. Otherwise a short
/// stream with a deep indentation could take memory and time out of all proportion.
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

/// Returns the scalar as a double-quoted one.
pub(super) fn requoted<'t>(input: &str, scalar: &Scalar<'_>, text: &'t str) -> Option<Edit<'t>> {
    let style = ScalarStyle::DoubleQuoted;
    if !matches!(scalar.style, ScalarStyle::Literal | ScalarStyle::Folded) {
        return Some(Edit { span: scalar.span.clone(), source: double_quoted(text), style, text });
    }
    let body = input.get(scalar.span.clone())?;
    // At the end of a stream, a last line without a break has none in its text either (§8.1.1.2), and other parsers read
    // it so; this one adds it.
    let mut lines = body.rsplit(['\n', '\r']);
    let last_line = lines.next().unwrap_or_default();
    let is_text = lines.next().is_none() || last_line.len() > scalar.indent;
    let adds_break = scalar.span.end == input.len() && is_text && scalar.text.ends_with('\n');
    let text = text.strip_suffix('\n').filter(|_| adds_break).unwrap_or(text);
    let mut source = double_quoted(text);
    // It takes the place of the header; the rest of that line stays, and so do the empty lines below.
    let header = header(input, scalar)?;
    let comment = input.get(header.end..scalar.span.start)?.split(['\n', '\r']).next()?;
    source.push_str(comment);
    let body_end = body.trim_end_matches([' ', '\t', '\n', '\r']).len();
    let below = body.get(body_end..)?.trim_start_matches([' ', '\t']);
    // libyaml takes a tab there for a token.
    source.extend(below.chars().filter(|c| *c != '\t'));
    Some(Edit { span: header.start..scalar.span.end, source, style, text })
}

/// Returns where the header of a block scalar is (§8.1.1), without its comment.
///
/// The parser does not tell. Between the event before the scalar and its body there can only be document markers, the
/// indicator of the entry, tag, anchor and comments; the first `|` or `>` that begins a word and is in no comment begins
/// the header.
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
            '#' => rest.find(['\n', '\r'])?,
            '!' | '&' => rest.find([' ', '\t', '\n', '\r'])?,
            '-' | '.' | ':' | '?' => 1,
            _ => return None,
        };
        rest = rest.get(len..)?;
    }
}
