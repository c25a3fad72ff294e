//! The budget's shared row in SQLite.

use std::time::Duration;

use async_trait::async_trait;
use domain::budget::{BudgetStatus, Grant, Renewal, Shared};
use domain::{StoreError, Timestamp};
use rusqlite::{Connection, OptionalExtension};

use super::Database;
use super::columns::{json_at, to_json};
use super::fault::Fault;

pub(crate) struct Budget {
    database: Database,
}

impl Budget {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Applies a rule to the row, whatever other processes do.
    async fn change<T: Send + 'static>(
        &self,
        rule: impl FnOnce(&mut Shared) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        self.database
            .write(|db| {
                let mut shared = load(db)?;
                let answer = rule(&mut shared);
                db.prepare_cached(
                    "INSERT INTO budget (only_row, shared) VALUES (1, ?1)
                     ON CONFLICT (only_row) DO UPDATE SET shared = excluded.shared",
                )?
                .execute([to_json(&shared)?])?;
                Ok(answer)
            })
            .await
    }
}

pub(super) fn load(db: &Connection) -> Result<Shared, Fault> {
    db.prepare_cached("SELECT shared FROM budget WHERE only_row = 1")?
        .query_row([], |row| Ok(json_at(row, 0)))
        .optional()?
        .unwrap_or_else(|| Ok(Shared::default()))
}

#[async_trait]
impl domain::Budget for Budget {
    async fn renew(&self, renewal: &Renewal, now: Timestamp) -> Result<Grant, StoreError> {
        let renewal = renewal.clone();
        self.change(move |shared| shared.renew(&renewal, now)).await
    }

    async fn hold(
        &self,
        retry_after: Option<Duration>,
        now: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        self.change(move |shared| shared.hold(retry_after, now)).await
    }

    async fn status(&self, now: Timestamp) -> Result<BudgetStatus, StoreError> {
        self.database.read(move |db| Ok(load(db)?.status(now))).await
    }
}
