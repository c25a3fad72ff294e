//! Collecting without a limit: how fast, and in how much memory.

use anyhow::{Context, ensure};
use serde_json::Value;

use super::process::{Fake, Finished, Folder, cinemirror, watched};
use super::table::Row;
use crate::command::{program, root, run};

const TITLES: u64 = 20_000;
const PYTHON_TITLES: u64 = 2_000;
const CRAWL: u64 = 100_000;

pub(crate) fn against_python() -> anyhow::Result<Vec<Row>> {
    let fake = Fake::start(&["--generate", "100000"])?;
    let (ours, _) = crawl(&fake, TITLES)?;
    let python = python(&fake)?;
    Ok(vec![
        Row {
            what: format!("collect {TITLES} movies, fake TMDB beside it"),
            bar: "1,500 records a second".to_owned(),
            measured: format!("{ours:.0} a second"),
            ratio: format!("{:.2} of the bar", ours / 1_500.0),
            reached: ours >= 1_500.0,
        },
        Row {
            what: "the same by asyncio, aiohttp and sqlite3 (`bench/collector.py`)".to_owned(),
            bar: "a tenth of ours".to_owned(),
            measured: format!("{python:.0} a second"),
            ratio: format!("ours is {:.1} times as fast", ours / python),
            reached: ours >= 10.0 * python,
        },
    ])
}

pub(crate) fn memory() -> anyhow::Result<Vec<Row>> {
    let fake = Fake::start(&["--generate", "150000"])?;
    let (rate, finished) = crawl(&fake, CRAWL)?;
    let megabytes = finished.peak_bytes as f64 / 1e6;
    Ok(vec![Row {
        what: format!("memory of a crawl of {CRAWL} titles"),
        bar: "150 MB".to_owned(),
        measured: format!("{megabytes:.0} MB at {rate:.0} a second"),
        ratio: format!("{:.2} of the bar", megabytes / 150.0),
        reached: megabytes <= 150.0,
    }])
}

/// Queues and collects; returns titles a second and how the collector went.
fn crawl(fake: &Fake, titles: u64) -> anyhow::Result<(f64, Finished)> {
    let folder = Folder::new("collect")?;
    let limit = titles.to_string();
    let queue = ["harvest", "--source", "export.movie", "--limit", &limit];
    watched(cinemirror(fake, &folder.0, 0, &queue))?;
    let finished = watched(cinemirror(fake, &folder.0, 0, &["collect"]))?;
    let figures: Value = serde_json::from_str(&finished.output)?;
    let done = figures["ingested"].as_u64().unwrap_or(0) + figures["gone"].as_u64().unwrap_or(0);
    ensure!(done == titles, "only {done} of {titles} titles were collected");
    Ok((done as f64 / finished.took.as_secs_f64(), finished))
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
