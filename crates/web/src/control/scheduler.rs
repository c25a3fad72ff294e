//! The schedule: what starts when, and a hand on it.
//!
//! It is stopped by pausing every entry, which the store remembers; what runs goes on.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::Timestamp;
use domain::schedule::{Entry, EntryState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::asked::Params;
use super::problem::Problem;
use super::runs::limited;
use crate::site::Site;

/// How the schedule stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SchedulerStatus {
    /// Whether a process leads, and some entry is not paused.
    is_running: bool,
    /// Whether every entry is paused.
    is_stopped: bool,
    /// The process that leads, where one does.
    leader: Option<String>,
    jobs: Vec<ScheduledJob>,
}

/// An entry of the schedule.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ScheduledJob {
    /// The entry's name.
    name: String,
    /// What it starts.
    job: String,
    cron: String,
    zone: String,
    /// When it starts next; absent while it is paused.
    #[schemars(with = "Option<jiff::Timestamp>")]
    next_run: Option<Timestamp>,
    /// `idle`, `running`, `triggered`, `paused`.
    state: &'static str,
    /// Paused by the configuration: only triggers start it.
    is_paused_by_configuration: bool,
    /// Since when it runs.
    #[schemars(with = "Option<jiff::Timestamp>")]
    running_since: Option<Timestamp>,
    /// When it ended last, how, and why.
    #[schemars(with = "Option<jiff::Timestamp>")]
    last_ended: Option<Timestamp>,
    last_outcome: Option<&'static str>,
    last_error: Option<String>,
    /// How often it was started.
    starts: u64,
}

/// Which starts are listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartsQuery {
    /// Only of this entry.
    entry: Option<String>,
    /// So many at most, 500 in all.
    #[serde(default = "twenty")]
    #[schemars(range(min = 1, max = 500))]
    limit: usize,
}

fn twenty() -> usize {
    20
}

/// What was started.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Starts {
    starts: Vec<StartView>,
}

/// A start of an entry.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StartView {
    entry: String,
    number: u64,
    /// The instant that it was for.
    #[schemars(with = "jiff::Timestamp")]
    slot: Timestamp,
    /// `slot`, `waited`, `missed`, `triggered`, `interrupted` or `stopped`.
    cause: &'static str,
    attempt: u32,
    #[schemars(with = "jiff::Timestamp")]
    started_at: Timestamp,
    started_by: String,
    #[schemars(with = "Option<jiff::Timestamp>")]
    ended_at: Option<Timestamp>,
    outcome: Option<&'static str>,
    error: Option<String>,
}

/// What a hand on the schedule changed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Changed {
    /// Entries that were paused or resumed; others were so before.
    changed: Vec<String>,
    scheduler: SchedulerStatus,
}

/// An entry that starts as soon as it can.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Triggered {
    entry: String,
    /// The process that starts it; where none leads, it waits for one.
    leader: Option<String>,
}

pub(super) async fn status(State(site): State<Site>) -> Result<Json<SchedulerStatus>, Problem> {
    Ok(Json(standing(&site).await?))
}

pub(super) async fn standing(site: &Site) -> Result<SchedulerStatus, Problem> {
    let now = site.now();
    let (leader, states) = site.stores().schedule.standing().await?;
    let entries = &site.options().entries;
    let jobs: Vec<ScheduledJob> = entries
        .iter()
        .map(|entry| job(entry, states.iter().find(|state| state.name == entry.name), now))
        .collect();
    let leader = leader.holder.filter(|_| leader.until > now);
    let is_paused = |entry: &Entry| {
        entry.paused || states.iter().any(|state| state.name == entry.name && state.paused)
    };
    let is_stopped = entries.iter().all(is_paused);
    Ok(SchedulerStatus { is_running: leader.is_some() && !is_stopped, is_stopped, leader, jobs })
}

