//! `estimate`: what a plan costs before it runs.

use std::time::Duration;

use domain::schedule::{Entry, Job};
use domain::{Kind, Source, Timestamp};
use pipeline::estimate::{Aws, Estimate, Figure, Origin, Plan, Planned, estimate as of, measure};
use pipeline::jobs::run_plan;
use pipeline::run::Collecting;

use super::args::{EstimateArgs, Often, WantedArgs};
use super::{Context, Exit, run, understood};
use crate::app;
use crate::config::Settings;
use crate::output::{Output, count, duration, size};

pub(super) async fn estimate(context: &Context, args: EstimateArgs) -> anyhow::Result<Exit> {
    let settings = &context.config.settings;
    let plan = understood(plan(settings, &args))?;
    let stores = app::stores(&context.store_or_none().await?);
    let figures = measure(&stores, app::clock()()).await?;
    let estimate = of(&plan, &figures);
    if context.output.json {
        context.output.json(&estimate)?;
    } else {
        print(context.output, &estimate)?;
    }
    Ok(Exit::Done)
}

fn plan(settings: &Settings, args: &EstimateArgs) -> anyhow::Result<Plan> {
    let mut harvest = run::plan(settings, &WantedArgs::default());
    if !args.kinds.is_empty() {
        harvest.filter.kinds.clone_from(&args.kinds);
        harvest.filter.kinds.push(Kind::Reference);
    }
    let mut sources: Vec<Planned> = vec![];
    for (job, runs_a_day) in jobs(settings, args)? {
        let planned_run = run_plan(&harvest, &Collecting::Later, job, "manual").harvest;
        anyhow::ensure!(!planned_run.sources.is_empty(), "`{job}` asks TMDB's API nothing");
        let pages = args.pages.unwrap_or(planned_run.pages);
        let planned = |source| Planned { source, runs_a_day, pages };
        sources.extend(planned_run.sources.into_iter().map(planned));
    }
    for Often { what, runs_a_day } in &args.sources {
        let (source, runs_a_day) = (what.clone(), runs_a_day.unwrap_or(1.0));
        let pages = args.pages.unwrap_or(settings.harvest.pages);
        sources.push(Planned { source, runs_a_day, pages });
    }
    let requests_per_second = args.rate.unwrap_or(settings.budget.requests_per_second);
    anyhow::ensure!(
        requests_per_second > 0 || !args.aws,
        "--aws needs a budget, for what runs longer costs more: say --rate 30, or set budget.requests_per_second"
    );
    let named: Vec<Source> = sources.iter().map(|planned| planned.source.clone()).collect();
    run::known(&named, settings)?;
    let or = |given: &Vec<String>, otherwise: &Vec<String>| {
        if given.is_empty() { otherwise.len() } else { given.len() }
    };
    Ok(Plan {
        kinds: harvest.filter.kinds,
        sources,
        regions: or(&args.regions, &settings.harvest.regions),
        languages: or(&args.languages, &settings.harvest.languages),
        genres: settings.genres(),
        requests_per_second,
        staleness: settings.refresh.rules(&settings.terms),
        kept_days: settings.terms.purge_days,
        on_aws: args.aws,
    })
}

/// The jobs given, or else those of the configured schedule, and how often a day.
fn jobs(settings: &Settings, args: &EstimateArgs) -> anyhow::Result<Vec<(Job, f64)>> {
    let scheduled = scheduled(&settings.entries()?);
    if args.presets.is_empty() && args.sources.is_empty() {
        return Ok(scheduled);
    }
    let usual = |job| {
        let found = scheduled.iter().find(|(known, _)| *known == job);
        // A full run reads what is new since the last one: once a week will do.
        found.map_or(if job == Job::Full { 1.0 / 7.0 } else { 1.0 }, |(_, runs)| *runs)
    };
    let given = args.presets.iter();
    let given = given.map(|often| {
        let runs_a_day = often.runs_a_day.unwrap_or_else(|| usual(often.what));
        (often.what, runs_a_day)
    });
    Ok(given.collect())
}

