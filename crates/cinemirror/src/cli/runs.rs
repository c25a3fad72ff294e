//! `runs`: what was done, when, and with which figures.

use std::time::Duration;

use domain::RunId;
use domain::run::Run;

use super::args::RunsArgs;
use super::{Context, Exit, run};
use crate::output::{Output, count, duration};

pub(super) async fn runs(context: &Context, args: RunsArgs) -> anyhow::Result<Exit> {
    let store = context.store().await?;
    if let Some(id) = args.id {
        let Some(run) = store.ledger.run(RunId(id)).await? else {
            context.output.line(format!("there is no run {id}; `cinemirror runs` lists them"))?;
            return Ok(Exit::NotFound);
        };
        if context.output.json {
            context.output.json(&run)?;
        } else {
            show(context.output, &run)?;
        }
        return Ok(Exit::Done);
    }
    let runs = store.ledger.runs(args.status, args.limit).await?;
    if context.output.json {
        context.output.json(&runs)?;
    } else if runs.is_empty() {
        context.output.line("No runs yet; `cinemirror run quick` starts one.")?;
    } else {
        table(context.output, &runs)?;
    }
    Ok(Exit::Done)
}

pub(super) fn table(output: Output, runs: &[Run]) -> std::io::Result<()> {
    let rows = runs.iter().map(|run| {
        vec![
            run.id.to_string(),
            run.name.clone(),
            run.status.as_str().to_owned(),
            run.started_at.to_string(),
            took(run),
            count(run.figures.checked),
            count(run.figures.skipped),
            count(run.figures.ingested),
            count(run.figures.gone),
            count(run.figures.failed),
            count(run.figures.calls),
        ]
    });
    let headings = [
        "run #",
        "name",
        "status",
        "started",
        "took #",
        "checked #",
        "skipped #",
        "stored #",
        "gone #",
        "failed #",
        "calls #",
    ];
    output.table(&headings, rows.collect())
}

fn took(run: &Run) -> String {
    run.duration_ms.map(|millis| duration(Duration::from_millis(millis))).unwrap_or_default()
}

fn show(output: Output, one: &Run) -> std::io::Result<()> {
    output.line(format!(
        "Run {} ({}, {}): {}, started {}{}",
        one.id,
        one.name,
        one.trigger,
        one.status.as_str(),
        one.started_at,
        one.duration_ms.map(|_| format!(", took {}", took(one))).unwrap_or_default()
    ))?;
    output.line(format!("Sources: {}", one.sources.join(", ")))?;
    run::figures(output, &one.figures)?;
    if let Some(error) = &one.error {
        output.line(format!("Error: {error}"))?;
    }
    for (heading, titles) in [("Stored", &one.ingested_titles), ("Failed", &one.failed_titles)] {
        if !titles.is_empty() {
            output.line(format!("{heading} (the first {}):", titles.len()))?;
            for title in titles {
                output.line(format!("  {title}"))?;
            }
        }
    }
    Ok(())
}
