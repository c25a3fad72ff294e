//! The port to the books: runs, upstream calls, cursors, schema drift.

use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;

use crate::failure::StoreError;
use crate::key::Kind;
use crate::run::{NewRun, Progress, Run, RunId, RunStatus};
use crate::served::Served;
use crate::time::Timestamp;

/// What was done, asked and read so far.
#[async_trait]
pub trait Ledger: Send + Sync {
    async fn open_run(&self, run: &NewRun, now: Timestamp) -> Result<RunId, StoreError>;

    /// Adds to a run's figures and notes that it lives.
    async fn progress(
        &self,
        run: RunId,
        progress: &Progress,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    async fn close_run(
        &self,
        run: RunId,
        status: RunStatus,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Marks running runs that were not heard of since `silent_since` as interrupted
    /// when they were heard of last. Returns how many. Those that somebody asked for are
    /// left alone: whoever claims them next takes them once more.
    async fn bury_silent_runs(&self, silent_since: Timestamp) -> Result<u64, StoreError>;

    /// Lists runs, the newest first.
    async fn runs(&self, status: Option<RunStatus>, limit: usize) -> Result<Vec<Run>, StoreError>;

    async fn run(&self, id: RunId) -> Result<Option<Run>, StoreError>;

    /// Counts runs by how they stand and when the last of each began; those that
    /// no run stands at are left out.
    async fn run_counts(&self) -> Result<Vec<RunCount>, StoreError>;

    /// Logs calls to TMDB.
    async fn log_calls(&self, calls: &[ApiCall]) -> Result<(), StoreError>;

    /// Lists calls, the newest first.
    async fn calls(&self, which: &CallFilter, limit: usize) -> Result<Vec<ApiCall>, StoreError>;

    /// Counts calls by endpoint and status.
    async fn call_counts(&self, since: Timestamp) -> Result<Vec<CallCount>, StoreError>;

    /// Counts calls by the hour in which they were made, the oldest hour first;
    /// hours without a call are left out.
    async fn call_hours(&self, since: Timestamp) -> Result<Vec<CallHour>, StoreError>;

    /// Adds what was asked of the mirror to what is known of its hours, and drops
    /// hours that began before an instant.
    async fn note_served(
        &self,
        served: &[Served],
        forget_before: Timestamp,
    ) -> Result<(), StoreError>;

    /// Lists what was asked in hours that began at an instant or later, in the order
    /// of hours and endpoints.
    async fn served(&self, since: Timestamp) -> Result<Vec<Served>, StoreError>;

    /// Drops calls older than `before`. Returns how many.
    async fn forget_calls(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// Drops the names of titles from runs that ended before an instant.
    async fn forget_titles(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// How far a source has been read: a small JSON text of the source's own.
    async fn cursor(&self, source: &str) -> Result<Option<String>, StoreError>;

    /// Lists how far all sources have been read, by their names.
    async fn cursors(&self) -> Result<Vec<Cursor>, StoreError>;

    async fn set_cursor(
        &self,
        source: &str,
        position: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Counts what the record schema did not know.
    async fn note_drift(&self, drift: &[Drift], now: Timestamp) -> Result<(), StoreError>;

    /// Lists schema drift, the most frequent first.
    async fn drift(&self, limit: usize) -> Result<Vec<DriftCount>, StoreError>;
}

/// The runs that stand alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunCount {
    pub status: RunStatus,
    pub runs: u64,
    pub last_started_at: Timestamp,
}

/// One call to TMDB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApiCall {
    pub at: Timestamp,
    /// The path with `{id}` in place of numbers: `movie/{id}`.
    pub endpoint: String,
    /// Path and query without credentials.
    pub asked: String,
    /// The HTTP status; absent when there was no answer.
    pub status: Option<u16>,
    /// `found`, or the failure's class.
    pub outcome: String,
    #[serde(rename = "millis", serialize_with = "millis")]
    pub took: Duration,
    /// Bytes of the body, decompressed.
    pub bytes: u64,
    pub run: Option<RunId>,
}

fn millis<S: serde::Serializer>(took: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}

/// Which calls are meant; an empty filter means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallFilter {
    pub endpoint: Option<String>,
    pub status: Option<u16>,
    /// Everything but `found`.
    pub failed_only: bool,
    pub run: Option<RunId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallCount {
    pub endpoint: String,
    pub status: Option<u16>,
    pub calls: u64,
    pub bytes: u64,
    pub mean_millis: u64,
    pub max_millis: u64,
}

/// The calls of an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallHour {
    /// When it began.
    pub hour: Timestamp,
    pub calls: u64,
    /// Everything but `found`.
    pub failed: u64,
    pub bytes: u64,
}

/// How far a source has been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cursor {
    pub source: String,
    /// A small JSON text of the source's own.
    pub position: String,
    pub moved_at: Timestamp,
}

/// Something in a body that the record schema did not know. It was kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Drift {
    pub kind: Kind,
    /// Where: `credits.cast[].softcore`.
    pub path: String,
    /// What was found there: `string`, `number`, `object` …
    pub found: &'static str,
    /// How often in these bodies.
    pub count: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DriftCount {
    pub kind: Kind,
    pub path: String,
    pub found: String,
    pub count: u64,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
}
