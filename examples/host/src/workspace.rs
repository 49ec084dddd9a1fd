//! A workspace, and the one task that owns its runtime: nothing else starts or stops it, so there is no lock to forget.
//!
//! What is wanted and the number of the request are one value of a `watch` channel. To change what is wanted is to
//! request a cycle, in one step, and to wait for a cycle that began after the request. Requests during a cycle add up to
//! one more.

use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::FutureExt as _;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot, watch};
use tracing::{info, warn};

use crate::host::Shared;
pub use crate::runtime::Undelivered;
use crate::runtime::{Message, Runtime};
use crate::secret::Secret;
use crate::seed::{self, Staged};
use crate::store::Record;
use crate::template::Spec;

/// A handle to a workspace.
pub struct Workspace {
    wanted: Arc<watch::Sender<Wanted>>,
    status: watch::Receiver<Status>,
    messages: mpsc::Sender<Message>,
}

/// What is wanted, and how often it was asked for.
#[derive(Clone)]
struct Wanted {
    number: u64,
    spec: Arc<Spec>,
}

/// How a workspace stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// In short.
    pub state: State,
    /// The process of the runtime, if there is one.
    pub pid: Option<i32>,
    /// Why the last cycle failed, or how the runtime ended. A runtime from before a failed cycle may still be there.
    pub failure: Option<String>,
    /// The channels that the runtime does without, each with the reason, and what else its template should know.
    pub notes: Vec<String>,
    /// How many cycles have ended.
    pub cycles: u64,
    /// The last request that a cycle has taken care of.
    #[serde(skip)]
    settled: u64,
}

/// How a workspace stands, in a word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// There is no runtime.
    #[default]
    Offline,
    /// A cycle is under way.
    Restarting,
    /// The runtime is ready.
    Online,
}

impl Status {
    /// Returns how a workspace stands of which no cycle has begun.
    pub(crate) fn failed(failure: &impl ToString) -> Self {
        Self { failure: Some(failure.to_string()), ..Self::default() }
    }
}

/// The host is about to end, and starts nothing more.
#[derive(Debug, thiserror::Error)]
#[error("the host is draining")]
pub struct Draining;

impl Workspace {
    /// Returns the workspace `name`, for which `spec` is wanted from the first request on.
    pub(crate) fn new(name: &str, spec: Spec, shared: &Arc<Shared>) -> Self {
        let wanted = Arc::new(watch::Sender::new(Wanted { number: 0, spec: Arc::new(spec) }));
        let (publish, status) = watch::channel(Status::default());
        let (messages, inbox) = mpsc::channel(1);
        let owner = Owner {
            name: name.to_owned(),
            shared: Arc::clone(shared),
            news: wanted.subscribe(),
            wanted: Arc::clone(&wanted),
            status: publish,
            inbox,
            runtime: None,
            token: None,
        };
        shared.tasks.spawn(format!("workspace {name}"), owner.run());
        Self { wanted, status, messages }
    }

    /// Changes what is wanted, asks for a cycle, and returns the number to wait for: one step.
    pub fn change(&self, change: impl FnOnce(&mut Spec)) -> u64 {
        let mut number = 0;
        self.wanted.send_modify(|wanted| {
            change(Arc::make_mut(&mut wanted.spec));
            wanted.number += 1;
            number = wanted.number;
        });
        number
    }

    /// Asks for a cycle, and returns the number to wait for.
    #[allow(clippy::must_use_candidate, reason = "nobody has to wait")]
    pub fn restart(&self) -> u64 {
        self.change(|_| {})
    }

    /// Waits for the end of a cycle that began after the request `number`, and returns how the workspace stands then.
    ///
    /// # Errors
    ///
    /// If the host is told to end first.
    pub async fn settled(&self, number: u64) -> Result<Status, Draining> {
        let mut status = self.status.clone();
        let settled = status.wait_for(|status| status.settled >= number).await.map_err(|_| Draining)?;
        Ok(settled.clone())
    }

    /// Returns how the workspace stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Returns the runtime's answer to a message, which it gets after a cycle that is under way.
    ///
    /// # Errors
    ///
    /// If there is no runtime, in which case a restart is asked for; if it ends before it answers; or if the host does.
    pub async fn send(&self, text: String) -> Result<String, Undelivered> {
        let (reply, answer) = oneshot::channel();
        self.messages.send(Message { text, reply }).await.map_err(|_| Undelivered::Draining)?;
        answer.await.unwrap_or(Err(Undelivered::Ended))
    }
}

/// The task that owns the runtime.
struct Owner {
    name: String,
    shared: Arc<Shared>,
    wanted: Arc<watch::Sender<Wanted>>,
    news: watch::Receiver<Wanted>,
    status: watch::Sender<Status>,
    inbox: mpsc::Receiver<Message>,
    runtime: Option<Runtime>,
    /// What the runtime was started with.
    token: Option<Secret>,
}

impl Owner {
    async fn run(mut self) {
        loop {
            tokio::select! {
                biased;
                () = self.shared.tasks.cancelled() => break,
                Ok(()) = self.news.changed() => self.cycle().await,
                exit = exited(&mut self.runtime) => self.exit(&exit).await,
                Some(message) = self.inbox.recv() => self.deliver(message),
            }
        }
        if self.stop().await {
            self.shared.stopped.fetch_add(1, Ordering::Relaxed);
        }
        self.publish(|_| {}).await;
    }

