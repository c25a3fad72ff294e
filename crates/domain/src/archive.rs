//! The port to where records lie, every version of them.

use async_trait::async_trait;
use bytes::Bytes;
use jiff::civil::Date;
use serde::Serialize;

use crate::deletion::{Evidence, Proof, Suspect, Tombstone};
use crate::failure::StoreError;
use crate::key::{Key, Kind};
use crate::outline::SeriesPoint;
use crate::record::{ContentHash, Record};
use crate::staleness::{Doubt, Freshness};
use crate::time::Timestamp;

/// Where records lie, by key and version.
#[async_trait]
pub trait Archive: Send + Sync {
    /// Keeps records, in order.
    ///
    /// One whose body differs from the newest version's only in figures that
    /// move daily (popularity, votes) makes no new version: its body replaces
    /// that version's, and the figures go to the key's series. One that is
    /// equal only moves the version's `fetched_at` and `asked`. One that was
    /// fetched before the newest version was is late, and [`Put::Unchanged`].
    /// Clears every proof against the key, a tombstone too.
    async fn put(&self, records: &[Record]) -> Result<Vec<Put>, StoreError>;

    /// Returns the newest version.
    async fn get(&self, key: Key) -> Result<Option<Record>, StoreError>;

    /// Returns the newest version of each key, in the order asked.
    async fn get_all(&self, keys: &[Key]) -> Result<Vec<Option<Record>>, StoreError>;

    /// Returns one version by its number.
    async fn version(&self, key: Key, version: u32) -> Result<Option<Record>, StoreError>;

    /// Lists a key's versions, oldest first.
    async fn versions(&self, key: Key) -> Result<Vec<Version>, StoreError>;

    /// Returns what is known of each key without its body, in the order asked.
    async fn heads(&self, keys: &[Key]) -> Result<Vec<Option<Head>>, StoreError>;

    /// Returns newest versions in the order of their keys, after a key.
    /// Fewer than `limit` means the end.
    async fn scan(&self, scan: Scan) -> Result<Vec<Record>, StoreError>;

    /// Returns the version that was valid at an instant: the newest that
    /// began at or before it.
    async fn as_of(&self, key: Key, at: Timestamp) -> Result<Option<Record>, StoreError>;

    /// Returns the figures of a key through time, oldest first, one point a day at most.
    async fn series(&self, key: Key) -> Result<Vec<SeriesPoint>, StoreError>;

    /// Reads the figures of all keys through time, day by day, after a day's key.
    /// Fewer than `limit` means the end; blocks are read whole, so it may be more.
    async fn series_after(
        &self,
        after: Option<(Date, Key)>,
        limit: usize,
    ) -> Result<Vec<(Key, SeriesPoint)>, StoreError>;

    /// Returns every id of a kind that has a record, with its popularity as
    /// last known. Of kinds whose keys are an id alone.
    async fn known(&self, kind: Kind) -> Result<Known, StoreError>;

