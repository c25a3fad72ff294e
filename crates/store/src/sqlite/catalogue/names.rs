//! Names that things are found by; [`super::search`] finds.

use domain::{Key, Kind};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Fault, work_id};
use crate::projection::names::thing_id;
use crate::sqlite::columns::signed;

/// Indexes the names of a title, unless they are already. Runs before its facets are written.
pub(super) fn put_work(db: &Connection, id: i64, names: &str) -> Result<(), Fault> {
    let known: Option<String> = db
        .prepare_cached("SELECT names FROM facets WHERE work_id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    put(db, "work_names", id, known.as_deref(), names)
}

/// As [`put_work`]; runs before the person's row is written.
pub(super) fn put_person(db: &Connection, id: i64, names: &str) -> Result<(), Fault> {
    let known: Option<String> = db
        .prepare_cached("SELECT name || ' ' || also_known_as FROM people WHERE person_id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    put(db, "person_names", id, known.as_deref(), names)
}

/// As [`put_work`]; runs before the thing's row is written.
pub(super) fn put_thing(db: &Connection, key: &Key, name: Option<&str>) -> Result<(), Fault> {
    let Some(number) = thing_id(key) else { return Ok(()) };
    let known: Option<Option<String>> = db
        .prepare_cached(
            "SELECT name FROM things
             WHERE kind = ?1 AND id = ?2 AND season = -1 AND episode = -1",
        )?
        .query_row(params![key.kind().number(), signed(key.id())], |row| row.get(0))
        .optional()?;
    let known = known.as_ref().map(|name| name.as_deref().unwrap_or_default());
    put(db, "thing_names", number, known, name.unwrap_or_default())
}

fn put(
    db: &Connection,
    table: &str,
    id: i64,
    known: Option<&str>,
    names: &str,
) -> Result<(), Fault> {
    if known == Some(names) {
        return Ok(());
    }
    if known.is_some() {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE rowid = ?1"))?.execute([id])?;
    }
    db.prepare_cached(&format!("INSERT INTO {table} (rowid, names) VALUES (?1, ?2)"))?
        .execute(params![id, names])?;
    Ok(())
}

/// What a key is found by goes, before its other rows do.
pub(super) fn remove(db: &Connection, key: &Key) -> Result<(), Fault> {
    let (table, id) = match (work_id(key), key.kind()) {
        (Some(id), _) => ("work_names", Some(id)),
        (None, Kind::Person) => ("person_names", Some(signed(key.id()))),
        (None, _) => ("thing_names", thing_id(key)),
    };
    if let Some(id) = id {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE rowid = ?1"))?.execute([id])?;
    }
    Ok(())
}
