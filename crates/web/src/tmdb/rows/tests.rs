//! Rows as TMDB writes them: made again from recorded ones, where these are at hand.

use std::io::Write;
use std::path::{Path, PathBuf};

use domain::{Key, Kind, Timestamp};
use serde_json::{Value, json};

use super::{Style, row};
use crate::tmdb::language::Language;

fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/tmdb");
    let folder = std::env::var_os("CINEMIRROR_CORPUS").map_or(beside, PathBuf::from);
    if folder.join("recorded/INDEX.tsv").is_file() {
        return Some(folder);
    }
    writeln!(std::io::stdout(), "skipped: no recorded bodies at {}", folder.display()).ok();
    None
}

/// Paths, and what their rows are where these do not say so themselves.
const PAGES: [(&str, Option<Kind>); 14] = [
    ("GET /3/discover/movie", Some(Kind::Movie)),
    ("GET /3/discover/tv", Some(Kind::Tv)),
    ("GET /3/movie/popular", Some(Kind::Movie)),
    ("GET /3/movie/now_playing", Some(Kind::Movie)),
    ("GET /3/tv/airing_today", Some(Kind::Tv)),
    ("GET /3/tv/on_the_air", Some(Kind::Tv)),
    ("GET /3/person/popular", Some(Kind::Person)),
    ("GET /3/search/movie", Some(Kind::Movie)),
    ("GET /3/search/person", Some(Kind::Person)),
    ("GET /3/search/collection", Some(Kind::Collection)),
    ("GET /3/search/company", Some(Kind::Company)),
    ("GET /3/search/keyword", Some(Kind::Keyword)),
    ("GET /3/search/multi", None),
    ("GET /3/trending/", None),
];

/// The recorded rows of lists: path, kind and row.
fn rows(corpus: &Path) -> Vec<(String, Kind, Value)> {
    let index = std::fs::read_to_string(corpus.join("recorded/INDEX.tsv")).unwrap();
    let mut found = vec![];
    for line in index.lines().filter(|line| line.contains("@2026-06")) {
        let mut columns = line.split('\t');
        let (Some(path), Some(endpoint)) = (columns.next(), columns.next()) else { continue };
        let page = PAGES.iter().find(|(start, _)| endpoint.starts_with(start));
        let Some((_, kind)) = page else { continue };
        let text = std::fs::read(corpus.join(path)).unwrap();
        let body: Value = serde_json::from_slice(&text).unwrap();
        for row in body["results"].as_array().into_iter().flatten() {
            let named = || row["media_type"].as_str().and_then(|kind| kind.parse().ok());
            if let Some(kind) = kind.or_else(named) {
                found.push((endpoint.to_owned(), kind, row.clone()));
            }
        }
    }
    found
}

/// The body whose row it is.
fn body(row: &Value) -> Value {
    let mut body = row.clone();
    let genres = row["genre_ids"].as_array().into_iter().flatten().map(|id| json!({"id": id}));
    body["genres"] = genres.collect();
    body["combined_credits"] = json!({"cast": row["known_for"], "crew": row["known_for"]});
    body
}

/// What is in no order of meaning is sorted; whole numbers are decimal.
fn comparable(mut row: Value) -> Value {
    if let Some(known) = row.get_mut("known_for").and_then(Value::as_array_mut) {
        for one in known.iter_mut() {
            *one = comparable(one.take());
        }
        known.sort_by_key(|one| one["id"].as_u64());
    }
    // A person's body does not tell it.
    if row.get("known_for_department").is_some() {
        row["original_name"] = row["name"].clone();
    }
    for name in ["popularity", "vote_average"] {
        if let Some(number) = row.get(name).and_then(Value::as_f64) {
            row[name] = number.into();
        }
    }
    row
}

#[test]
fn a_row_is_what_tmdb_lists() {
    let Some(corpus) = corpus() else { return };
    let rows = rows(&corpus);
    assert!(rows.len() > 300, "only {} rows", rows.len());
    for (endpoint, kind, wanted) in rows {
        let key = Key::new(kind, wanted["id"].as_u64().unwrap(), None, None).unwrap();
        let body = body(&wanted).to_string();
        let record = records::record(key, body.as_bytes(), "x", Timestamp::default()).unwrap().0;
        let style = match endpoint.split('/').nth(2) {
            Some("trending") => Style::Trending,
            _ if endpoint.contains("/multi") => Style::Mixed,
            _ => Style::Plain,
        };
        let made = row(&record, &Language::default(), style).unwrap();
        assert_eq!(comparable(made), comparable(wanted), "{endpoint} {key}");
    }
}

#[test]
fn a_title_is_called_what_it_is_called_in_the_language() {
    let body = json!({
        "id": 1, "title": "The Mat", "original_title": "Die Matte", "original_language": "de",
        "overview": "A floor covering.", "poster_path": "/own.jpg",
        "images": {"posters": [
            {"file_path": "/en.jpg", "iso_639_1": "en"}, {"file_path": "/fr.jpg", "iso_639_1": "fr"},
        ]},
        "translations": {"translations": [
            {"iso_639_1": "fr", "iso_3166_1": "FR", "data": {"title": "Le Tapis", "overview": ""}},
            {"iso_639_1": "pt", "iso_3166_1": "BR", "data": {"title": "", "overview": "Um chão."}},
        ]},
    });
    let body = body.to_string();
    let record = records::record(Key::movie(1), body.as_bytes(), "x", Timestamp::default());
    let record = record.unwrap().0;
    for (language, title, overview, poster) in [
        ("en-US", "The Mat", "A floor covering.", "/own.jpg"),
        ("fr-FR", "Le Tapis", "", "/fr.jpg"),
        ("fr-CA", "Le Tapis", "", "/fr.jpg"),
        ("de-DE", "Die Matte", "", "/own.jpg"),
        ("pt-PT", "The Mat", "Um chão.", "/own.jpg"),
    ] {
        let row = row(&record, &language.parse().unwrap(), Style::Plain).unwrap();
        let found = (&row["title"], &row["overview"], &row["poster_path"]);
        assert_eq!(found, (&json!(title), &json!(overview), &json!(poster)), "{language}");
    }
}
