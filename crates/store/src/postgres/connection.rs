//! Connections, and what verbs do on them.

use std::str::FromStr;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime, Timeouts};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{IsolationLevel, NoTls, Row};

use super::fault::Fault;
use crate::OpenError;
use crate::stored::without_secrets;

/// Connections that one process holds at most.
const CONNECTIONS: usize = 8;

/// How long to wait for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// A value with the type that it has in SQL.
pub(crate) type Value<'a> = (&'a (dyn ToSql + Sync), Type);

pub(super) fn pool(url: &str) -> Result<Pool, OpenError> {
    let config = tokio_postgres::Config::from_str(url).map_err(|error| OpenError::Unavailable {
        path: without_secrets(url),
        source: domain::StoreError::unavailable(error),
    })?;
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(config, NoTls, recycling);
    let timeouts =
        Timeouts { wait: Some(PATIENCE), create: Some(PATIENCE), recycle: Some(PATIENCE) };
    let pool = Pool::builder(manager).max_size(CONNECTIONS).timeouts(timeouts);
    pool.runtime(Runtime::Tokio1).build().map_err(|error| OpenError::Unavailable {
        path: without_secrets(url),
        source: domain::StoreError::unavailable(error),
    })
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
}

/// A transaction, rolled back unless it commits.
pub(crate) struct Transaction<'a> {
    tx: deadpool_postgres::Transaction<'a>,
}

impl Transaction<'_> {
    pub(crate) async fn rows(&self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Fault> {
        Ok(self.tx.query_typed(sql, values).await?)
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
