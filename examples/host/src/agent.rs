//! The runtime that comes with the example, so that there is something real to start and stop: an agent that says in
//! `starts.jsonl` what it was started with, and answers messages. A mode of the same program.
//!
//! It speaks JSON lines: first `{"ready": token}`, then `{"answer": text}` for each `{"message": text}` on its standard
//! input. Whatever else it says is talk. It ends when its standard input does, so that nothing is left of a host that was
//! killed.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, OpenOptions};
use std::io::{self, BufRead as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};

use rustix::fs::{FlockOperation, fcntl_lock};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use crate::seed::{CONFIG, CURRENT};

/// The file that an agent holds a lock on, in its directory, for as long as it lives.
pub const LOCK: &str = ".lock";
/// The same for the tool that it works with.
pub const TOOL_LOCK: &str = ".tool.lock";
/// The mode of the program that is an agent.
pub const AGENT: &str = "agent";
/// The mode of the program that is its tool.
pub const TOOL: &str = "tool";

/// The configuration is missing or wrong (sysexits.h, `EX_CONFIG`).
const NO_CONFIG: u8 = 78;
/// Another agent works in the directory (`EX_CANTCREAT`).
const TAKEN: u8 = 73;

#[derive(Deserialize)]
struct Config {
    token: String,
    initial_prompt: String,
    channels: Vec<Channel>,
}

#[derive(Deserialize)]
struct Channel {
    kind: String,
    config: BTreeMap<String, String>,
}

/// Works in the current directory until standard input ends, and returns the exit status.
#[must_use]
pub fn run() -> ExitCode {
    let Some((config, written)) = read_config() else {
        eprintln!("no configuration in {CURRENT}");
        return NO_CONFIG.into();
    };
    let lock = OpenOptions::new().write(true).create(true).truncate(false).open(LOCK);
    let locked =
        lock.and_then(|file| Ok(fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive).map(|()| file)?));
    let Ok(_lock) = locked else {
        eprintln!("another agent works here");
        return TAKEN.into();
    };
    match start_tool().and_then(|mut tool| {
        let result = work(&config, &written);
        tool.kill().and_then(|()| tool.wait())?;
        result
    }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn read_config() -> Option<(Config, Value)> {
    let text = fs::read_to_string(Path::new(CURRENT).join(CONFIG)).ok()?;
    Some((serde_json::from_str(&text).ok()?, serde_json::from_str(&text).ok()?))
}

fn work(config: &Config, written: &Value) -> io::Result<()> {
    for channel in &config.channels {
        // A channel of this kind is connected once its file has been read to the end. A FIFO takes as long as its writer.
        if let Some(path) = channel.config.get("path").filter(|_| channel.kind == "file") {
            fs::read(path)?;
        }
    }
    let start = json!({
        "pid": std::process::id(),
        "config": written,
        "environment": env::vars().collect::<BTreeMap<_, _>>(),
    });
    writeln!(OpenOptions::new().append(true).create(true).open("starts.jsonl")?, "{start}")?;

    say(&json!({"ready": config.token}))?;
    for line in io::stdin().lock().lines() {
        let message: Value = serde_json::from_str(&line?)?;
        // It thinks aloud.
        for line in config.initial_prompt.lines() {
            say(&json!({ "talk": line }))?;
        }
        say(&json!({"answer": message.get("message")}))?;
    }
    Ok(())
}

fn say(line: &Value) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// Starts the tool, and waits until it works.
fn start_tool() -> io::Result<Child> {
    let mut tool = Command::new(env::current_exe()?)
        .arg(TOOL)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let ready = tool.stdout.take().map(|stdout| io::BufReader::new(stdout).lines().next());
    ready.flatten().transpose()?.map(|_| tool).ok_or_else(|| io::Error::other("the tool does not work"))
}

/// Works until it is killed: it does not listen to SIGTERM, and does not look whether anybody still needs it.
///
/// # Errors
///
/// If the lock cannot be taken.
pub async fn tool() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let lock = OpenOptions::new().write(true).create(true).truncate(false).open(TOOL_LOCK)?;
    // The one before may still be about to end.
    fcntl_lock(&lock, FlockOperation::LockExclusive)?;
    say(&json!("ready"))?;
    loop {
        terminate.recv().await;
    }
}
