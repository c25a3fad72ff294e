//! Reads TMDB's daily id exports and compares them with what is known.
//!
//! A file is read whole and verified to its last byte before anything is done
//! about it: one that is cut, damaged or far shorter than the one before
//! changes nothing. Then what is new is queued, what is gone is noted as one of
//! the two proofs that deleting needs, and what moved in rank is moved.

mod comparison;

use domain::deletion::{Proof, Unlisted};
use domain::queue::{NewTask, Priority};
use domain::run::RunFigures;
use domain::sighting::Export;
use domain::{Key, Kind, Source, Timestamp};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tmdb::ExportSummary;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::intake::Intake;
use super::note;
use crate::deletion;
use crate::error::PipelineError;
use crate::watch::{Event, Watch};
use comparison::{Comparison, Listing};

/// Batches between the reader and the comparison.
const BATCHES_AHEAD: usize = 16;

/// Tasks queued, and keys looked up, in one go.
const BATCH: usize = 10_000;

/// An export is looked for so many days back.
const DAYS_BACK: i32 = 7;

/// So few keys may be gone at once without anybody wondering.
const FEW: u64 = 10;

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
    let comparison = listing.compare(&known);
    file.is_plausible(intake, &comparison, known.ids.len())?;
    apply(intake, &file, &listing, &comparison, summary.date, stop).await?;
    let lines = listing.len();
    let figures = RunFigures { checked: lines, ..RunFigures::default() };
    let skipped = lines.saturating_sub(comparison.new.len() as u64);
    let figures = RunFigures { skipped, ..figures };
    intake.figures += figures;
    note(intake.pipeline, intake.run, figures).await?;
    watch.see(Event::SourceRead { source: &source, figures });
    if intake.cut {
        return Ok(());
    }
    finish(intake, &cursor, &summary).await
}

/// An export to be read.
struct File<'a> {
    export: Export,
    source: &'a str,
    before: Option<&'a Position>,
}

/// Reads the newest file that is whole, of today or up to a week before.
/// `None` when it was read already.
async fn newest(
    intake: &Intake<'_>,
    file: &File<'_>,
    stop: &CancellationToken,
) -> Result<Option<(Listing, ExportSummary)>, PipelineError> {
    let tmdb = &intake.pipeline.tmdb;
    let today = intake.pipeline.now().date();
    let oldest = today.checked_sub(DAYS_BACK.days()).unwrap_or(today);
    let (mut from, mut why) = (today, None);
    loop {
        let found = tmdb.newest_export(file.export, from).await;
        let found = found.map_err(|error| file.failed(error.to_string()))?;
        let Some(date) = found.filter(|date| *date >= oldest) else {
            let nothing = "TMDB has none of the last seven days".to_owned();
            return Err(file.failed(why.unwrap_or(nothing)));
        };
        if !intake.plan.again && file.was_read(date) {
            // What is wrong with a newer one is told; it is tried again next time.
            if let Some(why) = why {
                return Err(file.failed(why));
            }
            tracing::info!(source = file.source, %date, "{} of {date} was read already", file.source);
            return Ok(None);
        }
        match file.list(intake, date, stop).await {
            Ok(read) => {
                if let Some(why) = why {
                    tracing::warn!(source = file.source, "{why}; took that of {date} instead");
                }
                return Ok(Some(read));
            }
            Err(PipelineError::Source { why: new, .. }) => {
                why.get_or_insert(new);
                from = date.checked_sub(1.day()).unwrap_or(date);
            }
            Err(error) => return Err(error),
        }
    }
}

