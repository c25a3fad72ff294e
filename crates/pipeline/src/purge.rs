//! Purge: drops what TMDB's terms do not let us keep any longer, and what has
//! had its time.
//!
//! Terms (`FACTS.md` section 11): nothing from TMDB is kept beyond 180 days since
//! it was fetched. Refresh comes first, at 150; purge is for what could not be
//! refreshed. A purged key that is not proven gone is queued again.

use std::time::Duration;

use domain::archive::PurgeTerms;
use domain::queue::{NewTask, Priority};
use domain::{Key, RunId, Timestamp};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::error::PipelineError;
use crate::images::Gallery;
use crate::maintain;
use crate::pipeline::{Pipeline, Stores};
use crate::watch::{Event, Watch};

/// Keys dropped in one go, so that the writer is never held for long.
const BATCH: usize = 500;

const DAY: Duration = Duration::from_hours(24);

/// A kind's compression dictionary is trained anew when the newest is older:
/// half the time that TMDB's terms allow, so that records can leave it behind.
const DICTIONARY_KEPT: Duration = Duration::from_hours(24 * 90);

/// How long what is kept.
#[derive(Clone, Copy, Debug)]
pub struct PurgePlan {
    /// Since it was fetched, everything from TMDB; its terms allow 180 days.
    pub kept: Duration,
    /// Since its tombstone, the record of a deleted title.
    pub grace: Duration,
    /// The log of calls.
    pub calls_kept: Duration,
}

/// What a purge dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// Keys of which nothing is left.
    pub keys: u64,
    /// Of these, keys queued to be collected again.
    pub queued_again: u64,
    pub versions: u64,
    pub series_points: u64,
    /// Rows of lists as they were read.
    pub list_entries: u64,
    /// Bodies of dead letters.
    pub bodies: u64,
    /// Runs whose titles were dropped.
    pub run_titles: u64,
    pub calls: u64,
    pub images: u64,
    /// Compression dictionaries trained anew.
    pub dictionaries: u64,
}

/// Drops what is older than the plan allows.
pub async fn purge(
    pipeline: &Pipeline,
    plan: &PurgePlan,
    gallery: &Gallery,
    run: Option<RunId>,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<Dropped, PipelineError> {
    let (stores, now) = (&pipeline.stores, pipeline.now());
    let terms = PurgeTerms { fetched_before: now - plan.kept, buried_before: now - plan.grace };
    let mut dropped = Dropped::default();
    loop {
        if stop.is_cancelled() {
            return Err(PipelineError::Stopped);
        }
        let purged = stores.archive.purge(&terms, BATCH).await?;
        stores.catalog.remove(&purged.keys).await?;
        dropped.images += gallery.remove(&purged.keys).await?;
        dropped.keys += purged.keys.len() as u64;
        dropped.versions += purged.versions;
        dropped.series_points += purged.series_points;
        dropped.queued_again += queue_again(pipeline, &purged.keys, run).await?;
        watch.see(Event::Passed { records: dropped.keys });
        if purged.is_end {
            break;
        }
    }
    let before = terms.fetched_before;
    dropped.images += gallery.purge(before).await?;
    dropped.list_entries = stores.catalog.forget_lists(before).await?;
    dropped.bodies = stores.queue.forget_bodies(before).await?;
    dropped.run_titles = stores.ledger.forget_titles(before).await?;
    dropped.calls = stores.ledger.forget_calls(now - plan.calls_kept).await?;
    dropped.dictionaries = train_anew(stores, now - DICTIONARY_KEPT, now).await?;
    Ok(dropped)
}

/// Dictionaries hold words of TMDB's and age like data: new ones are trained in
/// time, and records that are refreshed from then on leave the old ones behind.
async fn train_anew(
    stores: &Stores,
    added_before: Timestamp,
    now: Timestamp,
) -> Result<u64, PipelineError> {
    let mut trained = 0;
    for kind in stores.archive.stats().await?.kinds {
        if kind.dictionary_added_at.is_some_and(|added| added < added_before) {
            maintain::train(stores, kind.kind, now).await?;
            trained += 1;
        }
    }
    Ok(trained)
}

/// Queues what was purged for its age and is not proven gone. Seasons come
/// back with their shows.
async fn queue_again(
    pipeline: &Pipeline,
    keys: &[Key],
    run: Option<RunId>,
) -> Result<u64, PipelineError> {
    let mut tasks = vec![];
    for key in keys {
        let rides_along = key.season_number().is_some();
        if rides_along || pipeline.stores.archive.tombstone(*key).await?.is_some() {
            continue;
        }
        tasks.push(NewTask {
            key: *key,
            priority: Priority::stale(0),
            source: "purge".to_owned(),
            run,
            changed: false,
        });
    }
    let added = pipeline.stores.queue.add(&tasks, pipeline.now()).await?;
    pipeline.bell.queued.notify_waiters();
    Ok(added.added)
}

/// What is held of TMDB's, how old the oldest is, and whether the terms allow it.
#[derive(Clone, Debug, Serialize)]
pub struct Audit {
    /// Nothing may have been fetched before.
    pub fetched_before: Timestamp,
    pub holdings: Vec<Audited>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Audited {
    #[serde(flatten)]
    pub holding: domain::archive::Holding,
    pub age_days: Option<u64>,
    pub is_lawful: bool,
}

impl Audit {
    pub fn is_lawful(&self) -> bool {
        self.holdings.iter().all(|audited| audited.is_lawful)
    }
}

/// Looks at everything held and compares its age with what the terms allow.
pub async fn audit(
    stores: &Stores,
    kept: Duration,
    now: Timestamp,
) -> Result<Audit, PipelineError> {
    let fetched_before = now - kept;
    let holdings = stores.archive.audit().await?;
    let audited = |holding: domain::archive::Holding| Audited {
        age_days: holding.oldest.map(|oldest| now.since(oldest).as_secs() / DAY.as_secs()),
        is_lawful: holding.oldest.is_none_or(|oldest| oldest >= fetched_before),
        holding,
    };
    Ok(Audit { fetched_before, holdings: holdings.into_iter().map(audited).collect() })
}
