//! Harvest: reads sources and turns what they show into tasks.
//!
//! What is known and fresh is skipped, what a filter does not want too; the
//! rest becomes tasks, each key once. Every page is queued before the cursor
//! says that it was read, so a harvest that dies reads at most one page twice.

mod asking;
pub mod changes;
mod exports;
mod intake;
mod lists;
mod recipes;
mod reference;
mod similar;
mod stale;

use std::time::Duration;

use domain::filter::Filter;
use domain::run::{Progress, RunFigures};
use domain::staleness::Staleness;
use domain::{RunId, Source};
use tokio_util::sync::CancellationToken;

use crate::error::PipelineError;
use crate::pipeline::Pipeline;
use crate::watch::{Event, Watch};
use intake::Intake;
use lists::Paged;
pub use recipes::{Genres, Taste, refuse_unknown};
use tmdb::discover::{Recipes, default_recipes};

/// What to read, and what of it is wanted.
#[derive(Clone, Debug)]
pub struct HarvestPlan {
    pub sources: Vec<Source>,
    /// Pages of each list, at most 500.
    pub pages: u32,
    /// ISO 3166-1; empty asks without a region.
    pub regions: Vec<String>,
    /// Such as `en-US`; empty asks in TMDB's default language.
    pub languages: Vec<String>,
    /// Whose day it is where a list is of one day: `Europe/Berlin`.
    pub timezone: Option<String>,
    /// What `movie.hidden_gems` and the like ask for.
    pub recipes: Recipes,
    /// What `movie.genres` and `tv.genres` stand for.
    pub genres: Genres,
    /// Titles fetched ahead by the source `similar`, at most.
    pub ahead: usize,
    pub filter: Filter,
    /// Tasks queued in all, at most.
    pub limit: Option<u64>,
    /// A title collected less long ago is not collected again because of a list.
    pub fresh_for: Duration,
    /// Queue what is fresh too.
    pub again: bool,
    /// Reads and counts, queues nothing.
    pub dry_run: bool,
    /// What the source `stale` goes by.
    pub staleness: Staleness,
    /// Queue what a change feed names and the archive does not hold.
    pub unknown_changes: bool,
    /// An export with a smaller share of the lines of the one before is not believed.
    pub export_share: f64,
}

impl Default for HarvestPlan {
    fn default() -> Self {
        Self {
            sources: vec![],
            pages: 5,
            regions: vec![],
            languages: vec![],
            timezone: None,
            recipes: default_recipes(),
            genres: Genres::default(),
            ahead: 200,
            filter: Filter::default(),
            limit: None,
            fresh_for: Duration::from_hours(24),
            again: false,
            dry_run: false,
            staleness: Staleness::default(),
            unknown_changes: false,
            export_share: 0.9,
        }
    }
}

/// What a harvest did.
#[derive(Clone, Debug, Default)]
pub struct Harvested {
    pub figures: RunFigures,
    /// Sources that could not be read to their end, with the reason.
    pub failed: Vec<(String, String)>,
}

/// Reads every source of the plan. One that fails does not stop the others;
/// a refused key, a broken store or `stop` does.
pub async fn harvest(
    pipeline: &Pipeline,
    plan: &HarvestPlan,
    run: Option<RunId>,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<Harvested, PipelineError> {
    let mut intake = Intake::new(pipeline, plan, run);
    let mut harvested = Harvested::default();
    for source in &plan.sources {
        let name = source.to_string();
        if intake.is_full() {
            tracing::info!(source = %name, limit = plan.limit, "{name} is left out: the limit of titles is reached");
            continue;
        }
        watch.see(Event::SourceStarted { source: &name });
        let before = intake.figures;
        let read = match source {
            Source::List(list) => {
                lists::read(&mut intake, source, &Paged::List(*list), watch, stop).await
            }
            Source::Discover(discover) => recipes::read(&mut intake, discover, watch, stop).await,
            Source::Similar => similar::read(&mut intake).await,
            Source::Export(export) => exports::read(&mut intake, *export, watch, stop).await,
            Source::Reference => reference::read(&mut intake).await,
            Source::Changes(feed) => changes::read(&mut intake, *feed, watch, stop).await,
            Source::Stale => stale::read(&mut intake, watch, stop).await,
        };
        match read {
            Ok(()) => {
                let figures = minus(intake.figures, before);
                tracing::info!(source = %name, checked = figures.checked, queued = figures.queued, "read {name}");
                watch.see(Event::SourceEnded { source: &name, figures });
            }
            Err(PipelineError::Source { what, why }) => {
                tracing::warn!(source = %name, "could not read {what} to its end: {why}");
                watch.see(Event::SourceFailed { source: &name, why: &why });
                harvested.failed.push((what, why));
            }
            Err(error) => {
                pipeline.flush_calls().await;
                return Err(error);
            }
        }
    }
    pipeline.flush_calls().await;
    harvested.figures = intake.figures;
    Ok(harvested)
}

fn minus(now: RunFigures, before: RunFigures) -> RunFigures {
    RunFigures {
        checked: now.checked - before.checked,
        skipped: now.skipped - before.skipped,
        queued: now.queued - before.queued,
        calls: now.calls - before.calls,
        bytes: now.bytes - before.bytes,
        ..RunFigures::default()
    }
}

/// Adds figures to the run in the ledger, if there is one.
async fn note(
    pipeline: &Pipeline,
    run: Option<RunId>,
    figures: RunFigures,
) -> Result<(), PipelineError> {
    if let Some(run) = run {
        let progress = Progress { figures, ..Progress::default() };
        pipeline.stores.ledger.progress(run, &progress, pipeline.now()).await?;
    }
    Ok(())
}
