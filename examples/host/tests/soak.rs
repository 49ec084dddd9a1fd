//! Random requests, imports, changed secrets, killed runtimes and full disks, all at once, against what has to hold:
//!
//! - at most one runtime for a workspace, which is the last one that was started, with the token that the store has;
//! - the last configuration runs, and is in the store;
//! - every request is answered, and no failure goes unexplained;
//! - the host ends without leaving a task or a process, and comes back as it was.
//!
//! What is done follows from the seed; how it overlaps does not. A few seconds by default:
//!
//! ```sh
//! SOAK_SECONDS=600 SOAK_SEED=7 cargo test --package envref-host --test soak -- --nocapture
//! ```

#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "the fixture has more than is used here")]

#[path = "host/fixture.rs"]
mod fixture;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use envref_host::agent::STARTS;
use envref_host::api;
use envref_host::host::{Host, Settings};
use fastrand::Rng;
use futures_util::future::join_all;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixStream;

use fixture::{PROGRAM, head, holder, organisation, request, starts};

const WORKSPACES: usize = 5;
/// How many things happen at once, at most.
const AT_ONCE: usize = 12;
/// After so many rounds the host ends, and another takes over.
const ROUNDS_OF_A_HOST: u32 = 25;

/// What a client, or bad luck, does.
#[derive(Debug, Clone)]
enum Action {
    Restart(usize),
    /// Sets the secret of a workspace, to one value after the other.
    Set(usize, Vec<u64>),
    Message(usize),
    /// Imports some workspaces in a version.
    Import(Vec<usize>, u64),
    List,
    /// Asks for a restart, and does not wait for the answer.
    HangUp(usize),
    /// Sends what is no request.
    Garbage,
    /// Kills a runtime.
    Kill(usize),
    /// Fills the disk that the log of a workspace is on, for the rest of the round.
    FillDisk(usize),
    /// Puts a file where the directory of the host is, for the rest of the round.
    Block(usize),
}

impl Action {
    fn random(random: &mut Rng, next: &mut u64) -> Self {
        let workspace = random.usize(..WORKSPACES);
        let mut number = || {
            *next += 1;
            *next
        };
        match random.u32(..20) {
            0..4 => Self::Restart(workspace),
            4..8 => Self::Set(workspace, (0..random.usize(1..4)).map(|_| number()).collect()),
            8..11 => Self::Message(workspace),
            11..13 => {
                let some = (0..WORKSPACES).filter(|_| random.bool()).collect();
                Self::Import(some, number())
            }
            13 => Self::List,
            14 => Self::HangUp(workspace),
            15 => Self::Garbage,
            16 | 17 => Self::Kill(workspace),
            18 => Self::FillDisk(workspace),
            _ => Self::Block(workspace),
        }
    }
}

/// What may be configured at the end of a round: the last word of each client that had one.
#[derive(Default)]
struct Expected {
    secrets: BTreeMap<usize, BTreeSet<u64>>,
    versions: BTreeMap<usize, BTreeSet<u64>>,
}

impl Expected {
    fn after(&mut self, actions: &[Action]) {
        let (mut secrets, mut versions) = (BTreeMap::new(), BTreeMap::new());
        for action in actions {
            match action {
                Action::Set(workspace, values) => {
                    secrets.entry(*workspace).or_insert_with(BTreeSet::new).extend(values.last());
                }
                Action::Import(workspaces, version) => {
                    for workspace in workspaces {
                        versions.entry(*workspace).or_insert_with(BTreeSet::new).insert(*version);
                    }
                }
                _ => {}
            }
        }
        self.secrets.extend(secrets);
        self.versions.extend(versions);
    }
}

#[derive(Debug, Default)]
struct Figures {
    rounds: u32,
    requests: usize,
    failures: usize,
    starts: usize,
    hosts: usize,
}

struct Soak {
    state: PathBuf,
    host: Arc<Host>,
    figures: Figures,
}

#[tokio::test(flavor = "multi_thread")]
async fn soak() {
    let number = |name: &str, default| env::var(name).map_or(default, |it| it.parse().unwrap());
    let (seconds, seed) = (number("SOAK_SECONDS", 5), number("SOAK_SEED", 1));
    println!("SOAK_SECONDS={seconds} SOAK_SEED={seed}");
    let end = Instant::now() + Duration::from_secs(seconds);

    let dir = tempfile::TempDir::new().unwrap();
    let state = dir.path().join("state");
    let mut soak = Soak { host: open(&state), state, figures: Figures::default() };
    let (mut random, mut next, mut expected) = (Rng::with_seed(seed), 0, Expected::default());
    let first = [Action::Import((0..WORKSPACES).collect(), 0)];
    soak.round(&first, &mut expected).await;
    while Instant::now() < end {
        let actions = (0..random.usize(1..=AT_ONCE)).map(|_| Action::random(&mut random, &mut next));
        let actions: Vec<_> = actions.collect();
        soak.round(&actions, &mut expected).await;
        if soak.figures.rounds.is_multiple_of(ROUNDS_OF_A_HOST) {
            soak = soak.another_host(&expected).await;
        }
    }
    let figures = soak.another_host(&expected).await.end().await;
    println!("{figures:?}");
    assert!(figures.rounds > 1);
}

