//! The state of the adapter while it reads one document: what it does with texts, and what has become of them.

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::cell::Cell;
#[cfg(feature = "origins")]
use core::cell::{RefCell, RefMut};
use core::fmt;
use core::ops::Range;

use crate::error::{Error, ErrorKind};
use crate::expand::Erased;
#[cfg(feature = "origins")]
use crate::origins::Notes;
#[cfg(feature = "origins")]
use crate::path::Path;
use crate::select::Trail;
#[cfg(feature = "origins")]
use crate::site::Provenance;
use crate::site::Site;
use crate::token::Reference;
use crate::word::has_dollar;

/// Shared by all that reads the document, hence the cells. Each is taken and put back at once.
pub(super) struct Document<'e> {
    pub(super) task: Task<'e>,
    /// A text without a `$` is passed on as it is.
    passes_plain: bool,
    /// How many references have been replaced.
    mark: Cell<usize>,
    /// The keys on the way to the current place that the format lends only for a call, one after the other.
    pub(super) keys: Cell<String>,
    /// The way to the last place where it was needed.
    pub(super) trail: Cell<Option<Trail>>,
}

/// What the adapter does with the texts of values.
#[allow(clippy::large_enum_variant, reason = "there is one for each document, on the stack")]
pub(super) enum Task<'e> {
    Expand(Expansion<'e>),
    Coerce(Coercion),
}

/// Texts are expanded, and those in which something was replaced are converted to the type that is asked for.
pub(super) struct Expansion<'e> {
    pub(super) expander: Erased<'e>,
    /// Any text is converted, whether something was replaced in it or not.
    pub(super) coerces: bool,
    /// How many bytes of the output limit are used.
    used: Cell<usize>,
    /// The references that were replaced, in order.
    log: Cell<Log>,
    /// The last value in which something was replaced: its path as it is shown, which is of bounded length, and how many
    /// references had been replaced before it.
    last: Cell<(String, usize)>,
    /// What went wrong last.
    fault: Cell<Option<Fault>>,
    /// Which texts have references, if the caller asked for that.
    #[cfg(feature = "origins")]
    notes: Option<RefCell<Notes>>,
}

/// Texts are converted. If they were to be expanded, that happened before they came into the buffer.
#[derive(Default)]
pub(super) struct Coercion {
    /// The text at the top was empty.
    pub(super) is_empty: Cell<bool>,
    /// The last message without a value. An error with this message needs no other.
    said: Cell<String>,
}

impl Coercion {
    /// Notes the message of `error`, in which there is no value.
    pub(super) fn note<E: fmt::Display>(&self, error: E) -> E {
        self.said.set(error.to_string());
        error
    }

    /// Tells whether `error` says what was noted.
    pub(super) fn has_noted(&self, error: &impl fmt::Display) -> bool {
        let said = self.said.take();
        let has_noted = !said.is_empty() && error.to_string().contains(&said);
        self.said.set(said);
        has_noted
    }
}

/// What went wrong: the kind, and the references at fault.
pub(super) struct Fault {
    pub(super) kind: ErrorKind,
    pub(super) sites: Vec<Site>,
    /// The message: an error without these words is another one, since a type may have swallowed this one.
    pub(super) message: String,
}

/// How many references had been replaced at some point.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Mark(usize);

impl<'e> Document<'e> {
    pub(super) fn expanding(expander: Erased<'e>, coerces: bool) -> Self {
        let (used, log, last, fault) = Default::default();
        let task = Task::Expand(Expansion {
            expander,
            coerces,
            used,
            log,
            last,
            fault,
            #[cfg(feature = "origins")]
            notes: None,
        });
        Self::new(task, !coerces)
    }

    pub(super) fn coercing() -> Self {
        Self::new(Task::Coerce(Coercion::default()), false)
    }

    fn new(task: Task<'e>, passes_plain: bool) -> Self {
        let (mark, keys, trail) = Default::default();
        Self { task, passes_plain, mark, keys, trail }
    }

    /// Tells whether `text` can be passed on as it is, by far the most frequent case.
    #[expect(
        clippy::inline_always,
        reason = "a call for each text would cost 2 % of reading a document of texts"
    )]
    #[inline(always)]
    pub(super) fn is_plain(&self, text: &str) -> bool {
        self.passes_plain && !has_dollar(text)
    }

    /// Tells whether any text is converted, expanded or not.
    #[inline]
    pub(super) fn coerces(&self) -> bool {
        match &self.task {
            Task::Expand(expansion) => expansion.coerces,
            Task::Coerce(_) => true,
        }
    }

    #[inline]
    pub(super) fn mark(&self) -> Mark {
        Mark(self.mark.get())
    }

    pub(super) fn set_mark(&self, replaced: usize) {
        self.mark.set(replaced);
    }

    /// Has all texts noted that have references.
    #[cfg(feature = "origins")]
    pub(super) fn noting(mut self) -> Self {
        // One without may stand where there was one with references: a map may have a key twice.
        self.passes_plain = false;
        if let Task::Expand(expansion) = &mut self.task {
            expansion.notes = Some(RefCell::default());
        }
        self
    }

    /// Returns what was noted.
    #[cfg(feature = "origins")]
    pub(super) fn into_notes(self) -> Notes {
        match self.task {
            Task::Expand(expansion) => expansion.notes.map(RefCell::into_inner).unwrap_or_default(),
            Task::Coerce(_) => Notes::default(),
        }
    }

    /// Returns the trail at the top.
    pub(super) fn new_trail(&self) -> Trail {
        Trail::new(match &self.task {
            Task::Expand(expansion) => expansion.expander.selection(),
            Task::Coerce(_) => None,
        })
    }

    /// Returns what `error` is about, if a reference had to do with it.
    pub(super) fn fault_of(&self, error: &impl fmt::Display) -> Option<Fault> {
        let Task::Expand(expansion) = &self.task else { return None };
        let fault = expansion.fault.take()?;
        // Formats put a place around the words; one of them prints them as `Debug` does.
        let text = error.to_string();
        let says = text.contains(&fault.message) || text.contains(&fault.message.escape_debug().to_string());
        says.then_some(fault)
    }
}

