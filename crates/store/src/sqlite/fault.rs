//! What goes wrong inside a verb, and what a caller is told of it.

use domain::StoreError;
use rusqlite::{Error, ErrorCode};

/// A failure of SQLite's, or one that is a [`StoreError`] already.
#[derive(Debug)]
pub(crate) enum Fault {
    Sql(Error),
    Store(StoreError),
}

impl Fault {
    pub(super) fn corrupt(what: impl Into<String>) -> Self {
        Self::Store(StoreError::Corrupt(what.into()))
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Sql(error)
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
            Fault::Sql(error) if is_full(&error) => Self::Full(NO_ROOM.to_owned()),
            Fault::Sql(error) if makes_no_sense(&error) => Self::Corrupt(error.to_string()),
            Fault::Sql(error) => Self::unavailable(error),
        }
    }
}

const NO_ROOM: &str = "no room is left where the database lies; make some and start again: what \
                       was stored is whole, and what was not is still queued";

fn is_full(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}

pub(super) fn is_busy(error: &Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn makes_no_sense(error: &Error) -> bool {
    match error {
        Error::SqliteFailure(failure, _) => matches!(
            failure.code,
            ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch
                | ErrorCode::SchemaChanged
                | ErrorCode::Unknown
        ),
        _ => true,
    }
}
