//! Rules, on small bodies of invented titles.

mod languages;

use domain::{Key, Kind, Timestamp};
use serde_json::{Value, json};

use super::{Asked, Held};
use crate::tmdb::endpoints::{Answers, Endpoint};
use crate::tmdb::query::Query;

const EVERYTHING: Endpoint = Endpoint {
    path: "/",
    answers: Answers::Details(Kind::Movie),
    takes: &[
        "append_to_response",
        "country",
        "include_image_language",
        "include_video_language",
        "language",
        "page",
    ],
};

fn asked(query: &str) -> Asked {
    Asked::of(&Query::parse(query, &EVERYTHING).unwrap()).unwrap()
}

fn held(bodies: &[(&str, &Value)]) -> Held {
    let mut held = Held::default();
    for (key, body) in bodies {
        let key: Key = key.parse().unwrap();
        let (record, _) =
            records::record(key, body.to_string().as_bytes(), "", Timestamp::from_millis(0))
                .unwrap();
        held.add(record);
    }
    held
}

#[track_caller]
fn details(held: &Held, key: &str, query: &str) -> Value {
    let genres = |id: u64| (id == 18).then(|| "Schauspiel".to_owned());
    let body = super::details(key.parse().unwrap(), held, &asked(query), &genres).unwrap();
    serde_json::from_str(&body.expect("a body")).unwrap()
}

#[track_caller]
fn part(held: &Held, key: &str, name: &str, query: &str) -> Option<Value> {
    let body = super::part(key.parse().unwrap(), name, held, &asked(query)).unwrap();
    body.map(|body| serde_json::from_str(&body).unwrap())
}

fn movie() -> Value {
    json!({
        "id": 7, "title": "The Kites", "original_title": "Les cerfs-volants",
        "original_language": "fr", "overview": "Wind.", "tagline": null, "homepage": "http://k.test",
        "runtime": 90, "poster_path": "/en.jpg", "backdrop_path": "/b.jpg",
        "genres": [{"id": 18, "name": "Drama"}, {"id": 99, "name": "Documentary"}],
        "belongs_to_collection": {"id": 70, "name": "Kites", "poster_path": "/c.jpg", "backdrop_path": null},
        "credits": {"cast": [{"id": 1, "name": "A"}], "crew": []},
        "keywords": {"keywords": []},
        "images": {
            "posters": [
                {"file_path": "/en.jpg", "iso_639_1": "en"}, {"file_path": "/pt1.jpg", "iso_639_1": "pt"},
                {"file_path": "/pt2.jpg", "iso_639_1": "pt"}, {"file_path": "/x.jpg", "iso_639_1": null},
                {"file_path": "/xx.jpg", "iso_639_1": "xx"},
            ],
            "backdrops": [{"file_path": "/b.jpg", "iso_639_1": null}], "logos": [],
        },
        "videos": {"results": [
            {"key": "a", "iso_639_1": "en"}, {"key": "b", "iso_639_1": "de"},
            {"key": "c", "iso_639_1": null},
        ]},
        "alternative_titles": {"titles": [
            {"iso_3166_1": "DE", "title": "Drachen"}, {"iso_3166_1": "US", "title": "Wind"},
        ]},
        "recommendations": {"page": 1, "results": [{"id": 8}], "total_pages": 4, "total_results": 70},
        "reviews": {"page": 1, "results": [], "total_pages": 1, "total_results": 0},
        "release_dates": {"results": [{"iso_3166_1": "FR", "release_dates": [
            {"certification": "U", "descriptors": [], "iso_639_1": "", "note": "",
             "release_date": "1999-12-31T00:00:00.000Z", "type": 3},
        ]}]},
        "translations": {"translations": [
            {"iso_639_1": "en", "iso_3166_1": "US", "data": {"title": "The Kites", "overview": "Wind."}},
            {"iso_639_1": "fr", "iso_3166_1": "CA", "data": {"title": "", "overview": "Du vent!"}},
            {"iso_639_1": "fr", "iso_3166_1": "FR", "data":
                {"title": "", "overview": "Du vent.", "homepage": "http://fr.test", "runtime": 88}},
            {"iso_639_1": "pt", "iso_3166_1": "BR", "data":
                {"title": "Pipas", "overview": "", "tagline": "Ar", "homepage": "", "runtime": 0}},
        ]},
        "watch/providers": {"results": {"FR": {"link": "l"}}},
    })
}

