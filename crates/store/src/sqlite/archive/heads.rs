//! What is known of keys without their bodies: asked a million times by a harvest.
//!
//! One row a key, written with every record, so that walking through a million
//! of them touches no more than a hundred megabytes.

use domain::archive::{Head, Known};
use domain::outline::{Figures, Outline};
use domain::record::ContentHash;
use domain::staleness::{Doubt, Freshness};
use domain::{Key, Kind, Record, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Fault;
use super::days::date_at;
use super::read::hash_at;
use crate::archive::days::number;
use crate::sqlite::columns::{
    key_at, key_columns, limit, maybe_time_at, signed, time_at, unsigned,
};

/// From here on, one pass over the table is worth trying.
const MANY: usize = 64;

pub(super) fn heads(db: &Connection, keys: &[Key]) -> Result<Vec<Option<Head>>, Fault> {
    if keys.len() >= MANY && keys.is_sorted() && keys.iter().all(|key| is_flat(key, &keys[0])) {
        return heads_together(db, keys);
    }
    heads_apart(db, keys)
}

/// Whether the id tells the key from others of `first`'s kind.
fn is_flat(key: &Key, first: &Key) -> bool {
    key.kind() == first.kind() && key.season_number().is_none()
}

/// Walks through keys and table side by side: an export's ids come in order and
/// most of them are known. Gives up where the table holds much between them.
fn heads_together(db: &Connection, keys: &[Key]) -> Result<Vec<Option<Head>>, Fault> {
    let [kind, first, ..] = key_columns(&keys[0]);
    let mut select = db.prepare_cached(
        "SELECT version, fetched_at, hash, schema_version, id FROM heads
         WHERE kind = ?1 AND id >= ?2 ORDER BY id",
    )?;
    let mut rows = select.query([kind, first])?;
    let mut row = rows.next()?;
    let mut heads = Vec::with_capacity(keys.len());
    let mut patience = keys.len() * 4;
    for (place, key) in keys.iter().enumerate() {
        let [_, wanted, ..] = key_columns(key);
        let mut found =
            heads.last().copied().flatten().filter(|_| place > 0 && keys[place - 1] == *key);
        while let Some(next) = row {
            let id: i64 = next.get(4)?;
            if id > wanted {
                break;
            }
            if id == wanted {
                found = Some(head(next)?);
            }
            row = rows.next()?;
            patience = patience.saturating_sub(1);
        }
        heads.push(found);
        if patience == 0 {
            heads.extend(heads_apart(db, &keys[place + 1..])?);
            break;
        }
    }
    Ok(heads)
}

fn heads_apart(db: &Connection, keys: &[Key]) -> Result<Vec<Option<Head>>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT version, fetched_at, hash, schema_version FROM heads
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4",
    )?;
    let mut heads = Vec::with_capacity(keys.len());
    for key in keys {
        let mut rows = select.query(key_columns(key))?;
        heads.push(rows.next()?.map(head).transpose()?);
    }
    Ok(heads)
}

fn head(row: &Row<'_>) -> Result<Head, Fault> {
    Ok(Head {
        version: row.get(0)?,
        fetched_at: time_at(row, 1)?,
        hash: hash_at(row, 2)?,
        schema_version: row.get(3)?,
    })
}

/// Every id is in the table once only where it is the whole of the key.
pub(super) fn known(db: &Connection, kind: Kind) -> Result<Known, Fault> {
    let mut known = Known::default();
    if matches!(kind, Kind::Season | Kind::Episode) {
        return Ok(known);
    }
    let mut select =
        db.prepare_cached("SELECT id, popularity FROM heads WHERE kind = ?1 ORDER BY id")?;
    let mut rows = select.query([kind.number()])?;
    while let Some(row) = rows.next()? {
        known.ids.push(unsigned(row.get(0)?));
        known.popularity.push(row.get::<_, Option<f32>>(1)?.unwrap_or_default());
    }
    Ok(known)
}

macro_rules! select_freshness {
    () => {
        "SELECT h.kind, h.id, h.season, h.episode, fetched_at, schema_version, released, airs,
                is_open, missed_at,
                EXISTS (SELECT 1 FROM tombstones t
                        WHERE t.kind = h.kind AND t.id = h.id AND t.season = h.season
                          AND t.episode = h.episode)
         FROM heads h LEFT JOIN evidence USING (kind, id, season, episode) "
    };
}

