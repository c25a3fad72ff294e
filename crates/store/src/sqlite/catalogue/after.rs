//! Everything, page by page.

use domain::Key;
use domain::catalogue::{ListEntry, ListName, Person, Work};
use rusqlite::{Connection, params};

use super::{Fault, read};
use crate::projection::{Stretch, stretches_after};
use crate::sqlite::columns::{key_at, limit, signed, time_at};

pub(super) fn works(db: &Connection, after: Option<Key>, rows: usize) -> Result<Vec<Work>, Fault> {
    let mut works = vec![];
    for stretch in stretches_after(after) {
        for id in ids(db, stretch, rows - works.len())? {
            works.extend(read::work(db, id)?);
        }
    }
    Ok(works)
}

fn ids(db: &Connection, stretch: Stretch, rows: usize) -> Result<Vec<i64>, Fault> {
    let sql = match stretch.kind {
        domain::Kind::Tv => {
            "SELECT work_id FROM works WHERE work_id < ?1 ORDER BY work_id DESC LIMIT ?2"
        }
        _ => "SELECT work_id FROM works WHERE work_id > ?1 ORDER BY work_id LIMIT ?2",
    };
    let mut select = db.prepare_cached(sql)?;
    let ids = select.query_map([stretch.after, limit(rows)], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

pub(super) fn people(
    db: &Connection,
    after: Option<u64>,
    rows: usize,
) -> Result<Vec<Person>, Fault> {
    let mut select = db.prepare_cached(&format!(
        "SELECT {} FROM people WHERE person_id > ?1 ORDER BY person_id LIMIT ?2",
        read::PERSON_COLUMNS
    ))?;
    let mut rows = select.query([after.map_or(0, signed), limit(rows)])?;
    let mut people = vec![];
    while let Some(row) = rows.next()? {
        people.push(read::person_from(row)?);
    }
    Ok(people)
}

pub(super) fn entries(
    db: &Connection,
    after: Option<&(ListName, u32)>,
    rows: usize,
) -> Result<Vec<(ListName, ListEntry)>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT list, region, language, rank, kind, id, season, episode, seen_at
         FROM list_entries WHERE (list, region, language, rank) > (?1, ?2, ?3, ?4)
         ORDER BY list, region, language, rank LIMIT ?5",
    )?;
    let mut rows = match after {
        None => select.query(params!["", "", "", -1, limit(rows)])?,
        Some((ListName { list, region, language }, rank)) => {
            select.query(params![list, region, language, rank, limit(rows)])?
        }
    };
    let mut entries = vec![];
    while let Some(row) = rows.next()? {
        let name = ListName { list: row.get(0)?, region: row.get(1)?, language: row.get(2)? };
        let entry =
            ListEntry { key: key_at(row, 4)?, rank: row.get(3)?, seen_at: time_at(row, 8)? };
        entries.push((name, entry));
    }
    Ok(entries)
}
