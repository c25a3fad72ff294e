//! The store on PostgreSQL 15 and newer, shared by any number of processes.
//!
//! A verb is one transaction of few statements, each about a whole batch
//! (`UNNEST` of arrays): what costs is the way there and back, not the rows.
//! Statements are never prepared by name and nothing is set for a session, so
//! that a transaction pooler may stand in between. Rows that a batch changes are
//! locked in the order of their keys.

mod access;
mod archive;
mod batch;
mod budget;
mod catalogue;
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
mod values;

use std::sync::Arc;

use domain::StoreError;
use tokio_postgres::types::Type;

use crate::OpenError;
use crate::stored::without_secrets;
use fault::{Fault, Tries};

pub(crate) use access::Access;
pub(crate) use archive::Index;
pub(crate) use budget::Budget;
pub(crate) use catalogue::Catalogue;
pub(crate) use connection::{Connection, Transaction};
pub(crate) use fleet::Fleet;
pub(crate) use hints::Hints;
pub(crate) use images::Images;
pub(crate) use ledger::Ledger;
pub(crate) use queue::Queue;
pub(crate) use replies::Replies;
pub(crate) use requests::Requests;
pub(crate) use schedule::Schedule;

/// A database, reached over a pool of connections. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Database {
    address: Arc<connection::Address>,
    pool: deadpool_postgres::Pool,
}

impl Database {
    pub(crate) async fn open(url: &str) -> Result<Self, OpenError> {
        let address = connection::Address::read(url)
            .map_err(|reason| OpenError::Address { path: without_secrets(url), reason })?;
        let pool = connection::pool(&address).map_err(|fault| OpenError::Unavailable {
            path: without_secrets(url),
            source: fault.into(),
        })?;
        let database = Self { address: Arc::new(address), pool };
        migration::run(&database, url).await?;
        Ok(database)
    }

    pub(crate) async fn connection(&self) -> Result<Connection, Fault> {
        connection::take(&self.pool).await
    }
}

/// Runs a verb as one transaction: all of it happens or, when it fails, nothing.
///
/// `transaction!(self.database, tx => add(&tx, tasks, now).await)`. It is run
/// again when PostgreSQL could not serialize it, or the connection was lost
/// before it was to commit.
macro_rules! transaction {
    ($database:expr, $tx:ident => $verb:expr) => {
        $crate::postgres::attempted!($database, begin, $tx => $verb)
    };
}

/// As [`transaction`], for a verb that reads, on one state of the database.
macro_rules! snapshot {
    ($database:expr, $tx:ident => $verb:expr) => {
        $crate::postgres::attempted!($database, begin_reading, $tx => $verb)
    };
}

macro_rules! attempted {
    ($database:expr, $begin:ident, $tx:ident => $verb:expr) => {{
        let mut tries = $crate::postgres::Tries::default();
        loop {
            let attempt = async {
                let connection = $database.connection().await?;
                let $tx = connection.$begin();
                let value = $verb?;
                $tx.commit().await?;
                Ok(value)
            };
            let attempted: Result<_, $crate::postgres::Fault> = attempt.await;
            match attempted {
                Ok(value) => break Ok(value),
                Err(fault) => match tries.after(fault).await {
                    Some(error) => break Err(domain::StoreError::from(error)),
                    None => continue,
                },
            }
        }
    }};
}

use {attempted, snapshot, transaction};

/// Asks how the database does.
pub(crate) async fn check(database: &Database) -> Result<crate::Health, StoreError> {
    let size: i64 = snapshot!(database, tx => async {
        let row = tx.one("SELECT pg_database_size(current_database())", &[]).await?;
        Ok::<i64, Fault>(row.try_get(0)?)
    }.await)?;
    Ok(crate::Health { problems: vec![], size_bytes: values::unsigned(size), free_bytes: 0 })
}

/// Whether two are one schema of one database: what one locks, the other finds locked.
/// No right is needed for that, and no address is believed.
pub(crate) async fn is_same(one: &Database, other: &Database) -> Result<bool, StoreError> {
    let key = i64::from_ne_bytes(fastrand::u64(..).to_ne_bytes());
    let asked = async {
        let (one, other) = (one.connection().await?, other.connection().await?);
        let (one, other) = (one.begin(), other.begin());
        let held = one
            .one("SELECT current_schema()::text, pg_advisory_xact_lock($1)", &[(&key, Type::INT8)])
            .await?;
        let tried = other
            .one(
                "SELECT current_schema()::text, pg_try_advisory_xact_lock($1)",
                &[(&key, Type::INT8)],
            )
            .await?;
        let schemas: [Option<String>; 2] = [held.try_get(0)?, tried.try_get(0)?];
        let is_free: bool = tried.try_get(1)?;
        other.commit().await?;
        one.commit().await?;
        Ok::<bool, Fault>(!is_free && schemas[0] == schemas[1])
    };
    Ok(asked.await?)
}
