//! `serve`: the mirror over HTTP, beside whatever collects.

use std::io::ErrorKind;
use std::sync::Arc;

use pipeline::Clock;
use pipeline::images::{Gallery, Supply};
use tokio_util::sync::CancellationToken;
use web::{Server, Site, SiteImages};

use super::args::WantedArgs;
use super::run::plan;
use super::{Context, Exit, understood};
use crate::app;
use crate::config::Settings;
use crate::memory;

/// An address that this process cannot have, however often it tries.
#[derive(Debug, thiserror::Error)]
#[error("could not serve on {0}; serve.listen chooses another address")]
pub(super) struct Unbindable(String);

pub(super) async fn serve(context: &Context) -> anyhow::Result<Exit> {
    let settings = &context.config.settings;
    let is_wanted = settings.serve.is_wanted();
    let empty = || anyhow::anyhow!("serve.listen is empty; set it to one such as 127.0.0.1:8484");
    understood(is_wanted.then_some(()).ok_or_else(empty))?;
    let stop = app::stop_on_signals()?;
    let open = async || app::open(settings).await;
    let Some(store) = app::when_it_can(settings, &stop, open).await? else { return Ok(Exit::Done) };
    let server = listen(settings, &store).await?;
    announce(context, &server)?;
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
    let server = web::serve(site).await.map_err(|error| {
        let listen = settings.serve.listen.clone();
        let is_another = matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied);
        let error = anyhow::Error::new(error);
        if is_another {
            error.context(Unbindable(listen))
        } else {
            error.context(format!("could not serve on {listen}"))
        }
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
        ..settings.serve.options(settings.refresh.rules(&settings.terms), memory::available())
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
