//! Questions as they are put, and checked on TMDB's own description of its API.

use domain::Reference;
use domain::sighting::{Trending, Window};
use serde_json::Value;

use super::*;
use crate::corpus;

fn every_kind() -> Vec<Key> {
    let flat = Kind::ALL
        .into_iter()
        .filter(|kind| !matches!(kind, Kind::Season | Kind::Episode | Kind::Reference))
        .map(|kind| Key::new(kind, 7, None, None).unwrap());
    let references = Reference::ALL.map(Key::reference);
    flat.chain([Key::season(7, 0), Key::episode(7, 0, 2)]).chain(references).collect()
}

fn list(list: List) -> Question {
    Question::List { list, at: at() }
}

fn at() -> PageAt {
    let given = |text: &str| Some(text.to_owned());
    let language = given("de-DE&api_key=x");
    PageAt { page: 3, region: given("DE"), language, timezone: given("Europe/Berlin") }
}

fn discover(kind: Kind) -> Question {
    Question::Discover { kind, filters: crate::discover::genre(18), at: at() }
}

#[track_caller]
fn check(question: &Question, endpoint: &str, query: &str) {
    assert_eq!(question.path(), endpoint);
    let asked = question.asked();
    let (path, rest) = asked.split_once('?').unwrap_or((&asked, ""));
    assert_eq!((path, rest), (endpoint, query));
}

#[test]
fn lists_take_what_tmdb_takes_for_them() {
    check(
        &list(List::MoviePopular),
        "movie/popular",
        "language=de-DE%26api_key%3Dx&page=3&region=DE",
    );
    check(
        &list(List::Trending(Trending::All, Window::Week)),
        "trending/all/week",
        "language=de-DE%26api_key%3Dx&page=3",
    );
    check(
        &list(List::TvOnTheAir),
        "tv/on_the_air",
        "language=de-DE%26api_key%3Dx&page=3&timezone=Europe%2FBerlin",
    );
}

#[test]
fn discovering_puts_filters_and_page_in_one_order() {
    check(
        &discover(Kind::Movie),
        "discover/movie",
        "language=de-DE%26api_key%3Dx&page=3&region=DE&sort_by=popularity.desc&with_genres=18",
    );
    check(
        &discover(Kind::Tv),
        "discover/tv",
        "language=de-DE%26api_key%3Dx&page=3&sort_by=popularity.desc&timezone=Europe%2FBerlin\
         &with_genres=18",
    );
}

#[test]
fn details_bring_their_parts() {
    check(
        &Question::Detail(Key::new(Kind::Company, 25, None, None).unwrap()),
        "company/25",
        "append_to_response=alternative_names,images",
    );
    check(&Question::Detail(Key::reference(Reference::GenresTv)), "genre/tv/list", "");
    let french = Key::reference_in(Reference::GenresTv, "fr-FR".parse().unwrap());
    check(&Question::Detail(french), "genre/tv/list", "language=fr-FR");
    assert_eq!(Question::Detail(french).endpoint(), "genre/tv/list");
    let season = Question::Detail(Key::season(1396, 1)).asked();
    assert!(season.starts_with("tv/1396/season/1?append_to_response=aggregate_credits,credits,"));
    assert!(season.contains("&include_video_language=null,en,"));
}

#[test]
fn a_show_fills_its_request_with_seasons() {
    let parts = Question::Detail(Key::tv(1396)).parts();
    assert_eq!(parts.len(), MAX_PARTS);
    assert_eq!(parts[14..], (0..6).map(season_part).collect::<Vec<_>>());
}

#[test]
fn no_question_asks_for_more_than_twenty_parts() {
    let seasons = Question::Seasons { tv: 7, numbers: (10..50).collect() };
    assert_eq!(seasons.parts().len(), MAX_PARTS);
    for key in every_kind() {
        assert!(Question::Detail(key).parts().len() <= MAX_PARTS, "{key}");
    }
}

#[test]
fn further_seasons_come_with_their_show() {
    check(
        &Question::Seasons { tv: 7, numbers: vec![6, 9] },
        "tv/7",
        "append_to_response=season/6,season/9",
    );
}

#[test]
fn every_path_and_part_is_in_tmdbs_description() {
    let Some(description) = corpus::read("openapi.json") else { return };
    let description: Value = serde_json::from_slice(&description).unwrap();
    let known: Vec<Vec<&str>> = description["paths"]
        .as_object()
        .unwrap()
        .keys()
        .map(|path| path.trim_start_matches("/3/").split('/').collect())
        .collect();
    let is_known = |path: &str| {
        let path: Vec<&str> = path.split('/').collect();
        known.iter().any(|known| {
            let mut pairs = known.iter().zip(&path);
            known.len() == path.len()
                && pairs.all(|(known, part)| known.starts_with('{') || known == part)
        })
    };
    let lists = List::all().into_iter().map(list).chain([Kind::Movie, Kind::Tv].map(discover));
    for question in every_kind().into_iter().map(Question::Detail).chain(lists) {
        let endpoint = question.path();
        assert!(is_known(&endpoint), "{endpoint} is not described");
        for part in question.parts() {
            assert!(is_known(&format!("{endpoint}/{part}")), "{endpoint} has no {part}");
        }
    }
}