    /// Moves the popularity of known ids as a source says it is, and adds a
    /// point to their series, of small moves once a week. Ids without a record
    /// are left out.
    async fn move_popularity(
        &self,
        kind: Kind,
        moved: &[(u64, f32)],
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Lists what the rules of staleness need of every key, in the order of
    /// keys, after a key. Fewer than `limit` means the end.
    async fn freshness(
        &self,
        after: Option<Key>,
        limit: usize,
    ) -> Result<Vec<Freshness>, StoreError>;

    /// Returns the newest version, and what the rules of staleness need of it.
    async fn current(&self, key: Key) -> Result<Option<(Record, Freshness)>, StoreError>;

    /// Tells what the rules of staleness need of keys, in the order asked; `None`
    /// of those without a record.
    async fn freshness_of(&self, keys: &[Key]) -> Result<Vec<Option<Freshness>>, StoreError>;

    /// Lists the ids of a kind of which a version began in a span, its end left
    /// out, each once and ascending; of movies, shows and people.
    async fn changed(&self, span: &Span) -> Result<Changed, StoreError>;

    /// Returns the highest id of a kind that has a record.
    async fn highest(&self, kind: Kind) -> Result<Option<u64>, StoreError>;

    /// Tells how far keys are believed to be gone, in the order asked, whether or
    /// not anything was ever held of them.
    async fn doubts(&self, keys: &[Key]) -> Result<Vec<Doubt>, StoreError>;

    /// Notes a proof that keys are gone; the first of each sort counts, later
    /// ones do not move it. Returns the evidence against each that there is now.
    async fn doubt(
        &self,
        keys: &[Key],
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Vec<Evidence>, StoreError>;

    /// Notes that a source saw keys: drops the proof that exports lack them,
    /// and their tombstones. Returns the keys that had one of these.
    async fn resurrect(&self, keys: &[Key]) -> Result<Vec<Key>, StoreError>;

    /// Keeps tombstones, but for keys whose record was fetched after one of the
    /// proofs: it has taken both back in the meantime.
    async fn bury(&self, tombstones: &[Tombstone]) -> Result<(), StoreError>;

    async fn tombstone(&self, key: Key) -> Result<Option<Tombstone>, StoreError>;

    /// Lists tombstones, the newest first.
    async fn tombstones(&self, limit: usize) -> Result<Vec<Tombstone>, StoreError>;

    /// Lists keys with a proof against them and no tombstone, the oldest first.
    async fn suspects(&self, kind: Option<Kind>, limit: usize) -> Result<Vec<Suspect>, StoreError>;

    /// Drops what may not be kept any longer, at most `limit` keys in one go (a
    /// show takes its seasons along),
    /// and compression dictionaries that are as old or that no body needs. Forgets
    /// 404s of keys of which nothing was ever held.
    /// [`Purged::is_end`] tells whether something is left.
    async fn purge(&self, terms: &PurgeTerms, limit: usize) -> Result<Purged, StoreError>;

    /// Looks at everything held that came from TMDB, in every table, and says
    /// since when: the proof behind `terms audit`.
    async fn audit(&self) -> Result<Vec<Holding>, StoreError>;

    /// Measures the archive, by kind.
    async fn stats(&self) -> Result<ArchiveStats, StoreError>;

    /// Keeps a compression dictionary for a kind; records written from now on use it.
    async fn add_dictionary(
        &self,
        kind: Kind,
        dictionary: Bytes,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}

/// What [`Archive::put`] did with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// The first version of a key that was unknown.
    Created,
    /// A further version, with its number.
    Changed(u32),
    /// Only figures that move daily differ, or the schema it was written with:
    /// the newest version's body was replaced.
    Figures,
    /// Equal to the newest version, or late; no new one was made.
    Unchanged,
}

/// What is known of a key without reading its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub version: u32,
    pub fetched_at: Timestamp,
    pub hash: ContentHash,
    pub schema_version: u32,
}

/// A record as it was for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Counted from 1 for each key.
    pub number: u32,
    /// When a body first read so.
    pub valid_from: Timestamp,
    /// When a body last read so.
    pub fetched_at: Timestamp,
    pub asked: String,
    pub schema_version: u32,
    /// As it lies in the archive.
    pub stored_bytes: u64,
    /// Of its protobuf, not compressed.
    pub body_bytes: u64,
}

/// The ids of a kind that have a record, ascending, and the popularity of each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    pub ids: Vec<u64>,
    /// As long as `ids`; 0 where it is not known.
    pub popularity: Vec<f32>,
}

/// What to list of what changed.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub kind: Kind,
    pub from: Timestamp,
    /// Left out itself.
    pub until: Timestamp,
    /// So many ids of it come before.
    pub skip: usize,
    pub limit: usize,
}

/// Ids that changed, as far as they were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    pub ids: Vec<u64>,
    /// In the whole span.
    pub total: u64,
}

/// What [`Archive::purge`] drops.
#[derive(Clone, Copy, Debug)]
pub struct PurgeTerms {
    /// Versions fetched for the last time before, series points of before.
    pub fetched_before: Timestamp,
    /// Records of keys whose tombstone was set before, a show's with its seasons.
    pub buried_before: Timestamp,
}

/// What [`Archive::purge`] dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Keys of which nothing is left, tombstones aside.
    pub keys: Vec<Key>,
    pub versions: u64,
    pub series_points: u64,
    /// Whether nothing is left to drop.
    pub is_end: bool,
}

/// One sort of data that came from TMDB, and how old the oldest of it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holding {
    /// The table, and what of it: `versions`, `dead_letters (bodies)`.
    pub what: String,
    pub rows: u64,
    /// When the oldest of it was fetched; absent where there is none.
    pub oldest: Option<Timestamp>,
}

/// Which records to read next.
#[derive(Clone, Copy, Debug)]
pub struct Scan {
    /// Only these; all kinds when `None`.
    pub kind: Option<Kind>,
    /// The last key of the page before.
    pub after: Option<Key>,
    pub limit: usize,
}

/// The size of the archive, by kind, kinds without records left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ArchiveStats {
    pub kinds: Vec<KindStats>,
    /// Keys with a proof of being gone and no tombstone.
    pub suspects: u64,
    pub tombstones: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KindStats {
    pub kind: Kind,
    pub keys: u64,
    pub versions: u64,
    pub stored_bytes: u64,
    pub body_bytes: u64,
    /// Versions compressed with a trained dictionary.
    pub with_dictionary: u64,
    /// When the newest dictionary was trained.
    pub dictionary_added_at: Option<Timestamp>,
    pub oldest_fetched_at: Option<Timestamp>,
    pub newest_fetched_at: Option<Timestamp>,
}
