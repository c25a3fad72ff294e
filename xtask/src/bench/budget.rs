//! The budget, counted from the other side: never above the limit, hardly ever below.

use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;

use super::process::{Fake, Folder, cinemirror, watched};
use super::table::Row;

const LIMIT: u32 = 40;
const SETTLE: Duration = Duration::from_secs(5);
const SECONDS: u64 = 60;

pub(crate) fn measure() -> anyhow::Result<Vec<Row>> {
    [1, 2, 4].into_iter().map(processes).collect()
}

/// So many collectors on one store, for a minute.
fn processes(count: usize) -> anyhow::Result<Row> {
    let folder = Folder::new("budget")?;
    // The fake would answer 429 to one request more.
    let limit = LIMIT.to_string();
    let fake = Fake::start(&["--generate", "20000", "--rate", &limit])?;
    let queue = ["harvest", "--source", "export.movie", "--limit", "10000"];
    watched(cinemirror(&fake, &folder.0, LIMIT, &queue))?;
    let mut children = vec![];
    for _ in 0..count {
        let mut command = cinemirror(&fake, &folder.0, LIMIT, &["collect"]);
        children.push(command.stdout(Stdio::null()).spawn()?);
    }
    std::thread::sleep(SETTLE);
    let before = fake.stats()?["total"].as_u64().context("no total")?;
    std::thread::sleep(Duration::from_secs(SECONDS));
    let stats = fake.stats()?;
    for child in &mut children {
        child.kill()?;
        child.wait()?;
    }
    let used = stats["total"].as_u64().context("no total")? - before;
    let most = stats["max_in_sliding_second"].as_u64().context("no maximum")?;
    let refused = stats.to_string().matches("\"429\"").count();
    let share = used as f64 / (SECONDS * u64::from(LIMIT)) as f64;
    Ok(Row {
        what: format!(
            "budget at {LIMIT}/s, {count} collecting processes on one SQLite file, {SECONDS} s"
        ),
        bar: format!("at most {LIMIT} in any sliding second, 98 % used, no 429"),
        measured: format!("at most {most}, {refused} endpoints with a 429"),
        ratio: format!("{:.1} % used", share * 100.0),
        reached: most <= LIMIT.into() && refused == 0 && share >= 0.98,
    })
}
