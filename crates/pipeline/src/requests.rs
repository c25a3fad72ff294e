//! Takes runs that somebody asked for by the API, whichever process they asked.
//!
//! Every process that has the pipeline takes them; the store gives each to one. A
//! run whose process dies is taken again, one whose process is told to end waits for
//! another.

use std::sync::Arc;
use std::time::Duration;

use domain::request::Claimed;
use domain::run::RunStatus;
use domain::schedule::Job;
use domain::{RunId, Source, StoreError};
use serde::{Deserialize, Serialize};
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::error::PipelineError;
use crate::harvest::HarvestPlan;
use crate::jobs::{JobPlans, Order, perform};
use crate::pipeline::Pipeline;
use crate::run::{Collecting, RunPlan, run_opened};
use crate::watch::Unwatched;

/// So many run in a process at once; others wait for another process, or for their turn.
const AT_ONCE: usize = 4;

/// The name of a run with sources of its own.
pub const CUSTOM: &str = "custom";

/// What somebody asks for, besides sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    Job(Job),
    Custom(Custom),
}

/// A run with sources of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custom {
    /// Pages of each list; the configuration's where none are given.
    pub pages: Option<u32>,
    /// Whether the run waits until what it queued is collected.
    pub enrich: bool,
    /// Titles queued at most.
    pub max_enrichment: Option<u64>,
    /// Queue what is fresh too.
    pub again: bool,
}

impl Wish {
    /// The run's name in the ledger.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Job(job) => job.as_str(),
            Self::Custom(_) => CUSTOM,
        }
    }

    /// The names of runs that may not be open at once with it.
    ///
    /// Quick, daily, weekly and custom runs read the same lists, so that two of them
    /// at once would ask TMDB twice; each other job excludes itself.
    pub fn excludes(&self) -> Vec<String> {
        const LISTS: [&str; 4] = ["quick", "daily", "weekly", CUSTOM];
        let name = self.name();
        let excluded = if LISTS.contains(&name) { &LISTS[..] } else { &[name] };
        excluded.iter().map(|name| (*name).to_owned()).collect()
    }
}

/// What [`take_requests`] works with.
#[derive(Clone, Debug)]
pub struct Taking {
    pub pipeline: Pipeline,
    pub plans: Arc<JobPlans>,
    /// Unique for each process.
    pub holder: String,
    /// A process that is not heard of for so long has died, and its runs are taken again.
    pub lease: Duration,
    /// How often to look for what was asked for; well below the lease.
    pub look: Duration,
}

/// Takes what is asked for until `stop`, then lets what it runs wait for another process.
pub async fn take_requests(taking: &Taking, stop: &CancellationToken) -> Result<(), PipelineError> {
    let mut taker = Taker { taking, jobs: JoinSet::new(), running: vec![], is_troubled: false };
    while !stop.is_cancelled() {
        taker.look(stop).await?;
        tokio::select! {
            Some(ended) = taker.jobs.join_next_with_id() => taker.note_end(ended, stop).await,
            () = tokio::time::sleep(taking.look) => (),
            () = stop.cancelled() => (),
        }
    }
    while let Some(ended) = taker.jobs.join_next_with_id().await {
        taker.note_end(ended, stop).await;
    }
    Ok(())
}

type Ended = Result<(), PipelineError>;

struct Taker<'a> {
    taking: &'a Taking,
    jobs: JoinSet<Ended>,
    running: Vec<(Id, RunId, CancellationToken)>,
    /// The store was out of reach the last time.
    is_troubled: bool,
}

impl Taker<'_> {
    async fn look(&mut self, stop: &CancellationToken) -> Result<(), PipelineError> {
        match self.beat_and_claim(stop).await {
            Ok(()) => {
                if self.is_troubled {
                    tracing::info!("looks for runs that are asked for again");
                }
                self.is_troubled = false;
            }
            Err(error @ (StoreError::Unavailable(_) | StoreError::Full(_))) => {
                if !self.is_troubled {
                    tracing::warn!(%error, "could not look for runs that are asked for");
                }
                self.is_troubled = true;
            }
            Err(error @ (StoreError::Corrupt(_) | StoreError::Misconfigured(_))) => {
                return Err(error.into());
            }
        }
        Ok(())
    }

    async fn beat_and_claim(&mut self, stop: &CancellationToken) -> Result<(), StoreError> {
        let Taking { pipeline, holder, lease, .. } = self.taking;
        let requests = &pipeline.stores.requests;
        if !self.running.is_empty() {
            let runs: Vec<RunId> = self.running.iter().map(|(_, run, _)| *run).collect();
            let ours = requests.beat(holder, &runs, *lease, pipeline.now()).await?;
            for ((_, run, stop), _) in self.running.iter().zip(ours).filter(|(_, ours)| !ours) {
                tracing::warn!(run = %run, "run {run} was not heard of in time; stopping it here");
                stop.cancel();
            }
        }
        while self.running.len() < AT_ONCE {
            let claimed = requests.claim(holder, *lease, pipeline.now()).await?;
            let Some(claimed) = claimed else { break };
            self.start(claimed, stop);
        }
        Ok(())
    }

    fn start(&mut self, claimed: Claimed, stop: &CancellationToken) {
        let Claimed { run, name, asked_by, attempt, .. } = &claimed;
        tracing::info!(run = %run, by = asked_by, attempt, "takes run {run} ({name})");
        let (run, stop) = (claimed.run, stop.child_token());
        let (pipeline, plans) = (self.taking.pipeline.clone(), Arc::clone(&self.taking.plans));
        let told = stop.clone();
        let id = self.jobs.spawn(async move { fulfil(&pipeline, &plans, claimed, &told).await });
        self.running.push((id.id(), run, stop));
    }

    async fn note_end(&mut self, ended: Result<(Id, Ended), JoinError>, stop: &CancellationToken) {
        let (id, ended) = match ended {
            Ok((id, ended)) => (id, ended.map_err(|error| (stops(&error), error.to_string()))),
            Err(error) => (error.id(), Err((false, format!("it broke off: {error}")))),
        };
        let Some(place) = self.running.iter().position(|(known, ..)| *known == id) else { return };
        let (_, run, _) = self.running.swap_remove(place);
        let Taking { pipeline, holder, .. } = self.taking;
        let requests = &pipeline.stores.requests;
        let noted = match &ended {
            Err((true, _)) if stop.is_cancelled() => requests.release(holder, run).await,
            _ => requests.finish(holder, run).await,
        };
        if let Err((_, why)) = ended {
            tracing::warn!(run = %run, "run {run} did not succeed: {why}");
        }
        if let Err(error) = noted {
            tracing::warn!(%error, "could not note how run {run} ended; it may run again");
        }
    }
}

