//! Why a run fails, and the exit status that says so.

use std::io;
use std::process::ExitCode;

use crate::terminal;

/// What stops a run.
pub(crate) enum Failure {
    /// The templates have problems, which have been reported.
    Problems,
    /// The command line asks for something that cannot be done.
    Usage(String),
    /// What could not be read or written, each with its path.
    Io(Vec<String>),
    /// The reader of standard output has gone away, and needs nothing more.
    BrokenPipe,
}

impl Failure {
    /// Reports the failure on standard error, and returns the exit status.
    pub(crate) fn report(self) -> ExitCode {
        let messages = match self {
            Self::Problems => return ExitCode::from(1),
            Self::BrokenPipe => return ExitCode::SUCCESS,
            Self::Usage(message) => vec![message],
            Self::Io(messages) => messages,
        };
        for message in messages {
            terminal::error(&message);
        }
        ExitCode::from(2)
    }

    /// Returns the result of a finished run: what could not be read or written counts more than problems.
    pub(crate) fn of(failures: Vec<String>, has_problems: bool) -> Result<(), Self> {
        match has_problems {
            _ if !failures.is_empty() => Err(Self::Io(failures)),
            true => Err(Self::Problems),
            false => Ok(()),
        }
    }

    /// The failure to write to standard output.
    pub(crate) fn from_stdout(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Io(vec![format!("<stdout>: {error}")]),
        }
    }
}
