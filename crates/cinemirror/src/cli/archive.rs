//! `archive` and `rebuild`: measure, train, look after bodies, make the catalogue again.

mod bodies;

use domain::Kind;
use pipeline::PipelineError;
use pipeline::maintain::{self, Trained};

use super::args::ArchiveCommand;
use super::{Context, Exit, status};
use crate::app;
use crate::output::{count, duration, size};
use crate::progress::Progress;

pub(super) async fn archive(context: &Context, command: ArchiveCommand) -> anyhow::Result<Exit> {
    match command {
        ArchiveCommand::Stats => {
            let stats = context.store().await?.archive.stats().await?;
            if context.output.json {
                context.output.json(&stats)?;
            } else {
                status::archive_table(context.output, &stats)?;
            }
            Ok(Exit::Done)
        }
        ArchiveCommand::Train { kind } => train(context, kind).await,
        ArchiveCommand::Verify { grace } => bodies::verify(context, grace).await,
        ArchiveCommand::Repair { grace, from_objects: None, force } => {
            bodies::repair(context, grace, force).await
        }
        ArchiveCommand::Repair { from_objects: Some(url), .. } => {
            bodies::restore(context, Some(url.as_str()).filter(|url| !url.is_empty())).await
        }
        ArchiveCommand::Copy { from, to } => bodies::copy(context, &from, &to).await,
    }
}

pub(super) async fn rebuild(context: &Context) -> anyhow::Result<Exit> {
    let stores = app::stores(&context.store().await?);
    let stop = app::stop_on_signals()?;
    let progress = Progress::new(&context.bars, context.quiet);
    let started = std::time::Instant::now();
    let rebuilt = maintain::rebuild(&stores, &progress, &stop).await;
    progress.finish();
    let (records, took) = (rebuilt?, started.elapsed());
    if context.output.json {
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        context.output.json(&serde_json::json!({"records": records, "duration_ms": millis}))?;
    } else {
        let rate = records as f64 / took.as_secs_f64().max(0.001);
        context.output.line(format!(
            "Made the catalogue again from {} records in {}, {rate:.0} a second.",
            count(records),
            duration(took)
        ))?;
    }
    Ok(Exit::Done)
}

/// Kinds with fewer records than this have nothing to teach.
const ENOUGH: u64 = 100;

async fn train(context: &Context, kind: Option<Kind>) -> anyhow::Result<Exit> {
    let stores = app::stores(&context.store().await?);
    let kinds: Vec<Kind> = if let Some(kind) = kind {
        vec![kind]
    } else {
        let stats = stores.archive.stats().await?;
        let enough = stats.kinds.into_iter().filter(|stats| stats.keys >= ENOUGH);
        enough.map(|stats| stats.kind).collect()
    };
    anyhow::ensure!(
        !kinds.is_empty(),
        "no kind has {ENOUGH} records yet; collect more, or name one with --type"
    );
    let now = app::clock()();
    let mut trained: Vec<Trained> = vec![];
    for one in kinds {
        match maintain::train(&stores, one, now).await {
            Ok(done) => trained.push(done),
            Err(PipelineError::Record(why)) if kind.is_none() => tracing::warn!("{why}"),
            Err(error) => return Err(error.into()),
        }
    }
    if context.output.json {
        context.output.json(&trained)?;
        return Ok(Exit::Done);
    }
    for one in &trained {
        context.output.line(format!(
            "{}: a dictionary of {} from {} records of {}; records stored from now on use it.",
            one.kind,
            size(one.dictionary_bytes as u64),
            count(one.samples as u64),
            size(one.sample_bytes)
        ))?;
    }
    Ok(Exit::Done)
}
