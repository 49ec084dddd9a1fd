//! The law of YAML text on files that people wrote.
//!
//! Reads every `.yaml` and `.yml` file below the directory that `ENVREF_YAML_COLLECTION` names:
//!
//! ```sh
//! ENVREF_YAML_COLLECTION=/path/to/files cargo test --release --all-features --test yaml_collection -- --ignored --nocapture
//! ```

#![allow(clippy::string_slice, clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "yaml")]

use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

use envref::{Expander, yaml};
use envref_laws::yaml as law;

/// What every variable is set to, in turn.
const VALUES: [&str; 14] = [
    "x1",
    "8080",
    "",
    "a: b # c",
    " a\n\tb\n\n",
    "line 1\nline 2",
    "it's \"quoted\" \\",
    "[*a, {b: !c d}]",
    "- a\n---\n- b",
    "\u{85}\u{2028}\r\0\u{FEFF}",
    "$A${B}",
    "a\n",
    "-",
    "#",
];

fn files_below(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        // A symbolic link is neither.
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files_below(&path, files);
        } else if kind.is_file() && path.extension().is_some_and(|it| it == "yaml" || it == "yml") {
            files.push(path);
        }
    }
}

#[test]
#[ignore = "needs a collection of files"]
fn the_law_holds_for_files_that_people_wrote() {
    let dir = std::env::var_os("ENVREF_YAML_COLLECTION").expect("ENVREF_YAML_COLLECTION names a directory");
    let mut files = Vec::new();
    files_below(Path::new(&dir), &mut files);
    let (mut read, mut with_references, mut references, mut seeded) = (0, 0, 0, 0);
    let mut failures = Vec::new();
    for file in files {
        let Ok(stream) = read_to_string(&file).map_err(|_| ()).and_then(parsed) else { continue };
        read += 1;
        match yaml::explain(&stream, &Expander::new(&())) {
            Ok(sites) => {
                references += sites.len();
                with_references += usize::from(!sites.is_empty());
            }
            Err(error) => failures.push(format!("{}: {error}", file.display())),
        }
        failures.extend(check(&stream).map(|problem| format!("{}: {problem}", file.display())));
        if let Ok(stream) = parsed(seed(&stream)) {
            seeded += 1;
            failures.extend(check(&stream).map(|problem| format!("{}, seeded: {problem}", file.display())));
        }
    }
    println!("{read} files that are YAML, {with_references} of them with {references} references");
    println!("{seeded} files that are YAML when words in them are replaced by references");
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
    assert!(read > 0);
}

fn parsed(stream: String) -> Result<String, ()> {
    let is_yaml = granit_parser::Parser::new_from_str(&stream).all(|event| event.is_ok());
    is_yaml.then_some(stream).ok_or(())
}

/// Expands a stream with each value, and with none, and returns the first problem.
fn check(stream: &str) -> Option<String> {
    let none = law::holds(stream, &|_| None, &|_| None).err();
    none.map(|problem| format!("without variables: {problem:.300}")).or_else(|| {
        VALUES.iter().find_map(|value| {
            let result = law::holds(stream, &|_| Some((*value).to_owned()), &|_| None);
            Some(format!("with {value:?}: {:.300}", result.err()?))
        })
    })
}

/// Replaces every other word by a reference.
fn seed(stream: &str) -> String {
    let mut seeded = String::new();
    let mut words = 0;
    let mut before = ' ';
    for word in stream.split_inclusive(|c: char| !c.is_ascii_lowercase()) {
        let text = word.trim_end_matches(|c: char| !c.is_ascii_lowercase());
        let after = &word[text.len()..];
        if text.len() > 2 && " \t\n'\"[(/=,".contains(before) && !after.starts_with(':') {
            words += 1;
            seeded.push_str(match words % 4 {
                0 => "$A",
                2 => "$<B>",
                _ => text,
            });
        } else {
            seeded.push_str(text);
        }
        seeded.push_str(after);
        before = word.chars().next_back().unwrap_or(' ');
    }
    seeded
}
