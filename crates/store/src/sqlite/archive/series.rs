//! The figures of keys through time.
//!
//! A day's points of 64 neighbouring ids are one row ([`block`]), and rows lie
//! in the order of their days: a day is written without touching the days
//! before, and dropped without looking at the days after. A point of an export
//! takes 3 to 4 bytes, with its share of the row.
//!
//! A point that equals the figures last known is not stored. Nor is one of an
//! export's that moved by less than [`LEAST_MOVE`], but for one day a week,
//! another one for each id: titles that nobody watches tremble daily.

mod block;

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::outline::{Figures, SeriesPoint};
use domain::{Key, Kind, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::Fault;
use super::days;
use crate::sqlite::columns::{key_columns, kind_at, limit};
use block::{Block, Place, Points};

/// As a share of the popularity last known.
const LEAST_MOVE: f64 = 0.05;
/// An export's popularity went through single precision.
const SAME: f64 = 1e-6;
const WEEK: i64 = 7;

/// Points on their way into their blocks.
#[derive(Default)]
pub(super) struct Draft {
    days: BTreeMap<(i64, Block), Points>,
}

impl Draft {
    /// Adds what a key's figures are on a day, unless that was known.
    pub(super) fn add(&mut self, key: &Key, at: Timestamp, known: &Figures, figures: &Figures) {
        if figures.is_empty() || is_same(known, figures) {
            return;
        }
        let (block, place) = block::of(key);
        let points = self.days.entry((days::number(at.date()), block)).or_default();
        merge(points, place, *figures);
    }

    pub(super) fn write(self, db: &Connection) -> Result<(), Fault> {
        for ((day, block), new) in self.days {
            let mut points = read_block(db, day, block)?.unwrap_or_default();
            for (place, figures) in new {
                merge(&mut points, place, figures);
            }
            write_block(db, day, block, &points)?;
        }
        Ok(())
    }
}

/// The last of a day counts, each figure for itself: exports know popularity alone.
fn merge(points: &mut Points, place: Place, figures: Figures) {
    let point = points.entry(place).or_default();
    point.popularity = figures.popularity.or(point.popularity);
    point.vote_average = figures.vote_average.or(point.vote_average);
    point.vote_count = figures.vote_count.or(point.vote_count);
}

fn is_same(known: &Figures, figures: &Figures) -> bool {
    let popularity = match (known.popularity, figures.popularity) {
        (Some(known), Some(now)) => share_moved(known, now) < SAME,
        (known, now) => known == now,
    };
    popularity
        && known.vote_average == figures.vote_average
        && known.vote_count == figures.vote_count
}

fn share_moved(before: f64, after: f64) -> f64 {
    let moved = (after - before).abs();
    if moved == 0.0 { 0.0 } else { moved / before.abs().max(f64::MIN_POSITIVE) }
}

pub(super) fn read(db: &Connection, key: Key) -> Result<Vec<SeriesPoint>, Fault> {
    let (block, place) = block::of(&key);
    let mut series = vec![];
    for day in all_days(db)? {
        let Some(points) = read_block(db, day, block)? else { continue };
        if let Some(figures) = points.get(&place) {
            series.push(SeriesPoint { day: days::from_number(day)?, figures: *figures });
        }
    }
    Ok(series)
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
    bytes.map(|bytes| decode(&bytes, day)).transpose()
}

fn decode(bytes: &[u8], day: i64) -> Result<Points, Fault> {
    let unreadable = || Fault::corrupt(format!("the series of day {day} makes no sense"));
    block::decode(bytes).ok_or_else(unreadable)
}

fn write_block(db: &Connection, day: i64, block: Block, points: &Points) -> Result<(), Fault> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO series (day, kind, block, points) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![day, block.kind.number(), block.number, block::encode(points)])?;
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
    let day = days::number(now.date());
    let mut draft = Draft::default();
    let mut select = db.prepare_cached(
        "SELECT popularity FROM heads WHERE kind = ?1 AND id = ?2 AND season = -1 AND episode = -1",
    )?;
    let mut update = db.prepare_cached(
        "UPDATE heads SET popularity = ?3
         WHERE kind = ?1 AND id = ?2 AND season = -1 AND episode = -1",
    )?;
    for (id, popularity) in moved {
        // What is no key at all has no record either.
        let Ok(key) = Key::new(kind, *id, None, None) else { continue };
        let [kind, id, ..] = key_columns(&key);
        let known: Option<Option<f64>> =
            select.query_row([kind, id], |row| row.get(0)).optional()?;
        let Some(known) = known else { continue };
        let popularity = shortest(*popularity);
        if !popularity.is_finite() {
            continue;
        }
        let share = known.map_or(f64::INFINITY, |known| share_moved(known, popularity));
        if share < SAME {
            continue;
        }
        update.execute(params![kind, id, popularity])?;
        if share >= LEAST_MOVE || id.wrapping_add(day) % WEEK == 0 {
            let figures = Figures { popularity: Some(popularity), ..Figures::default() };
            draft.add(&key, now, &Figures::default(), &figures);
        }
    }
    draft.write(db)
}

/// The shortest decimal that single precision takes for the same: what TMDB wrote.
fn shortest(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| value.into())
}

/// Drops every point of keys.
pub(super) fn forget(db: &Connection, keys: &[Key]) -> Result<u64, Fault> {
    let mut places: HashMap<Block, HashSet<Place>> = HashMap::new();
    for key in keys {
        let (block, place) = block::of(key);
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
        points += count(decode(&row.get::<_, Vec<u8>>(3)?, day)?.len());
        blocks.push((day, Block { kind: kind_at(row, 1)?, number: row.get(2)? }));
    }
    drop(rows);
    let is_end = blocks.len() < most;
    blocks.into_iter().try_for_each(|(day, block)| drop_block(db, day, block))?;
    Ok(Forgotten { points, is_end })
}

/// The last day whose beginning lies before an instant.
fn last_day_before(before: Timestamp) -> i64 {
    (before.as_millis() - 1).div_euclid(86_400_000)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
