//! `status`: how the mirror stands.

use domain::budget::{BudgetStatus, HolderStatus};
use domain::ledger::DriftCount;
use domain::queue::QueueDepth;
use domain::run::Run;
use domain::{Timestamp, archive::ArchiveStats};
use pipeline::harvest::changes::{self, FeedStatus};
use serde::Serialize;

use super::{Context, Exit, runs, workers};
use crate::app;
use crate::output::{Output, count, duration, size};

#[derive(Serialize)]
struct Status {
    at: Timestamp,
    store: String,
    archive: ArchiveStats,
    catalogue: Vec<(domain::Kind, u64)>,
    queue: QueueDepth,
    /// How far each change feed was read and collected.
    feeds: Vec<FeedStatus>,
    budget: BudgetStatus,
    workers: Vec<workers::Shown>,
    runs: Vec<Run>,
    /// The most frequent things in bodies that the record schema did not know.
    schema_drift: Vec<DriftCount>,
}

pub(super) async fn status(context: &Context) -> anyhow::Result<Exit> {
    let store = context.store().await?;
    let now = app::clock()();
    let status = Status {
        at: now,
        store: context.config.settings.store.shown(),
        archive: store.archive.stats().await?,
        catalogue: store.catalog.counts().await?,
        queue: store.queue.depth(now).await?,
        feeds: changes::status(&app::stores(&store)).await?,
        budget: store.budget.status(now).await?,
        workers: workers::list(&store, now).await?,
        runs: store.ledger.runs(None, 5).await?,
        schema_drift: store.ledger.drift(20).await?,
    };
    if context.output.json {
        context.output.json(&status)?;
    } else {
        print(context.output, &status)?;
    }
    Ok(Exit::Done)
}

fn print(output: Output, status: &Status) -> std::io::Result<()> {
    output.line(format!("Store     {}", status.store))?;
    output.line(queue_line(&status.queue, status.at))?;
    output.line(budget_line(&status.budget))?;
    for feed in &status.feeds {
        output.line(feed_line(feed))?;
    }
    let ArchiveStats { suspects, tombstones, .. } = &status.archive;
    if suspects + tombstones > 0 {
        let (suspects, tombstones) = (count(*suspects), count(*tombstones));
        output.line(format!(
            "Gone      {tombstones} keys proven to be deleted at TMDB, {suspects} suspected of it"
        ))?;
    }
    output.line("")?;
    archive_table(output, &status.archive)?;
    if !status.workers.is_empty() {
        output.line("")?;
        workers::table(output, &status.workers, status.at)?;
    }
    if !status.runs.is_empty() {
        output.line("")?;
        runs::table(output, &status.runs)?;
    }
    if !status.schema_drift.is_empty() {
        output.line("")?;
        output.line("Schema drift: kept, but not known to the record schema")?;
        let rows = status.schema_drift.iter().map(|drift| {
            vec![
                drift.kind.to_string(),
                drift.path.clone(),
                drift.found.clone(),
                count(drift.count),
                drift.last_seen.to_string(),
            ]
        });
        output.table(&["kind", "where", "found", "times #", "last seen"], rows.collect())?;
    }
    Ok(())
}

fn feed_line(feed: &FeedStatus) -> String {
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string());
    let complete = day(feed.complete_to).map_or_else(
        || "not complete for any day yet".to_owned(),
        |day| format!("complete up to {day}"),
    );
    let read = feed.open_read_at.map(|at| format!(", read last at {at}")).unwrap_or_default();
    let waiting = match feed.waiting {
        0 => String::new(),
        waiting => format!("; {} wait to be collected", count(waiting)),
    };
    format!("Feed      {} {complete}{read}{waiting}", feed.feed)
}

fn queue_line(queue: &QueueDepth, now: Timestamp) -> String {
    let oldest = queue.oldest.map_or(String::new(), |oldest| {
        format!("; the oldest waits {}", duration(now.since(oldest)))
    });
    format!(
        "Queue     {} ready, {} delayed, {} leased, {} dead{oldest}",
        count(queue.ready),
        count(queue.delayed),
        count(queue.leased),
        count(queue.dead)
    )
}

pub(super) fn budget_line(budget: &BudgetStatus) -> String {
    if budget.limit == 0 {
        return "Budget    not used yet".to_owned();
    }
    let mut parts = vec![format!("Budget    {} requests a second", budget.limit)];
    if budget.open < budget.limit {
        parts.push(format!("slowed down to {} by a 429", budget.open));
    }
    parts.extend(budget.holders.iter().map(|holder| {
        let HolderStatus { name, lanes, connections } = holder;
        format!("{name} holds {lanes} and {connections} of {} connections", budget.connections)
    }));
    parts.extend(budget.nobody_before.map(|until| format!("nobody asks before {until}")));
    parts.join("; ")
}

pub(super) fn archive_table(output: Output, archive: &ArchiveStats) -> std::io::Result<()> {
    if archive.kinds.is_empty() {
        return output.line("The archive is empty; `cinemirror run quick` fills it.");
    }
    let rows = archive.kinds.iter().map(|kind| {
        let mean = kind.stored_bytes.checked_div(kind.versions).unwrap_or(0);
        vec![
            kind.kind.to_string(),
            count(kind.keys),
            count(kind.versions),
            size(kind.stored_bytes),
            size(mean),
            count(kind.with_dictionary),
            kind.oldest_fetched_at.map(|at| at.to_string()).unwrap_or_default(),
            kind.newest_fetched_at.map(|at| at.to_string()).unwrap_or_default(),
        ]
    });
    let headings =
        ["kind", "keys #", "versions #", "size #", "mean #", "by dictionary #", "oldest", "newest"];
    output.table(&headings, rows.collect())
}
