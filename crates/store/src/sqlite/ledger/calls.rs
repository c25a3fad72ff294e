//! The log of calls to TMDB.

use std::time::Duration;

use domain::ledger::{ApiCall, CallCount, CallFilter, CallHour};
use domain::{RunId, Timestamp};
use rusqlite::{Connection, Row, params};

use super::Fault;
use crate::sqlite::columns::{limit, signed, time_at, unsigned};
use crate::sqlite::queries::{self, Queries};

pub(super) fn log(db: &Connection, calls: &[ApiCall]) -> Result<(), Fault> {
    let mut queries = Queries::default();
    let mut insert = db.prepare_cached(
        "INSERT INTO api_calls (at, endpoint, path, query_id, status, outcome, took_ms, bytes, run)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for call in calls {
        let (path, query) = queries.split(db, &call.asked)?;
        insert.execute(params![
            call.at.as_millis(),
            call.endpoint,
            path,
            query,
            call.status,
            call.outcome,
            i64::try_from(call.took.as_millis()).unwrap_or(i64::MAX),
            signed(call.bytes),
            call.run.map(|run| run.0),
        ])?;
    }
    Ok(())
}

pub(super) fn list(
    db: &Connection,
    which: &CallFilter,
    rows: usize,
) -> Result<Vec<ApiCall>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT at, endpoint, path, query, status, outcome, took_ms, bytes, run
         FROM api_calls LEFT JOIN queries USING (query_id)
         WHERE (?1 IS NULL OR endpoint = ?1) AND (?2 IS NULL OR status = ?2)
           AND (?3 = 0 OR outcome <> 'found') AND (?4 IS NULL OR run = ?4)
         ORDER BY at DESC, call_id DESC LIMIT ?5",
    )?;
    let run = which.run.map(|run| run.0);
    let mut rows =
        select.query(params![which.endpoint, which.status, which.failed_only, run, limit(rows)])?;
    let mut calls = vec![];
    while let Some(row) = rows.next()? {
        calls.push(call(row)?);
    }
    Ok(calls)
}

fn call(row: &Row<'_>) -> Result<ApiCall, Fault> {
    let path = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
    let query = row.get_ref(3)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    Ok(ApiCall {
        at: time_at(row, 0)?,
        endpoint: row.get(1)?,
        asked: queries::join(path, query),
        status: row.get(4)?,
        outcome: row.get(5)?,
        took: Duration::from_millis(unsigned(row.get(6)?)),
        bytes: unsigned(row.get(7)?),
        run: row.get::<_, Option<i64>>(8)?.map(RunId),
    })
}

pub(super) fn counts(db: &Connection, since: Timestamp) -> Result<Vec<CallCount>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT endpoint, status, count(*), sum(bytes), sum(took_ms) / count(*), max(took_ms)
         FROM api_calls WHERE at >= ?1
         GROUP BY endpoint, status ORDER BY endpoint, status",
    )?;
    let counts = select.query_map([since.as_millis()], |row| {
        Ok(CallCount {
            endpoint: row.get(0)?,
            status: row.get(1)?,
            calls: unsigned(row.get(2)?),
            bytes: unsigned(row.get(3)?),
            mean_millis: unsigned(row.get(4)?),
            max_millis: unsigned(row.get(5)?),
        })
    })?;
    Ok(counts.collect::<Result<_, _>>()?)
}

pub(super) fn hours(db: &Connection, since: Timestamp) -> Result<Vec<CallHour>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT at / 3600000 * 3600000, count(*), sum(outcome <> 'found'), sum(bytes)
         FROM api_calls WHERE at >= ?1 GROUP BY 1 ORDER BY 1",
    )?;
    let mut rows = select.query([since.as_millis()])?;
    let mut hours = vec![];
    while let Some(row) = rows.next()? {
        hours.push(CallHour {
            hour: time_at(row, 0)?,
            calls: unsigned(row.get(1)?),
            failed: unsigned(row.get(2)?),
            bytes: unsigned(row.get(3)?),
        });
    }
    Ok(hours)
}

pub(super) fn forget(db: &Connection, before: Timestamp) -> Result<u64, Fault> {
    let forgotten =
        db.prepare_cached("DELETE FROM api_calls WHERE at < ?1")?.execute([before.as_millis()])?;
    Ok(unsigned(limit(forgotten)))
}
