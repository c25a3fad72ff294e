//! Runs that were asked for, in SQLite.

use std::time::Duration;

use async_trait::async_trait;
use domain::request::{ATTEMPTS, Asked, Cancelled, Claimed, NewRequest, WAITING_AT_MOST};
use domain::run::RunStatus;
use domain::{RunId, StoreError, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::Database;
use super::columns::{json_at, limit, to_json};
use super::fault::Fault;

pub(crate) struct Requests {
    database: Database,
}

impl Requests {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }
}

fn ask(db: &Connection, request: &NewRequest, now: Timestamp) -> Result<Asked, Fault> {
    let busy = db
        .prepare_cached(
            "SELECT run_id, name FROM pipeline_runs LEFT JOIN run_requests USING (run_id)
             WHERE status IN ('REQUESTED', 'RUNNING')
               AND name IN (SELECT value FROM json_each(?1))
               AND (wish IS NOT NULL OR (status = 'RUNNING' AND heard_at >= ?2))
             ORDER BY run_id LIMIT 1",
        )?
        .query_row(params![to_json(&request.excludes)?, request.silent_since.as_millis()], |row| {
            Ok(Asked::Busy { run: RunId(row.get(0)?), name: row.get(1)? })
        })
        .optional()?;
    if let Some(busy) = busy {
        return Ok(busy);
    }
    let waiting: i64 = db
        .prepare_cached("SELECT count(*) FROM run_requests WHERE holder IS NULL")?
        .query_row([], |row| row.get(0))?;
    if waiting >= limit(WAITING_AT_MOST) {
        return Ok(Asked::Full);
    }
    db.prepare_cached(
        "INSERT INTO pipeline_runs (name, trigger, sources, status, started_at, heard_at)
         VALUES (?1, 'api', ?2, 'REQUESTED', ?3, ?3)",
    )?
    .execute(params![request.name, to_json(&request.sources)?, now.as_millis()])?;
    let run = db.last_insert_rowid();
    db.prepare_cached("INSERT INTO run_requests (run_id, wish, asked_by) VALUES (?1, ?2, ?3)")?
        .execute(params![run, request.wish, request.asked_by])?;
    Ok(Asked::Opened(RunId(run)))
}

/// What waits, or was given up by its process.
struct Waiting {
    wish: String,
    asked_by: String,
    attempts: u32,
    cancelled_by: Option<String>,
    claimed: Option<(String, Vec<String>, bool)>,
}

fn claim(
    db: &Connection,
    holder: &str,
    lease: Duration,
    now: Timestamp,
) -> Result<Option<Claimed>, Fault> {
    while let Some((run, waiting)) = first(db, lease, now)? {
        let Some((name, sources, is_new)) = waiting.claimed else {
            drop_request(db, run)?;
            continue;
        };
        let end = match &waiting.cancelled_by {
            Some(by) => Some((RunStatus::Stopped, format!("cancelled by {by}"))),
            None if waiting.attempts >= ATTEMPTS => {
                let why = format!("the processes that ran it died, {ATTEMPTS} times");
                Some((RunStatus::Interrupted, why))
            }
            None => None,
        };
        if let Some((status, why)) = end {
            close(db, run, status, &why, now)?;
            continue;
        }
        let until = (now + lease).as_millis();
        db.prepare_cached(
            "UPDATE run_requests SET holder = ?2, until = ?3, attempts = attempts + 1
             WHERE run_id = ?1",
        )?
        .execute(params![run.0, holder, until])?;
        db.prepare_cached(
            "UPDATE pipeline_runs SET status = 'RUNNING', heard_at = ?2,
                 started_at = iif(?3, ?2, started_at) WHERE run_id = ?1",
        )?
        .execute(params![run.0, now.as_millis(), is_new])?;
        let Waiting { wish, asked_by, attempts, .. } = waiting;
        let attempt = attempts + 1;
        return Ok(Some(Claimed { run, name, sources, wish, asked_by, attempt }));
    }
    Ok(None)
}

fn first(
    db: &Connection,
    lease: Duration,
    now: Timestamp,
) -> Result<Option<(RunId, Waiting)>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT r.run_id, wish, r.asked_by, attempts, c.asked_by, name, sources,
                status = 'REQUESTED'
         FROM run_requests r LEFT JOIN run_cancels c USING (run_id)
              LEFT JOIN pipeline_runs p
                  ON p.run_id = r.run_id AND status IN ('REQUESTED', 'RUNNING')
         WHERE holder IS NULL OR until <= ?1 OR until > ?2
         ORDER BY r.run_id LIMIT 1",
    )?;
    // What ends later than any lease could was taken before the clock was set back.
    let ahead = (now + lease * 2).as_millis();
    let mut rows = select.query([now.as_millis(), ahead])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let claimed = match row.get::<_, Option<String>>(5)? {
        Some(name) => Some((name, json_at(row, 6)?, row.get(7)?)),
        None => None,
    };
    let waiting = Waiting {
        wish: row.get(1)?,
        asked_by: row.get(2)?,
        attempts: row.get(3)?,
        cancelled_by: row.get(4)?,
        claimed,
    };
    Ok(Some((RunId(row.get(0)?), waiting)))
}

