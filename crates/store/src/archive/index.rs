//! What the archive needs of a database.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use domain::archive::{
    ArchiveStats, Changed, Head, Holding, Known, PurgeTerms, Purged, Put, Scan, Span, Version,
};
use domain::deletion::{Evidence, Proof, Suspect, Tombstone};
use domain::outline::{Outline, SeriesPoint};
use domain::record::ContentHash;
use domain::staleness::{Doubt, Freshness};
use domain::{Key, Kind, Record, StoreError, Timestamp};
use jiff::civil::Date;

/// The SQL side of an archive. Each verb is one transaction.
#[async_trait]
pub(crate) trait Index: Send + Sync {
    // Putting records.

    /// Tells how keys stand before records of them are put, in the order asked. A
    /// key's [`Detail`] is read only where its hash is not the one given.
    async fn standing(
        &self,
        keys: &[(Key, ContentHash)],
    ) -> Result<Vec<Option<Standing>>, StoreError>;

    /// Writes what was decided about records, each key at most once.
    ///
    /// A change is left out whose key does not stand any more as it was `seen`, or
    /// whose record is late by now and was not when it was decided. So are all of
    /// them when the dictionaries are not `dictionaries` any more: a body might need
    /// one that is being dropped. Returns what was done with each, `None` for what
    /// was left out. Objects of bodies that were replaced are discarded, and those of
    /// changes whose version is there no longer. A change that is not late moves the
    /// head and its figures, adds to the series, and each one clears every proof
    /// against its key.
    async fn commit(
        &self,
        changes: Vec<Change>,
        dictionaries: DictionaryState,
    ) -> Result<Vec<Option<Put>>, StoreError>;

    // Reading records.

    /// The newest version of a key.
    async fn newest(&self, key: Key) -> Result<Option<VersionRow>, StoreError>;

    /// The newest version of each key that has one, in no order.
    async fn newest_of(&self, keys: &[Key]) -> Result<Vec<VersionRow>, StoreError>;

    /// A version, and where it is a patch those after it up to the first that is
    /// whole. Empty where the version is not there.
    async fn chain(&self, key: Key, version: u32) -> Result<Vec<VersionRow>, StoreError>;

    /// The number of the newest version that began at or before an instant.
    async fn number_at(&self, key: Key, at: Timestamp) -> Result<Option<u32>, StoreError>;

    /// See [`domain::Archive::scan`].
    async fn scan(&self, scan: Scan) -> Result<Vec<VersionRow>, StoreError>;

    /// Every version, of all kinds or one, in the order of keys and numbers, after
    /// one of them. Fewer than `limit` means the end. For copying and verifying.
    async fn every_version(
        &self,
        kind: Option<Kind>,
        after: Option<(Key, u32)>,
        limit: usize,
    ) -> Result<Vec<VersionRow>, StoreError>;

    // Dictionaries.

    async fn dictionary_state(&self) -> Result<DictionaryState, StoreError>;

    /// All of them, by number.
    async fn dictionaries(&self) -> Result<Vec<Dictionary>, StoreError>;

    /// Keeps a dictionary, which was checked. Returns its number.
    async fn add_dictionary(
        &self,
        kind: Kind,
        dictionary: Bytes,
        now: Timestamp,
    ) -> Result<i64, StoreError>;

    // Purging.

    /// Finds what there is to drop, without dropping any of it, on one state of the
    /// database.
    async fn expired(&self, terms: &PurgeTerms, limit: usize) -> Result<Expired, StoreError>;

    /// Drops what was found, unless a record or a sighting came since, and stores
    /// bodies that were packed anew, of versions that still have the same hash.
    ///
    /// Where the dictionaries are not any more as they were when it was found, they
    /// are let be, and bodies stay as they are; that is not the end. Objects that
    /// nothing names any more are discarded, those of bodies that were left out too.
    async fn drop_expired(
        &self,
        expired: &Expired,
        repacked: Vec<Repacked>,
    ) -> Result<Purged, StoreError>;

