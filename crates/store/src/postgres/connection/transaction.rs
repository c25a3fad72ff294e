//! What begins with its first statement, on the same way there, and is undone unless it commits.

#[cfg(test)]
mod tests;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use futures_util::future::join;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row, RowStream};

use super::Value;
use crate::postgres::fault::Fault;

/// A transaction, rolled back unless it commits. Statements that are awaited together go
/// one behind the other on one way there and back, in the order in which they are first polled.
pub(crate) struct Transaction<'a> {
    client: &'a Client,
    begin: &'static str,
    /// Whether `begin` was sent, and nothing yet that ends it.
    is_open: AtomicBool,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(client: &'a Client, begin: &'static str) -> Self {
        Self { client, begin, is_open: AtomicBool::new(false) }
    }

    pub(crate) async fn rows(&self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Fault> {
        self.begun(self.client.query_typed(sql, values)).await
    }

    /// The rows one after another, as they come, where they are too many to hold.
    pub(crate) async fn stream(&self, sql: &str) -> Result<RowStream, Fault> {
        let none = std::iter::empty::<(&(dyn ToSql + Sync), Type)>();
        self.begun(self.client.query_typed_raw(sql, none)).await
    }

    /// The only row there is.
    pub(crate) async fn one(&self, sql: &str, values: &[Value<'_>]) -> Result<Row, Fault> {
        self.begun(self.client.query_typed_one(sql, values)).await
    }

    pub(crate) async fn maybe(
        &self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, Fault> {
        self.begun(self.client.query_typed_opt(sql, values)).await
    }

    /// Returns how many rows were changed.
    pub(crate) async fn run(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, Fault> {
        self.begun(self.client.execute_typed(sql, values)).await
    }

    /// Runs several statements without values.
    pub(crate) async fn batch(&self, sql: &str) -> Result<(), Fault> {
        self.begun(self.client.batch_execute(sql)).await
    }

    pub(crate) async fn commit(self) -> Result<(), Fault> {
        if self.is_open.swap(false, Ordering::Relaxed) {
            self.client.batch_execute("COMMIT").await.map_err(Fault::at_commit)?;
        }
        Ok(())
    }

    /// Sends the first statement right behind what begins the transaction.
    async fn begun<T>(
        &self,
        statement: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Fault> {
        if self.is_open.swap(true, Ordering::Relaxed) {
            return Ok(statement.await?);
        }
        let mut begin = pin!(self.client.batch_execute(self.begin));
        // It is sent when it is first polled.
        match poll_fn(|context| Poll::Ready(begin.as_mut().poll(context))).await {
            Poll::Ready(begun) => begun?,
            Poll::Pending => {
                let (begun, answer) = join(begin, statement).await;
                begun?;
                return Ok(answer?);
            }
        }
        Ok(statement.await?)
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if *self.is_open.get_mut() {
            // What uses the connection next is sent behind this, so nobody waits for the answer.
            let mut rollback = pin!(self.client.batch_execute("ROLLBACK"));
            let _sent = rollback.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}
