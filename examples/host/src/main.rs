//! The host as a program: arguments, signals, what it prints, and the order in which it ends.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, Subcommand};
use envref_host::host::{Host, Settings, Standing};
use envref_host::secret::withhold_panics;
use envref_host::{agent, api};
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{Level, error};

/// The organisation that is imported if the command line names none and the state has none.
const BUNDLED: &str = include_str!("../org.yaml");

/// Imports an organisation, starts a runtime for each of its workspaces, and serves a socket until Ctrl-C.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    /// The organisation to import; by default the one in the state, else a bundled one
    template: Option<PathBuf>,
    /// The directory to keep everything in; a temporary one by default
    #[arg(long)]
    state: Option<PathBuf>,
    /// A variable of this process that templates may read where it is the whole value; repeat for more
    #[arg(long = "env", value_name = "NAME", default_values = ["SLACK_APP_TOKEN"])]
    environment: Vec<String>,
    /// Log all events, not only problems
    #[arg(long, short)]
    verbose: bool,
    #[command(subcommand)]
    mode: Option<Mode>,
}

/// The program is its own runtime.
#[derive(Subcommand)]
enum Mode {
    /// Works as the runtime of a workspace, in the current directory
    #[command(hide = true)]
    Agent,
    /// Works as the tool of a runtime
    #[command(hide = true)]
    Tool,
}

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let level = if arguments.verbose { Level::INFO } else { Level::WARN };
    tracing_subscriber::fmt().with_max_level(level).with_writer(io::stderr).with_ansi(false).init();
    withhold_panics();

    run(arguments).unwrap_or_else(|failure| {
        error!("{failure}");
        ExitCode::FAILURE
    })
}

fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    // A call that hangs must not keep the process: the host has named it, and an agent always reads its standard input.
    let patience = if arguments.mode.is_none() { Duration::from_secs(1) } else { Duration::ZERO };
    let code = runtime.block_on(async {
        match arguments.mode {
            Some(Mode::Agent) => Ok(agent::agent().await?),
            Some(Mode::Tool) => Ok(agent::tool().await?),
            None => host(arguments).await,
        }
    });
    runtime.shutdown_timeout(patience);
    code
}

async fn host(arguments: Arguments) -> Result<ExitCode, Failure> {
    let mut signals = Signals::new()?;
    let temporary = tempfile::Builder::new().prefix("envref-host.").tempdir()?;
    let state = arguments.state.unwrap_or_else(|| temporary.path().to_owned());
    let state = std::path::absolute(state)?;
    let template = arguments.template.map(fs::read_to_string).transpose()?;

    let mut settings = Settings::new(state, std::env::current_exe()?);
    settings.environment = arguments.environment;
    let socket = settings.socket();
    let host = Host::open(settings)?;
    let listener = api::bind(&socket)?;
    host.tasks().spawn("listener", api::serve(listener, Arc::clone(&host)));

    let start = async {
        start(&host, template).await?;
        say(&format!("listening on {}; Ctrl-C drains", socket.display()));
        Ok(())
    };
    let started: Result<(), Failure> = tokio::select! {
        () = signals.next() => Ok(()),
        started = start => {
            if started.is_ok() {
                signals.next().await;
            }
            started
        }
    };

    host.tasks().cancel();
    say("draining");
    let drained = tokio::select! {
        drained = host.shutdown() => drained,
        () = signals.next() => {
            error!("told to end twice: ended without draining");
            return Ok(ExitCode::FAILURE);
        }
    };
    let _ = fs::remove_file(&socket);
    let (stopped, left) = (drained.stopped, drained.left);
    say(&format!("drained: {stopped} runtimes stopped, {} tasks left", left.len()));
    for name in &left {
        error!(name, "did not end");
    }
    started.map(|()| if left.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Starts what the state knows, and imports the template.
async fn start(host: &Arc<Host>, template: Option<String>) -> Result<(), Failure> {
    let restored = host.restore().await?;
    let template = template.or_else(|| restored.is_empty().then(|| BUNDLED.to_owned()));
    show(&restored);
    if let Some(template) = template {
        show(&host.import(&template).await?);
    }
    Ok(())
}

fn show(imported: &[Standing]) {
    let width = imported.iter().map(|it| it.name.len()).max().unwrap_or_default();
    for Standing { name, status } in imported {
        let stands = status.pid.map_or_else(|| "offline".to_owned(), |pid| format!("online pid {pid}"));
        let rest = status.failure.iter().chain(&status.notes);
        let rest: Vec<_> = rest.map(|it| format!("; {it}")).collect();
        say(&format!("{name:width$} {stands}{}", rest.concat()));
    }
}

/// Prints a line, without what a terminal would act upon: names are untrusted.
fn say(line: &str) {
    let acts = |c: char| c.is_control() || matches!(c, '\u{200E}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let line: String = line.chars().map(|c| if acts(c) { char::REPLACEMENT_CHARACTER } else { c }).collect();
    // Standard output may be closed.
    let _ = writeln!(io::stdout(), "{line}");
}

/// The signals that end the host.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