#[test]
fn without_appends_there_are_no_parts() {
    let held = held(&[("movie/7", &movie())]);
    let bare = details(&held, "movie/7", "");
    let names: Vec<&String> = bare.as_object().unwrap().keys().collect();
    let mut expected = [
        "backdrop_path",
        "belongs_to_collection",
        "genres",
        "homepage",
        "id",
        "original_language",
        "original_title",
        "overview",
        "poster_path",
        "runtime",
        "tagline",
        "title",
    ];
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(bare["tagline"], Value::Null);
}

#[test]
fn parts_come_under_their_own_names_and_unknown_ones_do_not() {
    let held = held(&[("movie/7", &movie())]);
    let body = details(
        &held,
        "movie/7",
        "append_to_response=watch/providers,credits,nonsense,season/1,title,lists,credits",
    );
    assert_eq!(body["watch/providers"], movie()["watch/providers"]);
    assert_eq!(body["credits"], movie()["credits"]);
    assert_eq!(body.as_object().unwrap().len(), 12 + 2);
}

#[test]
fn a_part_by_itself_has_the_id_and_pages_of_titles_have_none() {
    let held = held(&[("movie/7", &movie())]);
    let credits = part(&held, "movie/7", "credits", "").unwrap();
    assert_eq!(credits, json!({"id": 7, "cast": [{"id": 1, "name": "A"}], "crew": []}));
    let page = part(&held, "movie/7", "recommendations", "").unwrap();
    assert_eq!(page, movie()["recommendations"]);
    assert_eq!(part(&held, "movie/7", "reviews", "").unwrap()["id"], 7);
    for name in ["similar", "content_ratings", "title", "nonsense"] {
        assert_eq!(part(&held, "movie/7", name, ""), None, "{name}");
    }
}

#[test]
fn later_pages_keep_the_totals_and_have_no_rows() {
    let held = held(&[("movie/7", &movie())]);
    let page = part(&held, "movie/7", "recommendations", "page=3").unwrap();
    assert_eq!(page, json!({"page": 3, "results": [], "total_pages": 4, "total_results": 70}));
    let page = part(&held, "movie/7", "reviews", "page=2").unwrap();
    let reviews = json!({"id": 7, "page": 2, "results": [], "total_pages": 1, "total_results": 0});
    assert_eq!(page, reviews);
}

#[test]
fn releases_come_from_release_dates() {
    let held = held(&[("movie/7", &movie())]);
    let releases = part(&held, "movie/7", "releases", "").unwrap();
    assert_eq!(
        releases,
        json!({"id": 7, "countries": [{
            "certification": "U", "descriptors": [], "iso_3166_1": "FR", "primary": false,
            "release_date": "1999-12-31",
        }]})
    );
}

#[test]
fn a_persons_credits_split_by_medium_and_no_longer_name_it() {
    let person = json!({
        "id": 6, "name": "P", "biography": "b", "combined_credits": {
            "cast": [{"id": 7, "media_type": "movie"}, {"id": 1, "media_type": "tv"}],
            "crew": [{"id": 9, "media_type": "tv", "job": "Writer"}],
        },
        "translations": {"translations": [
            {"iso_639_1": "da", "iso_3166_1": "DK", "data": {"biography": "d", "name": ""}},
        ]},
    });
    let held = held(&[("person/6", &person)]);
    let movies = part(&held, "person/6", "movie_credits", "").unwrap();
    assert_eq!(movies, json!({"id": 6, "cast": [{"id": 7}], "crew": []}));
    let body = details(&held, "person/6", "append_to_response=tv_credits");
    let tv = json!({"cast": [{"id": 1}], "crew": [{"id": 9, "job": "Writer"}]});
    assert_eq!(body["tv_credits"], tv);
    let danish = details(&held, "person/6", "language=da");
    assert_eq!((&danish["biography"], &danish["name"]), (&json!("d"), &json!("P")));
    assert_eq!(details(&held, "person/6", "language=fr")["biography"], "");
}

