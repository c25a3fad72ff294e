//! All that is served, from one place.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use tokio_util::sync::CancellationToken;

use crate::images;
use crate::metrics;
use crate::openapi;
use crate::probes;
use crate::served;
use crate::site::Site;
use crate::{access, control, tmdb};

/// No request of ours has a longer body.
const LARGEST_BODY: usize = 64 << 10;

pub(crate) fn router(site: Site, stop: CancellationToken) -> Router {
    let tmdb = tmdb::router().layer(from_fn_with_state(site.clone(), access::guard));
    let readers = from_fn_with_state(site.clone(), control::readers_only);
    let served = served::router().layer(readers);
    Router::new()
        .merge(tmdb)
        .merge(control::router(&site))
        .merge(images::router())
        .merge(metrics::router())
        .merge(openapi::router())
        .merge(probes::router(stop))
        .merge(served)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(site)
}
