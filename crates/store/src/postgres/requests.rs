//! Runs that were asked for, in PostgreSQL.

use std::time::Duration;

use async_trait::async_trait;
use domain::request::{ATTEMPTS, Asked, Cancelled, Claimed, NewRequest, WAITING_AT_MOST};
use domain::run::RunStatus;
use domain::{RunId, StoreError, Timestamp};
use tokio_postgres::types::Type;

use super::connection::Transaction;
use super::fault::Fault;
use super::values::{instant, limit};
use super::{Database, snapshot, transaction};

pub(crate) struct Requests {
    database: Database,
}

impl Requests {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }
}

async fn ask(tx: &Transaction<'_>, request: &NewRequest, now: Timestamp) -> Result<Asked, Fault> {
    // Who asks next waits until this is written.
    tx.batch("LOCK TABLE run_requests IN SHARE ROW EXCLUSIVE MODE").await?;
    let busy = tx
        .maybe(
            "SELECT run_id, name FROM pipeline_runs LEFT JOIN run_requests USING (run_id)
             WHERE status IN ('REQUESTED', 'RUNNING') AND name = ANY($1)
               AND (wish IS NOT NULL OR (status = 'RUNNING' AND heard_at >= $2))
             ORDER BY run_id LIMIT 1",
            &[
                (&request.excludes, Type::TEXT_ARRAY),
                (&instant(request.silent_since), Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    if let Some(busy) = busy {
        return Ok(Asked::Busy { run: RunId(busy.try_get(0)?), name: busy.try_get(1)? });
    }
    let waiting = "SELECT count(*) FROM run_requests WHERE holder IS NULL";
    if tx.one(waiting, &[]).await?.try_get::<_, i64>(0)? >= limit(WAITING_AT_MOST) {
        return Ok(Asked::Full);
    }
    let row = tx
        .one(
            "INSERT INTO pipeline_runs (name, trigger, sources, status, started_at, heard_at)
             VALUES ($1, 'api', $2, 'REQUESTED', $3, $3) RETURNING run_id",
            &[
                (&request.name, Type::TEXT),
                (&request.sources, Type::TEXT_ARRAY),
                (&instant(now), Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    let run: i64 = row.try_get(0)?;
    tx.run(
        "INSERT INTO run_requests (run_id, wish, asked_by) VALUES ($1, $2, $3)",
        &[(&run, Type::INT8), (&request.wish, Type::TEXT), (&request.asked_by, Type::TEXT)],
    )
    .await?;
    Ok(Asked::Opened(RunId(run)))
}

/// What waits, or was given up by its process.
struct Waiting {
    run: RunId,
    wish: String,
    asked_by: String,
    attempts: u32,
    cancelled_by: Option<String>,
}

async fn claim(
    tx: &Transaction<'_>,
    holder: &str,
    lease: Duration,
    now: Timestamp,
) -> Result<Option<Claimed>, Fault> {
    while let Some(waiting) = first(tx, lease, now).await? {
        let run = waiting.run;
        let open = tx
            .maybe(
                "SELECT name, sources FROM pipeline_runs
                 WHERE run_id = $1 AND status IN ('REQUESTED', 'RUNNING') FOR UPDATE",
                &[(&run.0, Type::INT8)],
            )
            .await?;
        let Some(open) = open else {
            drop_request(tx, run).await?;
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
            close(tx, run, status, &why, now).await?;
            continue;
        }
        take(tx, run, holder, now + lease, now).await?;
        let Waiting { wish, asked_by, attempts, .. } = waiting;
        let (name, sources) = (open.try_get(0)?, open.try_get(1)?);
        return Ok(Some(Claimed { run, name, sources, wish, asked_by, attempt: attempts + 1 }));
    }
    Ok(None)
}

async fn first(
    tx: &Transaction<'_>,
    lease: Duration,
    now: Timestamp,
) -> Result<Option<Waiting>, Fault> {
    // What ends later than any lease could was taken before the clock was set back.
    let ahead = now + lease * 2;
    let row = tx
        .maybe(
            "SELECT r.run_id, wish, r.asked_by, attempts, c.asked_by
             FROM run_requests r LEFT JOIN run_cancels c USING (run_id)
             WHERE holder IS NULL OR until <= $1 OR until > $2
             ORDER BY r.run_id LIMIT 1 FOR UPDATE OF r SKIP LOCKED",
            &[(&instant(now), Type::TIMESTAMPTZ), (&instant(ahead), Type::TIMESTAMPTZ)],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Waiting {
        run: RunId(row.try_get(0)?),
        wish: row.try_get(1)?,
        asked_by: row.try_get(2)?,
        attempts: u32::try_from(row.try_get::<_, i64>(3)?).unwrap_or(0),
        cancelled_by: row.try_get(4)?,
    }))
}

async fn take(
    tx: &Transaction<'_>,
    run: RunId,
    holder: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<(), Fault> {
    tx.run(
        "UPDATE run_requests SET holder = $2, until = $3, attempts = attempts + 1
         WHERE run_id = $1",
        &[(&run.0, Type::INT8), (&holder, Type::TEXT), (&instant(until), Type::TIMESTAMPTZ)],
    )
    .await?;
    tx.run(
        "UPDATE pipeline_runs SET heard_at = $2, status = 'RUNNING',
             started_at = CASE status WHEN 'REQUESTED' THEN $2 ELSE started_at END
         WHERE run_id = $1",
        &[(&run.0, Type::INT8), (&instant(now), Type::TIMESTAMPTZ)],
    )
    .await?;
    Ok(())
}

async fn drop_request(tx: &Transaction<'_>, run: RunId) -> Result<(), Fault> {
    tx.run("DELETE FROM run_requests WHERE run_id = $1", &[(&run.0, Type::INT8)]).await?;
    tx.run("DELETE FROM run_cancels WHERE run_id = $1", &[(&run.0, Type::INT8)]).await?;
    Ok(())
}

async fn close(
    tx: &Transaction<'_>,
    run: RunId,
    status: RunStatus,
    why: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    tx.run(
        "UPDATE pipeline_runs SET status = $2, error = $3, ended_at = $4 WHERE run_id = $1",
        &[
            (&run.0, Type::INT8),
            (&status.as_str(), Type::TEXT),
            (&why, Type::TEXT),
            (&instant(now), Type::TIMESTAMPTZ),
        ],
    )
    .await?;
    drop_request(tx, run).await
}

async fn cancel(
    tx: &Transaction<'_>,
    run: RunId,
    by: &str,
    now: Timestamp,
) -> Result<Cancelled, Fault> {
    tx.run(
        "DELETE FROM run_cancels WHERE run_id IN (
             SELECT run_id FROM pipeline_runs WHERE status NOT IN ('REQUESTED', 'RUNNING'))",
        &[],
    )
    .await?;
    // The request before its run, as who takes it does.
    let request = "SELECT 1 FROM run_requests WHERE run_id = $1 FOR UPDATE";
    tx.maybe(request, &[(&run.0, Type::INT8)]).await?;
    let sql = "SELECT status FROM pipeline_runs WHERE run_id = $1 FOR UPDATE";
    let Some(row) = tx.maybe(sql, &[(&run.0, Type::INT8)]).await? else {
        return Ok(Cancelled::Unknown);
    };
    let status: &str = row.try_get(0)?;
    match RunStatus::from_name(status) {
        Some(RunStatus::Requested) => {
            close(tx, run, RunStatus::Stopped, &format!("cancelled by {by}"), now).await?;
            Ok(Cancelled::Stopped)
        }
        Some(RunStatus::Running) => {
            tx.run(
                "INSERT INTO run_cancels (run_id, asked_by, asked_at) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING",
                &[(&run.0, Type::INT8), (&by, Type::TEXT), (&instant(now), Type::TIMESTAMPTZ)],
            )
            .await?;
            Ok(Cancelled::Told)
        }
        Some(ended) => Ok(Cancelled::Ended(ended)),
        None => Err(Fault::corrupt(format!("no run can be {status}"))),
    }
}

async fn release(tx: &Transaction<'_>, holder: &str, run: RunId) -> Result<(), Fault> {
    let released = tx
        .run(
            "UPDATE run_requests SET holder = NULL, until = NULL, attempts = attempts - 1
             WHERE run_id = $1 AND holder = $2",
            &[(&run.0, Type::INT8), (&holder, Type::TEXT)],
        )
        .await?;
    if released == 1 {
        tx.run(
            "UPDATE pipeline_runs SET status = 'REQUESTED', error = NULL, ended_at = NULL
             WHERE run_id = $1",
            &[(&run.0, Type::INT8)],
        )
        .await?;
    }
    Ok(())
}

/// Returns, for each run, whether it was still the holder's.
async fn beat(
    tx: &Transaction<'_>,
    holder: &str,
    runs: &[i64],
    until: Timestamp,
) -> Result<Vec<bool>, Fault> {
    let rows = tx
        .rows(
            "UPDATE run_requests SET until = $3 WHERE run_id = ANY($1) AND holder = $2
             RETURNING run_id",
            &[
                (&runs, Type::INT8_ARRAY),
                (&holder, Type::TEXT),
                (&instant(until), Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    let ours = rows.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<Vec<i64>, Fault>>()?;
    Ok(runs.iter().map(|run| ours.contains(run)).collect())
}

#[async_trait]
impl domain::Requests for Requests {
    async fn ask(&self, request: &NewRequest, now: Timestamp) -> Result<Asked, StoreError> {
        transaction!(self.database, tx => ask(&tx, request, now).await)
    }

    async fn claim(
        &self,
        holder: &str,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Option<Claimed>, StoreError> {
        transaction!(self.database, tx => claim(&tx, holder, lease, now).await)
    }

    async fn beat(
        &self,
        holder: &str,
        runs: &[RunId],
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        let runs: Vec<i64> = runs.iter().map(|run| run.0).collect();
        transaction!(self.database, tx => beat(&tx, holder, &runs, now + lease).await)
    }

    async fn finish(&self, holder: &str, run: RunId) -> Result<(), StoreError> {
        transaction!(self.database, tx => tx.run(
            "DELETE FROM run_requests WHERE run_id = $1 AND holder = $2",
            &[(&run.0, Type::INT8), (&holder, Type::TEXT)],
        )
        .await)
        .map(drop)
    }

    async fn release(&self, holder: &str, run: RunId) -> Result<(), StoreError> {
        transaction!(self.database, tx => release(&tx, holder, run).await)
    }

    async fn cancel(&self, run: RunId, by: &str, now: Timestamp) -> Result<Cancelled, StoreError> {
        transaction!(self.database, tx => cancel(&tx, run, by, now).await)
    }

    async fn cancelled_by(&self, run: RunId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT asked_by FROM run_cancels WHERE run_id = $1";
        let row = snapshot!(self.database, tx => tx.maybe(sql, &[(&run.0, Type::INT8)]).await)?;
        Ok(row.map(|row| row.try_get(0)).transpose().map_err(Fault::from)?)
    }
}
