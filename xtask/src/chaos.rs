//! Breaks a deployment in every way that machines and networks do, and counts what is lost.
//!
//! Needs root, for hosts of their own (network namespaces) and a small disk.

mod cut;
mod disk;
mod fleet;
mod kills;
mod network;
mod objects;
mod rates;

use anyhow::bail;

use crate::bench::table::Row;
use crate::bench::{Bench, measure_into};
use crate::command::run;

const ALL: [Bench; 6] = [
    ("budget", rates::budget),
    ("hold", rates::hold),
    ("kills", kills::kills),
    ("cut", cut::cut),
    ("objects", objects::objects),
    ("disk", disk::disk),
];

/// Runs the faults of these names, or all of them; all of them make a section of
/// BENCHMARKS.md.
pub(crate) fn chaos(arguments: &[String]) -> anyhow::Result<()> {
    run("cargo build --release --locked")?;
    if arguments.is_empty() {
        return measure_into("chaos", all);
    }
    let mut rows = vec![];
    for name in arguments {
        let Some((_, fault)) = ALL.into_iter().find(|(known, _)| known == name) else {
            bail!("faults are {}", ALL.map(|(name, _)| name).join(", "));
        };
        rows.extend(fault()?);
    }
    crate::command::say(&crate::bench::table::section("chaos", &rows)?);
    Ok(())
}

fn all() -> anyhow::Result<Vec<Row>> {
    let mut rows = vec![];
    for (name, fault) in ALL {
        crate::command::say(&format!("{name} …"));
        rows.extend(fault()?);
    }
    Ok(rows)
}
