//! The small ready-made JSON of a title.

use domain::catalogue::{Card, Work};
use serde::Serialize;

/// Without instants, so that a refresh that brings nothing new keeps the card.
#[derive(Serialize)]
struct Shown<'a> {
    kind: &'a str,
    tmdb_id: u64,
    title: &'a str,
    original_title: Option<&'a str>,
    year: Option<i32>,
    release_date: Option<&'a str>,
    runtime_display: Option<&'a str>,
    certification: Option<&'a str>,
    genres: &'a [String],
    overview_short: Option<&'a str>,
    poster: Option<&'a str>,
    backdrop: Option<&'a str>,
    trailer_key: Option<&'a str>,
    vote_average: Option<f64>,
    vote_count: u64,
}

pub(super) fn of(work: &Work) -> Card {
    let row = &work.row;
    let shown = Shown {
        kind: &row.kind,
        tmdb_id: row.tmdb_id,
        title: &row.title,
        original_title: row.original_title.as_deref(),
        year: row.year,
        release_date: row.release_date.as_deref(),
        runtime_display: work.runtime_display.as_deref(),
        certification: work.certification.as_deref(),
        genres: &row.genres,
        overview_short: work.overview_short.as_deref(),
        poster: work.images.poster_medium.as_deref(),
        backdrop: work.images.backdrop.as_deref(),
        trailer_key: work.trailer_key.as_deref(),
        vote_average: row.vote_average,
        vote_count: row.vote_count,
    };
    let json = serde_json::to_string(&shown).expect("strings and numbers always make JSON");
    let hash = blake3::hash(json.as_bytes()).to_hex();
    let etag = format!("\"{}\"", &hash[..32]);
    Card { json, etag }
}
