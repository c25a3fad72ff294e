//! What Cinemirror keeps in SQL: queue, archive, catalogue, ledger, budget, schedule,
//! who may ask, and the books of images.
//!
//! A URL chooses the database; nothing else here or elsewhere knows which.

mod archive;
mod likeness;
mod objects;
mod pictured;
pub mod portable;
mod postgres;
mod projection;
mod sqlite;
mod stored;
mod upkeep;

#[cfg(test)]
mod contract;

use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use domain::{
    Access, Archive, Budget, Catalog, Hints, Images, Ledger, Replies, Requests, Schedule,
    StoreError, WorkQueue, Workers,
};

pub use archive::{BodyFault, Check, Moved, Repaired, Restored, Seen, UpkeepError, Verified};
pub use objects::{Aws, Bodies};
use portable::{Batch, Purpose, Rows};
pub use stored::{Fingerprint, Health, without_secrets};

use upkeep::Kept;

/// The ports over one database. Cheap to clone; when the last clone is dropped,
/// what was begun is finished and the database closed.
#[derive(Clone)]
pub struct Store {
    pub queue: Arc<dyn WorkQueue>,
    pub archive: Arc<dyn Archive>,
    pub catalog: Arc<dyn Catalog>,
    pub ledger: Arc<dyn Ledger>,
    pub budget: Arc<dyn Budget>,
    pub schedule: Arc<dyn Schedule>,
    pub images: Arc<dyn Images>,
    pub workers: Arc<dyn Workers>,
    pub hints: Arc<dyn Hints>,
    pub access: Arc<dyn Access>,
    pub requests: Arc<dyn Requests>,
    pub replies: Arc<dyn Replies>,
    kept: Kept,
    database: Database,
}

#[derive(Clone)]
enum Database {
    Sqlite(sqlite::Database),
    Postgres(postgres::Database),
}

/// Opens a database with all that it holds in itself; see [`open_with`].
pub async fn open(url: &str) -> Result<Store, OpenError> {
    open_with(&Options { url: url.to_owned(), ..Options::default() }).await
}

/// What a store is opened with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The database: `sqlite:cinemirror.db`, `sqlite:/var/lib/cinemirror.db`, or
    /// `sqlite::memory:` for one that ends with the process;
    /// `postgres://user:password@host/database`.
    pub url: String,
    /// Where bodies lie.
    pub bodies: Bodies,
}

/// Opens a database, makes it where it is missing, and brings its tables up to
/// date. Several processes may do so at once.
pub async fn open_with(options: &Options) -> Result<Store, OpenError> {
    let Options { url, bodies } = options;
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return over_postgres(postgres::Database::open(url).await?, bodies);
    }
    let Some(path) = sqlite_path(url).filter(|path| !path.is_empty()) else {
        return Err(OpenError::unsupported(url));
    };
    over_sqlite(sqlite::Database::open(path).await?, bodies)
}

fn sqlite_path(url: &str) -> Option<&str> {
    url.strip_prefix("sqlite:").map(|path| path.trim_start_matches("//"))
}

/// Whether a URL names a file that is not there, which [`open`] would make.
pub fn is_missing(url: &str) -> bool {
    sqlite_path(url).is_some_and(|path| path != ":memory:" && !Path::new(path).exists())
}

/// Whether two URLs name one file, by whatever paths. What is not there is nobody's.
pub fn is_same_file(one: &str, other: &str) -> bool {
    let file = |url| {
        let file = std::fs::metadata(sqlite_path(url)?).ok()?;
        Some((file.dev(), file.ino()))
    };
    file(one).is_some_and(|one| file(other) == Some(one))
}

fn over_sqlite(database: sqlite::Database, bodies: &Bodies) -> Result<Store, OpenError> {
    let index = Arc::new(sqlite::Index::new(database.clone()));
    let kept = Kept::open(index, bodies)?;
    Ok(Store {
        queue: Arc::new(sqlite::Queue::new(database.clone())),
        archive: Arc::clone(&kept.archive) as _,
        catalog: Arc::new(sqlite::Catalogue::new(database.clone())),
        ledger: Arc::new(sqlite::Ledger::new(database.clone())),
        budget: Arc::new(sqlite::Budget::new(database.clone())),
        schedule: Arc::new(sqlite::Schedule::new(database.clone())),
        images: Arc::new(sqlite::Images::new(database.clone())),
        workers: Arc::new(sqlite::Fleet::new(database.clone())),
        hints: Arc::new(sqlite::Hints::new(database.clone())),
        access: Arc::new(sqlite::Access::new(database.clone())),
        requests: Arc::new(sqlite::Requests::new(database.clone())),
        replies: Arc::new(sqlite::Replies::new(database.clone())),
        kept,
        database: Database::Sqlite(database),
    })
}

