//! What a generated universe promises: sizes, fields, determinism, days that differ.

use std::collections::HashSet;

use domain::sighting::{Export, List};
use domain::{Key, Kind, Reference};
use serde_json::Value;

use super::Generated;
use crate::compose;
use crate::universe::{Query, Universe};

mod discovering;
mod speed;
mod year;

const MOVIE_PARTS: [&str; 12] = [
    "alternative_titles",
    "credits",
    "external_ids",
    "images",
    "keywords",
    "release_dates",
    "reviews",
    "recommendations",
    "similar",
    "translations",
    "videos",
    "watch/providers",
];

fn query(pairs: &[(&str, &str)]) -> Query {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn ids(universe: &Generated, export: Export, day: u32) -> Vec<u64> {
    let lines = universe.export(export, day);
    lines
        .map(|line| serde_json::from_str::<Value>(&line).unwrap()["id"].as_u64().unwrap())
        .collect()
}

fn parse(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

/// Sizes of the composed bodies of all exported keys of a kind that answer.
fn sizes(export: Export, parts: &[&str], count: u64) -> Vec<usize> {
    let universe = Generated::new(count, 42);
    let keys = ids(&universe, export, 0).into_iter();
    let keys = keys.map(|id| Key::new(export.kind(), id, None, None).unwrap());
    let bodies = keys.filter_map(|key| universe.composed(key, parts, &Query::new(), 0));
    let mut sizes: Vec<usize> = bodies.map(|body| body.len()).collect();
    sizes.sort_unstable();
    sizes
}

#[test]
fn movie_bodies_are_as_large_as_real_ones() {
    let sizes = sizes(Export::Movie, &MOVIE_PARTS, 500);
    let mean = sizes.iter().sum::<usize>() / sizes.len();
    println!("mean {mean}, median {}, largest {:?}", sizes[sizes.len() / 2], sizes.last());
    assert!((15_000..24_000).contains(&mean), "mean {mean}");
    assert!(sizes.last().is_some_and(|largest| (100_000..330_000).contains(largest)));
}

#[test]
fn people_have_a_heavy_tail() {
    let parts = ["combined_credits", "external_ids", "images", "translations"];
    let sizes = sizes(Export::Person, &parts, 500);
    let mean = sizes.iter().sum::<usize>() / sizes.len();
    println!("mean {mean}, median {}, largest {:?}", sizes[sizes.len() / 2], sizes.last());
    assert!(sizes[sizes.len() / 2] < 6_000);
    assert!(sizes.last().is_some_and(|largest| (50_000..400_000).contains(largest)));
}

#[test]
fn seasons_are_as_large_as_real_ones() {
    let universe = Generated::new(3000, 42);
    let mut sizes = Vec::new();
    let mut seasons = 0;
    let shows = ids(&universe, Export::Tv, 0);
    for id in &shows {
        let Some(show) = universe.detail(Key::tv(*id), &Query::new(), 0) else { continue };
        for season in parse(&show)["seasons"].as_array().unwrap() {
            let number = u32::try_from(season["season_number"].as_u64().unwrap()).unwrap();
            let body = universe.detail(Key::season(*id, number), &Query::new(), 0).unwrap();
            sizes.push(body.len());
            seasons += 1;
        }
    }
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    let each = f64::from(seasons) / shows.len() as f64;
    println!("{each} seasons a show, median {median}, largest {:?}", sizes.last());
    assert!((1.4..2.2).contains(&each), "{each} seasons a show");
    assert!((7_000..20_000).contains(&median), "median {median}");
}

#[test]
fn equal_seeds_give_equal_universes() {
    let bodies = |seed| {
        let universe = Generated::new(50, seed);
        let ids = ids(&universe, Export::Movie, 3);
        let body = |id| universe.composed(Key::movie(id), &MOVIE_PARTS, &Query::new(), 3);
        ids.into_iter().map(body).collect::<Vec<_>>()
    };
    assert_eq!(bodies(1), bodies(1));
    assert_ne!(bodies(1), bodies(2));
}

#[test]
fn every_part_of_every_kind_is_an_object_of_its_own() {
    let universe = Generated::new(300, 5);
    let query = Query::new();
    let show = ids(&universe, Export::Tv, 0)[0];
    let exports =
        [Export::Movie, Export::Person, Export::Collection, Export::Company, Export::Network];
    let first = |export: &Export| {
        Key::new(export.kind(), ids(&universe, *export, 0)[0], None, None).unwrap()
    };
    let mut keys = vec![Key::tv(show), Key::season(show, 1), Key::episode(show, 1, 1)];
    keys.extend(exports.iter().map(first));
    for key in keys {
        let parts = compose::parts(key.kind());
        let composed = parse(&universe.composed(key, parts, &query, 0).unwrap());
        let spliced = parse(&compose::splice(&universe, key, parts, &query, 0).unwrap());
        for part in parts {
            assert!(composed[part].is_object(), "{key} {part}");
            assert!(composed[part].get("id").is_none(), "{key} {part}");
            assert_eq!(composed[part], spliced[part], "{key} {part}");
        }
    }
}

#[test]
fn an_appended_season_has_no_id_and_a_missing_one_is_left_out() {
    let universe = Generated::new(300, 5);
    let show = ids(&universe, Export::Tv, 0)[0];
    let body = universe.composed(Key::tv(show), &["season/1", "season/99"], &Query::new(), 0);
    let body = parse(&body.unwrap());
    assert!(body["season/1"]["_id"].is_string());
    assert!(body["season/1"].get("id").is_none());
    assert!(body.get("season/99").is_none());
}

#[test]
fn credits_and_recommendations_name_those_that_exist() {
    let universe = Generated::new(2000, 9);
    let known = |export| ids(&universe, export, 0).into_iter().collect::<HashSet<u64>>();
    let mut people = known(Export::Person);
    people.extend(known(Export::AdultPerson));
    let mut movies = known(Export::Movie);
    movies.extend(known(Export::AdultMovie));
    for id in ids(&universe, Export::Movie, 0).into_iter().take(50) {
        let Some(body) = universe.composed(Key::movie(id), &MOVIE_PARTS, &Query::new(), 0) else {
            continue;
        };
        let body = parse(&body);
        for person in body["credits"]["cast"].as_array().unwrap() {
            assert!(people.contains(&person["id"].as_u64().unwrap()));
        }
        for movie in body["similar"]["results"].as_array().unwrap() {
            assert!(movies.contains(&movie["id"].as_u64().unwrap()));
        }
    }
}

#[test]
fn some_appear_and_some_go_for_good() {
    let universe = Generated::new(20_000, 3);
    let ids = |day| ids(&universe, Export::Movie, day).into_iter().collect::<HashSet<u64>>();
    let (before, after) = (ids(0), ids(10));
    let is_gone = |id: &&u64| !universe.is_left_out(Kind::Movie, **id, 10);
    let gone: Vec<&u64> = before.difference(&after).filter(is_gone).collect();
    assert!((10..100).contains(&gone.len()), "{} went", gone.len());
    assert!(after.difference(&before).count() > 40);
    for id in gone {
        assert_eq!(universe.detail(Key::movie(*id), &Query::new(), 10), None);
    }
    let missing = |id: &&u64| universe.detail(Key::movie(**id), &Query::new(), 0).is_none();
    let phantoms = before.iter().filter(missing).count();
    assert!((5..60).contains(&phantoms), "{phantoms} exported ids were never there");
}

#[test]
fn every_list_and_reference_answers() {
    let universe = Generated::new(5000, 3);
    for list in List::all() {
        let rows = universe.list(&list.path(), 1, &Query::new(), 0).unwrap();
        assert!(rows.total_results >= rows.rows.len() as u64, "{list:?}");
        for row in &rows.rows {
            assert!(parse(row)["id"].is_u64(), "{list:?}");
        }
        let is_dated = matches!(list, List::TvAiringToday);
        assert!(is_dated || !rows.rows.is_empty(), "{list:?} is empty");
    }
    for reference in Reference::ALL {
        parse(&universe.reference(reference).unwrap());
    }
}

#[test]
fn popular_lists_are_ranked_by_popularity() {
    let universe = Generated::new(5000, 3);
    for path in ["movie/popular", "tv/popular", "person/popular", "discover/movie"] {
        let rows = universe.list(path, 1, &Query::new(), 4).unwrap();
        let popularity: Vec<f64> =
            rows.rows.iter().map(|row| parse(row)["popularity"].as_f64().unwrap()).collect();
        assert!(popularity.is_sorted_by(|a, b| a >= b), "{path} {popularity:?}");
    }
}

#[test]
fn discover_keeps_to_its_filters() {
    let universe = Generated::new(5000, 3);
    let filters = query(&[
        ("with_genres", "18|35"),
        ("without_genres", "99"),
        ("vote_count.gte", "5"),
        ("primary_release_date.gte", "2000-01-01"),
        ("primary_release_date.lte", "2020-12-31"),
        ("sort_by", "primary_release_date.asc"),
        ("with_original_language", "en"),
    ]);
    let found = universe.list("discover/movie", 1, &filters, 0).unwrap();
    assert!(found.total_results > 0);
    let mut dates = Vec::new();
    for row in &found.rows {
        let row = parse(row);
        let genres = row["genre_ids"].as_array().unwrap();
        assert!(genres.iter().any(|genre| *genre == 18 || *genre == 35));
        assert!(!genres.iter().any(|genre| *genre == 99));
        assert!(row["vote_count"].as_u64().unwrap() >= 5);
        assert_eq!(row["original_language"], "en");
        dates.push(row["release_date"].as_str().unwrap().to_owned());
    }
    assert!(dates.is_sorted() && dates[0].as_str() >= "2000-01-01", "{dates:?}");
}

#[test]
fn a_title_is_found_by_its_foreign_id_and_its_name() {
    let universe = Generated::new(500, 3);
    let rows = universe.list("movie/popular", 1, &Query::new(), 0).unwrap();
    let row = parse(&rows.rows[2]);
    let id = row["id"].as_u64().unwrap();
    let detail = parse(&universe.detail(Key::movie(id), &Query::new(), 0).unwrap());
    if let Some(imdb_id) = detail["imdb_id"].as_str().filter(|imdb_id| !imdb_id.is_empty()) {
        let source = query(&[("external_source", "imdb_id")]);
        let found = universe.other(&format!("find/{imdb_id}"), &source, 0).unwrap();
        assert_eq!(parse(&found)["movie_results"][0]["id"], id);
    }
    let search = query(&[("query", row["title"].as_str().unwrap())]);
    let found = universe.list("search/movie", 1, &search, 0).unwrap();
    assert!(found.rows.iter().any(|found| parse(found)["id"] == id));
}

#[test]
fn a_language_without_a_translation_has_no_overview() {
    let universe = Generated::new(500, 3);
    let german = query(&[("language", "de-DE")]);
    let (mut translated, mut empty) = (0, 0);
    for id in ids(&universe, Export::Movie, 0) {
        let Some(body) = universe.detail(Key::movie(id), &german, 0) else { continue };
        let body = parse(&body);
        translated += i32::from(body["overview"] != "");
        empty += i32::from(body["overview"] == "");
        assert_ne!(body["title"], "");
    }
    assert!(translated > 20 && empty > 100, "{translated} translated, {empty} empty");
}
