//! The life of a universe: what its judge is told is what its clients see.

use std::collections::{HashMap, HashSet};

use domain::sighting::Export;
use domain::{Key, Kind};
use jiff::civil::date;
use serde_json::Value;

use super::{Generated, MOVIE_PARTS, ids, parse};
use crate::Life;
use crate::universe::{Change, Query, Universe};

const SHOW_PARTS: [&str; 8] = [
    "aggregate_credits",
    "content_ratings",
    "credits",
    "external_ids",
    "images",
    "keywords",
    "translations",
    "watch/providers",
];
const PERSON_PARTS: [&str; 4] = ["combined_credits", "external_ids", "images", "translations"];

/// As lively as a year, within some weeks.
const BUSY: Life = Life {
    births: 0.003,
    edits: 0.05,
    people_edits: 0.02,
    silent: 0.15,
    deaths: 0.004,
    merges: 0.5,
    absences: 0.01,
    gaps: 0.01,
    phantoms: 0.001,
    airing: 0.3,
};

fn busy(movies: u64) -> Generated {
    Generated::living(movies, 5, date(2026, 1, 1), BUSY)
}

/// A body without what moves every day.
fn steady(body: &[u8]) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.retain(|name, _| {
                    !matches!(name.as_str(), "popularity" | "vote_average" | "vote_count")
                });
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = parse(body);
    strip(&mut value);
    value
}

/// Content differs from the day before on the days of change, and on no other.
fn check_changes(kind: Kind, parts: &[&str], (movies, days): (u64, u32), least: usize) {
    let universe = busy(movies);
    let mut bodies: HashMap<u64, (u64, Value)> = HashMap::new();
    let mut changes = 0;
    for day in 0..days {
        for id in universe.alive(kind, day).collect::<Vec<_>>() {
            let key = Key::new(kind, id, None, None).unwrap();
            let Some(body) = universe.composed(key, parts, &Query::new(), day) else {
                assert!(universe.is_absent(kind, id, day), "{key} on {day}");
                continue;
            };
            let (body, count) = (steady(&body), universe.changes(kind, id, day).unwrap());
            let last = universe.last_change(kind, id, day);
            let previous = bodies.insert(id, (count, body.clone()));
            let Some((before, old)) = previous else { continue };
            assert_eq!(old == body, before == count, "{key} on {day}: {before} to {count}");
            let was_there = !universe.is_absent(kind, id, day.saturating_sub(1));
            if was_there {
                let is_today = last.is_some_and(|last| last.day == day);
                assert_eq!(is_today, before != count, "{key} on {day}: {last:?}");
            }
            changes += usize::from(before != count);
        }
    }
    assert!(changes >= least, "{changes} changes");
}

#[test]
fn movies_change_on_their_days_of_change_only() {
    check_changes(Kind::Movie, &MOVIE_PARTS, (80, 30), 70);
}

#[test]
fn shows_change_on_their_days_of_change_only() {
    check_changes(Kind::Tv, &SHOW_PARTS, (150, 30), 50);
}

#[test]
fn people_change_on_their_days_of_change_only() {
    check_changes(Kind::Person, &PERSON_PARTS, (20, 25), 20);
}

#[test]
fn collections_and_companies_never_change() {
    check_changes(Kind::Collection, &["images", "translations"], (500, 20), 0);
    check_changes(Kind::Company, &["images", "alternative_names"], (100, 20), 0);
}

#[test]
fn figures_move_although_nothing_changed() {
    let universe = Generated::living(500, 5, date(2026, 1, 1), Life::STILL);
    let body = |id, day| parse(&universe.detail(Key::movie(id), &Query::new(), day).unwrap());
    let (mut popularity, mut votes, mut count) = (0, 0, 0);
    for id in universe.alive(Kind::Movie, 0) {
        let (first, next, later) = (body(id, 0), body(id, 1), body(id, 60));
        popularity += u64::from(first["popularity"] != next["popularity"]);
        votes += u64::from(first["vote_count"] != later["vote_count"]);
        assert!(later["vote_count"].as_u64() >= first["vote_count"].as_u64());
        let is_announced = first["status"] != "Released";
        assert!(is_announced || universe.last_change(Kind::Movie, id, 60).is_none());
        count += 1;
    }
    assert_eq!(popularity, count, "the popularity of all drifts");
    assert!(votes > count / 2, "{votes} of {count} got votes");
}

