//! Rules of what a language and a country change.

use domain::Key;
use serde_json::{Value, json};

use super::{asked, details, held, movie, part, show};

#[track_caller]
fn paths(images: &Value) -> Vec<&str> {
    let posters = images["posters"].as_array().unwrap();
    posters.iter().map(|poster| poster["file_path"].as_str().unwrap()).collect()
}

#[test]
fn a_text_without_a_translation_is_the_original_title_or_empty() {
    let held = held(&[("movie/7", &movie())]);
    let of = |query: &str| {
        let body = details(&held, "movie/7", query);
        ["title", "overview", "tagline", "homepage", "runtime"].map(|name| body[name].clone())
    };
    let own = [json!("The Kites"), json!("Wind."), Value::Null, json!("http://k.test"), json!(90)];
    for query in ["", "language=en", "language=en-US", "language=en-GB"] {
        assert_eq!(of(query), own, "{query}");
    }
    let original = json!("Les cerfs-volants");
    let french =
        [original.clone(), json!("Du vent."), json!(""), json!("http://fr.test"), json!(88)];
    assert_eq!(of("language=fr-FR"), french);
    assert_eq!(of("language=fr"), french);
    assert_eq!(of("language=fr-CA")[1], json!("Du vent!"));
    assert_eq!(of("language=pt"), [json!("Pipas"), json!(""), json!("Ar"), json!(""), json!(90)]);
    assert_eq!(of("language=ja-JP"), [original, json!(""), json!(""), json!(""), json!(90)]);
}

#[test]
fn the_first_poster_of_the_language_goes_before_the_default_one() {
    let held = held(&[("movie/7", &movie())]);
    for (query, poster) in [
        ("", "/en.jpg"),
        ("language=pt-BR", "/pt1.jpg"),
        ("language=pt", "/pt1.jpg"),
        ("language=ja", "/en.jpg"),
    ] {
        let body = details(&held, "movie/7", query);
        assert_eq!(
            (&body["poster_path"], &body["backdrop_path"]),
            (&json!(poster), &json!("/b.jpg"))
        );
    }
}

#[test]
fn genres_are_named_in_the_language_where_the_name_is_known() {
    let held = held(&[("movie/7", &movie())]);
    let german = details(&held, "movie/7", "language=de");
    let names = json!([{"id": 18, "name": "Schauspiel"}, {"id": 99, "name": "Documentary"}]);
    assert_eq!(german["genres"], names);
    assert_eq!(details(&held, "movie/7", "")["genres"], movie()["genres"]);
}

#[test]
fn a_collection_that_is_mirrored_is_named_in_the_language() {
    let collection = json!({
        "id": 70, "name": "Kites", "original_name": "Kites", "overview": "o", "poster_path": "/c.jpg",
        "parts": [], "images": {"posters": [{"file_path": "/cpt.jpg", "iso_639_1": "pt"}]},
        "translations": {"translations": [
            {"iso_639_1": "pt", "iso_3166_1": "BR", "data": {"title": "Pipas (Coleção)", "overview": "a"}},
        ]},
    });
    let held = held(&[("movie/7", &movie()), ("collection/70", &collection)]);
    let expected = json!({
        "id": 70, "name": "Pipas (Coleção)", "poster_path": "/cpt.jpg", "backdrop_path": null,
    });
    let body = details(&held, "movie/7", "language=pt-BR");
    assert_eq!(body["belongs_to_collection"], expected);
    let body = details(&held, "collection/70", "language=pt");
    assert_eq!((&body["name"], &body["overview"]), (&json!("Pipas (Coleção)"), &json!("a")));
    assert_eq!(body["poster_path"], "/cpt.jpg");
}

#[test]
fn rows_read_in_the_language_where_their_titles_are_mirrored() {
    let mut first = movie();
    first["recommendations"]["results"] = json!([
        {"id": 8, "title": "Rain", "overview": "r", "poster_path": "/r.jpg", "media_type": "movie"},
        {"id": 9, "title": "Hail", "overview": "h", "poster_path": null, "media_type": "movie"},
    ]);
    let second = json!({
        "id": 8, "title": "Rain", "original_title": "Rain", "overview": "r", "tagline": "t",
        "translations": {"translations": [
            {"iso_639_1": "pt", "iso_3166_1": "PT", "data": {"title": "Chuva", "overview": ""}},
        ]},
        "images": {"posters": [{"file_path": "/chuva.jpg", "iso_639_1": "pt"}]},
    });
    let collection = json!({"id": 70, "name": "Weather", "parts": [{"id": 8, "title": "Rain"}]});
    let held = held(&[("movie/7", &first), ("movie/8", &second), ("collection/70", &collection)]);
    let rain = json!({
        "id": 8, "title": "Chuva", "overview": "", "poster_path": "/chuva.jpg", "media_type": "movie",
    });
    let page = part(&held, "movie/7", "recommendations", "language=pt-PT").unwrap();
    assert_eq!(page["results"], json!([rain, first["recommendations"]["results"][1]]));
    let body = details(&held, "movie/7", "language=pt&append_to_response=recommendations");
    assert_eq!(body["recommendations"], page);
    assert_eq!(part(&held, "movie/7", "recommendations", "").unwrap(), first["recommendations"]);
    let parts = &details(&held, "collection/70", "language=pt")["parts"];
    assert_eq!(parts, &json!([{"id": 8, "title": "Chuva"}]));
    let record = held.get(Key::movie(7)).unwrap();
    let beside = |part, query| crate::tmdb::compose::beside(record, part, &asked(query)).unwrap();
    let titles = [Key::movie(8), Key::movie(9)];
    assert_eq!(beside(Some("recommendations"), "language=pt"), titles);
    assert_eq!(beside(Some("recommendations"), ""), []);
    assert_eq!(beside(Some("credits"), "language=pt"), []);
}

