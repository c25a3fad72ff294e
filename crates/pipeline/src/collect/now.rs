//! Collects a few keys at once, past the queue, for a person who waits.

use domain::archive::Put;
use domain::deletion::Proof;
use domain::queue::Verdict;
use domain::{Failure, FailureClass, Key, RunId};

use super::fetch::fetch;
use super::is_fatal;
use super::keeper::merged;
use crate::deletion;
use crate::error::PipelineError;
use crate::pipeline::Pipeline;
use crate::watch::{Event, Watch};

/// What became of a key.
#[derive(Debug)]
pub enum Collected {
    /// Stored; the records are the title's own and its seasons'.
    Stored {
        label: String,
        records: usize,
        changed: bool,
        calls: u64,
        bytes: u64,
    },
    /// TMDB says 404. Nothing is deleted for that alone.
    Gone,
    Failed(Failure),
}

/// Asks for each key until an answer comes or patience ends, and stores it.
/// One bad key does not stop the others; a refused key of the account does.
pub async fn collect_now(
    pipeline: &Pipeline,
    keys: &[Key],
    run: Option<RunId>,
    watch: &dyn Watch,
) -> Result<Vec<(Key, Collected)>, PipelineError> {
    let mut collected = vec![];
    for key in keys {
        let one = collect_one(pipeline, *key, run, watch).await;
        pipeline.flush_calls().await;
        collected.push((*key, one?));
    }
    Ok(collected)
}

async fn collect_one(
    pipeline: &Pipeline,
    key: Key,
    run: Option<RunId>,
    watch: &dyn Watch,
) -> Result<Collected, PipelineError> {
    let stores = &pipeline.stores;
    let mut attempt = 0;
    loop {
        let fetched = fetch(pipeline, key, run, true, watch).await;
        let failure = match fetched.result {
            Ok(records) => {
                let puts = stores.archive.put(&records).await?;
                stores.catalog.put(&records).await?;
                stores.ledger.note_drift(&merged(&fetched.drift), pipeline.now()).await?;
                return Ok(Collected::Stored {
                    label: fetched.label.unwrap_or_else(|| key.to_string()),
                    records: records.len(),
                    changed: puts.iter().any(|put| *put != Put::Unchanged),
                    calls: fetched.calls,
                    bytes: fetched.bytes,
                });
            }
            Err(failure) if is_fatal(&failure) => return Err(PipelineError::Refused(failure)),
            Err(failure) if failure.class == FailureClass::Gone => {
                deletion::doubt(pipeline, &[key], &Proof::NotFound).await?;
                return Ok(Collected::Gone);
            }
            Err(failure) => failure,
        };
        attempt += u32::from(failure.class != FailureClass::SlowDown);
        let (why, now) = (failure.message.clone(), pipeline.now());
        match pipeline.retry.verdict(attempt, failure, now, (pipeline.chance)()) {
            Verdict::Retry { due, .. } => {
                watch.see(Event::Failed { key, why: &why, again: true });
                tokio::time::sleep(due.since(now)).await;
            }
            Verdict::Bury(failure) => return Ok(Collected::Failed(failure)),
            Verdict::Finish => return Ok(Collected::Gone),
            Verdict::Release { .. } => (),
        }
    }
}
