//! What was started, and how it ended.

use domain::Timestamp;
use domain::schedule::{Cause, Outcome, STARTS_KEPT, Start, Started};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::{Fault, Transaction};
use crate::postgres::values::{instant, limit, maybe_time_at, signed, time_at, unsigned};

pub(super) async fn is_known(
    tx: &Transaction<'_>,
    name: &str,
    slot: Timestamp,
) -> Result<bool, Fault> {
    let sql = "SELECT EXISTS (SELECT FROM schedule_starts WHERE name = $1 AND slot = $2)";
    let values = [(&name as _, Type::TEXT), (&instant(slot) as _, Type::TIMESTAMPTZ)];
    Ok(tx.one(sql, &values).await?.try_get(0)?)
}

/// Adds a start and drops the oldest of its entry.
pub(super) async fn add(
    tx: &Transaction<'_>,
    start: &Start,
    holder: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    tx.run(
        "INSERT INTO schedule_starts (name, number, slot, cause, attempt, started_at, started_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            (&start.name, Type::TEXT),
            (&signed(start.number), Type::INT8),
            (&instant(start.slot), Type::TIMESTAMPTZ),
            (&start.cause.as_str(), Type::TEXT),
            (&i64::from(start.attempt), Type::INT8),
            (&instant(now), Type::TIMESTAMPTZ),
            (&holder, Type::TEXT),
        ],
    )
    .await?;
    let dropped = signed(start.number.saturating_sub(STARTS_KEPT));
    tx.run(
        "DELETE FROM schedule_starts WHERE name = $1 AND number <= $2",
        &[(&start.name, Type::TEXT), (&dropped, Type::INT8)],
    )
    .await?;
    Ok(())
}

pub(super) async fn end(
    tx: &Transaction<'_>,
    name: &str,
    number: u64,
    outcome: Outcome,
    error: Option<&str>,
    now: Timestamp,
) -> Result<(), Fault> {
    let error = error.map(|error| error.replace('\0', "\u{fffd}"));
    tx.run(
        "UPDATE schedule_starts SET ended_at = $3, outcome = $4, error = $5
         WHERE name = $1 AND number = $2",
        &[
            (&name, Type::TEXT),
            (&signed(number), Type::INT8),
            (&instant(now), Type::TIMESTAMPTZ),
            (&outcome.as_str(), Type::TEXT),
            (&error, Type::TEXT),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn list(
    tx: &Transaction<'_>,
    name: Option<&str>,
    rows: usize,
) -> Result<Vec<Started>, Fault> {
    let rows = tx
        .rows(
            "SELECT name, number, slot, cause, attempt, started_at, started_by, ended_at, outcome,
                    error
             FROM schedule_starts WHERE $1::text IS NULL OR name = $1
             ORDER BY started_at DESC, number DESC, name LIMIT $2",
            &[(&name, Type::TEXT), (&limit(rows), Type::INT8)],
        )
        .await?;
    rows.iter().map(started).collect()
}

fn started(row: &Row) -> Result<Started, Fault> {
    let cause: String = row.try_get(3)?;
    let outcome: Option<String> = row.try_get(8)?;
    let unknown = |what: &str| Fault::corrupt(format!("a start cannot be {what}"));
    Ok(Started {
        name: row.try_get(0)?,
        number: unsigned(row.try_get(1)?),
        slot: time_at(row, 2)?,
        cause: Cause::from_name(&cause).ok_or_else(|| unknown(&cause))?,
        attempt: u32::try_from(row.try_get::<_, i64>(4)?).unwrap_or(u32::MAX),
        started_at: time_at(row, 5)?,
        started_by: row.try_get(6)?,
        ended_at: maybe_time_at(row, 7)?,
        outcome: outcome
            .map(|name| Outcome::from_name(&name).ok_or_else(|| unknown(&name)))
            .transpose()?,
        error: row.try_get(9)?,
    })
}
