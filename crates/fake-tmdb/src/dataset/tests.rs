//! The data-set universe on small folders.

mod corpus;

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use domain::{Key, Kind};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::{Dataset, DatasetError};
use crate::recorded::tests::parse;
use crate::universe::{Query, Rows, Universe};

const MOVIES: &str = r#"id,title,original_title,original_language,overview,genres,keywords,popularity,release_date,runtime,vote_average,vote_count,budget,production_companies,production_countries,spoken_languages,status
11,Star Dust,Star Dust,en,Far away.,"[{""id"":12,""name"":""Adventure""},{""id"":878,""name"":""Science Fiction""}]","[{""id"":7,""name"":""space""},{""id"":3,""name"":""saga""}]",50.5,1977-05-25,121.0,8.1,6000,11000000,"[{""id"":1,""name"":""Ranch""}]","[{""iso_3166_1"":""US"",""name"":""United States""}]","[{""iso_639_1"":""en"",""name"":""English""}]",Released
12,Nebel,Der Nebel,de,,"[{""id"":18,""name"":""Drama""}]","[{""id"":7,""name"":""space""},{""id"":""x""}]",7,NaN,,6.5,300,,nonsense,[],[],Released
12,Nebel again,,,,,,,,,,,,,,,
x,No id,,,,,,,,,,,,,,,
13,Short
"#;

const CREDITS: &str = r#"movie_id,title,cast,crew
11,Star Dust,"[{""cast_id"":3,""character"":""Ann"",""credit_id"":""52fe"",""gender"":1,""id"":101,""name"":""Mia Ray"",""order"":0}]","[{""credit_id"":""53aa"",""department"":""Directing"",""gender"":2,""id"":102,""job"":""Director"",""name"":""Leo Fox""}]"
12,Nebel,"[{""id"":101,""name"":""Mia Ray""},{""name"":""Nobody""}]",not json
"#;

const SHOWS: &str = r#"{"series_id":5,"imdb_id":"tt005","name":"Tide","original_name":"Marea","first_air_date":"2001-02-03","last_air_date":"2002-01-01","status":"Ended","popularity":9.5,"vote_average":7.5,"vote_count":250,"type":"Scripted","poster_path":"/tide.jpg","backdrop_path":null,"seasons":[{"_id":"a","id":50,"air_date":"2001-02-03","name":"Specials","overview":"","season_number":0,"poster_path":null,"vote_average":0,"episodes":[]},{"_id":"b","id":51,"air_date":"2001-02-03","name":"Season 1","overview":"","season_number":1,"poster_path":null,"vote_average":7.5,"networks":[{"id":9,"name":"Rai","logo_path":null,"origin_country":"IT"}],"episodes":[{"id":511,"show_id":5,"episode_number":1,"season_number":1,"air_date":"2001-02-03","name":"Ebb","crew":[{"id":102,"name":"Leo Fox","job":"Writer","department":"Writing","credit_id":"e1"}],"guest_stars":[{"id":103,"name":"Ada","original_name":"Ada","character":"Sea","credit_id":"e2","order":500,"popularity":2.5}]}]}]}
not json
{"series_id":5,"name":"again"}
{"name":"no id"}
"#;

const LIST: &str = r#"{"tv":[{"id":5,"name":"Tide","genre_ids":[18],"overview":"Sea.","original_language":"it","origin_country":["IT"]},{"id":6,"name":"Other","genre_ids":[]}]}"#;

