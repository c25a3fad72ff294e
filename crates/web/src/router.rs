//! All that is served, from one place.

use axum::Router;
use axum::middleware::from_fn_with_state;

use crate::site::Site;
use crate::{access, control, tmdb};

pub(crate) fn router(site: Site) -> Router {
    let tmdb = tmdb::router().layer(from_fn_with_state(site.clone(), access::guard));
    Router::new().merge(tmdb).merge(control::router(&site)).with_state(site)
}