fn over_postgres(database: postgres::Database, bodies: &Bodies) -> Result<Store, OpenError> {
    let index = Arc::new(postgres::Index::new(database.clone()));
    let kept = Kept::open(index, bodies)?;
    Ok(Store {
        queue: Arc::new(postgres::Queue::new(database.clone())),
        archive: Arc::clone(&kept.archive) as _,
        catalog: Arc::new(postgres::Catalogue::new(database.clone())),
        ledger: Arc::new(postgres::Ledger::new(database.clone())),
        budget: Arc::new(postgres::Budget::new(database.clone())),
        schedule: Arc::new(postgres::Schedule::new(database.clone())),
        images: Arc::new(postgres::Images::new(database.clone())),
        workers: Arc::new(postgres::Fleet::new(database.clone())),
        hints: Arc::new(postgres::Hints::new(database.clone())),
        access: Arc::new(postgres::Access::new(database.clone())),
        requests: Arc::new(postgres::Requests::new(database.clone())),
        replies: Arc::new(postgres::Replies::new(database.clone())),
        kept,
        database: Database::Postgres(database),
    })
}

impl Store {
    /// Checks that the database is sound, and measures it. Reads all of it.
    pub async fn check(&self) -> Result<Health, StoreError> {
        match &self.database {
            Database::Sqlite(database) => sqlite::check(database).await,
            Database::Postgres(database) => postgres::check(database).await,
        }
    }

    /// Whether another is the same database of the same PostgreSQL, by whatever names of
    /// hosts and poolers it was reached. Of files [`is_same_file`] tells.
    pub async fn is_same(&self, other: &Self) -> Result<bool, StoreError> {
        match (&self.database, &other.database) {
            (Database::Postgres(one), Database::Postgres(other)) => {
                postgres::is_same(one, other).await
            }
            _ => Ok(false),
        }
    }

    /// Hashes the rows of each table of queue, archive and catalogue, in the order
    /// of their keys: equal states have equal fingerprints.
    ///
    /// Left out is what depends on when and by whom: all instants, lease tokens
    /// and holders, how a body is compressed, and the numbers of interned texts.
    pub async fn fingerprint(&self) -> Result<Vec<Fingerprint>, StoreError> {
        portable::fingerprint(self).await
    }
}

/// The tables as portable rows; see [`portable`].
impl Store {
    async fn rows(&self, purpose: Purpose) -> Result<Rows, StoreError> {
        match &self.database {
            Database::Sqlite(database) => sqlite::tables::rows(database, purpose).await,
            Database::Postgres(database) => Ok(postgres::tables::rows(database, purpose)),
        }
    }

    async fn load(&self, batch: Batch) -> Result<(), StoreError> {
        match &self.database {
            Database::Sqlite(database) => sqlite::tables::load(database, batch).await,
            Database::Postgres(database) => postgres::tables::load(database, batch).await,
        }
    }
}

#[cfg(test)]
impl Store {
    /// The database itself, for tests of what is SQLite's own.
    fn sqlite(&self) -> &sqlite::Database {
        match &self.database {
            Database::Sqlite(database) => database,
            Database::Postgres(_) => panic!("a test of SQLite runs on PostgreSQL"),
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("`{shown}` names no database that is supported: use {instead}")]
    Unsupported { shown: String, instead: String },
    #[error("{path} cannot be used as an address: {reason}")]
    Address { path: String, reason: String },
    #[error("`{url}` is no place where bodies can lie: {why}")]
    Bodies { url: String, why: String },
    #[error("{path} is not a database of Cinemirror's: {reason}")]
    Foreign { path: String, reason: String },
    #[error(
        "{path} belongs to a newer Cinemirror (it has migration {found}, this program knows {known})"
    )]
    Newer { path: String, found: u32, known: u32 },
    #[error("{path} was made by a different {name}: this program cannot tell its tables")]
    Altered { path: String, name: String },
    /// Its server takes neither this user nor this password, or has no such database.
    #[error("cannot open {path}: {why}; see store.url (or --store, DATABASE_URL)")]
    Refused { path: String, why: String },
    #[error("cannot open {path}")]
    Unavailable { path: String, source: StoreError },
}

impl OpenError {
    fn unsupported(url: &str) -> Self {
        let instead = if stored::is_file_name(url) {
            format!("sqlite:{url}")
        } else {
            "sqlite:FILE, such as sqlite:cinemirror.db, or postgres://USER:PASSWORD@HOST/DATABASE"
                .to_owned()
        };
        Self::Unsupported { shown: without_secrets(url), instead }
    }
}