pub(super) fn freshness(
    db: &Connection,
    after: Option<Key>,
    most: usize,
) -> Result<Vec<Freshness>, Fault> {
    let mut select = db.prepare_cached(concat!(
        select_freshness!(),
        "WHERE (h.kind, h.id, h.season, h.episode) > (?1, ?2, ?3, ?4)
         ORDER BY h.kind, h.id, h.season, h.episode LIMIT ?5"
    ))?;
    let [kind, id, season, episode] = after.map_or([-1; 4], |key| key_columns(&key));
    let mut rows = select.query([kind, id, season, episode, limit(most)])?;
    let mut found = vec![];
    while let Some(row) = rows.next()? {
        found.push(fresh(row)?);
    }
    Ok(found)
}

pub(super) fn freshness_of(db: &Connection, keys: &[Key]) -> Result<Vec<Option<Freshness>>, Fault> {
    let mut select = db.prepare_cached(concat!(
        select_freshness!(),
        "WHERE h.kind = ?1 AND h.id = ?2 AND h.season = ?3 AND h.episode = ?4"
    ))?;
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        let mut rows = select.query(key_columns(key))?;
        found.push(rows.next()?.map(fresh).transpose()?);
    }
    Ok(found)
}

fn fresh(row: &Row<'_>) -> Result<Freshness, Fault> {
    let doubt = match maybe_time_at(row, 9)? {
        _ if row.get(10)? => Doubt::Buried,
        Some(missed_at) => Doubt::Missed(missed_at),
        None => Doubt::None,
    };
    Ok(Freshness {
        key: key_at(row, 0)?,
        fetched_at: time_at(row, 4)?,
        schema_version: row.get(5)?,
        released: date_at(row, 6)?,
        airs: date_at(row, 7)?,
        is_open: row.get(8)?,
        doubt,
    })
}

/// What stands of a key before a record of it is put.
#[derive(Clone, Copy)]
pub(super) struct Newest {
    pub(super) version: u32,
    pub(super) fetched_at: Timestamp,
    pub(super) hash: ContentHash,
    pub(super) schema_version: u32,
    /// As last known, from a record or an export.
    pub(super) figures: Figures,
}

pub(super) fn newest(db: &Connection, key: &Key) -> Result<Option<Newest>, Fault> {
    let read = |row: &Row<'_>| -> rusqlite::Result<_> {
        let figures = Figures {
            popularity: row.get(3)?,
            vote_average: row.get(4)?,
            vote_count: row.get::<_, Option<i64>>(5)?.map(unsigned),
        };
        let fetched_at = Timestamp::from_millis(row.get(1)?);
        Ok(Newest {
            version: row.get(0)?,
            fetched_at,
            hash: ContentHash(row.get(2)?),
            schema_version: row.get(6)?,
            figures,
        })
    };
    let mut select = db.prepare_cached(
        "SELECT version, fetched_at, hash, popularity, vote_average, vote_count, schema_version
         FROM heads
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4",
    )?;
    Ok(select.query_row(key_columns(key), read).optional()?)
}

pub(super) fn set(
    db: &Connection,
    record: &Record,
    version: u32,
    outline: &Outline,
    figures: &Figures,
) -> Result<(), Fault> {
    let [kind, id, season, episode] = key_columns(&record.key);
    db.prepare_cached(
        "INSERT OR REPLACE INTO heads
             (kind, id, season, episode, version, fetched_at, schema_version, released, airs,
              is_open, popularity, vote_average, vote_count, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?
    .execute(params![
        kind,
        id,
        season,
        episode,
        version,
        record.fetched_at.as_millis(),
        record.schema_version,
        outline.released.map(number),
        outline.airs.map(number),
        outline.is_open,
        figures.popularity,
        figures.vote_average,
        figures.vote_count.map(signed),
        record.hash.0,
    ])?;
    Ok(())
}

/// Puts a head back on the versions that are left of a key, or drops it. Returns
/// whether some are left.
pub(super) fn restore(db: &Connection, key: &Key) -> Result<bool, Fault> {
    db.prepare_cached(
        "UPDATE heads SET (version, fetched_at, schema_version, hash) = (
             SELECT version, fetched_at, schema_version, hash FROM versions v
             WHERE v.kind = heads.kind AND v.id = heads.id AND v.season = heads.season
               AND v.episode = heads.episode
             ORDER BY version DESC LIMIT 1)
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4
           AND EXISTS (
             SELECT 1 FROM versions v
             WHERE v.kind = heads.kind AND v.id = heads.id AND v.season = heads.season
               AND v.episode = heads.episode)",
    )?
    .execute(key_columns(key))
    .map_err(Fault::from)
    .and_then(|restored| {
        if restored == 0 {
            db.prepare_cached(
                "DELETE FROM heads
                 WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4",
            )?
            .execute(key_columns(key))?;
        }
        Ok(restored > 0)
    })
}
