//! Runs: a harvest and a collection in one go, with their figures in the ledger.

use domain::queue::Waiting;
use domain::run::{NewRun, RunFigures, RunStatus};
use domain::sighting::{Discover, Export, List, Recipe, Trending, Window};
use domain::{Kind, RunId, Source};
use tokio_util::sync::CancellationToken;

use crate::bell::LOOK_EVERY;
use crate::cancel::{SILENT_FOR, unless_cancelled};
use crate::clock::FOREVER;
use crate::collect::{CollectOptions, collect};
use crate::error::PipelineError;
use crate::harvest::{HarvestPlan, harvest};
use crate::pipeline::Pipeline;
use crate::watch::Watch;

/// The runs that have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// What is popular and trending.
    Quick,
    /// Every list.
    Daily,
    /// Every list, deeper, the wanted genres, hidden gems, award winners, and
    /// the reference data.
    Weekly,
    /// Every id there is, by the daily exports, and the reference data.
    Full,
}

impl Preset {
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Full => "full",
        }
    }

    /// Its sources, of the wanted kinds only (all when empty).
    pub fn sources(self, kinds: &[Kind], adult: bool) -> Vec<Source> {
        let wanted = |source: &Source| {
            let is_wanted = |kind| kind == Kind::Reference || wants(kinds, kind);
            let is_adult = matches!(source, Source::Export(export) if export.is_adult());
            source.kind().is_none_or(is_wanted) && (adult || !is_adult)
        };
        let sources: Vec<Source> = match self {
            Self::Quick => {
                let mut lists = vec![List::MoviePopular, List::TvPopular];
                lists.push(List::Trending(Trending::All, Window::Day));
                lists.into_iter().map(Source::List).collect()
            }
            Self::Daily => List::all().into_iter().map(Source::List).collect(),
            Self::Weekly => [Source::Reference]
                .into_iter()
                .chain(List::all().into_iter().map(Source::List))
                .chain(discovered())
                .collect(),
            Self::Full => {
                [Source::Reference].into_iter().chain(Export::ALL.map(Source::Export)).collect()
            }
        };
        sources.into_iter().filter(wanted).collect()
    }

    /// Pages of each list.
    pub fn pages(self) -> u32 {
        match self {
            Self::Quick => 2,
            Self::Daily => 5,
            Self::Weekly | Self::Full => 20,
        }
    }
}

/// The genres, gems and award winners of both kinds.
fn discovered() -> impl Iterator<Item = Source> {
    let named = |name: &str| Recipe::Named(name.to_owned());
    let recipes = [Recipe::Genres, named("hidden_gems"), named("award_winning")];
    recipes.into_iter().flat_map(|recipe| {
        let of = |kind| Discover::new(kind, recipe.clone()).map(Source::Discover);
        [of(Kind::Movie), of(Kind::Tv)].into_iter().flatten()
    })
}

pub(crate) fn wants(kinds: &[Kind], kind: Kind) -> bool {
    kinds.is_empty() || kinds.contains(&kind)
}

/// What a run does.
#[derive(Clone, Debug)]
pub struct RunPlan {
    pub name: String,
    /// `manual`, `scheduled` or `api`.
    pub trigger: String,
    pub harvest: HarvestPlan,
    pub collect: Collecting,
}