/// Counts the slots of four weeks. Jobs that ask TMDB's API nothing are left out.
fn scheduled(entries: &[Entry]) -> Vec<(Job, f64)> {
    const DAYS: u32 = 28;
    let start = app::clock()();
    let end = start + Duration::from_hours(24) * DAYS;
    let mut jobs: Vec<(Job, f64)> = vec![];
    for entry in entries.iter().filter(|entry| !entry.paused) {
        if matches!(entry.job, Job::Purge | Job::Images) {
            continue;
        }
        let next = |slot: &Timestamp| entry.when.after(*slot).filter(|next| *next <= end);
        let slots = std::iter::successors(entry.when.after(start), next).take(100_000).count();
        let a_day = slots as f64 / f64::from(DAYS);
        match jobs.iter_mut().find(|(job, _)| *job == entry.job) {
            Some((_, runs)) => *runs += a_day,
            None => jobs.push((entry.job, a_day)),
        }
    }
    jobs
}

fn print(output: Output, estimate: &Estimate) -> anyhow::Result<()> {
    let rows = estimate
        .calls
        .iter()
        .map(|line| vec![line.what.clone(), whole(line.a_day), line.how.clone()]);
    output.table(&["calls for", "a day #", "how"], rows.collect())?;
    let share = estimate.budget_share.map_or(String::new(), |share| {
        let verdict = if share > 1.0 { ": more than the budget allows" } else { "" };
        format!(", {:.1} % of the budget{verdict}", share * 100.0)
    });
    output.line(format!("\nCalls: {} a day{share}.", whole(estimate.calls_a_day)))?;
    let crawl = &estimate.first_crawl;
    let takes = crawl.seconds.map_or("with no limit to say how long".to_owned(), |seconds| {
        duration(Duration::try_from_secs_f64(seconds).unwrap_or_default())
    });
    output.line(format!(
        "First crawl: {} titles, {} calls, {takes}.\n",
        whole(crawl.titles),
        whole(crawl.calls)
    ))?;
    let rows = estimate.rooms.iter().map(|room| {
        vec![room.kind.to_string(), whole(room.records), bytes(room.bytes_each), bytes(room.bytes)]
    });
    output.table(&["kind", "records #", "each #", "size #"], rows.collect())?;
    output.line(format!(
        "\nArchive {}, of it earlier versions {}; catalogue {}; database in all {}.",
        bytes(estimate.archive_bytes),
        bytes(estimate.history_bytes),
        bytes(estimate.catalogue_bytes),
        bytes(estimate.database_bytes)
    ))?;
    if let Some(aws) = &estimate.aws {
        print_aws(output, aws)?;
    }
    output.line("\nThis rests on:")?;
    let rows = estimate.figures.iter().map(|figure| {
        vec![
            figure.name.clone(),
            shown(figure),
            origin(figure.origin).to_owned(),
            figure.why.clone(),
        ]
    });
    output.table(&["figure", "value #", "from", "why"], rows.collect())?;
    Ok(())
}

fn print_aws(output: Output, aws: &Aws) -> anyhow::Result<()> {
    output.line("")?;
    let rows = aws.bills.iter().map(|bill| {
        let used = if bill.used < 10.0 { format!("{:.2}", bill.used) } else { whole(bill.used) };
        let what = format!("{} {}", bill.service, bill.unit);
        vec![what, used, whole(bill.free), format!("{:.2}", bill.dollars)]
    });
    output.table(&["on AWS, a month", "used #", "free #", "$ #"], rows.collect())?;
    let verdict = if aws.is_free { "within the free tier" } else { "beyond the free tier" };
    output.line(format!(
        "\nAWS: ${:.2} a month, {verdict}; ${:.2} once for the first crawl.",
        aws.dollars, aws.first_crawl_dollars
    ))?;
    output.line(format!(
        "Prices of us-east-1 as of {}; they may have changed. It assumes {}.",
        aws.prices_as_of,
        aws.assumes.join("; ")
    ))?;
    Ok(())
}

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Measured => "measured here",
        Origin::Published => "measured by others",
        Origin::Assumed => "assumed",
    }
}

fn shown(figure: &Figure) -> String {
    if figure.value < 100.0 && figure.value.fract() != 0.0 {
        format!("{:.3}", figure.value)
    } else {
        whole(figure.value)
    }
}

fn whole(number: f64) -> String {
    count(integer(number))
}

fn bytes(number: f64) -> String {
    size(integer(number))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float is cut off at the ends of the integers"
)]
fn integer(number: f64) -> u64 {
    number.round() as u64
}