    /// Drops versions of a key whose bodies are lost, and its head where none is
    /// left. Their objects are discarded. Returns how many were there.
    async fn drop_versions(&self, key: Key, numbers: &[u32]) -> Result<u64, StoreError>;

    // Where bodies lie.

    /// Notes that a version's body lies elsewhere by now, if it still lies where it
    /// did and as it did. Returns, for each, whether it was moved. An object that was
    /// left is discarded, and one that was not moved to.
    async fn relocate(&self, moves: Vec<Relocation>) -> Result<Vec<bool>, StoreError>;

    /// Names of objects that no row names any more, some of them.
    async fn discarded(&self, limit: usize) -> Result<Vec<String>, StoreError>;

    /// Forgets discarded objects, which were deleted.
    async fn forget_discarded(&self, names: &[String]) -> Result<(), StoreError>;

    // As in [`domain::Archive`].

    async fn versions(&self, key: Key) -> Result<Vec<Version>, StoreError>;
    async fn heads(&self, keys: &[Key]) -> Result<Vec<Option<Head>>, StoreError>;
    async fn series(&self, key: Key) -> Result<Vec<SeriesPoint>, StoreError>;
    async fn series_after(
        &self,
        after: Option<(Date, Key)>,
        limit: usize,
    ) -> Result<Vec<(Key, SeriesPoint)>, StoreError>;
    async fn known(&self, kind: Kind) -> Result<Known, StoreError>;
    async fn move_popularity(
        &self,
        kind: Kind,
        moved: &[(u64, f32)],
        now: Timestamp,
    ) -> Result<(), StoreError>;
    async fn freshness(
        &self,
        after: Option<Key>,
        limit: usize,
    ) -> Result<Vec<Freshness>, StoreError>;
    async fn current(&self, key: Key) -> Result<Option<(VersionRow, Freshness)>, StoreError>;
    async fn freshness_of(&self, keys: &[Key]) -> Result<Vec<Option<Freshness>>, StoreError>;
    async fn doubts(&self, keys: &[Key]) -> Result<Vec<Doubt>, StoreError>;
    async fn changed(&self, span: &Span) -> Result<Changed, StoreError>;
    async fn highest(&self, kind: Kind) -> Result<Option<u64>, StoreError>;
    async fn doubt(
        &self,
        keys: &[Key],
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Vec<Evidence>, StoreError>;
    async fn resurrect(&self, keys: &[Key]) -> Result<Vec<Key>, StoreError>;
    async fn bury(&self, tombstones: &[Tombstone]) -> Result<(), StoreError>;
    async fn tombstone(&self, key: Key) -> Result<Option<Tombstone>, StoreError>;
    async fn tombstones(&self, limit: usize) -> Result<Vec<Tombstone>, StoreError>;
    async fn suspects(&self, kind: Option<Kind>, limit: usize) -> Result<Vec<Suspect>, StoreError>;
    async fn audit(&self) -> Result<Vec<Holding>, StoreError>;
    async fn stats(&self) -> Result<ArchiveStats, StoreError>;
}

/// Where a body lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the row, as these bytes.
    Row(Bytes),
    /// In the object store; what tells this object from others of the same
    /// version, a part of its name.
    Object(String),
}

/// A body or a patch, packed.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) place: Place,
    /// How many bytes it takes where it lies.
    pub(crate) bytes: usize,
    pub(crate) dictionary: Option<i64>,
    pub(crate) is_patch: bool,
}

/// How a key stands: its head, and the row of its newest version.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) version: u32,
    pub(crate) fetched_at: Timestamp,
    pub(crate) hash: ContentHash,
    pub(crate) schema_version: u32,
    /// What its body is packed with; 0 where that is not known.
    pub(crate) dictionary: Option<i64>,
    pub(crate) detail: Option<Detail>,
}

