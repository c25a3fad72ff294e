//! The ledger in PostgreSQL: cursors and schema drift here, runs and calls beside.

mod calls;
mod runs;
mod served;

use async_trait::async_trait;
use domain::ledger::{
    ApiCall, CallCount, CallFilter, CallHour, Cursor, Drift, DriftCount, RunCount,
};
use domain::run::{NewRun, Progress, Run, RunStatus};
use domain::served::Served;
use domain::{RunId, StoreError, Timestamp};
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::batch::json;
use super::connection::Transaction;
use super::fault::Fault;
use super::values::{instant, kind_at, limit, signed, time_at, unsigned};
use super::{Database, snapshot, transaction};

pub(crate) struct Ledger {
    database: Database,
}

impl Ledger {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl domain::Ledger for Ledger {
    async fn open_run(&self, run: &NewRun, now: Timestamp) -> Result<RunId, StoreError> {
        transaction!(self.database, tx => runs::open(&tx, run, now).await)
    }

    async fn progress(
        &self,
        run: RunId,
        progress: &Progress,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        transaction!(self.database, tx => runs::progress(&tx, run, progress, now).await)
    }

    async fn close_run(
        &self,
        run: RunId,
        status: RunStatus,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        transaction!(self.database, tx => runs::close(&tx, run, status, error, now).await)
    }

    async fn bury_silent_runs(&self, silent_since: Timestamp) -> Result<u64, StoreError> {
        transaction!(self.database, tx => runs::bury_silent(&tx, silent_since).await)
    }

    async fn runs(&self, status: Option<RunStatus>, limit: usize) -> Result<Vec<Run>, StoreError> {
        snapshot!(self.database, tx => runs::list(&tx, status, limit).await)
    }

    async fn run(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        snapshot!(self.database, tx => runs::get(&tx, id).await)
    }

    async fn run_counts(&self) -> Result<Vec<RunCount>, StoreError> {
        snapshot!(self.database, tx => runs::counts(&tx).await)
    }

    async fn log_calls(&self, calls: &[ApiCall]) -> Result<(), StoreError> {
        if calls.is_empty() {
            return Ok(());
        }
        transaction!(self.database, tx => calls::log(&tx, calls).await)
    }

    async fn calls(&self, which: &CallFilter, limit: usize) -> Result<Vec<ApiCall>, StoreError> {
        snapshot!(self.database, tx => calls::list(&tx, which, limit).await)
    }

    async fn call_counts(&self, since: Timestamp) -> Result<Vec<CallCount>, StoreError> {
        snapshot!(self.database, tx => calls::counts(&tx, since).await)
    }

    async fn call_hours(&self, since: Timestamp) -> Result<Vec<CallHour>, StoreError> {
        snapshot!(self.database, tx => calls::hours(&tx, since).await)
    }

    async fn note_served(
        &self,
        served: &[Served],
        forget_before: Timestamp,
    ) -> Result<(), StoreError> {
        if served.is_empty() {
            return Ok(());
        }
        transaction!(self.database, tx => served::note(&tx, served, forget_before).await)
    }

    async fn served(&self, since: Timestamp) -> Result<Vec<Served>, StoreError> {
        snapshot!(self.database, tx => served::list(&tx, since).await)
    }

    async fn forget_calls(&self, before: Timestamp) -> Result<u64, StoreError> {
        transaction!(self.database, tx => calls::forget(&tx, before).await)
    }

    async fn forget_titles(&self, before: Timestamp) -> Result<u64, StoreError> {
        transaction!(self.database, tx => runs::forget_titles(&tx, before).await)
    }

    async fn cursor(&self, source: &str) -> Result<Option<String>, StoreError> {
        snapshot!(self.database, tx => cursor(&tx, source).await)
    }

    async fn cursors(&self) -> Result<Vec<Cursor>, StoreError> {
        snapshot!(self.database, tx => cursors(&tx).await)
    }

    async fn set_cursor(
        &self,
        source: &str,
        position: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        transaction!(self.database, tx => set_cursor(&tx, source, position, now).await)
    }

