//! Records become versions.

use domain::archive::Put;
use domain::record::ContentHash;
use domain::{Key, Record, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::Fault;
use super::dictionaries::Dictionaries;
use super::read::hash_at;
use crate::sqlite::columns::{key_columns, limit};
use crate::sqlite::queries::Queries;

/// A record on its way into the archive.
pub(super) struct Draft {
    record: Record,
    /// Absent where the newest version seemed to be equal already.
    packed: Option<Packed>,
}

struct Packed {
    stored: Vec<u8>,
    has_dictionary: bool,
}

/// Compresses what is likely to become a new version.
pub(super) fn draft(
    db: &Connection,
    dictionaries: &Dictionaries,
    records: Vec<Record>,
) -> Result<Vec<Draft>, Fault> {
    let drafts = records.into_iter().map(|record| {
        let is_known = newest(db, &record.key)?.is_some_and(|(_, hash)| hash == record.hash);
        let packed = if is_known { None } else { Some(pack(db, dictionaries, &record)?) };
        Ok(Draft { record, packed })
    });
    drafts.collect()
}

fn pack(db: &Connection, dictionaries: &Dictionaries, record: &Record) -> Result<Packed, Fault> {
    let packing = dictionaries.packing(db)?;
    let kind = record.key.kind();
    Ok(Packed {
        stored: packing.packer.pack(kind, &record.body),
        has_dictionary: packing.packer.dictionary(kind).is_some(),
    })
}

pub(super) fn put(
    db: &Connection,
    dictionaries: &Dictionaries,
    drafts: &[Draft],
) -> Result<Vec<Put>, Fault> {
    let some_suspects: bool =
        db.query_row("SELECT EXISTS (SELECT 1 FROM suspects)", [], |row| row.get(0))?;
    let mut queries = Queries::default();
    let mut puts = Vec::with_capacity(drafts.len());
    for Draft { record, packed } in drafts {
        let asked = Asked::of(db, &mut queries, record)?;
        let newest = newest(db, &record.key)?;
        puts.push(match newest {
            Some((version, hash)) if hash == record.hash => {
                renew(db, record, version, &asked)?;
                Put::Unchanged
            }
            newest => {
                let number = newest.map_or(1, |(version, _)| version.saturating_add(1));
                match packed {
                    Some(packed) => insert(db, record, number, packed, &asked)?,
                    // Another process has changed it in the meantime.
                    None => {
                        insert(db, record, number, &pack(db, dictionaries, record)?, &asked)?;
                    }
                }
                if number == 1 { Put::Created } else { Put::Changed(number) }
            }
        });
        if some_suspects {
            clear(db, &record.key)?;
        }
    }
    Ok(puts)
}

/// What was asked, as the table keeps it.
struct Asked<'a> {
    path: Option<&'a str>,
    query_id: Option<i64>,
}

impl<'a> Asked<'a> {
    fn of(db: &Connection, queries: &mut Queries, record: &'a Record) -> Result<Self, Fault> {
        let (path, query_id) = queries.split(db, &record.asked)?;
        let path = Some(path).filter(|path| *path != record.key.to_string());
        Ok(Self { path, query_id })
    }
}

fn newest(db: &Connection, key: &Key) -> Result<Option<(u32, ContentHash)>, Fault> {
    db.prepare_cached(
        "SELECT version, hash FROM versions
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4
         ORDER BY version DESC LIMIT 1",
    )?
    .query_row(key_columns(key), |row| Ok((row.get(0)?, hash_at(row, 1))))
    .optional()?
    .map(|(version, hash)| Ok((version, hash?)))
    .transpose()
}

/// Moves a version's `fetched_at`, never back.
fn renew(db: &Connection, record: &Record, version: u32, asked: &Asked<'_>) -> Result<(), Fault> {
    let [kind, id, season, episode] = key_columns(&record.key);
    db.prepare_cached(
        "UPDATE versions SET fetched_at = ?6, query_id = ?7, asked_path = ?8
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version = ?5
           AND fetched_at <= ?6",
    )?
    .execute(params![
        kind,
        id,
        season,
        episode,
        version,
        record.fetched_at.as_millis(),
        asked.query_id,
        asked.path,
    ])?;
    Ok(())
}

fn insert(
    db: &Connection,
    record: &Record,
    version: u32,
    packed: &Packed,
    asked: &Asked<'_>,
) -> Result<(), Fault> {
    db.prepare_cached("INSERT INTO bodies (stored) VALUES (?1)")?.execute([&packed.stored])?;
    let body_id = db.last_insert_rowid();
    let [kind, id, season, episode] = key_columns(&record.key);
    db.prepare_cached(
        "INSERT INTO versions
             (kind, id, season, episode, version, valid_from, fetched_at, hash, schema_version,
              body_bytes, stored_bytes, has_dictionary, body_id, query_id, asked_path)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?
    .execute(params![
        kind,
        id,
        season,
        episode,
        version,
        record.fetched_at.as_millis(),
        record.hash.0,
        record.schema_version,
        limit(record.body.len()),
        limit(packed.stored.len()),
        packed.has_dictionary,
        body_id,
        asked.query_id,
        asked.path,
    ])?;
    Ok(())
}

fn clear(db: &Connection, key: &Key) -> Result<(), Fault> {
    db.prepare_cached(
        "DELETE FROM suspects WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4",
    )?
    .execute(key_columns(key))?;
    Ok(())
}

/// The first 404 counts; later ones do not move it.
pub(super) fn suspect(db: &Connection, keys: &[Key], now: Timestamp) -> Result<(), Fault> {
    let mut insert = db.prepare_cached(
        "INSERT INTO suspects (kind, id, season, episode, since) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO NOTHING",
    )?;
    for key in keys {
        let [kind, id, season, episode] = key_columns(key);
        insert.execute([kind, id, season, episode, now.as_millis()])?;
    }
    Ok(())
}