fn stops(error: &PipelineError) -> bool {
    matches!(error, PipelineError::Stopped)
}

/// Does what was asked for; a wish that cannot be read ends the run as failed.
async fn fulfil(
    pipeline: &Pipeline,
    plans: &JobPlans,
    claimed: Claimed,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    let run = claimed.run;
    let (wish, sources) = match read(&claimed) {
        Ok(read) => read,
        Err(why) => {
            let ledger = &pipeline.stores.ledger;
            ledger.close_run(run, RunStatus::Failed, Some(&why), pipeline.now()).await?;
            return Err(PipelineError::Source { what: claimed.name, why });
        }
    };
    let ended = match wish {
        Wish::Job(job) => perform(pipeline, plans, job, Order::Opened(run), &Unwatched, stop).await,
        Wish::Custom(custom) => {
            let plan = custom.plan(&plans.harvest, sources);
            run_opened(pipeline, &plan, run, &Unwatched, stop).await.map(drop)
        }
    };
    if let Err(error) = &ended {
        close_if_open(pipeline, run, error).await?;
    }
    ended
}

/// Ends a run whose job failed before it came to its books.
async fn close_if_open(
    pipeline: &Pipeline,
    id: RunId,
    error: &PipelineError,
) -> Result<(), PipelineError> {
    let ledger = &pipeline.stores.ledger;
    let is_open = ledger.run(id).await?.is_some_and(|run| run.status == RunStatus::Running);
    if is_open && !stops(error) {
        let why = error.to_string();
        ledger.close_run(id, RunStatus::Failed, Some(&why), pipeline.now()).await?;
    }
    Ok(())
}

fn read(claimed: &Claimed) -> Result<(Wish, Vec<Source>), String> {
    let wish = serde_json::from_str(&claimed.wish)
        .map_err(|error| format!("what was asked for cannot be read: {error}"))?;
    let sources: Result<Vec<Source>, _> = claimed.sources.iter().map(|name| name.parse()).collect();
    Ok((wish, sources.map_err(|error| format!("its sources cannot be read: {error}"))?))
}

impl Custom {
    fn plan(&self, harvest: &HarvestPlan, sources: Vec<Source>) -> RunPlan {
        RunPlan {
            name: CUSTOM.to_owned(),
            trigger: "api".to_owned(),
            harvest: HarvestPlan {
                sources,
                pages: self.pages.unwrap_or(harvest.pages),
                limit: self.max_enrichment,
                again: self.again,
                ..harvest.clone()
            },
            collect: if self.enrich { Collecting::Elsewhere } else { Collecting::Later },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_lists_excludes_what_reads_lists() {
        let lists = ["quick", "daily", "weekly", "custom"];
        let custom = Custom { pages: None, enrich: true, max_enrichment: None, again: false };
        assert_eq!(Wish::Job(Job::Quick).excludes(), lists);
        assert_eq!(Wish::Custom(custom).excludes(), lists);
        assert_eq!(Wish::Job(Job::Full).excludes(), ["full"]);
        assert_eq!(Wish::Job(Job::Purge).excludes(), ["purge"]);
    }

    #[test]
    fn a_custom_wish_comes_back_as_it_was_written() {
        let custom = Custom { pages: Some(3), enrich: false, max_enrichment: Some(9), again: true };
        let plan = custom.plan(&HarvestPlan::default(), vec![]);
        assert_eq!(
            (plan.harvest.pages, plan.harvest.limit, plan.harvest.again),
            (3, Some(9), true)
        );
        assert!(matches!(plan.collect, Collecting::Later));
        let text = serde_json::to_string(&Wish::Custom(custom.clone())).unwrap();
        assert_eq!(serde_json::from_str::<Wish>(&text).unwrap(), Wish::Custom(custom));
    }
}
