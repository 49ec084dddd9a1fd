//! What tests share: a host in a directory of its own, FIFOs to hold things with, and a client.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use envref_host::agent::{LOCK, STARTS, TOOL_LOCK};
use envref_host::host::{Host, Settings, Standing};
use envref_host::tasks::Tasks;
use envref_host::workspace::{Status, Workspace};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{CWD, FileType, FlockOperation, Mode, fcntl_lock, mknodat};
use rustix::process::{Flock, FlockType, Pid, Signal, fcntl_getlk, kill_process};
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

/// The program, which is its own runtime.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_envref-host");

/// A host in the process of the test, with real runtimes.
pub(crate) struct Fixture {
    pub(crate) host: Arc<Host>,
    pub(crate) dir: TempDir,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let dir = TempDir::new().unwrap();
        let mut settings = Settings::new(dir.path().join("state"), PROGRAM.into());
        change(&mut settings);
        Self { host: Host::open(settings).unwrap(), dir }
    }

    /// Returns a host with the online workspace `w`, of which `rest` is the rest.
    pub(crate) async fn online(rest: &str) -> Self {
        let fixture = Self::new();
        fixture.import(&[("w", rest)]).await;
        assert_eq!(fixture.workspace("w").status().failure, None);
        fixture
    }

    pub(crate) async fn import(&self, workspaces: &[(&str, &str)]) -> Vec<Standing> {
        self.host.import(&organisation(workspaces)).await.unwrap()
    }

    pub(crate) fn workspace(&self, name: &str) -> Arc<Workspace> {
        self.host.workspace(name).unwrap()
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    pub(crate) fn workspace_dir(&self, name: &str) -> PathBuf {
        self.state().join("workspaces").join(name)
    }

    pub(crate) fn starts(&self, name: &str) -> Vec<Start> {
        starts(&self.workspace_dir(name))
    }

    /// Restarts, and returns how the workspace stands then.
    pub(crate) async fn restart(&self, name: &str) -> Status {
        let workspace = self.workspace(name);
        workspace.settled(workspace.restart()).await.unwrap()
    }

    /// Ends the host, which has to leave nothing.
    pub(crate) async fn end(self) -> usize {
        let drained = self.host.shutdown().await;
        assert_eq!(drained.left, Vec::<String>::new());
        drained.stopped
    }
}

/// Returns a template with workspaces, each with its name and the rest of it, in YAML.
pub(crate) fn organisation(workspaces: &[(&str, &str)]) -> String {
    let workspaces = workspaces.iter().map(|(name, rest)| {
        format!("  - {{name: {name}, workspace_dir: \"${{WORKSPACE_DIR}}/{name}\", {rest}}}\n")
    });
    let head = "name: Test\ndefaults: {model: m, initial_prompt: p}\nworkspaces:\n";
    head.to_owned() + &workspaces.collect::<String>()
}

/// What an agent says it was started with.
#[derive(Deserialize)]
pub(crate) struct Start {
    pub(crate) pid: i32,
    pub(crate) config: Value,
    pub(crate) environment: Value,
}

impl Start {
    pub(crate) fn token(&self) -> &str {
        self.config["token"].as_str().unwrap()
    }

    /// Returns the configuration of the first channel.
    pub(crate) fn channel(&self) -> &Value {
        &self.config["channels"][0]["config"]
    }
}

/// Returns what the agents in `dir` said when they started, in order.
pub(crate) fn starts(dir: &Path) -> Vec<Start> {
    let Ok(lines) = fs::read_to_string(dir.join(STARTS)) else { return Vec::new() };
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A FIFO that holds an agent in the middle of its start: the agent reads a line of it.
pub(crate) struct Fifo(PathBuf);

impl Fifo {
    pub(crate) fn new(dir: &TempDir, name: &str) -> Self {
        let path = dir.path().join(name);
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        Self(path)
    }

    /// Returns a channel that holds an agent.
    pub(crate) fn channel(&self) -> String {
        format!("{{kind: file, config: {{path: {}}}}}", self.0.display())
    }

    /// Returns the rest of a workspace with that channel.
    pub(crate) fn rest(&self) -> String {
        format!("channels: [{}]", self.channel())
    }

    /// Waits until an agent reads the FIFO.
    pub(crate) async fn reached(&self) -> Held {
        let path = self.0.clone();
        Held(blocking(move || OpenOptions::new().write(true).open(path).unwrap()).await)
    }

    /// Waits until an agent reads the FIFO, and lets it pass.
    pub(crate) async fn pass(&self) {
        self.reached().await.release().await;
    }
}

/// An agent that is held in the middle of its start.
pub(crate) struct Held(File);

impl Held {
    /// Lets the agent go on, and waits until it has closed the FIFO: whoever opens it next meets the next agent.
    pub(crate) async fn release(mut self) {
        blocking(move || {
            self.0.write_all(b"\n").unwrap();
            poll(&mut [PollFd::new(&self.0, PollFlags::ERR)], None).unwrap();
        })
        .await;
    }
}

/// Returns what `work` returns, which may block. The calls of a test are counted like everything else.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    Tasks::default().blocking("test", work).await
}

/// Waits until no agent and no tool works in `dir`.
pub(crate) async fn ended(dir: &Path) {
    free(dir.join(LOCK)).await;
    free(dir.join(TOOL_LOCK)).await;
}

/// Waits until nobody holds a lock.
async fn free(lock: PathBuf) {
    blocking(move || {
        let file = OpenOptions::new().write(true).open(lock).unwrap();
        fcntl_lock(&file, FlockOperation::LockExclusive).unwrap();
    })
    .await;
}

/// Returns the process that works in `dir`.
pub(crate) fn holder(dir: &Path) -> Option<Pid> {
    let lock = OpenOptions::new().write(true).open(dir.join(LOCK)).ok()?;
    fcntl_getlk(&lock, &Flock::from(FlockType::WriteLock)).unwrap()?.pid
}

/// Kills a process, and waits until the lock that it holds in `dir` is free.
pub(crate) async fn kill(pid: i32, dir: &Path) {
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    free(dir.join(LOCK)).await;
}

/// Returns a command that runs an agent in `dir`, by hand.
pub(crate) fn agent(dir: &Path) -> Command {
    let mut agent = Command::new(PROGRAM);
    agent.arg("agent").current_dir(dir);
    agent
}

/// An answer of the face.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Sends a request, as a client that wants no other, and returns the answer.
pub(crate) async fn request(socket: &Path, method: &str, path: &str, body: &str) -> io::Result<Answer> {
    let mut stream = UnixStream::connect(socket).await?;
    stream.write_all(head(method, path, body, "close").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let code = head.split(' ').nth(1).unwrap().parse().unwrap();
    Ok(Answer { code, body: body.to_owned() })
}

/// Returns the bytes of a request.
pub(crate) fn head(method: &str, path: &str, body: &str, connection: &str) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: host\r\nConnection: {connection}\r\nContent-Type: text/plain\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
}
