//! The host: its settings, its workspaces, imports into them, and its end.

use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde::Serialize;
use tokio::sync::oneshot;

use crate::secret::Secret;
use crate::store::{self, Store};
use crate::tasks::Tasks;
use crate::template::{self, Spec};
use crate::workspace::{State, Status, Workspace};

/// How many workspaces of an import are started at a time.
const AT_A_TIME: usize = 3;

/// The settings of a host.
pub struct Settings {
    /// The directory for everything that the host keeps.
    pub state: PathBuf,
    /// The program of the runtimes.
    pub program: PathBuf,
    /// The variables of the process that templates may read.
    pub environment: Vec<String>,
    /// Where tokens come from.
    pub mint: Arc<dyn Fn() -> Secret + Send + Sync>,
    /// How long a runtime may take to be ready.
    pub start: Duration,
    /// How long a runtime may take to end before it is killed.
    pub stop: Duration,
    /// How long a drain may take.
    pub drain: Duration,
}

impl Settings {
    /// Returns settings for a host in `state` that runs `program`, and lets templates read no process variable.
    #[must_use]
    pub fn new(state: PathBuf, program: PathBuf) -> Self {
        Self {
            state,
            program,
            environment: Vec::new(),
            mint: Arc::new(Secret::mint),
            start: Duration::from_secs(30),
            stop: Duration::from_secs(5),
            drain: Duration::from_secs(20),
        }
    }

    /// Returns the path of the socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.state.join("host.sock")
    }

    /// Returns the path of the store.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.state.join("host.redb")
    }

    /// Returns the path of the log with the standard error of the runtimes of the workspace `name`.
    #[must_use]
    pub fn log(&self, name: &str) -> PathBuf {
        self.state.join("logs").join(name)
    }

    /// Returns what templates call `${WORKSPACE_DIR}`.
    #[must_use]
    pub fn workspaces(&self) -> PathBuf {
        self.state.join("workspaces")
    }
}

/// What the tasks of a host have in common.
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) tasks: Tasks,
    pub(crate) store: Store,
    /// How many runtimes the drain stopped.
    pub(crate) stopped: AtomicUsize,
}

/// A running host.
pub struct Host {
    shared: Arc<Shared>,
    workspaces: Mutex<BTreeMap<String, Arc<Workspace>>>,
}

/// Why a host cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A directory could not be made.
    #[error("cannot make {}: {problem}", path.display())]
    Directory {
        /// Which one.
        path: PathBuf,
        /// Why.
        problem: io::Error,
    },
    /// The store could not be opened.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The status of a workspace: in a list, or after an import.
#[derive(Debug, Serialize)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// How it stands.
    #[serde(flatten)]
    pub status: Status,
}

/// The result of a drain.
#[derive(Debug)]
pub struct Drained {
    /// How many runtimes were stopped.
    pub stopped: usize,
    /// The names of the tasks that had not ended by the deadline, and of what else is still in use.
    pub left: Vec<String>,
}

impl Host {
    /// Returns a host with its state open. Starts nothing.
    ///
    /// # Errors
    ///
    /// If another host works there, or a directory cannot be made.
    pub fn open(settings: Settings) -> Result<Arc<Self>, Error> {
        for path in [settings.state.clone(), settings.workspaces(), settings.state.join("logs")] {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(&path);
            made.map_err(|problem| Error::Directory { path, problem })?;
        }
        let store = Store::open(&settings.store())?;
        let shared = Shared { settings, tasks: Tasks::default(), store, stopped: AtomicUsize::new(0) };
        Ok(Arc::new(Self { shared: Arc::new(shared), workspaces: Mutex::default() }))
    }

    /// Returns the tasks of the host.
    #[must_use]
    pub fn tasks(&self) -> &Tasks {
        &self.shared.tasks
    }

