//! Saves a configuration with its references, not its secrets: it is loaded, changed and saved, and its references are
//! still there.
//!
//! A program that reads `token: ${TOKEN}`, changes another setting and saves everything would write the token in clear,
//! and lose the reference. With the origins of its values it writes the references that it read:
//!
//! ```
//! use envref::{Expander, de};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize, Serialize)]
//! struct Config {
//!     token: String,
//!     port: u16,
//! }
//!
//! let text = r#"{"token":"${TOKEN}","port":8080}"#;
//! let vars = [("TOKEN", "s3cret")];
//! let expander = Expander::new(&vars);
//! let mut json = serde_json::Deserializer::from_str(text);
//! let (mut config, origins) = de::Deserializer::new(&mut json, &expander).deserialize_with_origins::<Config>()?;
//!
//! config.port = 9090;
//! let restored = origins.restore(&config)?;
//! assert_eq!(serde_json::to_string(&restored)?, r#"{"token":"${TOKEN}","port":9090}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Use [`Restored`] also to show a configuration. `yaml::update` (feature `yaml`) saves into the text of the document, so
//! that comments stay.
//!
//! # How it works
//!
//! While the adapter reads, it notes the texts that have references. Right after reading, the value is serialized once,
//! into memory: the snapshot. On saving, it is serialized again and compared. **What equals the snapshot gets the text
//! that it was read from; what has changed is written as it is.**
//!
//! So nothing is looked up, and it does not matter what a type makes of a text (a `"${PORT}"` that became a `u16`, an
//! address that was normalised), nor whether a variable has since been unset or changed. A type needs `Serialize`, and no
//! change. The formats to read from and to write to may differ, but have to be human-readable: in a binary one, types
//! have another shape, so it is an error.
//!
//! # What is restored
//!
//! - A value in the same place: the same keys of maps and structs, the same index of a tuple.
//! - An entry of a list, wherever it is now, also if a part of it has changed; likewise an entry of a map under another key.
//!   Entries are recognised by what is in them, since an index says nothing once an entry before it is gone.
//! - An expanded text that moved: missing at its old place, new at another. What a type made of a text,
//!   such as a number or an address, only in the same field of the same type.
//! - A copy of a whole text under the same key, as in a profile that was duplicated. Under another key, or within a longer text, a
//!   copy is a value, and shows in clear; so does a copied number.
//!
//! Where two references have equal values, and the values move, either may be written for the other.
//!
//! # What is not
//!
//! - **A changed value is written as it is.** If the host in `pg://u:${PW}@h` changes, the password is written in clear.
//!   [`Restored::dropped`] lists this, and every other reference that is lost.
//! - What is read under one key and written under another (`#[serde(alias)]`, `rename` for one direction) cannot be
//!   restored: it is written in clear, and reported as dropped. A document that uses the key that the type writes is
//!   safe.
//! - A value without a name of its own is not found: it is written in clear, and reported as dropped. Its key is a
//!   sequence, a map or null, or is one of two keys of a map that look alike (`1` and `"1"`) or begin with the same 512
//!   bytes; or the type reads it at one place and writes it at another (`Spanned` of `serde_saphyr`, a struct that was a
//!   sequence), where other patterns select it.
//! - Numbers and bools that were copied or moved are values: they are restored only at the same place, or in the same
//!   field of an entry that moved.
//! - A type that writes `***` for any secret never seems to change.
//! - The origins are those of one document. Layers that were merged before they were read have none.
//! - Comments and unknown fields are not in the value, as with any save by serde; `yaml::update` keeps both.
//! - In a set with an order of its own, whose type rewrites texts beyond case and punctuation, an entry may get the text
//!   of another.
//! - [`Origins`] has the values in memory, and does not wipe them.
//!
//! To see whether a type writes what it reads, test it with a document that has references at all places:
//!
//! ```
//! # let vars = [("TOKEN", "s3cret")];
//! # let expander = envref::Expander::new(&vars);
//! # let mut json = serde_json::Deserializer::from_str(r#"{"token":"${TOKEN}"}"#);
//! # type Config = std::collections::BTreeMap<String, String>;
//! # let adapter = envref::de::Deserializer::new(&mut json, &expander);
//! let (config, origins) = adapter.deserialize_with_origins::<Config>()?;
//! assert!(origins.restore(&config)?.dropped().is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # New references
//!
//! Somebody who may change a setting could write `${DB_PASSWORD}` into it, and read the password after a restart. So a
//! value that was not read from the document and would be a reference on the next read is an [error](RestoreError), where
//! the [`Paths`] of the expander select it: there is no escape to write it with. The [Compose
//! dialect](crate::Dialect::Compose) has one: there each `$` of such a value is written as `$$`, except under
//! [`Unset::Keep`](crate::Unset::Keep), which keeps escapes as well. A reference that had no value when the document was
//! read may stay, and so may others to the same variable within longer texts: with the same variables, they have no value
//! on the next read, either. The names of variants are not looked at: an enum takes its own as written, unless serde
//! buffers it.
//!
//! # Cost
//!
//! Reading without origins costs nothing more. With them, reading and restoring take time and memory in proportion to the
//! document; a list whose entries changed places takes `n log n` in its length.

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
use crate::expand::Erased;
use crate::select::Paths;
use crate::token::Dialect;

