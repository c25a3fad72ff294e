//! What goes wrong inside a verb, what is tried again, and what a caller is told.

use std::time::Duration;

use deadpool_postgres::PoolError;
use domain::StoreError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// A failure of PostgreSQL's, or one that is a [`StoreError`] already.
#[derive(Debug)]
pub(crate) enum Fault {
    Sql(Error),
    /// Nobody knows whether the transaction is committed.
    Commit(Error),
    Pool(PoolError),
    Store(StoreError),
}

impl Fault {
    pub(super) fn corrupt(what: impl Into<String>) -> Self {
        Self::Store(StoreError::Corrupt(what.into()))
    }

    pub(super) fn at_commit(error: Error) -> Self {
        // An answer of the server's says that nothing was committed.
        if error.as_db_error().is_some() { Self::Sql(error) } else { Self::Commit(error) }
    }

    /// Whether nothing has happened and the same may go well now.
    fn is_passing(&self) -> bool {
        match self {
            Self::Sql(error) => match error.code() {
                Some(code) => is_passing(code),
                None => error.is_closed() || is_io(error),
            },
            Self::Pool(PoolError::Backend(error)) => error.code().is_none_or(is_passing),
            Self::Commit(_) | Self::Pool(_) | Self::Store(_) => false,
        }
    }
}

fn is_passing(code: &SqlState) -> bool {
    [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ]
    .contains(code)
}

fn is_io(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Sql(error)
    }
}

impl From<PoolError> for Fault {
    fn from(error: PoolError) -> Self {
        Self::Pool(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Store(error) => error,
            Fault::Sql(error) | Fault::Commit(error)
                if error.code() == Some(&SqlState::DISK_FULL) =>
            {
                Self::Full(NO_ROOM.to_owned())
            }
            Fault::Sql(error) if makes_no_sense(&error) => Self::Corrupt(described(&error)),
            Fault::Sql(error) | Fault::Commit(error) | Fault::Pool(PoolError::Backend(error)) => {
                let told = described(&error);
                if is_refusal(&error) {
                    // To a process that runs already, it is out of reach: a password is
                    // changed, a database restored.
                    Self::unavailable(Refusal(told))
                } else {
                    Self::unavailable(told)
                }
            }
            Fault::Pool(error) => Self::unavailable(error),
        }
    }
}

const NO_ROOM: &str = "the disk of the PostgreSQL server is full; make room there and start \
                       again: what was stored is whole, and what was not is still queued";

/// The server takes neither this user nor this password, or has no such database.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refusal(String);

fn is_refusal(error: &Error) -> bool {
    match error.code().map(SqlState::code) {
        Some(code) => code.starts_with("28") || code.starts_with("3D"),
        // The driver itself finds that a password is asked for and none given, or that the
        // server does not know it; it has no other way to say so.
        None => {
            ["invalid configuration", "authentication error"].contains(&error.to_string().as_str())
        }
    }
}

/// The driver's own text says only that something failed.
fn described(error: &Error) -> String {
    match (error.as_db_error(), std::error::Error::source(error)) {
        (Some(answer), _) => format!("PostgreSQL says: {answer}"),
        (None, Some(source)) => format!("PostgreSQL: {error}: {source}"),
        (None, None) => format!("PostgreSQL: {error}"),
    }
}

/// Classes of PostgreSQL's codes that waiting does not mend: data, constraints, and statements
/// that do not fit the tables.
fn makes_no_sense(error: &Error) -> bool {
    match error.code() {
        Some(code) => ["22", "23", "42", "XX"].iter().any(|class| code.code().starts_with(class)),
        None => !error.is_closed() && !is_io(error),
    }
}

/// Counts how often a verb was tried.
#[derive(Default)]
pub(crate) struct Tries {
    made: u32,
}

impl Tries {
    const MOST: u32 = 6;

    /// Waits until the verb may be tried again; returns the fault when that is no use.
    pub(crate) async fn after(&mut self, fault: Fault) -> Option<Fault> {
        self.made += 1;
        if self.made >= Self::MOST || !fault.is_passing() {
            return Some(fault);
        }
        tokio::time::sleep(Duration::from_millis(5 << self.made)).await;
        None
    }
}
