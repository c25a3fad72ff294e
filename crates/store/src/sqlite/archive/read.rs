//! Versions become records again; see [`super::plan`] for how they are stored.

use bytes::Bytes;
use domain::archive::{ArchiveStats, KindStats, Scan, Version};
use domain::record::ContentHash;
use domain::{Key, Record, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row};

use super::Fault;
use super::dictionaries::{Dictionaries, Packing};
use super::proofs;
use crate::sqlite::columns::{
    key_at, key_columns, kind_at, limit, maybe_time_at, time_at, unsigned,
};
use crate::sqlite::queries;

/// All of a record, from `versions v`, `bodies` and `queries`.
macro_rules! select_record {
    () => {
        "SELECT v.kind, v.id, v.season, v.episode, v.fetched_at, v.hash, v.schema_version,
                asked_path, query, body_bytes, stored, patched, v.version
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
    let mut select = db.prepare_cached(concat!(
        select_record!(),
        "WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version >= ?5
         ORDER BY version"
    ))?;
    let mut rows = select.query([kind, id, season, episode, version.into()])?;
    let Some(row) = rows.next()?.filter(|row| row.get(12) == Ok(version)) else {
        return Ok(None);
    };
    if !row.get::<_, bool>(11)? {
        return record(row, &packing).map(Some);
    }
    let wanted = without_body(row)?;
    let mut patches = vec![(stored_at(row)?, bytes_at(row)?)];
    let mut body = loop {
        let next = rows.next()?;
        let missing = || unreadable(&key, "the version that its patch is on is missing");
        let row = next.ok_or_else(missing)?;
        if !row.get::<_, bool>(11)? {
            break whole_body(row, &packing)?;
        }
        patches.push((stored_at(row)?, bytes_at(row)?));
    };
    for (patch, length) in patches.iter().rev() {
        body = apply(&key, &body, patch, *length)?;
    }
    if blake3::hash(&body) != wanted.hash.0 {
        return Err(unreadable(&key, "its patches give another body"));
    }
    Ok(Some(Record { body, ..wanted }))
}

pub(super) fn as_of(
    db: &Connection,
    dictionaries: &Dictionaries,
    key: Key,
    at: Timestamp,
) -> Result<Option<Record>, Fault> {
    let [kind, id, season, episode] = key_columns(&key);
    let number = db
        .prepare_cached(
            "SELECT version FROM versions
             WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND valid_from <= ?5
             ORDER BY version DESC LIMIT 1",
        )?
        .query_row([kind, id, season, episode, at.as_millis()], |row| row.get(0))
        .optional()?;
    number.map_or(Ok(None), |number| version(db, dictionaries, key, number))
}

pub(super) fn scan(
    db: &Connection,
    dictionaries: &Dictionaries,
    scan: Scan,
) -> Result<Vec<Record>, Fault> {
    let packing = dictionaries.packing(db)?;
    let mut select = db.prepare_cached(
        "SELECT h.kind, h.id, h.season, h.episode, v.fetched_at, v.hash, v.schema_version,
                asked_path, query, body_bytes, stored
         FROM heads h CROSS JOIN versions v USING (kind, id, season, episode, version)
             CROSS JOIN bodies USING (body_id) LEFT JOIN queries USING (query_id)
         WHERE (h.kind, h.id, h.season, h.episode) > (?1, ?2, ?3, ?4) AND h.kind <= ?5
         ORDER BY h.kind, h.id, h.season, h.episode LIMIT ?6",
    )?;
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

/// A version that is stored whole.
pub(super) struct Whole {
    pub(super) body: Bytes,
    pub(super) stored_bytes: usize,
}

pub(super) fn body(
    db: &Connection,
    packing: &Packing,
    key: &Key,
    version: u32,
) -> Result<Whole, Fault> {
    let [kind, id, season, episode] = key_columns(key);
    db.prepare_cached(concat!(
        select_record!(),
        "WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version = ?5"
    ))?
    .query_row([kind, id, season, episode, version.into()], |row| {
        let stored_bytes = row.get_ref(10)?.as_blob()?.len();
        Ok(whole_body(row, packing).map(|body| Whole { body, stored_bytes }))
    })?
}

/// The body of a version that is a patch on `base`; none where it is stored whole or gone.
pub(super) fn patched_on(
    db: &Connection,
    key: &Key,
    version: u32,
    base: &[u8],
) -> Result<Option<Bytes>, Fault> {
    let [kind, id, season, episode] = key_columns(key);
    db.prepare_cached(concat!(
        select_record!(),
        "WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version = ?5 AND patched"
    ))?
    .query_row([kind, id, season, episode, version.into()], |row| {
        Ok(stored_at(row).and_then(|patch| apply(key, base, &patch, bytes_at(row)?)))
    })
    .optional()?
    .transpose()
}

fn apply(key: &Key, base: &[u8], patch: &[u8], length: usize) -> Result<Bytes, Fault> {
    let body = records::unpatch(base, patch, length);
    let body = body.map_err(|error| unreadable(key, &error.to_string()))?;
    checked(key, body, length)
}

fn checked(key: &Key, body: Bytes, length: usize) -> Result<Bytes, Fault> {
    if body.len() == length {
        return Ok(body);
    }
    Err(unreadable(key, &format!("{} bytes are not its length", body.len())))
}

fn unreadable(key: &Key, why: &str) -> Fault {
    Fault::corrupt(format!("the body of {key}: {why}"))
}

fn record(row: &Row<'_>, packing: &Packing) -> Result<Record, Fault> {
    let record = without_body(row)?;
    Ok(Record { body: whole_body(row, packing)?, ..record })
}

fn without_body(row: &Row<'_>) -> Result<Record, Fault> {
    let key = key_at(row, 0)?;
    let path = row.get_ref(7)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    let query = row.get_ref(8)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    Ok(Record {
        key,
        fetched_at: time_at(row, 4)?,
        asked: asked(&key, path, query),
        hash: hash_at(row, 5)?,
        schema_version: row.get(6)?,
        body: Bytes::new(),
    })
}

fn whole_body(row: &Row<'_>, packing: &Packing) -> Result<Bytes, Fault> {
    let key = key_at(row, 0)?;
    let stored = row.get_ref(10)?.as_blob().map_err(rusqlite::Error::from)?;
    let body = packing.unpack(key.kind(), stored);
    let body = body.map_err(|error| unreadable(&key, &error.to_string()))?;
    checked(&key, body, bytes_at(row)?)
}

fn stored_at(row: &Row<'_>) -> Result<Vec<u8>, Fault> {
    Ok(row.get(10)?)
}

fn bytes_at(row: &Row<'_>) -> Result<usize, Fault> {
    Ok(usize::try_from(row.get::<_, i64>(9)?).unwrap_or_default())
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
        "SELECT kind, (SELECT count(*) FROM heads WHERE heads.kind = versions.kind), count(*),
                sum(stored_bytes), sum(body_bytes), count(dictionary_id), min(fetched_at),
                max(fetched_at),
                (SELECT max(added_at) FROM dictionaries WHERE dictionaries.kind = versions.kind)
         FROM versions GROUP BY kind ORDER BY kind",
    )?;
    let mut rows = select.query([])?;
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
            dictionary_added_at: maybe_time_at(row, 8)?,
        });
    }
    let (suspects, tombstones) = proofs::counts(db)?;
    Ok(ArchiveStats { kinds, suspects: unsigned(suspects), tombstones: unsigned(tombstones) })
}
