//! Bytes in the archive, over recorded bodies: whole records and versions of them.

use anyhow::{Context, ensure};

use super::table::Row;
use crate::command::program;

pub(crate) fn measure() -> anyhow::Result<Vec<Row>> {
    let text = example("sizes")?;
    let (plain, dictionary) = (figure(&text, "plain")?, figure(&text, "dictionary")?);
    Ok(vec![
        row("archive bytes, recorded detail bodies", (0.8, "of `gzip -6`"), plain),
        row(
            "the same with a dictionary trained on other titles",
            (0.6, "of `gzip -6`"),
            dictionary,
        ),
    ])
}

/// What a version costs that differs from the next one in one field.
pub(crate) fn versions() -> anyhow::Result<Vec<Row>> {
    let text = example("versions")?;
    let share = figure(&text, "patch")?;
    Ok(vec![row(
        "a version that changes one field, recorded detail bodies, on average",
        (0.25, "of a full record"),
        share,
    )])
}

/// Runs an example of `records` for its figures.
fn example(name: &str) -> anyhow::Result<String> {
    let line =
        format!("cargo run --quiet --release --locked -p records --example {name} -- --figures");
    let output = program(&line).output()?;
    ensure!(
        output.status.success(),
        "`{line}` failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

fn figure(text: &str, name: &str) -> anyhow::Result<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.trim().parse().ok())
        .with_context(|| format!("`{name}` was not printed: {text}"))
}

fn row(what: &str, (bar, of): (f64, &str), share: f64) -> Row {
    Row {
        what: what.to_owned(),
        bar: format!("{:.0} % {of}", bar * 100.0),
        measured: format!("{:.1} %", share * 100.0),
        ratio: format!("{:.2} of the bar", share / bar),
        reached: share <= bar,
    }
}
