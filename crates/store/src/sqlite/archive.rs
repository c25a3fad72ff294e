//! The archive's index in SQLite, and the bodies that lie there: versions in one
//! table, their bodies in another.

mod audit;
mod bodies;
mod changes;
mod days;
mod dictionaries;
mod heads;
mod proofs;
mod purge;
mod read;
mod series;
mod standing;
mod write;

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

use super::Database;
use super::fault::Fault;
use crate::archive;
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
impl archive::Index for Index {
    async fn standing(
        &self,
        keys: &[(Key, ContentHash)],
    ) -> Result<Vec<Option<Standing>>, StoreError> {
        let keys = keys.to_vec();
        self.database.read(move |db| standing::standing(db, &keys)).await
    }

    async fn commit(
        &self,
        changes: Vec<Change>,
        dictionaries: DictionaryState,
    ) -> Result<Vec<Option<Put>>, StoreError> {
        self.database.write(move |db| write::commit(db, &changes, dictionaries)).await
    }

    async fn newest(&self, key: Key) -> Result<Option<VersionRow>, StoreError> {
        self.database.read(move |db| read::newest(db, key)).await
    }

    async fn newest_of(&self, keys: &[Key]) -> Result<Vec<VersionRow>, StoreError> {
        let keys = keys.to_vec();
        let newest = move |db: &_| {
            let found = keys.iter().map(|key| read::newest(db, *key));
            found.filter_map(Result::transpose).collect()
        };
        self.database.read(newest).await
    }

    async fn chain(&self, key: Key, version: u32) -> Result<Vec<VersionRow>, StoreError> {
        self.database.read(move |db| read::chain(db, key, version)).await
    }

    async fn number_at(&self, key: Key, at: Timestamp) -> Result<Option<u32>, StoreError> {
        self.database.read(move |db| read::number_at(db, key, at)).await
    }

    async fn scan(&self, scan: Scan) -> Result<Vec<VersionRow>, StoreError> {
        self.database.read(move |db| read::scan(db, scan)).await
    }

    async fn every_version(
        &self,
        kind: Option<Kind>,
        after: Option<(Key, u32)>,
        limit: usize,
    ) -> Result<Vec<VersionRow>, StoreError> {
        self.database.read(move |db| read::every_version(db, kind, after, limit)).await
    }

    async fn dictionary_state(&self) -> Result<DictionaryState, StoreError> {
        self.database.read(dictionaries::state).await
    }

    async fn dictionaries(&self) -> Result<Vec<Dictionary>, StoreError> {
        self.database.read(dictionaries::all).await
    }

    async fn add_dictionary(
        &self,
        kind: Kind,
        dictionary: Bytes,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        self.database.write(move |db| dictionaries::add(db, kind, &dictionary, now)).await
    }

    async fn expired(&self, terms: &PurgeTerms, limit: usize) -> Result<Expired, StoreError> {
        let terms = *terms;
        // On a reading thread: it takes as long as all versions are many.
        self.database.read(move |db| purge::expired(db, &terms, limit)).await
    }

    async fn drop_expired(
        &self,
        expired: &Expired,
        repacked: Vec<Repacked>,
    ) -> Result<Purged, StoreError> {
        let expired = expired.clone();
        self.database.write(move |db| purge::drop_expired(db, &expired, &repacked)).await
    }

    async fn drop_versions(&self, key: Key, numbers: &[u32]) -> Result<u64, StoreError> {
        let numbers = numbers.to_vec();
        self.database.write(move |db| purge::drop_lost(db, &key, &numbers)).await
    }

    async fn relocate(&self, moves: Vec<Relocation>) -> Result<Vec<bool>, StoreError> {
        self.database.write(move |db| bodies::relocate(db, &moves)).await
    }

    async fn discarded(&self, limit: usize) -> Result<Vec<String>, StoreError> {
        self.database.read(move |db| bodies::discarded(db, limit)).await
    }

    async fn forget_discarded(&self, names: &[String]) -> Result<(), StoreError> {
        let names = names.to_vec();
        self.database.write(move |db| bodies::forget_discarded(db, &names)).await
    }

    async fn versions(&self, key: Key) -> Result<Vec<Version>, StoreError> {
        self.database.read(move |db| read::versions(db, key)).await
    }

    async fn heads(&self, keys: &[Key]) -> Result<Vec<Option<Head>>, StoreError> {
        let keys = keys.to_vec();
        self.database.read(move |db| heads::heads(db, &keys)).await
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

    async fn current(&self, key: Key) -> Result<Option<(VersionRow, Freshness)>, StoreError> {
        let current = move |db: &_| {
            let Some(row) = read::newest(db, key)? else { return Ok(None) };
            Ok(heads::freshness_of(db, &[key])?.pop().flatten().map(|fresh| (row, fresh)))
        };
        self.database.read(current).await
    }

    async fn freshness_of(&self, keys: &[Key]) -> Result<Vec<Option<Freshness>>, StoreError> {
        let keys = keys.to_vec();
        self.database.read(move |db| heads::freshness_of(db, &keys)).await
    }

    async fn doubts(&self, keys: &[Key]) -> Result<Vec<Doubt>, StoreError> {
        let keys = keys.to_vec();
        self.database.read(move |db| proofs::doubts(db, &keys)).await
    }

    async fn changed(&self, span: &Span) -> Result<Changed, StoreError> {
        let span = *span;
        self.database.read(move |db| changes::changed(db, &span)).await
    }

    async fn highest(&self, kind: Kind) -> Result<Option<u64>, StoreError> {
        self.database.read(move |db| changes::highest(db, kind)).await
    }

    async fn doubt(
        &self,
        keys: &[Key],
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Vec<Evidence>, StoreError> {
        let (keys, proof) = (keys.to_vec(), proof.clone());
        self.database.write(move |db| proofs::doubt(db, &keys, &proof, now)).await
    }

    async fn resurrect(&self, keys: &[Key]) -> Result<Vec<Key>, StoreError> {
        // Every page of every list asks; nearly always nothing stands against any key.
        if !self.database.read(proofs::are_there).await? {
            return Ok(vec![]);
        }
        let keys = keys.to_vec();
        self.database.write(move |db| proofs::resurrect(db, &keys)).await
    }

    async fn bury(&self, tombstones: &[Tombstone]) -> Result<(), StoreError> {
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

    async fn audit(&self) -> Result<Vec<Holding>, StoreError> {
        self.database.read(audit::audit).await
    }

    async fn stats(&self) -> Result<ArchiveStats, StoreError> {
        self.database.read(read::stats).await
    }
}

#[cfg(test)]
mod tests;
