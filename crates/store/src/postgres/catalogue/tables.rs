//! The tables that records make, and their rows as they are sent.

use domain::catalogue::{
    Card, CastMember, CountryProviders, CrewMember, Person, PersonCredit, Rating, SimilarWork,
    Trailer, Work,
};
use domain::score::{Score, SourceScore};
use domain::{Key, Timestamp};
use serde::Serialize;

use super::super::batch::Table;
use super::super::values::{instant, key_columns, signed};
use crate::projection::names::thing_id;
use crate::projection::{self, Found};

/// A table, and its rows: the columns of the key, then the others.
macro_rules! table {
    ($table:ident = $name:literal of $row:ident $(<$life:lifetime>)? {
        $($key:ident: $key_type:ty),* ; $($other:ident: $type:ty),* $(,)?
    }) => {
        pub(super) const $table: Table = Table {
            name: $name,
            key: &[$(stringify!($key)),*],
            others: &[$(stringify!($other)),*],
        };

        #[derive(Serialize)]
        pub(super) struct $row $(<$life>)? {
            $(pub(super) $key: $key_type,)*
            $($other: $type,)*
        }
    };
}

table!(WORKS = "works" of WorksRow<'a> {
    work_id: i64;
    kind: &'a str,
    tmdb_id: i64,
    imdb_id: Option<&'a str>,
    title: &'a str,
    original_title: Option<&'a str>,
    original_language: Option<&'a str>,
    year: Option<i32>,
    release_date: Option<&'a str>,
    runtime_minutes: Option<u32>,
    genres: &'a [String],
    genre_words: Vec<String>,
    vote_average: Option<f64>,
    vote_count: i64,
    popularity: f64,
    adult: bool,
    text_hash: i64,
    last_refreshed_at: jiff::Timestamp,
    score: Option<f64>,
});

impl<'a> WorksRow<'a> {
    pub(super) fn new(work_id: i64, work: &'a Work, score: Option<&Score>) -> Self {
        let row = &work.row;
        Self {
            work_id,
            kind: &row.kind,
            tmdb_id: signed(row.tmdb_id),
            imdb_id: row.imdb_id.as_deref(),
            title: &row.title,
            original_title: row.original_title.as_deref(),
            original_language: row.original_language.as_deref(),
            year: row.year,
            release_date: row.release_date.as_deref(),
            runtime_minutes: row.runtime_minutes,
            genres: &row.genres,
            genre_words: row.genres.iter().map(|genre| genre_word(genre)).collect(),
            vote_average: row.vote_average,
            vote_count: signed(row.vote_count),
            popularity: row.popularity,
            adult: row.adult,
            text_hash: projection::text_hash(work),
            last_refreshed_at: instant(row.last_refreshed_at),
            score: score.map(|score| score.value),
        }
    }
}

/// A genre as it is searched. An index takes no long ones.
pub(in crate::postgres) fn genre_word(genre: &str) -> String {
    const LONGEST: usize = 200;
    projection::genre_word(genre).chars().take(LONGEST).collect()
}

table!(WORK_TEXTS = "work_texts" of TextsRow {
    work_id: i64;
    words: String,
});

impl TextsRow {
    pub(super) fn new(work_id: i64, work: &Work) -> Self {
        Self { work_id, words: vector(projection::texts(work)) }
    }
}

/// The words of texts, as a `tsvector` is written.
pub(in crate::postgres) fn vector<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    /// A vector holds a mebibyte; no title comes near.
    const MOST: usize = 1 << 19;
    let mut vector = String::new();
    for word in projection::words::of(texts) {
        if vector.len() < MOST {
            vector.push_str(&lexeme(&word));
            vector.push(' ');
        }
    }
    vector
}

/// A word as vectors and queries have it. They take no long ones.
pub(super) fn lexeme(word: &str) -> String {
    const LONGEST: usize = 2046;
    // Only letters and numbers are in a word, so that nothing in it means something else.
    format!("'{}'", &word[..word.floor_char_boundary(LONGEST)])
}

