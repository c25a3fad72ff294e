//! Bytes in the archive against the same JSON under `gzip -6`, over recorded bodies.

use anyhow::{Context, ensure};

use super::table::Row;
use crate::command::program;

pub(crate) fn measure() -> anyhow::Result<Vec<Row>> {
    let output =
        program("cargo run --quiet --release --locked -p records --example sizes -- --figures")
            .output()?;
    ensure!(
        output.status.success(),
        "the sizes could not be measured: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout)?;
    let figure = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.trim().parse::<f64>().ok())
            .with_context(|| format!("`{name}` was not printed: {text}"))
    };
    let (plain, dictionary) = (figure("plain")?, figure("dictionary")?);
    Ok(vec![
        row("archive bytes, recorded detail bodies", 0.8, plain),
        row("the same with a dictionary trained on other titles", 0.6, dictionary),
    ])
}

fn row(what: &str, bar: f64, share: f64) -> Row {
    Row {
        what: what.to_owned(),
        bar: format!("{:.0} % of `gzip -6`", bar * 100.0),
        measured: format!("{:.1} %", share * 100.0),
        ratio: format!("{:.2} of the bar", share / bar),
        reached: share <= bar,
    }
}
