//! Ids at other places.

use domain::Key;
use domain::facets::ExternalSource;
use rusqlite::{Connection, params};

use super::Fault;
use crate::projection::External;
use crate::sqlite::columns::{key_at, key_columns, to_json};

/// Writes what moved only: most ids never do.
pub(super) fn put(db: &Connection, key: &Key, ids: &[External]) -> Result<(), Fault> {
    let [kind, id, season, episode] = key_columns(key);
    let mut keep = db.prepare_cached(
        "INSERT INTO external_ids (kind, id, season, episode, source, external_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET external_id = excluded.external_id
             WHERE external_id <> excluded.external_id",
    )?;
    for (source, value) in ids {
        keep.execute(params![kind, id, season, episode, source.number(), value])?;
    }
    let sources: Vec<i16> = ids.iter().map(|(source, _)| source.number()).collect();
    db.prepare_cached(
        "DELETE FROM external_ids
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4
           AND source NOT IN (SELECT value FROM json_each(?5))",
    )?
    .execute(params![kind, id, season, episode, to_json(&sources)?])?;
    Ok(())
}

pub(super) fn remove(db: &Connection, key: &Key) -> Result<(), Fault> {
    db.prepare_cached(
        "DELETE FROM external_ids WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4",
    )?
    .execute(key_columns(key))?;
    Ok(())
}

pub(super) fn find(
    db: &Connection,
    source: ExternalSource,
    value: &str,
) -> Result<Vec<Key>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT kind, id, season, episode FROM external_ids
         WHERE external_id = ?1 AND source = ?2
         ORDER BY kind, id, season, episode LIMIT 100",
    )?;
    let mut rows = select.query(params![value, source.number()])?;
    let mut keys = vec![];
    while let Some(row) = rows.next()? {
        keys.push(key_at(row, 0)?);
    }
    Ok(keys)
}