fn open(state: &Path) -> Arc<Host> {
    let host = Host::open(Settings::new(state.to_owned(), PROGRAM.into())).unwrap();
    let listener = api::bind(&host.settings().socket()).unwrap();
    host.tasks().spawn("listener", api::serve(listener, Arc::clone(&host)));
    host
}

fn name(workspace: usize) -> String {
    format!("w{workspace}")
}

impl Soak {
    async fn round(&mut self, actions: &[Action], expected: &mut Expected) {
        self.figures.rounds += 1;
        for answers in join_all(actions.iter().map(|action| self.act(action))).await {
            self.figures.requests += answers.len();
            for (code, answer) in answers {
                self.judge(code, &answer, actions);
            }
        }
        expected.after(actions);
        self.heal();
        for workspace in 0..WORKSPACES {
            self.check(workspace, expected, actions).await;
        }
    }

    /// Does what it says, and returns the answers.
    async fn act(&self, action: &Action) -> Vec<(u16, Value)> {
        let socket = self.host.settings().socket();
        let ask = async |method: &str, path: &str, body: &str| {
            let answer = request(&socket, method, path, body).await;
            let answer = answer.unwrap_or_else(|error| panic!("{method} {path} has no answer: {error}"));
            (answer.code, answer.json())
        };
        match action {
            Action::Restart(it) => vec![ask("POST", &format!("/workspaces/w{it}/restart"), "").await],
            Action::Set(it, values) => {
                let mut answers = Vec::new();
                for value in values {
                    let path = format!("/workspaces/w{it}/secrets/NUMBER");
                    answers.push(ask("PUT", &path, &value.to_string()).await);
                }
                answers
            }
            Action::Message(it) => vec![ask("POST", &format!("/workspaces/w{it}/messages"), "hello").await],
            Action::Import(workspaces, version) => {
                let rest = format!(
                    "variables: {{NUMBER: 0}}, \
                     channels: [{{kind: x, config: {{number: $NUMBER, version: \"{version}\"}}}}]"
                );
                let names: Vec<_> = workspaces.iter().map(|it| name(*it)).collect();
                let workspaces: Vec<_> = names.iter().map(|name| (name.as_str(), rest.as_str())).collect();
                let template = organisation(&workspaces);
                let empty = template.replace("workspaces:\n", "workspaces: []\n");
                vec![ask("POST", "/import", if names.is_empty() { &empty } else { &template }).await]
            }
            Action::List => vec![ask("GET", "/workspaces", "").await],
            Action::HangUp(it) => {
                let mut client = UnixStream::connect(&socket).await.unwrap();
                let request = head("POST", &format!("/workspaces/w{it}/restart"), "", "close");
                client.write_all(request.as_bytes()).await.unwrap();
                vec![]
            }
            Action::Garbage => {
                let mut client = UnixStream::connect(&socket).await.unwrap();
                client.write_all(b"\x00\xff$GARBAGE ${\r\n\r\n").await.unwrap();
                vec![]
            }
            Action::Kill(it) => {
                if let Some(pid) = self.holder(*it) {
                    // It may end by itself meanwhile.
                    let _ = kill_process(pid, Signal::KILL);
                }
                vec![]
            }
            Action::FillDisk(it) => {
                let log = self.host.settings().log(&name(*it));
                if !log.is_symlink() {
                    // Before the first start there is none.
                    let _ = fs::rename(&log, log.with_extension("away"));
                    // A start may have made one meanwhile.
                    let _ = symlink("/dev/full", &log);
                }
                vec![]
            }
            Action::Block(it) => {
                let host = self.dir(*it).join(".host");
                if fs::rename(&host, host.with_extension("away")).is_ok() {
                    let _ = OpenOptions::new().write(true).create_new(true).open(&host);
                }
                vec![]
            }
        }
    }

    fn dir(&self, workspace: usize) -> PathBuf {
        self.host.settings().workspaces().join(name(workspace))
    }

    fn holder(&self, workspace: usize) -> Option<Pid> {
        holder(&self.dir(workspace))
    }