table!(WORKS_META = "works_meta" of MetaRow<'a> {
    work_id: i64;
    tagline: Option<&'a str>,
    overview: Option<&'a str>,
    overview_short: Option<&'a str>,
    status: Option<&'a str>,
    runtime_display: Option<&'a str>,
    certification: Option<&'a str>,
    poster_url_small: Option<&'a str>,
    poster_url_medium: Option<&'a str>,
    poster_url_large: Option<&'a str>,
    poster_url_original: Option<&'a str>,
    backdrop_url: Option<&'a str>,
    backdrop_url_mobile: Option<&'a str>,
    still_images: &'a [String],
    trailer_key: Option<&'a str>,
    trailers: &'a [Trailer],
    keywords: &'a [String],
    production_companies: &'a [String],
    production_countries: &'a [String],
    budget: Option<i64>,
    revenue: Option<i64>,
    seasons: Option<u32>,
    episodes: Option<u32>,
    last_air_date: Option<&'a str>,
    next_air_date: Option<&'a str>,
    networks: &'a [String],
    created_by: &'a [String],
    collection: Option<&'a str>,
    streaming: &'a [CountryProviders],
    cast_members: &'a [CastMember],
    crew_members: &'a [CrewMember],
    schema_version: u32,
});

impl<'a> MetaRow<'a> {
    pub(super) fn new(work_id: i64, work: &'a Work, schema_version: u32) -> Self {
        let images = &work.images;
        Self {
            work_id,
            tagline: work.tagline.as_deref(),
            overview: work.overview.as_deref(),
            overview_short: work.overview_short.as_deref(),
            status: work.status.as_deref(),
            runtime_display: work.runtime_display.as_deref(),
            certification: work.certification.as_deref(),
            poster_url_small: images.poster_small.as_deref(),
            poster_url_medium: images.poster_medium.as_deref(),
            poster_url_large: images.poster_large.as_deref(),
            poster_url_original: images.poster_original.as_deref(),
            backdrop_url: images.backdrop.as_deref(),
            backdrop_url_mobile: images.backdrop_mobile.as_deref(),
            still_images: &images.stills,
            trailer_key: work.trailer_key.as_deref(),
            trailers: &work.trailers,
            keywords: &work.keywords,
            production_companies: &work.companies,
            production_countries: &work.countries,
            budget: work.budget,
            revenue: work.revenue,
            seasons: work.seasons,
            episodes: work.episodes,
            last_air_date: work.last_air_date.as_deref(),
            next_air_date: work.next_air_date.as_deref(),
            networks: &work.networks,
            created_by: &work.created_by,
            collection: work.collection.as_deref(),
            streaming: &work.providers,
            cast_members: &work.cast,
            crew_members: &work.crew,
            schema_version,
        }
    }
}

table!(RATING_SOURCES = "rating_sources" of RatingRow<'a> {
    work_id: i64,
    source_name: &'a str;
    value_raw: f64,
    scale: f64,
    value_0_100: f64,
    votes_count: i64,
    last_seen_at: jiff::Timestamp,
});

impl<'a> RatingRow<'a> {
    pub(super) fn new(work_id: i64, rating: &'a Rating) -> Self {
        Self {
            work_id,
            source_name: &rating.source,
            value_raw: rating.value,
            scale: rating.scale,
            value_0_100: rating.value_0_100,
            votes_count: signed(rating.votes),
            last_seen_at: instant(rating.last_seen_at),
        }
    }
}

table!(AGGREGATES = "aggregates" of AggregateRow<'a> {
    work_id: i64;
    method_version: u32,
    score: f64,
    score_low: f64,
    score_high: f64,
    source_scores: &'a [SourceScore],
    computed_at: jiff::Timestamp,
});

impl<'a> AggregateRow<'a> {
    pub(super) fn new(work_id: i64, score: &'a Score) -> Self {
        Self {
            work_id,
            method_version: score.method_version,
            score: score.value,
            score_low: score.low,
            score_high: score.high,
            source_scores: &score.sources,
            computed_at: instant(score.computed_at),
        }
    }
}

table!(SIMILAR_WORKS = "similar_works" of SimilarRow<'a> {
    work_id: i64,
    source: &'a str,
    rank: u32;
    similar_work_id: i64,
    title: Option<&'a str>,
});

