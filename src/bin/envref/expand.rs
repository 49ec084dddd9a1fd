//! `envref expand`: writes templates with their references replaced, all of them or none.

use std::borrow::Cow;

use envref::{Action, Site, Unset, yaml};

use crate::args::Expand;
use crate::explain::{Unmatched, paths};
use crate::failure::Failure;
use crate::input::{Sources, Template};
use crate::join::{Unjoinable, join};
use crate::output::{Destination, to_stdout};
use crate::replace::{Write, replace};
use crate::report::{self, Level, Problem};
use crate::vars::{Expander, Values};
use crate::{args, terminal};

pub(crate) fn run(options: &Expand, quiet: bool) -> Result<(), Failure> {
    let paths = paths(&options.input.only)?;
    let sources = Sources::find(&options.input, &options.vars.env_file, quiet)?;
    let destination = Destination::new(&sources.found, options.output.as_deref(), options.in_place)?;
    let values = Values::read(&options.vars, quiet)?;
    let unset = match options.unset {
        args::Unset::Default => Unset::Default,
        args::Unset::Keep => Unset::Keep,
        args::Unset::Empty => Unset::Empty,
        args::Unset::Reject => Unset::Reject,
    };
    let expander = values.expander().on_unset(unset).dialect(options.input.dialect.into());
    let expander = paths.as_ref().map_or(expander, |paths| expander.paths(paths));

    let templates = sources.read()?;
    if !quiet {
        warn(&templates, &expander, unset).warn(&options.input.only);
    }
    let texts = expand(&templates, &expander, options.output_limit)?;
    match destination {
        Destination::Stdout => to_stdout(&one_stream(&templates, &texts)?),
        Destination::Files(paths) => {
            let mut writes = Vec::new();
            for ((text, template), path) in texts.iter().zip(&templates).zip(&paths) {
                writes.push(Write { path, text, is_secret: **text != template.text });
            }
            let losses = replace(&writes)?;
            losses.iter().filter(|_| !quiet).for_each(|loss| terminal::warning(loss));
            Ok(())
        }
    }
}

/// Warns of each site without a value, where that is not an error, and of each near miss.
fn warn(templates: &[Template], expander: &Expander<'_>, unset: Unset) -> Unmatched {
    let mut unmatched = Unmatched::default();
    let mut out = report::stderr();
    for template in templates {
        // The expansion reports what is not YAML.
        unmatched.explain(template, expander, |site| {
            if is_required(&site) {
                return;
            }
            let problem = Problem::of_site(template, &site);
            let is_warning = |it: &Problem| it.level() == Level::Warning || unset != Unset::Reject;
            if let Some(warning) = problem.filter(is_warning).map(Problem::into_warning) {
                // Standard error may be closed.
                let _ = warning.write(&mut out);
            }
        });
    }
    unmatched
}

/// Tells whether a reference without a value is an error, whatever --unset says.
fn is_required(site: &Site) -> bool {
    site.operator().is_some_and(|(operator, _)| operator.action() == Action::Require)
}

/// Expands every template, or reports all that prevents it. Together they become at most `limit` bytes longer.
fn expand<'a>(
    templates: &'a [Template],
    expander: &Expander<'_>,
    mut limit: usize,
) -> Result<Vec<Cow<'a, str>>, Failure> {
    let mut texts = Vec::new();
    let mut problems = Vec::new();
    for template in templates {
        match yaml::expand(&template.text, &expander.output_limit(limit)) {
            Ok(text) => {
                limit = limit.saturating_sub(text.len().saturating_sub(template.text.len()));
                texts.push(text);
            }
            Err(error) => problems.extend(Problem::of_error(template, &error)),
        }
    }
    report::write_to_stderr(&problems);
    if problems.is_empty() { Ok(texts) } else { Err(Failure::Problems) }
}

/// Joins expanded templates to one stream, or reports which one prevents it.
fn one_stream<'a>(templates: &[Template], texts: &'a [Cow<'_, str>]) -> Result<Cow<'a, str>, Failure> {
    let streams: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    join(&streams).map_err(|error| {
        let (index, message) = match error {
            Unjoinable::NoYaml(index) => {
                (index, "not YAML, so it cannot be part of one stream: envref check says where")
            }
            Unjoinable::Changed(index) => (
                index,
                "cannot be part of one stream: use --output DIRECTORY/ to write each to a file of its own",
            ),
        };
        let name = templates.get(index).map(|it| terminal::harmless(&it.name)).unwrap_or_default();
        terminal::error(&format!("{name}: {message}"));
        Failure::Problems
    })
}