#[test]
fn images_are_those_of_the_languages_that_are_asked_for() {
    let held = held(&[("movie/7", &movie())]);
    let all = ["/en.jpg", "/pt1.jpg", "/pt2.jpg", "/x.jpg", "/xx.jpg"];
    for (query, expected) in [
        ("", &all[..]),
        ("language=pt", &all[1..3]),
        ("language=pt-PT", &all[1..3]),
        ("language=ja", &[]),
        ("include_image_language=null", &all[3..4]),
        ("include_image_language=xx", &all[4..]),
        ("include_image_language=EN, null", &["/en.jpg", "/x.jpg"]),
        ("language=de-DE&include_image_language=pt-BR", &all[1..3]),
    ] {
        let images = part(&held, "movie/7", "images", query).unwrap();
        assert_eq!(paths(&images), expected, "{query}");
        assert_eq!((&images["id"], &images["logos"]), (&json!(7), &json!([])));
        let body = details(&held, "movie/7", &format!("append_to_response=images&{query}"));
        assert_eq!(paths(&body["images"]), expected, "{query}");
    }
}

#[test]
fn stills_need_their_own_parameter_and_profiles_and_logos_heed_none() {
    let image = json!({"file_path": "/a.jpg", "iso_639_1": null});
    let episode = json!({"id": 5, "images": {"stills": [image]}});
    let person = json!({"id": 6, "images": {"profiles": [image]}});
    let network = json!({"id": 8, "images": {"logos": [image]}});
    let held = held(&[
        ("tv/1/season/1/episode/1", &episode),
        ("person/6", &person),
        ("network/8", &network),
    ]);
    let count = |key: &str, list: &str, query: &str| {
        part(&held, key, "images", query).unwrap()[list].as_array().unwrap().len()
    };
    assert_eq!(count("tv/1/season/1/episode/1", "stills", "language=en"), 1);
    assert_eq!(count("tv/1/season/1/episode/1", "stills", "include_image_language=en"), 0);
    assert_eq!(count("person/6", "profiles", "language=en&include_image_language=en"), 1);
    assert_eq!(count("network/8", "logos", "language=en"), 1);
}

#[test]
fn videos_are_english_unless_another_language_is_asked_for() {
    let held = held(&[("movie/7", &movie())]);
    for (query, expected) in [
        ("", json!(["a"])),
        ("language=en-GB", json!(["a"])),
        ("language=de-DE", json!(["b"])),
        ("language=fr", json!([])),
        ("include_video_language=de,null", json!(["b", "c"])),
        ("language=fr&include_video_language=en", json!(["a"])),
    ] {
        let videos = part(&held, "movie/7", "videos", query).unwrap();
        let keys: Vec<&Value> =
            videos["results"].as_array().unwrap().iter().map(|video| &video["key"]).collect();
        assert_eq!(json!(keys), expected, "{query}");
    }
}

#[test]
fn alternative_titles_can_be_those_of_a_country() {
    let held = held(&[("movie/7", &movie())]);
    let titles =
        |query| part(&held, "movie/7", "alternative_titles", query).unwrap()["titles"].clone();
    assert_eq!(titles(""), movie()["alternative_titles"]["titles"]);
    assert_eq!(titles("country=us"), json!([{"iso_3166_1": "US", "title": "Wind"}]));
    assert_eq!(titles("country=FR"), json!([]));
}

#[test]
fn a_shows_seasons_read_in_the_language_where_their_translations_are_mirrored() {
    let (show, first, second) = show();
    let held = held(&[("tv/1", &show), ("tv/1/season/1", &first), ("tv/1/season/2", &second)]);
    let german = details(&held, "tv/1", "language=de-DE");
    assert_eq!(german["seasons"][0], show["seasons"][0]);
    let second = json!({
        "id": 12, "season_number": 2, "name": "Staffel 2", "overview": "", "poster_path": "/de.jpg",
    });
    assert_eq!(german["seasons"][1], second);
    let texts = (&german["name"], &german["overview"], &german["homepage"]);
    assert_eq!(texts, (&json!("Gusts"), &json!(""), &json!("h")));
}
