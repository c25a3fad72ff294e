//! The ledger in SQLite: cursors and schema drift here, runs and calls beside.

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
use rusqlite::{Connection, OptionalExtension, params};

use super::Database;
use super::columns::{kind_at, limit, signed, time_at, unsigned};
use super::fault::Fault;

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
        let run = run.clone();
        self.database.write(move |db| runs::open(db, &run, now)).await
    }

    async fn progress(
        &self,
        run: RunId,
        progress: &Progress,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let progress = progress.clone();
        self.database.write(move |db| runs::progress(db, run, &progress, now)).await
    }

    async fn close_run(
        &self,
        run: RunId,
        status: RunStatus,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let error = error.map(str::to_owned);
        self.database.write(move |db| runs::close(db, run, status, error.as_deref(), now)).await
    }

    async fn bury_silent_runs(&self, silent_since: Timestamp) -> Result<u64, StoreError> {
        self.database.write(move |db| runs::bury_silent(db, silent_since)).await
    }

    async fn runs(&self, status: Option<RunStatus>, limit: usize) -> Result<Vec<Run>, StoreError> {
        self.database.read(move |db| runs::list(db, status, limit)).await
    }

    async fn run(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        self.database.read(move |db| runs::get(db, id)).await
    }

    async fn run_counts(&self) -> Result<Vec<RunCount>, StoreError> {
        self.database.read(runs::counts).await
    }

    async fn log_calls(&self, calls: &[ApiCall]) -> Result<(), StoreError> {
        if calls.is_empty() {
            return Ok(());
        }
        let calls = calls.to_vec();
        self.database.write(move |db| calls::log(db, &calls)).await
    }

    async fn calls(&self, which: &CallFilter, limit: usize) -> Result<Vec<ApiCall>, StoreError> {
        let which = which.clone();
        self.database.read(move |db| calls::list(db, &which, limit)).await
    }

    async fn call_counts(&self, since: Timestamp) -> Result<Vec<CallCount>, StoreError> {
        self.database.read(move |db| calls::counts(db, since)).await
    }

    async fn call_hours(&self, since: Timestamp) -> Result<Vec<CallHour>, StoreError> {
        self.database.read(move |db| calls::hours(db, since)).await
    }

    async fn note_served(
        &self,
        served: &[Served],
        forget_before: Timestamp,
    ) -> Result<(), StoreError> {
        if served.is_empty() {
            return Ok(());
        }
        let served = served.to_vec();
        self.database.write(move |db| served::note(db, &served, forget_before)).await
    }

    async fn served(&self, since: Timestamp) -> Result<Vec<Served>, StoreError> {
        self.database.read(move |db| served::list(db, since)).await
    }

    async fn forget_calls(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.database.write(move |db| calls::forget(db, before)).await
    }

    async fn forget_titles(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.database.write(move |db| runs::forget_titles(db, before)).await
    }

    async fn cursor(&self, source: &str) -> Result<Option<String>, StoreError> {
        let source = source.to_owned();
        self.database.read(move |db| cursor(db, &source)).await
    }

    async fn cursors(&self) -> Result<Vec<Cursor>, StoreError> {
        self.database.read(cursors).await
    }

    async fn set_cursor(
        &self,
        source: &str,
        position: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (source, position) = (source.to_owned(), position.map(str::to_owned));
        self.database.write(move |db| set_cursor(db, &source, position.as_deref(), now)).await
    }

    async fn note_drift(&self, drift: &[Drift], now: Timestamp) -> Result<(), StoreError> {
        if drift.is_empty() {
            return Ok(());
        }
        let drift = drift.to_vec();
        self.database.write(move |db| note_drift(db, &drift, now)).await
    }

    async fn drift(&self, limit: usize) -> Result<Vec<DriftCount>, StoreError> {
        self.database.read(move |db| list_drift(db, limit)).await
    }
}

fn cursor(db: &Connection, source: &str) -> Result<Option<String>, Fault> {
    let mut select = db.prepare_cached("SELECT position FROM cursors WHERE source = ?1")?;
    Ok(select.query_row([source], |row| row.get(0)).optional()?)
}

fn cursors(db: &Connection) -> Result<Vec<Cursor>, Fault> {
    let sql = "SELECT source, position, moved_at FROM cursors ORDER BY source";
    let mut select = db.prepare_cached(sql)?;
    let mut rows = select.query([])?;
    let mut cursors = vec![];
    while let Some(row) = rows.next()? {
        let (source, position) = (row.get(0)?, row.get(1)?);
        cursors.push(Cursor { source, position, moved_at: time_at(row, 2)? });
    }
    Ok(cursors)
}

fn set_cursor(
    db: &Connection,
    source: &str,
    position: Option<&str>,
    now: Timestamp,
) -> Result<(), Fault> {
    let Some(position) = position else {
        db.prepare_cached("DELETE FROM cursors WHERE source = ?1")?.execute([source])?;
        return Ok(());
    };
    db.prepare_cached(
        "INSERT INTO cursors (source, position, moved_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (source) DO UPDATE
         SET position = excluded.position, moved_at = excluded.moved_at",
    )?
    .execute(params![source, position, now.as_millis()])?;
    Ok(())
}

fn note_drift(db: &Connection, drift: &[Drift], now: Timestamp) -> Result<(), Fault> {
    let mut note = db.prepare_cached(
        "INSERT INTO schema_drift (kind, path, found, count, first_seen, last_seen)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5)
         ON CONFLICT (kind, path, found) DO UPDATE
         SET count = count + excluded.count,
             first_seen = min(first_seen, excluded.first_seen),
             last_seen = max(last_seen, excluded.last_seen)",
    )?;
    for drift in drift {
        let (kind, count) = (drift.kind.number(), signed(drift.count));
        note.execute(params![kind, drift.path, drift.found, count, now.as_millis()])?;
    }
    Ok(())
}

fn list_drift(db: &Connection, rows: usize) -> Result<Vec<DriftCount>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT kind, path, found, count, first_seen, last_seen FROM schema_drift
         ORDER BY count DESC, kind, path, found LIMIT ?1",
    )?;
    let mut rows = select.query([limit(rows)])?;
    let mut drift = vec![];
    while let Some(row) = rows.next()? {
        drift.push(DriftCount {
            kind: kind_at(row, 0)?,
            path: row.get(1)?,
            found: row.get(2)?,
            count: unsigned(row.get(3)?),
            first_seen: time_at(row, 4)?,
            last_seen: time_at(row, 5)?,
        });
    }
    Ok(drift)
}
