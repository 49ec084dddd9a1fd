//! The command `envref`: checks, lists and expands the references of YAML templates.
//!
//! What it does to YAML is the library's `yaml`; here are the options, the files and the messages.

mod args;
mod failure;
mod input;
mod output;
mod report;
mod vars;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use envref::{Paths, Provenance, Unset, yaml};

use crate::args::{Cli, Command, OutputFormat};
use crate::failure::Failure;
use crate::input::{Inputs, Template};
use crate::output::Expanded;
use crate::report::{Listed, Problem};
use crate::vars::Values;

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Expand { input, vars, strict, output, in_place } => {
            let paths = paths(&input.only)?;
            let values = Values::read(&vars)?;
            let unset = if strict { Unset::Reject } else { Unset::Default };
            let expander = values.expander().paths(&paths).on_unset(unset);
            let templates = Inputs::read(&input.paths).complete()?;
            let outputs = expand(&templates, &expander)?;
            match output {
                Some(output) => output::to_path(&outputs, &output),
                None if in_place => output::in_place(&outputs),
                None => output::to_stdout(&outputs),
            }
        }
        Command::Check { input, vars, format } => {
            let paths = paths(&input.only)?;
            let values = Values::read(&vars)?;
            let inputs = Inputs::read(&input.paths);
            let mut problems = Vec::new();
            for template in &inputs.templates {
                problems.extend(unresolved(template, &values.expander().paths(&paths)));
            }
            print(|out| match format.format {
                OutputFormat::Json => report::write_json(&problems, out),
                OutputFormat::Text => problems.iter().try_for_each(|problem| problem.write(out)),
            })?;
            inputs.complete()?;
            if problems.is_empty() { Ok(()) } else { Err(Failure::Problems) }
        }
        Command::List { input, format } => {
            let paths = paths(&input.only)?;
            let templates = Inputs::read(&input.paths).complete()?;
            let listed = list(&templates, &paths)?;
            print(|out| match format.format {
                OutputFormat::Json => report::write_json(&listed, out),
                OutputFormat::Text => report::write_listed(&listed, out),
            })
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "envref", &mut script);
            print(|out| out.write_all(&script))
        }
    }
}

/// Returns the values that `--only` chooses: all of them, where it is not given.
fn paths(only: &[String]) -> Result<Paths, Failure> {
    if only.is_empty() {
        return Ok(Paths::all());
    }
    Paths::new(only).map_err(|error| Failure::Usage(format!("--only: {error}")))
}

/// Expands every template, or reports everything that is in the way of that.
fn expand<'a>(
    templates: &'a [Template],
    expander: &vars::Expander<'_>,
) -> Result<Vec<Expanded<'a>>, Failure> {
    let mut outputs = Vec::new();
    let mut problems = Vec::new();
    for template in templates {
        match yaml::expand(&template.text, expander) {
            Ok(text) => outputs.push(Expanded { template, text }),
            Err(error) => problems.extend(Problem::all(template, &error)),
        }
    }
    if !problems.is_empty() {
        warn(&problems);
        return Err(Failure::Problems);
    }
    for template in templates {
        warn(&unresolved(template, expander));
    }
    Ok(outputs)
}

/// Writes problems to standard error.
fn warn(problems: &[Problem]) {
    let mut out = anstream::stderr().lock();
    for problem in problems {
        // Where standard error is closed, there is nobody to tell.
        let _ = problem.write(&mut out);
    }
}

/// Returns the problems of a template: references without a value, or what makes it not YAML.
fn unresolved(template: &Template, expander: &vars::Expander<'_>) -> Vec<Problem> {
    match yaml::explain(&template.text, expander) {
        Ok(sites) => Problem::unresolved(template, &sites),
        Err(error) => Problem::all(template, &error),
    }
}

/// Returns the references of all templates, or reports every template that is not YAML.
fn list(templates: &[Template], paths: &Paths) -> Result<Vec<Listed>, Failure> {
    let mut listed = Vec::new();
    let mut problems = Vec::new();
    for template in templates {
        match yaml::explain(&template.text, &envref::Expander::new(&()).paths(paths)) {
            Ok(sites) => {
                let references = sites.iter().filter(|site| site.provenance() != Provenance::NearMiss);
                listed.extend(references.map(|site| Listed::new(template, site)));
            }
            Err(error) => problems.extend(Problem::all(template, &error)),
        }
    }
    if problems.is_empty() {
        return Ok(listed);
    }
    warn(&problems);
    Err(Failure::Problems)
}

/// Prints to standard output, in colour only where that is a terminal that wants it.
fn print(
    write: impl FnOnce(&mut anstream::AutoStream<io::StdoutLock<'static>>) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    write(&mut out).and_then(|()| out.flush()).map_err(|error| Failure::from_stdout(&error))
}
