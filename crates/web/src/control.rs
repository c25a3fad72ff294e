//! The control API: what the pipeline does, and a hand on it.
//!
//! [`routes`] is the table of addresses; [`guard`] says who may; each module beside
//! answers some of them. Errors are [`problem::Problem`]s.

mod asked;
mod cache;
mod calls;
mod cards;
mod clients;
mod document;
mod events;
mod figures;
mod guard;
mod problem;
mod queue;
mod routes;
mod runs;
mod scheduler;
mod start;
mod status;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::routing::{MethodRouter, any};

use crate::site::Site;
pub(crate) use document::document;
pub(crate) use events::Feed;
pub(crate) use guard::readers_only;
use problem::Problem;
use routes::{ROUTES, Route};

/// Below these there is nothing but what [`ROUTES`] has.
const NOTHING: [&str; 8] = [
    "/pipeline/{*rest}",
    "/cache",
    "/cache/{category}/{*rest}",
    "/cards",
    "/cards/{kind}",
    "/cards/{kind}/{id}/{*rest}",
    "/clients/{name}",
    "/clients/{name}/{*rest}",
];

pub(crate) fn router(site: &Site) -> Router<Site> {
    let mut paths: BTreeMap<&str, (MethodRouter<Site>, Vec<&str>)> = BTreeMap::new();
    for route in ROUTES {
        let (methods, allowed) = paths.entry(route.path).or_default();
        *methods = std::mem::take(methods).merge(guarded(site, route));
        allowed.push(route.method.as_str());
    }
    let mut router = Router::new();
    for (path, (methods, allowed)) in paths {
        let allowed = allowed.join(", ");
        let refuse = move || async { Problem::Method(allowed) };
        router = router.route(path, methods.fallback(refuse));
    }
    for below in NOTHING {
        router = router.route(below, any(|| async { nothing_there() }));
    }
    router
}

fn guarded(site: &Site, route: &'static Route) -> MethodRouter<Site> {
    let site = site.clone();
    (route.handler)().layer(from_fn(move |request: Request, next: Next| {
        guard::guard(site.clone(), route, request, next)
    }))
}

fn nothing_there() -> Problem {
    Problem::NotFound("There is nothing at this address.".to_owned())
}
