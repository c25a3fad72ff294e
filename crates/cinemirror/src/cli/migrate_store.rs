//! `migrate-store`: a deployment from one database into another.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use pipeline::vitals::SILENT_AFTER;
use store::portable::{self, Fit, TableSum, Watch};
use store::{Bodies, Store, without_secrets};

use super::args::MigrateArgs;
use super::{Context, Exit, understood};
use crate::app;
use crate::output::{count, duration, size};
use crate::progress::Progress;

pub(super) async fn migrate_store(context: &Context, args: MigrateArgs) -> anyhow::Result<Exit> {
    let (from_name, to_name) = (without_secrets(&args.from), without_secrets(&args.to));
    understood(check(&args, &from_name))?;
    let from = open(&args.from).await?;
    let progress = Arc::new(Progress::new(&context.bars, context.quiet));
    let watch = progress.watch();
    if args.dry_run {
        let exit = dry_run(context, &args, &from, &watch).await;
        progress.finish();
        return exit;
    }
    alone(&from, &from_name, args.force).await?;
    let to = open(&args.to).await?;
    apart(&from, &to, &args).await?;
    alone(&to, &to_name, args.force).await?;
    let began = Instant::now();
    let copied = portable::copy(&from, &to, &watch).await;
    progress.finish();
    let copied = copied.with_context(|| format!("could not copy {from_name} to {to_name}"))?;
    let took = began.elapsed();
    if context.output.json {
        context.output.json(&serde_json::json!({
            "tables": copied.tables,
            "bodies_elsewhere": copied.bodies_elsewhere,
            "seconds": took.as_secs_f64(),
        }))?;
        return Ok(Exit::Done);
    }
    show(context, &copied.tables)?;
    context.output.line(format!(
        "Copied {} in {}; {to_name} was read again, and every table of it holds the same.{}",
        told(&copied.tables),
        duration(took),
        elsewhere(context, copied.bodies_elsewhere)
    ))?;
    Ok(Exit::Done)
}

/// What must be set where bodies were not moved along.
pub(super) fn elsewhere(context: &Context, bodies: u64) -> String {
    if bodies == 0 {
        return String::new();
    }
    let url = &context.config.settings.archive.url;
    let how = if url == Bodies::IN_DATABASE {
        "set archive.url to it, or they cannot be read".to_owned()
    } else {
        format!("archive.url must go on naming it, as it does here ({url})")
    };
    format!(" {} bodies lie in an object store and stay there: {how}.", count(bodies))
}

fn check(args: &MigrateArgs, from: &str) -> anyhow::Result<()> {
    let is_same = args.from == args.to || store::is_same_file(&args.from, &args.to);
    anyhow::ensure!(!is_same, "{from} is named twice: name where to copy it");
    anyhow::ensure!(!store::is_missing(&args.from), "there is no {from} that could be copied");
    Ok(())
}

pub(super) async fn open(url: &str) -> anyhow::Result<Store> {
    store::open(url).await.with_context(|| format!("could not open {}", without_secrets(url)))
}

/// Refuses two names of one database of PostgreSQL's.
async fn apart(from: &Store, to: &Store, args: &MigrateArgs) -> anyhow::Result<()> {
    let (one, other) = (without_secrets(&args.from), without_secrets(&args.to));
    let is_same = from.is_same(to).await?;
    let same = || anyhow::anyhow!("{one} and {other} are the same database: name where to copy it");
    understood((!is_same).then_some(()).ok_or_else(same))
}

/// The names of the processes that live on a store.
async fn living(store: &Store) -> anyhow::Result<String> {
    let living = store.workers.list(app::clock()() - SILENT_AFTER).await?;
    let names: Vec<_> = living.into_iter().map(|worker| worker.name).collect();
    Ok(names.join(", "))
}

/// Refuses where processes live that would go on to write.
async fn alone(store: &Store, name: &str, is_forced: bool) -> anyhow::Result<()> {
    let names = living(store).await?;
    if names.is_empty() {
        return Ok(());
    }
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
    let mut living = vec![living(from).await?];
    // Only looked at: it is not made.
    let (fit, content) = if store::is_missing(&args.to) {
        (Fit::Empty, portable::survey(from, watch).await?)
    } else {
        let to = open(&args.to).await?;
        apart(from, &to, args).await?;
        living.push(self::living(&to).await?);
        portable::fit(from, &to, watch).await?
    };
    living.retain(|names| !names.is_empty());
    if !living.is_empty() {
        let names = living.join(", ");
        tracing::warn!("workers are running ({names}): stop them before the copy itself");
    }
    let exit = if matches!(fit, Fit::Taken(_)) { Exit::Failed } else { Exit::Done };
    if context.output.json {
        let taken = match &fit {
            Fit::Taken(tables) => tables.clone(),
            Fit::Empty | Fit::Begun(_) => vec![],
        };
        let there = if let Fit::Begun(rows) = fit { rows } else { 0 };
        context.output.json(&serde_json::json!({
            "tables": content.tables,
            "bodies_elsewhere": content.bodies_elsewhere,
            "there": there,
            "taken": taken,
        }))?;
        return Ok(exit);
    }
    show(context, &content.tables)?;
    let to = without_secrets(&args.to);
    let told = told(&content.tables);
    let elsewhere = elsewhere(context, content.bodies_elsewhere);
    context.output.line(match fit {
        Fit::Empty => format!("Would copy {told} to {to}, which is empty.{elsewhere}"),
        Fit::Begun(rows) => format!(
            "Would go on copying {told} to {to}, which holds {} of these rows already.{elsewhere}",
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
