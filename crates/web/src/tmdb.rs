//! The drop-in TMDB v3 API: TMDB's paths, parameters, bodies and errors, from the own mirror.
//!
//! [`endpoints`] says what there is, [`query`] what was asked; each sort of
//! [`endpoints::Answers`] has a module that answers it.

mod answer;
mod demand;
mod details;
mod endpoints;
mod fault;
mod language;
mod query;

use axum::Router;
use axum::extract::{RawPathParams, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::site::Site;
use answer::Answer;
use endpoints::{Answers, Endpoint};
pub(crate) use fault::Fault;
use query::Query;

/// What TMDB answers to a key that is good.
const VALID: &str = r#"{"success":true,"status_code":1,"status_message":"Success."}"#;

/// The parameters in a path, in its order: their names and what was given.
type InPath = Vec<(String, String)>;

pub(crate) fn router() -> Router<Site> {
    let mut router = Router::new();
    for endpoint in endpoints::all() {
        let handler =
            get(move |State(site): State<Site>, path: RawPathParams, RawQuery(query): RawQuery| {
                handle(site, endpoint, path, query)
            });
        router = router.route(endpoint.path, handler.fallback(|| async { Fault::Method }));
    }
    router.route("/3/{*rest}", axum::routing::any(|| async { Fault::NotFound }))
}

async fn handle(
    site: Site,
    endpoint: &'static Endpoint,
    path: RawPathParams,
    query: Option<String>,
) -> Response {
    let path: InPath =
        path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let answered = match Query::parse(query.as_deref().unwrap_or_default(), endpoint) {
        Ok(query) => answer(&site, endpoint, &path, &query).await,
        Err(fault) => Err(fault),
    };
    match answered {
        Ok(answer) => answer.into_response(),
        Err(fault) => fault.into_response(),
    }
}

async fn answer(
    site: &Site,
    endpoint: &'static Endpoint,
    path: &InPath,
    query: &Query,
) -> Result<Answer, Fault> {
    match endpoint.answers {
        Answers::Details(kind) => details::details(site, kind, path, query).await,
        // Who has no good key does not come so far.
        Answers::Validation => Ok(Answer { max_age: 0, ..Answer::new(VALID) }),
        Answers::Beyond(why) => Err(Fault::Beyond(why)),
        _ => Err(Fault::Beyond("this part of the mirror is not served yet.")),
    }
}
