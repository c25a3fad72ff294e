//! Details with what is appended to them, and their parts.

use bytes::Bytes;
use domain::{Key, Kind};

use super::{Question, found, lists};
use crate::compose;
use crate::reply::{Cache, Reply};
use crate::server::State;

/// Parts that are paged when asked for by themselves.
const PAGED: [&str; 6] =
    ["similar", "recommendations", "reviews", "lists", "tagged_images", "movies"];

pub(super) fn reply(state: &State, question: &Question) -> Reply {
    let segments = question.segments();
    let Some((key, part)) = read(state, &segments) else {
        return other(state, question);
    };
    if part.is_empty() {
        return detail(state, question, key);
    }
    // An old name that clients still ask by.
    let part = if part == ["similar_movies"] { "similar".to_owned() } else { part.join("/") };
    if !compose::is_part(key.kind(), &part) {
        return other(state, question);
    }
    if PAGED.contains(&part.as_str()) {
        return lists::page(state, question, Some((key, &part)));
    }
    let cache = if part == "changes" { Cache::SHORT } else { Cache::NORMAL };
    found(state.universe.part(key, &part, &question.query, state.day()), cache)
}

/// The key that a path starts with, and the segments behind it.
fn read<'a, 'b>(state: &State, segments: &'b [&'a str]) -> Option<(Key, &'b [&'a str])> {
    let (head, part) = match segments {
        ["tv", id, "season", season, "episode", episode, part @ ..] => {
            (Key::episode(id.parse().ok()?, season.parse().ok()?, episode.parse().ok()?), part)
        }
        ["tv", id, "season", season, part @ ..] => {
            (Key::season(id.parse().ok()?, season.parse().ok()?), part)
        }
        ["movie", imdb_id, part @ ..] if imdb_id.starts_with("tt") => {
            (Key::movie(movie_by_imdb_id(state, imdb_id)?), part)
        }
        [kind, id, part @ ..] => {
            let kind: Kind = kind.parse().ok().filter(|kind| *kind != Kind::Reference)?;
            (Key::new(kind, id.parse().ok()?, None, None).ok()?, part)
        }
        _ => return None,
    };
    Some((head, part))
}

fn movie_by_imdb_id(state: &State, imdb_id: &str) -> Option<u64> {
    let query = [("external_source".to_owned(), "imdb_id".to_owned())].into();
    let found = state.universe.other(&format!("find/{imdb_id}"), &query, state.day())?;
    let found: serde_json::Value = serde_json::from_slice(&found).ok()?;
    found["movie_results"][0]["id"].as_u64()
}

fn detail(state: &State, question: &Question, key: Key) -> Reply {
    let parts = question.parts();
    if parts.len() > compose::MAX_PARTS {
        return Reply::error(27);
    }
    let known: Vec<&str> =
        parts.into_iter().filter(|part| compose::is_part(key.kind(), part)).collect();
    let (query, day) = (&question.query, state.day());
    let body: Option<Bytes> = if known.is_empty() {
        state.universe.detail(key, query, day)
    } else {
        state.universe.composed(key, &known, query, day)
    };
    found(body, Cache::NORMAL)
}

fn other(state: &State, question: &Question) -> Reply {
    found(state.universe.other(&question.path, &question.query, state.day()), Cache::NORMAL)
}