fn job(entry: &Entry, state: Option<&EntryState>, now: Timestamp) -> ScheduledJob {
    let is_paused = entry.paused || state.is_some_and(|state| state.paused);
    let running = state.and_then(|state| state.running.as_ref());
    let last = state.and_then(|state| state.last.as_ref());
    let shown = if running.is_some() {
        "running"
    } else if state.is_some_and(|state| state.triggered_at.is_some()) {
        "triggered"
    } else if is_paused {
        "paused"
    } else {
        "idle"
    };
    ScheduledJob {
        name: entry.name.clone(),
        job: entry.job.to_string(),
        cron: entry.when.cron().to_owned(),
        zone: entry.when.zone().to_owned(),
        next_run: entry.when.after(now).filter(|_| !is_paused),
        state: shown,
        is_paused_by_configuration: entry.paused,
        running_since: running.map(|running| running.since),
        last_ended: last.map(|last| last.at),
        last_outcome: last.map(|last| last.outcome.as_str()),
        last_error: last.and_then(|last| last.error.clone()),
        starts: state.map_or(0, |state| state.starts),
    }
}

pub(super) async fn starts(
    State(site): State<Site>,
    Params(query): Params<StartsQuery>,
) -> Result<Json<Starts>, Problem> {
    let limit = limited(query.limit)?;
    let starts = site.stores().schedule.starts(query.entry.as_deref(), limit).await?;
    let starts = starts.into_iter().map(|start| StartView {
        entry: start.name,
        number: start.number,
        slot: start.slot,
        cause: start.cause.as_str(),
        attempt: start.attempt,
        started_at: start.started_at,
        started_by: start.started_by,
        ended_at: start.ended_at,
        outcome: start.outcome.map(domain::schedule::Outcome::as_str),
        error: start.error,
    });
    Ok(Json(Starts { starts: starts.collect() }))
}

pub(super) async fn start(State(site): State<Site>) -> Result<Json<Changed>, Problem> {
    let names = names(&site).await?;
    change(&site, names, false).await
}

pub(super) async fn stop(State(site): State<Site>) -> Result<Json<Changed>, Problem> {
    let names = names(&site).await?;
    change(&site, names, true).await
}

pub(super) async fn pause(
    State(site): State<Site>,
    Path(name): Path<String>,
) -> Result<Json<Changed>, Problem> {
    let names = vec![known(&site, name)?];
    change(&site, names, true).await
}

pub(super) async fn resume(
    State(site): State<Site>,
    Path(name): Path<String>,
) -> Result<Json<Changed>, Problem> {
    let names = vec![known(&site, name)?];
    change(&site, names, false).await
}

async fn change(site: &Site, names: Vec<String>, pause: bool) -> Result<Json<Changed>, Problem> {
    let schedule = &site.stores().schedule;
    let mut changed = vec![];
    for name in names {
        let now = site.now();
        let is_changed = if pause {
            schedule.pause(&name, now).await?
        } else {
            schedule.resume(&name, now).await?
        };
        if is_changed {
            changed.push(name);
        }
    }
    Ok(Json(Changed { changed, scheduler: standing(site).await? }))
}

pub(super) async fn trigger(
    State(site): State<Site>,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<Triggered>), Problem> {
    let (name, now) = (known(&site, name)?, site.now());
    let schedule = &site.stores().schedule;
    schedule.trigger(&name, now).await?;
    let (leader, _) = schedule.standing().await?;
    let leader = leader.holder.filter(|_| leader.until > now);
    Ok((StatusCode::ACCEPTED, Json(Triggered { entry: name, leader })))
}

/// Every entry of the configuration, and those that other processes may have by theirs.
async fn names(site: &Site) -> Result<Vec<String>, Problem> {
    let (_, states) = site.stores().schedule.standing().await?;
    let mut names: Vec<String> = states.into_iter().map(|state| state.name).collect();
    names.extend(site.options().entries.iter().map(|entry| entry.name.clone()));
    names.sort();
    names.dedup();
    Ok(names)
}

fn known(site: &Site, name: String) -> Result<String, Problem> {
    if site.options().entries.iter().any(|entry| entry.name == name) {
        return Ok(name);
    }
    Err(Problem::NotFound(format!("The schedule has no entry `{name}`.")))
}
