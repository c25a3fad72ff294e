//! `restore`: a deployment out of a file.

use std::sync::Arc;
use std::time::Instant;

use store::{portable, without_secrets};

use super::args::RestoreArgs;
use super::migrate_store::{elsewhere, open, show, told};
use super::{Context, Exit};
use crate::output::duration;
use crate::progress::Progress;

pub(super) async fn restore(context: &Context, args: RestoreArgs) -> anyhow::Result<Exit> {
    let url = args.to.as_ref().unwrap_or(&context.config.settings.store.url);
    // A file that is damaged is refused before the store is made.
    let backup = portable::verify(&args.from).await?;
    let to = open(url).await?;
    let progress = Arc::new(Progress::new(&context.bars, context.quiet));
    let began = Instant::now();
    let restored = portable::restore(&backup, &to, &progress.watch()).await;
    progress.finish();
    restored?;
    let manifest = backup.manifest();
    if context.output.json {
        context.output.json(manifest)?;
        return Ok(Exit::Done);
    }
    show(context, &manifest.tables)?;
    context.output.line(format!(
        "Restored {} of {} into {} in {}; it was read again, and every table of it holds the same.{}",
        told(&manifest.tables),
        manifest.head.made_at,
        without_secrets(url),
        duration(began.elapsed()),
        elsewhere(context, manifest.bodies_elsewhere)
    ))?;
    Ok(Exit::Done)
}
