//! Compression dictionaries, read again when any process has added one.

use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use domain::{Kind, Timestamp};
use records::Packer;
use rusqlite::{Connection, params};

use super::Fault;
use crate::sqlite::columns::kind_at;

/// The packer that knows all dictionaries there are.
#[derive(Clone)]
pub(super) struct Dictionaries {
    newest: Arc<RwLock<Packing>>,
}

/// A packer, and the last dictionary it was made of.
#[derive(Clone)]
pub(super) struct Packing {
    last_id: i64,
    pub(super) packer: Packer,
}

impl Default for Dictionaries {
    fn default() -> Self {
        let packing = Packing { last_id: 0, packer: Packer::new(vec![]) };
        Self { newest: Arc::new(RwLock::new(packing)) }
    }
}

impl Dictionaries {
    /// The packer as of this transaction.
    pub(super) fn packing(&self, db: &Connection) -> Result<Packing, Fault> {
        let last_id: i64 = db
            .prepare_cached("SELECT coalesce(max(dictionary_id), 0) FROM dictionaries")?
            .query_row([], |row| row.get(0))?;
        let known = self.newest.read().unwrap_or_else(PoisonError::into_inner).clone();
        if known.last_id == last_id {
            return Ok(known);
        }
        let packing = load(db, last_id)?;
        *self.newest.write().unwrap_or_else(PoisonError::into_inner) = packing.clone();
        Ok(packing)
    }
}

fn load(db: &Connection, last_id: i64) -> Result<Packing, Fault> {
    let mut select =
        db.prepare_cached("SELECT kind, dictionary FROM dictionaries ORDER BY dictionary_id")?;
    let mut rows = select.query([])?;
    let mut dictionaries = vec![];
    while let Some(row) = rows.next()? {
        dictionaries.push((kind_at(row, 0)?, Bytes::from(row.get::<_, Vec<u8>>(1)?)));
    }
    Ok(Packing { last_id, packer: Packer::new(dictionaries) })
}

pub(super) fn add(
    db: &Connection,
    kind: Kind,
    dictionary: &[u8],
    now: Timestamp,
) -> Result<(), Fault> {
    db.prepare_cached("INSERT INTO dictionaries (kind, added_at, dictionary) VALUES (?1, ?2, ?3)")?
        .execute(params![kind.number(), now.as_millis(), dictionary])?;
    Ok(())
}
