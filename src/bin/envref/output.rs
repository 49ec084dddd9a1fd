//! Where expanded templates go: standard output, or files that are replaced as a whole or not at all.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use same_file::is_same_file;
use tempfile::{Builder, NamedTempFile};

use crate::failure::Failure;
use crate::input::Template;

/// A template and what it expands to.
pub(crate) struct Expanded<'a> {
    pub(crate) template: &'a Template,
    pub(crate) text: Cow<'a, str>,
}

/// Writes to standard output. Several streams become one: the second and each later one begins a document of its own.
pub(crate) fn to_stdout(expanded: &[Expanded<'_>]) -> Result<(), Failure> {
    let write = || {
        let mut out = io::stdout().lock();
        let mut needs_break = false;
        for (index, Expanded { text, .. }) in expanded.iter().enumerate() {
            if needs_break {
                writeln!(out)?;
            }
            if index > 0 {
                out.write_all(separator(text).as_bytes())?;
            }
            out.write_all(text.as_bytes())?;
            needs_break = !text.is_empty() && !text.ends_with(['\n', '\r']);
        }
        out.flush()
    };
    write().map_err(|error| Failure::from_stdout(&error))
}

/// What separates a stream from the one before it (YAML 1.2.2 §9.2): nothing, if it begins with `---`; the end of the
/// document before, if it begins with a directive or a byte order mark; else a `---`.
fn separator(text: &str) -> &'static str {
    if text.starts_with("---") {
        ""
    } else if text.starts_with(['%', '\u{FEFF}']) {
        "...\n"
    } else {
        "---\n"
    }
}

/// Writes each template over itself.
pub(crate) fn in_place(expanded: &[Expanded<'_>]) -> Result<(), Failure> {
    let mut writes = Vec::new();
    for Expanded { template, text } in expanded {
        let Some(path) = &template.path else {
            return Err(Failure::Usage("--in-place has no file to write standard input to".to_owned()));
        };
        writes.push((path.clone(), &**text));
    }
    replace(&writes)
}

/// Writes to the file `output`, or into the directory `output` if a directory was read. No input is written over.
pub(crate) fn to_path(expanded: &[Expanded<'_>], output: &Path) -> Result<(), Failure> {
    let writes = match expanded {
        [Expanded { template: Template { below: None, .. }, text }] => vec![(output.to_path_buf(), &**text)],
        _ => into_directory(expanded, output)?,
    };
    for (path, _) in &writes {
        let inputs = expanded.iter().filter_map(|it| it.template.path.as_ref());
        for input in inputs {
            if is_same_file(path, input).unwrap_or(false) {
                return Err(Failure::Usage(format!(
                    "--output would write over the input {}; --in-place does so",
                    input.display()
                )));
            }
        }
    }
    replace(&writes)
}

fn into_directory<'a>(
    expanded: &'a [Expanded<'_>],
    output: &Path,
) -> Result<Vec<(PathBuf, &'a str)>, Failure> {
    let mut writes: Vec<(PathBuf, &str)> = Vec::new();
    for Expanded { template, text } in expanded {
        let Some(below) = &template.below else {
            return Err(Failure::Usage(
                "--output takes one file or one directory to read; more go to standard output or --in-place"
                    .to_owned(),
            ));
        };
        let path = output.join(below);
        if writes.iter().any(|(other, _)| *other == path) {
            return Err(Failure::Usage(format!("two inputs would be written to {}", path.display())));
        }
        writes.push((path, text));
    }
    Ok(writes)
}

/// Writes all of the files, each beside its place first. Only when every one is there are they moved into place.
fn replace(writes: &[(PathBuf, &str)]) -> Result<(), Failure> {
    let mut finished = Vec::new();
    for (path, text) in writes {
        let file = beside(path, text).map_err(|error| failure(path, &error))?;
        finished.push((path, file));
    }
    for (path, file) in finished {
        if let Some((file, target)) = file {
            file.persist(target).map_err(|error| failure(path, &error.error))?;
        }
    }
    Ok(())
}

/// Writes `text` to a new file beside `path`, to be moved to where `path` leads. A device or a pipe cannot be moved over:
/// it is written to at once.
fn beside(path: &Path, text: &str) -> io::Result<Option<(NamedTempFile, PathBuf)>> {
    let existing = fs::metadata(path).ok();
    if existing.as_ref().is_some_and(|it| !it.is_file() && !it.is_dir()) {
        fs::OpenOptions::new().write(true).open(path)?.write_all(text.as_bytes())?;
        return Ok(None);
    }
    // Through a symbolic link to what it points to.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let directory = target.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let mut builder = Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any other new file would have, that is: less what the umask takes away.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.prefix(".envref-").tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    if let Some(existing) = existing {
        file.as_file().set_permissions(existing.permissions())?;
    }
    file.as_file().sync_all()?;
    Ok(Some((file, target)))
}

fn failure(path: &Path, error: &io::Error) -> Failure {
    Failure::Io(vec![format!("{}: {error}", path.display())])
}
