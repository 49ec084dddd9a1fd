//! The command line: subcommands, options and their help. No option is acted upon here.

#![allow(clippy::doc_markdown, reason = "the help is for terminals, where backticks are noise")]

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  What does a template need?
    envref list org.yaml

  Is everything there that it needs, with what this host supplies?
    envref check --env-file host.env org.yaml

  Render it for a program that reads plain YAML:
    envref expand --env-file host.env --unset reject --output rendered.yaml org.yaml

  Only workspace directories and channel configurations, and two process variables: one for a whole
  value, one for use anywhere:
    envref expand --only 'workspaces[*].workspace_dir' --only '**.config.*' \\
        --allow-env TELEGRAM_BOT_TOKEN --set WORKSPACE_DIR org.yaml

  Every template below a directory, for a machine to read:
    envref list --format json templates/

Exit status:
  0  done; for check: every reference has a value
  1  a template has a problem: a reference without a value (check, expand --unset reject), a result
     beyond --output-limit, or no YAML
  2  a wrong option, or a file that cannot be read or written";

/// Expands references to environment variables in YAML, and nothing else.
///
/// References are $NAME, ${NAME} and $<NAME>. They are found in values, never in keys or comments, and what is no
/// reference to a variable with a value stays byte for byte as it is. No process variable is read unless --allow-env or
/// --set names it.
#[derive(Parser)]
#[command(version, after_long_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print no warnings
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write templates with their references replaced
    ///
    /// Warns on standard error of each reference without a value. Nothing is written unless every template can be
    /// expanded.
    #[command(after_long_help = EXAMPLES)]
    Expand(Expand),
    /// Report every reference without a value, and what is no YAML
    ///
    /// Prints path:line:column, the reason, the line and a caret for each, and exits with 1 if there is one. Warns of what
    /// other programs would read as a reference, such as ${NAME:-default}.
    #[command(after_long_help = EXAMPLES)]
    Check(Check),
    /// List the variables that templates refer to, with where
    #[command(after_long_help = EXAMPLES)]
    List(List),
    /// Print a completion script for a shell
    ///
    /// For bash: envref completions bash > ~/.local/share/bash-completion/completions/envref
    Completions { shell: Shell },
    /// Print the manual page, of all or of one subcommand
    ///
    /// envref man > envref.1; envref man expand > envref-expand.1
    Man { subcommand: Option<String> },
}

#[derive(Args)]
pub(crate) struct Expand {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) vars: Vars,
    /// What becomes of a reference without a value
    #[arg(long, value_name = "HOW", value_enum, default_value_t)]
    pub(crate) unset: Unset,
    /// Fail where the values put into the templates add up to more
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    pub(crate) output_limit: usize,
    /// Write to this file; into it, if it is a directory or ends with /; to standard output, if it is -
    ///
    /// It is a directory, too, where a directory or several templates are read. A new file that holds values can be read
    /// by its owner alone; one that is replaced keeps its permissions.
    #[arg(long, short, value_name = "PATH", conflicts_with = "in_place")]
    pub(crate) output: Option<PathBuf>,
    /// Write each file over itself
    #[arg(long)]
    pub(crate) in_place: bool,
}

#[derive(Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) vars: Vars,
    #[command(flatten)]
    pub(crate) format: Format,
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) format: Format,
    /// Print the names alone, one on each line
    #[arg(long, conflicts_with = "format")]
    pub(crate) names: bool,
}

#[derive(Args)]
pub(crate) struct Input {
    /// Files, directories (every .yaml and .yml below, in order of their paths), or - for standard input
    ///
    /// Below a directory, what is hidden or in node_modules is skipped; links that lead out of it, devices and pipes are left
    /// out with a warning. Name such a file itself to have it read.
    #[arg(value_name = "PATH", default_value = "-")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only the values at this path take part, such as `workspace_dir`, `channels[*].config.*` or `**.token`
    ///
    /// May be given more than once. * is any key, [*] any index, ** any number of steps; a path after ! takes away from those
    /// before it.
    #[arg(long, value_name = "PATH")]
    pub(crate) only: Vec<String>,
    /// What is a reference
    #[arg(long, value_enum, default_value_t)]
    pub(crate) dialect: Dialect,
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Dialect {
    /// $NAME, ${NAME} and $<NAME>; everything else is text
    #[default]
    Plain,
    /// As in Compose files: $NAME, ${NAME}, ${NAME:-default}, ${NAME:?message}, ${NAME:+word}, and $$ for a $
    Compose,
}

impl From<Dialect> for envref::Dialect {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Plain => Self::Plain,
            Dialect::Compose => Self::Compose,
        }
    }
}

#[derive(Args)]
pub(crate) struct Vars {
    /// Set a variable, or take it from the process (NAME alone); wins over files and --allow-env
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) set: Vec<String>,
    /// Read variables from a .env file, or - for standard input; of several, a later one wins
    ///
    /// Values are literal: no $ in them means anything.
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Vec<PathBuf>,
    /// Let templates read this process variable, with a value that is one reference and nothing else
    ///
    /// Inside a longer value it does not count: --set NAME makes it a variable that does. May be given more than once.
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_env: Vec<String>,
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

#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Unset {
    /// Empty where it is the whole value, and as written in a longer one
    #[default]
    Default,
    /// As written, everywhere
    Keep,
    /// Empty, everywhere
    Empty,
    /// An error, and nothing is written
    Reject,
}
