//! `migrate-store`: a deployment from one database into another.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use pipeline::vitals::SILENT_AFTER;
use store::portable::{self, Fit, TableSum, Watch};
use store::{Store, without_secrets};

use super::args::MigrateArgs;
use super::{Context, Exit, understood};
use crate::app;
use crate::output::{count, duration, size};
use crate::progress::Progress;

pub(super) async fn migrate_store(context: &Context, args: MigrateArgs) -> anyhow::Result<Exit> {
    let (from_name, to_name) = (without_secrets(&args.from), without_secrets(&args.to));
    understood(check(&args, &from_name))?;
    let from = open(&args.from).await?;
    alone(&from, &from_name, args.force).await?;
    let progress = Arc::new(Progress::new(&context.bars, context.quiet));
    let watch = progress.watch();
    if args.dry_run {
        let exit = dry_run(context, &args, &from, &watch).await;
        progress.finish();
        return exit;
    }
    let to = open(&args.to).await?;
    alone(&to, &to_name, args.force).await?;
    let began = Instant::now();
    let copied = portable::copy(&from, &to, &watch).await;
    progress.finish();
    let copied = copied.with_context(|| format!("could not copy {from_name} to {to_name}"))?;
    let took = began.elapsed();
    if context.output.json {
        context
            .output
            .json(&serde_json::json!({"tables": copied, "seconds": took.as_secs_f64()}))?;
        return Ok(Exit::Done);
    }
    show(context, &copied)?;
    context.output.line(format!(
        "Copied {} in {}; {to_name} was read again, and every table of it holds the same.",
        told(&copied),
        duration(took)
    ))?;
    Ok(Exit::Done)
}

fn check(args: &MigrateArgs, from: &str) -> anyhow::Result<()> {
    anyhow::ensure!(args.from != args.to, "{from} is named twice: name where to copy it");
    anyhow::ensure!(!store::is_missing(&args.from), "there is no {from} that could be copied");
    Ok(())
}

pub(super) async fn open(url: &str) -> anyhow::Result<Store> {
    store::open(url).await.with_context(|| format!("could not open {}", without_secrets(url)))
}

/// Refuses where processes live that would go on to write.
async fn alone(store: &Store, name: &str, is_forced: bool) -> anyhow::Result<()> {
    let living = store.workers.list(app::clock()() - SILENT_AFTER).await?;
    let names: Vec<_> = living.into_iter().map(|worker| worker.name).collect();
    if names.is_empty() {
        return Ok(());
    }
    let names = names.join(", ");
    if is_forced {
        tracing::warn!(%names, "workers live on {name}; what they write from now on is not copied");
        return Ok(());
    }
    anyhow::bail!(
        "workers live on {name} ({names}): stop them first, or say --force to copy one state of what they go on changing"
    )
}

async fn dry_run(
    context: &Context,
    args: &MigrateArgs,
    from: &Store,
    watch: &Watch,
) -> anyhow::Result<Exit> {
    // Only looked at: it is not made.
    let (fit, tables) = if store::is_missing(&args.to) {
        (Fit::Empty, portable::survey(from, watch).await?)
    } else {
        portable::fit(from, &open(&args.to).await?, watch).await?
    };
    let exit = if matches!(fit, Fit::Taken(_)) { Exit::Failed } else { Exit::Done };
    if context.output.json {
        let taken = match &fit {
            Fit::Taken(tables) => tables.clone(),
            Fit::Empty | Fit::Begun(_) => vec![],
        };
        let there = if let Fit::Begun(rows) = fit { rows } else { 0 };
        let told = serde_json::json!({"tables": tables, "there": there, "taken": taken});
        context.output.json(&told)?;
        return Ok(exit);
    }
    show(context, &tables)?;
    let to = without_secrets(&args.to);
    let told = told(&tables);
    context.output.line(match fit {
        Fit::Empty => format!("Would copy {told} to {to}, which is empty."),
        Fit::Begun(rows) => format!(
            "Would go on copying {told} to {to}, which holds {} of these rows already.",
            count(rows)
        ),
        Fit::Taken(tables) => format!(
            "{to} cannot take {told}: it holds other rows already ({}). Name an empty store.",
            tables.join(", ")
        ),
    })?;
    Ok(exit)
}

/// The tables that have rows.
pub(super) fn show(context: &Context, tables: &[TableSum]) -> anyhow::Result<()> {
    let rows = tables.iter().filter(|sum| sum.rows > 0);
    let rows = rows.map(|sum| {
        let hash = sum.hash.chars().take(12).collect();
        vec![sum.table.clone(), count(sum.rows), size(sum.bytes), hash]
    });
    context.output.table(&["table", "rows #", "size #", "hash"], rows.collect())?;
    Ok(())
}

/// `1,234 rows (5.6 MB)`.
pub(super) fn told(tables: &[TableSum]) -> String {
    let rows = tables.iter().map(|sum| sum.rows).sum();
    let bytes = tables.iter().map(|sum| sum.bytes).sum();
    format!("{} rows ({})", count(rows), size(bytes))
}
