//! `schedule`: what runs when, what ran, and a hand on it.

mod show;

use domain::schedule::{Entry, EntryState, next_slots};
use serde::Serialize;

use super::args::{ScheduleCommand, WhichArgs};
use super::{Context, Exit, up};
use crate::app;
use crate::output::Output;

pub(super) async fn schedule(context: &Context, command: ScheduleCommand) -> anyhow::Result<Exit> {
    match command {
        ScheduleCommand::List => show::list(context).await,
        ScheduleCommand::Next { count } => next(context, count).await,
        ScheduleCommand::Starts { name, limit } => show::starts(context, name, limit).await,
        ScheduleCommand::Pause(which) => pause(context, &which).await,
        ScheduleCommand::Resume(which) => resume(context, &which).await,
        ScheduleCommand::Trigger { name } => trigger(context, &name).await,
        ScheduleCommand::Run => up::schedule_alone(context).await,
    }
}

fn entries(context: &Context) -> anyhow::Result<Vec<Entry>> {
    Ok(context.config.settings.entries()?)
}

fn named<'a>(entries: &'a [Entry], name: &str) -> anyhow::Result<&'a Entry> {
    let found = entries.iter().find(|entry| entry.name == name);
    super::understood(found.ok_or_else(|| {
        let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        anyhow::anyhow!("the schedule has no entry `{name}`; it has {}", names.join(", "))
    }))
}

fn chosen(entries: Vec<Entry>, which: &WhichArgs) -> anyhow::Result<Vec<Entry>> {
    match &which.name {
        Some(name) => Ok(vec![named(&entries, name)?.clone()]),
        None => Ok(entries),
    }
}

/// How an entry stands; one that was never met stands idle.
fn state_of<'a>(states: &'a [EntryState], entry: &Entry) -> Option<&'a EntryState> {
    states.iter().find(|state| state.name == entry.name)
}

async fn next(context: &Context, count: usize) -> anyhow::Result<Exit> {
    #[derive(Serialize)]
    struct Slot<'a> {
        at: domain::Timestamp,
        local: String,
        entry: &'a str,
        job: domain::schedule::Job,
    }
    let (_, states) = context.store_or_none().await?.schedule.standing().await?;
    let mut entries = entries(context)?;
    entries.retain(|entry| {
        !entry.paused && !state_of(&states, entry).is_some_and(|state| state.paused)
    });
    let slots = next_slots(&entries, app::clock()(), count);
    let slots: Vec<Slot<'_>> = slots
        .into_iter()
        .map(|(at, entry)| Slot {
            at,
            local: entry.when.local(at),
            entry: &entry.name,
            job: entry.job,
        })
        .collect();
    if context.output.json {
        context.output.json(&slots)?;
    } else if slots.is_empty() {
        context.output.line("Nothing comes by itself: every entry is paused, or there is none.")?;
    } else {
        let row = |slot: &Slot<'_>| {
            let entry = slot.entry.to_owned();
            vec![slot.at.to_string(), slot.local.clone(), entry, slot.job.to_string()]
        };
        let headings = ["UTC", "on the wall", "entry", "job"];
        context.output.table(&headings, slots.iter().map(row).collect())?;
    }
    Ok(Exit::Done)
}

async fn pause(context: &Context, which: &WhichArgs) -> anyhow::Result<Exit> {
    let store = context.store_or_new().await?;
    let mut done = vec![];
    for entry in chosen(entries(context)?, which)? {
        let changed = store.schedule.pause(&entry.name, app::clock()()).await?;
        let said = if changed { "paused" } else { "was paused already" };
        done.push((entry.name, changed, said.to_owned()));
    }
    say(context.output, done)
}

async fn resume(context: &Context, which: &WhichArgs) -> anyhow::Result<Exit> {
    let store = context.store_or_new().await?;
    let mut done = vec![];
    for entry in chosen(entries(context)?, which)? {
        let now = app::clock()();
        let changed = store.schedule.resume(&entry.name, now).await?;
        let next = entry.when.after(now).map(|slot| entry.when.local(slot)).unwrap_or_default();
        let said = match changed {
            _ if entry.paused => "stays paused: the configuration says so".to_owned(),
            true => format!("resumed; its next slot is {next}"),
            false => format!("was not paused; its next slot is {next}"),
        };
        done.push((entry.name, changed, said));
    }
    say(context.output, done)
}

fn say(output: Output, done: Vec<(String, bool, String)>) -> anyhow::Result<Exit> {
    if output.json {
        let rows: Vec<_> = done
            .into_iter()
            .map(|(name, changed, _)| serde_json::json!({"entry": name, "changed": changed}))
            .collect();
        output.json(&rows)?;
        return Ok(Exit::Done);
    }
    for (name, _, said) in done {
        output.line(format!("{name} {said}."))?;
    }
    Ok(Exit::Done)
}

async fn trigger(context: &Context, name: &str) -> anyhow::Result<Exit> {
    let entries = entries(context)?;
    let entry = named(&entries, name)?;
    let (store, now) = (context.store_or_new().await?, app::clock()());
    store.schedule.trigger(name, now).await?;
    let (leader, states) = store.schedule.standing().await?;
    let leads = leader.holder.filter(|_| leader.until > now);
    if context.output.json {
        context.output.json(&serde_json::json!({"entry": name, "leader": leads}))?;
        return Ok(Exit::Done);
    }
    let running = state_of(&states, entry).and_then(|state| state.running.as_ref());
    context.output.line(match (leads, running) {
        (None, _) => format!(
            "{name} is noted. Nobody leads the schedule now; it starts when `cinemirror up` does."
        ),
        (Some(_), Some(_)) => format!("{name} runs now, and starts again once that has ended."),
        (Some(leader), None) => format!("{name} starts in a moment, at {leader}."),
    })?;
    Ok(Exit::Done)
}
