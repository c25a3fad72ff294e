//! Workers and the database die at random instants; the end is that of an undisturbed run.

use std::time::{Duration, Instant};

use anyhow::ensure;

use super::fleet::{Fleet, Plan};
use crate::bench::table::Row;
use crate::command::say;

const WORKERS: usize = 4;
const KILLS: u64 = 100;
const DATABASE_KILLS: u64 = 5;
const MOVIES: u64 = 6_000;
const PATIENCE: Duration = Duration::from_mins(5);

const UNIVERSE: [&str; 4] =
    ["--generate", "6000", "--faults", r#"{"latency": {"median_ms": 25, "p95_ms": 60}}"#];

fn filled(name: &str) -> anyhow::Result<Fleet> {
    let fleet = Fleet::new(&Plan {
        name,
        workers: WORKERS,
        hosts: false,
        rate: 0,
        lease_seconds: 10,
        fake: &UNIVERSE,
    })?;
    fleet.json(&["harvest", "--source", "export.movie", "--source", "export.tv_series"])?;
    Ok(fleet)
}

pub(crate) fn kills() -> anyhow::Result<Vec<Row>> {
    let mut fleet = filled("chaos-kills")?;
    fleet.start_all()?;
    let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
    let began = Instant::now();
    for kill in 1..=KILLS {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(kill);
        let host = usize::try_from((chance >> 33) % WORKERS as u64)?;
        // At a random place of the crawl's progress; it must not be over before the last.
        let target = fleet.asked()? + 1 + (chance >> 40) % (MOVIES / KILLS);
        while fleet.asked()? < target && began.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(3));
        }
        fleet.kill(host)?;
        if kill % (KILLS / DATABASE_KILLS) == 0 {
            fleet.cluster.kill()?;
            std::thread::sleep(Duration::from_millis(700));
            fleet.cluster.restart()?;
            say(&format!("  {kill} kills, and PostgreSQL too"));
        }
        // It must start while the database is still recovering, too.
        fleet.start(host)?;
    }
    let left = fleet.json(&["status"])?["queue"].clone();
    fleet.drained(PATIENCE)?;
    let disturbed = fleet.state()?;
    let asked = fleet.asked()?;
    drop(fleet);

    let mut quiet = filled("chaos-undisturbed")?;
    quiet.start_all()?;
    quiet.drained(PATIENCE)?;
    let (undisturbed, wanted) = (quiet.state()?, quiet.asked()?);
    ensure!(undisturbed.iter().any(|table| table.rows > MOVIES), "the undisturbed run kept little");
    let differ: Vec<_> = disturbed
        .iter()
        .zip(&undisturbed)
        .filter(|(one, other)| one != other)
        .map(|(one, other)| format!("{} ({} and {} rows)", one.table, one.rows, other.rows))
        .collect();
    let again = asked.saturating_sub(wanted) as f64 / wanted as f64;
    Ok(vec![Row {
        what: format!(
            "{KILLS} `kill -9` over {WORKERS} workers on PostgreSQL, PostgreSQL itself killed {DATABASE_KILLS} times; {wanted} titles, {} left at the last kill",
            left["ready"]
        ),
        bar: "archive and catalogue equal to the undisturbed run".to_owned(),
        measured: if differ.is_empty() {
            format!("{} tables equal", disturbed.len())
        } else {
            format!("these differ: {}", differ.join(", "))
        },
        ratio: format!("{:.1} % asked twice", again * 100.0),
        reached: differ.is_empty(),
    }])
}
