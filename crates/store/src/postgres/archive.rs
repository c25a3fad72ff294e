//! The archive's index in PostgreSQL: versions with their bodies in one table, and
//! what is known of keys in another.
//!
//! Collectors that put the same keys wait for each other at the heads of these, and
//! the second finds that a key does not stand any more as it saw it.

mod audit;
mod changes;
mod columns;
mod commit;
mod dictionaries;
mod heads;
mod objects;
mod proofs;
mod purge;
mod read;
mod series;
mod write;

use std::collections::HashSet;

use async_trait::async_trait;
use bytes::Bytes;
use domain::archive::{
    ArchiveStats, Changed, Head, Holding, Known, PurgeTerms, Purged, Put, Scan, Span, Version,
};
use domain::deletion::{Evidence, Proof, Suspect, Tombstone};
use domain::outline::SeriesPoint;
use domain::record::ContentHash;
use domain::staleness::{Doubt, Freshness};
use domain::{Key, Kind, StoreError, Timestamp};
use jiff::civil::Date;

use super::{Database, snapshot, transaction};
use crate::archive::{
    Change, Dictionary, DictionaryState, Expired, Relocation, Repacked, Standing, VersionRow,
};

pub(crate) struct Index {
    database: Database,
}

impl Index {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl crate::archive::Index for Index {
    async fn standing(
        &self,
        keys: &[(Key, ContentHash)],
    ) -> Result<Vec<Option<Standing>>, StoreError> {
        snapshot!(self.database, tx => read::standing(&tx, keys).await)
    }

    async fn commit(
        &self,
        changes: Vec<Change>,
        dictionaries: DictionaryState,
    ) -> Result<Vec<Option<Put>>, StoreError> {
        transaction!(self.database, tx => commit::commit(&tx, &changes, dictionaries).await)
    }

    async fn newest(&self, key: Key) -> Result<Option<VersionRow>, StoreError> {
        snapshot!(self.database, tx => read::newest(&tx, key).await)
    }

    async fn newest_of(&self, keys: &[Key]) -> Result<Vec<VersionRow>, StoreError> {
        snapshot!(self.database, tx => read::newest_of(&tx, keys).await)
    }

    async fn chain(&self, key: Key, version: u32) -> Result<Vec<VersionRow>, StoreError> {
        snapshot!(self.database, tx => read::chain(&tx, key, version).await)
    }

    async fn number_at(&self, key: Key, at: Timestamp) -> Result<Option<u32>, StoreError> {
        snapshot!(self.database, tx => read::number_at(&tx, key, at).await)
    }

    async fn scan(&self, scan: Scan) -> Result<Vec<VersionRow>, StoreError> {
        snapshot!(self.database, tx => read::scan(&tx, scan).await)
    }

    async fn every_version(
        &self,
        kind: Option<Kind>,
        after: Option<(Key, u32)>,
        limit: usize,
    ) -> Result<Vec<VersionRow>, StoreError> {
        snapshot!(self.database, tx => read::every_version(&tx, kind, after, limit).await)
    }

    async fn dictionary_state(&self) -> Result<DictionaryState, StoreError> {
        snapshot!(self.database, tx => dictionaries::state(&tx).await)
    }

    async fn dictionaries(&self) -> Result<Vec<Dictionary>, StoreError> {
        snapshot!(self.database, tx => dictionaries::all(&tx).await)
    }

    async fn add_dictionary(
        &self,
        kind: Kind,
        dictionary: Bytes,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        transaction!(self.database, tx => dictionaries::add(&tx, kind, &dictionary, now).await)
    }

    async fn expired(&self, terms: &PurgeTerms, limit: usize) -> Result<Expired, StoreError> {
        snapshot!(self.database, tx => purge::expired(&tx, terms, limit).await)
    }

    async fn drop_expired(
        &self,
        expired: &Expired,
        repacked: Vec<Repacked>,
    ) -> Result<Purged, StoreError> {
        transaction!(self.database, tx => purge::drop_expired(&tx, expired, &repacked).await)
    }

    async fn drop_versions(&self, key: Key, numbers: &[u32]) -> Result<u64, StoreError> {
        transaction!(self.database, tx => purge::drop_lost(&tx, &key, numbers).await)
    }

    async fn relocate(&self, moves: Vec<Relocation>) -> Result<Vec<bool>, StoreError> {
        transaction!(self.database, tx => objects::relocate(&tx, &moves).await)
    }

