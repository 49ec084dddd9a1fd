//! The law of YAML text on files that people wrote.
//!
//! Reads every `.yaml` and `.yml` file below the directory that `ENVREF_YAML_COLLECTION` names:
//!
//! ```sh
//! ENVREF_YAML_COLLECTION=/path/to/files cargo test --release --all-features --test yaml_collection -- --ignored --nocapture
//! ```

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "yaml")]

mod law;

use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

use envref::{Paths, yaml};

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
    let (mut read, mut with_references, mut references) = (0, 0, 0);
    let mut failures = Vec::new();
    for file in files {
        let Ok(stream) = read_to_string(&file) else { continue };
        if granit_parser::Parser::new_from_str(&stream).any(|event| event.is_err()) {
            continue;
        }
        read += 1;
        let mut fail = |problem| failures.push(format!("{}: {problem}", file.display()));
        match yaml::references(&stream, &Paths::all()) {
            Ok(sites) => {
                references += sites.len();
                with_references += usize::from(!sites.is_empty());
            }
            Err(error) => fail(error.to_string()),
        }
        if let Err(problem) = law::check(&stream, &|_| None, &|_| None) {
            fail(format!("without variables: {problem}"));
        }
        for value in VALUES {
            let problem = law::check(&stream, &|_| Some(value.to_owned()), &|_| None).err();
            if let Some(problem) = problem {
                fail(format!("with {value:?}: {problem:.300}"));
            }
        }
    }
    println!("{read} files that are YAML, {with_references} of them with {references} references");
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
    assert!(read > 0);
}
