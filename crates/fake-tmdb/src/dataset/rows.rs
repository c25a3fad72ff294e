//! Titles and people as rows of lists, credits and searches.

use bytes::Bytes;
use domain::Kind;
use serde::Serialize;

use super::drift::Day;
use super::titles::{Person, Title};
use crate::generated::hash::mix;

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

#[derive(Serialize)]
pub(super) struct TitleRow<'t> {
    adult: bool,
    backdrop_path: Option<&'t str>,
    genre_ids: &'t [u64],
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin_country: Option<&'t [Box<str>]>,
    original_language: &'t str,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_title: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_name: Option<&'t str>,
    overview: String,
    popularity: f64,
    poster_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_date: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_air_date: Option<&'t str>,
    softcore: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    video: Option<bool>,
    vote_average: f64,
    vote_count: u64,
}

impl TitleRow<'_> {
    /// Says what it is, in lists of several kinds.
    pub(super) fn of_type(self, media_type: Option<&'static str>) -> Self {
        Self { media_type, ..self }
    }
}

/// A movie or a show as a row, without `media_type`.
pub(super) fn title_row(kind: Kind, title: &Title, day: Day) -> TitleRow<'_> {
    let is_movie = kind == Kind::Movie;
    TitleRow {
        adult: false,
        backdrop_path: title.backdrop.as_deref(),
        genre_ids: &title.genres,
        id: title.id,
        media_type: None,
        origin_country: (!is_movie).then_some(&title.countries),
        original_language: &title.language,
        original_title: is_movie.then_some(&title.original_name),
        original_name: (!is_movie).then_some(&title.original_name),
        overview: day.edited(title.id, &title.overview),
        popularity: day.popularity(title.id, title.popularity),
        poster_path: poster_path(kind, title),
        release_date: is_movie.then_some(&title.date),
        first_air_date: (!is_movie).then_some(&title.date),
        softcore: false,
        title: is_movie.then_some(&title.name),
        name: (!is_movie).then_some(&title.name),
        video: is_movie.then_some(false),
        vote_average: title.vote_average,
        vote_count: day.votes(title.id, title.vote_count),
    }
}

#[derive(Serialize)]
pub(super) struct PersonRow<'t> {
    adult: bool,
    gender: u8,
    id: u64,
    known_for_department: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<&'static str>,
    name: &'t str,
    original_name: &'t str,
    popularity: f64,
    profile_path: Option<&'t str>,
}

impl PersonRow<'_> {
    /// Says what it is, in lists of several kinds.
    pub(super) fn of_type(self, media_type: Option<&'static str>) -> Self {
        Self { media_type, ..self }
    }
}

/// A person as a row, without `media_type` and what they are known for.
pub(super) fn person_row(id: u64, person: &Person, day: Day) -> PersonRow<'_> {
    PersonRow {
        adult: person.adult,
        gender: person.gender,
        id,
        known_for_department: person.department.as_deref(),
        media_type: None,
        name: &person.name,
        original_name: person.original_name.as_deref().unwrap_or(&person.name),
        popularity: day.popularity(id, rounded(person.popularity)),
        profile_path: person.profile.as_deref(),
    }
}

/// The poster's path; one that no real picture has where none is known.
pub(super) fn poster_path(kind: Kind, title: &Title) -> String {
    if let Some(poster) = &title.poster {
        return poster.to_string();
    }
    let mut seed = mix(title.id << 8 | u64::from(kind.number()));
    let mut path = String::from("/");
    for _ in 0..27 {
        seed = mix(seed);
        let letter = usize::try_from(seed % 62).map_or(b'0', |at| LETTERS[at]);
        path.push(char::from(letter));
    }
    path + ".jpg"
}

/// Four decimals, as TMDB writes popularity.
pub(super) fn rounded(number: f64) -> f64 {
    (number * 10_000.0).round() / 10_000.0
}

/// The JSON text of a body that is made of plain values.
pub(super) fn json(body: &impl Serialize) -> Bytes {
    serde_json::to_vec(body).expect("bodies have text keys and finite numbers").into()
}
