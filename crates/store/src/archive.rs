//! The archive over any database: which version a record makes, how bodies are
//! packed, and where they lie.
//!
//! The *index* (versions, heads, series, proofs) is SQL, an [`Index`] for each
//! database. Bodies lie in the database too, or as objects in an object store:
//! then a row names its object, so that reading a record is one GET, and listing
//! versions needs none.
//!
//! An object is written before the row that names it, under a name that nobody
//! used before, and never changed. One that no row names any more is noted in the
//! transaction that says so ([`Index::discarded`]) and deleted after it.

mod bodies;
pub(crate) mod days;
mod index;
mod packing;
mod plan;
mod purge;
mod put;
mod read;
pub(crate) mod series;
mod upkeep;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use domain::archive::{
    ArchiveStats, Changed, Head, Holding, Known, PurgeTerms, Purged, Put, Scan, Span, Version,
};
use domain::deletion::{Evidence, Proof, Suspect, Tombstone};
use domain::outline::SeriesPoint;
use domain::staleness::{Doubt, Freshness};
use domain::{Key, Kind, Record, StoreError, Timestamp};
use jiff::civil::Date;

use packing::Dictionaries;

pub(crate) use bodies::Bodies;
pub(crate) use index::{
    Change, Detail, Dictionary, DictionaryState, Expired, Index, MAX_CHAIN, OUTDATED, Place, Plan,
    Relocation, Repacked, Standing, Stored, VersionRow,
};
pub(crate) use upkeep::End;
pub use upkeep::{BodyFault, Check, Moved, Repaired, Restored, Seen, UpkeepError, Verified};

/// Records, their versions and what is known of them.
pub(crate) struct Archive {
    index: Arc<dyn Index>,
    bodies: Bodies,
    dictionaries: Dictionaries,
}

impl Archive {
    pub(crate) fn new(index: Arc<dyn Index>, bodies: Bodies) -> Self {
        Self { index, bodies, dictionaries: Dictionaries::default() }
    }
}

#[async_trait]
impl domain::Archive for Archive {
    async fn put(&self, records: &[Record]) -> Result<Vec<Put>, StoreError> {
        self.put_all(records).await
    }

    async fn get(&self, key: Key) -> Result<Option<Record>, StoreError> {
        self.read(key, None).await
    }

    async fn get_all(&self, keys: &[Key]) -> Result<Vec<Option<Record>>, StoreError> {
        self.read_all(keys).await
    }

    async fn version(&self, key: Key, version: u32) -> Result<Option<Record>, StoreError> {
        self.read(key, Some(version)).await
    }

    async fn versions(&self, key: Key) -> Result<Vec<Version>, StoreError> {
        self.index.versions(key).await
    }

    async fn heads(&self, keys: &[Key]) -> Result<Vec<Option<Head>>, StoreError> {
        if keys.is_empty() {
            return Ok(vec![]);
        }
        self.index.heads(keys).await
    }

    async fn scan(&self, scan: Scan) -> Result<Vec<Record>, StoreError> {
        self.read_page(scan).await
    }

    async fn as_of(&self, key: Key, at: Timestamp) -> Result<Option<Record>, StoreError> {
        match self.index.number_at(key, at).await? {
            Some(number) => self.read(key, Some(number)).await,
            None => Ok(None),
        }
    }

    async fn series(&self, key: Key) -> Result<Vec<SeriesPoint>, StoreError> {
        self.index.series(key).await
    }

    async fn series_after(
        &self,
        after: Option<(Date, Key)>,
        limit: usize,
    ) -> Result<Vec<(Key, SeriesPoint)>, StoreError> {
        self.index.series_after(after, limit).await
    }

    async fn known(&self, kind: Kind) -> Result<Known, StoreError> {
        self.index.known(kind).await
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
        self.index.move_popularity(kind, moved, now).await
    }

    async fn freshness(
        &self,
        after: Option<Key>,
        limit: usize,
    ) -> Result<Vec<Freshness>, StoreError> {
        self.index.freshness(after, limit).await
    }

    async fn current(&self, key: Key) -> Result<Option<(Record, Freshness)>, StoreError> {
        self.read_current(key).await
    }

    async fn freshness_of(&self, keys: &[Key]) -> Result<Vec<Option<Freshness>>, StoreError> {
        if keys.is_empty() {
            return Ok(vec![]);
        }
        self.index.freshness_of(keys).await
    }

    async fn doubts(&self, keys: &[Key]) -> Result<Vec<Doubt>, StoreError> {
        if keys.is_empty() {
            return Ok(vec![]);
        }
        self.index.doubts(keys).await
    }

    async fn changed(&self, span: &Span) -> Result<Changed, StoreError> {
        self.index.changed(span).await
    }

    async fn highest(&self, kind: Kind) -> Result<Option<u64>, StoreError> {
        self.index.highest(kind).await
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
        self.index.doubt(keys, proof, now).await
    }

    async fn resurrect(&self, keys: &[Key]) -> Result<Vec<Key>, StoreError> {
        if keys.is_empty() {
            return Ok(vec![]);
        }
        self.index.resurrect(keys).await
    }

    async fn bury(&self, tombstones: &[Tombstone]) -> Result<(), StoreError> {
        if tombstones.is_empty() {
            return Ok(());
        }
        self.index.bury(tombstones).await
    }

    async fn tombstone(&self, key: Key) -> Result<Option<Tombstone>, StoreError> {
        self.index.tombstone(key).await
    }

    async fn tombstones(&self, limit: usize) -> Result<Vec<Tombstone>, StoreError> {
        self.index.tombstones(limit).await
    }

    async fn suspects(&self, kind: Option<Kind>, limit: usize) -> Result<Vec<Suspect>, StoreError> {
        self.index.suspects(kind, limit).await
    }

    async fn purge(&self, terms: &PurgeTerms, limit: usize) -> Result<Purged, StoreError> {
        self.purge_some(terms, limit).await
    }

    async fn audit(&self) -> Result<Vec<Holding>, StoreError> {
        self.index.audit().await
    }

    async fn stats(&self) -> Result<ArchiveStats, StoreError> {
        self.index.stats().await
    }

    async fn add_dictionary(
        &self,
        kind: Kind,
        dictionary: Bytes,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        packing::check(kind, &dictionary)?;
        if let Some(objects) = self.bodies.objects() {
            // Before anything can be packed with it.
            objects.put_dictionary(kind, &dictionary).await?;
        }
        self.index.add_dictionary(kind, dictionary, now).await?;
        Ok(())
    }
}

/// Computes where it holds up nobody.
async fn blocking<T: Send + 'static>(compute: impl FnOnce() -> T + Send + 'static) -> T {
    let computed = tokio::task::spawn_blocking(compute).await;
    computed.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

#[cfg(test)]
mod tests;
