//! The laws of `dotenv`: what is written is read, whatever the style; every text is read or refused; no error repeats it.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Result, Unstructured};
use envref::dotenv::parse;

use crate::case;

/// Checks all laws on a file of the fuzzer: a text, and entries made of the same bytes.
pub fn check(data: &[u8]) {
    errors_have_a_line_and_nothing_of_it(case::raw_text(data));
    if let Ok(file) = File::arbitrary(&mut Unstructured::new(data)) {
        what_is_written_is_read(&file);
    }
}

/// Entries, each with the style to write it in.
#[derive(Debug)]
pub struct File {
    entries: Vec<Entry>,
    line_break: &'static str,
    bom: bool,
}

#[derive(Debug)]
struct Entry {
    before: &'static str,
    name: String,
    equals: &'static str,
    value: String,
    style: Style,
    after: &'static str,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Style {
    Bare,
    Single,
    Double,
}

impl<'a> Arbitrary<'a> for File {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut entries = Vec::new();
        for _ in 0..u.int_in_range(0..=4)? {
            let first = *u.choose(&["A", "_", "export", "z9"])?;
            let before = *u.choose(&["", " ", "export ", "\t export\t", "# A=comment\n\n"])?;
            entries.push(Entry {
                before,
                name: format!("{first}{}", u.choose(&["", "_B", "9", ".x", "-y"])?),
                equals: u.choose(&["=", " =", "= ", "\t=\t "])?,
                value: value(u)?,
                style: u.arbitrary()?,
                after: u.choose(&["", " ", " # $A 'c\" \\", "\t#"])?,
            });
        }
        Ok(Self { entries, line_break: u.choose(&["\n", "\r\n", "\r"])?, bom: u.arbitrary()? })
    }
}

/// Returns a value: any text, or one of what means something somewhere.
fn value(u: &mut Unstructured<'_>) -> Result<String> {
    if u.ratio(1, 4)? {
        return u.arbitrary();
    }
    let mut value = String::new();
    for _ in 0..u.int_in_range(0..=6)? {
        value.push_str(u.choose(&[
            "a", "$A", "${HOME}", "$(id)", "`id`", "'", "\"", "\\", "\\n", "#", " #", " ", "\t", "\n", "\r",
            "\r\n", "=", "export", "é", "\u{FEFF}", "\0",
        ])?);
    }
    Ok(value)
}

/// Returns `value` in `style`, or in double quotes where that style cannot say it.
fn written(value: &str, style: Style, after_blank: bool, line_break: &str) -> String {
    let is_blank = |c| matches!(c, ' ' | '\t');
    let begins_comment = |at: usize| value[..at].chars().next_back().map_or(after_blank, is_blank);
    let is_bare = !value.contains(['\n', '\r'])
        && !value.starts_with(['\'', '"', ' ', '\t'])
        && !value.ends_with(is_blank)
        && !value.match_indices('#').any(|(at, _)| begins_comment(at));
    match style {
        Style::Bare if is_bare => value.to_owned(),
        Style::Single if !value.contains(['\'', '\r']) => format!("'{}'", value.replace('\n', line_break)),
        // Half of what can be escaped may stand for itself, too.
        Style::Single => format!("\"{}\"", escaped(value, &['\\', '"', '\r']).replace('\n', line_break)),
        _ => format!("\"{}\"", escaped(value, &['\\', '"', '\n', '\r', '\t', '$'])),
    }
}

fn escaped(value: &str, special: &[char]) -> String {
    let mut escaped = String::new();
    for c in value.chars() {
        match c {
            _ if !special.contains(&c) => escaped.push(c),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            _ => escaped.extend(['\\', c]),
        }
    }
    escaped
}

/// A file of entries is read as those entries, of which the last with a name counts.
pub fn what_is_written_is_read(file: &File) {
    let line_break = file.line_break;
    let mut text = String::from(if file.bom { "\u{FEFF}" } else { "" });
    let mut expected = BTreeMap::new();
    for Entry { before, name, equals, value, style, after } in &file.entries {
        let after_blank = !equals.ends_with('=');
        text.push_str(&before.replace('\n', line_break));
        text.extend([name, *equals, &written(value, *style, after_blank, line_break), after, line_break]);
        expected.insert(name.clone(), value.clone());
    }
    assert_eq!(parse(&text).as_ref(), Ok(&expected), "{text:?}");
    // Whether there is a break at the end makes no difference.
    assert_eq!(parse(text.strip_suffix(line_break).unwrap_or(&text)), Ok(expected), "{text:?}");
}

/// Every text is read or refused, and then with a line that it has and with one of the messages that there are.
pub fn errors_have_a_line_and_nothing_of_it(text: &str) {
    let Err(error) = parse(text) else { return };
    let lines = 1 + text.replace("\r\n", "\n").matches(['\n', '\r']).count();
    assert!((1..=lines).contains(&error.line()), "{error}");
    let message = error.to_string();
    let message = message.strip_prefix(&format!("line {} ", error.line())).unwrap_or(&message);
    let messages = [
        "is not NAME=VALUE",
        "opens a quote that is never closed",
        "has text after a closing quote",
        "has an unknown escape: use \\n, \\r, \\t, \\$, \\\\ or \\\", or single quotes, which take a backslash literally",
    ];
    assert!(messages.contains(&message), "{message}");
}