    /// Looks for what must not be in an answer.
    fn judge(&mut self, code: u16, answer: &Value, actions: &[Action]) {
        let text = answer.to_string();
        // Two runtimes in one directory, a bug of the host, or the host at its end, which it is not.
        for never in ["exit status: 73", "panicked", "draining", "not ready within"] {
            assert!(!text.contains(never), "{text} after {actions:?}");
        }
        let is_harmed =
            |action: &Action| matches!(action, Action::Kill(_) | Action::FillDisk(_) | Action::Block(_));
        if code == 500 || code == 503 {
            self.figures.failures += 1;
            assert!(actions.iter().any(is_harmed), "{text} after {actions:?}");
        } else {
            assert_eq!(code, 200, "{text} after {actions:?}");
        }
    }

    fn heal(&self) {
        for workspace in 0..WORKSPACES {
            let log = self.host.settings().log(&name(workspace));
            if log.is_symlink() {
                fs::remove_file(&log).unwrap();
                let _ = fs::rename(log.with_extension("away"), &log);
            }
            let host = self.dir(workspace).join(".host");
            if host.with_extension("away").exists() {
                if host.is_dir() {
                    fs::remove_dir_all(&host).unwrap();
                } else {
                    let _ = fs::remove_file(&host);
                }
                fs::rename(host.with_extension("away"), &host).unwrap();
            }
        }
    }
}

impl Soak {
    /// Restarts a workspace, which has to work now, and compares what runs with what should.
    async fn check(&mut self, workspace: usize, expected: &Expected, actions: &[Action]) {
        let name = name(workspace);
        let Some(handle) = self.host.workspace(&name) else {
            assert!(!expected.versions.contains_key(&workspace));
            return;
        };
        // A client that hung up may be late, and restart the workspace once more while this looks.
        let mut late = actions.iter().filter(|action| matches!(action, Action::HangUp(_))).count();
        let (status, starts, record) = loop {
            let status = handle.settled(handle.restart()).await.unwrap();
            assert_eq!(status.failure, None, "{name} after {actions:?}");
            let starts = starts(&self.dir(workspace));
            let records = self.host.store().records().unwrap();
            let record = records.into_iter().find(|(known, _)| *known == name).unwrap().1;
            if handle.status() == status {
                break (status, starts, record);
            }
            assert_ne!(late, 0, "{name} goes on restarting after {actions:?}");
            late -= 1;
        };
        self.figures.starts += starts.len();

        let (last, before) = starts.split_last().unwrap();
        assert_eq!(status.pid, Some(last.pid), "{name} after {actions:?}");
        assert_eq!(self.holder(workspace), Pid::from_raw(last.pid), "{name} after {actions:?}");
        for start in before {
            let pid = Pid::from_raw(start.pid).unwrap();
            assert!(test_kill_process(pid).is_err(), "{pid:?} of {name} still runs after {actions:?}");
        }
        assert_eq!(record.token.unwrap().expose(), last.token(), "{name} after {actions:?}");

        let of = |key: &str| last.channel()[key].as_str().unwrap().parse::<u64>().unwrap();
        let secrets = expected.secrets.get(&workspace).cloned().unwrap_or(BTreeSet::from([0]));
        assert!(secrets.contains(&of("number")), "{name} has {} after {actions:?}", of("number"));
        assert!(expected.versions[&workspace].contains(&of("version")), "{name} after {actions:?}");
        // The numbers of processes are used again some day: only those of this round are looked at.
        fs::remove_file(self.dir(workspace).join(STARTS)).unwrap();
    }

    /// Ends the host, and lets another one take over.
    async fn another_host(self, expected: &Expected) -> Self {
        let state = self.state.clone();
        let figures = Figures { hosts: self.figures.hosts + 1, ..self.end().await };
        let mut next = Self { host: open(&state), state, figures };
        for imported in next.host.restore().await.unwrap() {
            assert!(imported.is_done(), "{imported:?}");
        }
        for workspace in 0..WORKSPACES {
            next.check(workspace, expected, &[]).await;
        }
        next
    }

    async fn end(self) -> Figures {
        let online = self.host.list().len();
        let pids: Vec<_> = (0..WORKSPACES).filter_map(|workspace| self.holder(workspace)).collect();
        let wanted = self.host.store().wanted().unwrap();
        let store = self.host.settings().store();
        let drained = self.host.shutdown().await;
        assert_eq!((drained.stopped, drained.left), (online, vec![]));
        for pid in pids {
            assert!(test_kill_process(pid).is_err(), "{pid:?} still runs");
        }
        let after = envref_host::store::Store::open(&store).unwrap();
        assert_eq!(json!(after.wanted().unwrap()), json!(wanted));
        after.close().unwrap();
        self.figures
    }
}
