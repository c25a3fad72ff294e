//! Versions become records again.

use bytes::Bytes;
use domain::archive::{ArchiveStats, KindStats, Scan, Version};
use domain::record::ContentHash;
use domain::{Key, Record};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Fault;
use super::dictionaries::{Dictionaries, Packing};
use crate::sqlite::columns::{
    key_at, key_columns, kind_at, limit, maybe_time_at, time_at, unsigned,
};
use crate::sqlite::queries;

/// All of a record, from `versions v`, `bodies` and `queries`.
macro_rules! select_record {
    () => {
        "SELECT kind, id, season, episode, fetched_at, hash, schema_version, asked_path, query,
                body_bytes, stored
         FROM versions v JOIN bodies USING (body_id) LEFT JOIN queries USING (query_id) "
    };
}

pub(super) fn newest(
    db: &Connection,
    dictionaries: &Dictionaries,
    key: Key,
) -> Result<Option<Record>, Fault> {
    let packing = dictionaries.packing(db)?;
    db.prepare_cached(concat!(
        select_record!(),
        "WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4
         ORDER BY version DESC LIMIT 1"
    ))?
    .query_row(key_columns(&key), |row| Ok(record(row, &packing)))
    .optional()?
    .transpose()
}

pub(super) fn version(
    db: &Connection,
    dictionaries: &Dictionaries,
    key: Key,
    version: u32,
) -> Result<Option<Record>, Fault> {
    let packing = dictionaries.packing(db)?;
    let [kind, id, season, episode] = key_columns(&key);
    db.prepare_cached(concat!(
        select_record!(),
        "WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version = ?5"
    ))?
    .query_row([kind, id, season, episode, version.into()], |row| Ok(record(row, &packing)))
    .optional()?
    .transpose()
}

pub(super) fn scan(
    db: &Connection,
    dictionaries: &Dictionaries,
    scan: Scan,
) -> Result<Vec<Record>, Fault> {
    let packing = dictionaries.packing(db)?;
    let mut select = db.prepare_cached(concat!(
        select_record!(),
        "WHERE (kind, id, season, episode) > (?1, ?2, ?3, ?4) AND kind <= ?5
           AND NOT EXISTS (
               SELECT 1 FROM versions newer
               WHERE newer.kind = v.kind AND newer.id = v.id AND newer.season = v.season
                 AND newer.episode = v.episode AND newer.version > v.version)
         ORDER BY kind, id, season, episode LIMIT ?6"
    ))?;
    let after = scan.after.map_or([-1; 4], |key| key_columns(&key));
    let (first, last) = match scan.kind {
        Some(kind) => (after.max([kind.number().into(), -1, -1, -1]), kind.number().into()),
        None => (after, i64::MAX),
    };
    let [kind, id, season, episode] = first;
    let mut rows = select.query([kind, id, season, episode, last, limit(scan.limit)])?;
    let mut records = vec![];
    while let Some(row) = rows.next()? {
        records.push(record(row, &packing)?);
    }
    Ok(records)
}

fn record(row: &Row<'_>, packing: &Packing) -> Result<Record, Fault> {
    let key = key_at(row, 0)?;
    let path = row.get_ref(7)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    let query = row.get_ref(8)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    let stored = row.get_ref(10)?.as_blob().map_err(rusqlite::Error::from)?;
    let unreadable = |why: String| Fault::corrupt(format!("the body of {key}: {why}"));
    let body: Bytes =
        packing.packer.unpack(key.kind(), stored).map_err(|error| unreadable(error.to_string()))?;
    if limit(body.len()) != row.get::<_, i64>(9)? {
        return Err(unreadable(format!("{} bytes are not its length", body.len())));
    }
    Ok(Record {
        key,
        fetched_at: time_at(row, 4)?,
        asked: asked(&key, path, query),
        hash: hash_at(row, 5)?,
        schema_version: row.get(6)?,
        body,
    })
}

fn asked(key: &Key, path: Option<&str>, query: Option<&str>) -> String {
    match path {
        Some(path) => queries::join(path, query),
        None => queries::join(&key.to_string(), query),
    }
}

pub(super) fn hash_at(row: &Row<'_>, column: usize) -> Result<ContentHash, Fault> {
    Ok(ContentHash(row.get(column)?))
}

pub(super) fn versions(db: &Connection, key: Key) -> Result<Vec<Version>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT version, valid_from, fetched_at, asked_path, query, schema_version, stored_bytes,
                body_bytes
         FROM versions LEFT JOIN queries USING (query_id)
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4
         ORDER BY version",
    )?;
    let mut rows = select.query(key_columns(&key))?;
    let mut versions = vec![];
    while let Some(row) = rows.next()? {
        let path = row.get_ref(3)?.as_str_or_null().map_err(rusqlite::Error::from)?;
        let query = row.get_ref(4)?.as_str_or_null().map_err(rusqlite::Error::from)?;
        versions.push(Version {
            number: row.get(0)?,
            valid_from: time_at(row, 1)?,
            fetched_at: time_at(row, 2)?,
            asked: asked(&key, path, query),
            schema_version: row.get(5)?,
            stored_bytes: unsigned(row.get(6)?),
            body_bytes: unsigned(row.get(7)?),
        });
    }
    Ok(versions)
}

pub(super) fn stats(db: &Connection) -> Result<ArchiveStats, Fault> {
    let mut select = db.prepare_cached(
        "SELECT kind, count(*) FILTER (WHERE version = 1), count(*), sum(stored_bytes),
                sum(body_bytes), sum(has_dictionary), min(fetched_at), max(fetched_at)
         FROM versions GROUP BY kind ORDER BY kind",
    )?;
    let mut rows = select.query(params![])?;
    let mut kinds = vec![];
    while let Some(row) = rows.next()? {
        kinds.push(KindStats {
            kind: kind_at(row, 0)?,
            keys: unsigned(row.get(1)?),
            versions: unsigned(row.get(2)?),
            stored_bytes: unsigned(row.get(3)?),
            body_bytes: unsigned(row.get(4)?),
            with_dictionary: unsigned(row.get(5)?),
            oldest_fetched_at: maybe_time_at(row, 6)?,
            newest_fetched_at: maybe_time_at(row, 7)?,
        });
    }
    let suspects = db.query_row("SELECT count(*) FROM suspects", [], |row| row.get(0))?;
    Ok(ArchiveStats { kinds, suspects: unsigned(suspects), tombstones: 0 })
}
