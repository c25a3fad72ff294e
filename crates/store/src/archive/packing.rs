//! Compression dictionaries, read again when any process has added or dropped one.
//!
//! They hold fragments of TMDB's texts, so they age like what they compress. A
//! kind is written with its newest; the others are only read with, until no
//! body needs them. A *retired* one is never written with.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use domain::{Kind, StoreError, Timestamp};
use records::{Packer, UnpackError};

use super::{Dictionary, DictionaryState, Index, OUTDATED, Place, Stored, VersionRow};

/// The packers as they were last needed.
#[derive(Default)]
pub(super) struct Dictionaries {
    known: RwLock<Option<Arc<Packing>>>,
}

impl Dictionaries {
    /// The packers that are known, without asking whether they still hold: what is
    /// written with others is not taken by [`Index::commit`].
    pub(super) async fn known(&self, index: &dyn Index) -> Result<Arc<Packing>, StoreError> {
        match self.cached() {
            Some(packing) => Ok(packing),
            None => self.load(index).await,
        }
    }

    /// The packers as they are now.
    pub(super) async fn newest(&self, index: &dyn Index) -> Result<Arc<Packing>, StoreError> {
        let state = index.dictionary_state().await?;
        match self.cached().filter(|packing| packing.state == state) {
            Some(packing) => Ok(packing),
            None => self.load(index).await,
        }
    }

    /// Packers that can read all of these versions, if there are any.
    pub(super) async fn for_reading(
        &self,
        index: &dyn Index,
        rows: &[VersionRow],
    ) -> Result<Arc<Packing>, StoreError> {
        let packing = self.known(index).await?;
        if rows.iter().all(|row| packing.is_known(row.stored.dictionary)) {
            return Ok(packing);
        }
        self.newest(index).await
    }

    fn cached(&self) -> Option<Arc<Packing>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn load(&self, index: &dyn Index) -> Result<Arc<Packing>, StoreError> {
        let all = index.dictionaries().await?;
        // Tables for compression take a while to make.
        let packing = super::blocking(move || Arc::new(Packing::of(&all))).await;
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&packing));
        Ok(packing)
    }
}

/// Packers for reading and writing, as of one state of the dictionaries.
pub(super) struct Packing {
    state: DictionaryState,
    reading: Packer,
    writing: Packer,
    /// The dictionary that a kind is written with.
    current: HashMap<Kind, i64>,
    added_at: HashMap<i64, Timestamp>,
}

impl Packing {
    fn of(all: &[Dictionary]) -> Self {
        let number_of = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let state = DictionaryState {
            largest: all.iter().map(|dictionary| dictionary.number).max().unwrap_or(0),
            count: number_of(all.len()),
            retired: number_of(all.iter().filter(|dictionary| dictionary.is_retired).count()),
        };
        let added_at = all.iter().map(|dictionary| (dictionary.number, dictionary.added_at));
        let added_at = added_at.collect();
        let writable = || all.iter().filter(|dictionary| !dictionary.is_retired);
        let current = writable().map(|dictionary| (dictionary.kind, dictionary.number)).collect();
        let bytes = |dictionary: &Dictionary| (dictionary.kind, dictionary.bytes.clone());
        let reading = Packer::new(all.iter().map(bytes).collect());
        // Tables for compression are large; mostly one set of them does.
        let writing = match state.retired {
            0 => reading.clone(),
            _ => Packer::new(writable().map(bytes).collect()),
        };
        Self { state, reading, writing, current, added_at }
    }

    pub(super) fn state(&self) -> DictionaryState {
        self.state
    }

    pub(super) fn pack(&self, kind: Kind, body: &[u8]) -> Stored {
        let bytes = Bytes::from(self.writing.pack(kind, body));
        let dictionary = self.current.get(&kind).copied();
        Stored { bytes: bytes.len(), place: Place::Row(bytes), dictionary, is_patch: false }
    }

    pub(super) fn unpack(&self, kind: Kind, stored: &[u8]) -> Result<Bytes, UnpackError> {
        self.reading.unpack(kind, stored)
    }

    /// Whether a body should be packed anew the next time that its title is seen.
    pub(super) fn is_outdated(&self, kind: Kind, dictionary: Option<i64>, now: Timestamp) -> bool {
        let Some(number) = dictionary else { return false };
        if self.current.get(&kind) == Some(&number) {
            return false;
        }
        self.added_at.get(&number).is_none_or(|added_at| now.since(*added_at) >= OUTDATED)
    }

    /// Whether a body that was packed with a dictionary can be read; of number 0
    /// nobody knows.
    fn is_known(&self, dictionary: Option<i64>) -> bool {
        dictionary.is_none_or(|number| number == 0 || self.added_at.contains_key(&number))
    }
}

/// Whether bytes are a dictionary that bodies of a kind can be packed with.
pub(super) fn check(kind: Kind, dictionary: &Bytes) -> Result<(), StoreError> {
    let trained = Packer::new(vec![(kind, dictionary.clone())]);
    if trained.dictionary(kind).is_some() {
        return Ok(());
    }
    let length = dictionary.len();
    Err(StoreError::Corrupt(format!("the {length} bytes for {kind} are no trained dictionary")))
}
