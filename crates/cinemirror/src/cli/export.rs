//! `export`: tables and records as files.

use std::sync::Arc;

use export::{Base, ExportError, Format, Manifest, Place, Plan, Stores};

use super::args::ExportArgs;
use super::{Context, Exit, understood};
use crate::app;
use crate::output::{count, size};
use crate::progress::Progress;
use pipeline::watch::{Event, Watch};

const MIB: u64 = 1 << 20;

pub(super) async fn export(context: &Context, args: ExportArgs) -> anyhow::Result<Exit> {
    let options = &context.config.settings.archive.aws.options();
    let place = asked(Place::open(&args.to, options))?;
    let base = match &args.since {
        Some(since) => Some(asked(Base::find(since, &place, options).await)?),
        None => None,
    };
    let plan = plan(context, &args, base.as_ref());
    let stores = stores(&context.store().await?);
    let stop = app::stop_on_signals()?;
    let progress = Progress::new(&context.bars, context.quiet);
    let watch = |rows| progress.see(Event::Passed { records: rows });
    let exported = tokio::select! {
        exported = export::export(&stores, &place, &plan, base.as_ref(), &watch) => exported,
        () = stop.cancelled() => {
            progress.finish();
            context.output.line("Stopped before the end: what was written has no manifest, and the next export to the same place replaces it.")?;
            return Ok(Exit::Stopped);
        }
    };
    progress.finish();
    let manifest = asked(exported)?;
    if context.output.json {
        context.output.json(&manifest)?;
    } else {
        tell(context, &manifest, &place)?;
    }
    Ok(Exit::Done)
}

/// What was asked for and makes no sense is the command line's fault.
pub(super) fn asked<T>(done: Result<T, ExportError>) -> anyhow::Result<T> {
    match done {
        Err(error @ ExportError::Asked(_)) => understood(Err(error.into())),
        other => Ok(other?),
    }
}

pub(super) fn stores(store: &store::Store) -> Stores {
    Stores { archive: Arc::clone(&store.archive), catalog: Arc::clone(&store.catalog) }
}

fn plan(context: &Context, args: &ExportArgs, base: Option<&Base>) -> Plan {
    let format = args.format.map(Format::from);
    // A pack is held in memory when it is taken back.
    let is_packs = format.or(base.map(|base| base.manifest.format)) == Some(Format::Protobuf);
    let mib = args.file_mib.unwrap_or(if is_packs { 64 } else { 256 });
    Plan {
        format,
        kinds: args.kinds.clone(),
        tables: args.tables.clone(),
        plain: args.plain,
        file_bytes: mib * MIB,
        replace: args.replace,
        now: app::clock()(),
        kept: context.config.settings.terms.kept(),
        made_by: format!("cinemirror {}", env!("CARGO_PKG_VERSION")),
    }
}

fn tell(context: &Context, manifest: &Manifest, place: &Place) -> anyhow::Result<()> {
    let output = context.output;
    let rows = manifest
        .tables
        .iter()
        .map(|entry| vec![entry.table.to_string(), count(entry.rows), size(entry.bytes)]);
    output.table(&["table", "rows #", "bytes #"], rows.collect())?;
    let bytes = manifest.files.iter().map(|file| file.bytes).sum();
    output.line(format!(
        "{} rows, {} in {} files at {place}; this is version {}.",
        count(manifest.rows()),
        size(bytes),
        count(manifest.files.len() as u64),
        manifest.version
    ))?;
    if let Some(delta) = &manifest.delta {
        output.line(format!("A delta since version {}.", delta.since))?;
    }
    if manifest.left_out_as_too_old > 0 {
        output.line(format!(
            "{} rows were left out: TMDB's terms let nobody keep them any longer.",
            count(manifest.left_out_as_too_old)
        ))?;
    }
    if let Some(by) = manifest.delete_by {
        let day = by.date();
        output
            .line(format!("TMDB's terms ask for the files to be deleted or replaced by {day}."))?;
    }
    Ok(())
}
