//! `envref list`: prints the references of all templates, and reports those that are not YAML.

use envref::{Expander, Provenance};

use crate::args::{List, OutputFormat};
use crate::explain::{Unmatched, paths};
use crate::failure::Failure;
use crate::input::Sources;
use crate::output::{Items, print, stdout};
use crate::report::{self, Level, Listed, Problem};

pub(crate) fn run(options: &List, quiet: bool) -> Result<(), Failure> {
    let paths = paths(&options.input.only)?;
    let sources = Sources::find(&options.input, &[], quiet)?;
    let expander = Expander::new(&()).dialect(options.input.dialect.into());
    let expander = paths.as_ref().map_or(expander, |paths| expander.paths(paths));

    let mut failures = sources.failures;
    let mut unmatched = Unmatched::default();
    let mut listed = Vec::new();
    let mut problems = Vec::new();
    for source in &sources.found {
        match source.read() {
            Err(failure) => failures.push(failure),
            Ok(template) => {
                let faults = unmatched.explain(&template, &expander, |site| match site.provenance() {
                    Provenance::NearMiss => problems.extend(Problem::of_site(&template, &site)),
                    _ => listed.push(Listed::new(&template, &site)),
                });
                problems.extend(faults);
            }
        }
    }
    match options.format.format {
        _ if options.names => print(|out| report::write_names(&listed, out))?,
        OutputFormat::Text => print(|out| report::write_listed(&listed, out))?,
        OutputFormat::Json => {
            let mut items = Items::new(stdout(), OutputFormat::Json);
            for reference in &listed {
                items.write(reference, |_, _| Ok(()));
            }
            items.finish()?;
        }
    }
    if quiet {
        problems.retain(|it| it.level() == Level::Error);
    } else {
        unmatched.warn(&options.input.only);
    }
    report::write_to_stderr(&problems);
    Failure::of(failures, problems.iter().any(|it| it.level() == Level::Error))
}
