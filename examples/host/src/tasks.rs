//! Tasks that are counted from before they start until they have ended, by name. Everything in this package that runs in
//! the background is spawned here, and one drain waits for all of it.

use std::collections::BTreeMap;
use std::future::pending;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::TaskTracker;
use tracing::error;

/// A handle to the tasks of a host; clones share them.
#[derive(Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    cancel: CancellationToken,
    names: Arc<Mutex<Names>>,
}

#[derive(Default)]
struct Names {
    next: u64,
    running: BTreeMap<u64, String>,
}

impl Tasks {
    /// Runs `task` in the background. A panic in it is logged with its name, and ends nothing else.
    ///
    /// A task that may take forever, such as a connection, watches [`cancelled`](Self::cancelled).
    #[allow(clippy::disallowed_methods, reason = "this is where tasks are named and counted")]
    pub fn spawn(&self, name: impl Into<String>, task: impl Future<Output = ()> + Send + 'static) {
        let named = self.register(name.into());
        // The tracker counts from here, not from when the task first runs.
        self.tracker.spawn(async move {
            if AssertUnwindSafe(task).catch_unwind().await.is_err() {
                error!(task = named.name, "a task panicked");
            }
        });
    }

    /// Returns what `work` returns, which may block. It goes on, and counts, even if the caller stops waiting.
    ///
    /// # Panics
    ///
    /// If `work` does.
    #[allow(clippy::disallowed_methods, reason = "this is where tasks are named and counted")]
    pub async fn blocking<T: Send + 'static>(
        &self,
        name: impl Into<String>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        let named = self.register(name.into());
        let work = self.tracker.spawn_blocking(move || {
            let _named = named;
            work()
        });
        match work.await.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(done) => done,
            Err(Ok(panic)) => resume_unwind(panic),
            // The process ends before the work began.
            Err(Err(_)) => pending().await,
        }
    }

    /// Asks tasks to end.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Tells whether tasks were asked to end.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Waits until tasks are asked to end.
    pub fn cancelled(&self) -> WaitForCancellationFutureOwned {
        self.cancel.clone().cancelled_owned()
    }

    /// Waits for every task, those included that start in the meantime, and returns the names of those that have not
    /// ended by the `deadline`.
    pub async fn drain(&self, deadline: Duration) -> Vec<String> {
        self.tracker.close();
        if timeout(deadline, self.tracker.wait()).await.is_ok() {
            return Vec::new();
        }
        self.names.lock().unwrap_or_else(PoisonError::into_inner).running.values().cloned().collect()
    }

    fn register(&self, name: String) -> Named {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let id = names.next;
        names.next += 1;
        names.running.insert(id, name.clone());
        Named { name, id, names: Arc::clone(&self.names) }
    }
}

/// The entry of a task, for as long as it runs.
struct Named {
    name: String,
    id: u64,
    names: Arc<Mutex<Names>>,
}

impl Drop for Named {
    fn drop(&mut self) {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).running.remove(&self.id);
    }
}
