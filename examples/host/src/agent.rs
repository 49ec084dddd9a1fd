//! The runtime that comes with the example, so that there is a real process to start and stop: an agent that writes to
//! `starts.jsonl` what it was started with, and answers messages. A mode of the same program.
//!
//! It speaks JSON lines: first `{"ready": token}`, then `{"answer": text}` for each `{"message": text}` on its standard
//! input. Everything else that it writes is talk. It ends when its standard input does, so that it does not outlive a
//! host that was killed.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{ExitCode, Stdio};

use rustix::fs::{FlockOperation, fcntl_lock};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

use crate::seed::{CONFIG, CURRENT};

/// The file that an agent holds a lock on, in its directory, for as long as it lives.
pub const LOCK: &str = ".lock";
/// The same for the tool that it works with.
pub const TOOL_LOCK: &str = ".tool.lock";
/// The file to which it writes what it was started with, a line for each start.
pub const STARTS: &str = "starts.jsonl";
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

/// Works in the current directory until standard input ends or SIGTERM arrives, and returns the exit status. On SIGTERM
/// it finishes what it has begun, and leaves its tool alone.
///
/// # Errors
///
/// If files or pipes fail.
pub async fn agent() -> io::Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate())?;
    let Some((config, written)) = read_config() else {
        eprintln!("no configuration in {CURRENT}");
        return Ok(NO_CONFIG.into());
    };
    let Ok(_lock) = lock(LOCK, FlockOperation::NonBlockingLockExclusive) else {
        eprintln!("another agent works here");
        return Ok(TAKEN.into());
    };
    let mut tool = Command::new(env::current_exe()?)
        .arg(TOOL)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(stdout) = tool.stdout.take() {
        // It says when it works.
        BufReader::new(stdout).lines().next_line().await?;
    }

    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    tokio::select! {
        connected = connect(&config.channels) => connected?,
        // Nobody says anything yet.
        _ = lines.next_line() => return end(tool).await,
    }
    let environment: BTreeMap<_, _> = env::vars().collect();
    let start = json!({"pid": std::process::id(), "config": written, "environment": environment});
    writeln!(OpenOptions::new().append(true).create(true).open(STARTS)?, "{start}")?;

    say(&json!({"ready": config.token}))?;
    loop {
        let line = tokio::select! {
            _ = terminate.recv() => return Ok(ExitCode::SUCCESS),
            line = lines.next_line() => line?,
        };
        let Some(line) = line else { return end(tool).await };
        let message: Value = serde_json::from_str(&line)?;
        // It thinks aloud.
        for line in config.initial_prompt.lines() {
            say(&json!({ "talk": line }))?;
        }
        say(&json!({"answer": message.get("message")}))?;
    }
}

async fn connect(channels: &[Channel]) -> io::Result<()> {
    for channel in channels {
        // A channel of this kind is connected once its file has a line. A FIFO takes as long as its writer.
        if let Some(path) = channel.config.get("path").filter(|_| channel.kind == "file") {
            BufReader::new(tokio::fs::File::open(path).await?).lines().next_line().await?;
        }
    }
    Ok(())
}

/// Ends the tool, too.
async fn end(mut tool: Child) -> io::Result<ExitCode> {
    tool.kill().await?;
    Ok(ExitCode::SUCCESS)
}

fn read_config() -> Option<(Config, Value)> {
    let text = fs::read_to_string(Path::new(CURRENT).join(CONFIG)).ok()?;
    Some((serde_json::from_str(&text).ok()?, serde_json::from_str(&text).ok()?))
}

/// Takes the lock on a file, for as long as the file is open.
fn lock(path: &str, operation: FlockOperation) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
    fcntl_lock(&file, operation)?;
    Ok(file)
}

fn say(line: &Value) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// Works until it is killed: it ignores SIGTERM, and does not check whether its agent still runs.
///
/// # Errors
///
/// If the lock cannot be taken.
pub async fn tool() -> io::Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate())?;
    // The one before may still be about to end.
    let _lock = lock(TOOL_LOCK, FlockOperation::LockExclusive)?;
    say(&json!("ready"))?;
    loop {
        terminate.recv().await;
    }
}
