//! What happens to the text of a value, and what is said where it goes wrong.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_core::de::Error;

use super::document::{Expansion, Fault, Mark, Task};
use super::guard::{Guarded, Repr};
use super::place::Node;
use crate::error::ErrorKind;
use crate::lookup::Reason;
use crate::select::Trail;
use crate::site::Site;
use crate::token::references;

/// How many references a message names.
const NAMED: usize = 8;

impl<'a> Node<'a, '_> {
    /// Returns what the text of the value at this place expands to, and `None` if it stays as it is.
    pub(super) fn expand<'t, E: Error>(&self, text: &'t str) -> Result<Option<Cow<'t, str>>, E>
    where
        'a: 't,
    {
        match &self.document.task {
            Task::Expand(expansion) if self.refers(text) => {
                expansion.expand(text).map_err(|error| self.failure(expansion, &error))
            }
            Task::Expand(_) => Ok(None),
            Task::Coerce(coercion) => {
                coercion.is_empty.set(coercion.is_empty.get() || self.is_top() && text.is_empty());
                Ok(None)
            }
        }
    }

    /// Tells whether there are references in the text of the value at this place that are to be replaced.
    pub(super) fn refers(&self, text: &str) -> bool {
        matches!(self.document.task, Task::Expand(_))
            && references(text).next().is_some()
            && self.with_trail(Trail::is_selected)
    }

    /// Returns ` at` and the path, or nothing at the top.
    fn at(&self) -> String {
        let path = self.path();
        if path.is_empty() { path } else { format!(" at {path}") }
    }

    /// Notes what is wrong here.
    fn blame(&self, expansion: &Expansion<'_>, kind: ErrorKind, sites: impl IntoIterator<Item = Site>) {
        let path = self.path();
        let sites = sites.into_iter().map(|site| site.in_value_at(path.clone())).collect();
        let place = self.with_trail(|trail| trail.path().clone());
        expansion.set_fault(Some(Fault { kind, sites, place }));
    }

    /// Returns the error for a text that cannot be expanded.
    #[cold]
    fn failure<E: Error>(&self, expansion: &Expansion<'_>, error: &crate::error::Error) -> E {
        let at = self.at();
        self.blame(expansion, error.kind(), error.sites().iter().cloned());
        if error.kind() == ErrorKind::OutputLimit {
            let limit = expansion.expander.limit();
            let with =
                error.sites().first().map(|site| format!(", with {}", site.text())).unwrap_or_default();
            return E::custom(format_args!(
                "expansions longer than the limit of {limit} bytes for the document{with}{at}"
            ));
        }
        if let [site] = error.sites() {
            return E::custom(format_args!(
                "unresolved reference {}{at}: {}",
                site.text(),
                site.provenance()
            ));
        }
        let named = error.sites().iter().map(|site| format!("{}: {}", site.text(), site.provenance()));
        E::custom(format_args!("unresolved references{at}: {}", named.collect::<Vec<_>>().join("; ")))
    }

    /// Returns the error for a key that names a variant by a reference.
    #[cold]
    pub(super) fn key_refers<E: Error>(&self, key: &str) -> E {
        let at = self.at();
        E::custom(format_args!(
            "the key {} names a variant{at}, and keys are not expanded",
            key.escape_debug()
        ))
    }

    /// Returns the error for a value whose text does not fit the target after its expansion. `expected` is what the visitor
    /// expected before it saw the text.
    #[cold]
    pub(super) fn misfit<E: Error>(&self, text: &str, error: Guarded<E>, expected: String) -> E {
        let Task::Expand(expansion) = &self.document.task else { return error.0.error };
        let expected = error.0.suspect.and_then(|remains| remains.expected).unwrap_or(expected);
        let at = self.at();
        let sites = expansion.expander.sites(text);
        let (unset, resolved): (Vec<_>, Vec<_>) = sites
            .into_iter()
            .filter(|site| !site.name().is_empty())
            .partition(|site| site.reason().is_some());
        if let Some(site) = unset.iter().find(|site| site.is_whole()) {
            let reference = site.text();
            let message = match site.reason() {
                Some(Reason::Unset | Reason::NoFallback) | None => {
                    format!("{reference} is unset, expected {expected}{at}")
                }
                Some(reason) => format!("{reference} cannot be used ({reason}), expected {expected}{at}"),
            };
            self.blame(expansion, ErrorKind::InvalidValue, [site.clone()]);
            return E::custom(message);
        }
        let names = named(resolved.iter().map(Site::text)).join(", ");
        self.blame(expansion, ErrorKind::InvalidValue, resolved);
        E::custom(format_args!("invalid value for {names}{at}: expected {expected}"))
    }

    /// Returns the format's error for one that comes out of the value at this place, or out of one within it, where `inner`
    /// is. If its message may hold the text of a reference that was replaced there, since `mark`, it gets another message.
    #[cold]
    pub(super) fn settle<E: Error>(&self, inner: &Node<'_, '_>, mark: Mark, error: Guarded<E>) -> E {
        let Repr { error, suspect } = *error.0;
        let Task::Expand(expansion) = &self.document.task else { return error };
        let Some(remains) = suspect else {
            // It has been settled further in, or is the format's own.
            inner.with_trail(|trail| expansion.keep_fault_of(trail.path()));
            return error;
        };
        if self.document.mark() == mark {
            expansion.set_fault(None);
            return error;
        }
        let at = self.at();
        let (sites, has_more) = expansion.replaced_since(mark, NAMED);
        let note = |site: &Site| {
            let unset = if site.reason().is_some() { " (unset)" } else { "" };
            format!("{}{unset}", site.text())
        };
        let mut names: Vec<_> = sites.iter().map(note).collect();
        names.extend(has_more.then(|| "…".into()));
        let is = if let [_] = names.as_slice() { "is" } else { "are" };
        self.blame(expansion, ErrorKind::InvalidValue, sites);
        E::custom(format_args!("invalid value{at}, in which {} {is} expanded{remains}", names.join(", ")))
    }
}

/// Selects references for a message, a few, and each once.
fn named<'t>(references: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let mut named = Vec::new();
    for reference in references {
        if named.contains(&reference) {
            continue;
        }
        if named.len() == NAMED {
            named.push("…");
            break;
        }
        named.push(reference);
    }
    named
}
