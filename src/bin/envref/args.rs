//! The command line: subcommands, options and their help. Nothing acts on an option here.

#![allow(clippy::doc_markdown, reason = "the help is for terminals, where backticks are noise")]

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  What does a template need?
    envref list org.yaml

  Does this host supply everything that it needs?
    envref check --env-file host.env org.yaml

  Render it for a program that reads plain YAML:
    envref expand --env-file host.env --unset reject --output rendered.yaml org.yaml

  Expand only workspace directories and channel configurations, with two process variables: one for
  whole values, one for use anywhere:
    envref expand --only 'workspaces[*].workspace_dir' --only '**.config.*' \\
        --allow-env TELEGRAM_BOT_TOKEN --set WORKSPACE_DIR org.yaml

  List the references of every template below a directory, as JSON:
    envref list --format json templates/

Exit status:
  0  done; for check: every reference has a value
  1  a template has a problem: a reference has no value (check, expand --unset reject, ${NAME:?} of
     Compose) or is malformed (Compose), the result exceeds --output-limit, or it is not YAML
  2  an option is wrong, or a file cannot be read or written";

/// Expands references to environment variables in YAML, and nothing else.
///
/// References are $NAME, ${NAME} and $<NAME>. They are expanded in values, never in keys or comments; every other byte
/// stays as it is. No process variable is read unless --allow-env or --set names it.
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
    /// A reference without a value becomes empty if it is the whole value, and stays as written in a longer one. Both are
    /// warned of on standard error. Use --unset reject to fail instead. With --dialect compose, ${NAME:?message} without a
    /// value and malformed references such as ${NAME always fail. Nothing is written unless every template can be expanded.
    #[command(after_long_help = EXAMPLES)]
    Expand(Expand),
    /// Report every reference without a value, malformed ones, and files that are not YAML
    ///
    /// Prints path:line:column, the reason, the line and carets for each, and exits with 1 if there is any. Warns of text
    /// that other programs read as a reference, such as ${NAME:-default}.
    #[command(after_long_help = EXAMPLES)]
    Check(Check),
    /// List the variables that templates refer to, and where
    #[command(after_long_help = EXAMPLES)]
    List(List),
    /// Print a completion script for a shell
    ///
    /// For bash: envref completions bash > ~/.local/share/bash-completion/completions/envref
    Completions { shell: Shell },
    /// Print the manual page of the command, or of one subcommand
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
    /// How to handle a reference that has no value
    #[arg(long, value_name = "HOW", value_enum, default_value_t)]
    pub(crate) unset: Unset,
    /// Fail if the expanded text of a template, or the growth of all of them, exceeds this
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    pub(crate) output_limit: usize,
    /// Write to this file, into this directory, or to standard output if it is -
    ///
    /// It is a directory if it exists as one, ends with /, or if a directory or several templates are read. A new file
    /// that holds values can be read by its owner only; a file that is replaced keeps its permissions.
    #[arg(long, short, value_name = "PATH", conflicts_with = "in_place")]
    pub(crate) output: Option<PathBuf>,
    /// Replace each file by its expansion
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
    /// Print only the names, one on each line
    #[arg(long, conflicts_with = "format")]
    pub(crate) names: bool,
}

#[derive(Args)]
pub(crate) struct Input {
    /// Files, directories (every .yaml and .yml file below, sorted by path), or - for standard input
    ///
    /// Below a directory, hidden files and node_modules are skipped; links that lead out of it, devices and pipes are
    /// skipped with a warning. To read such a file, name it.
    #[arg(value_name = "PATH", default_value = "-")]
    pub(crate) paths: Vec<PathBuf>,
    /// Select only the values at this path, such as `workspace_dir`, `channels[*].config.*` or `**.token`
    ///
    /// Repeat for more. * is any key, [*] any index, ** any number of steps. !PATH excludes values that the paths before
    /// it select.
    #[arg(long, value_name = "PATH")]
    pub(crate) only: Vec<String>,
    /// The language of references
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
    /// Set a variable, or take it from the process (NAME alone); wins over --env-file and --allow-env
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) set: Vec<String>,
    /// Read variables from a .env file, or - for standard input; repeat for more, a later one wins
    ///
    /// Values are literal: a $ in them is a $.
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Vec<PathBuf>,
    /// Let templates read this process variable, only as a whole value (key: $NAME); repeat for more
    ///
    /// To use it within longer values, too, make it a variable: --set NAME.
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_env: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Format {
    /// The format of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: OutputFormat,
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people
    #[default]
    Text,
    /// An array of objects, described in docs/command.md
    Json,
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Unset {
    /// Empty if it is the whole value, as written in a longer one
    #[default]
    Default,
    /// As written, everywhere
    Keep,
    /// Empty, everywhere
    Empty,
    /// An error, and nothing is written
    Reject,
}
