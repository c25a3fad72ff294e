//! Reads TMDB's daily id exports and compares them with what is known.
//!
//! A file is read whole and verified to its last byte before anything is done
//! about it: one that is cut, damaged or far shorter than the one before
//! changes nothing. Then what is new is queued, what is gone is noted as one of
//! the two proofs that deleting needs, and what moved in rank is moved.

mod comparison;
mod file;

use std::collections::HashSet;

use domain::deletion::Proof;
use domain::queue::{NewTask, Priority};
use domain::run::RunFigures;
use domain::sighting::Export;
use domain::{Key, Kind, Source, Timestamp};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tmdb::ExportSummary;
use tokio_util::sync::CancellationToken;

use super::intake::Intake;
use super::note;
use crate::deletion;
use crate::error::PipelineError;
use crate::watch::{Event, Watch};
use comparison::{Comparison, Listing};
use file::{File, newest};

/// Tasks queued, and keys looked up, in one go.
const BATCH: usize = 10_000;

/// The last export that was read to its verified end.
#[derive(Clone, Serialize, Deserialize)]
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
    let source = Source::Export(export).to_string();
    if export.is_adult() && !intake.plan.filter.adult {
        tracing::info!(%source, "{source} is left out: adult titles are not wanted");
        return Ok(());
    }
    let cursor = format!("export:{source}");
    let before = position(intake, &cursor).await?;
    let file = File { export, source: &source, before: before.as_ref() };
    let Some((listing, summary)) = newest(intake, &file, stop).await? else { return Ok(()) };
    let known = intake.pipeline.stores.archive.known(export.kind()).await?;
    let mut comparison = listing.compare(&known);
    leave_out_adult(intake, &file, &mut comparison, summary.date, stop).await?;
    file.is_plausible(intake, &comparison, known.ids.len())?;
    let queued_before = intake.figures.queued;
    apply(intake, &file, &listing, &comparison, summary.date, stop).await?;
    let (checked, queued) = (listing.len(), intake.figures.queued - queued_before);
    let skipped = checked.saturating_sub(queued);
    let figures = RunFigures { checked, skipped, ..RunFigures::default() };
    intake.figures += figures;
    note(intake.pipeline, intake.run, figures).await?;
    watch.see(Event::SourceRead { source: &source, figures });
    if intake.cut {
        return Ok(());
    }
    finish(intake, &cursor, &summary).await
}

async fn apply(
    intake: &mut Intake<'_>,
    file: &File<'_>,
    listing: &Listing,
    comparison: &Comparison,
    date: Date,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    let kind = file.export.kind();
    queue_new(intake, file, listing, comparison, stop).await?;
    if intake.plan.dry_run {
        return Ok(());
    }
    revive(intake, file, listing).await?;
    if !file.export.is_adult() {
        let gone = gone_for_sure(intake, file, comparison, date).await?;
        miss(intake, file, &gone, date).await?;
    }
    let stores = &intake.pipeline.stores;
    for moved in comparison.moved.chunks(BATCH) {
        stores.archive.move_popularity(kind, moved, intake.pipeline.now()).await?;
        stores.catalog.move_popularity(kind, moved).await?;
    }
    tracing::info!(
        source = file.source,
        %date,
        new = comparison.new.len(),
        gone = comparison.gone.len(),
        moved = comparison.moved.len(),
        "compared {} of {date} with what is known",
        file.source
    );
    Ok(())
}

async fn queue_new(
    intake: &mut Intake<'_>,
    file: &File<'_>,
    listing: &Listing,
    comparison: &Comparison,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    let mut new = if intake.plan.again {
        listing.wanted()
    } else {
        let resting = resting(intake, file.export.kind()).await?;
        comparison.new.iter().filter(|(id, _)| !resting.contains(id)).copied().collect()
    };
    if intake.plan.limit.is_some() {
        // Only the first get in.
        new.sort_by(|one, two| two.1.total_cmp(&one.1));
    }
    for chunk in new.chunks(BATCH) {
        if stop.is_cancelled() {
            return Err(PipelineError::Stopped);
        }
        let task = |(id, popularity): &(u64, f32)| {
            let priority = Priority::by_popularity((*popularity).into());
            task(intake, file, *id, priority)
        };
        let tasks: Vec<NewTask> = chunk.iter().filter_map(task).collect();
        intake.queue_all(&tasks, 0, RunFigures::default()).await?;
        if intake.cut {
            break;
        }
    }
    Ok(())
}

/// Ids without a record that TMDB goes on answering 404 for, export or not.
async fn resting(intake: &Intake<'_>, kind: Kind) -> Result<HashSet<u64>, PipelineError> {
    let (today, every) = (intake.pipeline.now().date(), intake.plan.staleness.doubted_every_days);
    let suspects = intake.pipeline.stores.archive.suspects(Some(kind), usize::MAX).await?;
    let resting = suspects.iter().filter(|suspect| suspect.evidence.rests(today, every));
    Ok(resting.map(|suspect| suspect.key.id()).collect())
}