#[test]
fn an_export_is_the_living_of_the_day_before_without_its_gaps() {
    let universe = Generated::living(3000, 5, date(2026, 1, 1), Life { phantoms: 0.0, ..BUSY });
    for day in 1..12 {
        let exports = [Export::Movie, Export::AdultMovie];
        let lines: Vec<u64> = exports.iter().flat_map(|it| ids(&universe, *it, day)).collect();
        let exported: HashSet<u64> = lines.iter().copied().collect();
        assert_eq!(exported.len(), lines.len(), "each once");
        let alive: HashSet<u64> = universe.alive(Kind::Movie, day - 1).collect();
        let mut gaps = 0;
        for id in &alive {
            let is_left_out = !exported.contains(id);
            gaps += u32::from(is_left_out);
            let is_dying = universe.died_on(Kind::Movie, *id) == Some(day);
            let is_known = universe.is_left_out(Kind::Movie, *id, day) || is_dying;
            assert!(!is_left_out || is_known, "{id} on {day}");
            let export = universe.export_of(Kind::Movie, *id).unwrap();
            assert!(exports.contains(&export));
        }
        assert!(exported.is_subset(&alive), "day {day}");
        assert!((5..100).contains(&gaps), "{gaps} gaps");
    }
}

#[test]
fn newcomers_answer_before_they_are_exported() {
    let universe = busy(3000);
    let before: HashSet<u64> = universe.alive(Kind::Movie, 4).collect();
    let newcomers: Vec<u64> =
        universe.alive(Kind::Movie, 5).filter(|id| !before.contains(id)).collect();
    assert!(newcomers.len() >= 8, "{newcomers:?}");
    let told = universe.changed(Kind::Movie, 5, 5);
    for id in newcomers {
        assert_eq!(universe.born_on(Kind::Movie, id), Some(5));
        let export = universe.export_of(Kind::Movie, id).unwrap();
        assert!(!ids(&universe, export, 5).contains(&id));
        let is_left_out = universe.is_left_out(Kind::Movie, id, 6);
        let is_dead = universe.died_on(Kind::Movie, id) <= Some(6);
        assert_eq!(ids(&universe, export, 6).contains(&id), !is_left_out || is_dead, "{id}");
        assert!(told.contains(&Change { id, adult: None }), "{id} came unseen");
    }
}

#[test]
fn the_feed_tells_of_all_changes_but_the_silent_ones() {
    let universe = busy(2000);
    for kind in [Kind::Movie, Kind::Tv, Kind::Person] {
        let told: HashSet<u64> = universe.changed(kind, 6, 8).iter().map(|it| it.id).collect();
        let (mut listed, mut silent) = (0, 0);
        for id in universe.alive(kind, 8) {
            let last = universe.last_listed_change(kind, id, 8);
            assert_eq!(told.contains(&id), last.is_some_and(|day| day >= 6), "{kind} {id}");
            if let Some(last) = universe.last_change(kind, id, 8).filter(|last| last.day >= 6) {
                listed += u32::from(last.listed);
                silent += u32::from(!last.listed);
            }
        }
        let share = f64::from(silent) / f64::from(silent + listed);
        assert!((0.08..0.24).contains(&share), "{kind}: {silent} silent, {listed} listed");
    }
}

#[test]
fn the_feed_leaves_adultness_and_now_and_then_the_id_open() {
    let changes = busy(20_000).changed(Kind::Movie, 1, 14);
    let (total, nameless) = (changes.len(), changes.iter().filter(|it| it.id == 0).count());
    assert!(nameless > 0 && nameless < total / 100, "{nameless} of {total} have no id");
    let settled =
        Generated::living(20_000, 5, date(2026, 1, 1), Life { births: 0.0, deaths: 0.0, ..BUSY });
    let changes = settled.changed(Kind::Movie, 1, 14);
    let unknown = changes.iter().filter(|it| it.adult.is_none()).count() as f64;
    let share = unknown / changes.len() as f64;
    assert!((0.03..0.07).contains(&share), "{share}");
}

