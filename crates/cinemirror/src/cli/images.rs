//! `images`: fetch, count, verify, purge, find.

use std::time::Duration;

use domain::Key;
use domain::images::{ImageKind, ImageName, ImageStats};
use pipeline::images::{Address, Gallery, Synced, sync, verify};

use super::args::ImagesCommand;
use super::{Context, Exit};
use crate::app;
use crate::output::{count, size};
use crate::progress::Progress;

pub(super) async fn images(context: &Context, command: ImagesCommand) -> anyhow::Result<Exit> {
    match command {
        ImagesCommand::Sync { limit, kinds } => fetch(context, limit, &kinds).await,
        ImagesCommand::Status => status(context).await,
        ImagesCommand::Verify { repair } => check(context, repair).await,
        ImagesCommand::Purge { keys } => purge(context, &keys).await,
        ImagesCommand::Address { size, path } => address(context, &size, &path).await,
    }
}

async fn gallery(context: &Context) -> anyhow::Result<Gallery> {
    Ok(app::gallery(&context.config.settings, &context.store().await?))
}

async fn fetch(context: &Context, limit: Option<u64>, kinds: &[ImageKind]) -> anyhow::Result<Exit> {
    let settings = &context.config.settings;
    anyhow::ensure!(
        settings.images.enabled,
        "images are off: set images.enabled = true in cinemirror.toml, or CINEMIRROR__IMAGES__ENABLED=true"
    );
    let options = settings.images.sync(&settings.terms, kinds, limit);
    let client = app::keyless_client(settings)?;
    let gallery = gallery(context).await?;
    let stop = app::stop_on_signals()?;
    let progress = Progress::new(&context.bars, context.quiet);
    let done = sync(&gallery, &client, &options, &app::clock(), &progress, &stop).await;
    progress.finish();
    let synced = done?;
    if context.output.json {
        context.output.json(&synced)?;
    } else {
        for line in sentences(&synced) {
            context.output.line(line)?;
        }
    }
    Ok(match synced {
        Synced { is_stopped: true, .. } => Exit::Stopped,
        Synced { failed: 1.., .. } => Exit::Partly,
        _ => Exit::Done,
    })
}

fn sentences(synced: &Synced) -> Vec<String> {
    let mut lines = vec![format!(
        "{} images wanted: {} were there, {} fetched ({}).",
        count(synced.wanted),
        count(synced.kept),
        count(synced.fetched),
        size(synced.fetched_bytes)
    )];
    let mut say = |number: u64, text: &str| {
        if number > 0 {
            lines.push(format!("{} {text}", count(number)));
        }
    };
    say(synced.gone, "are not at TMDB; they are not asked for again.");
    say(synced.failed, "failed; a later sync tries them again.");
    say(synced.waiting, "failed before, and their time has not come.");
    say(synced.evicted, "dropped to keep to images.max_gib, the least recently used first.");
    say(synced.swept, "leftover files deleted.");
    if synced.is_full {
        lines.push("There is no room for more; raise images.max_gib to hold more.".to_owned());
    }
    if synced.is_stopped {
        lines.push("Stopped before the end; the next sync goes on.".to_owned());
    }
    lines
}

async fn status(context: &Context) -> anyhow::Result<Exit> {
    let settings = &context.config.settings.images;
    let stats: ImageStats = context.store().await?.images.stats().await?;
    let cap = settings.cap_bytes();
    if context.output.json {
        let shown = serde_json::json!({
            "enabled": settings.enabled, "folder": settings.folder, "cap_bytes": cap,
            "stats": stats,
        });
        context.output.json(&shown)?;
        return Ok(Exit::Done);
    }
    let rows = stats.held.iter().map(|held| {
        let (kind, name) = (held.kind.to_string(), held.size.to_string());
        vec![kind, name, count(held.images), size(held.bytes)]
    });
    context.output.table(&["kind", "size", "images #", "bytes #"], rows.collect())?;
    context.output.line(format!(
        "{} images, {} of {} in {}.",
        count(stats.images),
        size(stats.bytes),
        size(cap),
        settings.folder
    ))?;
    if let Some(oldest) = stats.oldest_fetched_at {
        context.output.line(format!("The oldest was fetched {oldest}."))?;
    }
    if stats.gone + stats.failed > 0 {
        context.output.line(format!(
            "{} are not at TMDB, {} failed and are tried again; TMDB's address stands in for them.",
            count(stats.gone),
            count(stats.failed)
        ))?;
    }
    if !settings.enabled {
        context.output.line("Images are off (images.enabled); nothing is fetched.")?;
    }
    Ok(Exit::Done)
}

async fn check(context: &Context, repair: bool) -> anyhow::Result<Exit> {
    let (images, faults) = verify(&gallery(context).await?, repair).await?;
    if context.output.json {
        context.output.json(&serde_json::json!({"images": images, "faults": faults}))?;
    } else {
        for fault in &faults {
            context.output.line(format!("{}: {}", fault.image, fault.what))?;
        }
        let advice = match (faults.is_empty(), repair) {
            (true, _) => "",
            (false, true) => " They were dropped; the next sync fetches them anew.",
            (false, false) => " `cinemirror images verify --repair` drops them.",
        };
        let found = faults.len() as u64;
        context.output.line(format!(
            "{} images looked at, {} faults.{advice}",
            count(images),
            count(found)
        ))?;
    }
    Ok(if faults.is_empty() || repair { Exit::Done } else { Exit::Failed })
}

async fn purge(context: &Context, keys: &[Key]) -> anyhow::Result<Exit> {
    let gallery = gallery(context).await?;
    let dropped = if keys.is_empty() {
        let days = context.config.settings.terms.purge_days;
        gallery.purge(app::clock()() - Duration::from_hours(24) * days).await?
    } else {
        gallery.remove(keys).await?
    };
    if context.output.json {
        context.output.json(&serde_json::json!({"images": dropped}))?;
    } else {
        context.output.line(format!("{} images dropped.", count(dropped)))?;
    }
    Ok(Exit::Done)
}

async fn address(context: &Context, size: &str, path: &str) -> anyhow::Result<Exit> {
    let name = ImageName::new(size, path)?;
    let address = gallery(context).await?.address(&name, app::clock()()).await?;
    let (is_local, shown) = match address {
        Address::Local(path) => (true, path.display().to_string()),
        Address::Tmdb(url) => (false, url),
    };
    if context.output.json {
        context.output.json(&serde_json::json!({"local": is_local, "address": shown}))?;
    } else {
        context.output.line(shown)?;
    }
    Ok(Exit::Done)
}
