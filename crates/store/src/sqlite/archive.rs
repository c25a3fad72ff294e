//! The archive in SQLite: versions in one table, their bodies in another.

mod dictionaries;
mod heads;
mod read;
mod write;

use async_trait::async_trait;
use bytes::Bytes;
use domain::archive::{ArchiveStats, Head, Holding, Known, PurgeTerms, Purged, Put, Scan, Version};
use domain::deletion::{Evidence, Proof, Suspect, Tombstone};
use domain::outline::SeriesPoint;
use domain::staleness::Freshness;
use domain::{Key, Kind, Record, StoreError, Timestamp};

use super::Database;
use super::fault::Fault;
use dictionaries::Dictionaries;

pub(crate) struct Archive {
    database: Database,
    dictionaries: Dictionaries,
}

impl Archive {
    pub(crate) fn new(database: Database) -> Self {
        Self { database, dictionaries: Dictionaries::default() }
    }
}

#[async_trait]
impl domain::Archive for Archive {
    async fn put(&self, records: &[Record]) -> Result<Vec<Put>, StoreError> {
        if records.is_empty() {
            return Ok(vec![]);
        }
        let dictionaries = self.dictionaries.clone();
        let records = records.to_vec();
        // Compressed on a reading thread: the one that writes is the narrow place.
        let draft = self.database.read(move |db| write::draft(db, &dictionaries, records)).await?;
        let dictionaries = self.dictionaries.clone();
        self.database.write(move |db| write::put(db, &dictionaries, &draft)).await
    }

    async fn get(&self, key: Key) -> Result<Option<Record>, StoreError> {
        let dictionaries = self.dictionaries.clone();
        self.database.read(move |db| read::newest(db, &dictionaries, key)).await
    }

    async fn version(&self, key: Key, version: u32) -> Result<Option<Record>, StoreError> {
        let dictionaries = self.dictionaries.clone();
        self.database.read(move |db| read::version(db, &dictionaries, key, version)).await
    }

    async fn versions(&self, key: Key) -> Result<Vec<Version>, StoreError> {
        self.database.read(move |db| read::versions(db, key)).await
    }

    async fn heads(&self, keys: &[Key]) -> Result<Vec<Option<Head>>, StoreError> {
        if keys.is_empty() {
            return Ok(vec![]);
        }
        let keys = keys.to_vec();
        self.database.read(move |db| heads::heads(db, &keys)).await
    }

    async fn scan(&self, scan: Scan) -> Result<Vec<Record>, StoreError> {
        let dictionaries = self.dictionaries.clone();
        self.database.read(move |db| read::scan(db, &dictionaries, scan)).await
    }

    async fn as_of(&self, _: Key, _: Timestamp) -> Result<Option<Record>, StoreError> {
        Err(StoreError::unavailable("not built"))
    }
    async fn series(&self, _: Key) -> Result<Vec<SeriesPoint>, StoreError> {
        Err(StoreError::unavailable("not built"))
    }
    async fn known(&self, _: Kind) -> Result<Known, StoreError> {
        Err(StoreError::unavailable("not built"))
    }
    async fn move_popularity(
        &self,
        _: Kind,
        _: &[(u64, f32)],
        _: Timestamp,
    ) -> Result<(), StoreError> {
        Err(StoreError::unavailable("not built"))
    }
    async fn freshness(&self, _: Option<Key>, _: usize) -> Result<Vec<Freshness>, StoreError> {
        Err(StoreError::unavailable("not built"))
    }
    async fn doubt(
        &self,
        keys: &[Key],
        _: &Proof,
        now: Timestamp,
    ) -> Result<Vec<Evidence>, StoreError> {
        let keys = keys.to_vec();
        let empty = keys.iter().map(|_| Evidence::default()).collect();
        self.database.write(move |db| write::suspect(db, &keys, now)).await?;
        Ok(empty)
    }
    async fn resurrect(&self, _: &[Key]) -> Result<Vec<Key>, StoreError> {
        Err(StoreError::unavailable("not built"))
    }
    async fn bury(&self, _: &[Tombstone]) -> Result<(), StoreError> {
        Err(StoreError::unavailable("not built"))
    }
    async fn tombstone(&self, _: Key) -> Result<Option<Tombstone>, StoreError> {
        Err(StoreError::unavailable("not built"))
    }
    async fn tombstones(&self, _: usize) -> Result<Vec<Tombstone>, StoreError> {
        Err(StoreError::unavailable("not built"))
    }
    async fn suspects(&self, _: Option<Kind>, _: usize) -> Result<Vec<Suspect>, StoreError> {
        Err(StoreError::unavailable("not built"))
    }
    async fn purge(&self, _: &PurgeTerms, _: usize) -> Result<Purged, StoreError> {
        Err(StoreError::unavailable("not built"))
    }
    async fn audit(&self) -> Result<Vec<Holding>, StoreError> {
        Err(StoreError::unavailable("not built"))
    }

    async fn stats(&self) -> Result<ArchiveStats, StoreError> {
        self.database.read(read::stats).await
    }

    async fn add_dictionary(
        &self,
        kind: Kind,
        dictionary: Bytes,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.database.write(move |db| dictionaries::add(db, kind, &dictionary, now)).await
    }
}
