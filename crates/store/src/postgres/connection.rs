//! Connections, and what verbs do on them.

mod address;
mod tls;

#[cfg(test)]
mod tests;

use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Metrics, Object, Pool, RecyclingMethod,
    Runtime, Timeouts,
};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{IsolationLevel, Row, RowStream};

use super::fault::Fault;

pub(super) use address::Address;

/// Connections that one process holds at most.
const CONNECTIONS: usize = 8;

/// How long to wait for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// One that was not used for so long is asked whether it still lives.
const DOUBTFUL_AFTER: Duration = Duration::from_secs(5);

/// A value with the type that it has in SQL.
pub(crate) type Value<'a> = (&'a (dyn ToSql + Sync), Type);

/// A pool that connects when it is first used. It lets a connection go that was lost,
/// so it recovers by itself once the server is back.
pub(super) fn pool(address: &Address) -> Result<Pool, Fault> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let (config, tls) = address.parts();
    let manager = Manager::from_config(config, tls, recycling);
    let timeouts =
        Timeouts { wait: Some(PATIENCE), create: Some(PATIENCE), recycle: Some(PATIENCE) };
    let ask = Hook::async_fn(|client: &mut ClientWrapper, metrics: &Metrics| {
        let is_doubtful = metrics.last_used() > DOUBTFUL_AFTER;
        Box::pin(async move {
            if is_doubtful {
                client.simple_query("").await.map_err(HookError::Backend)?;
            }
            Ok(())
        })
    });
    let pool = Pool::builder(manager).max_size(CONNECTIONS).timeouts(timeouts);
    let pool = pool.pre_recycle(ask).runtime(Runtime::Tokio1).build();
    pool.map_err(|error| domain::StoreError::unavailable(error).into())
}

pub(super) async fn take(pool: &Pool) -> Result<Connection, Fault> {
    Ok(Connection { client: pool.get().await? })
}

/// A connection out of the pool, which takes it back.
pub(crate) struct Connection {
    client: Object,
}

impl Connection {
    pub(crate) async fn begin(&mut self) -> Result<Transaction<'_>, Fault> {
        Ok(Transaction { tx: self.client.transaction().await? })
    }

    /// Begins a transaction that reads one state of the database.
    pub(crate) async fn begin_reading(&mut self) -> Result<Transaction<'_>, Fault> {
        let begin = self.client.build_transaction();
        let begin = begin.isolation_level(IsolationLevel::RepeatableRead).read_only(true);
        Ok(Transaction { tx: begin.start().await? })
    }

    /// Reads one row by a statement without values, on one way there and back.
    pub(crate) async fn look(&self, sql: &str) -> Result<Row, Fault> {
        Ok(self.client.query_typed_one(sql, &[]).await?)
    }
}

/// A transaction, rolled back unless it commits.
pub(crate) struct Transaction<'a> {
    tx: deadpool_postgres::Transaction<'a>,
}

impl Transaction<'_> {
    pub(crate) async fn rows(&self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Fault> {
        Ok(self.tx.query_typed(sql, values).await?)
    }

    /// The rows one after another, as they come, where they are too many to hold.
    pub(crate) async fn stream(&self, sql: &str) -> Result<RowStream, Fault> {
        let none = std::iter::empty::<(&(dyn ToSql + Sync), Type)>();
        Ok(self.tx.query_typed_raw(sql, none).await?)
    }

    /// The only row there is.
    pub(crate) async fn one(&self, sql: &str, values: &[Value<'_>]) -> Result<Row, Fault> {
        Ok(self.tx.query_typed_one(sql, values).await?)
    }

    pub(crate) async fn maybe(
        &self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, Fault> {
        Ok(self.tx.query_typed_opt(sql, values).await?)
    }

    /// Returns how many rows were changed.
    pub(crate) async fn run(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, Fault> {
        Ok(self.tx.execute_typed(sql, values).await?)
    }

    /// Runs several statements without values.
    pub(crate) async fn batch(&self, sql: &str) -> Result<(), Fault> {
        Ok(self.tx.batch_execute(sql).await?)
    }

    pub(crate) async fn commit(self) -> Result<(), Fault> {
        self.tx.commit().await.map_err(Fault::at_commit)
    }
}
