//! The processes of the deployment in PostgreSQL.

use async_trait::async_trait;
use domain::{StoreError, Timestamp, Worker, Workers};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::fault::Fault;
use super::values::{instant, signed, time_at, unsigned};
use super::{Database, snapshot, transaction};

pub(crate) struct Fleet {
    database: Database,
}

impl Fleet {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }
}

fn worker(row: &Row) -> Result<Worker, Fault> {
    let small =
        |column| Ok::<_, Fault>(u32::try_from(row.try_get::<_, i64>(column)?).unwrap_or(u32::MAX));
    Ok(Worker {
        name: row.try_get(0)?,
        host: row.try_get(1)?,
        pid: small(2)?,
        role: row.try_get(3)?,
        version: row.try_get(4)?,
        started_at: time_at(row, 5)?,
        heard_at: time_at(row, 6)?,
        in_flight: small(7)?,
        collected: unsigned(row.try_get(8)?),
        failed: unsigned(row.try_get(9)?),
    })
}

#[async_trait]
impl Workers for Fleet {
    async fn beat(&self, worker: &Worker) -> Result<(), StoreError> {
        let times = [instant(worker.started_at), instant(worker.heard_at)];
        let numbers = [
            i64::from(worker.pid),
            i64::from(worker.in_flight),
            signed(worker.collected),
            signed(worker.failed),
        ];
        transaction!(self.database, tx => tx.run(
            "INSERT INTO workers
                 (name, host, pid, role, version, started_at, heard_at, in_flight, collected,
                  failed)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (name) DO UPDATE SET
                 host = excluded.host, pid = excluded.pid, role = excluded.role,
                 version = excluded.version, started_at = excluded.started_at,
                 heard_at = excluded.heard_at, in_flight = excluded.in_flight,
                 collected = excluded.collected, failed = excluded.failed",
            &[
                (&worker.name, Type::TEXT),
                (&worker.host, Type::TEXT),
                (&numbers[0], Type::INT8),
                (&worker.role, Type::TEXT),
                (&worker.version, Type::TEXT),
                (&times[0], Type::TIMESTAMPTZ),
                (&times[1], Type::TIMESTAMPTZ),
                (&numbers[1], Type::INT8),
                (&numbers[2], Type::INT8),
                (&numbers[3], Type::INT8),
            ],
        )
        .await)
        .map(drop)
    }

    async fn leave(&self, name: &str) -> Result<(), StoreError> {
        let name = [(&name as _, Type::TEXT)];
        transaction!(self.database, tx => tx.run("DELETE FROM workers WHERE name = $1", &name).await)
            .map(drop)
    }

    async fn list(&self, heard_since: Timestamp) -> Result<Vec<Worker>, StoreError> {
        let since = instant(heard_since);
        let rows = snapshot!(self.database, tx => tx.rows(
            "SELECT name, host, pid, role, version, started_at, heard_at, in_flight, collected,
                    failed
             FROM workers WHERE heard_at >= $1 ORDER BY name",
            &[(&since, Type::TIMESTAMPTZ)],
        )
        .await);
        Ok(rows?.iter().map(worker).collect::<Result<_, Fault>>()?)
    }

    async fn forget(&self, heard_before: Timestamp) -> Result<u64, StoreError> {
        let before = instant(heard_before);
        transaction!(self.database, tx => tx.run(
            "DELETE FROM workers WHERE heard_at < $1",
            &[(&before, Type::TIMESTAMPTZ)],
        )
        .await)
    }
}
