//! All that is served, from one place.

use std::convert::Infallible;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::edge::Behind;
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
    let readers = from_fn_with_state(site.clone(), control::readers_only);
    let served = served::router().layer(readers);
    Router::new()
        .merge(tmdb::router())
        .merge(control::router(&site))
        .merge(images::router())
        .merge(metrics::router())
        .merge(openapi::router())
        .merge(probes::router(stop))
        .merge(served)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(site)
}

/// What stands before the router: who may ask for TMDB's, and what lies ready of it.
pub(crate) struct Front {
    pub(crate) site: Site,
    pub(crate) router: Router,
}

impl Behind for Front {
    async fn answer(&self, request: Request) -> Response {
        let (asked, body) = request.into_parts();
        if asked.uri.path().starts_with("/3/") {
            if let Some(refusal) = access::refusal(&self.site, &asked).await {
                return refusal;
            }
            if let Some(response) = tmdb::ready(&self.site, &asked) {
                return response;
            }
        }
        self.router.answer(Request::from_parts(asked, body)).await
    }
}

impl Behind for Router {
    async fn answer(&self, request: Request) -> Response {
        let Ok(response): Result<_, Infallible> = self.clone().oneshot(request).await;
        response
    }
}
