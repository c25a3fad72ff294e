//! Portable rows become PostgreSQL's: a batch is one statement, its columns are arrays.

use domain::{StoreError, Timestamp};
use tokio_postgres::types::{ToSql, Type as Sql};

use super::Fault;
use crate::portable::tables::{Column, Table, Type};
use crate::portable::{Batch, Row, Value};
use crate::postgres::connection::{self, Transaction};
use crate::postgres::values::instant;
use crate::postgres::{Database, transaction};

/// Adds rows that come in the order of their keys, all or none.
pub(crate) async fn load(database: &Database, batch: Batch) -> Result<(), StoreError> {
    let Batch { table, rows } = &batch;
    transaction!(database, tx => write(&tx, table, rows).await)
}

async fn write(tx: &Transaction<'_>, table: &Table, rows: &[Row]) -> Result<(), Fault> {
    match table.name {
        "lease_tokens" => {
            tx.batch("SELECT setval('lease_tokens', 1, false)").await?;
            set(tx, "SELECT setval('lease_tokens', one.last)", table, rows).await
        }
        "counters" => {
            tx.batch(
                "SELECT setval('dictionaries_dictionary_id_seq', 1, false);
                 SELECT setval('pipeline_runs_run_id_seq', 1, false)",
            )
            .await?;
            let sql = "SELECT setval(CASE one.name
                WHEN 'dictionaries' THEN 'dictionaries_dictionary_id_seq'::regclass
                WHEN 'pipeline_runs' THEN 'pipeline_runs_run_id_seq'::regclass END, one.last)";
            set(tx, sql, table, rows).await
        }
        "budget" => {
            tx.batch("UPDATE budget SET shared = '{}'").await?;
            let sql = "UPDATE budget SET shared = one.shared::jsonb";
            set(tx, sql, table, rows).await
        }
        "schedule_leader" => {
            tx.batch("UPDATE schedule_leader SET leader = 'null'").await?;
            let sql = "UPDATE schedule_leader SET leader = one.leader::jsonb";
            set(tx, sql, table, rows).await
        }
        "versions" => {
            intern(tx, table, rows).await?;
            insert(tx, table, rows).await
        }
        "api_calls" => {
            intern(tx, table, rows).await?;
            insert(tx, table, rows).await?;
            tx.batch(
                "SELECT setval('api_calls_call_id_seq', greatest(max(call_id), 1))
                 FROM api_calls",
            )
            .await
        }
        "works_meta" => {
            insert(tx, table, rows).await?;
            work_texts(tx, rows).await
        }
        _ => insert(tx, table, rows).await,
    }
}
