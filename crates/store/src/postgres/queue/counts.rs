//! How many tasks there are, and which come first.

use domain::queue::{PendingTask, QueueDepth, TaskStanding, Waiting};
use domain::{Key, Timestamp};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::{Fault, Transaction, count_at, run_at};
use crate::postgres::connection::Value;
use crate::postgres::values::{Keys, instant, key_at, limit, maybe_time_at, time_at, unsigned};

/// Each part from an index of its own.
const DEPTH: &str = "
    SELECT (SELECT count(*) FROM tasks WHERE wakes_at IS NULL) + w.woken, w.delayed, w.leased,
           (SELECT count(*) FROM dead_letters), (SELECT min(added_at) FROM tasks), w.next_due
    FROM (
        SELECT count(*) FILTER (WHERE wakes_at <= $1) AS woken,
               count(*) FILTER (WHERE wakes_at > $1 AND token IS NULL) AS delayed,
               count(*) FILTER (WHERE wakes_at > $1 AND token IS NOT NULL) AS leased,
               min(wakes_at) FILTER (WHERE wakes_at > $1) AS next_due
        FROM tasks WHERE wakes_at IS NOT NULL) AS w";

pub(super) async fn depth(tx: &Transaction<'_>, now: Timestamp) -> Result<QueueDepth, Fault> {
    let row = tx.one(DEPTH, &[(&instant(now), Type::TIMESTAMPTZ)]).await?;
    let count = |column| Ok::<_, Fault>(unsigned(row.try_get(column)?));
    Ok(QueueDepth {
        ready: count(0)?,
        delayed: count(1)?,
        leased: count(2)?,
        dead: count(3)?,
        oldest: maybe_time_at(&row, 4)?,
        next_due: maybe_time_at(&row, 5)?,
    })
}

pub(super) async fn standing(
    tx: &Transaction<'_>,
    keys: &[Key],
) -> Result<Vec<TaskStanding>, Fault> {
    let rows = tx
        .rows(
            "SELECT k.place, t.attempts, t.due_at, d.class
             FROM UNNEST($1, $2, $3, $4) WITH ORDINALITY AS k (kind, id, season, episode, place)
                 LEFT JOIN tasks t USING (kind, id, season, episode)
                 LEFT JOIN dead_letters d USING (kind, id, season, episode)
             ORDER BY k.place",
            &Keys::of(keys).values(),
        )
        .await?;
    let standing = |row: &Row| {
        if let Some(due) = maybe_time_at(row, 2)? {
            return Ok(TaskStanding::Pending { attempts: count_at(row, 1)?, due });
        }
        match row.try_get::<_, Option<String>>(3)? {
            Some(class) => Ok(TaskStanding::Dead(super::dead::class(&class)?)),
            None => Ok(TaskStanding::Absent),
        }
    };
    rows.iter().map(standing).collect()
}

/// Only what is given stands in the SQL, so that an index can serve it.
pub(super) async fn waiting(tx: &Transaction<'_>, which: &Waiting) -> Result<u64, Fault> {
    let kind = which.kind.map(|kind| i16::from(kind.number()));
    let run = which.run.map(|run| run.0);
    let until = which.added_until.map(instant);
    let given: [(&str, Option<Value<'_>>); 3] = [
        ("kind =", kind.as_ref().map(|kind| (kind as _, Type::INT2))),
        ("run =", run.as_ref().map(|run| (run as _, Type::INT8))),
        ("added_at <=", until.as_ref().map(|until| (until as _, Type::TIMESTAMPTZ))),
    ];
    let (mut conditions, mut values) = (vec!["true".to_owned()], vec![]);
    for (condition, value) in given {
        if let Some(value) = value {
            values.push(value);
            conditions.push(format!("{condition} ${}", values.len()));
        }
    }
    if which.demanded {
        // As the index has it.
        conditions.push("priority = 0".to_owned());
    }
    let sql = format!("SELECT count(*) FROM tasks WHERE {}", conditions.join(" AND "));
    Ok(unsigned(tx.one(&sql, &values).await?.try_get(0)?))
}

/// Two halves, so that the ready ones come from their index.
const PENDING: &str = "
    SELECT kind, id, season, episode, priority, source, run, attempts, added_at, due_at,
           leased_by, wakes_at, last_error
    FROM (
        (SELECT * FROM tasks WHERE wakes_at IS NULL
         ORDER BY priority, kind, id, season, episode LIMIT $1)
        UNION ALL
        (SELECT * FROM tasks WHERE wakes_at IS NOT NULL
         ORDER BY priority, kind, id, season, episode LIMIT $1)) AS first
    ORDER BY priority, kind, id, season, episode
    LIMIT $1";

pub(super) async fn pending(tx: &Transaction<'_>, rows: usize) -> Result<Vec<PendingTask>, Fault> {
    let mut tasks = vec![];
    for row in tx.rows(PENDING, &[(&limit(rows), Type::INT8)]).await? {
        let wakes_at = maybe_time_at(&row, 11)?;
        let leased_by: Option<String> = row.try_get(10)?;
        let is_leased = wakes_at.is_some() && leased_by.is_some();
        tasks.push(PendingTask {
            key: key_at(&row, 0)?,
            priority: u32::try_from(row.try_get::<_, i64>(4)?).unwrap_or(u32::MAX),
            source: row.try_get(5)?,
            run: run_at(&row, 6)?,
            attempts: count_at(&row, 7)?,
            added_at: time_at(&row, 8)?,
            due_at: time_at(&row, 9)?,
            leased_by: leased_by.filter(|_| is_leased),
            leased_until: wakes_at.filter(|_| is_leased),
            last_error: row.try_get(12)?,
        });
    }
    Ok(tasks)
}
