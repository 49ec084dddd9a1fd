//! The command line: subcommands, options and their help. No option is acted upon here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  What does a template need?
    envref list org.yaml

  Is everything there that it needs, with what this host supplies?
    envref check --env-file host.env --no-env org.yaml

  Render it for a program that reads plain YAML:
    envref expand --env-file host.env --strict --output rendered.yaml org.yaml

  Only workspace directories and channel configurations, and one process variable:
    envref expand --only 'workspaces[*].workspace_dir' --only '**.config.*' \\
        --set WORKSPACE_DIR=/srv --allow-env TELEGRAM_BOT_TOKEN org.yaml

  Every template below a directory, for a machine to read:
    envref list --format json templates/

Exit status:
  0  done; for check: every reference has a value
  1  a template has a problem: a reference without a value (check, expand --strict), or no YAML
  2  a wrong option, or a file that cannot be read or written";

/// Expands references to environment variables in YAML, and nothing else.
///
/// References are $NAME, ${NAME} and $<NAME>. They are found in values, never in keys or comments, and what is no
/// reference to a variable with a value stays byte for byte as it is.
#[derive(Parser)]
#[command(version, after_long_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write templates with their references replaced
    ///
    /// Warns on standard error of each reference that has no value. Nothing is written unless every template can be
    /// expanded.
    #[command(after_long_help = EXAMPLES)]
    Expand {
        #[command(flatten)]
        input: Input,
        #[command(flatten)]
        vars: Vars,
        /// Fail if a reference has no value
        #[arg(long)]
        strict: bool,
        /// Write to this file; with a directory to read, the directory to write to
        #[arg(long, short, value_name = "PATH", conflicts_with = "in_place")]
        output: Option<PathBuf>,
        /// Write each file over itself
        #[arg(long)]
        in_place: bool,
    },
    /// Report every reference without a value
    ///
    /// Prints path:line:column, the reason, the line and a caret for each, and exits with 1 if there is one.
    #[command(after_long_help = EXAMPLES)]
    Check {
        #[command(flatten)]
        input: Input,
        #[command(flatten)]
        vars: Vars,
        #[command(flatten)]
        format: Format,
    },
    /// List the variables that templates refer to, with where
    #[command(after_long_help = EXAMPLES)]
    List {
        #[command(flatten)]
        input: Input,
        #[command(flatten)]
        format: Format,
    },
    /// Print a completion script for a shell
    ///
    /// For bash: envref completions bash > ~/.local/share/bash-completion/completions/envref
    Completions { shell: Shell },
}

#[derive(Args)]
pub(crate) struct Input {
    /// Files, directories (every .yaml and .yml below, in order of their paths), or - for standard input
    #[arg(value_name = "PATH", default_value = "-")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only the values at this path take part, such as `workspace_dir`, `channels[*].config.*` or `**.token`
    ///
    /// May be given more than once. * is any key, [*] any index, ** any number of steps.
    #[arg(long, value_name = "PATH")]
    pub(crate) only: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Vars {
    /// Set a variable; wins over files and over the process environment
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// Read variables from a .env file; of several, a later one wins over an earlier one
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Vec<PathBuf>,
    /// Let templates read this process variable, and no others but those named so
    ///
    /// Without this option and --no-env, a value that is one reference and nothing else can read every process
    /// variable. Inside a longer value, none counts.
    #[arg(long, value_name = "NAME", conflicts_with = "no_env")]
    pub(crate) allow_env: Vec<String>,
    /// Let templates read no process variable
    #[arg(long)]
    pub(crate) no_env: bool,
}

#[derive(Args)]
pub(crate) struct Format {
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: OutputFormat,
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people
    #[default]
    Text,
    /// An array of objects, described in the README
    Json,
}
