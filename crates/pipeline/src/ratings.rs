//! Takes over ratings of other sources than TMDB, and scores titles again.

mod file;

use std::path::PathBuf;

use domain::Timestamp;
use domain::rating::{ImportedRating, RatingSource};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::error::PipelineError;
use crate::pipeline::Stores;
use crate::watch::{Event, Watch};
use file::Lines;

/// Titles scored again in one go.
const STEP: usize = 5_000;

/// Batches between the reader and the store: enough to keep both busy.
const BATCHES_AHEAD: usize = 2;

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    pub ratings: u64,
    /// Titles of the catalogue that they are of.
    pub titles: u64,
    /// Lines left out because they made no sense.
    pub bad_lines: u64,
    /// The first of them: `line 7: why`.
    pub first_bad: Option<String>,
}

/// Imports a file of ratings: IMDb's `title.ratings.tsv.gz`, or CSV.
///
/// It is read twice: the first time nothing is kept, so that a file with a wrong
/// heading or a broken end changes nothing. All ratings are kept, those of
/// titles that are not in the catalogue too. Importing a file again does no harm.
pub async fn import(
    stores: &Stores,
    path: PathBuf,
    source: &RatingSource,
    now: Timestamp,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<Imported, PipelineError> {
    let failed = |why: String| PipelineError::Source { what: path.display().to_string(), why };
    let first = path.clone();
    let lines = blocking(move || file::read(&first, |_| true)).await.map_err(failed)?;
    if lines.ratings == 0 {
        return Err(failed(nothing_in(&lines)));
    }
    let (sender, mut batches) = mpsc::channel::<Vec<ImportedRating>>(BATCHES_AHEAD);
    let second = path.clone();
    let reading =
        blocking(move || file::read(&second, |batch| sender.blocking_send(batch).is_ok()));
    let keeping = async {
        let mut imported = Imported::default();
        let kept = keep_all(stores, source, now, &mut batches, &mut imported, (watch, stop)).await;
        // Ends the reader too, when it is not done.
        batches.close();
        (imported, kept)
    };
    let (read, (mut imported, kept)) = tokio::join!(reading, keeping);
    if kept.is_err() || read.is_err() {
        let done = imported.ratings;
        tracing::warn!(
            "the first {done} ratings were imported; import the file again for the rest"
        );
    }
    kept?;
    let lines = read.map_err(failed)?;
    imported.bad_lines = lines.bad;
    imported.first_bad = lines.first_bad;
    rescore(stores, watch, stop).await?;
    Ok(imported)
}

async fn keep_all(
    stores: &Stores,
    source: &RatingSource,
    now: Timestamp,
    batches: &mut mpsc::Receiver<Vec<ImportedRating>>,
    imported: &mut Imported,
    (watch, stop): (&dyn Watch, &CancellationToken),
) -> Result<(), PipelineError> {
    while let Some(batch) = batches.recv().await {
        if stop.is_cancelled() {
            return Err(PipelineError::Stopped);
        }
        imported.titles += stores.catalog.import_ratings(source, &batch, now).await?;
        imported.ratings += batch.len() as u64;
        watch.see(Event::Passed { records: imported.ratings });
    }
    Ok(())
}

fn nothing_in(lines: &Lines) -> String {
    match &lines.first_bad {
        Some(first) => format!("none of its {} lines is a rating; {first}", lines.bad),
        None => "it has a heading and no ratings".to_owned(),
    }
}

async fn blocking(
    read: impl FnOnce() -> Result<Lines, String> + Send + 'static,
) -> Result<Lines, String> {
    tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| Err(error.to_string()))
}

/// Scores the titles again that have no score of today's method. Returns how
/// many it looked at.
pub async fn rescore(
    stores: &Stores,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<u64, PipelineError> {
    let (mut titles, mut after) = (0, None);
    loop {
        let step = stores.catalog.rescore(after, STEP).await?;
        titles += step.titles;
        if step.last.is_none() {
            return Ok(titles);
        }
        watch.see(Event::Passed { records: titles });
        if stop.is_cancelled() {
            return Err(PipelineError::Stopped);
        }
        after = step.last;
    }
}

#[cfg(test)]
mod tests;
