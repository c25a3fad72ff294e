//! The recorded universe on small folders.

pub(crate) mod corpus;

use std::fmt::Write;
use std::fs;

use domain::sighting::Export;
use domain::{Key, Kind, Reference};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Recorded, RecordedError};
use crate::universe::{Query, Universe};

/// A folder of recordings: endpoint, source, notes and body of each.
fn folder(name: &str, recordings: &[(&str, &str, &str, &str)]) -> TempDir {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join(name);
    fs::create_dir(&dir).unwrap();
    let mut index = "path\tendpoint\tcolour\trepo\tnotes\n".to_owned();
    for (number, (endpoint, repo, notes, body)) in recordings.iter().enumerate() {
        fs::write(dir.join(format!("{number}.json")), body).unwrap();
        let path = format!("recorded/{number}.json");
        writeln!(index, "{path}\t{endpoint}\tred\t{repo}\t{notes}").unwrap();
    }
    fs::write(dir.join("INDEX.tsv"), index).unwrap();
    parent
}

fn open(recordings: &[(&str, &str, &str, &str)]) -> Recorded {
    let parent = folder("taped", recordings);
    Recorded::open(&parent.path().join("taped")).unwrap()
}

fn query(pairs: &[(&str, &str)]) -> Query {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn parse(body: impl AsRef<[u8]>) -> Value {
    serde_json::from_slice(body.as_ref()).unwrap()
}

#[track_caller]
fn check(body: Option<bytes::Bytes>, expected: &Value) {
    assert_eq!(body.map(parse).as_ref(), Some(expected));
}

#[test]
fn the_first_day_serves_the_older_recording_and_later_days_the_newer() {
    let tmdb = open(&[
        ("GET /3/movie/5", "a@2026-06", "HTTP 200", r#"{"id":5,"votes":2}"#),
        ("GET /3/movie/5", "a@2025-12", "HTTP 200", r#"{"id":5,"votes":1}"#),
        ("GET /3/movie/6", "a@2025-12", "HTTP 200", r#"{"id":6}"#),
        ("GET /3/movie/6", "a@2026-06", "HTTP 404; real", r#"{"status_code":34}"#),
    ]);
    let detail = |id, day| tmdb.detail(Key::movie(id), &Query::new(), day);
    check(detail(5, 0), &json!({"id": 5, "votes": 1}));
    check(detail(5, 1), &json!({"id": 5, "votes": 2}));
    check(detail(6, 0), &json!({"id": 6}));
    assert_eq!(detail(6, 9), None);
    let changed = |from, to| tmdb.changed(Kind::Movie, from, to).len();
    assert_eq!((changed(0, 0), changed(0, 1), changed(2, 9)), (0, 2, 0));
}

#[test]
fn a_detail_is_bare_and_its_appended_parts_are_served_by_themselves() {
    let tmdb = open(&[(
        "GET /3/tv/7?append_to_response=images,season/2,absent&language=en",
        "a",
        "",
        r#"{"id":7,"images":{"logos":[]},"season/2":{"_id":"x"},"seasons":[{"season_number":2,"id":72}]}"#,
    )]);
    let tv = Key::tv(7);
    let seasons = json!([{"season_number": 2, "id": 72}]);
    check(tmdb.detail(tv, &Query::new(), 0), &json!({"id": 7, "seasons": seasons}));
    check(tmdb.part(tv, "images", &Query::new(), 0), &json!({"id": 7, "logos": []}));
    check(tmdb.part(tv, "season/2", &Query::new(), 0), &json!({"id": 72, "_id": "x"}));
    check(tmdb.detail(Key::season(7, 2), &Query::new(), 0), &json!({"id": 72, "_id": "x"}));
    assert_eq!(tmdb.part(tv, "absent", &Query::new(), 0), None);
    check(
        tmdb.composed(tv, &["season/2", "videos"], &Query::new(), 0),
        &json!({"id": 7, "seasons": seasons, "season/2": {"_id": "x"}}),
    );
    assert_eq!(tmdb.keys(), [tv]);
}

#[test]
fn a_recording_of_the_same_language_is_preferred() {
    let tmdb = open(&[
        ("GET /3/movie/5?language=de", "a", "", r#"{"id":5,"title":"Eins"}"#),
        ("GET /3/movie/5", "a", "", r#"{"id":5,"title":"One"}"#),
        ("GET /3/movie/5/credits?language=en", "a", "", r#"{"id":5,"cast":[]}"#),
    ]);
    let title = |asked: &[(&str, &str)]| {
        let body = tmdb.detail(Key::movie(5), &query(asked), 0);
        body.map(|body| parse(body)["title"].clone())
    };
    assert_eq!(title(&[]), Some(json!("One")));
    assert_eq!(title(&[("language", "de-DE")]), Some(json!("Eins")));
    assert_eq!(title(&[("language", "fr")]), Some(json!("One")));
    check(
        tmdb.composed(Key::movie(5), &["credits"], &query(&[("language", "de")]), 0),
        &json!({"id": 5, "title": "Eins", "credits": {"cast": []}}),
    );
}

#[test]
fn a_movie_asked_for_by_its_imdb_id_has_its_own_key() {
    let body = r#"{"id":9,"imdb_id":"tt009","genres":[{"id":18}],"title":"Nine"}"#;
    let tmdb = open(&[("GET /3/movie/tt009", "a", "", body)]);
    assert_eq!(tmdb.keys(), [Key::movie(9)]);
    check(tmdb.detail(Key::movie(9), &Query::new(), 0), &parse(body));
    check(tmdb.other("movie/tt009", &Query::new(), 0), &parse(body));
    let found = tmdb.other("find/tt009", &query(&[("external_source", "imdb_id")]), 0);
    let row = json!({"genre_ids": [18], "id": 9, "media_type": "movie", "title": "Nine"});
    assert_eq!(parse(found.unwrap())["movie_results"], json!([row]));
    let nothing = tmdb.other("find/tt010", &query(&[("external_source", "imdb_id")]), 0);
    assert_eq!(parse(nothing.unwrap())["movie_results"], json!([]));
}

#[test]
fn a_walk_over_a_recorded_list_ends() {
    let tmdb = open(&[
        ("GET /3/movie/popular", "a", "", r#"{"page":1,"total_pages":500}"#),
        ("GET /3/movie/popular?page=2", "a", "", r#"{"page":2,"total_pages":500}"#),
        ("GET /3/search/tv?query=Big%20Bang", "a", "", r#"{"page":1,"total_pages":1}"#),
    ]);
    let list = |path, page, asked: &[(&str, &str)]| tmdb.list(path, page, &query(asked), 0);
    let whole = |page| list("movie/popular", page, &[("page", "2")]).unwrap().whole;
    check(whole(1), &json!({"page": 1, "total_pages": 500}));
    check(whole(2), &json!({"page": 2, "total_pages": 500}));
    let beyond = list("movie/popular", 3, &[("page", "3")]).unwrap();
    assert_eq!((beyond.rows.len(), beyond.total_pages, beyond.total_results), (0, 2, 40));
    assert!(list("search/tv", 1, &[("query", "big bang")]).unwrap().whole.is_some());
    let other_search = list("search/tv", 1, &[("query", "else")]).unwrap();
    assert!(other_search.whole.is_none() && other_search.total_pages == 0);
    assert!(list("tv/popular", 1, &[]).is_none());
}

#[test]
fn an_export_names_every_recorded_key_of_its_kind() {
    let tmdb = open(&[
        ("GET /3/movie/5", "a", "", r#"{"id":5,"original_title":"V","popularity":1.5}"#),
        ("GET /3/movie/6", "a", "", r#"{"id":6,"adult":true,"original_title":"S"}"#),
        ("GET /3/keyword/3", "a", "", r#"{"id":3,"name":"plot"}"#),
    ]);
    let lines = |export| tmdb.export(export, 0).map(parse).collect::<Vec<_>>();
    let five =
        json!({"adult": false, "id": 5, "original_title": "V", "popularity": 1.5, "video": false});
    assert_eq!(lines(Export::Movie), [five]);
    assert_eq!(lines(Export::AdultMovie)[0]["id"], 6);
    assert_eq!(lines(Export::Keyword), [json!({"id": 3, "name": "plot"})]);
    assert!(lines(Export::Person).is_empty());
}

#[test]
fn rows_that_make_no_sense_are_counted_not_refused() {
    let parent = folder(
        "recorded",
        &[
            ("GET /3/movie/5", "a", "", r#"{"id":5}"#),
            ("GET /3/movie/6", "a", "", "<html>"),
            ("POST /3/list", "a", "", "{}"),
            ("GET /3/movie/7", "a", "HTTP 500", "{}"),
            ("GET /3/movie/8", "a", "", r#"{"success":false,"status_code":7}"#),
            ("GET /3/configuration/countries", "a", "", "[7]"),
        ],
    );
    let dir = parent.path().join("recorded");
    let mut index = fs::read(dir.join("INDEX.tsv")).unwrap();
    index.extend_from_slice(
        b"recorded/none.json\tGET /3/movie/9\n/etc/passwd\tGET /3/a\n\xff\n../x\t\n",
    );
    fs::write(dir.join("INDEX.tsv"), index).unwrap();
    for dir in [dir.as_path(), parent.path()] {
        let tmdb = Recorded::open(dir).unwrap();
        assert_eq!((tmdb.keys(), tmdb.skipped()), (vec![Key::movie(5)], 8));
        assert_eq!(tmdb.reference(Reference::Countries).unwrap(), "[7]");
    }
}

#[test]
fn a_folder_without_recordings_is_an_error() {
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(Recorded::open(empty.path()), Err(RecordedError::NoIndex { .. })));
    let parent = folder("x", &[("GET /3/movie/5", "a", "", "")]);
    let error = Recorded::open(&parent.path().join("x")).unwrap_err();
    assert!(matches!(error, RecordedError::Empty { rows: 1, .. }), "{error}");
}