    /// Returns the store of the host.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Returns the settings of the host.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// Starts the workspaces that the store knows, and returns how they stand.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn restore(self: &Arc<Self>) -> Result<Vec<Standing>, store::Error> {
        let shared = Arc::clone(&self.shared);
        let wanted =
            self.shared.tasks.blocking("reading of the store", move || shared.store.wanted()).await?;
        Ok(self.start(wanted).await)
    }

    /// Imports an organisation: starts its workspaces, three at a time, or restarts them with what is new. It goes on if
    /// the caller does not wait, and if a workspace fails.
    ///
    /// # Errors
    ///
    /// If `template` is not a template. Then nothing happens.
    pub async fn import(self: &Arc<Self>, template: &str) -> Result<Vec<Standing>, template::Error> {
        Ok(self.start(template::read(template)?).await)
    }

    async fn start(self: &Arc<Self>, specs: Vec<(String, Spec)>) -> Vec<Standing> {
        let (done, imported) = oneshot::channel();
        let host = Arc::clone(self);
        self.shared.tasks.spawn("import", async move {
            let started = specs.into_iter().enumerate().map(|(index, (name, spec))| {
                let host = &host;
                async move { (index, host.adopt(name, spec).await) }
            });
            let mut imported: Vec<_> = stream::iter(started).buffer_unordered(AT_A_TIME).collect().await;
            imported.sort_by_key(|(index, _)| *index);
            // The caller may have gone.
            let _ = done.send(imported.into_iter().map(|(_, it)| it).collect());
        });
        imported.await.unwrap_or_default()
    }

    async fn adopt(&self, name: String, spec: Spec) -> Standing {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_name = !name.is_empty() && name.len() <= 64 && name.bytes().all(is_plain);
        let status = if is_name {
            let workspace = self.workspace_or(&name, &spec);
            let number = workspace.change(|wanted| wanted.adopt(spec));
            workspace.settled(number).await.unwrap_or_else(|draining| Status::failed(&draining))
        } else {
            Status::failed(&"a name has up to 64 of a-z, 0-9 and -")
        };
        Standing { name, status }
    }

    /// Returns the workspace `name`, which is made for `spec` if it does not exist.
    fn workspace_or(&self, name: &str, spec: &Spec) -> Arc<Workspace> {
        let mut workspaces = self.workspaces.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || Arc::new(Workspace::new(name, spec.clone(), &self.shared));
        Arc::clone(workspaces.entry(name.to_owned()).or_insert_with(make))
    }

    /// Returns the workspace `name`.
    #[must_use]
    pub fn workspace(&self, name: &str) -> Option<Arc<Workspace>> {
        self.workspaces.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Returns how every workspace stands.
    #[must_use]
    pub fn list(&self) -> Vec<Standing> {
        let workspaces = self.workspaces.lock().unwrap_or_else(PoisonError::into_inner);
        let standing = |(name, workspace): (&String, &Arc<Workspace>)| Standing {
            name: name.clone(),
            status: workspace.status(),
        };
        workspaces.iter().map(standing).collect()
    }

    /// Ends the host: asks its tasks to end, which stops the runtimes, waits for them, and closes the store.
    pub async fn shutdown(self: Arc<Self>) -> Drained {
        let Shared { tasks, settings, .. } = &*self.shared;
        tasks.cancel();
        let mut left = tasks.drain(settings.drain).await;
        let stopped = self.shared.stopped.load(Ordering::Relaxed);
        // The store is closed only once nothing else uses it.
        let shared = Arc::clone(&self.shared);
        drop(self);
        match Arc::into_inner(shared).map(|shared| shared.store.close()) {
            Some(Err(error)) => left.push(error.to_string()),
            None if left.is_empty() => left.push("a user of the store".to_owned()),
            Some(Ok(())) | None => {}
        }
        Drained { stopped, left }
    }
}

impl Standing {
    /// Tells whether the workspace is as it should be.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.status.state == State::Online && self.status.failure.is_none()
    }
}
