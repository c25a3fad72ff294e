//! `serve`: the mirror over HTTP, beside whatever collects.

use std::sync::Arc;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;
use web::{Server, Site};

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
    let stop = app::stop_on_signals()?;
    server.run(stop).await;
    Ok(Exit::Done)
}

/// Binds the configured address.
pub(super) async fn listen(settings: &Settings, store: &store::Store) -> anyhow::Result<Server> {
    let gallery = app::gallery(settings, store);
    let site = Site::new(app::stores(store), gallery, app::clock(), options(settings)?);
    bind(site, settings).await
}

fn options(settings: &Settings) -> anyhow::Result<web::Options> {
    Ok(web::Options {
        entries: settings.entries()?,
        harvest: plan(settings, &WantedArgs::default()),
        kept: settings.terms.kept(),
        entropy: Some(app::entropy()),
        ..settings.serve.options()
    })
}

async fn bind(site: Site, settings: &Settings) -> anyhow::Result<Server> {
    let server = web::serve(site).await.with_context(|| {
        let listen = &settings.serve.listen;
        format!("could not listen on {listen}; serve.listen chooses another address")
    })?;
    tracing::info!("serves on http://{}", server.address());
    Ok(server)
}

/// As [`listen`], for a process that collects too; `None` where it is not to serve.
pub(super) async fn beside(settings: &Settings, app: &app::App) -> anyhow::Result<Option<Server>> {
    if !settings.serve.is_wanted() {
        return Ok(None);
    }
    let pipeline = &app.pipeline;
    let site = Site::new(
        pipeline.stores.clone(),
        app.gallery.clone(),
        Arc::clone(&pipeline.clock),
        options(settings)?,
    );
    bind(site, settings).await.map(Some)
}

/// Serves until told to stop, or at once where there is nothing to serve.
pub(super) async fn run(server: Option<Server>, stop: &CancellationToken) {
    if let Some(server) = server {
        server.run(stop.clone()).await;
    }
}
