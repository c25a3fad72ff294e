//! The budget's shared row in PostgreSQL.

use std::time::Duration;

use async_trait::async_trait;
use domain::budget::{BudgetStatus, Grant, Renewal, Shared};
use domain::{StoreError, Timestamp};
use tokio_postgres::types::Type;

use super::fault::Fault;
use super::values::{json_at, to_json};
use super::{Database, Transaction, hints, snapshot, transaction};

pub(crate) struct Budget {
    database: Database,
}

impl Budget {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }
}

/// Applies a rule to the row, whatever other processes do.
async fn change<T>(tx: &Transaction<'_>, rule: impl FnOnce(&mut Shared) -> T) -> Result<T, Fault> {
    let row = tx.one("SELECT shared FROM budget FOR UPDATE", &[]).await?;
    let mut shared: Shared = json_at(&row, 0)?;
    let answer = rule(&mut shared);
    tx.run("UPDATE budget SET shared = $1", &[(&to_json(&shared)?, Type::JSONB)]).await?;
    Ok(answer)
}

/// The others hear of it when it is committed.
async fn hold(
    tx: &Transaction<'_>,
    retry_after: Option<Duration>,
    now: Timestamp,
) -> Result<Timestamp, Fault> {
    let until = change(tx, |shared| shared.hold(retry_after, now)).await?;
    hints::tell_held(tx, until).await?;
    Ok(until)
}

#[async_trait]
impl domain::Budget for Budget {
    async fn renew(&self, renewal: &Renewal, now: Timestamp) -> Result<Grant, StoreError> {
        transaction!(self.database, tx => change(&tx, |shared| shared.renew(renewal, now)).await)
    }

    async fn hold(
        &self,
        retry_after: Option<Duration>,
        now: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        transaction!(self.database, tx => hold(&tx, retry_after, now).await)
    }

    async fn status(&self, now: Timestamp) -> Result<BudgetStatus, StoreError> {
        snapshot!(self.database, tx => async {
            let row = tx.one("SELECT shared FROM budget", &[]).await?;
            Ok::<_, Fault>(json_at::<Shared>(&row, 0)?.status(now))
        }.await)
    }
}
