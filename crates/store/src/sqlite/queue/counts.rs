//! How many tasks there are.

use domain::Timestamp;
use domain::queue::{QueueDepth, Waiting};
use rusqlite::{Connection, ToSql};

use super::Fault;
use crate::sqlite::columns::unsigned;

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
    let count = db.prepare_cached(&sql)?.query_row(&values[..], |row| row.get(0))?;
    Ok(unsigned(count))
}
