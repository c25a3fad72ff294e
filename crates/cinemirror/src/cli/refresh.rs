//! `refresh`, `purge`, `terms`: what keeps a mirror fresh and lawful.

use std::time::Duration;

use domain::schedule::Job;
use pipeline::jobs;
use pipeline::purge::{Audit, Dropped};

use super::args::{RefreshArgs, TermsCommand, WantedArgs};
use super::{Context, Exit, harvest, run};
use crate::app::{self, App};
use crate::output::count;
use crate::progress::Progress;
use pipeline::run::Collecting;

pub(super) async fn refresh(context: &Context, args: RefreshArgs) -> anyhow::Result<Exit> {
    let settings = &context.config.settings;
    let wanted = run::plan(settings, &WantedArgs::default());
    let mut plan = jobs::run_plan(&wanted, &Collecting::Later, Job::Refresh, "manual");
    plan.harvest.limit = args.limit;
    plan.harvest.dry_run = args.dry_run;
    if !args.kinds.is_empty() {
        plan.harvest.filter.kinds.clone_from(&args.kinds);
    }
    if args.dry_run {
        return harvest::read(context, &plan.harvest).await;
    }
    let app = App::start(settings, "refresh").await?;
    if !args.no_collect {
        plan.collect = Collecting::Here(run::collect_options(settings, &app));
    }
    run::execute(context, app, &plan).await
}

pub(super) async fn purge(context: &Context) -> anyhow::Result<Exit> {
    let settings = &context.config.settings;
    let app = App::start(settings, "purge").await?;
    let stop = app::stop_on_signals()?;
    let progress = Progress::new(&context.bars, context.quiet);
    let plans = run::job_plans(settings, &app, Collecting::Later);
    let purged = jobs::purge_run(&app.pipeline, &plans, "manual".into(), &progress, &stop).await;
    progress.finish();
    app.finish().await;
    let dropped = purged?;
    if context.output.json {
        context.output.json(&dropped)?;
    } else {
        print(context, &dropped)?;
    }
    Ok(Exit::Done)
}

fn print(context: &Context, dropped: &Dropped) -> std::io::Result<()> {
    let output = context.output;
    output.line(format!(
        "Dropped {} titles, {} versions and {} points of series.",
        count(dropped.keys),
        count(dropped.versions),
        count(dropped.series_points)
    ))?;
    output.line(format!(
        "Dropped {} rows of lists, {} bodies of dead letters, the titles of {} runs, {} logged calls.",
        count(dropped.list_entries),
        count(dropped.bodies),
        count(dropped.run_titles),
        count(dropped.calls)
    ))?;
    if dropped.images + dropped.dictionaries > 0 {
        output.line(format!(
            "Dropped {} images, trained {} dictionaries anew.",
            count(dropped.images),
            count(dropped.dictionaries)
        ))?;
    }
    if dropped.queued_again > 0 {
        output.line(format!(
            "Queued {} titles again that are not proven gone.",
            count(dropped.queued_again)
        ))?;
    }
    Ok(())
}

pub(super) async fn terms(context: &Context, command: TermsCommand) -> anyhow::Result<Exit> {
    let TermsCommand::Audit = command;
    let store = context.store().await?;
    let kept: Duration = context.config.settings.terms.kept();
    let audit = pipeline::purge::audit(&app::stores(&store), kept, app::clock()()).await?;
    if context.output.json {
        context.output.json(&audit)?;
    } else {
        table(context, &audit)?;
    }
    Ok(if audit.is_lawful() { Exit::Done } else { Exit::Failed })
}

fn table(context: &Context, audit: &Audit) -> std::io::Result<()> {
    let output = context.output;
    output.line(format!(
        "Nothing from TMDB may have been fetched before {}.",
        audit.fetched_before
    ))?;
    output.line("")?;
    let rows = audit.holdings.iter().map(|audited| {
        vec![
            audited.holding.what.clone(),
            count(audited.holding.rows),
            audited.holding.oldest.map(|at| at.to_string()).unwrap_or_default(),
            audited.age_days.map(count).unwrap_or_default(),
            if audited.is_lawful { "yes" } else { "NO" }.to_owned(),
        ]
    });
    output.table(&["what is held", "rows #", "oldest", "days #", "allowed"], rows.collect())?;
    output.line("")?;
    if audit.is_lawful() {
        output.line("Everything is within TMDB's terms.")
    } else {
        output.line("Something is held for too long: run `cinemirror purge`.")
    }
}
