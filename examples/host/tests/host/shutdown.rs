//! The end of the host, and of what it started. Here it is a process of its own, with real signals.

use std::fs;
use std::future::pending;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use envref_host::host::Host;
use envref_host::store::Store;
use envref_host::template::read;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::runtime::Builder;

use crate::fixture::{Fifo, Fixture, PROGRAM, blocking, ended, head, holder, kill, organisation, request};

/// A host as a process.
pub(crate) struct Program {
    pub(crate) child: Child,
    lines: Option<BufReader<ChildStdout>>,
}

impl Program {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = Some(BufReader::new(child.stdout.take().unwrap()));
        Self { child, lines }
    }

    /// Starts a host that keeps everything in `dir`, with `template`.
    pub(crate) fn with(dir: &TempDir, template: &str) -> Self {
        let file = dir.path().join("org.yaml");
        fs::write(&file, template).unwrap();
        let mut command = Command::new(PROGRAM);
        Self::start(command.arg("--state").arg(dir.path().join("state")).arg(file).stderr(Stdio::null()))
    }

    /// Returns what it prints up to the line that begins with `start`.
    pub(crate) async fn until(&mut self, start: &'static str) -> String {
        let mut lines = self.lines.take().unwrap();
        let (lines, text) = blocking(move || {
            let mut text = String::new();
            while !text.lines().any(|line| line.starts_with(start)) {
                assert_ne!(lines.read_line(&mut text).unwrap(), 0, "{text}");
            }
            (lines, text)
        })
        .await;
        self.lines = Some(lines);
        text
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub(crate) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Waits for the end, and returns the exit status and what it printed since.
    pub(crate) async fn end(mut self) -> (Option<i32>, String) {
        blocking(move || {
            let mut text = String::new();
            self.lines.take().unwrap().read_to_string(&mut text).unwrap();
            (self.child.wait().unwrap().code(), text)
        })
        .await
    }
}

/// A test that fails leaves no host behind.
impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

const TWO: [(&str, &str); 2] = [("a", "channels: []"), ("b", "channels: []")];