    async fn note_drift(&self, drift: &[Drift], now: Timestamp) -> Result<(), StoreError> {
        if drift.is_empty() {
            return Ok(());
        }
        transaction!(self.database, tx => note_drift(&tx, drift, now).await)
    }

    async fn drift(&self, limit: usize) -> Result<Vec<DriftCount>, StoreError> {
        snapshot!(self.database, tx => list_drift(&tx, limit).await)
    }
}

async fn cursor(tx: &Transaction<'_>, source: &str) -> Result<Option<String>, Fault> {
    let sql = "SELECT position FROM cursors WHERE source = $1";
    let row = tx.maybe(sql, &[(&source, Type::TEXT)]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

async fn cursors(tx: &Transaction<'_>) -> Result<Vec<Cursor>, Fault> {
    let sql = "SELECT source, position, moved_at FROM cursors ORDER BY source";
    let cursor = |row: &Row| {
        let (source, position) = (row.try_get(0)?, row.try_get(1)?);
        Ok(Cursor { source, position, moved_at: time_at(row, 2)? })
    };
    tx.rows(sql, &[]).await?.iter().map(cursor).collect()
}

async fn set_cursor(
    tx: &Transaction<'_>,
    source: &str,
    position: Option<&str>,
    now: Timestamp,
) -> Result<(), Fault> {
    let Some(position) = position else {
        tx.run("DELETE FROM cursors WHERE source = $1", &[(&source, Type::TEXT)]).await?;
        return Ok(());
    };
    tx.run(
        "INSERT INTO cursors (source, position, moved_at) VALUES ($1, $2, $3)
         ON CONFLICT (source) DO UPDATE
         SET position = excluded.position, moved_at = excluded.moved_at",
        &[(&source, Type::TEXT), (&position, Type::TEXT), (&instant(now), Type::TIMESTAMPTZ)],
    )
    .await?;
    Ok(())
}

#[derive(Serialize)]
struct Seen<'a> {
    kind: u8,
    path: String,
    found: &'a str,
    count: i64,
}

async fn note_drift(tx: &Transaction<'_>, drift: &[Drift], now: Timestamp) -> Result<(), Fault> {
    /// An index takes no long ones.
    const LONGEST_PATH: usize = 500;
    let seen = drift.iter().map(|drift| Seen {
        kind: drift.kind.number(),
        path: drift.path.chars().take(LONGEST_PATH).collect(),
        found: drift.found,
        count: signed(drift.count),
    });
    let seen = json(&seen.collect::<Vec<_>>())?;
    tx.run(
        "INSERT INTO schema_drift AS known (kind, path, found, count, first_seen, last_seen)
         SELECT kind, path, found, sum(count), $2, $2
         FROM json_populate_recordset(NULL::schema_drift, $1::json)
         GROUP BY kind, path, found ORDER BY kind, path, found
         ON CONFLICT (kind, path, found) DO UPDATE
         SET count = known.count + excluded.count,
             first_seen = least(known.first_seen, excluded.first_seen),
             last_seen = greatest(known.last_seen, excluded.last_seen)",
        &[(&seen, Type::TEXT), (&instant(now), Type::TIMESTAMPTZ)],
    )
    .await?;
    Ok(())
}

async fn list_drift(tx: &Transaction<'_>, rows: usize) -> Result<Vec<DriftCount>, Fault> {
    let rows = tx
        .rows(
            "SELECT kind, path, found, count, first_seen, last_seen FROM schema_drift
             ORDER BY count DESC, kind, path, found LIMIT $1",
            &[(&limit(rows), Type::INT8)],
        )
        .await?;
    let drift = rows.iter().map(|row| {
        Ok(DriftCount {
            kind: kind_at(row, 0)?,
            path: row.try_get(1)?,
            found: row.try_get(2)?,
            count: unsigned(row.try_get(3)?),
            first_seen: time_at(row, 4)?,
            last_seen: time_at(row, 5)?,
        })
    });
    drift.collect()
}
