//! `discover`: orders and filters hold, and rows agree with the bodies.

use domain::{Key, Kind};
use serde_json::Value;

use super::{Generated, parse, query};
use crate::universe::{Query, Universe};

fn rows(universe: &Generated, path: &str, pairs: &[(&str, &str)], day: u32) -> Vec<Value> {
    let found = universe.list(path, 1, &query(pairs), day).unwrap();
    found.rows.iter().map(|row| parse(row)).collect()
}

fn body(universe: &Generated, kind: Kind, row: &Value, day: u32) -> Option<Value> {
    let key = Key::new(kind, row["id"].as_u64().unwrap(), None, None).unwrap();
    universe.composed(key, &["keywords"], &Query::new(), day).map(|body| parse(&body))
}

#[test]
fn every_order_is_kept_in_both_directions() {
    let universe = Generated::new(5000, 3);
    let movies = [
        ("popularity", "popularity"),
        ("vote_average", "vote_average"),
        ("vote_count", "vote_count"),
        ("primary_release_date", "release_date"),
        ("title", "title"),
        ("original_title", "original_title"),
        ("revenue", "revenue"),
    ];
    let shows = [
        ("popularity", "popularity"),
        ("vote_average", "vote_average"),
        ("vote_count", "vote_count"),
        ("first_air_date", "first_air_date"),
        ("name", "name"),
        ("original_name", "original_name"),
    ];
    let movies = movies.map(|order| ("discover/movie", Kind::Movie, order));
    let shows = shows.map(|order| ("discover/tv", Kind::Tv, order));
    for (path, kind, (order, field)) in movies.into_iter().chain(shows) {
        for (direction, is_ascending) in [("asc", true), ("desc", false)] {
            let order = format!("{order}.{direction}");
            let rows = rows(&universe, path, &[("sort_by", &order)], 9);
            let bodies = rows.iter().filter_map(|row| body(&universe, kind, row, 9));
            let values: Vec<Value> = bodies.map(|mut body| body[field].take()).collect();
            assert!(values.len() > 15, "{path} {order}");
            let is_sorted = values.is_sorted_by(|a, b| {
                let (a, b) = if is_ascending { (a, b) } else { (b, a) };
                match (a.as_f64(), b.as_f64()) {
                    (Some(a), Some(b)) => a <= b,
                    _ => a.as_str() <= b.as_str(),
                }
            });
            assert!(is_sorted, "{path} {order}: {values:?}");
        }
    }
}

#[test]
fn a_row_agrees_with_the_detail_of_its_day() {
    let universe = Generated::new(5000, 3);
    for (path, kind) in [("discover/movie", Kind::Movie), ("discover/tv", Kind::Tv)] {
        for day in [0, 30, 200] {
            for row in rows(&universe, path, &[("vote_count.gte", "10")], day) {
                let Some(body) = body(&universe, kind, &row, day) else { continue };
                let members = row.as_object().unwrap().iter();
                for (name, value) in members.filter(|(name, _)| *name != "genre_ids") {
                    assert_eq!(body[name], *value, "{path} {name} on {day}");
                }
            }
        }
    }
}

#[test]
fn hidden_gems_are_what_the_recipe_asks_for() {
    let universe = Generated::new(20_000, 3);
    let recipe = [
        ("vote_average.gte", "7.5"),
        ("vote_average.lte", "9.25"),
        ("vote_count.gte", "50"),
        ("vote_count.lte", "5000"),
        ("without_genres", "99,10755"),
        ("sort_by", "vote_average.desc"),
        ("region", "US"),
    ];
    let rows = rows(&universe, "discover/movie", &recipe, 3);
    assert!(rows.len() > 10, "{} gems", rows.len());
    for row in rows {
        let (average, count) =
            (row["vote_average"].as_f64().unwrap(), row["vote_count"].as_u64().unwrap());
        assert!((7.5..=9.25).contains(&average) && (50..=5000).contains(&count), "{row}");
        assert!(!row["genre_ids"].as_array().unwrap().contains(&99.into()));
        assert_eq!(row["adult"], false);
    }
}

#[test]
fn a_comma_means_all_and_a_bar_means_any() {
    let universe = Generated::new(20_000, 3);
    let has = |row: &Value, id: u64| row["genre_ids"].as_array().unwrap().contains(&id.into());
    let both = rows(&universe, "discover/movie", &[("with_genres", "28,12")], 0);
    assert!(!both.is_empty() && both.iter().all(|row| has(row, 28) && has(row, 12)));
    let any = rows(&universe, "discover/movie", &[("with_genres", "28|12")], 0);
    assert!(any.iter().all(|row| has(row, 28) || has(row, 12)));
    assert!(any.iter().any(|row| !has(row, 28)) && any.iter().any(|row| !has(row, 12)));
    let neither = rows(&universe, "discover/movie", &[("without_genres", "28|12")], 0);
    assert!(neither.iter().all(|row| !has(row, 28) && !has(row, 12)));
}

#[test]
fn keywords_and_companies_are_those_of_the_bodies() {
    let universe = Generated::new(5000, 3);
    let first = rows(&universe, "discover/movie", &[], 0);
    let known = first.iter().find_map(|row| body(&universe, Kind::Movie, row, 0)).unwrap();
    let id = |list: &Value| list[0]["id"].as_u64().unwrap();
    let keyword = id(&known["keywords"]["keywords"]);
    let found = rows(&universe, "discover/movie", &[("with_keywords", &keyword.to_string())], 0);
    assert!(found.iter().any(|row| row["id"] == known["id"]));
    for body in found.iter().filter_map(|row| body(&universe, Kind::Movie, row, 0)) {
        let keywords = body["keywords"]["keywords"].as_array().unwrap();
        assert!(keywords.iter().any(|it| it["id"] == keyword));
    }
    let company = id(&known["production_companies"]);
    let found = rows(&universe, "discover/movie", &[("with_companies", &company.to_string())], 0);
    assert!(found.iter().any(|row| row["id"] == known["id"]));
    for body in found.iter().filter_map(|row| body(&universe, Kind::Movie, row, 0)) {
        let companies = body["production_companies"].as_array().unwrap();
        assert!(companies.iter().any(|it| it["id"] == company));
    }
}

#[test]
fn shows_on_the_air_have_an_episode_within_a_week() {
    let universe = Generated::new(5000, 3);
    let (mut airing, day) = (0, 20);
    let today = universe.world.date_of(day.into());
    for row in rows(&universe, "tv/on_the_air", &[], day) {
        let Some(body) = body(&universe, Kind::Tv, &row, day) else { continue };
        let dates = [
            &body["next_episode_to_air"]["air_date"],
            &body["last_episode_to_air"]["air_date"],
            &body["first_air_date"],
        ];
        let is_within = dates
            .iter()
            .filter_map(|date| date.as_str()?.parse().ok())
            .any(|date| (0..=7).contains(&crate::server::days_between(today, date)));
        assert!(is_within, "{dates:?} on {today}");
        airing += u32::from(!body["next_episode_to_air"].is_null());
    }
    assert!(airing > 3, "{airing} shows go on");
}