fn pack(path: &Path, text: &str) {
    let mut gzip = GzEncoder::new(File::create(path).unwrap(), Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap();
}

fn small() -> Dataset {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["a/films", "a/shows", "a/lists"] {
        fs::create_dir_all(dir.path().join(folder)).unwrap();
    }
    pack(&dir.path().join("a/films/my_movies.csv.gz"), MOVIES);
    fs::write(dir.path().join("a/films/my_credits.csv"), CREDITS).unwrap();
    pack(&dir.path().join("a/shows/seasons.jsonl.gz"), SHOWS);
    fs::write(dir.path().join("a/lists/rows.json"), LIST).unwrap();
    Dataset::open(dir.path()).unwrap()
}

fn detail(data: &Dataset, key: Key, day: u32) -> Value {
    parse(data.detail(key, &Query::new(), day).unwrap())
}

fn part(data: &Dataset, key: Key, part: &str) -> Value {
    parse(data.part(key, part, &Query::new(), 0).unwrap())
}

fn page(data: &Dataset, path: &str, asked: &[(&str, &str)]) -> Rows {
    let query = asked.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    data.list(path, 1, &query.collect(), 0).unwrap()
}

#[track_caller]
fn check_ids(path: &str, asked: &[(&str, &str)], expected: &[u64]) {
    let rows = page(&small(), path, asked).rows;
    let ids: Vec<u64> = rows.iter().map(|row| parse(row)["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, expected, "{path} {asked:?}");
}

#[test]
fn dirty_rows_are_left_out_and_dirty_cells_empty() {
    let data = small();
    assert_eq!((data.movies(), data.shows(), data.people()), (3, 1, 3));
    let movie = detail(&data, Key::movie(12), 0);
    assert_eq!(movie["title"], "Nebel");
    assert_eq!((&movie["release_date"], &movie["runtime"]), (&json!(""), &Value::Null));
    assert_eq!(movie["production_companies"], json!([]));
    assert_eq!(
        part(&data, Key::movie(12), "keywords")["keywords"],
        json!([{"id": 7, "name": "space"}])
    );
    assert_eq!(part(&data, Key::movie(12), "credits")["cast"][0]["name"], "Mia Ray");
}

#[test]
fn a_movie_has_the_shape_of_today() {
    let movie = detail(&small(), Key::movie(11), 0);
    let fields = "adult backdrop_path belongs_to_collection budget genres homepage id imdb_id \
        origin_country original_language original_title overview popularity poster_path \
        production_companies production_countries release_date revenue runtime softcore \
        spoken_languages status tagline title video vote_average vote_count";
    let own: Vec<&str> = movie.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(own, fields.split_whitespace().collect::<Vec<_>>());
    assert_eq!(movie["runtime"], 121);
    assert_eq!(movie["origin_country"], json!(["US"]));
    assert_eq!(movie["spoken_languages"][0]["english_name"], "English");
}

#[test]
fn a_show_lists_its_seasons_and_takes_the_rest_from_lists() {
    let data = small();
    let show = detail(&data, Key::tv(5), 0);
    assert_eq!((&show["number_of_seasons"], &show["number_of_episodes"]), (&json!(1), &json!(1)));
    assert_eq!(show["seasons"][1]["episode_count"], 1);
    assert_eq!(show["last_episode_to_air"]["name"], "Ebb");
    assert_eq!((&show["overview"], &show["original_language"]), (&json!("Sea."), &json!("it")));
    assert_eq!(show["genres"], json!([{"id": 18, "name": "Drama"}]));
    assert_eq!(show["networks"][0]["name"], "Rai");
    assert_eq!(part(&data, Key::tv(5), "season/1"), detail(&data, Key::season(5, 1), 0));
    assert_eq!(data.part(Key::tv(5), "season/9", &Query::new(), 0), None);
    let episode = detail(&data, Key::episode(5, 1, 1), 0);
    assert_eq!((&episode["id"], episode.get("show_id")), (&json!(511), None));
    let cast = part(&data, Key::tv(5), "aggregate_credits")["cast"].take();
    assert_eq!(cast[0]["roles"][0]["character"], "Sea");
}

#[test]
fn a_person_has_their_credits_on_both_kinds() {
    let data = small();
    assert_eq!(detail(&data, Key::person(102), 0)["name"], "Leo Fox");
    let combined = part(&data, Key::person(102), "combined_credits");
    let jobs: Vec<(&str, &str)> = combined["crew"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| (job["media_type"].as_str().unwrap(), job["job"].as_str().unwrap()))
        .collect();
    assert_eq!(jobs, [("movie", "Director"), ("tv", "Writer")]);
    let movies = part(&data, Key::person(101), "movie_credits");
    assert_eq!(movies["cast"][0]["character"], "Ann");
    assert_eq!(movies["cast"][0].get("media_type"), None);
}

#[test]
fn discover_filters_and_orders() {
    check_ids("discover/movie", &[], &[11, 12, 13]);
    check_ids("discover/movie", &[("sort_by", "popularity.asc")], &[13, 12, 11]);
    check_ids("discover/movie", &[("with_genres", "12,878")], &[11]);
    check_ids("discover/movie", &[("with_genres", "12,18")], &[]);
    check_ids("discover/movie", &[("with_genres", "12|18")], &[11, 12]);
    check_ids("discover/movie", &[("without_genres", "12,18")], &[13]);
    check_ids("discover/movie", &[("vote_average.gte", "6.5"), ("vote_count.lte", "300")], &[12]);
    check_ids("discover/movie", &[("primary_release_date.lte", "2000-01-01")], &[11]);
    check_ids("discover/movie", &[("primary_release_date.gte", "1977-05-26")], &[]);
    check_ids("discover/movie", &[("with_original_language", "de")], &[12]);
    check_ids("discover/tv", &[("first_air_date.gte", "2001-01-01")], &[5]);
    check_ids("discover/tv", &[("first_air_date.gte", "2002-01-01")], &[]);
}

#[test]
fn searches_find_names_and_years() {
    check_ids("search/movie", &[("query", "STAR")], &[11]);
    check_ids("search/movie", &[("query", "der neb")], &[12]);
    check_ids("search/movie", &[("query", "star"), ("year", "1978")], &[]);
    check_ids("search/tv", &[("query", "marea")], &[5]);
    check_ids("search/person", &[("query", "fox")], &[102]);
    check_ids("search/multi", &[("query", "r")], &[11, 5, 12, 101, 13]);
    check_ids("search/keyword", &[("query", "spa")], &[7]);
    check_ids("search/company", &[("query", "ranch")], &[1]);
    check_ids("search/collection", &[("query", "star")], &[]);
    check_ids("keyword/7/movies", &[], &[11, 12]);
    check_ids("company/1/movies", &[], &[11]);
}

#[test]
fn titles_that_share_keywords_are_alike() {
    check_ids("movie/11/similar", &[], &[12]);
    check_ids("movie/13/recommendations", &[], &[]);
    assert!(small().list("movie/99/similar", 1, &Query::new(), 0).is_none());
}

#[test]
fn a_show_is_found_by_its_imdb_id() {
    let data = small();
    let find = |id: &str| parse(data.other(&format!("find/{id}"), &Query::new(), 0).unwrap());
    assert_eq!(find("tt005")["tv_results"][0]["id"], 5);
    assert_eq!(find("tt006")["tv_results"], json!([]));
}

#[test]
fn each_day_edits_some_titles_and_says_which() {
    let data = small();
    let changed: Vec<u32> =
        (1..=200).filter(|day| !data.changed(Kind::Movie, *day, *day).is_empty()).collect();
    assert!(!changed.is_empty());
    for day in changed {
        for change in data.changed(Kind::Movie, day, day) {
            let key = Key::movie(change.id);
            let overview = |day| detail(&data, key, day)["overview"].take();
            assert_ne!(overview(day), overview(day - 1), "{key} on day {day}");
        }
    }
    assert!(data.changed(Kind::Movie, 0, 0).is_empty());
    assert_eq!(data.changed(Kind::Movie, 1, 200).len(), 3);
}

#[test]
fn a_folder_without_titles_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("movies.csv"), "id,title\n").unwrap();
    let error = Dataset::open(dir.path()).unwrap_err();
    assert!(matches!(error, DatasetError::Empty { .. }), "{error}");
    let missing = Dataset::open(&dir.path().join("none")).unwrap_err();
    assert!(matches!(missing, DatasetError::Unreadable { .. }), "{missing}");
    fs::write(dir.path().join("broken_movies.csv.gz"), b"\x1f\x8b\x08broken").unwrap();
    let broken = Dataset::open(dir.path()).unwrap_err();
    assert!(matches!(broken, DatasetError::Unreadable { .. }), "{broken}");
}
