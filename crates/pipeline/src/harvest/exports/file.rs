//! Finds and reads the newest export that can be believed.

use domain::sighting::Export;
use jiff::ToSpan;
use jiff::civil::Date;
use tmdb::ExportSummary;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Position;
use super::comparison::{Comparison, Listing};
use crate::error::PipelineError;
use crate::harvest::intake::Intake;

/// An export is looked for so many days back.
const DAYS_BACK: i32 = 7;

/// Batches between the reader and the comparison.
const BATCHES_AHEAD: usize = 16;

/// So few keys may be gone at once without anybody wondering.
const FEW: u64 = 10;

/// An export to be read.
pub(super) struct File<'a> {
    pub(super) export: Export,
    pub(super) source: &'a str,
    pub(super) before: Option<&'a Position>,
}

/// Reads the newest file that is whole, of today or up to a week before.
/// `None` when it was read already.
pub(super) async fn newest(
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

    /// Whether that of a day was read already, or a newer one: files may hide for a while.
    fn was_read(&self, date: Date) -> bool {
        // ISO dates sort as text.
        self.before.is_some_and(|before| before.date >= date.to_string())
    }

    /// Reads a file to its verified end.
    pub(super) async fn list(
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
        let Some(before) = self.before else { return Ok(()) };
        let shortfall = before.lines.saturating_sub(lines);
        if is_share(lines, before.lines, share) || (lines > 0 && shortfall <= FEW) {
            return Ok(());
        }
        let (date, was, day) = (summary.date, before.lines, &before.date);
        Err(self.failed(format!(
            "the file of {date} has {lines} lines where that of {day} had {was}; nothing of it \
             was taken (a lower exports.min_share takes it)"
        )))
    }

    /// Whether what it lacks can be believed.
    pub(super) fn is_plausible(
        &self,
        intake: &Intake<'_>,
        comparison: &Comparison,
        known: usize,
    ) -> Result<(), PipelineError> {
        let gone = comparison.gone.len() as u64;
        let left = (known as u64).saturating_sub(gone);
        let share = intake.plan.export_share;
        let adult = self.export.is_adult();
        if adult || gone <= FEW || is_share(left, known as u64, share) {
            return Ok(());
        }
        Err(self.failed(format!(
            "the file lacks {gone} of the {known} that are known, too many to be believed; \
             nothing of it was taken (a lower exports.min_share takes it)"
        )))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
fn is_share(part: u64, whole: u64, share: f64) -> bool {
    part as f64 >= whole as f64 * share
}
