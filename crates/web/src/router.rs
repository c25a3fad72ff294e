//! All that is served, from one place.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use tokio_util::sync::CancellationToken;

use crate::images;
use crate::metrics;
use crate::openapi;
use crate::probes;
use crate::served;
use crate::site::Site;
use crate::tmdb;

/// No request of ours has a longer body.
const LARGEST_BODY: usize = 64 << 10;

pub(crate) fn router(site: Site, stop: CancellationToken) -> Router {
    Router::new()
        .merge(tmdb::router())
        .merge(images::router())
        .merge(metrics::router())
        .merge(openapi::router())
        .merge(probes::router(stop))
        .merge(served::router())
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(site)
}
