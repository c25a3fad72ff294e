//! Exporting a million titles to Parquet: how fast, and in how much memory.

use anyhow::Context;

use super::process::{Folder, watched};
use super::table::Row;
use crate::command::{program, root, run};

const MOVIES: &str = "1000000";

pub(crate) fn measure() -> anyhow::Result<Vec<Row>> {
    run("cargo build --quiet --release --locked -p export --example files")?;
    let folder = Folder::new("files")?;
    let example = root().join("target/release/examples/files");
    let mut command = program(example.to_str().context("an odd path")?);
    command.arg(MOVIES).arg(folder.0.join("export")).stdout(std::process::Stdio::piped());
    let finished = watched(command)?;
    let figure = |name: &str| {
        let line = finished.output.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.trim().parse::<f64>().ok())
            .with_context(|| format!("`{name}` was not printed: {}", finished.output))
    };
    let (rows, seconds, bytes) = (figure("rows")?, figure("seconds")?, figure("bytes")?);
    let rate = rows / seconds;
    let memory = finished.peak_bytes as f64 / 1e6;
    Ok(vec![
        Row {
            what: format!(
                "export of {MOVIES} made-up titles with their credits and the like to Parquet: {:.1} million rows, {:.1} GB",
                rows / 1e6,
                bytes / 1e9
            ),
            bar: "50,000 rows a second".to_owned(),
            measured: format!("{rate:.0} a second ({seconds:.0} s)"),
            ratio: format!("{:.1} of the bar", rate / 50_000.0),
            reached: rate >= 50_000.0,
        },
        Row {
            what: "its memory".to_owned(),
            bar: "300 MB".to_owned(),
            measured: format!("{memory:.0} MB"),
            ratio: format!("{:.2} of the bar", memory / 300.0),
            reached: memory <= 300.0,
        },
    ])
}
