//! The archive in SQLite: versions in one table, their bodies in another.

mod audit;
mod days;
mod dictionaries;
mod heads;
mod plan;
mod proofs;
mod purge;
mod read;
mod series;
mod write;

use async_trait::async_trait;
use bytes::Bytes;
use domain::archive::{ArchiveStats, Head, Holding, Known, PurgeTerms, Purged, Put, Scan, Version};
use domain::deletion::{Evidence, Proof, Suspect, Tombstone};
use domain::outline::SeriesPoint;
use domain::staleness::Freshness;
use domain::{Key, Kind, Record, StoreError, Timestamp};
use jiff::civil::Date;

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
        let draft = self.database.read(move |db| plan::draft(db, &dictionaries, records)).await?;
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

    async fn as_of(&self, key: Key, at: Timestamp) -> Result<Option<Record>, StoreError> {
        let dictionaries = self.dictionaries.clone();
        self.database.read(move |db| read::as_of(db, &dictionaries, key, at)).await
    }

    async fn series(&self, key: Key) -> Result<Vec<SeriesPoint>, StoreError> {
        self.database.read(move |db| series::read(db, key)).await
    }

    async fn series_after(
        &self,
        after: Option<(Date, Key)>,
        limit: usize,
    ) -> Result<Vec<(Key, SeriesPoint)>, StoreError> {
        self.database.read(move |db| series::after(db, after, limit)).await
    }

    async fn known(&self, kind: Kind) -> Result<Known, StoreError> {
        self.database.read(move |db| heads::known(db, kind)).await
    }

    async fn move_popularity(
        &self,
        kind: Kind,
        moved: &[(u64, f32)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if moved.is_empty() {
            return Ok(());
        }
        let moved = moved.to_vec();
        self.database.write(move |db| series::move_popularity(db, kind, &moved, now)).await
    }

    async fn freshness(
        &self,
        after: Option<Key>,
        limit: usize,
    ) -> Result<Vec<Freshness>, StoreError> {
        self.database.read(move |db| heads::freshness(db, after, limit)).await
    }

    async fn doubt(
        &self,
        keys: &[Key],
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Vec<Evidence>, StoreError> {
        if keys.is_empty() {
            return Ok(vec![]);
        }
        let (keys, proof) = (keys.to_vec(), proof.clone());
        self.database.write(move |db| proofs::doubt(db, &keys, &proof, now)).await
    }

    async fn resurrect(&self, keys: &[Key]) -> Result<Vec<Key>, StoreError> {
        // Every page of every list asks; nearly always nothing stands against any key.
        if keys.is_empty() || !self.database.read(proofs::are_there).await? {
            return Ok(vec![]);
        }
        let keys = keys.to_vec();
        self.database.write(move |db| proofs::resurrect(db, &keys)).await
    }

    async fn bury(&self, tombstones: &[Tombstone]) -> Result<(), StoreError> {
        if tombstones.is_empty() {
            return Ok(());
        }
        let tombstones = tombstones.to_vec();
        self.database.write(move |db| proofs::bury(db, &tombstones)).await
    }

    async fn tombstone(&self, key: Key) -> Result<Option<Tombstone>, StoreError> {
        self.database.read(move |db| proofs::tombstone(db, key)).await
    }

    async fn tombstones(&self, limit: usize) -> Result<Vec<Tombstone>, StoreError> {
        self.database.read(move |db| proofs::tombstones(db, limit)).await
    }

    async fn suspects(&self, kind: Option<Kind>, limit: usize) -> Result<Vec<Suspect>, StoreError> {
        self.database.read(move |db| proofs::suspects(db, kind, limit)).await
    }

    async fn purge(&self, terms: &PurgeTerms, limit: usize) -> Result<Purged, StoreError> {
        let terms = *terms;
        // Looked for on a reading thread, which takes as long as all versions are many.
        let found = self.database.read(move |db| purge::find(db, &terms, limit)).await?;
        let dictionaries = self.dictionaries.clone();
        self.database.write(move |db| purge::purge(db, &dictionaries, &found)).await
    }

    async fn audit(&self) -> Result<Vec<Holding>, StoreError> {
        self.database.read(audit::audit).await
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

#[cfg(test)]
mod tests;
