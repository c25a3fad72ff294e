//! `simulate-year`: a year of `up` in minutes, judged by the universe that it mirrors.

use anyhow::ensure;
use fake_tmdb::Life;

use super::args::SimulateArgs;
use super::{Context, Exit};
use crate::output::{Output, count, size};
use crate::simulate::{Plan, Report, simulate};

pub(super) async fn simulate_year(context: &Context, args: SimulateArgs) -> anyhow::Result<Exit> {
    ensure!(args.days >= 10, "a simulation of less than 10 days shows nothing");
    let middle = args.days / 2;
    let outage = match args.outage {
        0 => 0..0,
        days => middle.saturating_sub(days / 2)..middle + days.div_ceil(2),
    };
    let plan = Plan {
        movies: args.movies,
        days: args.days,
        seed: args.seed,
        life: Life::default(),
        outage,
    };
    let tell = |text: &str| tracing::info!("{text}");
    let report = simulate(&plan, tell).await?;
    if context.output.json {
        context.output.json(&report)?;
    } else {
        print(context.output, &report)?;
    }
    Ok(if report.is_right() { Exit::Done } else { Exit::Failed })
}

fn print(output: Output, report: &Report) -> std::io::Result<()> {
    let verdict = &report.verdict;
    let number = |list: &Vec<domain::Key>| count(list.len() as u64);
    let rows = [
        ("titles of the universe on the last day", count(verdict.alive)),
        ("records equal to it, popularity and votes aside", count(verdict.equal)),
        ("different by a change that nothing has shown yet", count(verdict.not_shown_yet)),
        ("not to be judged, 404 for this day only", count(verdict.absent)),
        ("missing, born too lately to be listed", count(verdict.not_listed_yet)),
        ("WRONG: stale", number(&verdict.stale)),
        ("WRONG: missing", number(&verdict.missing)),
        ("WRONG: tombstones of titles that live", number(&verdict.false_tombstones)),
        ("WRONG: deleted and not noticed", number(&verdict.unnoticed)),
        ("deleted titles with a tombstone", count(verdict.buried)),
        ("of these merged, with the right successor", {
            format!("{} of {}", count(verdict.successors), count(verdict.merged))
        }),
        ("age of the oldest data on the worst day", {
            format!("{:.1} days, on day {}", report.oldest_days, report.oldest_on)
        }),
        ("requests to TMDB", count(report.calls)),
        ("runs", count(report.runs)),
        ("runs that failed, and those of them without an outage", {
            format!("{} and {}", count(report.failed_runs), count(report.failed_for_no_outage))
        }),
        ("records, and versions of them", {
            format!("{} and {}", count(report.records), count(report.versions))
        }),
        ("size of the archive", size(report.stored_bytes)),
        ("dead letters at the end", count(report.dead_letters)),
    ];
    output.line(format!("{} simulated days", report.days))?;
    output.line("")?;
    output.table(
        &["what", "figure #"],
        rows.map(|(what, figure)| vec![what.to_owned(), figure]).into(),
    )?;
    for (what, keys) in [
        ("stale", &verdict.stale),
        ("missing", &verdict.missing),
        ("falsely buried", &verdict.false_tombstones),
        ("not noticed", &verdict.unnoticed),
    ] {
        if !keys.is_empty() {
            let first: Vec<String> = keys.iter().take(10).map(ToString::to_string).collect();
            output.line(format!("{what}: {} …", first.join(", ")))?;
        }
    }
    output.line("")?;
    output.line(if report.is_right() {
        "The mirror equals its universe."
    } else {
        "The mirror is WRONG."
    })
}
