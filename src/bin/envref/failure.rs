//! Why a run fails, and the exit status that says so.

use std::io;
use std::process::ExitCode;

/// What stops a run.
pub(crate) enum Failure {
    /// The templates have problems, which have been reported.
    Problems,
    /// The command line says what cannot be done.
    Usage(String),
    /// What could not be read or written, each with its path.
    Io(Vec<String>),
    /// The reader of standard output went away, and needs nothing more.
    BrokenPipe,
}

impl Failure {
    /// Says on standard error what is to be said, and returns the exit status.
    pub(crate) fn report(self) -> ExitCode {
        let messages = match self {
            Self::Problems => return ExitCode::from(1),
            Self::BrokenPipe => return ExitCode::SUCCESS,
            Self::Usage(message) => vec![message],
            Self::Io(messages) => messages,
        };
        for message in messages {
            // Where standard error is closed, there is nobody to tell.
            let _ = writeln_error(&message);
        }
        ExitCode::from(2)
    }

    /// The failure to write to standard output.
    pub(crate) fn from_stdout(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Io(vec![format!("<stdout>: {error}")]),
        }
    }
}

fn writeln_error(message: &str) -> io::Result<()> {
    use io::Write as _;
    let bold = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Red.into()));
    writeln!(anstream::stderr(), "{bold}error{bold:#}: {message}")
}
