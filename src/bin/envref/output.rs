//! Where expanded templates go: standard output, or files. Errors about that come before anything is read.

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::mem;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::args::OutputFormat;
use crate::failure::Failure;
use crate::input::{Source, is_stdin};
use crate::terminal;

/// Where to write.
pub(crate) enum Destination {
    Stdout,
    /// A file for each source.
    Files(Vec<PathBuf>),
}

impl Destination {
    /// Returns where `sources` go by the options of the command line.
    pub(crate) fn new(sources: &[Source], output: Option<&Path>, in_place: bool) -> Result<Self, Failure> {
        match output {
            None if in_place => Self::in_place(sources),
            Some(output) if !is_stdin(output) => Self::below_or_at(sources, output),
            _ => Ok(Self::Stdout),
        }
    }

    fn in_place(sources: &[Source]) -> Result<Self, Failure> {
        let paths: Option<_> = sources.iter().map(|it| it.path.clone()).collect();
        let usage = || {
            Failure::Usage("--in-place needs files, and standard input is not one: use --output".to_owned())
        };
        paths.map(Self::Files).ok_or_else(usage)
    }

    /// Writes to the file or into the directory `output`. No source is overwritten.
    fn below_or_at(sources: &[Source], output: &Path) -> Result<Self, Failure> {
        let is_directory =
            output.is_dir() || output.as_os_str().to_string_lossy().ends_with(std::path::is_separator);
        let paths = match sources {
            [Source { below: None, .. }] if !is_directory => vec![output.to_path_buf()],
            _ => into_directory(sources, output)?,
        };
        for path in &paths {
            for source in sources.iter().filter_map(|it| it.path.as_ref()) {
                // A hard link to it would be replaced, not overwritten.
                if leads_to(path).is_some_and(|it| Some(it) == leads_to(source)) {
                    return Err(Failure::Usage(format!(
                        "--output would overwrite the input {}: use --in-place",
                        terminal::name(source)
                    )));
                }
            }
        }
        Ok(Self::Files(paths))
    }
}

/// Returns where a path leads, through all links.
fn leads_to(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok()
}

fn into_directory(sources: &[Source], output: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for Source { path, below } in sources {
        let name = below.as_deref().or_else(|| path.as_ref()?.file_name().map(Path::new));
        let Some(name) = name else {
            let message = "--output is a directory, and standard input has no file name: name a file";
            return Err(Failure::Usage(message.to_owned()));
        };
        let path = output.join(name);
        if paths.contains(&path) {
            return Err(Failure::Usage(format!("two inputs would be written to {}", terminal::name(&path))));
        }
        paths.push(path);
    }
    Ok(paths)
}

/// Writes an expansion to standard output, byte for byte.
pub(crate) fn to_stdout(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| Failure::from_stdout(&error))
}

/// Standard output for messages: in colour only on a terminal that wants it.
pub(crate) type Stdout = BufWriter<anstream::AutoStream<io::StdoutLock<'static>>>;

pub(crate) fn stdout() -> Stdout {
    BufWriter::new(anstream::stdout().lock())
}

/// Prints a message to standard output.
pub(crate) fn print(write: impl FnOnce(&mut Stdout) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = stdout();
    write(&mut out).and_then(|()| out.flush()).map_err(|error| Failure::from_stdout(&error))
}

/// Prints items as they come: as text, or as the elements of a JSON array.
pub(crate) struct Items {
    out: Stdout,
    format: OutputFormat,
    is_empty: bool,
    /// The first error. Nothing is written after it.
    written: io::Result<()>,
}

impl Items {
    pub(crate) fn new(out: Stdout, format: OutputFormat) -> Self {
        Self { out, format, is_empty: true, written: Ok(()) }
    }

    /// Writes an item: by `text`, if it is for people.
    pub(crate) fn write<T: Serialize>(
        &mut self,
        item: &T,
        text: impl FnOnce(&T, &mut Stdout) -> io::Result<()>,
    ) {
        if self.written.is_ok() {
            self.written = match self.format {
                OutputFormat::Text => text(item, &mut self.out),
                OutputFormat::Json => self.write_json(item),
            };
        }
    }

    fn write_json(&mut self, item: &impl Serialize) -> io::Result<()> {
        let json = serde_json::to_string_pretty(item)?.replace('\n', "\n  ");
        let separator = if mem::take(&mut self.is_empty) { "[" } else { "," };
        write!(self.out, "{separator}\n  {}", terminal::harmless_json(&json))
    }

    pub(crate) fn flush(&mut self) {
        if self.written.is_ok() {
            self.written = self.out.flush();
        }
    }

    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let end = match (self.format, self.is_empty) {
            (OutputFormat::Text, _) => "",
            (OutputFormat::Json, true) => "[]\n",
            (OutputFormat::Json, false) => "\n]\n",
        };
        let written = self.written.and_then(|()| write!(self.out, "{end}")).and_then(|()| self.out.flush());
        written.map_err(|error| Failure::from_stdout(&error))
    }
}
