//! What outlives the process: for each workspace what is wanted (its template and its secrets), how it stands, and the
//! token of its runtime. Only this file names redb.
//!
//! Every call blocks: call it through [`Tasks::blocking`](crate::tasks::Tasks::blocking), so that a drain waits for it.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::secret::Secret;
use crate::template::Spec;
use crate::workspace::Status;

/// What is wanted, by the name of the workspace.
const WANTED: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("wanted");
/// How workspaces stand, by name.
const RECORDS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("records");

/// An open store. It is closed when the host has drained.
pub struct Store(Database);

/// How a workspace stands.
#[derive(Serialize, Deserialize)]
pub struct Record {
    /// What the interface shows.
    pub status: Status,
    /// What the running runtime was started with.
    pub token: Option<Secret>,
}

/// Why the store failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("cannot use the store: {0}")]
    Database(#[from] redb::Error),
    /// The file could not be opened.
    #[error("cannot open the store: {0}")]
    File(#[from] std::io::Error),
    /// What is stored is not what this version stores. What serde says of it may quote a secret.
    #[error("the store holds what this version cannot read (details withheld: they may quote a secret)")]
    Content,
}

impl Store {
    /// Returns the store at `path`, which is made if it does not exist, readable by its owner only.
    ///
    /// # Errors
    ///
    /// If another host has it open, or the file is not a redb database.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let file = FileBackend::new(file).map_err(redb::Error::from)?;
        let store = Self(Database::builder().create_with_backend(file).map_err(redb::Error::from)?);
        // Readers find the tables.
        store.write(|_, _| Ok(()))?;
        Ok(store)
    }

    /// Writes what is wanted of the workspace `name`.
    ///
    /// # Errors
    ///
    /// If the disk is full, for example. Then nothing is written.
    pub fn want(&self, name: &str, spec: &Spec) -> Result<(), Error> {
        let spec = serde_json::to_vec(spec).map_err(|_| Error::Content)?;
        self.write(|wanted, _| wanted.insert(name, spec.as_slice()).map(drop))
    }

    /// Writes how the workspace `name` stands.
    ///
    /// # Errors
    ///
    /// As [`want`](Self::want).
    pub fn record(&self, name: &str, record: &Record) -> Result<(), Error> {
        let record = serde_json::to_vec(record).map_err(|_| Error::Content)?;
        self.write(|_, records| records.insert(name, record.as_slice()).map(drop))
    }

    /// Returns what is wanted, with names.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn wanted(&self) -> Result<Vec<(String, Spec)>, Error> {
        self.read(WANTED)
    }

    /// Returns how each workspace stood last, with names.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn records(&self) -> Result<Vec<(String, Record)>, Error> {
        self.read(RECORDS)
    }

    /// Closes the store.
    ///
    /// # Errors
    ///
    /// If the last bytes cannot be written.
    pub fn close(self) -> Result<(), Error> {
        Ok(self.0.close().map_err(redb::Error::from)?)
    }

    fn write<F>(&self, change: F) -> Result<(), Error>
    where
        F: FnOnce(&mut Table<'_>, &mut Table<'_>) -> Result<(), redb::StorageError>,
    {
        let transaction = self.0.begin_write().map_err(redb::Error::from)?;
        {
            let mut wanted = transaction.open_table(WANTED).map_err(redb::Error::from)?;
            let mut records = transaction.open_table(RECORDS).map_err(redb::Error::from)?;
            change(&mut wanted, &mut records).map_err(redb::Error::from)?;
        }
        Ok(transaction.commit().map_err(redb::Error::from)?)
    }

    fn read<T: DeserializeOwned>(
        &self,
        table: TableDefinition<'_, &'static str, &'static [u8]>,
    ) -> Result<Vec<(String, T)>, Error> {
        let transaction = self.0.begin_read().map_err(redb::Error::from)?;
        let table = transaction.open_table(table).map_err(redb::Error::from)?;
        let mut entries = Vec::new();
        for entry in table.iter().map_err(redb::Error::from)? {
            let (name, value) = entry.map_err(redb::Error::from)?;
            let value = serde_json::from_slice(value.value()).map_err(|_| Error::Content)?;
            entries.push((name.value().to_owned(), value));
        }
        Ok(entries)
    }
}

type Table<'t> = redb::Table<'t, &'static str, &'static [u8]>;