#[tokio::test(flavor = "multi_thread")]
async fn the_host_stops_its_runtimes_and_their_groups() {
    for signal in [Signal::TERM, Signal::INT] {
        let dir = TempDir::new().unwrap();
        let mut program = Program::with(&dir, &organisation(&TWO));
        let text = program.until("listening").await;
        assert!(text.starts_with("a online pid "), "{text}");
        assert_eq!(text.lines().count(), 3);
        program.signal(signal);
        let expected = "draining\ndrained: 2 runtimes stopped, 0 tasks left\n";
        assert_eq!(program.end().await, (Some(0), expected.to_owned()));
        for name in ["a", "b"] {
            ended(&dir.path().join("state/workspaces").join(name)).await;
        }
        assert!(!dir.path().join("state/host.sock").exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_template_says_does_nothing_to_a_terminal() {
    let dir = TempDir::new().unwrap();
    let template = organisation(&[("w", "channels: []")]).replace("name: w", r#"name: "\e[2J\u202E""#);
    let mut program = Program::with(&dir, &template);
    let text = program.until("listening").await;
    assert!(
        text.starts_with("\u{FFFD}[2J\u{FFFD}   offline; a name has up to 64 of a-z, 0-9 and -\n"),
        "{text:?}"
    );
    program.terminate();
    assert_eq!(program.end().await.0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_host_leaves_no_orphan() {
    let dir = TempDir::new().unwrap();
    let mut program = Program::with(&dir, &organisation(&TWO));
    program.until("listening").await;
    program.signal(Signal::KILL);
    for name in ["a", "b"] {
        ended(&dir.path().join("state/workspaces").join(name)).await;
    }
    assert_eq!(program.end().await.0, None);

    // The next host knows what is wanted, without a template.
    let mut command = Command::new(PROGRAM);
    let mut program = Program::start(command.arg("--state").arg(dir.path().join("state")));
    let text = program.until("listening").await;
    assert!(text.contains("a online pid ") && text.contains("b online pid "), "{text}");
    program.terminate();
    assert_eq!(program.end().await.0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_killed_in_the_middle_of_a_start_leaves_no_orphan() {
    let dir = TempDir::new().unwrap();
    let fifo = Fifo::new(&dir, "fifo");
    let program = Program::with(&dir, &organisation(&[("held", &fifo.rest())]));
    let held = fifo.reached().await;
    program.signal(Signal::KILL);
    ended(&dir.path().join("state/workspaces/held")).await;
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runtime_that_is_killed_leaves_no_orphan() {
    let fixture = Fixture::online("channels: []").await;
    let dir = fixture.workspace_dir("w");
    kill(fixture.workspace("w").status().pid.unwrap(), &dir).await;
    ended(&dir).await;
    assert_eq!(fixture.end().await, 0);
}

#[test]
fn a_runtime_ends_with_the_task_that_owns_it() {
    let threads = Builder::new_multi_thread().enable_all().build().unwrap();
    let fixture = threads.block_on(Fixture::online("channels: []"));
    let dir = fixture.workspace_dir("w");
    // It does nothing any more by itself.
    kill_process(holder(&dir).unwrap(), Signal::STOP).unwrap();
    threads.shutdown_timeout(Duration::from_secs(60));
    Builder::new_current_thread().enable_all().build().unwrap().block_on(ended(&dir));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_middle_of_a_start_everybody_is_answered() {
    let dir = TempDir::new().unwrap();
    let fifo = Fifo::new(&dir, "fifo");
    let mut program = Program::with(&dir, &organisation(&[("a", "channels: []"), ("held", &fifo.rest())]));
    fifo.pass().await;
    program.until("listening").await;
    let socket = dir.path().join("state/host.sock");

    // Each client has been accepted before it asks for a restart.
    let mut clients = Vec::new();
    for _ in 0..100 {
        let mut client = UnixStream::connect(&socket).await.unwrap();
        client.write_all(head("GET", "/nothing", "", "keep-alive").as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 404");
        client.write_all(head("POST", "/workspaces/held/restart", "", "close").as_bytes()).await.unwrap();
        clients.push(client);
    }
    let held = fifo.reached().await;
    program.terminate();
    program.until("draining").await;
    held.release().await;
    for mut client in clients {
        let mut rest = String::new();
        // One that had not been read yet finds its connection closed, or reset.
        let _ = client.read_to_string(&mut rest).await;
        let is_answered = rest.contains("503 Service Unavailable") && rest.contains("the host is draining");
        assert!(is_answered || !rest.contains("HTTP/1.1"), "{rest}");
    }
    let (code, text) = program.end().await;
    assert_eq!(code, Some(0), "{text}");
    assert!(text.ends_with("runtimes stopped, 0 tasks left\n"), "{text}");
    for name in ["a", "held"] {
        ended(&dir.path().join("state/workspaces").join(name)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_wait_are_answered_in_the_end() {
    let fixture = Fixture::new();
    let fifo = Fifo::new(&fixture.dir, "fifo");
    let template = organisation(&[("w", &fifo.rest())]);
    let mut import = Box::pin(fixture.host.import(&template));
    assert!(import.as_mut().now_or_never().is_none());
    let held = fifo.reached().await;
    let workspace = fixture.workspace("w");
    let waiting = join_all((0..100).map(|_| workspace.settled(workspace.restart())));
    let mut waiting = Box::pin(waiting);
    assert!(waiting.as_mut().now_or_never().is_none());
    let tasks = fixture.host.tasks().clone();
    let release = async {
        tasks.cancelled().await;
        held.release().await;
    };
    let (answers, imported, stopped, ()) =
        futures_util::join!(waiting, import, fixture_end(fixture.host.clone()), release);
    assert!(
        answers
            .iter()
            .all(|answer| answer.as_ref().is_err_and(|it| it.to_string() == "the host is draining"))
    );
    assert_eq!(imported.unwrap()[0].status.failure.as_deref(), Some("the host is draining"));
    assert_eq!(stopped, 1);
}

async fn fixture_end(host: Arc<Host>) -> usize {
    let drained = host.shutdown().await;
    drained.stopped
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_the_host_at_once() {
    let dir = TempDir::new().unwrap();
    let fifo = Fifo::new(&dir, "fifo");
    let mut program = Program::with(&dir, &organisation(&[("held", &fifo.rest())]));
    let held = fifo.reached().await;
    // The agent does nothing any more, neither on SIGTERM nor at the end of its input.
    let agent = holder(&dir.path().join("state/workspaces/held")).unwrap();
    kill_process(agent, Signal::STOP).unwrap();
    program.terminate();
    program.until("draining").await;
    program.signal(Signal::INT);
    assert_eq!(program.end().await, (Some(1), String::new()));
    ended(&dir.path().join("state/workspaces/held")).await;
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn open_connections_do_not_hold_the_drain_up() {
    let dir = TempDir::new().unwrap();
    let unset: Vec<_> = (0..5000).map(|number| format!("k{number}: $UNSET_{number}")).collect();
    let rest = format!("channels: [{{kind: x, config: {{{}}}}}]", unset.join(", "));
    let mut program = Program::with(&dir, &organisation(&[("a", &rest), ("b", "channels: []")]));
    program.until("listening").await;
    let socket = dir.path().join("state/host.sock");
    assert_eq!(
        fs::metadata(&socket).map(|it| std::os::unix::fs::PermissionsExt::mode(&it.permissions())).unwrap()
            & 0o777,
        0o600
    );

    let silent = UnixStream::connect(&socket).await.unwrap();
    let mut clients = vec![silent];
    let whole = head("POST", "/workspaces/a/messages", "hello", "keep-alive");
    for length in [whole.len(), whole.len() - 3, 20] {
        let mut client = UnixStream::connect(&socket).await.unwrap();
        client.write_all(head("GET", "/nothing", "", "keep-alive").as_bytes()).await.unwrap();
        client.readable().await.unwrap();
        client.write_all(&whole.as_bytes()[..length]).await.unwrap();
        clients.push(client);
    }
    // One does not read its answer, which is longer than what a socket holds.
    let mut deaf = UnixStream::connect(&socket).await.unwrap();
    deaf.write_all(head("GET", "/workspaces", "", "keep-alive").as_bytes()).await.unwrap();
    deaf.readable().await.unwrap();
    clients.push(deaf);
    program.terminate();
    let (code, text) = program.end().await;
    assert_eq!((code, text.as_str()), (Some(0), "draining\ndrained: 2 runtimes stopped, 0 tasks left\n"));
    drop(clients);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_outlives_the_client_that_asked_for_it() {
    let dir = TempDir::new().unwrap();
    let fifo = Fifo::new(&dir, "fifo");
    let mut program = Program::with(&dir, &organisation(&[("held", &fifo.rest())]));
    fifo.pass().await;
    program.until("listening").await;
    let socket = dir.path().join("state/host.sock");

    let mut client = UnixStream::connect(&socket).await.unwrap();
    client.write_all(head("POST", "/workspaces/held/restart", "", "close").as_bytes()).await.unwrap();
    let held = fifo.reached().await;
    drop(client);
    held.release().await;
    // It waits for the restart, and is answered by the runtime that came of it.
    assert_eq!(request(&socket, "POST", "/workspaces/held/messages", "hello").await.unwrap().code, 200);
    let listed = request(&socket, "GET", "/workspaces", "").await.unwrap().json();
    assert_eq!((&listed[0]["state"], &listed[0]["cycles"]), (&"online".into(), &2.into()));
    program.terminate();
    assert_eq!(program.end().await.0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_began_before_the_end_is_in_the_file() {
    let Fixture { host, dir } = Fixture::new();
    let tasks = host.tasks().clone();
    let (begin, in_write) = mpsc::channel();
    let (release, held) = mpsc::channel::<()>();
    let user = Arc::clone(&host);
    let spec = read(&organisation(&[("slow", "channels: []")])).unwrap().remove(0).1;
    let write = tasks.blocking("slow write", move || {
        begin.send(()).unwrap();
        held.recv().unwrap();
        user.store().want("slow", &spec).unwrap();
    });
    // Nobody waits for it.
    assert_eq!(write.now_or_never(), None);
    in_write.recv().unwrap();

    let store = host.settings().store();
    let cancelled = tasks.cancelled();
    let (drained, ()) = futures_util::join!(host.shutdown(), async {
        cancelled.await;
        release.send(()).unwrap();
    });
    assert_eq!(drained.left, Vec::<String>::new());
    let wanted = Store::open(&store).unwrap().wanted().unwrap();
    assert_eq!(wanted[0].0, "slow");
    drop(dir);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_end_is_named_and_the_store_is_not_closed_under_it() {
    let Fixture { host, dir } = Fixture::new();
    let user = Arc::clone(&host);
    host.tasks().spawn("hung", async move {
        pending::<()>().await;
        drop(user);
    });
    let path = host.settings().store();
    let drained = host.shutdown().await;
    assert_eq!((drained.stopped, drained.left), (0, vec!["hung".to_owned()]));
    // It is still open.
    assert!(Store::open(&path).is_err());
    drop(dir);
}
