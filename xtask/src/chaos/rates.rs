//! The budget of a fleet, counted from the other side.

use std::time::Duration;

use anyhow::{Context, ensure};

use super::fleet::{Fleet, Plan};
use crate::bench::table::Row;

const LIMIT: u32 = 40;
const SETTLE: Duration = Duration::from_secs(6);
const SECONDS: u64 = 120;
const WORKERS: usize = 4;
/// How often a 429 is given, and for how long.
const REFUSALS: u64 = 5;
const REFUSED_SECONDS: u64 = 5;

fn fleet(name: &str, fake: &[&str]) -> anyhow::Result<Fleet> {
    let mut fleet = Fleet::new(&Plan {
        name,
        workers: WORKERS,
        hosts: true,
        rate: LIMIT,
        lease_seconds: 60,
        fake,
    })?;
    fleet.json(&["harvest", "--source", "export.movie", "--limit", "12000"])?;
    fleet.start_all()?;
    std::thread::sleep(SETTLE);
    fleet.all_live()?;
    Ok(fleet)
}

pub(crate) fn budget() -> anyhow::Result<Vec<Row>> {
    // The fake would answer 429 to one request more.
    let limit = LIMIT.to_string();
    let mut fleet = fleet("chaos-budget", &["--generate", "20000", "--rate", &limit])?;
    let before = fleet.asked()?;
    std::thread::sleep(Duration::from_secs(SECONDS));
    let stats = fleet.fake.stats()?;
    fleet.all_live()?;
    let used = stats["total"].as_u64().context("no total")? - before;
    let most = stats["max_in_sliding_second"].as_u64().context("no maximum")?;
    let open = stats["max_open_connections"].as_u64().context("no connections")?;
    let refused = stats.to_string().matches("\"429\"").count();
    let share = used as f64 / (SECONDS * u64::from(LIMIT)) as f64;
    Ok(vec![Row {
        what: format!(
            "budget at {LIMIT}/s, {WORKERS} workers on PostgreSQL, each on a host of its own, {SECONDS} s"
        ),
        bar: format!("at most {LIMIT} in any sliding second, 98 % used, no 429"),
        measured: format!(
            "at most {most}, {refused} endpoints with a 429; {open} connections at most"
        ),
        ratio: format!("{:.1} % used", share * 100.0),
        reached: most <= LIMIT.into() && refused == 0 && share >= 0.98,
    }])
}

pub(crate) fn hold() -> anyhow::Result<Vec<Row>> {
    let mut fleet = fleet("chaos-hold", &["--generate", "20000"])?;
    let mut early: Vec<u64> = vec![];
    for _ in 0..REFUSALS {
        let asked = fleet.asked()?;
        fleet.fake.order(&format!("refuse?seconds={REFUSED_SECONDS}"))?;
        // A second more, so that the request that is refused has come.
        std::thread::sleep(Duration::from_secs(REFUSED_SECONDS + 1));
        let stats = fleet.fake.stats()?;
        let refusal = &stats["refusal"];
        let arrivals = refusal["arrivals_ms"].as_array().context("no request was refused")?;
        early.extend(arrivals.iter().filter_map(serde_json::Value::as_u64));
        std::thread::sleep(Duration::from_secs(3));
        // Who asks nothing at all is not refused either.
        ensure!(fleet.asked()? > asked + 1, "the workers stopped asking");
    }
    fleet.all_live()?;
    let last = early.iter().max();
    let last = last.map_or_else(String::new, |ms| format!(", the last {ms} ms after it"));
    Ok(vec![Row {
        what: format!(
            "{REFUSALS} times a 429 with `Retry-After: {REFUSED_SECONDS}` for one of {WORKERS} workers at {LIMIT}/s"
        ),
        bar: format!("no request from any of them for {REFUSED_SECONDS} s"),
        measured: format!("{} requests came too early{last}", early.len()),
        ratio: format!("{} of 0", early.len()),
        reached: early.is_empty(),
    }])
}
