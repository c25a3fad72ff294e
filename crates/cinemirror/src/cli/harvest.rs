//! `harvest`: read sources and queue what is new.

use pipeline::harvest::HarvestPlan;
use pipeline::run::Preset;

use super::args::HarvestArgs;
use super::{Context, Exit, run};
use crate::app::{self, App};
use crate::output::count;
use crate::progress::Progress;

pub(super) async fn harvest(context: &Context, args: HarvestArgs) -> anyhow::Result<Exit> {
    let settings = &context.config.settings;
    let mut plan = run::plan(settings, &args.wanted);
    plan.dry_run = args.dry_run;
    plan.sources = if args.sources.is_empty() {
        Preset::Daily.sources(&settings.harvest.kinds, plan.filter.adult)
    } else {
        args.sources
    };
    run::known(&plan.sources, settings)?;
    read(context, &plan).await
}

/// Reads the sources of a plan outside of any run, and prints what came of it.
pub(super) async fn read(context: &Context, plan: &HarvestPlan) -> anyhow::Result<Exit> {
    let app = App::start(&context.config.settings, "harvest").await?;
    let stop = app::stop_on_signals()?;
    let progress = Progress::new(&context.bars, context.quiet);
    let harvested = pipeline::harvest::harvest(&app.pipeline, plan, None, &progress, &stop).await;
    progress.finish();
    app.finish().await;
    let harvested = harvested?;
    let figures = harvested.figures;
    if context.output.json {
        context.output.json(&serde_json::json!({
            "figures": figures, "dry_run": plan.dry_run,
            "failed_sources": harvested.failed,
        }))?;
    } else {
        let queued = if plan.dry_run { "would queue" } else { "queued" };
        context.output.line(format!(
            "Checked {}, {queued} {}, skipped {}.",
            count(figures.checked),
            count(figures.queued),
            count(figures.skipped)
        ))?;
        for (source, why) in &harvested.failed {
            context.output.line(format!("Could not read {source}: {why}"))?;
        }
    }
    Ok(if harvested.failed.is_empty() { Exit::Done } else { Exit::Partly })
}
