//! What each job of the schedule does.

use std::time::Duration;

use domain::queue::DeadFilter;
use domain::run::{NewRun, RunStatus};
use domain::schedule::Job;
use domain::sighting::{Export, Feed};
use domain::{FailureClass, Kind, RunId, Source};
use tokio_util::sync::CancellationToken;

use crate::cancel::unless_cancelled;
use crate::deletion;
use crate::error::PipelineError;
use crate::harvest::HarvestPlan;
use crate::images::{Gallery, SyncOptions, sync};
use crate::pipeline::Pipeline;
use crate::purge::{Dropped, PurgePlan, purge};
use crate::run::{Collecting, Preset, Ran, RunPlan, run, run_opened, wants};
use crate::watch::Watch;

/// Dead letters that another try may help are tried again after so long.
const DEAD_FOR: Duration = Duration::from_hours(24);

/// What jobs go by, from the configuration.
#[derive(Clone, Debug)]
pub struct JobPlans {
    /// What every harvest goes by; each job has its own sources and pages.
    pub harvest: HarvestPlan,
    /// Who collects what jobs queue.
    pub collect: Collecting,
    pub purge: PurgePlan,
    pub gallery: Gallery,
    /// `None` where images are off.
    pub images: Option<SyncOptions>,
}

/// Whether a job's run is in the ledger already.
#[derive(Clone, Copy, Debug)]
pub enum Order<'a> {
    /// It is to be opened: `manual`, `scheduled`.
    New(&'a str),
    /// Somebody asked for it by the API, which has opened it.
    Opened(RunId),
}

impl<'a> From<&'a str> for Order<'a> {
    fn from(trigger: &'a str) -> Self {
        Self::New(trigger)
    }
}

/// Does a job, and keeps the books of it.
pub async fn perform(
    pipeline: &Pipeline,
    plans: &JobPlans,
    job: Job,
    order: Order<'_>,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    match job {
        Job::Purge => purge_run(pipeline, plans, order, watch, stop).await.map(drop),
        Job::Images => {
            let Some(options) = &plans.images else {
                return Err(PipelineError::Source {
                    what: "images".to_owned(),
                    why: "they are off: set images.enabled".to_owned(),
                });
            };
            let Pipeline { tmdb, clock, .. } = pipeline;
            let syncing = async |_, stop: &CancellationToken| {
                let synced = sync(&plans.gallery, tmdb, options, clock, watch, stop).await?;
                tracing::info!(?synced, "fetched {} images", synced.fetched);
                if synced.is_stopped { Err(PipelineError::Stopped) } else { Ok(()) }
            };
            in_the_books(pipeline, job, order, stop, syncing).await
        }
        job => {
            if job == Job::Refresh {
                try_the_dead_again(pipeline).await?;
            }
            let plan = |trigger| run_plan(&plans.harvest, &plans.collect, job, trigger);
            let ran = match order {
                Order::New(trigger) => run(pipeline, &plan(trigger), watch, stop).await,
                Order::Opened(id) => run_opened(pipeline, &plan("api"), id, watch, stop).await,
            };
            ran.and_then(complaint)
        }
    }
}

/// Purges, and keeps the books of it.
pub async fn purge_run(
    pipeline: &Pipeline,
    plans: &JobPlans,
    order: Order<'_>,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<Dropped, PipelineError> {
    let purging = async |id, stop: &CancellationToken| {
        deletion::find_successors(&pipeline.stores, pipeline.now()).await?;
        let dropped = purge(pipeline, &plans.purge, &plans.gallery, Some(id), watch, stop).await?;
        let Dropped { keys, versions, .. } = dropped;
        tracing::info!(?dropped, "purged {keys} titles and {versions} versions");
        Ok(dropped)
    };
    in_the_books(pipeline, Job::Purge, order, stop, purging).await
}

/// The run that a job is. A purge has no sources.
pub fn run_plan(harvest: &HarvestPlan, collect: &Collecting, job: Job, trigger: &str) -> RunPlan {
    let kinds = &harvest.filter.kinds;
    let adult = harvest.filter.adult;
    let preset = |preset: Preset| (preset.sources(kinds, adult), preset.pages());
    let pages = harvest.pages;
    let (sources, pages) = match job {
        Job::Quick => preset(Preset::Quick),
        Job::Daily => preset(Preset::Daily),
        Job::Weekly => preset(Preset::Weekly),
        Job::Full => preset(Preset::Full),
        Job::Changes => (changes(kinds), pages),
        Job::Exports => (exports(kinds, adult), pages),
        Job::Refresh => (vec![Source::Stale], pages),
        Job::Purge | Job::Images => (vec![], pages),
    };
    RunPlan {
        name: job.to_string(),
        trigger: trigger.to_owned(),
        harvest: HarvestPlan { sources, pages, ..harvest.clone() },
        collect: collect.clone(),
    }
}

/// The feeds of the wanted kinds; all when empty.
pub fn changes(kinds: &[Kind]) -> Vec<Source> {
    let wanted = |feed: &Feed| wants(kinds, feed.kind());
    Feed::ALL.into_iter().filter(wanted).map(Source::Changes).collect()
}

/// The exports of the wanted kinds; all when empty.
pub fn exports(kinds: &[Kind], adult: bool) -> Vec<Source> {
    let wanted = |export: &Export| wants(kinds, export.kind()) && (adult || !export.is_adult());
    Export::ALL.into_iter().filter(wanted).map(Source::Export).collect()
}

/// A source that could not be read is the job's failure too.
fn complaint(ran: Ran) -> Result<(), PipelineError> {
    match ran.failed_sources.into_iter().next() {
        Some((what, why)) => Err(PipelineError::Source { what, why }),
        None => Ok(()),
    }
}

/// Makes titles pending again that failed for reasons that pass.
async fn try_the_dead_again(pipeline: &Pipeline) -> Result<(), PipelineError> {
    let now = pipeline.now();
    let which = DeadFilter {
        class: Some(FailureClass::Later),
        died_before: Some(now - DEAD_FOR),
        ..DeadFilter::default()
    };
    let count = pipeline.stores.queue.redrive(&which, now).await?;
    if count > 0 {
        tracing::info!(count, "trying {count} titles again that failed a day ago or longer");
    }
    Ok(())
}

/// Opens a run for work that is no harvest, and closes it as the work ends.
async fn in_the_books<T>(
    pipeline: &Pipeline,
    job: Job,
    order: Order<'_>,
    stop: &CancellationToken,
    work: impl AsyncFnOnce(RunId, &CancellationToken) -> Result<T, PipelineError>,
) -> Result<T, PipelineError> {
    let ledger = &pipeline.stores.ledger;
    let id = match order {
        Order::New(trigger) => {
            let (name, trigger) = (job.to_string(), trigger.to_owned());
            let new = NewRun { name, trigger, sources: vec![] };
            ledger.open_run(&new, pipeline.now()).await?
        }
        Order::Opened(id) => id,
    };
    let stop = stop.child_token();
    let ended = unless_cancelled(pipeline, id, &stop, work(id, &stop)).await;
    let (status, error) = match &ended {
        Ok(_) => (RunStatus::Success, None),
        Err(PipelineError::Stopped) => (RunStatus::Stopped, None),
        Err(error @ PipelineError::Cancelled { .. }) => {
            (RunStatus::Stopped, Some(error.to_string()))
        }
        Err(error) => (RunStatus::Failed, Some(error.to_string())),
    };
    ledger.close_run(id, status, error.as_deref(), pipeline.now()).await?;
    ended
}
