//! A simulated year under `up`, judged by the universe that was mirrored.

use std::time::Instant;

use anyhow::Context;
use serde_json::Value;

use super::process::binary;
use super::table::Row;
use crate::command::say;

const MOVIES: &str = "16700";

pub(crate) fn measure() -> anyhow::Result<Vec<Row>> {
    let started = Instant::now();
    let output = std::process::Command::new(binary())
        .args(["simulate-year", "--json", "--movies", MOVIES])
        .env("CINEMIRROR__LOG__LEVEL", "warn")
        .stderr(std::process::Stdio::null())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let report: Value = serde_json::from_str(&text).context("the simulation did not report")?;
    say(&text);
    let took = started.elapsed().as_secs_f64();
    let verdict = &report["verdict"];
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let length = |name: &str| verdict[name].as_array().map_or(0, Vec::len);
    let oldest = report["oldest_days"].as_f64().unwrap_or(f64::MAX);
    let (stale, missing) = (length("stale"), length("missing"));
    let (lying, unnoticed) = (length("false_tombstones"), length("unnoticed"));
    let alive = number(&verdict["alive"]);
    Ok(vec![
        Row {
            what: format!(
                "{} simulated days of {alive} titles under `up`, 40 of them without TMDB: the mirror at the end ({took:.0} s)",
                report["days"]
            ),
            bar: "equals the universe for all that feed or refresh could have shown".to_owned(),
            measured: format!(
                "{} equal, {} differ by changes not shown yet, {} too new to be listed, {} not to be judged; stale {stale}, missing {missing}",
                verdict["equal"],
                verdict["not_shown_yet"],
                verdict["not_listed_yet"],
                verdict["absent"]
            ),
            ratio: format!("{} wrong of {alive}", stale + missing),
            reached: stale + missing == 0 && alive > 0,
        },
        Row {
            what: "the oldest data from TMDB on any day of it".to_owned(),
            bar: "below 180 days".to_owned(),
            measured: format!("{oldest:.1} days, on day {}", report["oldest_on"]),
            ratio: format!("{:.2} of the bar", oldest / 180.0),
            reached: oldest < 180.0,
        },
        Row {
            what: "titles deleted in it".to_owned(),
            bar: "no false tombstone".to_owned(),
            measured: format!(
                "{} tombstones, {lying} false, {unnoticed} deletions unnoticed; {} of {} merged ones name the right successor",
                verdict["buried"], verdict["successors"], verdict["merged"]
            ),
            ratio: format!("{lying} false"),
            reached: lying == 0 && unnoticed == 0 && number(&verdict["buried"]) > 0,
        },
        Row {
            what: "what the year took".to_owned(),
            bar: "no failed run but in the outage, no dead letter".to_owned(),
            measured: format!(
                "{} requests, {} runs ({} failed, {} of them without an outage), {} records in {} versions, {:.0} MB, {} dead letters",
                report["calls"],
                report["runs"],
                report["failed_runs"],
                report["failed_for_no_outage"],
                report["records"],
                report["versions"],
                report["stored_bytes"].as_f64().unwrap_or(0.0) / 1e6,
                report["dead_letters"]
            ),
            ratio: format!("{:.0} requests a day", number(&report["calls"]) as f64 / 365.0),
            reached: report["failed_for_no_outage"] == 0 && report["dead_letters"] == 0,
        },
    ])
}
