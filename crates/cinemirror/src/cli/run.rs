//! `run`: harvest and collect in one go.

use std::time::Duration;

use domain::run::RunFigures;
use domain::{Kind, Source};
use pipeline::categories;
use pipeline::collect::CollectOptions;
use pipeline::harvest::{HarvestPlan, refuse_unknown};
use pipeline::jobs::JobPlans;
use pipeline::run::{Collecting, Preset, Ran, RunPlan};
use tmdb::discover::Recipes;

use super::args::{RunArgs, RunName, WantedArgs};
use super::{Context, Exit, understood};
use crate::app::{self, App};
use crate::config::Settings;
use crate::output::{Output, count, duration, size};
use crate::progress::Progress;

pub(super) async fn run(context: &Context, args: RunArgs) -> anyhow::Result<Exit> {
    let settings = &context.config.settings;
    let mut harvest = plan(settings, &args.wanted);
    let (name, preset) = match args.name {
        RunName::Quick => ("quick", Some(Preset::Quick)),
        RunName::Daily => ("daily", Some(Preset::Daily)),
        RunName::Weekly => ("weekly", Some(Preset::Weekly)),
        RunName::Full => ("full", Some(Preset::Full)),
        RunName::Custom => ("custom", None),
    };
    let kinds =
        if args.wanted.kinds.is_empty() { &settings.harvest.kinds } else { &args.wanted.kinds };
    harvest.sources = match preset {
        Some(preset) => {
            understood(no_sources_of_its_own(&args, name))?;
            harvest.pages = args.wanted.pages.unwrap_or_else(|| preset.pages());
            preset.sources(kinds, harvest.filter.adult)
        }
        None => understood(custom_sources(&args, kinds, &settings.recipes))?,
    };
    known(&harvest.sources, settings)?;
    let app = App::start(settings, "run").await?;
    let collect = if args.no_enrich {
        Collecting::Later
    } else {
        let limit = args.max_enrichment;
        Collecting::Here(CollectOptions { limit, ..collect_options(settings, &app) })
    };
    let plan = RunPlan { name: name.to_owned(), trigger: "manual".to_owned(), harvest, collect };
    execute(context, app, &plan).await
}

/// Runs a plan with progress and signals, and prints how it went.
pub(super) async fn execute(context: &Context, app: App, plan: &RunPlan) -> anyhow::Result<Exit> {
    let stop = app::stop_on_signals()?;
    let progress = Progress::new(&context.bars, context.quiet);
    let started = app.pipeline.now();
    let ran = pipeline::run::run(&app.pipeline, plan, &progress, &stop).await;
    progress.finish();
    let took = app.pipeline.now().since(started);
    app.finish().await;
    let ran = ran?;
    print(context.output, &plan.name, &ran, took)?;
    let clean = ran.failed_sources.is_empty() && ran.figures.failed == 0;
    Ok(if clean { Exit::Done } else { Exit::Partly })
}

fn print(output: Output, name: &str, ran: &Ran, took: Duration) -> anyhow::Result<()> {
    if output.json {
        let failed: Vec<_> = ran
            .failed_sources
            .iter()
            .map(|(source, why)| serde_json::json!({"source": source, "error": why}))
            .collect();
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        return output.json(&serde_json::json!({
            "run": ran.id, "name": name, "figures": ran.figures,
            "failed_sources": failed, "duration_ms": millis,
        }));
    }
    output.line(format!("Run {} ({name}) took {}.", ran.id, duration(took)))?;
    figures(output, &ran.figures)?;
    for (source, why) in &ran.failed_sources {
        output.line(format!("Could not read {source}: {why}"))?;
    }
    if ran.figures.failed > 0 {
        output.line("See `cinemirror queue dead` for what failed and why.")?;
    }
    Ok(())
}

