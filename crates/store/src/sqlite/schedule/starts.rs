//! What was started, and how it ended.

use domain::Timestamp;
use domain::schedule::{Cause, Outcome, STARTS_KEPT, Start, Started};
use rusqlite::{Connection, Row, params};

use super::Fault;
use crate::sqlite::columns::{limit, maybe_time_at, signed, time_at, unsigned};

pub(super) fn is_known(db: &Connection, name: &str, slot: Timestamp) -> Result<bool, Fault> {
    let mut select =
        db.prepare_cached("SELECT 1 FROM schedule_starts WHERE name = ?1 AND slot = ?2")?;
    Ok(select.exists(params![name, slot.as_millis()])?)
}

/// Adds a start and drops the oldest of its entry.
pub(super) fn add(
    db: &Connection,
    start: &Start,
    holder: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    db.prepare_cached(
        "INSERT INTO schedule_starts (name, number, slot, cause, attempt, started_at, started_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        start.name,
        signed(start.number),
        start.slot.as_millis(),
        start.cause.as_str(),
        start.attempt,
        now.as_millis(),
        holder
    ])?;
    let dropped = signed(start.number.saturating_sub(STARTS_KEPT));
    db.prepare_cached("DELETE FROM schedule_starts WHERE name = ?1 AND number <= ?2")?
        .execute(params![start.name, dropped])?;
    Ok(())
}

pub(super) fn end(
    db: &Connection,
    name: &str,
    number: u64,
    outcome: Outcome,
    error: Option<&str>,
    now: Timestamp,
) -> Result<(), Fault> {
    db.prepare_cached(
        "UPDATE schedule_starts SET ended_at = ?3, outcome = ?4, error = ?5
         WHERE name = ?1 AND number = ?2",
    )?
    .execute(params![name, signed(number), now.as_millis(), outcome.as_str(), error])?;
    Ok(())
}

pub(super) fn list(
    db: &Connection,
    name: Option<&str>,
    rows: usize,
) -> Result<Vec<Started>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT name, number, slot, cause, attempt, started_at, started_by, ended_at, outcome,
                error
         FROM schedule_starts WHERE ?1 IS NULL OR name = ?1
         ORDER BY started_at DESC, number DESC, name LIMIT ?2",
    )?;
    let mut rows = select.query(params![name, limit(rows)])?;
    let mut starts = vec![];
    while let Some(row) = rows.next()? {
        starts.push(started(row)?);
    }
    Ok(starts)
}

fn started(row: &Row<'_>) -> Result<Started, Fault> {
    let cause: String = row.get(3)?;
    let outcome: Option<String> = row.get(8)?;
    let unknown = |what: &str| Fault::corrupt(format!("a start cannot be {what}"));
    Ok(Started {
        name: row.get(0)?,
        number: unsigned(row.get(1)?),
        slot: time_at(row, 2)?,
        cause: Cause::from_name(&cause).ok_or_else(|| unknown(&cause))?,
        attempt: row.get(4)?,
        started_at: time_at(row, 5)?,
        started_by: row.get(6)?,
        ended_at: maybe_time_at(row, 7)?,
        outcome: outcome
            .map(|name| Outcome::from_name(&name).ok_or_else(|| unknown(&name)))
            .transpose()?,
        error: row.get(9)?,
    })
}
