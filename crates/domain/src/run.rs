//! One go of the pipeline, and its figures.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub i64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A run about to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    /// `quick`, `daily`, `weekly`, `full`, `custom`, `harvest`, `collect` or `demo`.
    pub name: String,
    /// `manual`, `scheduled` or `api`.
    pub trigger: String,
    /// The names of its sources.
    pub sources: Vec<String>,
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RunStatus {
    /// Somebody asked for it; it waits for a process that takes it.
    Requested,
    Running,
    Success,
    Failed,
    /// Stopped by a person or a signal; what it queued stays queued.
    Stopped,
    /// Its process died; noticed by a later one.
    Interrupted,
}

impl RunStatus {
    pub const ALL: [Self; 6] = [
        Self::Requested,
        Self::Running,
        Self::Success,
        Self::Failed,
        Self::Stopped,
        Self::Interrupted,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Running => "RUNNING",
            Self::Success => "SUCCESS",
            Self::Failed => "FAILED",
            Self::Stopped => "STOPPED",
            Self::Interrupted => "INTERRUPTED",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str().eq_ignore_ascii_case(name))
    }
}

/// The figures of a run, or what a step adds to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFigures {
    /// Sightings looked at.
    pub checked: u64,
    /// Sightings not queued: known and fresh, filtered out, pending or dead.
    pub skipped: u64,
    /// Tasks queued.
    pub queued: u64,
    /// Records stored, unchanged ones included.
    pub ingested: u64,
    /// Of these, records without a new version.
    pub unchanged: u64,
    /// Titles TMDB answered 404 for.
    pub gone: u64,
    /// Titles buried as dead letters.
    pub failed: u64,
    /// Requests made to TMDB.
    pub calls: u64,
    /// Bytes of the bodies that came back.
    pub bytes: u64,
}

impl std::ops::AddAssign for RunFigures {
    fn add_assign(&mut self, more: Self) {
        self.checked += more.checked;
        self.skipped += more.skipped;
        self.queued += more.queued;
        self.ingested += more.ingested;
        self.unchanged += more.unchanged;
        self.gone += more.gone;
        self.failed += more.failed;
        self.calls += more.calls;
        self.bytes += more.bytes;
    }
}

/// What a step adds to a run: figures, and the titles behind them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub figures: RunFigures,
    /// As `Title (Year)`.
    pub ingested_titles: Vec<String>,
    /// As `movie/550: why`.
    pub failed_titles: Vec<String>,
}

/// A run as the ledger holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    pub id: RunId,
    pub name: String,
    pub trigger: String,
    pub sources: Vec<String>,
    pub status: RunStatus,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub duration_ms: Option<u64>,
    #[serde(flatten)]
    pub figures: RunFigures,
    /// The first titles, as `Title (Year)`; [`Run::TITLES_KEPT`] at most.
    pub ingested_titles: Vec<String>,
    pub failed_titles: Vec<String>,
    pub error: Option<String>,
}

impl Run {
    /// A run names this many titles of each list, not a million of them.
    pub const TITLES_KEPT: usize = 200;
}
