//! All that is served, from one place.

use axum::Router;

use crate::site::Site;
use crate::tmdb;

pub(crate) fn router(site: Site) -> Router {
    Router::new().merge(tmdb::router()).with_state(site)
}
