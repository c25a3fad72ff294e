//! `workers`: which processes work on this store, and how they do.

use domain::{Timestamp, Worker};
use pipeline::vitals::SILENT_AFTER;
use serde::Serialize;
use std::time::Duration;

use super::{Context, Exit};
use crate::app;
use crate::output::{Output, count, duration};

/// Silent ones are shown for so long.
const SHOWN: Duration = Duration::from_hours(24);

/// A worker as it is shown.
#[derive(Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    worker: Worker,
    /// Not heard of for a while: it has died, or is cut off from the store.
    silent: bool,
}

pub(super) async fn workers(context: &Context) -> anyhow::Result<Exit> {
    let store = context.store().await?;
    let now = app::clock()();
    let shown = list(&store, now).await?;
    if context.output.json {
        context.output.json(&shown)?;
    } else if shown.is_empty() {
        context.output.line("Nothing works on this store; `cinemirror up` or `worker` would.")?;
    } else {
        table(context.output, &shown, now)?;
    }
    Ok(Exit::Done)
}

pub(super) async fn list(store: &store::Store, now: Timestamp) -> anyhow::Result<Vec<Shown>> {
    let workers = store.workers.list(now - SHOWN).await?;
    let shown = workers.into_iter().map(|worker| {
        let silent = now.since(worker.heard_at) > SILENT_AFTER;
        Shown { worker, silent }
    });
    Ok(shown.collect())
}

pub(super) fn table(output: Output, shown: &[Shown], now: Timestamp) -> std::io::Result<()> {
    let rows = shown.iter().map(|shown| row(shown, now));
    let headings =
        ["worker", "role", "version", "up for", "heard", "in flight #", "collected #", "failed #"];
    output.table(&headings, rows.collect())
}

fn row(Shown { worker, silent }: &Shown, now: Timestamp) -> Vec<String> {
    let heard = duration(now.since(worker.heard_at));
    vec![
        worker.name.clone(),
        worker.role.clone(),
        worker.version.clone(),
        duration(now.since(worker.started_at)),
        if *silent { format!("silent for {heard}") } else { format!("{heard} ago") },
        // What it had in flight then went back to the queue.
        if *silent { "–".to_owned() } else { count(worker.in_flight.into()) },
        count(worker.collected),
        count(worker.failed),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dead_have_nothing_in_flight() {
        let worker = Worker { in_flight: 8, ..Worker::default() };
        let in_flight = |silent| {
            row(&Shown { worker: worker.clone(), silent }, Timestamp::default())[5].clone()
        };
        assert_eq!((in_flight(false).as_str(), in_flight(true).as_str()), ("8", "–"));
    }
}
