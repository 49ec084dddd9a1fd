//! Where values come from: `--set`, `--env-file` and what the process environment lets through.

use std::collections::HashMap;
use std::path::Path;

use envref::{ProcessEnv, references};

use crate::args::Vars;
use crate::failure::Failure;

/// The rules of a run.
pub(crate) type Expander<'v> = envref::Expander<'v, HashMap<String, String>, Option<ProcessEnv>>;

/// The variables of a run.
pub(crate) struct Values {
    vars: HashMap<String, String>,
    host: Option<ProcessEnv>,
}

impl Values {
    /// Reads the variables that the command line names. No message holds a value.
    pub(crate) fn read(args: &Vars) -> Result<Self, Failure> {
        let mut vars = HashMap::new();
        for file in &args.env_file {
            read_env_file(file, &mut vars)?;
        }
        for setting in &args.set {
            let Some((name, value)) = setting.split_once('=') else {
                return Err(Failure::Usage("--set takes NAME=VALUE, and there is no `=`".to_owned()));
            };
            check_name("--set", name)?;
            vars.insert(name.to_owned(), value.to_owned());
        }
        for name in &args.allow_env {
            check_name("--allow-env", name)?;
        }
        let host = match args.allow_env.as_slice() {
            _ if args.no_env => None,
            [] => Some(ProcessEnv::any()),
            names => Some(ProcessEnv::only(names)),
        };
        Ok(Self { vars, host })
    }

    pub(crate) fn expander(&self) -> Expander<'_> {
        envref::Expander::new(&self.vars).fallback(&self.host)
    }
}

/// A variable that no reference can name is a slip of the pen.
fn check_name(option: &str, name: &str) -> Result<(), Failure> {
    let reference = format!("${{{name}}}");
    if references(&reference).any(|it| it.text() == reference) {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "{option}: `{}` is no name of a variable: letters, digits and underscores, and no digit first",
        name.escape_debug()
    )))
}

/// Adds the variables of a file, each over the one that is there.
fn read_env_file(path: &Path, vars: &mut HashMap<String, String>) -> Result<(), Failure> {
    let shown = path.display();
    let entries = dotenvy::from_path_iter(path)
        .map_err(|error| Failure::Io(vec![format!("{shown}: {}", reason(&error))]))?;
    let mut last = None;
    for entry in entries {
        let (name, value) = entry.map_err(|error| {
            let after = last.as_ref().map(|name| format!(" after the variable {name}")).unwrap_or_default();
            Failure::Io(vec![format!("{shown}: {}{after}", reason(&error))])
        })?;
        last = Some(name.clone());
        vars.insert(name, value);
    }
    Ok(())
}

/// Says what is wrong without the line that is wrong: it may hold a secret.
fn reason(error: &dotenvy::Error) -> String {
    match error {
        dotenvy::Error::Io(error) => error.to_string(),
        dotenvy::Error::LineParse(..) => "a line that is not NAME=VALUE".to_owned(),
        _ => "no .env file".to_owned(),
    }
}
