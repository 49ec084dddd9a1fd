//! Where values come from: `--set`, `--env-file`, and the process variables that `--allow-env` names.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::env::{self, VarError};
use std::path::Path;

use envref::{Lookup, Reason, dotenv, references};

use crate::args::Vars;
use crate::failure::Failure;
use crate::{input, terminal};

/// The rules of a run.
pub(crate) type Expander<'v> = envref::Expander<'v, Given, Process>;

/// The variables of a run.
pub(crate) struct Values {
    given: Given,
    process: Process,
}

impl Values {
    /// Reads the variables that the command line names. No message holds a value. Unless `quiet`, warns of variables that
    /// do not exist.
    pub(crate) fn read(args: &Vars, quiet: bool) -> Result<Self, Failure> {
        let mut given = Given::default();
        for file in &args.env_file {
            given.vars.extend(read_env_file(file)?);
        }
        for setting in &args.set {
            let name = match setting.split_once('=') {
                Some((name, _)) => name,
                // Do not repeat it: it may be a secret without its name.
                None if !is_name(setting) => {
                    return Err(Failure::Usage("--set takes NAME=VALUE or NAME, and got neither".to_owned()));
                }
                None => setting,
            };
            check_name("--set", name)?;
            let value = match setting.split_once('=') {
                Some((_, value)) => Some(value.to_owned()),
                None => from_process(name)?,
            };
            if let Some(value) = value {
                given.vars.insert(name.to_owned(), value);
                continue;
            }
            given.absent.insert(name.to_owned());
            if !quiet {
                terminal::warning(&format!("--set {name}: the process has no such variable"));
            }
        }
        for name in &args.allow_env {
            check_name("--allow-env", name)?;
        }
        let process = Process { allowed: args.allow_env.iter().cloned().collect() };
        Ok(Self { given, process })
    }

    pub(crate) fn expander(&self) -> Expander<'_> {
        envref::Expander::new(&self.given).fallback(&self.process)
    }
}

/// Why a variable that an option names has no value.
const ABSENT: Reason = Reason::Other("unset, and the process does not have it");

/// The variables of --set and --env-file.
#[derive(Default)]
pub(crate) struct Given {
    vars: HashMap<String, String>,
    /// What --set was to take from the process, which does not have it.
    absent: BTreeSet<String>,
}

impl Lookup for Given {
    fn value<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        self.vars.value(name)
    }

    fn reason(&self, name: &str) -> Reason {
        if self.absent.contains(name) { ABSENT } else { Reason::Unset }
    }
}

/// The process variables that --allow-env names.
pub(crate) struct Process {
    allowed: BTreeSet<String>,
}

impl Lookup for Process {
    fn value<'v>(&'v self, name: &str) -> Option<Cow<'v, str>> {
        if !self.allowed.contains(name) {
            return None;
        }
        env::var(name).ok().map(Cow::Owned)
    }

    /// Asks the process only for what is allowed: the report of a template must not tell which variables a host has.
    fn reason(&self, name: &str) -> Reason {
        if !self.allowed.contains(name) {
            return Reason::NotAllowed;
        }
        match env::var(name) {
            Err(VarError::NotUnicode(_)) => Reason::NotUnicode,
            Err(VarError::NotPresent) => ABSENT,
            Ok(_) => Reason::Unset,
        }
    }
}

/// Why a reference has no value.
pub(crate) struct Why {
    /// For machines.
    pub(crate) reason: &'static str,
    /// For people.
    pub(crate) message: String,
    /// The option that takes the variable from the process, whether that has it or not.
    pub(crate) option: Option<&'static str>,
}

impl Why {
    pub(crate) fn of(reason: Reason) -> Self {
        let (id, option) = match reason {
            Reason::NotAllowed => ("not-allowed", Some("--allow-env")),
            Reason::Embedded => ("embedded", Some("--set")),
            Reason::NotUnicode => ("not-unicode", None),
            Reason::Empty => ("empty", None),
            _ => ("unset", None),
        };
        let message = if option.is_some() { "unset".to_owned() } else { reason.to_string() };
        Self { reason: id, message, option }
    }
}

/// Returns the value of a process variable that is to be a variable of the run.
fn from_process(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(Failure::Usage(format!("--set {name}: the value in the process is not Unicode")))
        }
    }
}

/// Rejects a name that no reference can have: it is a typo.
fn check_name(option: &str, name: &str) -> Result<(), Failure> {
    if is_name(name) {
        return Ok(());
    }
    // Do not repeat it: it may be a secret without its name.
    Err(Failure::Usage(format!(
        "{option} takes the name of a variable: letters, digits and underscores, and no digit first"
    )))
}

fn is_name(name: &str) -> bool {
    let reference = format!("${{{name}}}");
    references(&reference).any(|it| it.text() == reference)
}

/// Reads the variables of a file. An error names the line at fault, never its content, which may be a secret.
fn read_env_file(path: &Path) -> Result<impl IntoIterator<Item = (String, String)>, Failure> {
    let (shown, bytes) = if input::is_stdin(path) {
        ("<stdin>".to_owned(), input::read_stdin("variables"))
    } else {
        (terminal::name(path), input::read_file(path))
    };
    let failure = |reason: &str| Failure::Io(vec![format!("{shown}: {reason}")]);
    let bytes = bytes.map_err(|error| failure(&error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..at).unwrap_or_default();
        let line = before.split(|byte| *byte == b'\n').count();
        failure(&format!("line {line} is not UTF-8"))
    })?;
    dotenv::parse(&text).map_err(|error| failure(&error.to_string()))
}
