//! What the adapter keeps while it reads one document: the rules, where it is, what has been expanded; and the messages
//! of its errors.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;
use core::iter::successors;

use serde_core::de::Error;

use super::Unresolved;
use super::guard::{Guarded, Repr};
use crate::path::{Path, SHOWN_OF_KEY, start_of};
use crate::token::has_dollar;
use crate::{ErrorKind, Expander, Paths, Provenance, Reason, Reference, references};

/// What the adapter does with the text of values.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Task {
    /// Expands it, and converts what was expanded to the type that is asked for.
    Expand,
    /// Expands it, and converts any text.
    ExpandLeniently,
    /// Converts it: it has been expanded, or not, by whoever filled the buffer that it comes from.
    Convert,
    /// Notes its unresolved references.
    Survey,
}

/// Shared by all that reads the document, hence the cells. Each is taken and put back at once.
pub(super) struct Document<'e> {
    expander: Expander<'e>,
    /// Everything is chosen if there are none.
    paths: Option<&'e Paths>,
    /// How many bytes of a key a path needs: what tells it from the keys of patterns, and what is shown.
    kept: usize,
    task: Task,
    /// How many bytes of the output limit have been used.
    used: Cell<usize>,
    /// The keys on the way to the current place that the format only lends for a moment, one after the other.
    keys: Cell<String>,
    /// Each reference that has been expanded so far, with [`UNSET`] if it has no value, and a space after it.
    expanded: Cell<String>,
    /// The length of that.
    mark: Cell<usize>,
    /// Reused for each path that is needed.
    path: Cell<Path>,
    /// Whether the text at the top was empty.
    pub(super) is_empty: Cell<bool>,
    /// What a survey has found.
    pub(super) unresolved: Cell<Vec<Unresolved>>,
}

/// How much had been expanded at some point: see [`Node::settle`].
#[derive(Clone, Copy)]
pub(super) struct Mark(usize);

/// A place in the document, on the stack of whoever reads it: a link to the place around it, and the step from there.
///
/// It becomes a [`Path`] only if a reference or an error is found there.
pub(super) struct Node<'a, 'de> {
    pub(super) document: &'a Document<'a>,
    parent: Option<&'a Node<'a, 'de>>,
    step: Cell<Step<'de>>,
    /// Where the key of this node begins in [`Document::keys`], if it is there.
    start: usize,
}

#[derive(Clone, Copy)]
enum Step<'de> {
    /// The place around it: the top, or a wrapper that the document does not show.
    None,
    /// A key that has no name.
    Unnamed,
    Key(&'de str),
    /// A key in [`Document::keys`], to this byte.
    Copied(usize),
    Index(usize),
}

/// The key of a value whose place TOML tells, too. The document does not have it.
const SPANNED: &str = "$__serde_spanned_private_value";

/// How many references a message names.
const NAMED: usize = 8;

impl<'e> Document<'e> {
    pub(super) fn new(expander: Expander<'e>, paths: Option<&'e Paths>, task: Task) -> Self {
        let longest = paths.map(Paths::longest_key).unwrap_or_default();
        Self {
            expander,
            paths,
            kept: 4 + longest.max(4 * SHOWN_OF_KEY),
            task,
            used: Cell::default(),
            keys: Cell::default(),
            expanded: Cell::default(),
            mark: Cell::default(),
            path: Cell::default(),
            is_empty: Cell::default(),
            unresolved: Cell::default(),
        }
    }

    /// Tells whether `text` can be handed on as it is, which is the most frequent case by far.
    #[inline]
    pub(super) fn is_plain(&self, text: &str) -> bool {
        matches!(self.task, Task::Expand | Task::Survey) && !has_dollar(text)
    }

    /// Tells whether any text is converted, expanded or not.
    #[inline]
    pub(super) fn is_lenient(&self) -> bool {
        matches!(self.task, Task::ExpandLeniently | Task::Convert)
    }

