//! Runs of the pipeline, and their figures.

use domain::ledger::RunCount;
use domain::run::{NewRun, Progress, Run, RunFigures, RunStatus};
use domain::{RunId, Timestamp};
use rusqlite::{Connection, Row, params};

use super::Fault;
use crate::sqlite::columns::{json_at, limit, maybe_time_at, signed, time_at, to_json, unsigned};

pub(super) fn open(db: &Connection, run: &NewRun, now: Timestamp) -> Result<RunId, Fault> {
    db.prepare_cached(
        "INSERT INTO pipeline_runs (name, trigger, sources, status, started_at, heard_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
    )?
    .execute(params![
        run.name,
        run.trigger,
        to_json(&run.sources)?,
        RunStatus::Running.as_str(),
        now.as_millis()
    ])?;
    Ok(RunId(db.last_insert_rowid()))
}

/// A run that is not known is let be: its figures are lost with it.
pub(super) fn progress(
    db: &Connection,
    run: RunId,
    progress: &Progress,
    now: Timestamp,
) -> Result<(), Fault> {
    let more = progress.figures;
    db.prepare_cached(
        "UPDATE pipeline_runs SET heard_at = max(heard_at, ?2),
             checked = checked + ?3, skipped = skipped + ?4, queued = queued + ?5,
             ingested = ingested + ?6, unchanged = unchanged + ?7, gone = gone + ?8,
             failed = failed + ?9, calls = calls + ?10, bytes = bytes + ?11
         WHERE run_id = ?1",
    )?
    .execute([
        run.0,
        now.as_millis(),
        signed(more.checked),
        signed(more.skipped),
        signed(more.queued),
        signed(more.ingested),
        signed(more.unchanged),
        signed(more.gone),
        signed(more.failed),
        signed(more.calls),
        signed(more.bytes),
    ])?;
    if progress.ingested_titles.is_empty() && progress.failed_titles.is_empty() {
        return Ok(());
    }
    let Some(mut known) = get(db, run)? else { return Ok(()) };
    keep_first(&mut known.ingested_titles, &progress.ingested_titles);
    keep_first(&mut known.failed_titles, &progress.failed_titles);
    db.prepare_cached(
        "UPDATE pipeline_runs SET ingested_titles = ?2, failed_titles = ?3 WHERE run_id = ?1",
    )?
    .execute(params![
        run.0,
        to_json(&known.ingested_titles)?,
        to_json(&known.failed_titles)?
    ])?;
    Ok(())
}

fn keep_first(titles: &mut Vec<String>, more: &[String]) {
    let room = Run::TITLES_KEPT.saturating_sub(titles.len());
    titles.extend(more.iter().take(room).cloned());
}

pub(super) fn close(
    db: &Connection,
    run: RunId,
    status: RunStatus,
    error: Option<&str>,
    now: Timestamp,
) -> Result<(), Fault> {
    db.prepare_cached(
        "UPDATE pipeline_runs SET status = ?2, error = ?3, ended_at = ?4 WHERE run_id = ?1",
    )?
    .execute(params![run.0, status.as_str(), error, now.as_millis()])?;
    Ok(())
}

pub(super) fn bury_silent(db: &Connection, silent_since: Timestamp) -> Result<u64, Fault> {
    let buried = db
        .prepare_cached(
            "UPDATE pipeline_runs SET status = ?1, ended_at = heard_at
             WHERE status = ?2 AND heard_at < ?3
               AND run_id NOT IN (SELECT run_id FROM run_requests)",
        )?
        .execute(params![
            RunStatus::Interrupted.as_str(),
            RunStatus::Running.as_str(),
            silent_since.as_millis()
        ])?;
    Ok(unsigned(limit(buried)))
}

pub(super) fn forget_titles(db: &Connection, before: Timestamp) -> Result<u64, Fault> {
    let forgotten = db
        .prepare_cached(
            "UPDATE pipeline_runs SET ingested_titles = '[]', failed_titles = '[]'
             WHERE ended_at < ?1 AND (ingested_titles <> '[]' OR failed_titles <> '[]')",
        )?
        .execute([before.as_millis()])?;
    Ok(unsigned(limit(forgotten)))
}

pub(super) fn list(
    db: &Connection,
    status: Option<RunStatus>,
    rows: usize,
) -> Result<Vec<Run>, Fault> {
    select(db, None, status, rows)
}

pub(super) fn get(db: &Connection, id: RunId) -> Result<Option<Run>, Fault> {
    Ok(select(db, Some(id), None, 1)?.pop())
}

fn select(
    db: &Connection,
    id: Option<RunId>,
    status: Option<RunStatus>,
    rows: usize,
) -> Result<Vec<Run>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT run_id, name, trigger, sources, status, started_at, ended_at, checked, skipped,
                queued, ingested, unchanged, gone, failed, calls, bytes, ingested_titles,
                failed_titles, error
         FROM pipeline_runs
         WHERE (?1 IS NULL OR run_id = ?1) AND (?2 IS NULL OR status = ?2)
         ORDER BY run_id DESC LIMIT ?3",
    )?;
    let status = status.map(RunStatus::as_str);
    let mut rows = select.query(params![id.map(|id| id.0), status, limit(rows)])?;
    let mut runs = vec![];
    while let Some(row) = rows.next()? {
        runs.push(run(row)?);
    }
    Ok(runs)
}

pub(super) fn counts(db: &Connection) -> Result<Vec<RunCount>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT status, count(*), max(started_at) FROM pipeline_runs GROUP BY status ORDER BY status",
    )?;
    let mut rows = select.query([])?;
    let mut counts = vec![];
    while let Some(row) = rows.next()? {
        counts.push(RunCount {
            status: status(&row.get::<_, String>(0)?)?,
            runs: unsigned(row.get(1)?),
            last_started_at: time_at(row, 2)?,
        });
    }
    Ok(counts)
}

fn status(name: &str) -> Result<RunStatus, Fault> {
    RunStatus::from_name(name).ok_or_else(|| Fault::corrupt(format!("no run can be {name}")))
}

fn run(row: &Row<'_>) -> Result<Run, Fault> {
    let started_at = time_at(row, 5)?;
    let ended_at = maybe_time_at(row, 6)?;
    let figure = |column: usize| row.get(column).map(unsigned);
    Ok(Run {
        id: RunId(row.get(0)?),
        name: row.get(1)?,
        trigger: row.get(2)?,
        sources: json_at(row, 3)?,
        status: status(&row.get::<_, String>(4)?)?,
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
        ingested_titles: json_at(row, 16)?,
        failed_titles: json_at(row, 17)?,
        error: row.get(18)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_names_its_first_titles_only() {
        let mut titles = vec!["one".to_owned()];
        keep_first(&mut titles, &vec!["more".to_owned(); 2 * Run::TITLES_KEPT]);
        keep_first(&mut titles, &["late".to_owned()]);
        assert_eq!(titles.len(), Run::TITLES_KEPT);
        assert_eq!(titles[0], "one");
        assert!(!titles.contains(&"late".to_owned()));
    }
}
