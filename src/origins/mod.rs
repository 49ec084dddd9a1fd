//! Saving a configuration without its secrets.

mod align;
mod model;
mod notes;
mod place;
mod record;
mod replay;
mod restore;
#[cfg(feature = "yaml")]
mod scalars;
mod walk;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::fmt;
use std::collections::HashMap;
use std::hash::RandomState;

use serde_core::ser::{Error as _, Serialize, Serializer};

use self::model::{Node, Tree};
use self::notes::Noted;
use self::replay::Value;
use self::restore::Placed;
use self::walk::walk;
use crate::select::Paths;

pub(crate) use self::notes::Notes;
#[cfg(feature = "yaml")]
pub(crate) use self::scalars::{Changes, Now, Place};

/// Where the references of a document were, and what it said right after reading.
pub struct Origins {
    all: Vec<Origin>,
    /// What each has become, if the type writes it where it read it.
    placed: Vec<Option<Placed>>,
    /// The origins of values by the hash of these.
    by_hash: HashMap<u64, Vec<usize>>,
    /// The names that had no value, and whether that was so even for a reference that was the whole text.
    unset: BTreeMap<String, bool>,
    snapshot: Tree,
    hasher: RandomState,
    paths: Option<Paths>,
}

impl Origins {
    /// Returns the origins of `value`, which was read while `notes` were taken, at the places that `paths` choose.
    pub(crate) fn new<T: Serialize + ?Sized>(
        notes: Notes,
        value: &T,
        paths: Option<&Paths>,
    ) -> Result<Self, RestoreError> {
        let hasher = RandomState::new();
        let mut snapshot = record(value, &hasher, &Tree::default())?;
        place::place(&notes, &mut snapshot);
        let Noted { origins, expansions, unset } = notes.into_noted();
        let placed = origins.iter().map(|_| None).collect();
        let paths = paths.cloned();
        let mut this = Self { all: origins, placed, by_hash: HashMap::new(), unset, snapshot, hasher, paths };
        this.index(&expansions);
        Ok(this)
    }

    /// Notes what is to be known of the values that have an origin.
    fn index(&mut self, expansions: &[String]) {
        let tree = &self.snapshot;
        let wanted: Vec<_> = (0..tree.nodes.len()).filter(|id| tree.origin(*id).is_some()).collect();
        let mut found = Vec::new();
        let Ok(()) = walk::<Infallible>(tree, None, &wanted, |id, _, field| {
            let Some(origin) = tree.origin(id) else { return Ok(()) };
            let text = tree.text(id);
            let is_verbatim = text.is_some() && text == expansions.get(origin).map(String::as_str);
            let (key, owner) = self.slots(field);
            let is_offered = text != Some("") && (is_verbatim || owner != 0);
            found.push((origin, is_offered, Placed { hash: tree.hash(id), is_verbatim, key, owner }));
            Ok(())
        });
        for (origin, is_offered, placed) in found {
            if is_offered {
                self.by_hash.entry(placed.hash).or_default().push(origin);
            }
            if let Some(place) = self.placed.get_mut(origin) {
                *place = Some(placed);
            }
        }
    }

    /// Returns `value` with the references of the document in place of the values that they expanded to.
    ///
    /// # Errors
    ///
    /// See [`RestoreError`].
    pub fn restore<T: Serialize + ?Sized>(&self, value: &T) -> Result<Restored<'_>, RestoreError> {
        let mut tree = record(value, &self.hasher, &self.snapshot)?;
        self.mark(&mut tree)?;
        let mut is_written: Vec<_> = self.all.iter().map(|_| false).collect();
        for origin in tree.nodes.iter().filter_map(Node::origin) {
            if let Some(is_written) = is_written.get_mut(origin) {
                *is_written = true;
            }
        }
        let dropped = self.all.iter().zip(is_written).filter(|it| !it.1).map(|it| it.0).collect();
        Ok(Restored { tree, origins: &self.all, dropped })
    }

    /// Returns the texts of the document that have references, in its order.
    pub fn iter(&self) -> core::slice::Iter<'_, Origin> {
        self.all.iter()
    }
}

impl<'o> IntoIterator for &'o Origins {
    type Item = &'o Origin;
    type IntoIter = core::slice::Iter<'o, Origin>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The references are shown, no values are.
impl fmt::Debug for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Origins")
            .field("origins", &self.all)
            .field("paths", &self.paths)
            .finish_non_exhaustive()
    }
}

fn record<T>(value: &T, hasher: &RandomState, like: &Tree) -> Result<Tree, RestoreError>
where
    T: Serialize + ?Sized,
{
    Tree::of(value, hasher, like).map_err(|failure| RestoreError::unserializable(failure.path()))
}

/// A text of a document that has references: where it was, and how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    path: String,
    text: String,
}

impl Origin {
    fn new(path: String, text: String) -> Self {
        Self { path, text }
    }

    /// Returns the path of the text in the document that was read, in the syntax of [`Paths`].
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the text as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A value to be saved.
pub struct Restored<'o> {
    tree: Tree,
    origins: &'o [Origin],
    dropped: Vec<&'o Origin>,
}

impl<'o> Restored<'o> {
    /// Returns the origins that are not in the output.
    #[must_use]
    pub fn dropped(&self) -> &[&'o Origin] {
        &self.dropped
    }
}

impl Serialize for Restored<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return Err(S::Error::custom("references are saved in human-readable formats only"));
        }
        Value { tree: &self.tree, origins: self.origins, id: 0 }.serialize(serializer)
    }
}

/// No value is shown.
impl fmt::Debug for Restored<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Restored").field("dropped", &self.dropped).finish_non_exhaustive()
    }
}

/// Why a value is not saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreError {
    path: String,
    problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Problem {
    Unserializable,
    NewReference,
    #[cfg(feature = "yaml")]
    Yaml(crate::error::Error),
}

impl RestoreError {
    fn unserializable(path: String) -> Self {
        Self { path, problem: Problem::Unserializable }
    }

    fn new_reference(path: String) -> Self {
        Self { path, problem: Problem::NewReference }
    }

    #[cfg(feature = "yaml")]
    pub(crate) fn not_yaml(error: crate::error::Error) -> Self {
        Self { path: String::new(), problem: Problem::Yaml(error) }
    }

    /// Returns the path of the value, in the syntax of [`Paths`]; it is empty at the top.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the top" } else { &self.path };
        match &self.problem {
            Problem::Unserializable => {
                write!(
                    f,
                    "the value at {path} cannot be serialized (details withheld: they may contain a variable's value)"
                )
            }
            Problem::NewReference => {
                write!(f, "the new value at {path} would be read as a reference: take its `$` out")
            }
            #[cfg(feature = "yaml")]
            Problem::Yaml(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for RestoreError {}
