//! Measures, each figure with its peer or its limit in the same run, and
//! writes its section of `BENCHMARKS.md`.

mod budget;
mod collect;
mod export;
mod files;
mod postgres;
pub(crate) mod process;
mod queue;
mod serve;
mod size;
pub(crate) mod table;
mod year;

use anyhow::bail;

use crate::command::{root, run, say};
use table::Row;

/// A benchmark's name and what it does.
pub(crate) type Bench = (&'static str, fn() -> anyhow::Result<Vec<Row>>);

const ALL: [Bench; 11] = [
    ("budget", budget::measure),
    ("collect", collect::against_python),
    ("postgres", postgres::measure),
    ("queue", queue::measure),
    ("export", export::measure),
    ("export-files", files::measure),
    ("serve", serve::measure),
    ("size", size::measure),
    ("versions", size::versions),
    ("memory", collect::memory),
    ("year", year::measure),
];

/// Runs the benchmarks of these names, or all of them.
pub(crate) fn bench(arguments: &[String]) -> anyhow::Result<()> {
    let chosen: Vec<Bench> = match arguments {
        [] => ALL.to_vec(),
        names => {
            let known = |name: &String| ALL.into_iter().find(|(known, _)| known == name);
            match names.iter().map(known).collect() {
                Some(chosen) => chosen,
                None => bail!("benchmarks are {}", ALL.map(|(name, _)| name).join(", ")),
            }
        }
    };
    run("cargo build --release --locked")?;
    chosen.into_iter().try_for_each(|(name, measure)| measure_into(name, measure))
}

/// Measures, and writes a section of `BENCHMARKS.md`.
pub(crate) fn measure_into(
    name: &str,
    measure: fn() -> anyhow::Result<Vec<Row>>,
) -> anyhow::Result<()> {
    say(&format!("measuring {name} …"));
    let section = table::section(name, &measure()?)?;
    say(&section);
    let mut names = ALL.map(|(name, _)| name).to_vec();
    names.push("chaos");
    let path = root().join("BENCHMARKS.md");
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    std::fs::write(&path, table::with_section(&page, &names, name, &section))?;
    Ok(())
}
