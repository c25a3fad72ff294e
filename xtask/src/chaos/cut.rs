//! A worker's cable is pulled while it holds leases.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;

use super::fleet::{Fleet, Plan};
use crate::bench::table::Row;
use crate::command::say;

const WORKERS: usize = 4;
const CUT: Duration = Duration::from_mins(1);
const PATIENCE: Duration = Duration::from_mins(4);
/// The host that is cut off.
const LOST: usize = 0;

pub(crate) fn cut() -> anyhow::Result<Vec<Row>> {
    let faults = r#"{"latency": {"median_ms": 150, "p95_ms": 300}}"#;
    let mut fleet = Fleet::new(&Plan {
        name: "chaos-cut",
        workers: WORKERS,
        hosts: true,
        rate: 60,
        lease_seconds: 15,
        fake: &["--generate", "6000", "--faults", faults],
    })?;
    fleet.json(&["harvest", "--source", "export.movie"])?;
    fleet.start(LOST)?;
    std::thread::sleep(Duration::from_secs(8));
    let lost = name_of_the_only(&fleet)?;
    (1..WORKERS).try_for_each(|host| fleet.start(host))?;
    std::thread::sleep(Duration::from_secs(8));
    let before = worker(&fleet, &lost)?;
    let held = leases_of(&fleet, &lost)?;
    let network = fleet.network.as_ref().context("the fleet has no network")?;
    network.cut(LOST)?;
    say(&format!("  cut off while it held {held} leases"));
    std::thread::sleep(CUT);
    let taken_over = leases_of(&fleet, &lost)? == 0;
    let asked = fleet.asked()?;
    let network = fleet.network.as_ref().context("the fleet has no network")?;
    network.mend(LOST)?;
    let back = comes_back(&mut fleet, &lost, &before)?;
    fleet.drained(PATIENCE)?;
    let status = fleet.json(&["status"])?;
    let (keys, versions) = counted(&status);
    ensure!(keys > 0 && asked > 0, "nothing was collected");
    Ok(vec![Row {
        what: format!(
            "one of {WORKERS} workers cut off by the network for {} s while it held {held} leases",
            CUT.as_secs()
        ),
        bar: "others take over; nothing twice; it recovers by itself".to_owned(),
        measured: format!(
            "{}; {keys} keys have {versions} versions; {}",
            if taken_over { "all its leases were taken over" } else { "it kept leases" },
            back.map_or_else(
                || "it did not come back".to_owned(),
                |took| format!("collected again {:.0} s after", took.as_secs_f64())
            ),
        ),
        ratio: format!("{:.2} versions a key", versions as f64 / keys as f64),
        reached: held > 0 && taken_over && keys == versions && back.is_some(),
    }])
}

fn name_of_the_only(fleet: &Fleet) -> anyhow::Result<String> {
    let workers = fleet.json(&["workers"])?;
    let names: Vec<_> = workers.as_array().into_iter().flatten().collect();
    ensure!(names.len() == 1, "not one worker but {}", names.len());
    Ok(names[0]["name"].as_str().context("it has no name")?.to_owned())
}

fn worker(fleet: &Fleet, name: &str) -> anyhow::Result<Value> {
    let workers = fleet.json(&["workers"])?;
    let found = workers.as_array().into_iter().flatten().find(|one| one["name"] == name);
    found.cloned().with_context(|| format!("{name} is not among the workers"))
}

fn leases_of(fleet: &Fleet, name: &str) -> anyhow::Result<usize> {
    let tasks = fleet.json(&["queue", "list", "--limit", "10000"])?;
    let all = tasks.as_array().context("no list of tasks")?;
    Ok(all.iter().filter(|task| task["leased_by"] == name).count())
}

/// How long it took until it had collected more than before.
fn comes_back(fleet: &mut Fleet, name: &str, before: &Value) -> anyhow::Result<Option<Duration>> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        fleet.all_live()?;
        let now = worker(fleet, name)?;
        let more = |figure: &str| now[figure].as_u64() > before[figure].as_u64();
        if now["silent"] == false && more("collected") {
            return Ok(Some(began.elapsed()));
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    Ok(None)
}

fn counted(status: &Value) -> (u64, u64) {
    let kinds = status["archive"]["kinds"].as_array();
    let sum = |figure: &str| {
        kinds.into_iter().flatten().filter_map(|kind| kind[figure].as_u64()).sum::<u64>()
    };
    (sum("keys"), sum("versions"))
}
