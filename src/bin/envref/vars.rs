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
pub(crate) type Expander<'v> = envref::Expander<'v, HashMap<String, String>, Process>;

/// The variables of a run.
pub(crate) struct Values {
    vars: HashMap<String, String>,
    process: Process,
}

impl Values {
    /// Reads the variables that the command line names. No message holds a value. Unless `quiet`, warns of variables that
    /// do not exist.
    pub(crate) fn read(args: &Vars, quiet: bool) -> Result<Self, Failure> {
        let mut vars = HashMap::new();
        for file in &args.env_file {
            vars.extend(read_env_file(file)?);
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
            match value {
                Some(value) => drop(vars.insert(name.to_owned(), value)),
                None if quiet => {}
                None => terminal::warning(&format!("--set {name}: the process has no such variable")),
            }
        }
        for name in &args.allow_env {
            check_name("--allow-env", name)?;
        }
        let process = Process { allowed: args.allow_env.iter().cloned().collect() };
        Ok(Self { vars, process })
    }

    pub(crate) fn expander(&self) -> Expander<'_> {
        envref::Expander::new(&self.vars).fallback(&self.process)
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
            _ => Reason::Unset,
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
        let unset = |reason, option| Self { reason, message: "unset".to_owned(), option };
        match reason {
            Reason::NotAllowed => unset("not-allowed", Some("--allow-env")),
            Reason::Embedded => unset("embedded", Some("--set")),
            Reason::NotUnicode => Self { reason: "not-unicode", message: reason.to_string(), option: None },
            Reason::Empty => Self { reason: "empty", message: reason.to_string(), option: None },
            _ => unset("unset", None),
        }
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
