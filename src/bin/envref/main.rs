//! The command `envref`: checks, lists and expands the references of YAML templates.
//!
//! The library's module `yaml` does the work; here are the options, the files and the messages.

mod args;
mod check;
mod expand;
mod explain;
mod failure;
mod input;
mod join;
mod list;

mod output;
mod replace;
mod report;
mod terminal;
mod vars;

use std::env;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::args::{Cli, Command};
use crate::failure::Failure;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => run(cli).map_or_else(Failure::report, |()| ExitCode::SUCCESS),
        // A message repeats the arguments, and a shell turns the names of untrusted files into arguments.
        Err(error) if error.use_stderr() && env::args_os().any(|it| !terminal::is_harmless(&it)) => {
            for line in error.render().to_string().lines() {
                let _ = writeln!(io::stderr(), "{}", terminal::harmless(line));
            }
            ExitCode::from(2)
        }
        Err(error) => error.exit(),
    }
}

fn run(Cli { command, quiet }: Cli) -> Result<(), Failure> {
    match command {
        Command::Expand(options) => expand::run(&options, quiet),
        Command::Check(options) => check::run(&options, quiet),
        Command::List(options) => list::run(&options, quiet),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "envref", &mut script);
            output::print(|out| out.write_all(&script))
        }
        Command::Man { subcommand } => {
            let page = clap_mangen::Man::new(man(subcommand.as_deref())?);
            output::print(|out| page.render(out))
        }
    }
}

/// Returns the command whose manual page was asked for.
fn man(subcommand: Option<&str>) -> Result<clap::Command, Failure> {
    let mut command = Cli::command();
    command.build();
    let Some(name) = subcommand else { return Ok(command) };
    let found = command.find_subcommand(name).cloned();
    found.ok_or_else(|| Failure::Usage(format!("man: there is no subcommand `{}`", terminal::harmless(name))))
}
