//! What is read: files, directories and standard input, as templates with the names to report them by.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::failure::Failure;

/// A template, as read.
pub(crate) struct Template {
    /// The path that it is reported by.
    pub(crate) name: String,
    /// Where it was read from; nowhere, if from standard input.
    pub(crate) path: Option<PathBuf>,
    /// The path below the directory that was named, if one was.
    pub(crate) below: Option<PathBuf>,
    pub(crate) text: String,
}

/// Templates, and what could not be read, each with its path and the reason.
#[derive(Default)]
pub(crate) struct Inputs {
    pub(crate) templates: Vec<Template>,
    pub(crate) failures: Vec<String>,
}

impl Inputs {
    /// Reads every template that `paths` name, in order.
    pub(crate) fn read(paths: &[PathBuf]) -> Self {
        let mut inputs = Self::default();
        for path in paths {
            if path.as_os_str() == "-" {
                inputs.add(read_stdin());
            } else if path.is_dir() {
                for file in files_below(path) {
                    let below = |file: &Path| file.strip_prefix(path).ok().map(Path::to_path_buf);
                    inputs
                        .add(file.and_then(|file| Ok(Template { below: below(&file), ..read_file(file)? })));
                }
            } else {
                inputs.add(read_file(path.clone()));
            }
        }
        inputs
    }

    /// Returns the templates if all could be read.
    pub(crate) fn complete(self) -> Result<Vec<Template>, Failure> {
        if self.failures.is_empty() { Ok(self.templates) } else { Err(Failure::Io(self.failures)) }
    }

    fn add(&mut self, template: Result<Template, String>) {
        match template {
            Ok(template) => self.templates.push(template),
            Err(failure) => self.failures.push(failure),
        }
    }
}

fn read_stdin() -> Result<Template, String> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes).map_err(|error| format!("<stdin>: {error}"))?;
    template("<stdin>".to_owned(), None, bytes)
}

fn read_file(path: PathBuf) -> Result<Template, String> {
    // A file name is a stranger's, too: what a terminal would act upon is not shown.
    let name = path.display().to_string().replace(char::is_control, "\u{FFFD}");
    let bytes = fs::read(&path).map_err(|error| format!("{name}: {error}"))?;
    template(name, Some(path), bytes)
}

fn template(name: String, path: Option<PathBuf>, bytes: Vec<u8>) -> Result<Template, String> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Template { name, path, below: None, text }),
        Err(error) => Err(format!("{name}: not UTF-8 at byte {}", error.utf8_error().valid_up_to())),
    }
}

/// Returns the YAML files below a directory, sorted by path. Symbolic links are followed; one that leads back up is a
/// failure.
fn files_below(directory: &Path) -> impl Iterator<Item = Result<PathBuf, String>> {
    let entries = WalkDir::new(directory).follow_links(true).sort_by_file_name();
    entries.into_iter().filter_map(|entry| match entry {
        Ok(entry) => {
            let is_yaml = entry.path().extension().is_some_and(|it| it == "yaml" || it == "yml");
            (is_yaml && !entry.file_type().is_dir()).then(|| Ok(entry.into_path()))
        }
        Err(error) => Some(Err(error.to_string())),
    })
}
