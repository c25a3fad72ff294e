//! How many tasks there are.

use domain::queue::{QueueDepth, TaskStanding, Waiting};
use domain::{Key, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, ToSql};

use super::Fault;
use crate::sqlite::columns::{key_columns, unsigned};

pub(super) fn depth(db: &Connection, now: Timestamp) -> Result<QueueDepth, Fault> {
    let count = |sql: &str| -> Result<u64, Fault> {
        Ok(unsigned(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?))
    };
    let awake = count("SELECT count(*) FROM tasks WHERE wakes_at IS NULL")?;
    let (woken, leased, delayed, next_due) = db
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE wakes_at <= ?1),
                    count(*) FILTER (WHERE wakes_at > ?1 AND token IS NOT NULL),
                    count(*) FILTER (WHERE wakes_at > ?1 AND token IS NULL),
                    min(wakes_at) FILTER (WHERE wakes_at > ?1)
             FROM tasks WHERE wakes_at IS NOT NULL",
        )?
        .query_row([now.as_millis()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, Option<i64>>(3)?))
        })?;
    let oldest = db
        .prepare_cached("SELECT min(added_at) FROM tasks")?
        .query_row([], |row| row.get::<_, Option<i64>>(0))?;
    Ok(QueueDepth {
        ready: awake + unsigned(woken),
        delayed: unsigned(delayed),
        leased: unsigned(leased),
        dead: count("SELECT count(*) FROM dead_letters")?,
        oldest: oldest.map(Timestamp::from_millis),
        next_due: next_due.map(Timestamp::from_millis),
    })
}

pub(super) fn standing(db: &Connection, keys: &[Key]) -> Result<Vec<TaskStanding>, Fault> {
    let mut task = db.prepare_cached(
        "SELECT attempts, due_at FROM tasks
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4",
    )?;
    let mut dead = db.prepare_cached(
        "SELECT class FROM dead_letters
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4",
    )?;
    let mut standings = Vec::with_capacity(keys.len());
    for key in keys {
        let columns = key_columns(key);
        let pending = |row: &Row<'_>| {
            let due = Timestamp::from_millis(row.get(1)?);
            Ok(TaskStanding::Pending { attempts: row.get(0)?, due })
        };
        let found = task.query_row(columns, pending).optional()?;
        let class = match found {
            Some(_) => None,
            None => dead.query_row(columns, |row| row.get::<_, String>(0)).optional()?,
        };
        standings.push(match class {
            Some(class) => TaskStanding::Dead(super::dead::class(&class)?),
            None => found.unwrap_or(TaskStanding::Absent),
        });
    }
    Ok(standings)
}

/// Only what is given stands in the SQL, so that an index can serve it.
pub(super) fn waiting(db: &Connection, which: Waiting) -> Result<u64, Fault> {
    let kind = which.kind.map(domain::Kind::number);
    let run = which.run.map(|run| run.0);
    let until = which.added_until.map(Timestamp::as_millis);
    let given: [(&str, Option<&dyn ToSql>); 3] = [
        (" AND kind = ?", kind.as_ref().map(|value| value as _)),
        (" AND run = ?", run.as_ref().map(|value| value as _)),
        (" AND added_at <= ?", until.as_ref().map(|value| value as _)),
    ];
    let mut sql = "SELECT count(*) FROM tasks WHERE true".to_owned();
    let mut values = vec![];
    for (condition, value) in given {
        if let Some(value) = value {
            sql.push_str(condition);
            values.push(value);
        }
    }
    if which.demanded {
        // As the index has it.
        sql.push_str(" AND priority = 0");
    }
    let count = db.prepare_cached(&sql)?.query_row(&values[..], |row| row.get(0))?;
    Ok(unsigned(count))
}
