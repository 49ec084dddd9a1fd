//! One running process of a workspace: start, messages, probe, end. Its group ends with it, also when this is dropped.

use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Flock, FlockType, Pid, Signal, fcntl_getlk, kill_process_group};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::agent::{AGENT, LOCK};
use crate::secret::Secret;
use crate::seed::Seeded;
use crate::tasks::Tasks;

/// A message for a runtime, and where its answer goes.
pub(crate) struct Message {
    pub(crate) text: String,
    pub(crate) reply: oneshot::Sender<Result<String, Undelivered>>,
}

/// Why a message has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// No runtime can take it. A restart has been requested.
    #[error("the runtime was dead, and is being restarted: send the message again")]
    Dead,
    /// Messages wait for their answers already.
    #[error("the runtime is busy with other messages: send this one again")]
    Busy,
    /// The runtime received it, and ended.
    #[error("the runtime ended before it answered: whether it read the message is not known")]
    Ended,
    /// The host is about to end.
    #[error("the host is draining")]
    Draining,
}

/// Why a runtime cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot start the runtime: {0}")]
    Io(#[from] io::Error),
    #[error("the runtime ended before it was ready, with {0}; see its log")]
    Ended(ExitStatus),
    #[error("the runtime was not ready within {0:?}; see its log")]
    Late(Duration),
}

/// How many messages wait for the answers to those before them.
const WAITING: usize = 64;

/// The longest message, in bytes: written as JSON it still fits into an empty pipe.
pub(crate) const MESSAGE_LIMIT: usize = 8 * 1024;

/// What a runtime says.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Said {
    Ready(Secret),
    Answer(String),
    /// Anything else.
    #[serde(skip)]
    Talk,
}

/// What is said to it.
#[derive(Serialize)]
struct Say<'a> {
    message: &'a str,
}

pub(crate) struct Runtime {
    child: Child,
    /// The process, which leads its group. Gone once the group has been ended.
    group: Option<Pid>,
    dir: PathBuf,
    /// What is said to it and what it says, until it is ready.
    pipes: Option<(ChildStdin, Lines)>,
    /// To the task that has the pipes after that, and whose end of the second channel goes once all is answered.
    talk: Option<(mpsc::Sender<Message>, oneshot::Receiver<()>)>,
}

impl Runtime {
    /// Starts `program` in a directory that has been seeded. It gets none of the host's environment.
    pub(crate) fn start(program: &Path, name: &str, seeded: Seeded) -> Result<Self, Error> {
        let (dir, log) = seeded.into_parts();
        let mut child = Command::new(program)
            .arg(AGENT)
            .current_dir(&dir)
            .env_clear()
            .env("WORKSPACE", name)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .process_group(0)
            .spawn()?;
        // Out of the child, because waiting for it closes its standard input, and then it ends.
        let pipes = child.stdin.take().zip(child.stdout.take().map(Lines::new));
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        Ok(Self { child, group, dir, pipes, talk: None })
    }

    /// Waits until the runtime says that it is ready, with the `token` that it was started with.
    pub(crate) async fn ready(&mut self, token: &Secret, deadline: Duration) -> Result<(), Error> {
        let ready = async {
            if let Some((_, lines)) = &mut self.pipes {
                while let Some(said) = lines.next().await? {
                    if matches!(said, Said::Ready(said) if said == *token) {
                        return Ok(());
                    }
                }
            }
            Err(Error::Ended(self.child.wait().await?))
        };
        timeout(deadline, ready).await.unwrap_or(Err(Error::Late(deadline)))
    }

    /// Opens the conversation with a runtime that is ready.
    pub(crate) fn open(&mut self, name: &str, tasks: &Tasks) {
        if let Some((stdin, lines)) = self.pipes.take() {
            let (messages, inbox) = mpsc::channel(WAITING);
            let (under_way, over) = oneshot::channel();
            self.talk = Some((messages, over));
            tasks.spawn(format!("talk with {name}"), async move {
                // It fails when the runtime ends, which is noticed elsewhere.
                let _ = talk((stdin, under_way), lines, inbox).await;
            });
        }
    }

    /// Tells whether the runtime has been opened: what is not has failed to start.
    pub(crate) fn is_open(&self) -> bool {
        self.talk.is_some()
    }

    pub(crate) fn pid(&self) -> Option<i32> {
        self.group.map(Pid::as_raw_pid)
    }

