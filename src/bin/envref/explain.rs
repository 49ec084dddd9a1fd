//! What the library says of templates: the sites of the selected values, and which patterns of `--only` match none.

use envref::{Expander, Lookup, Paths, Site, yaml};

use crate::failure::Failure;
use crate::input::Template;
use crate::report::Problem;
use crate::terminal;

/// Returns the paths that `--only` gives, or `None` without it.
pub(crate) fn paths(only: &[String]) -> Result<Option<Paths>, Failure> {
    let paths = (!only.is_empty()).then(|| Paths::new(only)).transpose();
    paths.map_err(|error| Failure::Usage(format!("--only: {}", terminal::harmless(&error.to_string()))))
}

/// The patterns of `--only` that no value of any template has matched so far.
#[derive(Default)]
pub(crate) struct Unmatched {
    /// None, before the first template.
    patterns: Option<Vec<String>>,
}

impl Unmatched {
    /// Calls `found` with each site of a template under `expander`, and notes which patterns match. Returns the problem
    /// if the template is not YAML: then any pattern may match.
    pub(crate) fn explain<L: Lookup + ?Sized, F: Lookup + ?Sized>(
        &mut self,
        template: &Template,
        expander: &Expander<'_, L, F>,
        found: impl FnMut(Site),
    ) -> Vec<Problem> {
        let result = yaml::explain_each(&template.text, expander, found);
        let unmatched = result.as_deref().unwrap_or_default();
        match &mut self.patterns {
            Some(patterns) => patterns.retain(|it| unmatched.contains(it)),
            None => self.patterns = Some(unmatched.to_vec()),
        }
        result.err().map(|error| Problem::of_error(template, &error)).unwrap_or_default()
    }

    /// Warns of the patterns of `only` that match nothing: most often they have a typo.
    pub(crate) fn warn(&self, only: &[String]) {
        // Without patterns, everything is selected.
        for pattern in self.patterns.iter().flatten().filter(|_| !only.is_empty()) {
            terminal::warning(&format!("--only `{}` matches no value", terminal::harmless(pattern)));
        }
    }
}