pub(crate) use self::notes::Notes;
#[cfg(feature = "yaml")]
pub(crate) use self::scalars::{Changes, Now, Place};

/// Where the references of a document were, and what the value was right after reading. Returned by
/// [`Deserializer::deserialize_with_origins`](crate::de::Deserializer::deserialize_with_origins).
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
    dialect: Dialect,
    /// An escape is read as what it stands for: it can be written in place of a `$`.
    has_escape: bool,
}

impl Origins {
    /// Returns the origins of `value`, which was read by the rules of `expander` while `notes` were taken.
    pub(crate) fn new<T: Serialize + ?Sized>(
        notes: Notes,
        value: &T,
        expander: &Erased<'_>,
    ) -> Result<Self, RestoreError> {
        let hasher = RandomState::new();
        let mut snapshot = record(value, &hasher, &Tree::default())?;
        place::place(&notes, &mut snapshot);
        let Noted { origins, expansions, unset } = notes.into_noted();
        let placed = origins.iter().map(|_| None).collect();
        let dialect = expander.language();
        let mut this = Self {
            all: origins,
            placed,
            by_hash: HashMap::new(),
            unset,
            snapshot,
            hasher,
            paths: expander.selection().cloned(),
            dialect,
            has_escape: dialect == Dialect::Compose && !expander.keeps_unset(true),
        };
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

    /// Returns `value` with the references of the document in place of what they expanded to, for any human-readable format
    /// to serialize. See the [documentation of the module](self) for what is restored.
    ///
    /// # Errors
    ///
    /// - A new value at a selected path contains what would be read as a reference: `nickname` was set to
    ///   `${DB_PASSWORD}`. The Compose dialect escapes it instead.
    /// - A type cannot be serialized: a `Path` that is not Unicode.
    ///
    /// The error has the path. It holds no value, and therefore not the message of the type.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use envref::{Expander, de};
    ///
    /// let vars = [("TOKEN", "s3cret")];
    /// let expander = Expander::new(&vars);
    /// let mut json = serde_json::Deserializer::from_str(r#"{"token": "$TOKEN", "nickname": "n"}"#);
    /// let adapter = de::Deserializer::new(&mut json, &expander);
    /// let (mut config, origins) = adapter.deserialize_with_origins::<BTreeMap<String, String>>()?;
    ///
    /// config.insert("nickname".into(), "${DB_PASSWORD}".into());
    /// let error = origins.restore(&config).unwrap_err();
    /// assert_eq!(error.path(), "nickname");
    /// # Ok::<(), envref::de::Error<serde_json::Error>>(())
    /// ```
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

    /// Returns the texts of the document that have references, in order, where the paths of the expander select them.
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

/// A value with the references of its document, to be serialized in any human-readable format. Returned by
/// [`Origins::restore`].
///
/// It serializes as the value itself does, with a text in place of each value that is restored. In a binary format that
/// is an error.
pub struct Restored<'o> {
    tree: Tree,
    origins: &'o [Origin],
    dropped: Vec<&'o Origin>,
}

impl<'o> Restored<'o> {
    /// Returns the origins that are not in the output, in the order of the document: their values were changed or
    /// removed, or cannot be found.
    ///
    /// ```
    /// use envref::{Expander, de};
    ///
    /// let vars = [("HOST", "db"), ("PW", "s3cret")];
    /// let expander = Expander::new(&vars);
    /// let mut json = serde_json::Deserializer::from_str(r#"["pg://u:${PW}@${HOST}", "$HOST"]"#);
    /// let adapter = de::Deserializer::new(&mut json, &expander);
    /// let (mut urls, origins) = adapter.deserialize_with_origins::<Vec<String>>()?;
    ///
    /// urls[0] = urls[0].replace("@db", "@localhost");
    /// let restored = origins.restore(&urls)?;
    /// let [lost] = restored.dropped() else { panic!() };
    /// assert_eq!((lost.path(), lost.text()), ("[0]", "pg://u:${PW}@${HOST}"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

/// Why a value cannot be saved, with its path. Returned by [`Origins::restore`] and `yaml::update`.
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
                write!(f, "the new value at {path} would be read as a reference: remove its `$`")
            }
            #[cfg(feature = "yaml")]
            Problem::Yaml(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for RestoreError {}