/// What is needed where a record differs from the newest version.
#[derive(Clone, Debug)]
pub(crate) struct Detail {
    /// The newest version, which is whole.
    pub(crate) newest: VersionRow,
    /// The version before, where it is a patch on the newest.
    pub(crate) before: Option<VersionRow>,
    /// How many versions right below the newest hang on it by their patches, up to
    /// [`MAX_CHAIN`].
    pub(crate) chain_below: usize,
}

/// What becomes of a record.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// Its body is not needed any more, and may be empty.
    pub(crate) record: Record,
    pub(crate) body_bytes: usize,
    pub(crate) outline: Outline,
    /// The newest version that it was decided for.
    pub(crate) seen: Option<(u32, ContentHash)>,
    pub(crate) plan: Plan,
}

/// What to do with a record, other than to note that it was fetched.
#[derive(Clone, Debug)]
pub(crate) enum Plan {
    /// The first version.
    Create(Stored),
    /// Equal to the newest version, whose body may have been packed anew.
    Renew(Option<Stored>),
    /// Replaces the newest version's body; the version before was a patch on the old one.
    Figures(Stored, Option<Stored>),
    /// Follows the newest version, which may become a patch.
    Change(Stored, Option<Stored>),
    /// Fetched before the newest version was: nothing is taken back.
    Late,
}

/// A version as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct VersionRow {
    pub(crate) number: u32,
    /// Without its body.
    pub(crate) record: Record,
    pub(crate) valid_from: Timestamp,
    pub(crate) stored: Stored,
    /// Of its protobuf, not packed.
    pub(crate) body_bytes: usize,
}

/// The largest number, how many there are, and how many of them are retired.
/// Numbers are never used again, so equal states hold the same dictionaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DictionaryState {
    pub(crate) largest: i64,
    pub(crate) count: i64,
    pub(crate) retired: i64,
}

/// A compression dictionary. A *retired* one is only read with.
#[derive(Clone, Debug)]
pub(crate) struct Dictionary {
    pub(crate) number: i64,
    pub(crate) kind: Kind,
    pub(crate) added_at: Timestamp,
    pub(crate) is_retired: bool,
    pub(crate) bytes: Bytes,
}

/// What there is to drop.
#[derive(Clone, Debug)]
pub(crate) struct Expired {
    pub(crate) terms: PurgeTerms,
    pub(crate) limit: usize,
    /// As they were when this was found.
    pub(crate) dictionaries: DictionaryState,
    /// Keys whose tombstone is old enough.
    pub(crate) buried: Vec<Key>,
    /// Keys with versions that are too old.
    pub(crate) aged: Vec<Key>,
    /// Dictionaries that are too old.
    pub(crate) retiring: Vec<i64>,
    /// Versions that are packed with a retired dictionary.
    pub(crate) repacking: Vec<VersionRow>,
    /// Dictionaries that nothing is written with any more and no body needs.
    pub(crate) unused: Vec<i64>,
}

/// A body that is packed anew, for the version that still has the same hash.
#[derive(Clone, Debug)]
pub(crate) struct Repacked {
    pub(crate) key: Key,
    pub(crate) version: u32,
    pub(crate) hash: ContentHash,
    pub(crate) stored: Stored,
}

/// A body that was copied from one place to another, as it is.
#[derive(Clone, Debug)]
pub(crate) struct Relocation {
    pub(crate) key: Key,
    pub(crate) version: u32,
    /// Where it was read; bytes in a row are compared, since they may have been
    /// packed anew or become a patch.
    pub(crate) from: Place,
    pub(crate) to: Place,
}

/// Patches to apply, at most, for reading a version.
pub(crate) const MAX_CHAIN: usize = 32;

/// A body that is written anew anyway leaves a dictionary behind that is older.
pub(crate) const OUTDATED: Duration = Duration::from_hours(60 * 24);