    /// Asks whether the runtime lives: it does as long as it holds the lock in its directory.
    pub(crate) fn probe(&self) -> io::Result<bool> {
        let mut options = std::fs::OpenOptions::new();
        let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        let lock = options.write(true).custom_flags(nonblocking).open(self.dir.join(LOCK))?;
        let holder = fcntl_getlk(&lock, &Flock::from(FlockType::WriteLock))?;
        Ok(holder.is_some())
    }

    /// Passes a message to the runtime, which answers it.
    pub(crate) fn tell(&self, message: Message) {
        let Some((messages, _)) = &self.talk else { return };
        let (message, undelivered) = match messages.try_send(message) {
            Ok(()) => return,
            Err(mpsc::error::TrySendError::Full(message)) => (message, Undelivered::Busy),
            Err(mpsc::error::TrySendError::Closed(message)) => (message, Undelivered::Ended),
        };
        // The caller may have gone.
        let _ = message.reply.send(Err(undelivered));
    }

    /// Waits until the runtime ends by itself.
    pub(crate) async fn exited(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Ends the runtime and its group: it answers the messages that it has, is asked to end, and is killed. Each step
    /// takes up to `grace`.
    pub(crate) async fn stop(&mut self, grace: Duration) {
        if let Some((messages, over)) = self.talk.take() {
            drop(messages);
            let _ = timeout(grace, over).await;
        }
        self.signal(Signal::TERM);
        if timeout(grace, self.child.wait()).await.is_err() {
            self.signal(Signal::KILL);
            let _ = self.child.wait().await;
        }
        self.end_group();
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // The group may be empty.
            let _ = kill_process_group(group, signal);
        }
    }

    /// Ends what the leader of the group may have left behind. No other group has its number while there is such.
    fn end_group(&mut self) {
        self.signal(Signal::KILL);
        self.group = None;
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.end_group();
    }
}

/// What a runtime says, line by line.
struct Lines {
    stdout: BufReader<ChildStdout>,
    /// The line so far. It lives here, so that nothing is lost where a read is given up.
    line: Vec<u8>,
}

/// How much of a line is kept, in bytes: a runtime that never ends one takes no more memory than this.
const LINE_LIMIT: usize = 256 * 1024;

impl Lines {
    fn new(stdout: ChildStdout) -> Self {
        Self { stdout: BufReader::new(stdout), line: Vec::new() }
    }

    /// Returns what the next line says, or `None` at the end.
    async fn next(&mut self) -> io::Result<Option<Said>> {
        loop {
            let read = self.stdout.fill_buf().await?;
            if read.is_empty() {
                return Ok(None);
            }
            let end = read.iter().position(|byte| *byte == b'\n');
            let part = read.get(..end.unwrap_or(read.len())).unwrap_or_default();
            let room = LINE_LIMIT.saturating_sub(self.line.len());
            self.line.extend(part.iter().take(room));
            let used = part.len() + usize::from(end.is_some());
            self.stdout.consume(used);
            if end.is_some() {
                let line = std::mem::take(&mut self.line);
                return Ok(Some(serde_json::from_slice(&line).unwrap_or(Said::Talk)));
            }
        }
    }
}

/// Passes messages on, one at a time, and reads whatever the runtime says, so that it never blocks on a full pipe. It ends
/// when the runtime does; a message without an answer is dropped with its reply, which tells who asked.
///
/// It hangs up once no more messages can come, and all are answered.
async fn talk(
    to: (ChildStdin, oneshot::Sender<()>),
    mut lines: Lines,
    mut inbox: mpsc::Receiver<Message>,
) -> io::Result<()> {
    let mut to = Some(to);
    let mut asked: Option<oneshot::Sender<_>> = None;
    loop {
        tokio::select! {
            said = lines.next() => match said? {
                None => return Ok(()),
                Some(Said::Answer(answer)) => {
                    asked.take().map(|asked| asked.send(Ok(answer)));
                }
                Some(_) => {}
            },
            message = inbox.recv(), if asked.is_none() && to.is_some() => match (message, &mut to) {
                (Some(message), Some((stdin, _))) => {
                    let mut line = serde_json::to_string(&Say { message: &message.text })?;
                    line.push('\n');
                    asked = Some(message.reply);
                    // The pipe is empty, and has room for the longest message.
                    stdin.write_all(line.as_bytes()).await?;
                }
                _ => to = None,
            },
        }
    }
}
