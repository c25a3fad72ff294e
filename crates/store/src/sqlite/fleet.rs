//! The processes of the deployment in SQLite.

use async_trait::async_trait;
use domain::{StoreError, Timestamp, Worker, Workers};
use rusqlite::params;

use super::Database;
use super::columns::{signed, time_at, unsigned};

pub(crate) struct Fleet {
    database: Database,
}

impl Fleet {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl Workers for Fleet {
    async fn beat(&self, worker: &Worker) -> Result<(), StoreError> {
        let worker = worker.clone();
        self.database
            .write(move |db| {
                db.prepare_cached(
                    "REPLACE INTO workers
                         (name, host, pid, role, version, started_at, heard_at, in_flight,
                          collected, failed)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                )?
                .execute(params![
                    worker.name,
                    worker.host,
                    worker.pid,
                    worker.role,
                    worker.version,
                    worker.started_at.as_millis(),
                    worker.heard_at.as_millis(),
                    worker.in_flight,
                    signed(worker.collected),
                    signed(worker.failed),
                ])?;
                Ok(())
            })
            .await
    }

    async fn leave(&self, name: &str) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.database
            .write(move |db| {
                db.prepare_cached("DELETE FROM workers WHERE name = ?1")?.execute([name])?;
                Ok(())
            })
            .await
    }

    async fn list(&self, heard_since: Timestamp) -> Result<Vec<Worker>, StoreError> {
        self.database
            .read(move |db| {
                let mut select = db.prepare_cached(
                    "SELECT name, host, pid, role, version, started_at, heard_at, in_flight,
                            collected, failed
                     FROM workers WHERE heard_at >= ?1 ORDER BY name",
                )?;
                let mut rows = select.query([heard_since.as_millis()])?;
                let mut workers = vec![];
                while let Some(row) = rows.next()? {
                    workers.push(Worker {
                        name: row.get(0)?,
                        host: row.get(1)?,
                        pid: row.get(2)?,
                        role: row.get(3)?,
                        version: row.get(4)?,
                        started_at: time_at(row, 5)?,
                        heard_at: time_at(row, 6)?,
                        in_flight: row.get(7)?,
                        collected: unsigned(row.get(8)?),
                        failed: unsigned(row.get(9)?),
                    });
                }
                Ok(workers)
            })
            .await
    }

    async fn forget(&self, heard_before: Timestamp) -> Result<u64, StoreError> {
        self.database
            .write(move |db| {
                let mut delete = db.prepare_cached("DELETE FROM workers WHERE heard_at < ?1")?;
                Ok(delete.execute([heard_before.as_millis()])? as u64)
            })
            .await
    }
}
