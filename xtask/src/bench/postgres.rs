//! Collecting into PostgreSQL, beside the same into SQLite.

use std::process::Child;
use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::Value;
use testbed::postgres::Cluster;

use super::collect::median;
use super::process::{Fake, Folder, cinemirror, watched};
use super::table::Row;

const TITLES: &str = "12000";
const TURNS: usize = 3;

pub(crate) fn measure() -> anyhow::Result<Vec<Row>> {
    let fake = Fake::start(&["--generate", TITLES, "--no-gzip"])?;
    // As it is set up, but for the flush of each commit, which SQLite's default leaves out too.
    let cluster = Cluster::start(&["fsync=on", "full_page_writes=on", "synchronous_commit=off"])?;
    let flushed = Cluster::start(&["fsync=on", "full_page_writes=on", "synchronous_commit=on"])?;
    let runtime = tokio::runtime::Runtime::new()?;
    let (mut sqlite, mut one, mut two, mut safe) = (vec![], vec![], vec![], vec![]);
    // Turn by turn, so that all meet the machine in the same state.
    for _ in 0..TURNS {
        sqlite.push(collect(&fake, None, 1)?);
        one.push(collect(&fake, Some(&runtime.block_on(cluster.create(None))?), 1)?);
        two.push(collect(&fake, Some(&runtime.block_on(cluster.create(None))?), 2)?);
        safe.push(collect(&fake, Some(&runtime.block_on(flushed.create(None))?), 1)?);
    }
    let (sqlite, one, two, safe) = (median(sqlite), median(one), median(two), median(safe));
    Ok(vec![
        Row {
            what: format!(
                "collect a universe of {TITLES} movies into PostgreSQL, fake TMDB and PostgreSQL on the same cores (median of {TURNS})"
            ),
            bar: "at least 70 % of the SQLite figure of the same run".to_owned(),
            measured: format!("{one:.0} a second; SQLite {sqlite:.0}"),
            ratio: format!("{:.2} of SQLite", one / sqlite),
            reached: one >= 0.7 * sqlite,
        },
        Row {
            what: "the same by two workers".to_owned(),
            bar: "more than one, if the cores allow".to_owned(),
            measured: format!("{two:.0} a second"),
            ratio: format!("{:.2} of one", two / one),
            reached: two > one,
        },
        Row {
            what: "the same by one, each commit flushed to disk (`synchronous_commit=on`)"
                .to_owned(),
            bar: "–".to_owned(),
            measured: format!("{safe:.0} a second"),
            ratio: format!("{:.2} of SQLite", safe / sqlite),
            reached: true,
        },
    ])
}

/// Titles a second.
fn collect(fake: &Fake, url: Option<&str>, workers: usize) -> anyhow::Result<f64> {
    let folder = Folder::new("postgres")?;
    let command = |arguments: &[&str]| {
        let mut command = cinemirror(fake, &folder.0, 0, arguments);
        if let Some(url) = url {
            command.env("DATABASE_URL", url);
        }
        command
    };
    let queued = watched(command(&["harvest", "--source", "export.movie"]))?;
    let queued: Value = serde_json::from_str(&queued.output)?;
    let titles = queued["figures"]["queued"].as_u64().context("no figure of titles")?;
    let began = Instant::now();
    let children: Vec<Child> =
        (0..workers).map(|_| command(&["collect"]).spawn()).collect::<Result<_, _>>()?;
    let mut done = 0;
    for child in children {
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "a collector failed");
        let figures: Value = serde_json::from_slice(&output.stdout)?;
        done +=
            ["ingested", "gone"].iter().filter_map(|figure| figures[figure].as_u64()).sum::<u64>();
    }
    ensure!(done == titles, "only {done} of {titles} titles were collected");
    Ok(done as f64 / began.elapsed().as_secs_f64())
}
