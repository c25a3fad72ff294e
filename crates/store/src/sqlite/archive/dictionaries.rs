//! Compression dictionaries, read again when any process has added or dropped one.
//!
//! They hold fragments of TMDB's texts, so they age like what they compress. A
//! kind is written with its newest; the others are only read with, until no
//! body needs them. A *retired* one is never written with.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use domain::{Kind, Timestamp};
use records::{Packer, UnpackError};
use rusqlite::{Connection, params};

use super::Fault;
use crate::sqlite::columns::{kind_at, time_at};

/// A body that is written anew anyway leaves a dictionary behind that is older.
const OUTDATED: Duration = Duration::from_hours(60 * 24);

/// The packers that know all dictionaries there are.
#[derive(Clone)]
pub(super) struct Dictionaries {
    newest: Arc<RwLock<Arc<Packing>>>,
}

/// Packers for reading and writing, as of one state of the table.
pub(super) struct Packing {
    state: State,
    reading: Packer,
    writing: Packer,
    /// The dictionary that a kind is written with.
    current: HashMap<Kind, i64>,
    added_at: HashMap<i64, Timestamp>,
}

/// The largest number, how many there are, and how many of them are retired.
/// Numbers are never used again, so equal states hold the same dictionaries.
type State = (i64, i64, i64);

/// A body or a patch as a row keeps it.
pub(super) struct Stored {
    pub(super) bytes: Vec<u8>,
    pub(super) dictionary: Option<i64>,
    pub(super) is_patch: bool,
}

impl Packing {
    pub(super) fn pack(&self, kind: Kind, body: &[u8]) -> Stored {
        let bytes = self.writing.pack(kind, body);
        Stored { bytes, dictionary: self.current(kind), is_patch: false }
    }

    pub(super) fn unpack(&self, kind: Kind, stored: &[u8]) -> Result<Bytes, UnpackError> {
        self.reading.unpack(kind, stored)
    }

    pub(super) fn current(&self, kind: Kind) -> Option<i64> {
        self.current.get(&kind).copied()
    }

    /// Whether bytes that were packed earlier may still be written: otherwise
    /// their dictionary might be dropped at this instant.
    pub(super) fn is_writable(&self, kind: Kind, stored: &Stored) -> bool {
        stored.is_patch || stored.dictionary == self.current(kind)
    }

    /// Whether a body should be packed anew the next time that its title is seen.
    pub(super) fn is_outdated(&self, kind: Kind, dictionary: Option<i64>, now: Timestamp) -> bool {
        let Some(number) = dictionary else { return false };
        if self.current(kind) == Some(number) {
            return false;
        }
        self.added_at.get(&number).is_none_or(|added_at| now.since(*added_at) >= OUTDATED)
    }

    /// Whether there never was a dictionary, so that no body is packed with one.
    pub(super) fn is_plain(&self) -> bool {
        self.added_at.is_empty()
    }
}

impl Default for Dictionaries {
    fn default() -> Self {
        let packing = Packing {
            state: (0, 0, 0),
            reading: Packer::new(vec![]),
            writing: Packer::new(vec![]),
            current: HashMap::new(),
            added_at: HashMap::new(),
        };
        Self { newest: Arc::new(RwLock::new(Arc::new(packing))) }
    }
}

impl Dictionaries {
    /// The packers as of this transaction.
    pub(super) fn packing(&self, db: &Connection) -> Result<Arc<Packing>, Fault> {
        let state: State = db
            .prepare_cached(
                "SELECT coalesce(max(dictionary_id), 0), count(*), coalesce(sum(retired), 0)
                 FROM dictionaries",
            )?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let known = Arc::clone(&self.newest.read().unwrap_or_else(PoisonError::into_inner));
        if known.state == state {
            return Ok(known);
        }
        let packing = Arc::new(load(db, state)?);
        *self.newest.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&packing);
        Ok(packing)
    }
}

fn load(db: &Connection, state: State) -> Result<Packing, Fault> {
    let mut select = db.prepare_cached(
        "SELECT dictionary_id, kind, added_at, retired, dictionary FROM dictionaries
         ORDER BY dictionary_id",
    )?;
    let mut rows = select.query([])?;
    let (mut all, mut writable) = (vec![], vec![]);
    let (mut current, mut added_at) = (HashMap::new(), HashMap::new());
    while let Some(row) = rows.next()? {
        let (number, kind): (i64, _) = (row.get(0)?, kind_at(row, 1)?);
        let bytes = Bytes::from(row.get::<_, Vec<u8>>(4)?);
        added_at.insert(number, time_at(row, 2)?);
        if !row.get::<_, bool>(3)? {
            current.insert(kind, number);
            writable.push((kind, bytes.clone()));
        }
        all.push((kind, bytes));
    }
    let is_any_retired = writable.len() < all.len();
    let reading = Packer::new(all);
    // Tables for compression are large; mostly one set of them does.
    let writing = if is_any_retired { Packer::new(writable) } else { reading.clone() };
    Ok(Packing { state, reading, writing, current, added_at })
}

pub(super) fn add(
    db: &Connection,
    kind: Kind,
    dictionary: &[u8],
    now: Timestamp,
) -> Result<(), Fault> {
    let is_trained = Packer::new(vec![(kind, Bytes::copy_from_slice(dictionary))]);
    if is_trained.dictionary(kind).is_none() {
        return Err(Fault::corrupt(format!(
            "the {} bytes for {kind} are no trained dictionary",
            dictionary.len()
        )));
    }
    db.prepare_cached("INSERT INTO dictionaries (kind, added_at, dictionary) VALUES (?1, ?2, ?3)")?
        .execute(params![kind.number(), now.as_millis(), dictionary])?;
    Ok(())
}
