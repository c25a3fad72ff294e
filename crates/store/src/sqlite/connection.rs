//! Connections, and how SQLite is set up.

use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::fault::{self, Fault};
use crate::OpenError;

pub(super) const MEMORY: &str = ":memory:";

/// How long SQLite waits for another process's transaction.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// Marks a file as Cinemirror's: `Cine` in ASCII.
pub(super) const APPLICATION_ID: i64 = 0x4369_6e65;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Makes the file where it is missing.
    Write,
    Read,
}

// `foreign_keys` is off: rows that belong together are written together, and a
// rebuild drops them in any order. Page caches are small, since the operating
// system keeps the file's pages anyway.
const WRITER: &str = "
    PRAGMA synchronous = NORMAL;
    PRAGMA foreign_keys = OFF;
    PRAGMA cache_size = -8192;
    PRAGMA wal_autocheckpoint = 8000;
    PRAGMA journal_size_limit = 67108864;
";
const READER: &str = "
    PRAGMA query_only = ON;
    PRAGMA cache_size = -2048;
";

pub(super) fn open(path: &str, access: Access) -> Result<Connection, OpenError> {
    connect(path, access).map_err(|fault| refusal(path, fault))
}

fn connect(path: &str, access: Access) -> Result<Connection, Fault> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if access == Access::Write {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.set_prepared_statement_cache_capacity(96);
    // Otherwise every new value bound to a `WHERE` prepares the statement anew.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    match access {
        Access::Write => {
            // Only a database that is still empty takes the page size.
            db.execute_batch("PRAGMA page_size = 8192")?;
            switch_to_wal(&db)?;
            db.execute_batch(WRITER)?;
        }
        Access::Read => db.execute_batch(READER)?,
    }
    Ok(db)
}

/// SQLite does not wait for the lock here when two processes make the file at once.
fn switch_to_wal(db: &Connection) -> Result<(), Fault> {
    const PAUSE: Duration = Duration::from_millis(20);
    let mut waited = Duration::ZERO;
    loop {
        match db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0)) {
            Err(error) if fault::is_busy(&error) && waited < BUSY_TIMEOUT => {
                std::thread::sleep(PAUSE);
                waited += PAUSE;
            }
            Err(error) => return Err(error.into()),
            Ok(_mode) => return Ok(()),
        }
    }
}

/// Tells a file that is no database from one that cannot be reached.
pub(super) fn refusal(path: &str, fault: Fault) -> OpenError {
    let path = path.to_owned();
    match fault.into() {
        domain::StoreError::Corrupt(reason) => OpenError::Foreign { path, reason },
        source => OpenError::Unavailable { path, source },
    }
}
