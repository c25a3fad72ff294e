//! `archive verify`, `repair` and `copy`: whether bodies are there and whole, and where they lie.

use std::ops::ControlFlow;
use std::time::Duration;

use domain::Timestamp;
use pipeline::PipelineError;
use pipeline::maintain;
use pipeline::watch::{Event, Watch};
use store::{BodyFault, UpkeepError};
use tokio_util::sync::CancellationToken;

use crate::app;
use crate::cli::args::GraceArgs;
use crate::cli::{Context, Exit};
use crate::output::{count, size};
use crate::progress::Progress;

pub(super) async fn verify(context: &Context, grace: GraceArgs) -> anyhow::Result<Exit> {
    let store = context.store().await?;
    let watching = Watching::new(context)?;
    let seen = |done| watching.saw(done);
    let verified = store.verify_bodies(written_before(grace), maintain::check, &seen).await;
    let verified = watching.ended(verified)?;
    if context.output.json {
        context.output.json(&verified)?;
    } else {
        told(context, &verified.faults)?;
        for name in &verified.orphans {
            context
                .output
                .line(format!("{name}: nothing names it; `archive repair` deletes it"))?;
        }
        context.output.line(format!(
            "{} versions and {} objects read, {} faults, {} objects that nothing names.",
            count(verified.versions),
            count(verified.objects),
            count(verified.faults.len() as u64),
            count(verified.orphans.len() as u64)
        ))?;
    }
    let is_right = verified.faults.is_empty() && verified.orphans.is_empty();
    Ok(if is_right { Exit::Done } else { Exit::Failed })
}

pub(super) async fn repair(
    context: &Context,
    grace: GraceArgs,
    forced: bool,
) -> anyhow::Result<Exit> {
    let store = context.store().await?;
    let watching = Watching::new(context)?;
    let now = app::clock()();
    let seen = |done| watching.saw(done);
    let repaired = store.repair_bodies(written_before(grace), now, forced, &seen).await;
    let repaired = watching.ended(repaired)?;
    if context.output.json {
        context.output.json(&repaired)?;
        return Ok(Exit::Done);
    }
    told(context, &repaired.lost)?;
    context.output.line(format!(
        "{} versions read. {} were lost: {} rows dropped, {} keys queued again. {} objects that \
         nothing named deleted.",
        count(repaired.versions),
        count(repaired.lost.len() as u64),
        count(repaired.dropped),
        count(repaired.queued),
        count(repaired.orphans)
    ))?;
    Ok(Exit::Done)
}

pub(super) async fn restore(context: &Context, url: Option<&str>) -> anyhow::Result<Exit> {
    let store = context.store_or_new().await?;
    let watching = Watching::new(context)?;
    let seen = |done| watching.saw(done);
    let restored = store.restore_from_objects(url, &seen).await.map_err(told_as)?;
    let rebuilt = maintain::rebuild(&app::stores(&store), &watching.progress, &watching.stop).await;
    watching.progress.finish();
    rebuilt?;
    if context.output.json {
        context.output.json(&restored)?;
    } else {
        context.output.line(format!(
            "{} versions of {} keys made again from {} objects, {} of which could not be read, \
             and the catalogue from them. `archive repair` deletes objects that nothing names.",
            count(restored.versions),
            count(restored.keys),
            count(restored.objects),
            count(restored.unreadable)
        ))?;
    }
    Ok(if restored.unreadable == 0 { Exit::Done } else { Exit::Partly })
}

pub(super) async fn copy(context: &Context, from: &str, to: &str) -> anyhow::Result<Exit> {
    let store = context.store().await?;
    let watching = Watching::new(context)?;
    let seen = |done| watching.saw(done);
    let moved = watching.ended(store.move_bodies(from, to, &seen).await)?;
    if context.output.json {
        context.output.json(&moved)?;
    } else {
        context.output.line(format!(
            "{} of {} bodies moved, {}; {} are left in {from}.",
            count(moved.moved),
            count(moved.versions),
            size(moved.bytes),
            count(moved.left)
        ))?;
    }
    Ok(if moved.left == 0 { Exit::Done } else { Exit::Failed })
}

fn told(context: &Context, faults: &[BodyFault]) -> anyhow::Result<()> {
    for fault in faults {
        context.output.line(format!("{} version {}: {}", fault.key, fault.version, fault.what))?;
    }
    Ok(())
}

fn written_before(grace: GraceArgs) -> Timestamp {
    app::clock()() - Duration::from_secs(grace.grace_minutes.saturating_mul(60))
}

/// Shows how far it has come, and stops it on a signal.
struct Watching {
    progress: Progress,
    stop: CancellationToken,
}

impl Watching {
    fn new(context: &Context) -> anyhow::Result<Self> {
        let progress = Progress::new(&context.bars, context.quiet);
        Ok(Self { progress, stop: app::stop_on_signals()? })
    }

    fn saw(&self, records: u64) -> ControlFlow<()> {
        self.progress.see(Event::Passed { records });
        if self.stop.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn ended<T>(&self, done: Result<T, UpkeepError>) -> anyhow::Result<T> {
        self.progress.finish();
        done.map_err(told_as)
    }
}

/// As the other commands end that somebody stops.
fn told_as(error: UpkeepError) -> anyhow::Error {
    match error {
        UpkeepError::Stopped => PipelineError::Stopped.into(),
        error => error.into(),
    }
}
