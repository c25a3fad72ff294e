//! Versions as rows.

use bytes::Bytes;
use domain::archive::{ArchiveStats, KindStats, Scan, Version};
use domain::record::ContentHash;
use domain::{Key, Kind, Record, Timestamp};
use rusqlite::{Connection, OptionalExtension, Params, Row};

use super::{Fault, proofs};
use crate::archive::{Place, Stored, VersionRow};
use crate::sqlite::columns::{
    key_at, key_columns, kind_at, limit, maybe_time_at, time_at, unsigned,
};
use crate::sqlite::queries;

/// What [`row`] reads of a version, whose body may lie elsewhere.
macro_rules! select_version {
    ($from:literal) => {
        concat!(
            "SELECT v.kind, v.id, v.season, v.episode, v.fetched_at, v.hash, v.schema_version,
                    asked_path, query, body_bytes, stored, patched, v.version, valid_from,
                    stored_bytes, dictionary_id, object
             FROM ",
            $from,
            " LEFT JOIN bodies USING (body_id) LEFT JOIN queries USING (query_id) "
        )
    };
}

pub(super) use select_version;

pub(super) fn newest(db: &Connection, key: Key) -> Result<Option<VersionRow>, Fault> {
    let sql = concat!(
        select_version!("versions v"),
        "WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4
         ORDER BY version DESC LIMIT 1"
    );
    Ok(rows(db, sql, key_columns(&key))?.pop())
}

pub(super) fn one(db: &Connection, key: &Key, version: u32) -> Result<Option<VersionRow>, Fault> {
    let [kind, id, season, episode] = key_columns(key);
    let sql = concat!(
        select_version!("versions v"),
        "WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version = ?5"
    );
    Ok(rows(db, sql, [kind, id, season, episode, version.into()])?.pop())
}

pub(super) fn chain(db: &Connection, key: Key, version: u32) -> Result<Vec<VersionRow>, Fault> {
    let [kind, id, season, episode] = key_columns(&key);
    let mut select = db.prepare_cached(concat!(
        select_version!("versions v"),
        "WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version >= ?5
         ORDER BY version"
    ))?;
    let mut rows = select.query([kind, id, season, episode, version.into()])?;
    let mut chain: Vec<VersionRow> = vec![];
    while let Some(found) = rows.next()? {
        let found = row(found)?;
        if chain.is_empty() && found.number != version {
            break;
        }
        let is_last = !found.stored.is_patch;
        chain.push(found);
        if is_last {
            break;
        }
    }
    Ok(chain)
}

pub(super) fn number_at(db: &Connection, key: Key, at: Timestamp) -> Result<Option<u32>, Fault> {
    let [kind, id, season, episode] = key_columns(&key);
    let mut select = db.prepare_cached(
        "SELECT version FROM versions
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND valid_from <= ?5
         ORDER BY version DESC LIMIT 1",
    )?;
    let number = select.query_row([kind, id, season, episode, at.as_millis()], |row| row.get(0));
    Ok(number.optional()?)
}

pub(super) fn scan(db: &Connection, scan: Scan) -> Result<Vec<VersionRow>, Fault> {
    let after = scan.after.map_or([-1; 4], |key| key_columns(&key));
    let ([kind, id, season, episode], last) = match kind_columns(scan.kind) {
        Some(kind) => (after.max([kind, -1, -1, -1]), kind),
        None => (after, i64::MAX),
    };
    let sql = concat!(
        select_version!("heads h CROSS JOIN versions v USING (kind, id, season, episode, version)"),
        "WHERE (h.kind, h.id, h.season, h.episode) > (?1, ?2, ?3, ?4) AND h.kind <= ?5
         ORDER BY h.kind, h.id, h.season, h.episode LIMIT ?6"
    );
    rows(db, sql, [kind, id, season, episode, last, limit(scan.limit)])
}

pub(super) fn every_version(
    db: &Connection,
    kind: Option<Kind>,
    after: Option<(Key, u32)>,
    most: usize,
) -> Result<Vec<VersionRow>, Fault> {
    let after = after.map_or([-1; 5], |(key, version)| {
        let [kind, id, season, episode] = key_columns(&key);
        [kind, id, season, episode, version.into()]
    });
    let ([kind, id, season, episode, version], last) = match kind_columns(kind) {
        Some(kind) => (after.max([kind, -1, -1, -1, -1]), kind),
        None => (after, i64::MAX),
    };
    let sql = concat!(
        select_version!("versions v"),
        "WHERE (v.kind, v.id, v.season, v.episode, v.version) > (?1, ?2, ?3, ?4, ?5)
           AND v.kind <= ?6
         ORDER BY v.kind, v.id, v.season, v.episode, v.version LIMIT ?7"
    );
    rows(db, sql, [kind, id, season, episode, version, last, limit(most)])
}

fn kind_columns(kind: Option<Kind>) -> Option<i64> {
    kind.map(|kind| kind.number().into())
}

pub(super) fn rows(
    db: &Connection,
    sql: &str,
    terms: impl Params,
) -> Result<Vec<VersionRow>, Fault> {
    let mut select = db.prepare_cached(sql)?;
    let mut rows = select.query(terms)?;
    let mut found = vec![];
    while let Some(next) = rows.next()? {
        found.push(row(next)?);
    }
    Ok(found)
}

fn row(row: &Row<'_>) -> Result<VersionRow, Fault> {
    let key = key_at(row, 0)?;
    let path = row.get_ref(7)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    let query = row.get_ref(8)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    let place = match (row.get(16)?, row.get::<_, Option<Vec<u8>>>(10)?) {
        (Some(object), _) => Place::Object(object),
        // Who unpacks one that is missing finds it damaged.
        (None, bytes) => Place::Row(bytes.unwrap_or_default().into()),
    };
    Ok(VersionRow {
        number: row.get(12)?,
        record: Record {
            key,
            fetched_at: time_at(row, 4)?,
            asked: asked(&key, path, query),
            hash: hash_at(row, 5)?,
            schema_version: row.get(6)?,
            body: Bytes::new(),
        },
        valid_from: time_at(row, 13)?,
        stored: Stored {
            place,
            bytes: length_at(row, 14)?,
            dictionary: row.get(15)?,
            is_patch: row.get(11)?,
        },
        body_bytes: length_at(row, 9)?,
    })
}

fn length_at(row: &Row<'_>, column: usize) -> Result<usize, Fault> {
    Ok(usize::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
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