    /// Tells whether references are replaced at all.
    pub(super) fn is_expanding(&self) -> bool {
        matches!(self.task, Task::Expand | Task::ExpandLeniently)
    }

    #[inline]
    pub(super) fn mark(&self) -> Mark {
        Mark(self.mark.get())
    }
}

impl<'a, 'de> Node<'a, 'de> {
    #[inline]
    pub(super) fn top(document: &'a Document<'a>) -> Self {
        Self { document, parent: None, step: Cell::new(Step::None), start: 0 }
    }

    #[inline]
    pub(super) fn below(parent: &'a Self) -> Self {
        let start = if let Step::Copied(end) = parent.step.get() { end } else { parent.start };
        Self { document: parent.document, parent: Some(parent), step: Cell::new(Step::None), start }
    }

    #[inline]
    pub(super) fn next_key(&self) {
        self.step.set(Step::Unnamed);
    }

    #[inline]
    pub(super) fn next_index(&self) {
        let next = if let Step::Index(index) = self.step.get() { index + 1 } else { 0 };
        self.step.set(Step::Index(next));
    }

    /// Notes the key of the next value.
    #[inline]
    pub(super) fn name(&self, key: &'de str) {
        self.step.set(Step::Key(key));
    }

    /// Notes a key that the format only lends.
    pub(super) fn name_lent(&self, key: impl fmt::Display) {
        let mut keys = self.document.keys.take();
        keys.truncate(self.start);
        // Writing to a string does not fail.
        let _ = fmt::write(&mut keys, format_args!("{key}"));
        self.step.set(Step::Copied(keys.len()));
        self.document.keys.set(keys);
    }