#[test]
fn the_heir_of_a_merged_title_carries_its_name_and_its_imdb_id() {
    let universe = busy(2000);
    let (mut merged, mut deleted) = (0, 0);
    for kind in [Kind::Movie, Kind::Tv] {
        for id in universe.alive(kind, 0).collect::<Vec<_>>() {
            let Some(died) = universe.died_on(kind, id).filter(|day| (2..60).contains(day)) else {
                continue;
            };
            assert!(!universe.is_alive(kind, id, died) && universe.is_alive(kind, id, died - 1));
            let Some(heir) = universe.merged_into(kind, id) else {
                deleted += 1;
                continue;
            };
            let body = |id, day| {
                let key = Key::new(kind, id, None, None).unwrap();
                Some(parse(&universe.composed(key, &["external_ids"], &Query::new(), day)?))
            };
            let (old, new) = (body(id, died - 1), body(heir, died));
            let Some((old, new)) = old.zip(new) else { continue };
            let fields = if kind == Kind::Movie {
                ["title", "original_title", "release_date"]
            } else {
                ["name", "original_name", "first_air_date"]
            };
            for field in fields {
                assert_eq!(old[field], new[field], "{field}");
            }
            let imdb_id = &old["external_ids"]["imdb_id"];
            assert!(imdb_id.as_str().is_some_and(|it| it.starts_with("tt")));
            assert_eq!(*imdb_id, new["external_ids"]["imdb_id"]);
            assert_eq!(universe.last_change(kind, heir, died).map(|it| it.day), Some(died));
            if kind == Kind::Movie {
                let source = super::query(&[("external_source", "imdb_id")]);
                let path = format!("find/{}", imdb_id.as_str().unwrap());
                let found = parse(&universe.other(&path, &source, died).unwrap());
                assert_eq!(found["movie_results"][0]["id"], heir);
            }
            merged += 1;
        }
    }
    assert!(merged > 50 && deleted > 50, "{merged} merged, {deleted} deleted");
}

#[test]
fn an_airing_show_gains_the_episode_it_announced() {
    let universe = busy(1500);
    let mut aired = 0;
    for id in universe.alive(Kind::Tv, 0).collect::<Vec<_>>() {
        let body = |day| universe.detail(Key::tv(id), &Query::new(), day).map(|it| parse(&it));
        let Some(today) = body(10) else { continue };
        let Some(next) = today["next_episode_to_air"].as_object() else { continue };
        let on: jiff::civil::Date = next["air_date"].as_str().unwrap().parse().unwrap();
        let day = crate::server::days_between(date(2026, 1, 1), on);
        assert!((11..=17).contains(&day), "{day}");
        let Some(then) = body(u32::try_from(day).unwrap()) else { continue };
        assert_eq!(then["last_episode_to_air"]["id"], next["id"]);
        assert_eq!(
            then["number_of_episodes"].as_u64().unwrap(),
            today["number_of_episodes"].as_u64().unwrap() + 1
        );
        assert_eq!(then["last_air_date"], next["air_date"]);
        let season = u32::try_from(next["season_number"].as_u64().unwrap()).unwrap();
        let number = u32::try_from(next["episode_number"].as_u64().unwrap()).unwrap();
        let episode = Key::episode(id, season, number);
        assert_eq!(universe.detail(episode, &Query::new(), 10), None);
        let day = u32::try_from(day).unwrap();
        let episode = parse(&universe.detail(episode, &Query::new(), day).unwrap());
        assert_eq!(episode["name"], next["name"]);
        aired += 1;
    }
    assert!(aired > 20, "{aired} shows air");
}

#[test]
fn a_year_of_twenty_thousand_titles_is_as_lively_as_a_year_at_tmdb() {
    let universe = Generated::new(20_000, 1);
    let alive = |day| universe.alive(Kind::Movie, day).count();
    let died = |id: &u64| universe.died_on(Kind::Movie, *id).is_some_and(|day| day <= 365);
    let deaths = universe.alive(Kind::Movie, 0).filter(died).count();
    println!("{} at first, {} after a year, {deaths} of the first died", alive(0), alive(365));
    assert!((1_200..1_700).contains(&deaths), "{deaths} deaths: some four a day");
    assert!(alive(365) > alive(0), "more come than go");
    for (kind, few, many) in [(Kind::Movie, 80, 160), (Kind::Tv, 25, 80), (Kind::Person, 80, 180)] {
        let changes = universe.changed(kind, 200, 200).len();
        println!("{changes} {kind} changes on a day");
        assert!((few..many).contains(&changes), "{changes} {kind} changes on a day");
    }
}