impl<'a> SimilarRow<'a> {
    pub(super) fn new(work_id: i64, similar: &'a SimilarWork) -> Self {
        let other = signed(similar.tmdb_id);
        Self {
            work_id,
            source: &similar.source,
            rank: similar.rank,
            similar_work_id: if similar.kind == "tv" { -other } else { other },
            title: similar.title.as_deref(),
        }
    }
}

table!(WORK_CARDS = "work_cards" of CardRow<'a> {
    work_id: i64;
    payload: &'a str,
    etag: &'a str,
});

impl<'a> CardRow<'a> {
    pub(super) fn new(work_id: i64, card: &'a Card) -> Self {
        Self { work_id, payload: &card.json, etag: &card.etag }
    }
}

table!(PEOPLE = "people" of PeopleRow<'a> {
    person_id: i64;
    imdb_id: Option<&'a str>,
    name: &'a str,
    also_known_as: &'a [String],
    biography: Option<&'a str>,
    birthday: Option<&'a str>,
    deathday: Option<&'a str>,
    place_of_birth: Option<&'a str>,
    known_for_department: Option<&'a str>,
    gender: Option<u32>,
    popularity: f64,
    profile_path: Option<&'a str>,
    adult: bool,
    last_refreshed_at: jiff::Timestamp,
    credits: &'a [PersonCredit],
});

impl<'a> PeopleRow<'a> {
    pub(super) fn new(person: &'a Person) -> Self {
        Self {
            person_id: signed(person.tmdb_id),
            imdb_id: person.imdb_id.as_deref(),
            name: &person.name,
            also_known_as: &person.also_known_as,
            biography: person.biography.as_deref(),
            birthday: person.birthday.as_deref(),
            deathday: person.deathday.as_deref(),
            place_of_birth: person.place_of_birth.as_deref(),
            known_for_department: person.known_for_department.as_deref(),
            gender: person.gender,
            popularity: person.popularity,
            profile_path: person.profile_path.as_deref(),
            adult: person.adult,
            last_refreshed_at: instant(person.last_refreshed_at),
            credits: &person.credits,
        }
    }
}

table!(THINGS = "things" of ThingsRow<'a> {
    kind: i16,
    id: i64,
    season: i32,
    episode: i32;
    name: Option<&'a str>,
    last_refreshed_at: jiff::Timestamp,
});

impl<'a> ThingsRow<'a> {
    pub(super) fn new(key: &Key, name: Option<&'a str>, fetched_at: Timestamp) -> Self {
        let (kind, id, season, episode) = key_columns(key);
        Self { kind, id, season, episode, name, last_refreshed_at: instant(fetched_at) }
    }
}

table!(FACETS = "facets" of FacetsRow<'a> {
    work_id: i64;
    names: &'a str,
    traits: String,
    last_refreshed_at: jiff::Timestamp,
});

impl<'a> FacetsRow<'a> {
    pub(super) fn new(work_id: i64, found: &'a Found, fetched_at: Timestamp) -> Self {
        let last_refreshed_at = instant(fetched_at);
        Self { work_id, names: &found.names, traits: hex(&found.traits), last_refreshed_at }
    }
}

/// As a `bytea` is written.
fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 + bytes.len() * 2);
    text.push_str("\\x");
    for byte in bytes {
        for digit in [byte >> 4, byte & 0xf] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    text
}

table!(WORK_NAMES = "work_names" of WorkNamesRow {
    work_id: i64;
    words: String,
});

table!(PERSON_NAMES = "person_names" of PersonNamesRow {
    person_id: i64;
    words: String,
});

table!(THING_NAMES = "thing_names" of ThingNamesRow {
    thing_id: i64;
    words: String,
});

impl WorkNamesRow {
    pub(super) fn new(work_id: i64, found: &Found) -> Self {
        Self { work_id, words: vector([found.names.as_str()]) }
    }
}

impl PersonNamesRow {
    pub(super) fn new(person: &Person) -> Self {
        let names = [&person.name].into_iter().chain(&person.also_known_as);
        Self { person_id: signed(person.tmdb_id), words: vector(names.map(String::as_str)) }
    }
}

impl ThingNamesRow {
    pub(super) fn new(key: &Key, name: Option<&str>) -> Option<Self> {
        Some(Self { thing_id: thing_id(key)?, words: vector(name) })
    }
}
