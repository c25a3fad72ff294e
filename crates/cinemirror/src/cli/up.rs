//! `up`: everything a mirror needs, in one process, until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use domain::schedule::{Cause, Entry};
use pipeline::PipelineError;
use pipeline::collect::{CollectOptions, Until, collect};
use pipeline::jobs::{JobPlans, perform};
use pipeline::requests::{Taking, take_requests};
use pipeline::run::Collecting;
use pipeline::schedule::{Keeping, Perform, keep};
use pipeline::watch::Unwatched;
use tokio_util::sync::CancellationToken;

use super::args::WorkerArgs;
use super::{Context, Exit, run, serve, understood};
use crate::app::{self, App};
use crate::config::Settings;

/// How often to look for triggers, and for a leader that is gone.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How often to look for runs that somebody asked for by the API.
const REQUESTS_EVERY: Duration = Duration::from_millis(500);

pub(super) async fn up(context: &Context) -> anyhow::Result<Exit> {
    schedule_and_collect(context, "up").await
}

/// One worker among many; whichever leads keeps the schedule, and all collect.
pub(super) async fn worker(context: &Context, args: WorkerArgs) -> anyhow::Result<Exit> {
    if args.collect_only {
        return collect_alone(context).await;
    }
    schedule_and_collect(context, "worker").await
}

async fn schedule_and_collect(context: &Context, role: &str) -> anyhow::Result<Exit> {
    let settings = &context.config.settings;
    let entries = entries(settings)?;
    let stop = app::stop_on_signals()?;
    let app = App::start_when_it_can(settings, role, &stop).await?;
    let Some(app) = app else { return Ok(Exit::Done) };
    let keeping = keeping(settings, &app, entries);
    let options = collecting(settings, &app);
    let server = if role == "up" { serve::beside(settings, &app).await? } else { None };
    if let Some(server) = &server {
        serve::announce(context, server)?;
    }
    tracing::info!(worker = %app.worker, "{role}: keeps the schedule and collects what is queued");
    let taking = taking(settings, &app);
    let (kept, taken, collected, ()) = tokio::join!(
        to_the_end(keep(&keeping, &stop), &stop),
        to_the_end(take_requests(&taking, &stop), &stop),
        to_the_end(collect(&app.pipeline, &options, &Unwatched, &stop), &stop),
        serve::run(server, &stop),
    );
    app.finish().await;
    collected?;
    taken?;
    kept?;
    tracing::info!("stopped; what is left stays queued");
    Ok(Exit::Done)
}

/// A collector without the schedule beside it.
async fn collect_alone(context: &Context) -> anyhow::Result<Exit> {
    let settings = &context.config.settings;
    let stop = app::stop_on_signals()?;
    let app = App::start_when_it_can(settings, "worker", &stop).await?;
    let Some(app) = app else { return Ok(Exit::Done) };
    let options = collecting(settings, &app);
    tracing::info!(worker = %app.worker, "worker: collects what is queued");
    let collected = to_the_end(collect(&app.pipeline, &options, &Unwatched, &stop), &stop).await;
    app.finish().await;
    collected?;
    tracing::info!("stopped; what is left stays queued");
    Ok(Exit::Done)
}

/// The schedule without a collector beside it.
pub(super) async fn schedule_alone(context: &Context) -> anyhow::Result<Exit> {
    let settings = &context.config.settings;
    let entries = entries(settings)?;
    let none = || {
        anyhow::anyhow!("the schedule has no entries; choose a preset, or add some to [schedule]")
    };
    understood((!entries.is_empty()).then_some(()).ok_or_else(none))?;
    let stop = app::stop_on_signals()?;
    let app = App::start_when_it_can(settings, "schedule", &stop).await?;
    let Some(app) = app else { return Ok(Exit::Done) };
    let keeping = keeping(settings, &app, entries);
    let taking = taking(settings, &app);
    let (kept, taken) = tokio::join!(
        to_the_end(keep(&keeping, &stop), &stop),
        to_the_end(take_requests(&taking, &stop), &stop),
    );
    app.finish().await;
    taken?;
    kept?;
    Ok(Exit::Done)
}

/// What ends early takes the others with it: half a mirror would look alive.
async fn to_the_end<T>(
    role: impl Future<Output = Result<T, PipelineError>>,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    let ended = role.await;
    let was_told = stop.is_cancelled();
    stop.cancel();
    match ended {
        Err(PipelineError::Stopped) if was_told => Ok(()),
        ended => ended.map(drop),
    }
}

fn entries(settings: &Settings) -> anyhow::Result<Vec<Entry>> {
    let entries = settings.entries()?;
    if entries.iter().all(|entry| entry.paused) {
        tracing::warn!("no entry of the schedule starts by itself; see [schedule]");
    }
    Ok(entries)
}

/// The collector beside the schedule: it waits for tasks, and for TMDB.
pub(crate) fn collecting(settings: &Settings, app: &App) -> CollectOptions {
    CollectOptions {
        until: Until::Stopped,
        outage_patience: None,
        store_patience: None,
        ..run::collect_options(settings, app)
    }
}

/// The schedule, with jobs whose tasks are collected beside it.
pub(crate) fn keeping(settings: &Settings, app: &App, entries: Vec<Entry>) -> Keeping {
    let lease = settings.schedule.lease();
    Keeping {
        schedule: Arc::clone(&app.pipeline.stores.schedule),
        clock: Arc::clone(&app.pipeline.clock),
        waits: Arc::clone(&app.pipeline.waits),
        perform: performing(app, run::job_plans(settings, app, Collecting::Elsewhere)),
        holder: app.worker.clone(),
        entries,
        lease,
        look: LOOK_EVERY.min(lease / 6),
    }
}

/// Runs that are asked for by the API; their tasks are collected beside it.
fn taking(settings: &Settings, app: &App) -> Taking {
    Taking {
        pipeline: app.pipeline.clone(),
        plans: Arc::new(run::job_plans(settings, app, Collecting::Elsewhere)),
        holder: app.worker.clone(),
        lease: settings.schedule.lease(),
        look: REQUESTS_EVERY,
    }
}

fn performing(app: &App, plans: JobPlans) -> Perform {
    let (pipeline, plans) = (app.pipeline.clone(), Arc::new(plans));
    Arc::new(move |job, start, stop| {
        let (pipeline, plans) = (pipeline.clone(), Arc::clone(&plans));
        let trigger = if start.cause == Cause::Triggered { "manual" } else { "scheduled" };
        Box::pin(
            async move { perform(&pipeline, &plans, job, trigger.into(), &Unwatched, &stop).await },
        )
    })
}
