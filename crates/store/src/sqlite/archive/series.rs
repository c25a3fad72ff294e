//! The figures of keys through time; see [`crate::archive::series`].

use std::collections::{HashMap, HashSet};

use domain::outline::{Figures, SeriesPoint};
use domain::{Key, Kind, Timestamp};
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Fault;
use crate::archive::days;
use crate::archive::series::{
    Block, Draft, Move, Place, Points, by_key, decode, encode, last_day_before, merge, of,
};
use crate::sqlite::columns::{key_columns, kind_at, limit};

/// Adds points to their blocks.
pub(super) fn write(db: &Connection, draft: Draft) -> Result<(), Fault> {
    for ((day, block), new) in draft {
        let mut points = read_block(db, day, block)?.unwrap_or_default();
        merge(&mut points, new);
        write_block(db, day, block, &points)?;
    }
    Ok(())
}

pub(super) fn read(db: &Connection, key: Key) -> Result<Vec<SeriesPoint>, Fault> {
    let (block, place) = of(&key);
    let mut series = vec![];
    for day in all_days(db)? {
        let Some(points) = read_block(db, day, block)? else { continue };
        if let Some(figures) = points.get(&place) {
            series.push(SeriesPoint { day: days::from_number(day)?, figures: *figures });
        }
    }
    Ok(series)
}

/// The points of all keys after a day's key; blocks are read whole.
pub(super) fn after(
    db: &Connection,
    after: Option<(Date, Key)>,
    most: usize,
) -> Result<Vec<(Key, SeriesPoint)>, Fault> {
    let (day, kind, number) = after.map_or((i64::MIN, 0, 0), |(day, key)| {
        let (block, _place) = of(&key);
        (days::number(day), block.kind.number().into(), block.number)
    });
    let mut select = db.prepare_cached(
        "SELECT day, kind, block, points FROM series WHERE (day, kind, block) >= (?1, ?2, ?3)
         ORDER BY day, kind, block",
    )?;
    let mut rows = select.query([day, kind, number])?;
    let mut found = vec![];
    while found.len() < most {
        let Some(row) = rows.next()? else { break };
        let block = Block { kind: kind_at(row, 1)?, number: row.get(2)? };
        let points = points_at(row)?;
        let points = by_key(row.get(0)?, block, &points)?;
        found.extend(points.into_iter().filter(|(key, point)| Some((point.day, *key)) > after));
    }
    Ok(found)
}

/// The days that have points: a jump for each, whatever lies in between.
fn all_days(db: &Connection) -> Result<Vec<i64>, Fault> {
    let mut next = db.prepare_cached("SELECT min(day) FROM series WHERE day > ?1")?;
    let mut all = vec![];
    let mut last = i64::MIN;
    while let Some(day) = next.query_row([last], |row| row.get::<_, Option<i64>>(0))? {
        all.push(day);
        last = day;
    }
    Ok(all)
}

fn read_block(db: &Connection, day: i64, block: Block) -> Result<Option<Points>, Fault> {
    let bytes: Option<Vec<u8>> = db
        .prepare_cached("SELECT points FROM series WHERE day = ?1 AND kind = ?2 AND block = ?3")?
        .query_row([day, block.kind.number().into(), block.number], |row| row.get(0))
        .optional()?;
    Ok(bytes.map(|bytes| decode(&bytes, day)).transpose()?)
}

/// Reads columns 0 and 3: a day, and the points of a block.
fn points_at(row: &Row<'_>) -> Result<Points, Fault> {
    let bytes = row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?;
    Ok(decode(bytes, row.get(0)?)?)
}

fn write_block(db: &Connection, day: i64, block: Block, points: &Points) -> Result<(), Fault> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO series (day, kind, block, points) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![day, block.kind.number(), block.number, encode(points)])?;
    Ok(())
}

fn drop_block(db: &Connection, day: i64, block: Block) -> Result<(), Fault> {
    db.prepare_cached("DELETE FROM series WHERE day = ?1 AND kind = ?2 AND block = ?3")?
        .execute([day, block.kind.number().into(), block.number])?;
    Ok(())
}

pub(super) fn move_popularity(
    db: &Connection,
    kind: Kind,
    moved: &[(u64, f32)],
    now: Timestamp,
) -> Result<(), Fault> {
    let mut draft = Draft::default();
    let mut select = db.prepare_cached(
        "SELECT popularity FROM heads WHERE kind = ?1 AND id = ?2 AND season = -1 AND episode = -1",
    )?;
    let mut update = db.prepare_cached(
        "UPDATE heads SET popularity = ?3
         WHERE kind = ?1 AND id = ?2 AND season = -1 AND episode = -1",
    )?;
    for (id, said) in moved {
        // What is no key at all has no record either.
        let Ok(key) = Key::new(kind, *id, None, None) else { continue };
        let [kind, id, ..] = key_columns(&key);
        let known = select.query_row([kind, id], |row| row.get(0)).optional()?;
        let Some(known) = known else { continue };
        let Some(moved) = Move::of(key.id(), known, *said, now) else { continue };
        update.execute(params![kind, id, moved.popularity])?;
        if moved.is_charted {
            draft.add(&key, now, &Figures::default(), &moved.figures());
        }
    }
    write(db, draft)
}

/// Drops every point of keys.
pub(super) fn forget(db: &Connection, keys: &[Key]) -> Result<u64, Fault> {
    let mut places: HashMap<Block, HashSet<Place>> = HashMap::new();
    for key in keys {
        let (block, place) = of(key);
        places.entry(block).or_default().insert(place);
    }
    let mut dropped = 0;
    if places.is_empty() {
        return Ok(dropped);
    }
    for day in all_days(db)? {
        for (block, places) in &places {
            let Some(mut points) = read_block(db, day, *block)? else { continue };
            let before = points.len();
            points.retain(|place, _| !places.contains(place));
            dropped += count(before - points.len());
            match points.len() {
                0 => drop_block(db, day, *block)?,
                left if left < before => write_block(db, day, *block, &points)?,
                _ => (),
            }
        }
    }
    Ok(dropped)
}

/// What [`forget_before`] did.
pub(super) struct Forgotten {
    pub(super) points: u64,
    pub(super) is_end: bool,
}

/// Drops the points of days that began before an instant, of so many blocks.
pub(super) fn forget_before(
    db: &Connection,
    before: Timestamp,
    most: usize,
) -> Result<Forgotten, Fault> {
    let mut select = db.prepare_cached(
        "SELECT day, kind, block, points FROM series WHERE day <= ?1 ORDER BY day, kind, block
         LIMIT ?2",
    )?;
    let mut rows = select.query([last_day_before(before), limit(most)])?;
    let (mut points, mut blocks) = (0, vec![]);
    while let Some(row) = rows.next()? {
        let day = row.get(0)?;
        points += count(points_at(row)?.len());
        blocks.push((day, Block { kind: kind_at(row, 1)?, number: row.get(2)? }));
    }
    drop(rows);
    let is_end = blocks.len() < most;
    blocks.into_iter().try_for_each(|(day, block)| drop_block(db, day, block))?;
    Ok(Forgotten { points, is_end })
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
