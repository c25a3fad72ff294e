//! Brings the tables of a database up to date, forward only.

use domain::StoreError;
use tokio_postgres::types::Type;

use super::connection::Transaction;
use super::fault::{Fault, Refusal};
use super::values::limit;
use super::{Database, transaction};
use crate::OpenError;
use crate::stored::without_secrets;

struct Migration {
    name: &'static str,
    sql: &'static str,
}

macro_rules! migrations {
    ($($name:literal),* $(,)?) => {
        [$(Migration {
            name: $name,
            sql: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        }),*]
    };
}

/// In the order of their numbers, which count from 1, and named as those of
/// SQLite are. Never edited once merged.
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

/// Held while migrations run, so that processes that start together take turns.
const LOCK: i64 = 0x4369_6e65;

/// What the tables turned out to be.
enum Standing {
    Ready,
    Foreign,
    Newer(usize),
    Altered(&'static str),
}

/// Runs the migrations that the database lacks, all or none.
pub(super) async fn run(database: &Database, url: &str) -> Result<(), OpenError> {
    let path = without_secrets(url);
    match transaction!(database, tx => bring_up(&tx).await) {
        Ok(Standing::Ready) => Ok(()),
        Ok(Standing::Foreign) => Err(OpenError::Foreign {
            path,
            reason: "it holds tables of another program".to_owned(),
        }),
        Ok(Standing::Newer(found)) => Err(OpenError::Newer {
            path,
            found: u32::try_from(found).unwrap_or(u32::MAX),
            known: u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX),
        }),
        Ok(Standing::Altered(name)) => Err(OpenError::Altered { path, name: name.to_owned() }),
        Err(StoreError::Unavailable(cause)) if cause.is::<Refusal>() => {
            Err(OpenError::Refused { path, why: cause.to_string() })
        }
        Err(source) => Err(OpenError::Unavailable { path, source }),
    }
}

async fn bring_up(tx: &Transaction<'_>) -> Result<Standing, Fault> {
    tx.rows("SELECT pg_advisory_xact_lock($1)", &[(&LOCK, Type::INT8)]).await?;
    let tables = tx
        .one(
            "SELECT count(*) FILTER (WHERE tablename = 'schema_migrations'), count(*)
             FROM pg_tables WHERE schemaname = current_schema()",
            &[],
        )
        .await?;
    let (is_marked, all): (i64, i64) = (tables.try_get(0)?, tables.try_get(1)?);
    if is_marked == 0 && all > 0 {
        return Ok(Standing::Foreign);
    }
    if is_marked == 0 {
        tx.batch(
            "CREATE TABLE schema_migrations (
                 number integer PRIMARY KEY,
                 name text NOT NULL,
                 checksum text NOT NULL
             )",
        )
        .await?;
    }
    let applied = tx.rows("SELECT checksum FROM schema_migrations ORDER BY number", &[]).await?;
    if applied.len() > MIGRATIONS.len() {
        return Ok(Standing::Newer(applied.len()));
    }
    for (row, known) in applied.iter().zip(&MIGRATIONS) {
        if row.try_get::<_, String>(0)? != checksum(known.sql) {
            return Ok(Standing::Altered(known.name));
        }
    }
    for (number, migration) in MIGRATIONS.iter().enumerate().skip(applied.len()) {
        tx.batch(migration.sql).await?;
        tx.run(
            "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1::int8, $2, $3)",
            &[
                (&limit(number + 1), Type::INT8),
                (&migration.name, Type::TEXT),
                (&checksum(migration.sql), Type::TEXT),
            ],
        )
        .await?;
    }
    Ok(Standing::Ready)
}

fn checksum(sql: &str) -> String {
    blake3::hash(sql.as_bytes()).to_hex().to_string()
}
