//! Records in, rows out.

use domain::catalogue::{Person, Work};
use domain::record::ContentHash;
use domain::{Key, Kind, Record, Timestamp};
use proptest::prelude::*;

use super::{Rows, project};

fn rows(key: Key, json: &str) -> Rows {
    let (record, _) = records::record(key, json.as_bytes(), "", Timestamp::from_millis(5)).unwrap();
    project(&record)
}

#[track_caller]
fn work(key: Key, json: &str) -> Work {
    match rows(key, json) {
        Rows::Work { work, .. } => *work,
        other => panic!("{other:?}"),
    }
}

fn movie(json: &str) -> Work {
    work(Key::movie(1), json)
}

#[track_caller]
fn person(json: &str) -> Person {
    match rows(Key::person(1), json) {
        Rows::Person { person, .. } => *person,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check_certification(origin: &str, ratings: &[(&str, u32, &str)], wanted: Option<&str>) {
    let countries: Vec<_> = ratings
        .iter()
        .map(|(country, kind, rating)| {
            format!(
                r#"{{"iso_3166_1":"{country}",
                    "release_dates":[{{"certification":"","type":1}},
                                     {{"certification":"{rating}","type":{kind}}}]}}"#
            )
        })
        .collect();
    let json = format!(
        r#"{{"origin_country":["{origin}"],"release_dates":{{"results":[{}]}}}}"#,
        countries.join(",")
    );
    assert_eq!(movie(&json).certification.as_deref(), wanted);
}

#[test]
fn the_certification_is_the_united_states_or_the_origins_or_any() {
    check_certification("DE", &[("FR", 3, "TP"), ("DE", 3, "16"), ("US", 3, "R")], Some("R"));
    check_certification("DE", &[("FR", 3, "TP"), ("DE", 3, "16"), ("US", 3, "")], Some("16"));
    check_certification("DE", &[("FR", 5, "TP")], Some("TP"));
    check_certification("DE", &[("FR", 3, "")], None);
}

#[test]
fn a_show_is_rated_by_country() {
    let json = r#"{"origin_country":["GB"],"content_ratings":{"results":[
        {"iso_3166_1":"DE","rating":"16"},{"iso_3166_1":"GB","rating":"15"}]}}"#;
    assert_eq!(work(Key::tv(1), json).certification.as_deref(), Some("15"));
}

#[track_caller]
fn check_trailer(videos: &[(&str, &str, bool, &str, &str)], wanted: Option<&str>) {
    let videos: Vec<_> = videos
        .iter()
        .map(|(key, kind, official, language, published)| {
            format!(
                r#"{{"key":"{key}","site":"YouTube","type":"{kind}","official":{official},
                    "iso_639_1":"{language}","published_at":"{published}T00:00:00.000Z"}}"#
            )
        })
        .collect();
    let json = format!(r#"{{"videos":{{"results":[{}]}}}}"#, videos.join(","));
    assert_eq!(movie(&json).trailer_key.as_deref(), wanted);
}

#[test]
fn the_best_trailer_is_official_understood_and_new() {
    check_trailer(&[], None);
    check_trailer(&[("a", "Clip", true, "en", "2020-01-01")], None);
    let old = ("old", "Trailer", true, "en", "2019-01-01");
    let new = ("new", "Trailer", true, "en", "2020-01-01");
    let fan = ("fan", "Trailer", false, "en", "2021-01-01");
    let german = ("german", "Trailer", true, "de", "2022-01-01");
    check_trailer(&[fan, old, new, german], Some("new"));
    check_trailer(&[german, fan], Some("german"));
    check_trailer(&[("first", "Trailer", true, "en", "2019-01-01"), old], Some("first"));
}

#[test]
fn images_have_addresses_by_size() {
    let json = r#"{"poster_path":"/p.jpg","backdrop_path":"/b.jpg","images":{"backdrops":[
        {"file_path":"/b.jpg"},{"file_path":"/c.jpg"},{"file_path":null}]}}"#;
    let images = movie(json).images;
    let at = |size: &str| Some(format!("https://image.tmdb.org/t/p/{size}"));
    assert_eq!(images.poster_small, at("w185/p.jpg"));
    assert_eq!(images.poster_medium, at("w342/p.jpg"));
    assert_eq!(images.poster_large, at("w500/p.jpg"));
    assert_eq!(images.poster_original, at("original/p.jpg"));
    assert_eq!(images.backdrop, at("w1280/b.jpg"));
    assert_eq!(images.backdrop_mobile, at("w780/b.jpg"));
    assert_eq!(images.stills, ["https://image.tmdb.org/t/p/w780/c.jpg"]);
}

