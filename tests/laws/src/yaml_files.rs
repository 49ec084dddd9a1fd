//! The law of YAML text on files that people wrote, with references put into them at every kind of place.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{read_dir, read_to_string};
use std::iter::once;
use std::ops::Range;
use std::path::{Path, PathBuf};

use granit_parser::{Event, ScalarStyle};

use crate::yaml::{Keys, VALUES, events, holds, kind};

/// Checks the law on each file below `dir` that is YAML, as it is and in so many `rounds` with references put into it. Says
/// how many streams that were.
pub fn check(dir: &OsStr, rounds: usize) -> String {
    let dir = Path::new(dir);
    let mut files = Vec::new();
    files_below(dir, &mut files);
    let (mut read, mut tried) = (0, 0);
    let mut failures = Vec::new();
    for file in files {
        let Some(stream) = read_to_string(&file).ok().filter(|it| events(it).is_ok()) else { continue };
        read += 1;
        let seeded = (0..rounds).map(|round| seed(&stream, round)).filter(|it| events(it).is_ok());
        for stream in once(stream.clone()).chain(seeded) {
            tried += 1;
            for vars in [value, |_: &str| None] {
                let problem = holds(&stream, &vars, &|_| None).err();
                failures.extend(problem.map(|it| format!("{}: {it:.300}\n{stream:.300?}", file.display())));
            }
        }
    }
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
    assert!(read > 0, "no YAML below {}", Path::new(dir).display());
    format!("{tried} streams made of {read} files")
}

fn files_below(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        // A symbolic link is neither.
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files_below(&entry.path(), files);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
}

/// Returns a value for `V7_`, the one of that number; for what people wrote, too.
#[allow(clippy::unnecessary_wraps, reason = "one of two lookups")]
fn value(name: &str) -> Option<String> {
    let number: Option<usize> = name.strip_prefix('V').and_then(|rest| rest.strip_suffix('_')?.parse().ok());
    let number = number.unwrap_or_else(|| name.bytes().map(usize::from).sum());
    Some(VALUES[number % VALUES.len()].to_owned())
}

/// Puts references into the values of a stream: in each round others, into other parts of each.
fn seed(stream: &str, round: usize) -> String {
    let mut seeded = String::new();
    let mut copied = 0;
    let mut number = round * 7919;
    let mut keys = Keys::default();
    for (event, span) in events(stream).unwrap() {
        let is_key = keys.enter(kind(&event));
        let Event::Scalar(_, style, ..) = event else { continue };
        if is_key {
            continue;
        }
        let inner = match style {
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => span.start + 1..span.end - 1,
            _ => span,
        };
        for part in parts(&stream[inner.clone()], number) {
            number += 1;
            seeded += &stream[copied..inner.start + part.start];
            let name = format!("V{}_", number * 31 % VALUES.len());
            let _ = if number % 3 == 0 { write!(seeded, "${name}") } else { write!(seeded, "$<{name}>") };
            copied = inner.start + part.end;
        }
        number += 1;
    }
    seeded + &stream[copied..]
}

/// Returns the parts of the source of a scalar to put references into: all of it, its first line, a word at the start, the end
/// or anywhere, before or behind a word, or many words.
fn parts(source: &str, choice: usize) -> Vec<Range<usize>> {
    let start = |part: &str| part.as_ptr() as usize - source.as_ptr() as usize;
    let span = |part: &str| start(part)..start(part) + part.len();
    let words: Vec<&str> = source.split_ascii_whitespace().collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return Vec::new() };
    let middle = span(words[words.len() / 2]);
    let part = match choice % 8 {
        0 => start(first)..start(last) + last.len(),
        1 => span(source.trim_start().lines().next().unwrap_or_default().trim_end()),
        2 => span(first),
        3 => span(last),
        4 => middle,
        5 => middle.start..middle.start,
        6 => middle.end..middle.end,
        _ => return words.iter().step_by(3).map(|word| span(word)).collect(),
    };
    Vec::from([part])
}