impl File<'_> {
    fn failed(&self, why: String) -> PipelineError {
        PipelineError::Source { what: self.source.to_owned(), why }
    }

    fn was_read(&self, date: Date) -> bool {
        self.before.is_some_and(|before| before.date == date.to_string())
    }

    /// Reads a file to its verified end.
    async fn list(
        &self,
        intake: &Intake<'_>,
        date: Date,
        stop: &CancellationToken,
    ) -> Result<(Listing, ExportSummary), PipelineError> {
        let (sender, mut batches) = mpsc::channel(BATCHES_AHEAD);
        let reading = intake.pipeline.tmdb.read_export(self.export, date, sender);
        let listing = async {
            let mut listing = Listing::default();
            while let Some(batch) = batches.recv().await {
                for sighting in &batch {
                    listing.add(sighting, &intake.plan.filter);
                }
                if stop.is_cancelled() {
                    return Err(PipelineError::Stopped);
                }
            }
            listing.sort();
            Ok(listing)
        };
        let (summary, listing) = tokio::join!(reading, listing);
        // A listing that stopped makes the reader fail too; its reason comes first.
        let listing = listing?;
        let summary =
            summary.map_err(|error| self.failed(format!("{error}; nothing of it was taken")))?;
        self.is_long_enough(intake, &summary)?;
        Ok((listing, summary))
    }

    fn is_long_enough(
        &self,
        intake: &Intake<'_>,
        summary: &ExportSummary,
    ) -> Result<(), PipelineError> {
        let (lines, share) = (summary.lines, intake.plan.export_share);
        let Some(before) = self.before.filter(|_| !intake.plan.again) else { return Ok(()) };
        let shortfall = before.lines.saturating_sub(lines);
        if is_share(lines, before.lines, share) || (lines > 0 && shortfall <= FEW) {
            return Ok(());
        }
        let File { source, .. } = self;
        let (date, was, day) = (summary.date, before.lines, &before.date);
        Err(self.failed(format!(
            "the file of {date} has {lines} lines where that of {day} had {was}; nothing of it \
             was taken (`harvest --source {source} --again` takes it as it is)"
        )))
    }

    /// Whether what it lacks can be believed.
    fn is_plausible(
        &self,
        intake: &Intake<'_>,
        comparison: &Comparison,
        known: usize,
    ) -> Result<(), PipelineError> {
        let gone = comparison.gone.len() as u64;
        let left = (known as u64).saturating_sub(gone);
        let share = intake.plan.export_share;
        let adult = self.export.is_adult();
        if adult || intake.plan.again || gone <= FEW || is_share(left, known as u64, share) {
            return Ok(());
        }
        Err(self.failed(format!(
            "the file lacks {gone} of the {known} that are known, too many to be believed; \
             nothing of it was taken (`harvest --source {} --again` takes it as it is)",
            self.source
        )))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
fn is_share(part: u64, whole: u64, share: f64) -> bool {
    part as f64 >= whole as f64 * share
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
    queue_new(intake, file, comparison, stop).await?;
    if intake.plan.dry_run {
        return Ok(());
    }
    if !file.export.is_adult() {
        revive(intake, file, listing).await?;
        let gone = gone_for_sure(intake, file, comparison, date, stop).await?;
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
    comparison: &Comparison,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    let mut new = comparison.new.clone();
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

/// Leaves out what another file lists, and what was collected since this one was made.
async fn gone_for_sure(
    intake: &Intake<'_>,
    file: &File<'_>,
    comparison: &Comparison,
    date: Date,
    stop: &CancellationToken,
) -> Result<Vec<Key>, PipelineError> {
    if comparison.gone.is_empty() {
        return Ok(vec![]);
    }
    let kind = file.export.kind();
    let adult = match adult_twin(file.export).filter(|_| intake.plan.filter.adult) {
        Some(twin) => {
            let source = Source::Export(twin).to_string();
            let twin = File { export: twin, source: &source, before: None };
            twin.list(intake, date, stop).await?.0
        }
        None => Listing::default(),
    };
    let gone = comparison.gone.iter().filter(|id| !adult.lists(**id));
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
/// answered 404 for yet.
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
        let unasked = keys.iter().zip(&evidence).filter(|(_, evidence)| {
            let first = |unlisted: &Unlisted| unlisted.on == date;
            evidence.not_found.is_none() && evidence.unlisted.as_ref().is_some_and(first)
        });
        let task = |(key, _): (&Key, _)| task(intake, file, key.id(), Priority::STALE);
        let tasks: Vec<NewTask> = unasked.filter_map(task).collect();
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
