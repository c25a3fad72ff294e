//! The drop-in TMDB v3 API: TMDB's paths, parameters, bodies and errors, from the own mirror.
//!
//! [`endpoints`] says what there is, [`query`] what was asked; each sort of
//! [`endpoints::Answers`] has a module that answers it.

mod answer;
mod changes;
mod compose;
mod demand;
mod details;
mod discover;
pub(crate) mod endpoints;
mod fault;
mod find;
mod given;
mod language;
mod lists;
mod page;
mod query;
mod question;
mod reference;
mod rows;
mod search;

use axum::Router;
use axum::extract::{RawPathParams, State};
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;

use crate::site::Site;
use answer::Answer;
pub(crate) use demand::whole_seconds;
use discover::Of;
use endpoints::{Answers, Endpoint};
pub(crate) use fault::Fault;
pub(crate) use given::{look_after, ready};
use query::Query;

/// What TMDB answers to a key that is good.
const VALID: &str = r#"{"success":true,"status_code":1,"status_message":"Success."}"#;

/// The parameters in a path, in its order: their names and what was given.
type InPath = Vec<(String, String)>;

/// The paths that are answered, as [`endpoints`] writes them.
pub(crate) fn paths() -> impl Iterator<Item = &'static str> {
    endpoints::all().map(|endpoint| endpoint.path)
}

pub(crate) fn router() -> Router<Site> {
    let mut router = Router::new();
    for endpoint in endpoints::all() {
        let handler = get(move |State(site): State<Site>, path: RawPathParams, uri: Uri| {
            handle(site, endpoint, path, uri)
        });
        router = router.route(endpoint.path, handler.fallback(|| async { Fault::Method }));
    }
    router.route("/3/{*rest}", axum::routing::any(|| async { Fault::NotFound }))
}

async fn handle(
    site: Site,
    endpoint: &'static Endpoint,
    path: RawPathParams,
    uri: Uri,
) -> Response {
    let path: InPath =
        path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    match Query::parse(uri.query().unwrap_or_default(), endpoint) {
        Ok(query) => given::respond(site, endpoint, &uri, path, query).await,
        Err(fault) => given::refuse(endpoint, fault),
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
        Answers::Reference(which) => reference::reference(site, which, query).await,
        Answers::Changes(feed) => changes::changes(site, feed, query).await,
        Answers::Latest(kind) => changes::latest(site, kind, query).await,
        Answers::Part(kind, name) => details::part(site, kind, name, path, query).await,
        Answers::List(list) => lists::list(site, list, query).await,
        Answers::Trending(of) => lists::trending(site, of, path, query).await,
        Answers::Search(sought) => search::search(site, sought, query).await,
        Answers::Discover(kind) => discover::discover(site, kind, query).await,
        Answers::Find => find::find(site, path, query).await,
        Answers::KeywordMovies => discover::movies_of(site, Of::Keyword, path, query).await,
        Answers::CompanyMovies => discover::movies_of(site, Of::Company, path, query).await,
        Answers::GenreMovies => discover::movies_of(site, Of::Genre, path, query).await,
        Answers::Beyond(why) => Err(Fault::Beyond(why)),
    }
}