    /// Returns what the text of the value at this place expands to, and `None` if it stays as it is.
    pub(super) fn expand<'t, E: Error>(&self, text: &'t str) -> Result<Option<Cow<'t, str>>, E>
    where
        'a: 't,
    {
        let document = self.document;
        if document.task == Task::Convert {
            let is_top = self.parent.is_none();
            document.is_empty.set(document.is_empty.get() || is_top && text.is_empty());
            return Ok(None);
        }
        if !self.refers(text) {
            return Ok(None);
        }
        if document.task == Task::Survey {
            self.survey(text);
            return Ok(None);
        }
        let left = document.expander.limit() - document.used.get();
        let expansion = match document.expander.output_limit(left).expand(text) {
            Ok(expansion) => expansion,
            Err(error) => return Err(self.failure(text, &error)),
        };
        if core::ptr::eq(&raw const *expansion, text) {
            return Ok(None);
        }
        document.used.set(document.used.get() + expansion.len());
        let note = if expansion.is_empty() && self.unset(text).is_some() { UNSET } else { "" };
        let mut expanded = document.expanded.take();
        for reference in references(text) {
            expanded.push_str(reference.text());
            expanded.push_str(note);
            expanded.push(' ');
        }
        document.mark.set(expanded.len());
        document.expanded.set(expanded);
        Ok(Some(expansion))
    }

    /// Tells whether there are references in the text of the value at this place, and it is chosen.
    pub(super) fn refers(&self, text: &str) -> bool {
        let is_chosen = |paths: &Paths| self.with_path(|path| paths.contain(path));
        references(text).next().is_some() && self.document.paths.is_none_or(is_chosen)
    }

    /// Returns the reference that `text` is, and why it has no value, if it is one without.
    fn unset<'t>(&self, text: &'t str) -> Option<(Reference<'t>, Reason)>
    where
        'a: 't,
    {
        let resolution = self.document.expander.explain(text).next()?;
        let reference = resolution.reference();
        match resolution.provenance() {
            Provenance::Unset(reason) if reference.text() == text => Some((reference, reason)),
            _ => None,
        }
    }

    fn survey(&self, text: &str) {
        let mut unresolved = self.document.unresolved.take();
        for resolution in self.document.expander.explain(text) {
            if let Provenance::Unset(reason) = resolution.provenance() {
                let path = self.with_path(Path::shown);
                unresolved.push(Unresolved::new(path, &resolution.reference(), reason));
            }
        }
        self.document.unresolved.set(unresolved);
    }

    /// Calls `f` with the path to this place.
    fn with_path<T>(&self, f: impl FnOnce(&Path) -> T) -> T {
        let keys = self.document.keys.take();
        let mut path = self.document.path.take();
        path.clear();
        for node in successors(Some(self), |node| node.parent) {
            let key = match node.step.get() {
                Step::None => continue,
                Step::Unnamed => {
                    path.push_unnamed();
                    continue;
                }
                Step::Index(index) => {
                    path.push_index(index);
                    continue;
                }
                Step::Copied(end) => keys.get(node.start..end).unwrap_or_default(),
                Step::Key(key) => key,
            };
            if key != SPANNED {
                path.push_key(start_of(key, self.document.kept));
            }
        }
        path.reverse();
        let result = f(&path);
        self.document.keys.set(keys);
        self.document.path.set(path);
        result
    }

    /// Returns ` at` and the path, or nothing at the top.
    fn at(&self) -> String {
        let path = self.with_path(Path::shown);
        if path.is_empty() { path } else { format!(" at {path}") }
    }

    /// Returns the error for a text that cannot be expanded.
    #[cold]
    fn failure<E: Error>(&self, text: &str, error: &crate::Error) -> E {
        let at = self.at();
        if error.kind() == ErrorKind::OutputLimit {
            let limit = self.document.expander.limit();
            let with = error.name().and_then(|_| text.get(error.span()));
            let with = with.map(|reference| format!(", with {reference}")).unwrap_or_default();
            return E::custom(format_args!(
                "expansions longer than the limit of {limit} bytes for the document{with}{at}"
            ));
        }
        let all: Vec<_> = error.unresolved().collect();
        if let [only] = all.as_slice() {
            return E::custom(format_args!("unresolved reference {}{at}: {}", only.text(), only.reason()));
        }
        let all: Vec<_> = all.iter().map(|it| format!("{}: {}", it.text(), it.reason())).collect();
        E::custom(format_args!("unresolved references{at}: {}", all.join("; ")))
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
        let expected = error.0.suspect.and_then(|remains| remains.expected).unwrap_or(expected);
        let at = self.at();
        match self.unset(text) {
            Some((reference, Reason::Unset)) => {
                return E::custom(format_args!("{} is unset, expected {expected}{at}", reference.text()));
            }
            Some((reference, reason)) => {
                let reference = reference.text();
                return E::custom(format_args!(
                    "{reference} has no value ({reason}), expected {expected}{at}"
                ));
            }
            None => {}
        }
        let resolutions = self.document.expander.explain(text);
        let resolved = resolutions.filter(|it| !matches!(it.provenance(), Provenance::Unset(_)));
        let names = list(resolved.map(|it| it.reference().text())).join(", ");
        E::custom(format_args!("invalid value for {names}{at}: expected {expected}"))
    }

    /// Returns the format's error for one that comes out of the value at this place. If its message may hold the text of
    /// a reference that was expanded there, since `mark`, it gets another message.
    #[cold]
    pub(super) fn settle<E: Error>(&self, mark: Mark, error: Guarded<E>) -> E {
        let Repr { error, suspect } = *error.0;
        let Some(remains) = suspect.filter(|_| self.document.mark.get() != mark.0) else {
            return error;
        };
        let at = self.at();
        let expanded = self.document.expanded.take();
        let names = list(expanded.get(mark.0..).unwrap_or_default().split_whitespace());
        let is = if let [_] = names.as_slice() { "is" } else { "are" };
        let names = names.join(", ").replace(UNSET, " (unset)");
        self.document.expanded.set(expanded);
        E::custom(format_args!("invalid value{at}, in which {names} {is} expanded{remains}"))
    }
}

/// Marks a reference without a value in [`Document::expanded`].
const UNSET: &str = "!";

/// Chooses references for a message, a few, and each once.
fn list<'t>(references: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
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
