//! What becomes of the text of a value, and the errors where that fails.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_core::de::{Error, Unexpected};

use super::document::{Coercion, Expansion, Fault, Mark, Task};
use super::guard::{Guarded, Harmless, Origin, Repr, hint};
use super::place::Node;
use crate::error::ErrorKind;
use crate::lookup::Reason;
use crate::select::Trail;
use crate::site::Site;
use crate::token::Reference;

/// How many references a message names.
const NAMED: usize = 8;

impl<'a> Node<'a, '_> {
    /// Returns what the text of the value at this place expands to, and `None` if it stays as it is.
    pub(super) fn expand<'t, E: Error>(&self, text: &'t str) -> Result<Option<Cow<'t, str>>, E>
    where
        'a: 't,
    {
        match &self.document.task {
            Task::Expand(expansion) => {
                let refers = self.refers(text);
                let note = |last: &mut String, replaced| {
                    last.clear();
                    self.with_trail(|trail| trail.path().show(last));
                    self.document.set_mark(replaced);
                };
                let expanded = if refers { expansion.expand(text, note) } else { Ok(None) };
                let expanded = expanded.map_err(|error| self.failure(expansion, &error));
                #[cfg(feature = "origins")]
                if let (true, Ok(expanded)) = (expansion.is_noting(), &expanded) {
                    self.note(expansion, text, refers.then(|| expanded.as_deref().unwrap_or(text)));
                }
                expanded
            }
            Task::Coerce(coercion) => {
                coercion.is_empty.set(coercion.is_empty.get() || self.is_top() && text.is_empty());
                Ok(None)
            }
        }
    }

    /// Notes the text of the value at this place, and what it expanded to if it has references.
    #[cfg(feature = "origins")]
    #[cold]
    #[inline(never)]
    fn note(&self, expansion: &Expansion<'_>, text: &str, expanded: Option<&str>) {
        self.with_trail(|trail| match expanded {
            Some(expanded) => expansion.note(trail.path(), text, expanded),
            None => expansion.note_plain(trail.path()),
        });
    }

    /// Notes how many elements of the sequence at this place were asked for.
    #[cfg(feature = "origins")]
    #[inline]
    pub(super) fn note_sequence(&self, elements: &Node<'_, '_>) {
        match &self.document.task {
            Task::Expand(expansion) if expansion.is_noting() => {
                let last = elements.last_index().unwrap_or_default();
                self.with_trail(|trail| expansion.note_sequence(trail.path(), last));
            }
            _ => {}
        }
    }

    /// Tells whether there is something in the text of the value at this place that is to be replaced.
    pub(super) fn refers(&self, text: &str) -> bool {
        matches!(&self.document.task, Task::Expand(expansion) if expansion.expander.has_work(text))
            && self.with_trail(Trail::is_selected)
    }

    /// Returns the error that says `message`, with the references at fault, in the value at `path`.
    fn blame<E: Error>(
        expansion: &Expansion<'_>,
        kind: ErrorKind,
        (path, sites): (&str, impl IntoIterator<Item = Site>),
        message: String,
    ) -> E {
        let error = E::custom(&message);
        let sites = sites.into_iter().map(|site| site.in_value_at(path.into())).collect();
        expansion.set_fault(Fault { kind, sites, message });
        error
    }

    /// Returns the error for a text that cannot be expanded.
    #[cold]
    fn failure<E: Error>(&self, expansion: &Expansion<'_>, error: &crate::error::Error) -> E {
        let path = self.path();
        let at = at(&path);
        let message = match error.sites() {
            sites if error.kind() == ErrorKind::OutputLimit => {
                let limit = expansion.expander.limit();
                let with = sites.first().map(|site| format!(", with {}", site.shown())).unwrap_or_default();
                format!("expansions longer than the limit of {limit} bytes for the document{with}{at}")
            }
            [] => error.problem_at(&path),
            [site] => format!("unresolved reference {}{at}: {}", site.shown(), site.cause()),
            sites => {
                let named = sites.iter().map(|site| format!("{}: {}", site.shown(), site.cause()));
                format!("unresolved references{at}: {}", named.collect::<Vec<_>>().join("; "))
            }
        };
        Self::blame(expansion, error.kind(), (&path, error.sites().iter().cloned()), message)
    }

    /// Returns the error for a key that names a variant by a reference.
    #[cold]
    pub(super) fn key_refers<E: Error>(&self, key: &str) -> E {
        let at = at(&self.path());
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
        let expected = match error.0.origin {
            Origin::Type(Harmless { expected: Some(expected), .. }) => expected,
            _ => expected,
        };
        let path = self.path();
        let at = at(&path);
        let expander = &expansion.expander;
        let site = |it: Reference<'_>| Site::new(&it, text, expander.provenance(&it, text));
        let (unset, resolved): (Vec<_>, Vec<_>) =
            expander.references(text).map(site).partition(|site| site.reason().is_some());
        if let Some(site) = unset.iter().find(|site| site.is_whole()).cloned() {
            let reference = site.shown();
            let message = match site.reason() {
                Some(Reason::Unset | Reason::NoFallback) | None => {
                    format!("{reference} is unset, expected {expected}{at}")
                }
                Some(reason) => format!("{reference} cannot be used ({reason}), expected {expected}{at}"),
            };
            return Self::blame(expansion, ErrorKind::InvalidValue, (&path, [site]), message);
        }
        if resolved.is_empty() && !unset.is_empty() {
            let names = named(unset.iter().map(Site::shown));
            let are = if let [_] = names.as_slice() { "is" } else { "are" };
            let message = format!("{} {are} unset, expected {expected}{at}", names.join(", "));
            return Self::blame(expansion, ErrorKind::InvalidValue, (&path, unset), message);
        }
        let names = named(resolved.iter().map(Site::shown)).join(", ");
        // An escape is not a reference.
        let names = if names.is_empty() { names } else { format!(" for {names}") };
        let message = format!("invalid value{names}{at}: expected {expected}{}", hint(&expected));
        Self::blame(expansion, ErrorKind::InvalidValue, (&path, resolved), message)
    }

    /// Returns the format's error for an error from the value at this place. If its message may hold the expansion of a
    /// reference that was replaced there, since `mark`, it gets another message.
    #[cold]
    pub(super) fn settle<E: Error>(&self, mark: Mark, error: Guarded<E>) -> E {
        let Repr { error, origin } = *error.0;
        let expansion = match &self.document.task {
            Task::Expand(expansion) => expansion,
            Task::Coerce(coercion) => return self.settle_coerced(coercion, error, origin),
        };
        let Origin::Type(remains) = origin else { return error };
        if self.document.mark() == mark {
            return error;
        }
        let here = self.path();
        let path = expansion.only_path_since(mark).unwrap_or_else(|| here.clone());
        let at_path = if path == here { String::new() } else { at(&path) };
        let at = at(&here);
        let (sites, has_more) = expansion.replaced_since(mark, NAMED);
        let note = |site: &Site| {
            let unset = if site.reason().is_some() { " (unset)" } else { "" };
            format!("{}{unset}", site.shown())
        };
        let mut names: Vec<_> = sites.iter().map(note).collect();
        names.extend(has_more.then(|| "…".into()));
        let is = if let [_] = names.as_slice() { "is" } else { "are" };
        let names = names.join(", ");
        let message = format!("invalid value{at}, in which {names} {is} expanded{at_path}{remains}");
        Self::blame(expansion, ErrorKind::InvalidValue, (&path, sites), message)
    }

    /// Returns an error without values. What is coerced comes from a buffer, and may have been expanded before.
    fn settle_coerced<E: Error>(&self, coercion: &Coercion, error: E, origin: Origin) -> E {
        let remains = match origin {
            Origin::Program => return coercion.note(error),
            Origin::Format(_) if coercion.has_noted(&error) => return error,
            Origin::Format(expected) => {
                Harmless { expected: expected.map(Into::into), ..Harmless::default() }
            }
            Origin::Type(remains) => remains,
        };
        let at = at(&self.path());
        coercion.note(match &remains.expected {
            // In the words of serde, so that an adapter around this can take them up.
            Some(expected) => {
                let value = format!("a value{at} that is not shown");
                E::invalid_value(Unexpected::Other(&value), &expected.as_str())
            }
            None => E::custom(format_args!("invalid value{at}{}", remains.or_withheld())),
        })
    }
}

/// Returns ` at` and the path, or nothing at the top.
fn at(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!(" at {path}") }
}

/// Selects references for a message, a few, and each once.
fn named<'t>(references: impl Iterator<Item = Cow<'t, str>>) -> Vec<Cow<'t, str>> {
    let mut named = Vec::new();
    for reference in references {
        if named.contains(&reference) {
            continue;
        }
        if named.len() == NAMED {
            named.push("…".into());
            break;
        }
        named.push(reference);
    }
    named
}
