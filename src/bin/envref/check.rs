//! `envref check`: reports what would make an expansion fail or incomplete, each template as soon as it is read.

use envref::Paths;

use crate::args::Check;
use crate::explain::{Unmatched, paths};
use crate::failure::Failure;
use crate::input::Sources;
use crate::output::{Items, stdout};
use crate::report::{Level, Problem};
use crate::vars::Values;

pub(crate) fn run(options: &Check, quiet: bool) -> Result<(), Failure> {
    // With a selection, a template without references is parsed, too: it may not be YAML.
    let paths = paths(&options.input.only)?.unwrap_or_else(Paths::all);
    let sources = Sources::find(&options.input, &options.vars.env_file, quiet)?;
    let values = Values::read(&options.vars, quiet)?;
    let expander = values.expander().paths(&paths).dialect(options.input.dialect.into());

    let mut failures = sources.failures;
    let mut unmatched = Unmatched::default();
    let mut items = Items::new(stdout(), options.format.format);
    let mut has_errors = false;
    for source in &sources.found {
        match source.read() {
            Err(failure) => failures.push(failure),
            Ok(template) => {
                let mut report = |problem: Problem| {
                    has_errors |= problem.level() == Level::Error;
                    if problem.level() == Level::Error || !quiet {
                        items.write(&problem, Problem::write);
                    }
                };
                let faults = unmatched.explain(&template, &expander, |site| {
                    Problem::of_site(&template, &site).into_iter().for_each(&mut report);
                });
                faults.into_iter().for_each(&mut report);
            }
        }
        // Show the problems of this template before the next one is read.
        items.flush();
    }
    // Problems count even if their reader has gone away.
    if let Err(Failure::Io(errors)) = items.finish() {
        failures.extend(errors);
    }
    if !quiet {
        unmatched.warn(&options.input.only);
    }
    Failure::of(failures, has_errors)
}
