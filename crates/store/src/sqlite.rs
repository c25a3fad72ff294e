//! The store on SQLite: one thread that writes, a few that read.
//!
//! Several processes may use one file. Every write is `BEGIN IMMEDIATE`, so what
//! it reads stays true until it commits.

mod access;
mod archive;
mod budget;
mod catalogue;
mod columns;
mod connection;
mod fault;
mod fleet;
mod hints;
mod images;
mod ledger;
mod migration;
mod queries;
mod queue;
mod replies;
mod requests;
mod schedule;
pub(crate) mod tables;
mod workers;

use std::sync::Arc;

use domain::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::OpenError;
use crate::stored::Health;
use fault::Fault;
use workers::Workers;

pub(crate) use access::Access;
pub(crate) use archive::Index;
pub(crate) use budget::Budget;
pub(crate) use catalogue::Catalogue;
pub(crate) use fleet::Fleet;
pub(crate) use hints::Hints;
pub(crate) use images::Images;
pub(crate) use ledger::Ledger;
pub(crate) use migration::SCHEMA;
pub(crate) use queue::Queue;
pub(crate) use replies::Replies;
pub(crate) use requests::Requests;
pub(crate) use schedule::Schedule;

const READERS: usize = 2;

/// A database file, open.
#[derive(Clone)]
pub(crate) struct Database {
    writer: Arc<Workers>,
    /// The writer itself for a database in memory, which has but one connection.
    readers: Arc<Workers>,
}

impl Database {
    /// Opens a file, or a database in memory when the path is `:memory:`.
    pub(crate) async fn open(path: &str) -> Result<Self, OpenError> {
        let path = path.to_owned();
        let opened = tokio::task::spawn_blocking(move || Self::open_blocking(&path)).await;
        opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }

    fn open_blocking(path: &str) -> Result<Self, OpenError> {
        let unavailable =
            |fault: Fault| OpenError::Unavailable { path: path.to_owned(), source: fault.into() };
        let writer = connection::open(path, connection::Access::Write)?;
        migration::run(&writer, path)?;
        let writer = Workers::start("store-writer", vec![writer]).map_err(unavailable)?;
        let writer = Arc::new(writer);
        if path == connection::MEMORY {
            return Ok(Self { readers: Arc::clone(&writer), writer });
        }
        let readers = (0..READERS)
            .map(|_| connection::open(path, connection::Access::Read))
            .collect::<Result<Vec<_>, _>>()?;
        let readers = Workers::start("store-reader", readers).map_err(unavailable)?;
        Ok(Self { writer, readers: Arc::new(readers) })
    }

    /// Runs a verb on one state of the database.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        verb: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let answer = self.readers.run(|db| {
            let snapshot = Snapshot::begin(db)?;
            verb(snapshot.0)
        });
        Ok(answer.await?)
    }

    /// Runs a verb as one transaction: all of it happens or, when it fails, nothing.
    ///
    /// It is finished even when the caller stops waiting for it.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        verb: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let answer = self.writer.run(|db| {
            let transaction = begin(db)?;
            let value = verb(&transaction)?;
            transaction.commit()?;
            Ok(value)
        });
        Ok(answer.await?)
    }
}

/// A transaction that only reads. Its statements are prepared once: it is begun and ended
/// for every read, most of which take no longer than to parse two statements.
struct Snapshot<'c>(&'c Connection);

impl<'c> Snapshot<'c> {
    fn begin(db: &'c Connection) -> Result<Self, Fault> {
        db.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(db))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        let ended = self.0.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([]));
        if let Err(error) = ended {
            // Some errors end the transaction by themselves.
            if !self.0.is_autocommit() {
                tracing::error!(%error, "a read could not be ended");
            }
        }
    }
}

/// How often to ask for the write lock; each time waits [`connection::BUSY_TIMEOUT`].
const BEGIN_ATTEMPTS: usize = 3;

fn begin(db: &Connection) -> Result<Transaction<'_>, Fault> {
    let mut attempt = 1;
    loop {
        match Transaction::new_unchecked(db, TransactionBehavior::Immediate) {
            Err(error) if fault::is_busy(&error) && attempt < BEGIN_ATTEMPTS => attempt += 1,
            begun => return Ok(begun?),
        }
    }
}

/// Asks SQLite whether the file is sound.
pub(crate) async fn check(database: &Database) -> Result<Health, StoreError> {
    database
        .read(|db| {
            let mut check = db.prepare("PRAGMA quick_check")?;
            let lines = check.query_map([], |row| row.get::<_, String>(0))?;
            let lines = lines.collect::<Result<Vec<_>, _>>()?;
            let pragma = |name: &str| -> Result<u64, Fault> {
                let value = db.pragma_query_value(None, name, |row| row.get(0))?;
                Ok(columns::unsigned(value))
            };
            let page = pragma("page_size")?;
            Ok(Health {
                problems: lines.into_iter().filter(|line| line != "ok").collect(),
                size_bytes: pragma("page_count")? * page,
                free_bytes: pragma("freelist_count")? * page,
            })
        })
        .await
}

#[cfg(test)]
mod tests;
