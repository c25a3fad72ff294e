//! `backup`: a deployment into a file.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::Timestamp;
use serde::Serialize;
use store::portable::{self, BackupOptions, Manifest};

use super::args::BackupArgs;
use super::migrate_store::{show, told};
use super::{Context, Exit};
use crate::app;
use crate::output::{count, duration, size};
use crate::progress::Progress;

/// A backup as programs are told of it.
#[derive(Serialize)]
struct Told<'a> {
    file: &'a Path,
    delete_by: Option<Timestamp>,
    #[serde(flatten)]
    manifest: &'a Manifest,
}

impl<'a> Told<'a> {
    fn of(context: &Context, file: &'a Path, manifest: &'a Manifest) -> Self {
        Self { file, delete_by: delete_by(context, manifest), manifest }
    }
}

pub(super) async fn backup(context: &Context, args: BackupArgs) -> anyhow::Result<Exit> {
    match (args.verify, args.to) {
        (Some(file), _) => verify(context, &file).await,
        (None, to) => write(context, &to.unwrap_or_default(), args.replace).await,
    }
}

async fn write(context: &Context, to: &Path, replace: bool) -> anyhow::Result<Exit> {
    let store = context.store().await?;
    let program = env!("CARGO_PKG_VERSION").to_owned();
    let options = BackupOptions { program, now: app::clock()(), replace };
    let progress = Arc::new(Progress::new(&context.bars, context.quiet));
    let began = Instant::now();
    let written = portable::backup(&store, to, options, &progress.watch()).await;
    progress.finish();
    let (path, manifest) = written?;
    if context.output.json {
        context.output.json(&Told::of(context, &path, &manifest))?;
        return Ok(Exit::Done);
    }
    context.output.line(format!(
        "Wrote {}: {} as {}, in {}.{}",
        path.display(),
        told(&manifest.tables),
        size(manifest.file_bytes),
        duration(began.elapsed()),
        notes(context, &manifest)
    ))?;
    Ok(Exit::Done)
}

async fn verify(context: &Context, file: &Path) -> anyhow::Result<Exit> {
    let backup = portable::verify(file).await?;
    let manifest = backup.manifest();
    if context.output.json {
        context.output.json(&Told::of(context, file, manifest))?;
        return Ok(Exit::Done);
    }
    show(context, &manifest.tables)?;
    context.output.line(format!(
        "{} is whole: {} of {}, made by cinemirror {}.{}",
        file.display(),
        told(&manifest.tables),
        manifest.head.made_at,
        manifest.head.program,
        notes(context, manifest)
    ))?;
    Ok(Exit::Done)
}

/// TMDB's terms hold for copies too.
fn delete_by(context: &Context, manifest: &Manifest) -> Option<Timestamp> {
    let days = u64::from(context.config.settings.terms.purge_days);
    manifest.oldest.map(|oldest| oldest + Duration::from_secs(days * 86_400))
}

/// What one must know who keeps a backup.
fn notes(context: &Context, manifest: &Manifest) -> String {
    let by = delete_by(context, manifest);
    let terms = by.map(|by| format!(" TMDB's terms want it deleted by {}.", by.date()));
    let elsewhere = Some(manifest.bodies_elsewhere).filter(|bodies| *bodies > 0);
    let elsewhere = elsewhere.map(|bodies| {
        format!(" {} bodies lie in an object store and are not in it.", count(bodies))
    });
    terms.into_iter().chain(elsewhere).collect()
}