/// Who collects what a run queues.
#[derive(Clone, Debug)]
pub enum Collecting {
    /// Nobody waits for it.
    Later,
    /// The run itself.
    Here(CollectOptions),
    /// A collector beside it; the run ends when its last task has.
    Elsewhere,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Ran {
    pub id: RunId,
    pub figures: RunFigures,
    /// Sources that could not be read to their end, with the reason.
    pub failed_sources: Vec<(String, String)>,
}

/// Harvests, then collects what is queued, and keeps the books of it.
pub async fn run(
    pipeline: &Pipeline,
    plan: &RunPlan,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<Ran, PipelineError> {
    let ledger = &pipeline.stores.ledger;
    let now = pipeline.now();
    ledger.bury_silent_runs(now - SILENT_FOR).await?;
    let new = NewRun {
        name: plan.name.clone(),
        trigger: plan.trigger.clone(),
        sources: plan.harvest.sources.iter().map(ToString::to_string).collect(),
    };
    let id = ledger.open_run(&new, now).await?;
    run_opened(pipeline, plan, id, watch, stop).await
}

/// As [`run`], for a run that is in the ledger already.
pub async fn run_opened(
    pipeline: &Pipeline,
    plan: &RunPlan,
    id: RunId,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<Ran, PipelineError> {
    let ledger = &pipeline.stores.ledger;
    tracing::info!(run = %id, name = %plan.name, "run {id} ({}) starts", plan.name);
    let stop = stop.child_token();
    let working = work(pipeline, plan, id, watch, &stop);
    let ended = unless_cancelled(pipeline, id, &stop, working).await;
    let (status, error) = verdict(&ended);
    ledger.close_run(id, status, error.as_deref(), pipeline.now()).await?;
    tracing::info!(run = %id, status = status.as_str(), "run {id} ended: {}", status.as_str());
    ended
}

async fn work(
    pipeline: &Pipeline,
    plan: &RunPlan,
    id: RunId,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<Ran, PipelineError> {
    let harvested = harvest(pipeline, &plan.harvest, Some(id), watch, stop).await?;
    let mut figures = harvested.figures;
    match &plan.collect {
        Collecting::Later => (),
        Collecting::Here(options) => figures += collect(pipeline, options, watch, stop).await?,
        Collecting::Elsewhere => all_settled(pipeline, id, stop).await?,
    }
    // The ledger holds the run's own figures; a collection also works on tasks
    // that other runs queued.
    let kept = pipeline.stores.ledger.run(id).await?;
    let figures = kept.map_or(figures, |run| run.figures);
    Ok(Ran { id, figures, failed_sources: harvested.failed })
}

/// Waits until no task of a run is left.
async fn all_settled(
    pipeline: &Pipeline,
    run: RunId,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    let which = Waiting { run: Some(run), ..Waiting::default() };
    loop {
        let ring = pipeline.bell.settled.notified();
        tokio::pin!(ring);
        ring.as_mut().enable();
        if pipeline.stores.queue.waiting(&which).await? == 0 {
            return Ok(());
        }
        tokio::select! {
            () = ring => (),
            () = tokio::time::sleep(LOOK_EVERY) => (),
            // Says that this run only waits.
            () = pipeline.waits.until(FOREVER) => (),
            () = stop.cancelled() => return Err(PipelineError::Stopped),
        }
    }
}

fn verdict(ended: &Result<Ran, PipelineError>) -> (RunStatus, Option<String>) {
    match ended {
        Ok(ran) if ran.failed_sources.is_empty() => (RunStatus::Success, None),
        Ok(ran) => {
            let failed = ran.failed_sources.iter().map(|(what, why)| format!("{what}: {why}"));
            (RunStatus::Failed, Some(failed.collect::<Vec<_>>().join("; ")))
        }
        Err(PipelineError::Stopped) => (RunStatus::Stopped, None),
        Err(error @ PipelineError::Cancelled { .. }) => {
            (RunStatus::Stopped, Some(error.to_string()))
        }
        Err(error) => (RunStatus::Failed, Some(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(preset: Preset, kinds: &[Kind], has: &[&str], lacks: &[&str]) {
        let sources = preset.sources(kinds, false);
        let names: Vec<String> = sources.iter().map(ToString::to_string).collect();
        for name in has {
            assert!(names.iter().any(|known| known == name), "{name} is not in {names:?}");
        }
        for name in lacks {
            assert!(names.iter().all(|known| known != name), "{name} is in {names:?}");
        }
    }

    #[test]
    fn only_the_weekly_run_discovers() {
        let discovered = ["movie.genres", "tv.genres", "movie.hidden_gems", "tv.award_winning"];
        check(Preset::Weekly, &[], &discovered, &[]);
        check(Preset::Daily, &[], &["movie.popular"], &discovered);
        check(Preset::Quick, &[], &["trending.all.day"], &discovered);
    }

    #[test]
    fn presets_keep_to_the_wanted_kinds() {
        let movies = [Kind::Movie];
        check(
            Preset::Weekly,
            &movies,
            &["movie.genres", "movie.popular", "trending.all.week", "reference"],
            &["tv.genres", "tv.hidden_gems", "tv.popular", "person.popular"],
        );
        check(Preset::Full, &movies, &["export.movie"], &["export.adult_movie", "export.person"]);
    }
}
