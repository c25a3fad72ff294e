//! The port to the processes of a deployment: which live, and what they do.

use async_trait::async_trait;
use serde::Serialize;

use crate::failure::StoreError;
use crate::time::Timestamp;

/// The processes that work on one store, as they tell of themselves.
///
/// Only for people and for the figures of a deployment: who may do what is
/// decided by leases, never by who seems to live.
#[async_trait]
pub trait Workers: Send + Sync {
    /// Writes how a worker does, in place of what it said before.
    async fn beat(&self, worker: &Worker) -> Result<(), StoreError>;

    /// Drops a worker that ends.
    async fn leave(&self, name: &str) -> Result<(), StoreError>;

    /// Lists workers that were heard of since an instant, by their names.
    async fn list(&self, heard_since: Timestamp) -> Result<Vec<Worker>, StoreError>;

    /// Drops workers that were not heard of since an instant: their processes
    /// died. Returns how many.
    async fn forget(&self, heard_before: Timestamp) -> Result<u64, StoreError>;
}

/// A process, and how it does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Worker {
    /// Unique for each process; the name that leases and the budget show.
    pub name: String,
    pub host: String,
    pub pid: u32,
    /// Its command: `worker`, `up`, `collect`, `run` …
    pub role: String,
    /// Of the program.
    pub version: String,
    pub started_at: Timestamp,
    pub heard_at: Timestamp,
    /// Titles being asked for now.
    pub in_flight: u32,
    /// Titles settled since it started: stored, or known to be gone.
    pub collected: u64,
    /// Attempts that failed since it started.
    pub failed: u64,
}
