//! The port to where records lie, every version of them.

use async_trait::async_trait;
use bytes::Bytes;
use serde::Serialize;

use crate::failure::StoreError;
use crate::key::{Key, Kind};
use crate::record::{ContentHash, Record};
use crate::time::Timestamp;

/// Where records lie, by key and version.
#[async_trait]
pub trait Archive: Send + Sync {
    /// Keeps records, in order. One that equals its key's newest version makes
    /// no new version: it only moves that version's `fetched_at` and `asked`.
    /// Clears the key's suspicion of being gone.
    async fn put(&self, records: &[Record]) -> Result<Vec<Put>, StoreError>;

    /// Returns the newest version.
    async fn get(&self, key: Key) -> Result<Option<Record>, StoreError>;

    /// Returns one version by its number.
    async fn version(&self, key: Key, version: u32) -> Result<Option<Record>, StoreError>;

    /// Lists a key's versions, oldest first.
    async fn versions(&self, key: Key) -> Result<Vec<Version>, StoreError>;

    /// Returns what is known of each key without its body, in the order asked.
    async fn heads(&self, keys: &[Key]) -> Result<Vec<Option<Head>>, StoreError>;

    /// Returns newest versions in the order of their keys, after a key.
    /// Fewer than `limit` means the end.
    async fn scan(&self, scan: Scan) -> Result<Vec<Record>, StoreError>;

    /// Notes that TMDB answered 404 for keys: the first of the two proofs that
    /// deleting needs.
    async fn suspect(&self, keys: &[Key], now: Timestamp) -> Result<(), StoreError>;

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
    /// Equal to the newest version; no new one was made.
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
    /// Keys that TMDB answered 404 for and that were not seen since.
    pub suspects: u64,
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
    pub oldest_fetched_at: Option<Timestamp>,
    pub newest_fetched_at: Option<Timestamp>,
}
