//! Whether the process lives, and whether it can serve.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::RunId;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::edge::refusal::problem;
use crate::site::Site;

/// A store that takes longer is as good as away.
const STORE_WITHIN: Duration = Duration::from_secs(2);

pub(crate) fn router(stop: CancellationToken) -> Router<Site> {
    let ready = move |State(site): State<Site>| ready(site, stop.clone());
    Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(ready))
}

async fn ready(site: Site, stop: CancellationToken) -> Response {
    let unready = |code, why: &str| problem(StatusCode::SERVICE_UNAVAILABLE, code, why, Some(5));
    if stop.is_cancelled() {
        return unready("stopping", "this process is about to end");
    }
    // The cheapest question there is.
    match timeout(STORE_WITHIN, site.stores().ledger.run(RunId(0))).await {
        Ok(Ok(_)) => "ready\n".into_response(),
        Ok(Err(error)) => unready("store", &format!("the store cannot be asked: {error}")),
        Err(_elapsed) => unready("store", "the store does not answer in time"),
    }
}
