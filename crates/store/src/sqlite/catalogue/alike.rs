//! Titles and people that seem to be the one outlined.

use domain::catalogue::Alike;
use domain::deletion::Likeness;
use domain::outline::Outline;
use domain::{Key, Kind};
use rusqlite::{Connection, Params, Row};

use super::{Fault, work_id};
use crate::likeness::{Found, Release, folded};
use crate::sqlite::columns::{signed, unsigned};

pub(super) fn find(db: &Connection, key: Key, outline: &Outline) -> Result<Vec<Alike>, Fault> {
    let mut found = Found::new(key);
    match key.kind() {
        Kind::Movie | Kind::Tv => works(db, key, outline, &mut found)?,
        Kind::Person => people(db, key, outline, &mut found)?,
        _ => (),
    }
    Ok(found.likeliest_first())
}

fn works(db: &Connection, key: Key, outline: &Outline, found: &mut Found) -> Result<(), Fault> {
    let (kind, own) = (key.kind().as_str(), work_id(&key));
    if let Some(imdb_id) = &outline.imdb_id {
        each(
            db,
            "SELECT tmdb_id, popularity FROM works
             WHERE imdb_id = ?1 AND +kind = ?2 AND work_id IS NOT ?3",
            (imdb_id, kind, own),
            |row| Ok(found.add(unsigned(row.get(0)?), row.get(1)?, Likeness::ImdbId)?),
        )?;
    }
    let (Some(name), Some(released)) = (&outline.name, outline.released) else { return Ok(()) };
    let own_release = Release::new(name, released);
    let [first, last] = own_release.year();
    // All titles of a year, some ten thousand, are read: SQLite folds no case but ASCII's.
    // The plus keeps it from the index by kind, which is half the table.
    each(
        db,
        "SELECT tmdb_id, popularity, title, release_date FROM works
         WHERE release_date >= ?1 AND release_date <= ?2 AND +kind = ?3 AND work_id IS NOT ?4",
        (first, last, kind, own),
        |row| {
            let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
            let Some(reason) = own_release.likeness(text(2)?, text(3)?) else { return Ok(()) };
            Ok(found.add(unsigned(row.get(0)?), row.get(1)?, reason)?)
        },
    )
}

fn people(db: &Connection, key: Key, outline: &Outline, found: &mut Found) -> Result<(), Fault> {
    let own = signed(key.id());
    if let Some(imdb_id) = &outline.imdb_id {
        each(
            db,
            "SELECT person_id, popularity FROM people WHERE imdb_id = ?1 AND person_id <> ?2",
            (imdb_id, own),
            |row| Ok(found.add(unsigned(row.get(0)?), row.get(1)?, Likeness::ImdbId)?),
        )?;
    }
    let (Some(name), Some(born)) = (&outline.name, outline.born) else { return Ok(()) };
    let name = folded(name);
    each(
        db,
        "SELECT person_id, popularity, name FROM people WHERE birthday = ?1 AND person_id <> ?2",
        (born.to_string(), own),
        |row| {
            if folded(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?) != name {
                return Ok(());
            }
            Ok(found.add(unsigned(row.get(0)?), row.get(1)?, Likeness::TitleAndDate)?)
        },
    )
}

fn each(
    db: &Connection,
    sql: &str,
    values: impl Params,
    mut see: impl FnMut(&Row<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut select = db.prepare_cached(sql)?;
    let mut rows = select.query(values)?;
    while let Some(row) = rows.next()? {
        see(row)?;
    }
    Ok(())
}