fn drop_request(db: &Connection, run: RunId) -> Result<(), Fault> {
    db.prepare_cached("DELETE FROM run_requests WHERE run_id = ?1")?.execute([run.0])?;
    db.prepare_cached("DELETE FROM run_cancels WHERE run_id = ?1")?.execute([run.0])?;
    Ok(())
}

fn close(
    db: &Connection,
    run: RunId,
    status: RunStatus,
    why: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    db.prepare_cached(
        "UPDATE pipeline_runs SET status = ?2, error = ?3, ended_at = ?4 WHERE run_id = ?1",
    )?
    .execute(params![run.0, status.as_str(), why, now.as_millis()])?;
    drop_request(db, run)
}

fn cancel(db: &Connection, run: RunId, by: &str, now: Timestamp) -> Result<Cancelled, Fault> {
    db.prepare_cached(
        "DELETE FROM run_cancels WHERE run_id IN (
             SELECT run_id FROM pipeline_runs WHERE status NOT IN ('REQUESTED', 'RUNNING'))",
    )?
    .execute([])?;
    let status: Option<String> = db
        .prepare_cached("SELECT status FROM pipeline_runs WHERE run_id = ?1")?
        .query_row([run.0], |row| row.get(0))
        .optional()?;
    let Some(status) = status else { return Ok(Cancelled::Unknown) };
    match RunStatus::from_name(&status) {
        Some(RunStatus::Requested) => {
            close(db, run, RunStatus::Stopped, &format!("cancelled by {by}"), now)?;
            Ok(Cancelled::Stopped)
        }
        Some(RunStatus::Running) => {
            db.prepare_cached(
                "INSERT OR IGNORE INTO run_cancels (run_id, asked_by, asked_at)
                 VALUES (?1, ?2, ?3)",
            )?
            .execute(params![run.0, by, now.as_millis()])?;
            Ok(Cancelled::Told)
        }
        Some(ended) => Ok(Cancelled::Ended(ended)),
        None => Err(Fault::corrupt(format!("no run can be {status}"))),
    }
}

fn release(db: &Connection, holder: &str, run: RunId) -> Result<(), Fault> {
    let released = db
        .prepare_cached(
            "UPDATE run_requests SET holder = NULL, until = NULL, attempts = attempts - 1
             WHERE run_id = ?1 AND holder = ?2",
        )?
        .execute(params![run.0, holder])?;
    if released == 1 {
        db.prepare_cached(
            "UPDATE pipeline_runs SET status = 'REQUESTED', error = NULL, ended_at = NULL
             WHERE run_id = ?1",
        )?
        .execute([run.0])?;
    }
    Ok(())
}

#[async_trait]
impl domain::Requests for Requests {
    async fn ask(&self, request: &NewRequest, now: Timestamp) -> Result<Asked, StoreError> {
        let request = request.clone();
        self.database.write(move |db| ask(db, &request, now)).await
    }

    async fn claim(
        &self,
        holder: &str,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Option<Claimed>, StoreError> {
        let nothing = self.database.read(move |db| Ok(first(db, lease, now)?.is_none())).await?;
        if nothing {
            return Ok(None);
        }
        let holder = holder.to_owned();
        self.database.write(move |db| claim(db, &holder, lease, now)).await
    }

    async fn beat(
        &self,
        holder: &str,
        runs: &[RunId],
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        let (holder, runs) = (holder.to_owned(), runs.to_vec());
        self.database
            .write(move |db| {
                let mut beat = db.prepare_cached(
                    "UPDATE run_requests SET until = ?3 WHERE run_id = ?1 AND holder = ?2",
                )?;
                let until = (now + lease).as_millis();
                let beaten = runs.iter().map(|run| beat.execute(params![run.0, holder, until]));
                Ok(beaten.map(|changed| Ok(changed? == 1)).collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn finish(&self, holder: &str, run: RunId) -> Result<(), StoreError> {
        let holder = holder.to_owned();
        self.database
            .write(move |db| {
                let sql = "DELETE FROM run_requests WHERE run_id = ?1 AND holder = ?2";
                db.prepare_cached(sql)?.execute(params![run.0, holder])?;
                Ok(())
            })
            .await
    }

    async fn release(&self, holder: &str, run: RunId) -> Result<(), StoreError> {
        let holder = holder.to_owned();
        self.database.write(move |db| release(db, &holder, run)).await
    }

    async fn cancel(&self, run: RunId, by: &str, now: Timestamp) -> Result<Cancelled, StoreError> {
        let by = by.to_owned();
        self.database.write(move |db| cancel(db, run, &by, now)).await
    }

    async fn cancelled_by(&self, run: RunId) -> Result<Option<String>, StoreError> {
        self.database
            .read(move |db| {
                let sql = "SELECT asked_by FROM run_cancels WHERE run_id = ?1";
                Ok(db.prepare_cached(sql)?.query_row([run.0], |row| row.get(0)).optional()?)
            })
            .await
    }
}
