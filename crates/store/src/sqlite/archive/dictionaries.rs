//! Compression dictionaries as rows; see [`crate::archive`] for what is done with them.

use bytes::Bytes;
use domain::{Kind, Timestamp};
use rusqlite::{Connection, params};

use super::Fault;
use crate::archive::{Dictionary, DictionaryState};
use crate::sqlite::columns::{kind_at, time_at};

pub(super) fn state(db: &Connection) -> Result<DictionaryState, Fault> {
    let mut select = db.prepare_cached(
        "SELECT coalesce(max(dictionary_id), 0), count(*), coalesce(sum(retired), 0)
         FROM dictionaries",
    )?;
    Ok(select.query_row([], |row| {
        Ok(DictionaryState { largest: row.get(0)?, count: row.get(1)?, retired: row.get(2)? })
    })?)
}

pub(super) fn all(db: &Connection) -> Result<Vec<Dictionary>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT dictionary_id, kind, added_at, retired, dictionary FROM dictionaries
         ORDER BY dictionary_id",
    )?;
    let mut rows = select.query([])?;
    let mut all = vec![];
    while let Some(row) = rows.next()? {
        all.push(Dictionary {
            number: row.get(0)?,
            kind: kind_at(row, 1)?,
            added_at: time_at(row, 2)?,
            is_retired: row.get(3)?,
            bytes: Bytes::from(row.get::<_, Vec<u8>>(4)?),
        });
    }
    Ok(all)
}

pub(super) fn add(
    db: &Connection,
    kind: Kind,
    dictionary: &[u8],
    now: Timestamp,
) -> Result<i64, Fault> {
    db.prepare_cached("INSERT INTO dictionaries (kind, added_at, dictionary) VALUES (?1, ?2, ?3)")?
        .execute(params![kind.number(), now.as_millis(), dictionary])?;
    Ok(db.last_insert_rowid())
}
