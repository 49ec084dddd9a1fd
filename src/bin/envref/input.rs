//! What is read: files, directories and standard input. A directory may be untrusted: only files are read, and nothing
//! outside of it.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use crate::args::Input;
use crate::failure::Failure;
use crate::terminal;

/// Where a template is.
pub(crate) struct Source {
    /// The file; `None` for standard input.
    pub(crate) path: Option<PathBuf>,
    /// The path below the directory that was named, if one was.
    pub(crate) below: Option<PathBuf>,
}

/// A template, as read.
pub(crate) struct Template {
    /// The path that messages name, unescaped.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// The templates that were found, and the paths that could not be read.
pub(crate) struct Sources {
    pub(crate) found: Vec<Source>,
    /// What could not be read, each with its path and the reason.
    pub(crate) failures: Vec<String>,
    quiet: bool,
}

impl Sources {
    /// Finds what the command line names, in order. Unless `quiet`, warns of what is skipped.
    pub(crate) fn find(input: &Input, env_files: &[PathBuf], quiet: bool) -> Result<Self, Failure> {
        let stdin = input.paths.iter().chain(env_files).filter(|path| is_stdin(path));
        if stdin.count() > 1 {
            return Err(Failure::Usage("standard input can be read only once: name it once".to_owned()));
        }
        let mut sources = Self { found: Vec::new(), failures: Vec::new(), quiet };
        for path in &input.paths {
            if is_stdin(path) {
                sources.found.push(Source { path: None, below: None });
            } else if path.is_dir() {
                sources.find_below(path);
            } else {
                sources.found.push(Source { path: Some(path.clone()), below: None });
            }
        }
        Ok(sources)
    }

    /// Reads every template, if all can be read.
    pub(crate) fn read(&self) -> Result<Vec<Template>, Failure> {
        let (mut templates, mut failures) = (Vec::new(), self.failures.clone());
        for source in &self.found {
            match source.read() {
                Ok(template) => templates.push(template),
                Err(failure) => failures.push(failure),
            }
        }
        if failures.is_empty() { Ok(templates) } else { Err(Failure::Io(failures)) }
    }

    /// Finds the YAML files below a directory, sorted by path. It ignores `.gitignore`: an untrusted one could hide
    /// templates.
    fn find_below(&mut self, directory: &Path) {
        let (found, failures) = (self.found.len(), self.failures.len());
        let root = match fs::canonicalize(directory) {
            Ok(root) => root,
            Err(error) => return self.failures.push(format!("{}: {error}", terminal::name(directory))),
        };
        let mut walk = WalkBuilder::new(directory);
        walk.standard_filters(false).hidden(true).sort_by_file_name(OsStr::cmp);
        walk.filter_entry(|entry| entry.file_name() != "node_modules");
        for entry in walk.build() {
            match entry {
                Ok(entry) => self.add(entry, directory, &root),
                Err(error) => self.failures.push(terminal::harmless(&error.to_string()).into_owned()),
            }
        }
        if self.found.len() == found && self.failures.len() == failures {
            let name = terminal::name(directory);
            self.failures.push(format!(
                "{name}: no .yaml or .yml file below it (hidden files and node_modules are skipped)"
            ));
        }
    }

    /// Adds an entry below `directory`, which is `root` without links, if it is a template.
    fn add(&mut self, entry: DirEntry, directory: &Path, root: &Path) {
        let is_template = is_yaml(entry.path());
        let mut kind = entry.file_type();
        if entry.path_is_symlink() {
            let target =
                fs::canonicalize(entry.path()).and_then(|target| Ok((fs::metadata(&target)?, target)));
            match target {
                Ok((metadata, target)) => {
                    kind = Some(metadata.file_type());
                    if !target.starts_with(root) && (is_template || metadata.is_dir()) {
                        let message = format!("a link that leads out of {}", terminal::name(directory));
                        return self.skip(entry.path(), &message);
                    }
                    // A link may lead into a hidden directory: Kubernetes mounts a ConfigMap so.
                    if is_template && target.file_name().is_some_and(is_hidden) {
                        return self.skip(entry.path(), "a link to a hidden file");
                    }
                }
                Err(error) if is_template => {
                    let name = terminal::name(entry.path());
                    return self.failures.push(format!("{name}: a broken link: {error}"));
                }
                Err(_) => return,
            }
        }
        // A link to a directory needs no visit: its files are found where they are.
        if !is_template || kind.is_none_or(|kind| kind.is_dir()) {
            return;
        }
        if kind.is_some_and(|kind| kind.is_file()) {
            let below = entry.path().strip_prefix(directory).ok().map(Path::to_path_buf);
            self.found.push(Source { path: Some(entry.into_path()), below });
        } else {
            self.skip(entry.path(), NO_FILE);
        }
    }

    fn skip(&self, path: &Path, reason: &str) {
        if !self.quiet {
            terminal::warning(&format!("{}: skipped: {reason}", terminal::name(path)));
        }
    }
}

impl Source {
    /// Returns the name of the template in messages, unescaped.
    pub(crate) fn name(&self) -> String {
        match &self.path {
            Some(path) => path.to_string_lossy().into_owned(),
            None => "<stdin>".to_owned(),
        }
    }

    /// Reads the template, or says why not.
    pub(crate) fn read(&self) -> Result<Template, String> {
        let name = self.name();
        let shown = terminal::harmless(&name);
        let bytes = match &self.path {
            Some(path) => read_file(path),
            None => read_stdin("a template"),
        };
        let bytes = bytes.map_err(|error| format!("{shown}: {error}"))?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Template { name, text }),
            Err(error) => Err(format!("{shown}: not UTF-8 at byte {}", error.utf8_error().valid_up_to())),
        }
    }
}

/// Tells whether `path` stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Reads standard input. At a terminal, says that it waits for `what`.
pub(crate) fn read_stdin(what: &str) -> io::Result<Vec<u8>> {
    let mut stdin = io::stdin().lock();
    if stdin.is_terminal() {
        terminal::note(&format!("reading {what} from this terminal; Ctrl-D on a line of its own ends it"));
    }
    let mut bytes = Vec::new();
    stdin.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a file. Rejects what might never end, or never begin.
pub(crate) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = open(path)?;
    if !file.metadata()?.is_file() && !is_own_descriptor(path) {
        return Err(io::Error::other(format!("{NO_FILE}; pass it on standard input")));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

const NO_FILE: &str = "not a file but a device, a pipe or a socket";

/// Opens a file to read it, without waiting for the other end of a pipe.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open};
    if is_own_descriptor(path) {
        return File::open(path);
    }
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Tells whether `path` is what a shell makes of `<(…)`: a pipe that the caller has opened for the command.
fn is_own_descriptor(path: &Path) -> bool {
    path == Path::new("/dev/stdin") || path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd")
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|it| it.eq_ignore_ascii_case("yaml") || it.eq_ignore_ascii_case("yml"))
}