pub(super) fn figures(output: Output, figures: &RunFigures) -> std::io::Result<()> {
    output.line(format!(
        "Checked {}, queued {}, skipped {}.",
        count(figures.checked),
        count(figures.queued),
        count(figures.skipped)
    ))?;
    output.line(format!(
        "Stored {} records ({} unchanged), {} gone, {} failed; {} calls, {}.",
        count(figures.ingested),
        count(figures.unchanged),
        count(figures.gone),
        count(figures.failed),
        count(figures.calls),
        size(figures.bytes)
    ))
}

/// A harvest plan from the configuration and what the command line says.
pub(super) fn plan(settings: &Settings, wanted: &WantedArgs) -> HarvestPlan {
    let mut filter = settings.filter();
    if !wanted.kinds.is_empty() {
        filter.kinds.clone_from(&wanted.kinds);
        filter.kinds.push(Kind::Reference);
    }
    filter.adult |= wanted.adult;
    filter.min_popularity = wanted.min_popularity.unwrap_or(filter.min_popularity);
    let given = |given: &Vec<String>, otherwise: &Vec<String>| {
        if given.is_empty() { otherwise.clone() } else { given.clone() }
    };
    HarvestPlan {
        sources: vec![],
        pages: wanted.pages.unwrap_or(settings.harvest.pages),
        regions: given(&wanted.regions, &settings.harvest.regions),
        languages: given(&wanted.languages, &settings.harvest.languages),
        timezone: Some(settings.harvest.timezone.clone()).filter(|zone| !zone.is_empty()),
        recipes: (*settings.recipes).clone(),
        genres: settings.genres(),
        ahead: settings.harvest.ahead,
        filter,
        limit: wanted.limit,
        fresh_for: Duration::from_secs_f64(settings.harvest.fresh_hours * 3_600.0),
        again: wanted.again,
        dry_run: false,
        staleness: settings.refresh.rules(&settings.terms),
        unknown_changes: settings.changes.unknown,
        export_share: settings.exports.min_share,
    }
}

/// What the jobs of a schedule go by.
pub(crate) fn job_plans(settings: &Settings, app: &App, collect: Collecting) -> JobPlans {
    let nothing_said = WantedArgs::default();
    JobPlans {
        harvest: plan(settings, &nothing_said),
        collect,
        purge: settings.terms.purge(settings.log.calls_days),
        gallery: app.gallery.clone(),
        images: settings.images.enabled.then(|| settings.images.sync(&settings.terms, &[], None)),
    }
}

/// Refuses sources of recipes that are not configured.
pub(super) fn known(sources: &[Source], settings: &Settings) -> anyhow::Result<()> {
    understood(refuse_unknown(sources, &settings.recipes).map_err(anyhow::Error::msg))
}

pub(crate) fn collect_options(settings: &Settings, app: &App) -> CollectOptions {
    CollectOptions {
        worker: app.worker.clone(),
        // A permit that waits for a connection would be used later than the
        // budget thinks.
        concurrency: settings.collect.concurrency.min(settings.tmdb.connections),
        lease: Duration::from_secs(settings.collect.lease_seconds),
        outage_patience: Some(Duration::from_secs(
            settings.collect.outage_minutes.saturating_mul(60),
        )),
        limit: None,
        ..CollectOptions::default()
    }
}

fn custom_sources(
    args: &RunArgs,
    kinds: &[Kind],
    recipes: &Recipes,
) -> anyhow::Result<Vec<Source>> {
    let mut sources = args.sources.clone();
    let RunArgs { categories, include_trending, .. } = args;
    sources.extend(categories::sources(categories, *include_trending, kinds, recipes)?);
    anyhow::ensure!(
        !sources.is_empty(),
        "a custom run needs --source, --category or --include-trending"
    );
    Ok(sources)
}

fn no_sources_of_its_own(args: &RunArgs, name: &str) -> anyhow::Result<()> {
    anyhow::ensure!(
        args.sources.is_empty() && args.categories.is_empty() && !args.include_trending,
        "--source, --category and --include-trending belong to `run custom`; `run {name}` has sources of its own"
    );
    Ok(())
}