    /// Brings the runtime in line with what is wanted, once.
    async fn cycle(&mut self) {
        let Wanted { number, spec } = self.news.borrow_and_update().clone();
        self.status.send_modify(|status| status.state = State::Restarting);
        let cancelled = self.shared.tasks.cancelled();
        let result = tokio::select! {
            biased;
            () = cancelled => return,
            result = AssertUnwindSafe(self.renew(spec)).catch_unwind() => result,
        };
        let result = result.unwrap_or_else(|_| Err("the restart panicked".to_owned()));
        if self.runtime.as_ref().is_some_and(|runtime| !runtime.is_open()) {
            // Left in its place, its exit would be taken for that of a runtime that had started.
            self.stop().await;
        }
        match &result {
            Ok(_) => info!(workspace = self.name, "restarted"),
            Err(failure) => warn!(workspace = self.name, failure, "cannot restart"),
        }
        self.publish(|status| {
            status.settled = number;
            status.cycles += 1;
            status.failure = result.map(|notes| status.notes = notes).err();
        })
        .await;
    }

    /// Stages the files, stops the runtime, puts the files in place, and starts another. Returns what the
    /// template should know. Up to the stop, a failure leaves the runtime as it is.
    async fn renew(&mut self, spec: Arc<Spec>) -> Result<Vec<String>, String> {
        let name = &self.name;
        let shared = Arc::clone(&self.shared);
        let (settings, tasks) = (&shared.settings, &shared.tasks);

        let token = (settings.mint)();
        let stage = {
            let (shared, name, token) = (Arc::clone(&shared), name.clone(), token.clone());
            move || stage(&shared, &name, &spec, &token)
        };
        let (staged, notes) = tasks.blocking(format!("seeding of {name}"), stage).await?;

        self.stop().await;
        let name = &self.name;
        let commit = move || staged.commit().map_err(|error| error.to_string());
        let seeded = tasks.blocking(format!("seeding of {name}"), commit).await?;
        // From now on, only the runtime that is started with the token can show it.
        self.token = Some(token.clone());
        let status = self.status.borrow().clone();
        self.record(status).await?;

        let runtime = Runtime::start(&settings.program, &self.name, seeded).map_err(|it| it.to_string())?;
        let runtime = self.runtime.insert(runtime);
        runtime.ready(&token, settings.start).await.map_err(|error| error.to_string())?;
        runtime.open(&self.name, tasks);
        Ok(notes)
    }

    /// Notes that the runtime ended by itself. The next message restarts it.
    async fn exit(&mut self, exit: &str) {
        warn!(workspace = self.name, exit, "the runtime ended by itself");
        self.stop().await;
        self.publish(|status| status.failure = Some(format!("the runtime ended by itself, with {exit}")))
            .await;
    }

    /// Passes a message on, unless the runtime is known to be dead: then it requests a restart. A failed probe proves
    /// nothing, so it does not restart the runtime.
    fn deliver(&self, message: Message) {
        match &self.runtime {
            Some(runtime) if runtime.probe().unwrap_or(true) => runtime.tell(message),
            _ => {
                self.wanted.send_modify(|wanted| wanted.number += 1);
                // The caller may have gone.
                let _ = message.reply.send(Err(Undelivered::Dead));
            }
        }
    }

    /// Stops the runtime, and tells whether there was one.
    async fn stop(&mut self) -> bool {
        if let Some(runtime) = &mut self.runtime {
            runtime.stop(self.shared.settings.stop).await;
        }
        self.token = None;
        self.runtime.take().is_some()
    }

    /// Writes how the workspace stands, and then shows it.
    async fn publish(&self, change: impl FnOnce(&mut Status)) {
        let mut status = self.status.borrow().clone();
        change(&mut status);
        status.pid = self.runtime.as_ref().and_then(Runtime::pid);
        status.state = if status.pid.is_some() { State::Online } else { State::Offline };
        // Whatever happens to the store, callers that wait are answered.
        let recorded = AssertUnwindSafe(self.record(status.clone())).catch_unwind().await;
        if let Err(failure) = recorded.unwrap_or_else(|_| Err("the store panicked".to_owned())) {
            warn!(workspace = self.name, failure, "cannot write how a workspace stands");
        }
        self.status.send_replace(status);
    }

    async fn record(&self, status: Status) -> Result<(), String> {
        let (shared, name) = (Arc::clone(&self.shared), self.name.clone());
        let record = Record { status, token: self.token.clone() };
        let write = move || shared.store.record(&name, &record).map_err(|error| error.to_string());
        self.shared.tasks.blocking(format!("record of {}", self.name), write).await
    }
}

/// Writes what is wanted, and stages what it comes to. Blocks.
fn stage(shared: &Shared, name: &str, spec: &Spec, token: &Secret) -> Result<(Staged, Vec<String>), String> {
    let settings = &shared.settings;
    shared.store.want(name, spec).map_err(|error| error.to_string())?;
    let plan =
        spec.plan(token, &settings.workspaces(), &settings.environment).map_err(|error| error.to_string())?;
    let log = settings.log(name);
    let staged = seed::stage(name, &plan.dir, &log, &plan.files, &plan.generated);
    Ok((staged.map_err(|error| error.to_string())?, plan.notes))
}

/// Waits until the runtime ends by itself, and returns how. Forever, where there is none.
async fn exited(runtime: &mut Option<Runtime>) -> String {
    match runtime {
        Some(runtime) => runtime.exited().await.map_or_else(|error| error.to_string(), |it| it.to_string()),
        None => pending().await,
    }
}