#[test]
fn empty_texts_and_zero_sums_are_unknown() {
    let json = r#"{"overview":"","tagline":null,"release_date":"","imdb_id":"","runtime":0,
        "budget":0,"vote_average":0,"vote_count":0,"poster_path":null,"credits":{}}"#;
    let known = movie(json);
    let bare = movie("{}");
    assert_eq!(known.overview, None);
    assert_eq!(known.row.vote_average, Some(0.0));
    assert_eq!(Work { row: bare.row.clone(), ..known }, bare);
}

#[test]
fn a_shows_cast_is_that_of_all_its_episodes() {
    let json = r#"{"name":"S","credits":{"cast":[{"id":1,"name":"Last"}]},
        "aggregate_credits":{"cast":[{"id":2,"name":"All","roles":[{"character":"Walt"}]}]},
        "next_episode_to_air":{"air_date":"2026-12-01"},"networks":[{"name":"AMC"}],
        "created_by":[{"name":"Vince"}],"episode_run_time":[],
        "last_episode_to_air":{"runtime":47}}"#;
    let show = work(Key::tv(1), json);
    assert_eq!((show.cast[0].person_id, show.cast[0].character.as_deref()), (2, Some("Walt")));
    assert_eq!(show.next_air_date.as_deref(), Some("2026-12-01"));
    assert_eq!(
        (show.networks, show.created_by),
        (vec!["AMC".to_owned()], vec!["Vince".to_owned()])
    );
    assert_eq!(show.row.runtime_minutes, Some(47));
}

#[test]
fn a_person_without_combined_credits_has_both_others() {
    let json = r#"{"name":"A","movie_credits":{"cast":[{"id":1,"title":"M","character":"X"}]},
        "tv_credits":{"crew":[{"id":2,"name":"S","job":"Writer","department":"Writing",
                               "first_air_date":"2008-01-20"}]}}"#;
    let credits = person(json).credits;
    assert_eq!((credits[0].kind.as_str(), credits[0].role.as_deref()), ("movie", Some("X")));
    assert_eq!((credits[1].kind.as_str(), credits[1].role.as_deref()), ("tv", Some("Writer")));
    assert_eq!(credits[1].year, Some(2008));
}

#[test]
fn values_of_another_type_are_unknown() {
    let odd = movie(
        r#"{"title":7,"runtime":"long","genres":"none","credits":[1],"release_date":"1999-99-99",
            "popularity":"much","vote_average":"8","videos":{"results":[null,3]},"adult":"no"}"#,
    );
    assert_eq!((odd.row.title.as_str(), odd.row.release_date), ("", None));
    assert_eq!(odd.cast, []);
    for json in ["[]", "null", "3", "\"x\""] {
        assert_eq!(movie(json).row.title, "");
        assert_eq!(person(json).name, "");
    }
}

fn any_key() -> impl Strategy<Value = Key> {
    prop::sample::select(vec![
        Key::movie(u64::MAX >> 1),
        Key::tv(1),
        Key::season(1, 0),
        Key::episode(1, 0, u32::MAX),
        Key::person(1),
        Key::new(Kind::Collection, 1, None, None).unwrap(),
        Key::new(Kind::Company, 1, None, None).unwrap(),
        Key::new(Kind::Network, 1, None, None).unwrap(),
        Key::new(Kind::Keyword, 1, None, None).unwrap(),
        Key::new(Kind::Reference, 1, None, None).unwrap(),
    ])
}

proptest! {
    #[test]
    fn no_bytes_are_refused(key in any_key(), body in prop::collection::vec(any::<u8>(), 0..200)) {
        let record = Record {
            key,
            fetched_at: Timestamp::default(),
            asked: String::new(),
            hash: ContentHash([0; 32]),
            schema_version: 1,
            body: body.into(),
        };
        project(&record);
    }
}
