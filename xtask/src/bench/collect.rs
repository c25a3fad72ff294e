//! Collecting without a limit: how fast, and in how much memory.

use anyhow::{Context, ensure};
use serde_json::Value;

use super::process::{Fake, Finished, Folder, cinemirror, watched};
use super::table::Row;
use crate::command::{program, root, run};

/// Whole universes, so that bodies weigh what TMDB's weigh: the most popular
/// titles alone are twice as large.
const TITLES: &str = "20000";
const CRAWL: &str = "102000";
const PYTHON_TITLES: u64 = 2_000;

pub(crate) fn against_python() -> anyhow::Result<Vec<Row>> {
    let fake = Fake::start(&["--generate", TITLES, "--no-gzip"])?;
    // Turn by turn, so that both meet the machine in the same state.
    let (mut ours, mut pythons) = (vec![], vec![]);
    for _ in 0..3 {
        ours.push(crawl(&fake)?.rate);
        pythons.push(python(&fake)?);
    }
    let (ours, python) = (median(ours), median(pythons));
    Ok(vec![
        Row {
            what: format!(
                "collect a universe of {TITLES} movies, fake TMDB beside it, not compressed (median of 3)"
            ),
            bar: "1,500 records a second".to_owned(),
            measured: format!("{ours:.0} a second"),
            ratio: format!("{:.2} of the bar", ours / 1_500.0),
            reached: ours >= 1_500.0,
        },
        Row {
            what: "the same job by asyncio, aiohttp and sqlite3 (`bench/collector.py`)".to_owned(),
            bar: "a tenth of ours".to_owned(),
            measured: format!("{python:.0} a second"),
            ratio: format!("ours is {:.1} times as fast", ours / python),
            reached: ours >= 10.0 * python,
        },
    ])
}

pub(crate) fn memory() -> anyhow::Result<Vec<Row>> {
    let fake = Fake::start(&["--generate", CRAWL])?;
    let Crawl { titles, rate, finished } = crawl(&fake)?;
    let megabytes = finished.peak_bytes as f64 / 1e6;
    Ok(vec![Row {
        what: format!("memory of a crawl of {titles} titles"),
        bar: "150 MB".to_owned(),
        measured: format!("{megabytes:.0} MB at {rate:.0} a second"),
        ratio: format!("{:.2} of the bar", megabytes / 150.0),
        reached: megabytes <= 150.0,
    }])
}

struct Crawl {
    titles: u64,
    rate: f64,
    finished: Finished,
}

/// Queues every movie and collects.
fn crawl(fake: &Fake) -> anyhow::Result<Crawl> {
    let folder = Folder::new("collect")?;
    let queued = watched(cinemirror(fake, &folder.0, 0, &["harvest", "--source", "export.movie"]))?;
    let queued: Value = serde_json::from_str(&queued.output)?;
    let titles = queued["figures"]["queued"].as_u64().context("no figure of titles")?;
    let finished = watched(cinemirror(fake, &folder.0, 0, &["collect"]))?;
    let figures: Value = serde_json::from_str(&finished.output)?;
    let done = figures["ingested"].as_u64().unwrap_or(0) + figures["gone"].as_u64().unwrap_or(0);
    ensure!(done == titles, "only {done} of {titles} titles were collected");
    Ok(Crawl { titles, rate: done as f64 / finished.took.as_secs_f64(), finished })
}

pub(super) fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// The same job by a short asyncio script, in an environment of its own.
fn python(fake: &Fake) -> anyhow::Result<f64> {
    let home = root().join("target/bench-python");
    let python = home.join("bin/python");
    if !python.exists() {
        run("python3 -m venv target/bench-python")?;
        run("target/bench-python/bin/pip install --quiet aiohttp")?;
    }
    let folder = Folder::new("python")?;
    let output = program(python.to_str().context("an odd path")?)
        .arg("bench/collector.py")
        .args([&fake.api_url, &fake.files_url])
        .arg(PYTHON_TITLES.to_string())
        .arg(folder.0.join("titles.db"))
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success(),
        "the Python collector failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    text.trim().parse().context("the Python collector printed no figure")
}