fn show() -> (Value, Value, Value) {
    let show = json!({
        "id": 1, "name": "Gusts", "original_name": "Gusts", "overview": "o", "homepage": "h",
        "seasons": [{"id": 11, "season_number": 1, "name": "Season 1", "overview": "s", "poster_path": null},
                    {"id": 12, "season_number": 2, "name": "Season 2", "overview": "t", "poster_path": null}],
        "translations": {"translations": [
            {"iso_639_1": "de", "iso_3166_1": "DE", "data": {"name": "", "overview": "", "homepage": ""}},
        ]},
    });
    let rode_along = json!({
        "_id": "a", "season_number": 1, "name": "Season 1", "overview": "s",
        "episodes": [{"id": 111, "show_id": 1, "season_number": 1, "episode_number": 1, "name": "Calm",
                      "crew": [{"id": 4}], "guest_stars": [{"id": 5}]}],
    });
    let alone = json!({
        "_id": "b", "id": 12, "season_number": 2, "name": "Season 2", "overview": "t", "poster_path": null,
        "episodes": [{"id": 121, "show_id": 1, "season_number": 2, "episode_number": 1, "name": "Storm",
                      "crew": [], "guest_stars": []}],
        "credits": {"cast": [{"id": 3}], "crew": []},
        "images": {"posters": [{"file_path": "/de.jpg", "iso_639_1": "de"}]},
        "translations": {"translations": [
            {"iso_639_1": "de", "iso_3166_1": "DE", "data": {"name": "Staffel 2", "overview": ""}},
        ]},
    });
    (show, rode_along, alone)
}

#[test]
fn seasons_are_appended_without_their_ids_and_parts() {
    let (show, first, second) = show();
    let held = held(&[("tv/1", &show), ("tv/1/season/1", &first), ("tv/1/season/2", &second)]);
    let body = details(
        &held,
        "tv/1",
        "append_to_response=season/2,season/1,season/3,season/01,season/2/credits,\
         season/2/episode/1/credits,season/2/episode/1",
    );
    assert_eq!(body["season/1"], first);
    let mut bare = second.clone();
    for name in ["id", "credits", "images", "translations"] {
        bare.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(body["season/2"], bare);
    assert_eq!(body["season/2/credits"], second["credits"]);
    let credits = json!({"cast": [{"id": 3}], "crew": [], "guest_stars": []});
    assert_eq!(body["season/2/episode/1/credits"], credits);
    assert_eq!(body["season/2/episode/1"]["name"], "Storm");
    assert_eq!(body.get("season/3"), None);
    assert_eq!(body.get("season/01"), None);
}

#[test]
fn a_season_that_rode_along_has_the_id_that_its_show_says() {
    let (show, first, _) = show();
    let held = held(&[("tv/1", &show), ("tv/1/season/1", &first)]);
    assert_eq!(details(&held, "tv/1/season/1", "")["id"], 11);
    assert_eq!(part(&held, "tv/1/season/1", "images", ""), None);
}

#[test]
fn an_episode_is_told_by_its_season() {
    let (show, first, _) = show();
    let held = held(&[("tv/1", &show), ("tv/1/season/1", &first)]);
    let mut expected = first["episodes"][0].clone();
    expected.as_object_mut().unwrap().remove("show_id");
    assert_eq!(details(&held, "tv/1/season/1/episode/1", "append_to_response=images"), expected);
    let credits = part(&held, "tv/1/season/1/episode/1", "credits", "").unwrap();
    let told = json!({"id": 111, "cast": [], "crew": [{"id": 4}], "guest_stars": [{"id": 5}]});
    assert_eq!(credits, told);
    let key: Key = "tv/1/season/1/episode/2".parse().unwrap();
    assert!(super::details(key, &held, &asked(""), &|_| None).unwrap().is_none());
}

#[test]
fn what_an_answer_needs_beside_its_record_is_named() {
    let (show, first, _) = show();
    let beside = |key: &str, body: &Value, query: &str| {
        let held = held(&[(key, body)]);
        let record = held.get(key.parse().unwrap()).unwrap();
        let keys = super::beside(record, None, &asked(query)).unwrap();
        keys.iter().map(Key::to_string).collect::<Vec<_>>()
    };
    assert_eq!(beside("movie/7", &movie(), "append_to_response=credits"), [""; 0]);
    assert_eq!(beside("movie/7", &movie(), "language=fr"), ["collection/70"]);
    assert_eq!(beside("tv/1/season/1", &first, ""), ["tv/1"]);
    assert_eq!(beside("tv/1", &show, "append_to_response=season/4"), ["tv/1/season/4"]);
    assert_eq!(beside("tv/1", &show, "language=de"), ["tv/1/season/1", "tv/1/season/2"]);
    assert_eq!(
        beside("tv/1", &show, "append_to_response=season/4/episode/2/images"),
        ["tv/1/season/4", "tv/1/season/4/episode/2"]
    );
}
