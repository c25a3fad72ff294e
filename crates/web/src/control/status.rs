//! How the pipeline stands, on one page.

use axum::Json;
use axum::extract::State;
use domain::run::RunStatus;
use pipeline::vitals::SILENT_AFTER;
use schemars::JsonSchema;
use serde::Serialize;

use super::problem::Problem;
use super::queue::Depth;
use super::runs::RunView;
use super::scheduler::{self, SchedulerStatus};
use crate::site::Site;

/// So many running runs are shown.
const RUNS_SHOWN: usize = 50;

/// How the pipeline stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Status {
    /// `running`: a run does; `waiting`: one waits to be taken; `idle`.
    state: &'static str,
    /// Whether a process is there that runs the pipeline.
    is_anybody_there: bool,
    /// The newest run.
    last_run: Option<RunView>,
    /// Runs that run now.
    running: Vec<RunView>,
    runs: RunCounts,
    queue: Depth,
    scheduler: SchedulerStatus,
}

/// How many runs there were, by how they stand.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct RunCounts {
    total: u64,
    success: u64,
    failed: u64,
    running: u64,
    requested: u64,
    stopped: u64,
    interrupted: u64,
}

pub(super) async fn status(State(site): State<Site>) -> Result<Json<Status>, Problem> {
    let ledger = &site.stores().ledger;
    let running = ledger.runs(Some(RunStatus::Running), RUNS_SHOWN).await?;
    let last = ledger.runs(None, 1).await?;
    let runs = counts(&site).await?;
    let state = match &runs {
        RunCounts { running: 1.., .. } => "running",
        RunCounts { requested: 1.., .. } => "waiting",
        _ => "idle",
    };
    Ok(Json(Status {
        state,
        is_anybody_there: is_anybody_there(&site).await?,
        last_run: last.first().map(RunView::from),
        running: running.iter().map(RunView::from).collect(),
        runs,
        queue: site.stores().queue.depth(site.now()).await?.into(),
        scheduler: scheduler::standing(&site).await?,
    }))
}

async fn counts(site: &Site) -> Result<RunCounts, Problem> {
    let mut counts = RunCounts::default();
    for count in site.stores().ledger.run_counts().await? {
        counts.total += count.runs;
        let of = match count.status {
            RunStatus::Success => &mut counts.success,
            RunStatus::Failed => &mut counts.failed,
            RunStatus::Running => &mut counts.running,
            RunStatus::Requested => &mut counts.requested,
            RunStatus::Stopped => &mut counts.stopped,
            RunStatus::Interrupted => &mut counts.interrupted,
        };
        *of = count.runs;
    }
    Ok(counts)
}

/// Whether a process was heard of that takes runs which are asked for.
pub(super) async fn is_anybody_there(site: &Site) -> Result<bool, Problem> {
    let workers = site.stores().workers.list(site.now() - SILENT_AFTER).await?;
    Ok(workers.iter().any(|worker| ["up", "worker", "schedule"].contains(&worker.role.as_str())))
}