fn task(intake: &Intake<'_>, file: &File<'_>, id: u64, priority: Priority) -> Option<NewTask> {
    let key = Key::new(file.export.kind(), id, None, None).ok()?;
    let source = file.source.to_owned();
    Some(NewTask { key, priority, source, run: intake.run, changed: false })
}

/// Takes back what was held against keys that the export lists, and asks for
/// them again.
async fn revive(
    intake: &mut Intake<'_>,
    file: &File<'_>,
    listing: &Listing,
) -> Result<(), PipelineError> {
    let archive = &intake.pipeline.stores.archive;
    let kind = file.export.kind();
    let suspects = archive.suspects(Some(kind), usize::MAX).await?.into_iter();
    let suspects = suspects.filter(|suspect| suspect.evidence.unlisted.is_some());
    let buried = archive.tombstones(usize::MAX).await?.into_iter();
    let buried = buried.filter(|tombstone| tombstone.key.kind() == kind);
    let keys = suspects.map(|suspect| suspect.key).chain(buried.map(|tombstone| tombstone.key));
    let listed: Vec<Key> = keys.filter(|key| listing.lists(key.id())).collect();
    if listed.is_empty() {
        return Ok(());
    }
    let back = archive.resurrect(&listed).await?;
    tracing::info!(
        source = file.source,
        count = back.len(),
        "{} lists again what it lacked",
        file.source
    );
    let tasks = back.iter().filter_map(|key| task(intake, file, key.id(), Priority::STALE));
    let tasks: Vec<NewTask> = tasks.collect();
    intake.queue_all(&tasks, 0, RunFigures::default()).await?;
    Ok(())
}

/// Counts as there what the file's adult twin lists, where that is mirrored too.
async fn leave_out_adult(
    intake: &Intake<'_>,
    file: &File<'_>,
    comparison: &mut Comparison,
    date: Date,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    let is_asked = intake.plan.filter.adult && !file.export.is_adult();
    let Some(twin) = adult_twin(file.export).filter(|_| is_asked) else { return Ok(()) };
    if comparison.gone.is_empty() {
        return Ok(());
    }
    let source = Source::Export(twin).to_string();
    let twin = File { export: twin, source: &source, before: None };
    let (adult, _) = twin.list(intake, date, stop).await?;
    comparison.gone.retain(|id| !adult.lists(*id));
    Ok(())
}

/// Leaves out what was collected since the file was made.
async fn gone_for_sure(
    intake: &Intake<'_>,
    file: &File<'_>,
    comparison: &Comparison,
    date: Date,
) -> Result<Vec<Key>, PipelineError> {
    let kind = file.export.kind();
    let gone = comparison.gone.iter();
    let keys: Vec<Key> = gone.filter_map(|id| Key::new(kind, *id, None, None).ok()).collect();
    let mut sure = vec![];
    for keys in keys.chunks(BATCH) {
        let heads = intake.pipeline.stores.archive.heads(keys).await?;
        let old = |head: &domain::archive::Head| head.fetched_at.date() < date;
        let pairs = keys.iter().zip(heads);
        sure.extend(pairs.filter(|(_, head)| head.as_ref().is_some_and(old)).map(|(key, _)| *key));
    }
    Ok(sure)
}

fn adult_twin(export: Export) -> Option<Export> {
    match export.kind() {
        Kind::Movie => Some(Export::AdultMovie),
        Kind::Tv => Some(Export::AdultTv),
        Kind::Person => Some(Export::AdultPerson),
        _ => None,
    }
}

/// Notes that the export lacks keys, and asks TMDB for those that it has not
/// answered 404 for lately.
async fn miss(
    intake: &mut Intake<'_>,
    file: &File<'_>,
    keys: &[Key],
    date: Date,
) -> Result<(), PipelineError> {
    let pipeline = intake.pipeline;
    let proof = Proof::Unlisted { by: file.source.to_owned(), on: date };
    for keys in keys.chunks(BATCH) {
        let evidence = deletion::doubt(pipeline, keys, &proof).await?;
        let mut tasks = vec![];
        for (key, evidence) in keys.iter().zip(&evidence) {
            let archive = &pipeline.stores.archive;
            if !evidence.has_fresh_404(pipeline.now()) && archive.tombstone(*key).await?.is_none() {
                tasks.extend(task(intake, file, key.id(), Priority::STALE));
            }
        }
        intake.queue_all(&tasks, 0, RunFigures::default()).await?;
    }
    Ok(())
}

async fn position(intake: &Intake<'_>, cursor: &str) -> Result<Option<Position>, PipelineError> {
    let text = intake.pipeline.stores.ledger.cursor(cursor).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
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
