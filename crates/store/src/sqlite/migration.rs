//! Brings the tables of a database up to date, forward only.

use rusqlite::{Connection, params};

use super::connection::{APPLICATION_ID, refusal};
use super::fault::Fault;
use crate::OpenError;

struct Migration {
    name: &'static str,
    sql: &'static str,
}

macro_rules! migrations {
    ($($name:literal),* $(,)?) => {
        [$(Migration {
            name: $name,
            sql: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
        }),*]
    };
}

/// In the order of their numbers, which count from 1. Never edited once merged.
static MIGRATIONS: [Migration; 16] = migrations![
    "0001_queue",
    "0002_archive",
    "0003_catalogue",
    "0004_ledger",
    "0005_budget",
    "0006_freshness",
    "0007_again",
    "0008_schedule",
    "0009_scores",
    "0010_images",
    "0011_objects",
    "0012_workers",
    "0013_demand",
    "0014_facets",
    "0015_access",
    "0016_served",
];

/// How many migrations make the tables of today.
pub(crate) const SCHEMA: usize = MIGRATIONS.len();

/// Runs the migrations that the database lacks, all or none.
pub(super) fn run(db: &Connection, path: &str) -> Result<(), OpenError> {
    let failed = |fault: Fault| refusal(path, fault);
    let transaction = super::begin(db).map_err(failed)?;
    if !is_ours(&transaction).map_err(failed)? {
        let reason = "it holds tables of another program".to_owned();
        return Err(OpenError::Foreign { path: path.to_owned(), reason });
    }
    let applied = applied(&transaction).map_err(failed)?;
    if applied.len() > MIGRATIONS.len() {
        return Err(OpenError::Newer {
            path: path.to_owned(),
            found: u32::try_from(applied.len()).unwrap_or(u32::MAX),
            known: u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX),
        });
    }
    let known = applied.iter().zip(&MIGRATIONS);
    if let Some((_, altered)) = known.into_iter().find(|(sum, known)| **sum != checksum(known.sql))
    {
        let (path, name) = (path.to_owned(), altered.name.to_owned());
        return Err(OpenError::Altered { path, name });
    }
    if applied.is_empty() {
        let mark = transaction.pragma_update(None, "application_id", APPLICATION_ID);
        mark.map_err(|error| failed(error.into()))?;
    }
    for (number, migration) in MIGRATIONS.iter().enumerate().skip(applied.len()) {
        apply(&transaction, number + 1, migration).map_err(failed)?;
    }
    transaction.commit().map_err(|error| failed(error.into()))
}

fn is_ours(db: &Connection) -> Result<bool, Fault> {
    let id: i64 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    Ok(id == APPLICATION_ID || (id == 0 && tables == 0))
}

/// The checksums of the migrations that the database has, in their order.
fn applied(db: &Connection) -> Result<Vec<String>, Fault> {
    db.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_migrations (
             number INTEGER PRIMARY KEY,
             name TEXT NOT NULL,
             checksum TEXT NOT NULL
         )",
    )?;
    let mut rows = db.prepare("SELECT checksum FROM schema_migrations ORDER BY number")?;
    let sums = rows.query_map([], |row| row.get(0))?;
    Ok(sums.collect::<Result<_, _>>()?)
}

fn apply(db: &Connection, number: usize, migration: &Migration) -> Result<(), Fault> {
    db.execute_batch(migration.sql)?;
    db.execute(
        "INSERT INTO schema_migrations (number, name, checksum) VALUES (?1, ?2, ?3)",
        params![super::columns::limit(number), migration.name, checksum(migration.sql)],
    )?;
    Ok(())
}

fn checksum(sql: &str) -> String {
    blake3::hash(sql.as_bytes()).to_hex().to_string()
}

#[cfg(test)]
mod tests;
