//! The log of calls to TMDB.

use std::time::Duration;

use domain::ledger::{ApiCall, CallCount, CallFilter, CallHour};
use domain::{RunId, Timestamp};
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::postgres::batch::json;
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::queries::{self, Queries};
use crate::postgres::values::{instant, limit, signed, time_at, unsigned};

#[derive(Serialize)]
struct Logged<'a> {
    at: jiff::Timestamp,
    endpoint: &'a str,
    path: &'a str,
    query_id: Option<i64>,
    status: Option<u16>,
    outcome: &'a str,
    took_ms: i64,
    bytes: i64,
    run: Option<i64>,
}

impl<'a> Logged<'a> {
    fn new(call: &'a ApiCall, queries: &Queries) -> Self {
        let (path, query_id) = queries.split(&call.asked);
        Self {
            at: instant(call.at),
            endpoint: &call.endpoint,
            path,
            query_id,
            status: call.status,
            outcome: &call.outcome,
            took_ms: i64::try_from(call.took.as_millis()).unwrap_or(i64::MAX),
            bytes: signed(call.bytes),
            run: call.run.map(|run| run.0),
        }
    }
}

pub(super) async fn log(tx: &Transaction<'_>, calls: &[ApiCall]) -> Result<(), Fault> {
    let queries = Queries::of(tx, calls.iter().map(|call| call.asked.as_str())).await?;
    let calls: Vec<_> = calls.iter().map(|call| Logged::new(call, &queries)).collect();
    tx.run(
        "INSERT INTO api_calls
             (at, endpoint, path, query_id, status, outcome, took_ms, bytes, run)
         SELECT at, endpoint, path, query_id, status, outcome, took_ms, bytes, run
         FROM json_populate_recordset(NULL::api_calls, $1::json) WITH ORDINALITY
         ORDER BY ordinality",
        &[(&json(&calls)?, Type::TEXT)],
    )
    .await?;
    Ok(())
}

pub(super) async fn list(
    tx: &Transaction<'_>,
    which: &CallFilter,
    rows: usize,
) -> Result<Vec<ApiCall>, Fault> {
    let rows = tx
        .rows(
            "SELECT at, endpoint, path, query, status, outcome, took_ms, bytes, run
             FROM api_calls LEFT JOIN queries USING (query_id)
             WHERE ($1 IS NULL OR endpoint = $1) AND ($2 IS NULL OR status = $2)
               AND (NOT $3 OR outcome <> 'found') AND ($4 IS NULL OR run = $4)
             ORDER BY at DESC, call_id DESC LIMIT $5",
            &[
                (&which.endpoint, Type::TEXT),
                (&which.status.map(i32::from), Type::INT4),
                (&which.failed_only, Type::BOOL),
                (&which.run.map(|run| run.0), Type::INT8),
                (&limit(rows), Type::INT8),
            ],
        )
        .await?;
    rows.iter().map(call).collect()
}

fn call(row: &Row) -> Result<ApiCall, Fault> {
    Ok(ApiCall {
        at: time_at(row, 0)?,
        endpoint: row.try_get(1)?,
        asked: queries::join(row.try_get(2)?, row.try_get(3)?),
        status: status_at(row, 4)?,
        outcome: row.try_get(5)?,
        took: Duration::from_millis(unsigned(row.try_get(6)?)),
        bytes: unsigned(row.try_get(7)?),
        run: row.try_get::<_, Option<i64>>(8)?.map(RunId),
    })
}

fn status_at(row: &Row, column: usize) -> Result<Option<u16>, Fault> {
    Ok(row.try_get::<_, Option<i32>>(column)?.and_then(|status| u16::try_from(status).ok()))
}

pub(super) async fn counts(
    tx: &Transaction<'_>,
    since: Timestamp,
) -> Result<Vec<CallCount>, Fault> {
    let rows = tx
        .rows(
            "SELECT endpoint, status, count(*), sum(bytes)::bigint,
                    div(sum(took_ms), count(*))::bigint, max(took_ms)
             FROM api_calls WHERE at >= $1
             GROUP BY endpoint, status ORDER BY endpoint, status NULLS FIRST",
            &[(&instant(since), Type::TIMESTAMPTZ)],
        )
        .await?;
    let counts = rows.iter().map(|row| {
        Ok(CallCount {
            endpoint: row.try_get(0)?,
            status: status_at(row, 1)?,
            calls: unsigned(row.try_get(2)?),
            bytes: unsigned(row.try_get(3)?),
            mean_millis: unsigned(row.try_get(4)?),
            max_millis: unsigned(row.try_get(5)?),
        })
    });
    counts.collect()
}

pub(super) async fn hours(tx: &Transaction<'_>, since: Timestamp) -> Result<Vec<CallHour>, Fault> {
    let rows = tx
        .rows(
            "SELECT date_trunc('hour', at, 'UTC') AS hour, count(*),
                    count(*) FILTER (WHERE outcome <> 'found'), sum(bytes)::bigint
             FROM api_calls WHERE at >= $1 GROUP BY hour ORDER BY hour",
            &[(&instant(since), Type::TIMESTAMPTZ)],
        )
        .await?;
    let hours = rows.iter().map(|row| {
        Ok(CallHour {
            hour: time_at(row, 0)?,
            calls: unsigned(row.try_get(1)?),
            failed: unsigned(row.try_get(2)?),
            bytes: unsigned(row.try_get(3)?),
        })
    });
    hours.collect()
}

pub(super) async fn forget(tx: &Transaction<'_>, before: Timestamp) -> Result<u64, Fault> {
    let sql = "DELETE FROM api_calls WHERE at < $1";
    tx.run(sql, &[(&instant(before), Type::TIMESTAMPTZ)]).await
}
