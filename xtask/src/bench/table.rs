//! The table of figures, with the machine and the date.

use std::fmt::Write;

use crate::command::program;

/// One measured figure.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) bar: String,
    pub(crate) measured: String,
    /// The figure over its bar or its peer, in the same run.
    pub(crate) ratio: String,
    pub(crate) reached: bool,
}

pub(crate) fn markdown(rows: &[Row]) -> anyhow::Result<String> {
    let mut text = String::from("# Benchmarks\n\n");
    writeln!(text, "Written by `cargo xtask bench`: {}.\n", machine())?;
    text.push_str(
        "Machines are shared and noisy; read the ratios, each of one run, rather than the figures.\n\n",
    );
    text.push_str("| what | bar | measured | ratio | reached |\n| --- | --- | --- | --- | --- |\n");
    for row in rows {
        let reached = if row.reached { "yes" } else { "**no**" };
        let Row { what, bar, measured, ratio, .. } = row;
        writeln!(text, "| {what} | {bar} | {measured} | {ratio} | {reached} |")?;
    }
    Ok(text)
}

fn machine() -> String {
    let first = |line: &str| {
        let output = program(line).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.lines().next().map(str::to_owned)
    };
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown processor", |line| line.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let date = first("date -u +%Y-%m-%d").unwrap_or_default();
    let rustc = first("rustc --version").unwrap_or_default();
    format!("{date}, {cores} cores of {model}, {rustc}")
}