impl Expansion<'_> {
    /// Returns what `text` expands to, and `None` if it stays as it is. `note` takes the path to it, and how many references
    /// have been replaced.
    pub(super) fn expand<'t>(
        &'t self,
        text: &'t str,
        note: impl FnOnce(&mut String, usize),
    ) -> Result<Option<Cow<'t, str>>, Error> {
        let left = self.expander.limit() - self.used.get();
        let expansion = self.expander.output_limit(left).expand(text)?;
        if core::ptr::eq(&raw const *expansion, text) {
            return Ok(None);
        }
        self.used.set(self.used.get() + expansion.len());
        let mut log = self.log.take();
        let mut last = self.last.take();
        last.1 = log.entries.len();
        log.push(self.expander.references(text), text.len());
        note(&mut last.0, log.entries.len());
        self.log.set(log);
        self.last.set(last);
        Ok(Some(expansion))
    }

    /// Returns the references that were replaced since `mark`, each once, and no more than `most`; and whether there are
    /// more.
    pub(super) fn replaced_since(&self, mark: Mark, most: usize) -> (Vec<Site>, bool) {
        let log = self.log.take();
        let mut sites: Vec<Site> = Vec::new();
        let mut has_more = false;
        for (text, entry) in log.since(mark) {
            if sites.iter().any(|site| site.text() == text) {
                continue;
            }
            if sites.len() == most {
                has_more = true;
                break;
            }
            sites.extend(self.expander.references(text).next().map(|reference| {
                let value = if entry.is_whole { text } else { "" };
                let provenance = self.expander.provenance(&reference, value);
                Site::new(&reference, value, provenance).spanning(entry.span.clone())
            }));
        }
        self.log.set(log);
        (sites, has_more)
    }

    /// Tells whether texts are to be noted.
    #[cfg(feature = "origins")]
    pub(super) fn is_noting(&self) -> bool {
        self.notes.is_some()
    }

    /// Returns the notes, if any are taken. Nothing that happens meanwhile takes another.
    #[cfg(feature = "origins")]
    fn notes(&self) -> Option<RefMut<'_, Notes>> {
        self.notes.as_ref()?.try_borrow_mut().ok()
    }

    /// Notes that the text at `path` was written as `text` and read as `expansion`.
    #[cfg(feature = "origins")]
    pub(super) fn note(&self, path: &Path, text: &str, expansion: &str) {
        let Some(mut notes) = self.notes() else { return };
        notes.origin(path, text, expansion);
        if !self.expander.keeps_unset(false) {
            return;
        }
        for (reference, provenance) in self.expander.resolve_all(text) {
            if let Provenance::Missing(_) = provenance {
                let is_whole = reference.text().len() == text.len();
                notes.unset(reference.name(), is_whole && self.expander.keeps_unset(true));
            }
        }
    }

    /// Notes that the text at `path` has no references.
    #[cfg(feature = "origins")]
    pub(super) fn note_plain(&self, path: &Path) {
        if let Some(mut notes) = self.notes() {
            notes.plain(path);
        }
    }

    /// Notes that of the sequence at `path` the element at `last` was the last that was asked for.
    #[cfg(feature = "origins")]
    pub(super) fn note_sequence(&self, path: &Path, last: usize) {
        if let Some(mut notes) = self.notes() {
            notes.sequence(path, last);
        }
    }

    /// Returns the path of the one value in which something was replaced since `mark`, or `None` if there are several.
    pub(super) fn only_path_since(&self, mark: Mark) -> Option<String> {
        let last = self.last.take();
        let path = (mark.0 >= last.1).then(|| last.0.clone());
        self.last.set(last);
        path
    }

    pub(super) fn set_fault(&self, fault: Fault) {
        self.fault.set(Some(fault));
    }
}

/// The references that were replaced.
#[derive(Default)]
struct Log {
    /// As written, one after the other.
    texts: String,
    entries: Vec<Entry>,
}

struct Entry {
    /// Where the reference begins in the texts of the log.
    start: usize,
    /// Where it was in its value, in bytes.
    span: Range<usize>,
    is_whole: bool,
}

impl Log {
    /// Adds the references of a value that is `len` bytes long.
    fn push<'t>(&mut self, references: impl Iterator<Item = Reference<'t>>, len: usize) {
        for reference in references {
            let start = self.texts.len();
            self.texts.push_str(reference.text());
            let is_whole = reference.text().len() == len;
            self.entries.push(Entry { start, span: reference.span(), is_whole });
        }
    }

    fn since(&self, mark: Mark) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.get(mark.0..).unwrap_or_default().iter().map(|entry| {
            let end = entry.start + entry.span.len();
            (self.texts.get(entry.start..end).unwrap_or_default(), entry)
        })
    }
}
