//! Dead letters: listed, made pending again, dropped.

use domain::failure::FailureClass;
use domain::queue::{DeadFilter, DeadLetter};
use domain::{Key, Timestamp};
use rusqlite::{Connection, Row, params};

use super::{Fault, key_at, limit, run_at, time_at};
use crate::sqlite::columns::{key_columns, unsigned};

/// Filters by kind (?1), class (?2), key (?3 to ?6) and death (?7), each unless it is null.
macro_rules! where_meant {
    () => {
        " WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR class = ?2)
            AND (?3 IS NULL OR (kind = ?3 AND id = ?4 AND season = ?5 AND episode = ?6))
            AND (?7 IS NULL OR died_at < ?7) "
    };
}

type Meant = (Option<u8>, Option<&'static str>, [Option<i64>; 4], Option<i64>);

/// One set of arguments for each key of the filter, or one for all keys.
fn meant(which: &DeadFilter) -> Vec<Meant> {
    let kind = which.kind.map(domain::Kind::number);
    let class = which.class.map(FailureClass::as_str);
    let died = which.died_before.map(Timestamp::as_millis);
    if which.keys.is_empty() {
        return vec![(kind, class, [None; 4], died)];
    }
    let mut keys: Vec<Key> = which.keys.clone();
    keys.sort_unstable();
    keys.dedup();
    keys.iter().map(|key| (kind, class, key_columns(key).map(Some), died)).collect()
}

pub(super) fn list(
    db: &Connection,
    which: &DeadFilter,
    rows: usize,
) -> Result<Vec<DeadLetter>, Fault> {
    let mut select = db.prepare_cached(concat!(
        "SELECT kind, id, season, episode, class, error, attempts, source, run, added_at, died_at,
                body
         FROM dead_letters",
        where_meant!(),
        "ORDER BY died_at DESC, kind, id, season, episode LIMIT ?8"
    ))?;
    let mut letters = vec![];
    for (kind, class, [k, id, season, episode], died) in meant(which) {
        let mut found =
            select.query(params![kind, class, k, id, season, episode, died, limit(rows)])?;
        while let Some(row) = found.next()? {
            letters.push(letter(row)?);
        }
    }
    letters.sort_by(|a, b| b.died_at.cmp(&a.died_at).then(a.key.cmp(&b.key)));
    letters.truncate(rows);
    Ok(letters)
}

fn letter(row: &Row<'_>) -> Result<DeadLetter, Fault> {
    let class: String = row.get(4)?;
    Ok(DeadLetter {
        key: key_at(row, 0)?,
        class: self::class(&class)?,
        error: row.get(5)?,
        attempts: row.get(6)?,
        source: row.get(7)?,
        run: run_at(row, 8)?,
        added_at: time_at(row, 9)?,
        died_at: time_at(row, 10)?,
        body: row.get(11)?,
    })
}

pub(super) fn class(name: &str) -> Result<FailureClass, Fault> {
    FailureClass::from_name(name)
        .ok_or_else(|| Fault::corrupt(format!("there is no failure called {name}")))
}

pub(super) fn redrive(db: &Connection, which: &DeadFilter, now: Timestamp) -> Result<u64, Fault> {
    let mut revive = db.prepare_cached(concat!(
        "INSERT INTO tasks
             (kind, id, season, episode, priority, attempts, due_at, added_at, run, source)
         SELECT kind, id, season, episode, priority, 0, ?8, ?8, run, source FROM dead_letters",
        where_meant!(),
        "ON CONFLICT DO NOTHING"
    ))?;
    for (kind, class, [k, id, season, episode], died) in meant(which) {
        revive.execute(params![kind, class, k, id, season, episode, died, now.as_millis()])?;
    }
    purge(db, which)
}

pub(super) fn purge(db: &Connection, which: &DeadFilter) -> Result<u64, Fault> {
    let mut delete = db.prepare_cached(concat!("DELETE FROM dead_letters", where_meant!()))?;
    let mut dropped = 0;
    for (kind, class, [k, id, season, episode], died) in meant(which) {
        let rows = delete.execute(params![kind, class, k, id, season, episode, died])?;
        dropped += unsigned(limit(rows));
    }
    Ok(dropped)
}

pub(super) fn forget_bodies(db: &Connection, before: Timestamp) -> Result<u64, Fault> {
    let emptied = db
        .prepare_cached(
            "UPDATE dead_letters SET body = x'' WHERE died_at < ?1 AND length(body) > 0",
        )?
        .execute([before.as_millis()])?;
    // Nor is what an old task once failed with.
    db.prepare_cached(
        "UPDATE tasks SET last_error = NULL WHERE added_at < ?1 AND last_error IS NOT NULL",
    )?
    .execute([before.as_millis()])?;
    Ok(unsigned(limit(emptied)))
}
