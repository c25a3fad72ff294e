//! What of a body the rules see.

use jiff::civil::date;

use super::*;

fn read(key: &str, json: &str) -> Outline {
    let key: Key = key.parse().unwrap();
    outline(key, &crate::encode(key, json.as_bytes()).unwrap().body)
}

#[test]
fn a_movie_says_its_name_date_ids_and_figures() {
    let json = r#"{"id":550,"title":"Fight Club","original_title":"x","imdb_id":"tt0137523",
        "external_ids":{"imdb_id":"tt1"},"release_date":"1999-10-15","status":"Released",
        "popularity":61.416,"vote_average":8.4,"vote_count":26280,
        "similar":{"results":[{"title":"y","vote_count":1,"release_date":"2000-01-01"}]}}"#;
    let expected = Outline {
        name: Some("Fight Club".to_owned()),
        imdb_id: Some("tt0137523".to_owned()),
        released: Some(date(1999, 10, 15)),
        figures: Figures {
            popularity: Some(61.416),
            vote_average: Some(8.4),
            vote_count: Some(26280),
        },
        ..Outline::default()
    };
    assert_eq!(read("movie/550", json), expected);
}

#[test]
fn a_show_says_its_next_episode_and_its_imdb_id() {
    let json = r#"{"name":"Breaking Bad","first_air_date":"2008-01-20","last_air_date":"2013-09-29",
        "external_ids":{"imdb_id":"tt0903747"},"status":"Returning Series",
        "last_episode_to_air":{"air_date":"2013-09-29"},
        "next_episode_to_air":{"name":"Felina","air_date":"2030-02-03","vote_count":5}}"#;
    let outline = read("tv/1396", json);
    assert_eq!(outline.name.as_deref(), Some("Breaking Bad"));
    assert_eq!(outline.imdb_id.as_deref(), Some("tt0903747"));
    assert_eq!(outline.released, Some(date(2008, 1, 20)));
    assert_eq!(outline.airs, Some(date(2030, 2, 3)));
    assert!(outline.is_open && outline.figures.is_empty());
}

#[test]
fn seasons_episodes_and_people_say_their_dates() {
    let season = r#"{"name":"Season 1","air_date":"2008-01-20","episodes":[{"name":"x"}]}"#;
    assert_eq!(read("tv/1/season/1", season).released, Some(date(2008, 1, 20)));
    let episode = r#"{"name":"Pilot","air_date":"2008-01-20","vote_average":8}"#;
    let episode = read("tv/1/season/1/episode/1", episode);
    assert_eq!(episode.released, Some(date(2008, 1, 20)));
    assert_eq!(episode.figures.vote_average, Some(8.0));
    let person = r#"{"name":"Brad Pitt","birthday":"1963-12-18","imdb_id":"nm0000093"}"#;
    let person = read("person/287", person);
    assert_eq!(person.born, Some(date(1963, 12, 18)));
    assert_eq!(person.imdb_id.as_deref(), Some("nm0000093"));
    assert!(!person.is_open);
}

#[test]
fn what_is_null_empty_or_of_another_type_is_absent() {
    let json = r#"{"title":"","imdb_id":null,"release_date":"","popularity":"7","vote_count":-1,
        "vote_average":null,"external_ids":{"imdb_id":""},"status":"Canceled"}"#;
    assert_eq!(read("movie/1", json), Outline::default());
    assert_eq!(read("tv/1", r#"{"next_episode_to_air":null}"#).airs, None);
    assert_eq!(read("reference/genre-movie-list", r#"{"genres":[]}"#), Outline::default());
}

#[track_caller]
fn check(key: &str, json: &str, is_open: bool) {
    assert_eq!(read(key, json).is_open, is_open, "{json}");
}

#[test]
fn a_movie_is_open_until_it_is_released_on_a_known_date() {
    let dated = |status| format!(r#"{{"release_date":"2020-01-01","status":"{status}"}}"#);
    check("movie/1", &dated("Released"), false);
    check("movie/1", &dated("Post Production"), true);
    check("movie/1", r#"{"status":"Released","release_date":""}"#, true);
    check("movie/1", r#"{"status":"Canceled"}"#, false);
    check("movie/1", "{}", true);
}

#[test]
fn a_show_is_open_until_it_is_ended_or_canceled() {
    check("tv/1", r#"{"status":"Ended","in_production":false}"#, false);
    check("tv/1", r#"{"status":"Canceled"}"#, false);
    check("tv/1", r#"{"status":"Ended","in_production":true}"#, true);
    check("tv/1", r#"{"status":"Returning Series"}"#, true);
    check("tv/1", "{}", true);
}

proptest::proptest! {
    #[test]
    fn random_bytes_never_panic(bytes: Vec<u8>) {
        for kind in Kind::ALL {
            each_field(SCHEMA.root(kind), &bytes, |field, payload| {
                drop((inner(field, payload, "air_date").and_then(super::date), text(payload)));
            });
        }
        drop(outline(Key::tv(1), &bytes));
    }
}
