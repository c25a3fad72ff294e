//! Measures, each figure with its peer or its limit in the same run, and
//! writes the table to `BENCHMARKS.md`.

mod budget;
mod collect;
mod export;
mod process;
mod size;
mod table;

use anyhow::bail;

use crate::command::{root, run, say};
use table::Row;

/// A benchmark's name and what it does.
type Bench = (&'static str, fn() -> anyhow::Result<Vec<Row>>);

const ALL: [Bench; 5] = [
    ("budget", budget::measure),
    ("collect", collect::against_python),
    ("export", export::measure),
    ("size", size::measure),
    ("memory", collect::memory),
];

/// Runs the benchmark of that name, or all of them and writes the table.
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
    let mut rows = vec![];
    for (name, measure) in chosen {
        say(&format!("measuring {name} …"));
        rows.extend(measure()?);
    }
    let text = table::markdown(&rows)?;
    say(&text);
    if arguments.is_empty() {
        std::fs::write(root().join("BENCHMARKS.md"), text)?;
    }
    Ok(())
}
