//! Runs of the pipeline, and their figures.

use domain::ledger::RunCount;
use domain::run::{NewRun, Progress, Run, RunFigures, RunStatus};
use domain::{RunId, Timestamp};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::postgres::batch::plain;
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{instant, limit, maybe_time_at, signed, time_at, unsigned};

pub(super) async fn open(
    tx: &Transaction<'_>,
    run: &NewRun,
    now: Timestamp,
) -> Result<RunId, Fault> {
    let row = tx
        .one(
            "INSERT INTO pipeline_runs (name, trigger, sources, status, started_at, heard_at)
             VALUES ($1, $2, $3, $4, $5, $5) RETURNING run_id",
            &[
                (&run.name, Type::TEXT),
                (&run.trigger, Type::TEXT),
                (&run.sources, Type::TEXT_ARRAY),
                (&RunStatus::Running.as_str(), Type::TEXT),
                (&instant(now), Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    Ok(RunId(row.try_get(0)?))
}

/// A run that is not known is let be: its figures are lost with it.
pub(super) async fn progress(
    tx: &Transaction<'_>,
    run: RunId,
    progress: &Progress,
    now: Timestamp,
) -> Result<(), Fault> {
    let more = progress.figures;
    let figures = [
        more.checked,
        more.skipped,
        more.queued,
        more.ingested,
        more.unchanged,
        more.gone,
        more.failed,
        more.calls,
        more.bytes,
    ];
    let figures: Vec<i64> = figures.into_iter().map(signed).collect();
    let kept = |titles: &[String]| -> Vec<String> {
        titles.iter().take(Run::TITLES_KEPT).map(|title| plain(title).into_owned()).collect()
    };
    tx.run(
        "UPDATE pipeline_runs SET heard_at = greatest(heard_at, $2),
             checked = checked + ($3::int8[])[1], skipped = skipped + ($3::int8[])[2],
             queued = queued + ($3::int8[])[3], ingested = ingested + ($3::int8[])[4],
             unchanged = unchanged + ($3::int8[])[5], gone = gone + ($3::int8[])[6],
             failed = failed + ($3::int8[])[7], calls = calls + ($3::int8[])[8],
             bytes = bytes + ($3::int8[])[9],
             ingested_titles = (ingested_titles || $4::text[])[1:$6],
             failed_titles = (failed_titles || $5::text[])[1:$6]
         WHERE run_id = $1",
        &[
            (&run.0, Type::INT8),
            (&instant(now), Type::TIMESTAMPTZ),
            (&figures, Type::INT8_ARRAY),
            (&kept(&progress.ingested_titles), Type::TEXT_ARRAY),
            (&kept(&progress.failed_titles), Type::TEXT_ARRAY),
            (&i32::try_from(Run::TITLES_KEPT).unwrap_or(i32::MAX), Type::INT4),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn close(
    tx: &Transaction<'_>,
    run: RunId,
    status: RunStatus,
    error: Option<&str>,
    now: Timestamp,
) -> Result<(), Fault> {
    let error = error.map(plain);
    tx.run(
        "UPDATE pipeline_runs SET status = $2, error = $3, ended_at = $4 WHERE run_id = $1",
        &[
            (&run.0, Type::INT8),
            (&status.as_str(), Type::TEXT),
            (&error.as_deref(), Type::TEXT),
            (&instant(now), Type::TIMESTAMPTZ),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn bury_silent(
    tx: &Transaction<'_>,
    silent_since: Timestamp,
) -> Result<u64, Fault> {
    tx.run(
        "UPDATE pipeline_runs SET status = $1, ended_at = heard_at
         WHERE status = $2 AND heard_at < $3
           AND run_id NOT IN (SELECT run_id FROM run_requests)",
        &[
            (&RunStatus::Interrupted.as_str(), Type::TEXT),
            (&RunStatus::Running.as_str(), Type::TEXT),
            (&instant(silent_since), Type::TIMESTAMPTZ),
        ],
    )
    .await
}

pub(super) async fn forget_titles(tx: &Transaction<'_>, before: Timestamp) -> Result<u64, Fault> {
    tx.run(
        "UPDATE pipeline_runs SET ingested_titles = '{}', failed_titles = '{}'
         WHERE ended_at < $1 AND (ingested_titles <> '{}' OR failed_titles <> '{}')",
        &[(&instant(before), Type::TIMESTAMPTZ)],
    )
    .await
}

pub(super) async fn list(
    tx: &Transaction<'_>,
    status: Option<RunStatus>,
    rows: usize,
) -> Result<Vec<Run>, Fault> {
    select(tx, None, status, rows).await
}

pub(super) async fn get(tx: &Transaction<'_>, id: RunId) -> Result<Option<Run>, Fault> {
    Ok(select(tx, Some(id), None, 1).await?.pop())
}

async fn select(
    tx: &Transaction<'_>,
    id: Option<RunId>,
    status: Option<RunStatus>,
    rows: usize,
) -> Result<Vec<Run>, Fault> {
    let rows = tx
        .rows(
            "SELECT run_id, name, trigger, sources, status, started_at, ended_at, checked,
                    skipped, queued, ingested, unchanged, gone, failed, calls, bytes,
                    ingested_titles, failed_titles, error
             FROM pipeline_runs
             WHERE ($1 IS NULL OR run_id = $1) AND ($2 IS NULL OR status = $2)
             ORDER BY run_id DESC LIMIT $3",
            &[
                (&id.map(|id| id.0), Type::INT8),
                (&status.map(RunStatus::as_str), Type::TEXT),
                (&limit(rows), Type::INT8),
            ],
        )
        .await?;
    rows.iter().map(run).collect()
}

pub(super) async fn counts(tx: &Transaction<'_>) -> Result<Vec<RunCount>, Fault> {
    let sql = "SELECT status, count(*), max(started_at) FROM pipeline_runs
               GROUP BY status ORDER BY status";
    let count = |row: &Row| {
        Ok(RunCount {
            status: status(row.try_get(0)?)?,
            runs: unsigned(row.try_get(1)?),
            last_started_at: time_at(row, 2)?,
        })
    };
    tx.rows(sql, &[]).await?.iter().map(count).collect()
}

fn status(name: &str) -> Result<RunStatus, Fault> {
    RunStatus::from_name(name).ok_or_else(|| Fault::corrupt(format!("no run can be {name}")))
}

fn run(row: &Row) -> Result<Run, Fault> {
    let started_at = time_at(row, 5)?;
    let ended_at = maybe_time_at(row, 6)?;
    let figure = |column: usize| row.try_get(column).map(unsigned);
    Ok(Run {
        id: RunId(row.try_get(0)?),
        name: row.try_get(1)?,
        trigger: row.try_get(2)?,
        sources: row.try_get(3)?,
        status: status(row.try_get(4)?)?,
        started_at,
        ended_at,
        duration_ms: ended_at
            .map(|end| u64::try_from(end.since(started_at).as_millis()).unwrap_or(u64::MAX)),
        figures: RunFigures {
            checked: figure(7)?,
            skipped: figure(8)?,
            queued: figure(9)?,
            ingested: figure(10)?,
            unchanged: figure(11)?,
            gone: figure(12)?,
            failed: figure(13)?,
            calls: figure(14)?,
            bytes: figure(15)?,
        },
        ingested_titles: row.try_get(16)?,
        failed_titles: row.try_get(17)?,
        error: row.try_get(18)?,
    })
}