    async fn discarded(&self, limit: usize) -> Result<Vec<String>, StoreError> {
        snapshot!(self.database, tx => objects::discarded(&tx, limit).await)
    }

    async fn forget_discarded(&self, names: &[String]) -> Result<(), StoreError> {
        transaction!(self.database, tx => objects::forget(&tx, names).await)
    }

    async fn versions(&self, key: Key) -> Result<Vec<Version>, StoreError> {
        snapshot!(self.database, tx => read::versions(&tx, key).await)
    }

    async fn heads(&self, keys: &[Key]) -> Result<Vec<Option<Head>>, StoreError> {
        snapshot!(self.database, tx => heads::heads(&tx, keys).await)
    }

    async fn series(&self, key: Key) -> Result<Vec<SeriesPoint>, StoreError> {
        snapshot!(self.database, tx => series::read(&tx, key).await)
    }

    async fn series_after(
        &self,
        after: Option<(Date, Key)>,
        limit: usize,
    ) -> Result<Vec<(Key, SeriesPoint)>, StoreError> {
        snapshot!(self.database, tx => series::after(&tx, after, limit).await)
    }

    async fn known(&self, kind: Kind) -> Result<Known, StoreError> {
        snapshot!(self.database, tx => heads::known(&tx, kind).await)
    }

    async fn move_popularity(
        &self,
        kind: Kind,
        moved: &[(u64, f32)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        transaction!(self.database, tx => series::move_popularity(&tx, kind, moved, now).await)
    }

    async fn freshness(
        &self,
        after: Option<Key>,
        limit: usize,
    ) -> Result<Vec<Freshness>, StoreError> {
        snapshot!(self.database, tx => heads::freshness(&tx, after, limit).await)
    }

    async fn current(&self, key: Key) -> Result<Option<(VersionRow, Freshness)>, StoreError> {
        snapshot!(self.database, tx => read::current(&tx, key).await)
    }

    async fn freshness_of(&self, keys: &[Key]) -> Result<Vec<Option<Freshness>>, StoreError> {
        snapshot!(self.database, tx => heads::freshness_of(&tx, keys).await)
    }

    async fn doubts(&self, keys: &[Key]) -> Result<Vec<Doubt>, StoreError> {
        snapshot!(self.database, tx => proofs::doubts(&tx, keys).await)
    }

    async fn changed(&self, span: &Span) -> Result<Changed, StoreError> {
        snapshot!(self.database, tx => changes::changed(&tx, span).await)
    }

    async fn highest(&self, kind: Kind) -> Result<Option<u64>, StoreError> {
        snapshot!(self.database, tx => changes::highest(&tx, kind).await)
    }

    async fn doubt(
        &self,
        keys: &[Key],
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Vec<Evidence>, StoreError> {
        transaction!(self.database, tx => proofs::doubt(&tx, keys, proof, now).await)
    }

    async fn resurrect(&self, keys: &[Key]) -> Result<Vec<Key>, StoreError> {
        // Every page of every list asks; nearly always nothing stands against any key.
        let doubted = snapshot!(self.database, tx => proofs::against(&tx, keys).await)?;
        if doubted.is_empty() {
            return Ok(vec![]);
        }
        let mut found: HashSet<Key> =
            transaction!(self.database, tx => proofs::resurrect(&tx, &doubted).await)?;
        Ok(keys.iter().copied().filter(|key| found.remove(key)).collect())
    }

    async fn bury(&self, tombstones: &[Tombstone]) -> Result<(), StoreError> {
        transaction!(self.database, tx => proofs::bury(&tx, tombstones).await)
    }

    async fn tombstone(&self, key: Key) -> Result<Option<Tombstone>, StoreError> {
        snapshot!(self.database, tx => proofs::tombstone(&tx, key).await)
    }

    async fn tombstones(&self, limit: usize) -> Result<Vec<Tombstone>, StoreError> {
        snapshot!(self.database, tx => proofs::tombstones(&tx, limit).await)
    }

    async fn suspects(&self, kind: Option<Kind>, limit: usize) -> Result<Vec<Suspect>, StoreError> {
        snapshot!(self.database, tx => proofs::suspects(&tx, kind, limit).await)
    }

    async fn audit(&self) -> Result<Vec<Holding>, StoreError> {
        snapshot!(self.database, tx => audit::audit(&tx).await)
    }

    async fn stats(&self) -> Result<ArchiveStats, StoreError> {
        snapshot!(self.database, tx => read::stats(&tx).await)
    }
}

#[cfg(test)]
mod tests;
