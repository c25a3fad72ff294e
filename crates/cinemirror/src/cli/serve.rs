//! `serve`: the mirror over HTTP, beside whatever collects.

use std::sync::Arc;

use anyhow::Context as _;
use pipeline::Clock;
use pipeline::images::{Gallery, Supply};
use tokio_util::sync::CancellationToken;
use web::{Server, Site, SiteImages};

use super::args::WantedArgs;
use super::run::plan;
use super::{Context, Exit};
use crate::app;
use crate::config::Settings;

pub(super) async fn serve(context: &Context) -> anyhow::Result<Exit> {
    let settings = &context.config.settings;
    anyhow::ensure!(
        settings.serve.is_wanted(),
        "serve.listen is empty; set it to an address such as 127.0.0.1:8484"
    );
    let store = app::open(settings).await?;
    let server = listen(settings, &store).await?;
    announce(context, &server)?;
    let stop = app::stop_on_signals()?;
    server.run(stop).await;
    Ok(Exit::Done)
}

/// Binds the configured address.
pub(super) async fn listen(settings: &Settings, store: &store::Store) -> anyhow::Result<Server> {
    let images = images(settings, app::gallery(settings, store), app::clock())?;
    let site = Site::new(app::stores(store), images, app::clock(), options(settings)?);
    bind(site, settings).await
}

/// Tells programs where it listens; people read the log.
pub(super) fn announce(context: &Context, server: &Server) -> anyhow::Result<()> {
    if !context.output.json {
        return Ok(());
    }
    let url = format!("{}://{}", server.scheme(), server.address());
    context.output.json(&serde_json::json!({ "url": url }))
}

async fn bind(site: Site, settings: &Settings) -> anyhow::Result<Server> {
    let server = web::serve(site).await.with_context(|| {
        let listen = &settings.serve.listen;
        format!("could not serve on {listen}; serve.listen chooses another address")
    })?;
    tracing::info!("serves on {}://{}", server.scheme(), server.address());
    Ok(server)
}

/// As [`listen`], for a process that collects too; `None` where it is not to serve.
pub(super) async fn beside(settings: &Settings, app: &app::App) -> anyhow::Result<Option<Server>> {
    if !settings.serve.is_wanted() {
        return Ok(None);
    }
    let images = images(settings, app.gallery.clone(), Arc::clone(&app.pipeline.clock))?;
    let site = Site::beside(&app.pipeline, images, options(settings)?);
    bind(site, settings).await.map(Some)
}

/// Serves until told to stop, or at once where there is nothing to serve.
pub(super) async fn run(server: Option<Server>, stop: &CancellationToken) {
    if let Some(server) = server {
        server.run(stop.clone()).await;
    }
}

fn options(settings: &Settings) -> anyhow::Result<web::Options> {
    Ok(web::Options {
        entries: settings.entries()?,
        harvest: plan(settings, &WantedArgs::default()),
        kept: settings.terms.kept(),
        entropy: Some(app::entropy()),
        ..settings.serve.options(settings.refresh.rules(&settings.terms))
    })
}

/// What shows images, where they are on.
fn images(settings: &Settings, gallery: Gallery, clock: Clock) -> anyhow::Result<SiteImages> {
    let wait = settings.serve.wait();
    let supply = if settings.images.enabled {
        let tmdb = app::keyless_client(settings)?;
        Some(Supply::new(gallery.clone(), tmdb, clock, settings.images.supply(wait)))
    } else {
        None
    };
    Ok(SiteImages { gallery, supply })
}
