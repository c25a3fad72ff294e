//! Runs: what was done, and an end to what is being done.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use domain::ledger::CallFilter;
use domain::queue::Waiting;
use domain::request::Cancelled;
use domain::run::{Run, RunFigures, RunStatus};
use domain::{RunId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::asked::Params;
use super::guard::Caller;
use super::problem::Problem;
use crate::site::Site;

/// So many failed calls are shown of a run.
const CALLS_SHOWN: usize = 100;

/// Which runs are listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunsQuery {
    /// So many at most, 500 in all.
    #[serde(default = "twenty")]
    #[schemars(range(min = 1, max = 500))]
    limit: usize,
    /// SUCCESS, FAILED, RUNNING, REQUESTED, STOPPED or INTERRUPTED.
    status: Option<String>,
}

fn twenty() -> usize {
    20
}

/// Runs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Runs {
    runs: Vec<RunView>,
}

/// A run, with its figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct RunView {
    pub(crate) id: i64,
    /// `quick`, `daily`, `weekly`, `full`, `custom` or a job's.
    pub(crate) name: String,
    /// `manual`, `scheduled` or `api`.
    trigger: String,
    pub(crate) status: String,
    sources: Vec<String>,
    /// When it began; while it is REQUESTED, when it was asked for.
    #[schemars(with = "jiff::Timestamp")]
    started_at: Timestamp,
    #[schemars(with = "Option<jiff::Timestamp>")]
    ended_at: Option<Timestamp>,
    duration_ms: Option<u64>,
    /// Sightings looked at.
    checked: u64,
    /// Sightings that were not queued.
    skipped: u64,
    /// Tasks queued.
    queued: u64,
    /// Records stored.
    ingested: u64,
    /// Of these, without a new version.
    unchanged: u64,
    /// Titles that TMDB answered 404 for.
    gone: u64,
    /// Titles that failed for good.
    failed: u64,
    /// Requests made to TMDB.
    calls: u64,
    /// Bytes of the bodies that came back.
    bytes: u64,
    /// Why it did not succeed.
    error: Option<String>,
}

impl From<&Run> for RunView {
    fn from(run: &Run) -> Self {
        let RunFigures {
            checked,
            skipped,
            queued,
            ingested,
            unchanged,
            gone,
            failed,
            calls,
            bytes,
        } = run.figures;
        Self {
            id: run.id.0,
            name: run.name.clone(),
            trigger: run.trigger.clone(),
            status: run.status.as_str().to_owned(),
            sources: run.sources.clone(),
            started_at: run.started_at,
            ended_at: run.ended_at,
            duration_ms: run.duration_ms,
            checked,
            skipped,
            queued,
            ingested,
            unchanged,
            gone,
            failed,
            calls,
            bytes,
            error: run.error.clone(),
        }
    }
}

/// A run with what happened in it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunDetails {
    #[serde(flatten)]
    run: RunView,
    /// Tasks that it queued and that still wait.
    waiting: u64,
    /// The first titles that it stored, as `Title (Year)`.
    ingested_titles: Vec<String>,
    /// The first titles that failed, and why.
    failed_titles: Vec<String>,
    /// What happened, the oldest first.
    events: Vec<RunEvent>,
}

/// Something that happened in a run.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunEvent {
    #[schemars(with = "jiff::Timestamp")]
    at: Timestamp,
    /// `requested`, `started`, `call_failed`, `cancel_requested` or `ended`.
    event: &'static str,
    detail: String,
}

/// What became of the wish that a run ends.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Cancelling {
    run: i64,
    /// `stopped`: it waited and has ended; `stopping`: its process is told, and it ends
    /// within seconds.
    state: &'static str,
}

pub(super) async fn list(
    State(site): State<Site>,
    Params(query): Params<RunsQuery>,
) -> Result<Json<Runs>, Problem> {
    let status = match &query.status {
        Some(name) => Some(RunStatus::from_name(name).ok_or_else(|| {
            let known = RunStatus::ALL.map(RunStatus::as_str).join(", ");
            Problem::Invalid(format!("`status` must be one of {known}, not `{name}`."))
        })?),
        None => None,
    };
    let limit = limited(query.limit)?;
    let runs = site.stores().ledger.runs(status, limit).await?;
    Ok(Json(Runs { runs: runs.iter().map(RunView::from).collect() }))
}

/// A limit that a client gave.
pub(super) fn limited(limit: usize) -> Result<usize, Problem> {
    if (1..=500).contains(&limit) {
        return Ok(limit);
    }
    Err(Problem::Invalid(format!("`limit` must lie between 1 and 500, and is {limit}.")))
}

pub(super) async fn one(
    State(site): State<Site>,
    Path(id): Path<String>,
) -> Result<Json<RunDetails>, Problem> {
    let id = run_id(&id)?;
    let stores = site.stores();
    let run = stores.ledger.run(id).await?.ok_or_else(|| unknown(id))?;
    let waiting = Waiting { run: Some(id), ..Waiting::default() };
    let waiting = stores.queue.waiting(&waiting).await?;
    let events = events(&site, &run).await?;
    Ok(Json(RunDetails {
        waiting,
        ingested_titles: run.ingested_titles.clone(),
        failed_titles: run.failed_titles.clone(),
        events,
        run: RunView::from(&run),
    }))
}

async fn events(site: &Site, run: &Run) -> Result<Vec<RunEvent>, Problem> {
    let begun = if run.status == RunStatus::Requested { "requested" } else { "started" };
    let detail = format!("{} of {}", run.name, run.trigger);
    let mut events = vec![RunEvent { at: run.started_at, event: begun, detail }];
    let which = CallFilter { failed_only: true, run: Some(run.id), ..CallFilter::default() };
    for call in site.stores().ledger.calls(&which, CALLS_SHOWN).await?.into_iter().rev() {
        let detail = format!("{}: {}", call.asked, call.outcome);
        events.push(RunEvent { at: call.at, event: "call_failed", detail });
    }
    if run.ended_at.is_none()
        && let Some(by) = site.stores().requests.cancelled_by(run.id).await?
    {
        let detail = format!("by {by}");
        events.push(RunEvent { at: site.now(), event: "cancel_requested", detail });
    }
    if let Some(at) = run.ended_at {
        let why = run.error.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        let detail = format!("{}{why}", run.status.as_str());
        events.push(RunEvent { at, event: "ended", detail });
    }
    Ok(events)
}

pub(super) async fn cancel(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<(axum::http::StatusCode, Json<Cancelling>), Problem> {
    let run = run_id(&id)?;
    let state = match site.stores().requests.cancel(run, &caller.0, site.now()).await? {
        Cancelled::Unknown => return Err(unknown(run)),
        Cancelled::Ended(status) => return Err(Problem::RunEnded { run, status }),
        Cancelled::Stopped => "stopped",
        Cancelled::Told => "stopping",
    };
    Ok((axum::http::StatusCode::ACCEPTED, Json(Cancelling { run: run.0, state })))
}

fn run_id(text: &str) -> Result<RunId, Problem> {
    let number = text.parse().ok().map(RunId);
    number.ok_or_else(|| Problem::NotFound(format!("There is no run `{text}`.")))
}

fn unknown(run: RunId) -> Problem {
    Problem::NotFound(format!("There is no run {run}."))
}
