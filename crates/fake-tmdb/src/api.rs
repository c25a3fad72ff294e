//! TMDB's API: from a question to a reply, whatever the universe.

mod credentials;
mod details;
mod lists;
mod question;

use domain::Reference;
use domain::sighting::List;
use hyper::Method;

use crate::reply::{Cache, Reply};
use crate::server::State;
pub(crate) use question::Question;

/// Answers a question as TMDB does: first who asks, then what.
pub(crate) fn reply(
    state: &State,
    method: &Method,
    question: &Question,
    authorization: Option<&str>,
) -> Reply {
    if let Err(code) = credentials::check(state, question, authorization) {
        return Reply::error(code);
    }
    if method != Method::GET && method != Method::HEAD {
        return Reply::error(42);
    }
    let path = question.path.as_str();
    let day = state.day();
    if let Some(reference) = Reference::ALL.into_iter().find(|known| known.path() == path) {
        let cache = if path.starts_with("certification") { Cache::Private } else { Cache::NORMAL };
        let body = match question.query.get("language") {
            Some(language) => state.universe.reference_in(reference, language),
            None => state.universe.reference(reference),
        };
        return found(body, cache);
    }
    if List::all().into_iter().any(|list| list.path() == path) {
        return lists::page(state, question, None);
    }
    match question.segments()[..] {
        ["movie" | "tv" | "person", "changes"] => lists::changes(state, question),
        ["movie" | "tv" | "person", "latest"] => {
            found(state.universe.other(path, &question.query, day), Cache::NONE)
        }
        ["discover", "movie" | "tv"] => lists::page(state, question, None),
        ["search", _] if question.query.get("query").is_none_or(String::is_empty) => {
            Reply::invalid("query must be provided")
        }
        ["search", "movie" | "tv" | "person" | "multi" | "collection" | "company" | "keyword"] => {
            lists::page(state, question, None)
        }
        ["find", _] => find(state, question),
        _ => details::reply(state, question),
    }
}

fn find(state: &State, question: &Question) -> Reply {
    const SOURCES: [&str; 8] = [
        "imdb_id",
        "facebook_id",
        "instagram_id",
        "tvdb_id",
        "tiktok_id",
        "twitter_id",
        "wikidata_id",
        "youtube_id",
    ];
    let source = question.query.get("external_source");
    if !source.is_some_and(|source| SOURCES.contains(&source.as_str())) {
        return Reply::error(5);
    }
    let nothing = || {
        r#"{"movie_results":[],"person_results":[],"tv_results":[],"tv_episode_results":[],"tv_season_results":[]}"#
            .into()
    };
    let body = state.universe.other(&question.path, &question.query, state.day());
    Reply::ok(body.unwrap_or_else(nothing), Cache::NORMAL)
}

fn found(body: Option<bytes::Bytes>, cache: Cache) -> Reply {
    body.map_or_else(Reply::not_found, |body| Reply::ok(body, cache))
}
