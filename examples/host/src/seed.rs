//! The files that a runtime finds when it starts. They are staged beside those that are in use, checked, and put in their
//! place in one step. [`Seeded`] is what a runtime is started with, and only a seeding makes one.
//!
//! ```text
//! <workspace>/.host/owner      a symbolic link to nowhere: the name of the workspace that has this directory
//! <workspace>/.host/<random>/  the files: those of the template, then those that the host generates, which win
//! <workspace>/.host/current    a symbolic link to the files in use, replaced by a rename
//! ```

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;

/// Where the host's files are in the directory of a workspace.
const HOST_DIR: &str = ".host";
/// The files in use, in the directory of a workspace.
pub const CURRENT: &str = ".host/current";
/// The file that no runtime starts without.
pub const CONFIG: &str = "config.json";

/// Files by their paths, which are relative.
pub type Files = BTreeMap<String, String>;

/// Why a directory cannot be seeded, and where.
#[derive(Debug, thiserror::Error)]
#[error("cannot seed {}: {problem}", path.display())]
pub struct Error {
    path: PathBuf,
    problem: io::Error,
}

trait At<T> {
    /// Names the path in the error.
    fn at(self, path: &Path) -> Result<T, Error>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, Error> {
        self.map_err(|problem| Error { path: path.to_owned(), problem })
    }
}

/// Files that are ready to be used. Dropped, they are gone.
#[derive(Debug)]
pub struct Staged {
    dir: PathBuf,
    log: File,
    // Dropped before the directory around it.
    files: TempDir,
    made: Made,
}

/// A directory in which the files are in place. Nothing else makes one, and a runtime does not start without.
#[derive(Debug)]
pub struct Seeded {
    dir: PathBuf,
    log: File,
}

impl Seeded {
    /// Returns the directory of the workspace, and the log for its runtime.
    #[must_use]
    pub fn into_parts(self) -> (PathBuf, File) {
        (self.dir, self.log)
    }
}

/// Stages the files for the workspace `name` in its directory `dir`, which is made if it is missing, and opens its `log`.
/// Blocks.
///
/// # Errors
///
/// If a file stands where a directory has to be, the disk is full, a path leads out of the directory (`../x`, `/x`), the
/// directory belongs to another workspace, or there is no configuration, or an empty one. Then nothing is left behind.
pub fn stage(
    name: &str,
    dir: &Path,
    log: &Path,
    template: &Files,
    generated: &Files,
) -> Result<Staged, Error> {
    let made = Made::make(dir)?;
    let host = dir.join(HOST_DIR);
    DirBuilder::new().recursive(true).mode(0o700).create(&host).at(&host)?;
    claim(name, &host.join("owner"))?;

    let files = TempDir::new_in(&host).at(&host)?;
    for (path, text) in template.iter().chain(generated) {
        let is_inside = |component| matches!(component, Component::Normal(_));
        if path.is_empty() || !Path::new(path).components().all(is_inside) {
            let problem = io::Error::other("a path of a file has to stay in the directory");
            return Err(problem).at(Path::new(path));
        }
        let path = files.path().join(path);
        let parent = path.parent().unwrap_or(&path);
        fs::create_dir_all(parent).at(parent)?;
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).at(&path)?;
    }
    check(&files.path().join(CONFIG))?;

    // The log may lie on another disk, which may be full: better to know before the old runtime is stopped.
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(log).at(log)?;
    writeln!(file, "-- seeded").at(log)?;
    Ok(Staged { dir: dir.to_owned(), log: file, files, made })
}

/// Makes the directory with the link `owner` that of the workspace `name`, unless it is another's. A link, because it comes
/// into being with what it says.
fn claim(name: &str, owner: &Path) -> Result<(), Error> {
    match symlink(name, owner) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let other = fs::read_link(owner).at(owner)?;
            if other == Path::new(name) {
                return Ok(());
            }
            let taken = format!("the directory belongs to the workspace {}", other.display());
            Err(io::Error::other(taken)).at(owner)
        }
        done => done.at(owner),
    }
}

fn check(config: &Path) -> Result<(), Error> {
    let metadata = fs::metadata(config).at(config)?;
    let problem = if metadata.is_dir() {
        "a directory stands where the configuration has to be"
    } else if metadata.len() == 0 {
        "the configuration is empty"
    } else {
        return Ok(());
    };
    Err(io::Error::other(problem)).at(config)
}

impl Staged {
    /// Puts the files in the place of those that were in use, which are removed. Blocks.
    ///
    /// # Errors
    ///
    /// If the link to the files in use cannot be replaced. Then it still leads to the old ones.
    pub fn commit(mut self) -> Result<Seeded, Error> {
        let host = self.dir.join(HOST_DIR);
        let (next, current) = (host.join("next"), self.dir.join(CURRENT));
        match fs::remove_file(&next) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error).at(&next),
            _ => {}
        }
        let name = self.files.path().file_name().unwrap_or_default().to_owned();
        symlink(&name, &next).at(&next)?;
        fs::rename(&next, &current).at(&current)?;

        self.made.0 = None;
        self.files.disable_cleanup(true);
        for entry in fs::read_dir(&host).into_iter().flatten().flatten() {
            // What cannot be removed now is tried again by the next commit.
            if entry.file_name() != name && entry.file_type().is_ok_and(|it| it.is_dir()) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Ok(Seeded { dir: self.dir, log: self.log })
    }
}

/// The directory of a workspace that did not have one before: it goes if its first seeding fails.
#[derive(Debug)]
struct Made(Option<PathBuf>);

impl Made {
    fn make(dir: &Path) -> Result<Self, Error> {
        if let Some(parent) = dir.parent() {
            fs::create_dir_all(parent).at(parent)?;
        }
        match DirBuilder::new().mode(0o700).create(dir) {
            Ok(()) => Ok(Self(Some(dir.to_owned()))),
            Err(_) if dir.is_dir() => Ok(Self(None)),
            Err(error) => Err(error).at(dir),
        }
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        if let Some(dir) = self.0.take() {
            let _ = fs::remove_dir_all(dir);
        }
    }
}
