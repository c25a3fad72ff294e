//! The port to runs that somebody asked for, and to runs that are to be cancelled.
//!
//! Whoever asks need not be a process that can run the pipeline: what was asked for
//! is a run of the ledger from the start, which waits until a process takes it.

use std::time::Duration;

use async_trait::async_trait;

use crate::failure::StoreError;
use crate::run::{RunId, RunStatus};
use crate::time::Timestamp;

/// Runs that were asked for, for all processes of a deployment.
#[async_trait]
pub trait Requests: Send + Sync {
    /// Opens a run that waits to be taken, unless one that it excludes is open. All
    /// that is asked for at once is looked at one after the other.
    async fn ask(&self, request: &NewRequest, now: Timestamp) -> Result<Asked, StoreError>;

    /// Takes the run that has waited longest and makes it running. One whose
    /// process was not heard of in time is taken again, [`ATTEMPTS`] times in
    /// all, and ends as interrupted then.
    async fn claim(
        &self,
        holder: &str,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Option<Claimed>, StoreError>;

    /// Says that runs which were taken are still worked on. Returns, for each,
    /// whether it is still the holder's.
    async fn beat(
        &self,
        holder: &str,
        runs: &[RunId],
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError>;

    /// Forgets the request behind a run that its holder has ended.
    async fn finish(&self, holder: &str, run: RunId) -> Result<(), StoreError>;

    /// Gives a run back that its holder could not end: it waits again, and no
    /// attempt counts.
    async fn release(&self, holder: &str, run: RunId) -> Result<(), StoreError>;

    /// Asks that a run ends: one that waits does so at once, one that runs is
    /// told by [`Requests::cancelled_by`].
    async fn cancel(&self, run: RunId, by: &str, now: Timestamp) -> Result<Cancelled, StoreError>;

    /// Who asked that a run ends, if somebody did.
    async fn cancelled_by(&self, run: RunId) -> Result<Option<String>, StoreError>;
}

/// So often is a run begun whose processes die.
pub const ATTEMPTS: u32 = 2;

/// A run that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRequest {
    /// `quick`, `daily`, `custom` …
    pub name: String,
    /// The names of its sources.
    pub sources: Vec<String>,
    /// What else is asked for: a small JSON text of the pipeline's own.
    pub wish: String,
    /// Who asks, for people.
    pub asked_by: String,
    /// It is not opened while a run of one of these names is.
    pub excludes: Vec<String>,
    /// A running run that was not heard of since is taken for dead.
    pub silent_since: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It waits to be taken.
    Opened(RunId),
    /// A run that it excludes waits or runs.
    Busy { run: RunId, name: String },
    /// Too many wait already.
    Full,
}

/// So many runs wait at most; somebody who asks for more is told so.
pub const WAITING_AT_MOST: usize = 20;

/// A run that was asked for, in a process's hands for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    pub run: RunId,
    pub name: String,
    pub sources: Vec<String>,
    pub wish: String,
    pub asked_by: String,
    /// Counted from 1.
    pub attempt: u32,
}

/// What became of the wish that a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    Unknown,
    /// It had ended before.
    Ended(RunStatus),
    /// It waited, and has ended now.
    Stopped,
    /// It runs, and ends as soon as its process looks.
    Told,
}
