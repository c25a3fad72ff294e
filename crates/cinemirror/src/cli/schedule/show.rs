//! Prints how the schedule stands, and what it started.

use domain::Timestamp;
use domain::schedule::{Ended, Entry, EntryState, Job, Leader, Outcome, Running, Started};
use serde::Serialize;

use super::{entries, named, state_of};
use crate::app;
use crate::cli::{Context, Exit};
use crate::output::{Output, cut, duration};

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    job: Job,
    cron: &'a str,
    zone: &'a str,
    next: Option<Timestamp>,
    next_local: Option<String>,
    /// `idle`, `running`, `waiting`, `triggered` or `paused`.
    state: &'static str,
    paused_by_configuration: bool,
    /// A slot that came while the one before still ran.
    waiting: Option<Timestamp>,
    running: Option<&'a Running>,
    last: Option<&'a Ended>,
    starts: u64,
}

pub(super) async fn list(context: &Context) -> anyhow::Result<Exit> {
    let (leader, states) = context.store_or_none().await?.schedule.standing().await?;
    let (entries, now) = (entries(context)?, app::clock()());
    let listed: Vec<Listed<'_>> =
        entries.iter().map(|entry| listed(entry, state_of(&states, entry), now)).collect();
    let leader = Some(leader).filter(|leader| leader.holder.is_some() && leader.until > now);
    if context.output.json {
        let json = serde_json::json!({"at": now, "leader": leader, "entries": listed});
        context.output.json(&json)?;
    } else {
        print(context.output, &listed, leader.as_ref(), now)?;
    }
    Ok(Exit::Done)
}

fn listed<'a>(entry: &'a Entry, state: Option<&'a EntryState>, now: Timestamp) -> Listed<'a> {
    let is_paused = entry.paused || state.is_some_and(|state| state.paused);
    let next = entry.when.after(now).filter(|_| !is_paused);
    let running = state.and_then(|state| state.running.as_ref());
    let is_due = |slot: &Timestamp| state.is_some_and(|state| *slot > state.done_until);
    let waiting = entry.when.latest(now).filter(|slot| !is_paused && is_due(slot));
    let is_triggered = state.is_some_and(|state| state.triggered_at.is_some());
    let is_again = state.is_some_and(|state| state.again.is_some());
    let shown = if running.is_some() {
        "running"
    } else if is_triggered {
        "triggered"
    } else if is_paused {
        "paused"
    } else if waiting.is_some() || is_again {
        "waiting"
    } else {
        "idle"
    };
    Listed {
        name: &entry.name,
        job: entry.job,
        cron: entry.when.cron(),
        zone: entry.when.zone(),
        next,
        next_local: next.map(|next| entry.when.local(next)),
        state: shown,
        paused_by_configuration: entry.paused,
        waiting,
        running,
        last: state.and_then(|state| state.last.as_ref()),
        starts: state.map_or(0, |state| state.starts),
    }
}

fn print(
    output: Output,
    listed: &[Listed<'_>],
    leader: Option<&Leader>,
    now: Timestamp,
) -> std::io::Result<()> {
    if listed.is_empty() {
        return output.line("The schedule has no entries; see [schedule] in the configuration.");
    }
    let row = |one: &Listed<'_>| {
        vec![
            one.name.to_owned(),
            one.job.to_string(),
            one.cron.to_owned(),
            one.zone.to_owned(),
            one.next_local.clone().unwrap_or_default(),
            one.next.map(|next| next.to_string()).unwrap_or_default(),
            one.last.map(last).unwrap_or_default(),
            standing(one, now),
        ]
    };
    let headings = ["entry", "job", "cron", "zone", "next", "in UTC", "last", "state"];
    output.table(&headings, listed.iter().map(row).collect())?;
    output.line("")?;
    match leader {
        Some(Leader { holder: Some(holder), until, .. }) => {
            output.line(format!("{holder} leads, until {until} or until it renews that."))
        }
        _ => output.line("Nobody leads; `cinemirror up` does, and catches up with what is missed."),
    }
}

fn last(ended: &Ended) -> String {
    let took = duration(ended.at.since(ended.started_at));
    let outcome = ended.outcome.as_str();
    match &ended.error {
        Some(error) if ended.outcome == Outcome::Failed => {
            format!("{outcome} {}: {}", ended.at, cut(error, 40))
        }
        _ => format!("{outcome} {} after {took}", ended.at),
    }
}

fn standing(one: &Listed<'_>, now: Timestamp) -> String {
    match (one.running, one.state) {
        (Some(running), _) => {
            let waits = if one.waiting.is_some() { ", the next slot waits" } else { "" };
            let took = duration(now.since(running.since));
            format!("running for {took} at {}{waits}", running.by)
        }
        (None, "paused") if one.paused_by_configuration => "paused by the configuration".to_owned(),
        (None, state) => state.to_owned(),
    }
}

pub(super) async fn starts(
    context: &Context,
    name: Option<String>,
    limit: usize,
) -> anyhow::Result<Exit> {
    if let Some(name) = &name {
        named(&entries(context)?, name)?;
    }
    let starts = context.store().await?.schedule.starts(name.as_deref(), limit).await?;
    if context.output.json {
        context.output.json(&starts)?;
    } else if starts.is_empty() {
        context.output.line("Nothing was started yet; `cinemirror up` keeps the schedule.")?;
    } else {
        let headings =
            ["entry", "slot", "why", "try #", "started", "took #", "outcome", "by", "error"];
        context.output.table(&headings, starts.iter().map(row).collect())?;
    }
    Ok(Exit::Done)
}

fn row(start: &Started) -> Vec<String> {
    let took = start.ended_at.map(|end| duration(end.since(start.started_at)));
    vec![
        start.name.clone(),
        start.slot.to_string(),
        start.cause.as_str().to_owned(),
        start.attempt.to_string(),
        start.started_at.to_string(),
        took.unwrap_or_default(),
        start.outcome.map_or("running", Outcome::as_str).to_owned(),
        start.started_by.clone(),
        cut(start.error.as_deref().unwrap_or_default(), 60),
    ]
}
