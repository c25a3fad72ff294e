//! Connections, and what verbs do on them.

mod address;
mod tls;
mod transaction;

#[cfg(test)]
mod tests;

use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Metrics, Object, Pool, RecyclingMethod,
    Runtime, Timeouts,
};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::fault::Fault;

pub(super) use address::Address;
pub(crate) use transaction::Transaction;

/// Connections that one process holds at most.
const CONNECTIONS: usize = 8;

/// How long to wait for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// One that was not used for so long is asked whether it still lives.
const DOUBTFUL_AFTER: Duration = Duration::from_secs(5);

/// A worker whose cable is pulled says nothing any more, and the server keeps its locks until
/// TCP gives up, in two hours. It is set for the transaction alone, as a pooler asks for, and
/// not for one that only reads: that locks nothing, and may wait long for whoever takes its rows.
const BEGIN: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '30s'";

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
    /// A transaction that begins with its first statement.
    pub(crate) fn begin(&self) -> Transaction<'_> {
        Transaction::new(&self.client, BEGIN)
    }

    /// A transaction that reads one state of the database.
    pub(crate) fn begin_reading(&self) -> Transaction<'_> {
        Transaction::new(&self.client, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    /// Reads one row by a statement without values, on one way there and back.
    pub(crate) async fn look(&self, sql: &str) -> Result<Row, Fault> {
        Ok(self.client.query_typed_one(sql, &[]).await?)
    }
}
