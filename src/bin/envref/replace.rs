//! Writes files: each is replaced as a whole or not at all, nobody can read a secret who could not read the file before,
//! and a signal leaves nothing behind.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::{Builder, NamedTempFile, TempPath};

use crate::failure::Failure;
use crate::terminal;

/// A file to write.
pub(crate) struct Write<'a> {
    pub(crate) path: &'a Path,
    pub(crate) text: &'a str,
    /// Whether it holds values, which only its owner may read.
    pub(crate) is_secret: bool,
}

/// Writes all of the files, each beside its target first. They are moved into place only when all are written. Returns
/// what the files have lost by that.
pub(crate) fn replace(writes: &[Write<'_>]) -> Result<Vec<String>, Failure> {
    let mut staged =
        Staged::guarded().map_err(|error| Failure::Io(vec![format!("cannot handle signals: {error}")]))?;
    let mut losses = Vec::new();
    let mut streams = Vec::new();
    for write in writes {
        let failed = |error: io::Error| failure(write.path, &error);
        let existing = fs::metadata(write.path).ok();
        if existing.as_ref().is_some_and(fs::Metadata::is_dir) {
            // Before anything is written.
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        if existing.as_ref().is_some_and(|it| !it.is_file()) {
            // A device or a pipe cannot be moved over.
            streams.push(write);
        } else {
            let lost = staged.stage(write, existing.as_ref()).map_err(failed)?;
            losses.extend(lost.into_iter().map(|it| format!("{}: {it}", terminal::name(write.path))));
        }
    }
    for Write { path, text, .. } in streams {
        let mut file = OpenOptions::new().write(true).open(path).map_err(|error| failure(path, &error))?;
        file.write_all(text.as_bytes()).map_err(|error| failure(path, &error))?;
    }
    staged.persist()?;
    Ok(losses)
}

fn failure(path: &Path, error: &io::Error) -> Failure {
    Failure::Io(vec![format!("{}: {error}", terminal::name(path))])
}

/// Files that wait to be moved into place. Dropping removes them.
struct Staged<'a> {
    files: Arc<Mutex<Vec<TempPath>>>,
    /// Where each of them goes: the path to report it by, and the place that this leads to.
    targets: Vec<(&'a Path, PathBuf)>,
}

impl<'a> Staged<'a> {
    /// Returns an empty list, and makes sure that a signal removes the files that will be in it.
    fn guarded() -> io::Result<Self> {
        let files = Arc::default();
        #[cfg(unix)]
        remove_on_signal(&files)?;
        Ok(Self { files, targets: Vec::new() })
    }

    /// Writes a new file beside the target of `write.path`, unless that has the same content. Returns what the existing
    /// file would lose by being replaced.
    fn stage(&mut self, write: &Write<'a>, existing: Option<&fs::Metadata>) -> io::Result<Vec<&'static str>> {
        // Through a symbolic link to what it points to.
        let target = fs::canonicalize(write.path).unwrap_or_else(|_| write.path.to_path_buf());
        let is_same = |it: Vec<u8>| it == write.text.as_bytes();
        if existing.is_some_and(|it| it.len() == write.text.len() as u64)
            && fs::read(&target).is_ok_and(is_same)
        {
            return Ok(Vec::new());
        }
        let directory = target.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        let is_secret = write.is_secret || existing.is_some();
        let mut file = {
            // No signal comes between a file and its place in the list.
            let mut files = lock(&self.files);
            let (file, path) = create(directory, is_secret)?.into_parts();
            files.push(path);
            file
        };
        self.targets.push((write.path, target.clone()));
        file.write_all(write.text.as_bytes())?;
        let losses = existing.map_or(Ok(Vec::new()), |existing| take_over(&file, &target, existing))?;
        file.sync_all()?;
        Ok(losses)
    }

    /// Moves every file into place. A signal has to wait until all are.
    fn persist(mut self) -> Result<(), Failure> {
        let targets = std::mem::take(&mut self.targets);
        for (file, (path, target)) in lock(&self.files).drain(..).zip(targets) {
            file.persist(target).map_err(|error| failure(path, &error.error))?;
        }
        Ok(())
    }
}

impl Drop for Staged<'_> {
    /// Whoever waits for signals has the list, too, and keeps it.
    fn drop(&mut self) {
        lock(&self.files).clear();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the files when a signal comes that ends the process, and lets it end the process.
#[cfg(unix)]
fn remove_on_signal(files: &Arc<Mutex<Vec<TempPath>>>) -> io::Result<()> {
    use signal_hook::consts::signal::{
        SIGALRM, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ,
    };
    let ends = [SIGALRM, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ];
    let mut signals = signal_hook::iterator::Signals::new(ends)?;
    let files = Arc::clone(files);
    std::thread::Builder::new().spawn(move || {
        for signal in signals.forever() {
            // Held to the end, so that no other file is made.
            let mut files = lock(&files);
            files.clear();
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    })?;
    Ok(())
}

/// Creates a file in `directory`: for its owner alone if it is to hold a secret, else as any other new file.
fn create(directory: &Path, is_secret: bool) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The umask restricts these.
        builder.permissions(fs::Permissions::from_mode(if is_secret { 0o600 } else { 0o666 }));
    }
    builder.prefix(".envref-").tempfile_in(directory)
}

/// Gives `file` what the file `target` has: owner, attributes and permissions. Returns what it could not be given.
#[cfg(unix)]
fn take_over(file: &File, target: &Path, existing: &fs::Metadata) -> io::Result<Vec<&'static str>> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let mut losses = Vec::new();
    if existing.nlink() > 1 {
        losses.push("its other hard links keep the old content");
    }
    let created = file.metadata()?;
    let mut mode = existing.mode() & 0o7777;
    if existing.gid() != created.gid() && fchown(file, None, Some(existing.gid())).is_err() {
        losses.push("it loses its group");
        // The permissions of that group are not for another one.
        mode = mode & !0o2070 | (mode & 0o007) << 3;
    }
    if existing.uid() != created.uid() && fchown(file, Some(existing.uid()), None).is_err() {
        losses.push("it loses its owner");
        mode &= !0o4000;
    }
    if take_over_attributes(file, target).is_err() {
        losses.push("it loses extended attributes or its access control list");
    }
    // After the attributes, one of which on some systems is a list of who has access.
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    Ok(losses)
}

/// Gives `file` the extended attributes of `target`. On Linux, access control lists are among them.
#[cfg(unix)]
fn take_over_attributes(file: &File, target: &Path) -> io::Result<()> {
    use rustix::io::Errno;
    use xattr::FileExt as _;
    const ACCESS: &str = "system.posix_acl_access";
    if !xattr::SUPPORTED_PLATFORM {
        return Ok(());
    }
    let names: Vec<_> = match xattr::list(target) {
        Ok(names) => names.collect(),
        // The file system has none.
        Err(error) if Errno::from_io_error(&error) == Some(Errno::NOTSUP) => return Ok(()),
        Err(error) => return Err(error),
    };
    // The list that the directory gives to new files is not for this one.
    if !names.iter().any(|it| it == ACCESS) && file.get_xattr(ACCESS).is_ok_and(|it| it.is_some()) {
        file.remove_xattr(ACCESS)?;
    }
    let mut result = Ok(());
    for name in names {
        let value = xattr::get(target, &name)?.unwrap_or_default();
        let is_there = file.get_xattr(&name).is_ok_and(|it| it.as_deref() == Some(&*value));
        if !is_there {
            result = file.set_xattr(&name, &value).and(result);
        }
    }
    result
}

#[cfg(not(unix))]
fn take_over(file: &File, _: &Path, existing: &fs::Metadata) -> io::Result<Vec<&'static str>> {
    file.set_permissions(existing.permissions())?;
    Ok(Vec::new())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt as _;

    #[test]
    fn a_file_for_a_secret_is_never_open_to_others() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let file = create(directory.path(), true)?;
        assert_eq!(file.as_file().metadata()?.mode() & 0o777, 0o600);
        Ok(())
    }
}
