//! The queue in PostgreSQL.
//!
//! It keeps to what the queue in SQLite says of waking, tokens and abandoned
//! leases. Who leases passes over what others have locked (`SKIP LOCKED`), so
//! any number of processes lease at once; everybody else locks rows in the order
//! of their keys.

mod add;
mod counts;
mod dead;
mod lease;
mod settle;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use domain::queue::{
    Added, DeadFilter, DeadLetter, Lease, LeaseTerms, NewTask, PendingTask, QueueDepth,
    TaskStanding, Verdict, Waiting,
};
use domain::{Key, RunId, StoreError, Timestamp, WorkQueue};
use tokio_postgres::Row;

use super::fault::Fault;
use super::{Database, Transaction, snapshot, transaction};

pub(crate) struct Queue {
    database: Database,
}

impl Queue {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl WorkQueue for Queue {
    async fn add(&self, tasks: &[NewTask], now: Timestamp) -> Result<Added, StoreError> {
        if tasks.is_empty() {
            return Ok(Added::default());
        }
        let batch = add::Batch::of(tasks);
        transaction!(self.database, tx => add::add(&tx, &batch, now).await)
    }

    async fn lease(&self, terms: &LeaseTerms, now: Timestamp) -> Result<Vec<Lease>, StoreError> {
        transaction!(self.database, tx => lease::lease(&tx, terms, now).await)
    }

    async fn extend(
        &self,
        leases: &[Lease],
        until: Timestamp,
        _now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        if leases.is_empty() {
            return Ok(vec![]);
        }
        transaction!(self.database, tx => settle::extend(&tx, leases, until).await)
    }

    async fn settle(
        &self,
        verdicts: &[(Lease, Verdict)],
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        if verdicts.is_empty() {
            return Ok(vec![]);
        }
        transaction!(self.database, tx => settle::settle(&tx, verdicts, now).await)
    }

    async fn depth(&self, now: Timestamp) -> Result<QueueDepth, StoreError> {
        snapshot!(self.database, tx => counts::depth(&tx, now).await)
    }

    async fn pending(&self, limit: usize) -> Result<Vec<PendingTask>, StoreError> {
        snapshot!(self.database, tx => counts::pending(&tx, limit).await)
    }

    async fn dead(&self, which: &DeadFilter, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        snapshot!(self.database, tx => dead::list(&tx, which, limit).await)
    }

    async fn redrive(&self, which: &DeadFilter, now: Timestamp) -> Result<u64, StoreError> {
        transaction!(self.database, tx => dead::redrive(&tx, which, now).await)
    }

    async fn purge(&self, which: &DeadFilter) -> Result<u64, StoreError> {
        transaction!(self.database, tx => dead::purge(&tx, which).await)
    }

    async fn waiting(&self, which: &Waiting) -> Result<u64, StoreError> {
        snapshot!(self.database, tx => counts::waiting(&tx, which).await)
    }

    async fn standing(&self, keys: &[Key]) -> Result<Vec<TaskStanding>, StoreError> {
        snapshot!(self.database, tx => counts::standing(&tx, keys).await)
    }

    async fn forget_bodies(&self, before: Timestamp) -> Result<u64, StoreError> {
        transaction!(self.database, tx => dead::forget_bodies(&tx, before).await)
    }
}

fn run_at(row: &Row, column: usize) -> Result<Option<RunId>, Fault> {
    Ok(row.try_get::<_, Option<i64>>(column)?.map(RunId))
}

/// PostgreSQL's integers are signed.
fn count_at(row: &Row, column: usize) -> Result<u32, Fault> {
    Ok(u32::try_from(row.try_get::<_, i32>(column)?).unwrap_or(0))
}

/// PostgreSQL's texts hold no zero byte, and a failure may tell of any.
fn text(words: &str) -> String {
    words.replace('\0', "\u{fffd}")
}
