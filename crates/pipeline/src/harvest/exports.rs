//! Reads TMDB's daily id exports: every id there is, what is new goes on.

use domain::run::RunFigures;
use domain::sighting::Export;
use domain::{Sighting, Source, Timestamp};
use serde::{Deserialize, Serialize};
use tmdb::ExportSummary;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::intake::{Intake, Known, Urgency};
use crate::error::PipelineError;
use crate::watch::{Event, Watch};

/// Batches between the reader and the store: enough to keep both busy.
const BATCHES_AHEAD: usize = 4;

/// Sightings looked up and queued in one go.
const BATCH: usize = 10_000;

/// The last export that was read to its verified end.
#[derive(Serialize, Deserialize)]
struct Position {
    date: String,
    lines: u64,
    at: Timestamp,
}

pub(super) async fn read(
    intake: &mut Intake<'_>,
    export: Export,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    let pipeline = intake.pipeline;
    let source = Source::Export(export).to_string();
    if export.is_adult() && !intake.plan.filter.adult {
        tracing::info!(%source, "{source} is left out: adult titles are not wanted");
        return Ok(());
    }
    let failed = |why: String| PipelineError::Source { what: source.clone(), why };
    let today = pipeline.now().date();
    let newest = pipeline.tmdb.newest_export(export, today).await;
    let Some(date) = newest.map_err(|error| failed(error.to_string()))? else {
        return Err(failed("TMDB has none of the last seven days".to_owned()));
    };
    let cursor = format!("export:{source}");
    if !intake.plan.again && is_read(intake, &cursor, &date.to_string()).await? {
        tracing::info!(%source, %date, "{source} of {date} was read already");
        return Ok(());
    }
    let (sender, batches) = mpsc::channel(BATCHES_AHEAD);
    let reading = async {
        let read = pipeline.tmdb.read_export(export, date, sender).await;
        read.map_err(|error| failed(error.to_string()))
    };
    let taking = take_all(intake, &source, batches, watch, stop);
    let (read, taken) = tokio::join!(reading, taking);
    // A taker that stopped makes the reader fail too; its reason comes first.
    taken?;
    if intake.is_full() {
        return Ok(());
    }
    let summary = read?;
    finish(intake, &cursor, &summary).await
}

async fn is_read(intake: &Intake<'_>, cursor: &str, date: &str) -> Result<bool, PipelineError> {
    let text = intake.pipeline.stores.ledger.cursor(cursor).await?;
    let position = text.and_then(|text| serde_json::from_str::<Position>(&text).ok());
    Ok(position.is_some_and(|position| position.date == date))
}

async fn take_all(
    intake: &mut Intake<'_>,
    source: &str,
    mut batches: mpsc::Receiver<Vec<Sighting>>,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    let order = (Urgency::Popularity, Known::Never);
    let mut gathered: Vec<Sighting> = vec![];
    loop {
        let batch = batches.recv().await;
        let ended = batch.is_none();
        gathered.extend(batch.into_iter().flatten());
        if stop.is_cancelled() {
            return Err(PipelineError::Stopped);
        }
        if gathered.len() >= BATCH || (ended && !gathered.is_empty()) {
            let figures = intake.take(source, &gathered, order, RunFigures::default()).await?;
            watch.see(Event::SourceRead { source, figures });
            gathered.clear();
        }
        if ended || intake.is_full() {
            return Ok(());
        }
    }
}

async fn finish(
    intake: &Intake<'_>,
    cursor: &str,
    summary: &ExportSummary,
) -> Result<(), PipelineError> {
    if summary.malformed > 0 {
        tracing::warn!(
            cursor,
            malformed = summary.malformed,
            example = summary.first_malformed.as_deref(),
            "lines of the export could not be read and were left out"
        );
    }
    if intake.plan.dry_run {
        return Ok(());
    }
    let (pipeline, now) = (intake.pipeline, intake.pipeline.now());
    let position = Position { date: summary.date.to_string(), lines: summary.lines, at: now };
    let text = serde_json::to_string(&position).ok();
    pipeline.stores.ledger.set_cursor(cursor, text.as_deref(), now).await?;
    Ok(())
}
