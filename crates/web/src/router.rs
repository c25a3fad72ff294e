//! All that is served, from one place.

use axum::Router;

use crate::images;
use crate::site::Site;
use crate::tmdb;

pub(crate) fn router(site: Site) -> Router {
    Router::new().merge(tmdb::router()).merge(images::router()).with_state(site)
}
