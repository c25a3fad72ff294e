//! Where the bodies of versions lie: in `bodies`, or as objects that `versions` names.

use domain::Key;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Fault;
use crate::archive::{Place, Relocation, Stored};
use crate::objects::Name;
use crate::sqlite::columns::{key_columns, limit};

/// The `body_id` of a body that is an object.
const ELSEWHERE: i64 = 0;

/// Keeps a body. Returns the columns that say where it is.
pub(super) fn insert<'a>(
    db: &Connection,
    place: &'a Place,
) -> Result<(i64, Option<&'a str>), Fault> {
    match place {
        Place::Row(bytes) => {
            db.prepare_cached("INSERT INTO bodies (stored) VALUES (?1)")?.execute([&bytes[..]])?;
            Ok((db.last_insert_rowid(), None))
        }
        Place::Object(object) => Ok((ELSEWHERE, Some(object))),
    }
}

/// Stores a version's body in another way. One that is there no longer is let be,
/// and the object that was written for it discarded.
pub(super) fn replace(
    db: &Connection,
    key: &Key,
    version: u32,
    stored: &Stored,
) -> Result<(), Fault> {
    let Some((body_id, object)) = place(db, key, version)? else {
        return discard_place(db, key, version, &stored.place);
    };
    let moved = move_body(db, body_id, &stored.place)?;
    if let Some(object) = object {
        discard(db, key, version, object)?;
    }
    let [kind, id, season, episode] = key_columns(key);
    db.prepare_cached(
        "UPDATE versions SET stored_bytes = ?6, dictionary_id = ?7, patched = ?8, body_id = ?9,
             object = ?10
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version = ?5",
    )?
    .execute(params![
        kind,
        id,
        season,
        episode,
        version,
        limit(stored.bytes),
        stored.dictionary,
        stored.is_patch,
        moved.0,
        moved.1,
    ])?;
    Ok(())
}

/// The columns that say where a version's body is.
fn place(db: &Connection, key: &Key, version: u32) -> Result<Option<(i64, Option<String>)>, Fault> {
    let [kind, id, season, episode] = key_columns(key);
    let mut select = db.prepare_cached(
        "SELECT body_id, object FROM versions
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version = ?5",
    )?;
    let place = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    Ok(select.query_row([kind, id, season, episode, version.into()], place).optional()?)
}

/// Writes a body in the place of another.
fn move_body<'a>(
    db: &Connection,
    body_id: i64,
    place: &'a Place,
) -> Result<(i64, Option<&'a str>), Fault> {
    match place {
        Place::Row(bytes) if body_id != ELSEWHERE => {
            db.prepare_cached("UPDATE bodies SET stored = ?2 WHERE body_id = ?1")?
                .execute(params![body_id, &bytes[..]])?;
            Ok((body_id, None))
        }
        Place::Row(_) => insert(db, place),
        Place::Object(_) => {
            if body_id != ELSEWHERE {
                db.prepare_cached("DELETE FROM bodies WHERE body_id = ?1")?.execute([body_id])?;
            }
            insert(db, place)
        }
    }
}

pub(super) fn relocate(db: &Connection, moves: &[Relocation]) -> Result<Vec<bool>, Fault> {
    let moves = moves.iter();
    moves.map(|relocation| relocate_one(db, relocation)).collect()
}

fn relocate_one(db: &Connection, relocation: &Relocation) -> Result<bool, Fault> {
    let Relocation { key, version, from, to } = relocation;
    if from == to {
        return Ok(false);
    }
    let now = match place(db, key, *version)? {
        Some(now) if lies_in(db, &now, from)? => Some(now),
        _ => None,
    };
    let Some((body_id, object)) = now else {
        discard_place(db, key, *version, to)?;
        return Ok(false);
    };
    let (body_id, moved) = move_body(db, body_id, to)?;
    if let Some(object) = object {
        discard(db, key, *version, object)?;
    }
    let [kind, id, season, episode] = key_columns(key);
    db.prepare_cached(
        "UPDATE versions SET body_id = ?6, object = ?7
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version = ?5",
    )?
    .execute(params![kind, id, season, episode, version, body_id, moved])?;
    Ok(true)
}

/// Whether the columns of a body say that it lies in a place, as it did.
fn lies_in(
    db: &Connection,
    (body_id, object): &(i64, Option<String>),
    place: &Place,
) -> Result<bool, Fault> {
    match place {
        Place::Row(bytes) => {
            let mut select = db.prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM bodies WHERE body_id = ?1 AND stored = ?2)",
            )?;
            Ok(select.query_row(params![body_id, &bytes[..]], |row| row.get(0))?)
        }
        Place::Object(place) => Ok(object.as_ref() == Some(place)),
    }
}

/// Drops the bodies of the versions of a key that were fetched before an instant.
pub(super) fn drop_before(db: &Connection, key: &Key, before: i64) -> Result<(), Fault> {
    let [kind, id, season, episode] = key_columns(key);
    let terms = [kind, id, season, episode, before];
    db.prepare_cached(
        "DELETE FROM bodies WHERE body_id IN (
             SELECT body_id FROM versions
             WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND fetched_at < ?5)",
    )?
    .execute(terms)?;
    let mut select = db.prepare_cached(
        "SELECT version, object FROM versions
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND fetched_at < ?5
           AND object IS NOT NULL",
    )?;
    let mut rows = select.query(terms)?;
    while let Some(row) = rows.next()? {
        discard(db, key, row.get(0)?, row.get(1)?)?;
    }
    Ok(())
}

pub(super) fn discard_place(
    db: &Connection,
    key: &Key,
    version: u32,
    place: &Place,
) -> Result<(), Fault> {
    match place {
        Place::Row(_) => Ok(()),
        Place::Object(object) => discard(db, key, version, object.clone()),
    }
}

/// Notes that no row names an object any more.
fn discard(db: &Connection, key: &Key, version: u32, object: String) -> Result<(), Fault> {
    let name = Name { key: *key, version, object };
    db.prepare_cached("INSERT OR IGNORE INTO discarded_objects (name) VALUES (?1)")?
        .execute([name.to_string()])?;
    Ok(())
}

pub(super) fn discarded(db: &Connection, most: usize) -> Result<Vec<String>, Fault> {
    let mut select = db.prepare_cached("SELECT name FROM discarded_objects LIMIT ?1")?;
    let names = select.query_map([limit(most)], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

pub(super) fn forget_discarded(db: &Connection, names: &[String]) -> Result<(), Fault> {
    let mut delete = db.prepare_cached("DELETE FROM discarded_objects WHERE name = ?1")?;
    names.iter().try_for_each(|name| delete.execute([name]).map(drop)).map_err(Fault::from)
}
