//! Lists: which rows, in which order.

use domain::{Key, Kind};
use serde_json::{Value, json};

use super::discover::discover;
use super::drift::Day;
use super::page::{PAGE, Row, paged};
use super::rows::json;
use super::titles::{Title, Titles};
use super::{parts, search};
use crate::universe::{Query, Rows};

/// How many of the newest titles count as coming, running or on the air.
const COMING: usize = 60;
const RUNNING: usize = 180;

/// How many people are in a list of everything that trends.
const TRENDING_PEOPLE: usize = 100;

/// One page of a list by its path.
pub(super) fn list(
    titles: &Titles,
    path: &str,
    page: u32,
    query: &Query,
    day: Day,
) -> Option<Rows> {
    let segments: Vec<&str> = path.split('/').collect();
    let of = |kind, preset: &[(&str, &str)]| ranked(titles, kind, preset, day);
    let rows = match segments[..] {
        ["movie", "now_playing"] => return Some(dated(titles, Kind::Movie, true, page, day)),
        ["movie", "upcoming"] => return Some(dated(titles, Kind::Movie, false, page, day)),
        ["movie", "popular"] => of(Kind::Movie, &[]),
        ["tv", "popular"] => of(Kind::Tv, &[]),
        ["movie", "top_rated"] => of(
            Kind::Movie,
            &[
                ("sort_by", "vote_average.desc"),
                ("vote_count.gte", "200"),
                ("without_genres", "99,10755"),
            ],
        ),
        ["tv", "top_rated"] => {
            of(Kind::Tv, &[("sort_by", "vote_average.desc"), ("vote_count.gte", "200")])
        }
        ["tv", "airing_today"] => on_the_air(titles, PAGE),
        ["tv", "on_the_air"] => on_the_air(titles, COMING),
        ["person", "popular"] | ["trending", "person", _] => stars(titles, usize::MAX),
        ["trending", kind, _] => trending(titles, kind, day)?,
        ["discover", kind] => titled(kind_of(kind)?, discover(titles, kind_of(kind)?, query, day)),
        ["search", kind] => search::find(titles, kind, query)?,
        ["keyword", id, "movies"] => of_keyword(titles, id)?,
        ["company", id, "movies"] => of_company(titles, id)?,
        [kind, id, "similar" | "recommendations" | "reviews" | "lists"] => {
            return of_part(titles, kind, id, path, page, day);
        }
        _ => return None,
    };
    Some(paged(titles, &rows, page, path, day))
}

fn kind_of(word: &str) -> Option<Kind> {
    match word {
        "movie" => Some(Kind::Movie),
        "tv" => Some(Kind::Tv),
        _ => None,
    }
}

fn titled<'t>(kind: Kind, titles: impl IntoIterator<Item = &'t Title>) -> Vec<Row<'t>> {
    titles.into_iter().map(|title| Row::Title(kind, title)).collect()
}

fn ranked<'t>(titles: &'t Titles, kind: Kind, preset: &[(&str, &str)], day: Day) -> Vec<Row<'t>> {
    let preset = preset.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    titled(kind, discover(titles, kind, &preset.collect(), day))
}

/// The newest movies: those to come, and those that came before them.
fn dated(titles: &Titles, kind: Kind, is_running: bool, page: u32, day: Day) -> Rows {
    let mut newest = titles.of(kind);
    newest.retain(|title| !title.date.is_empty());
    newest.sort_by(|a, b| b.date.cmp(&a.date).then(a.id.cmp(&b.id)));
    let newest = newest.into_iter();
    let mut newest: Vec<&Title> = if is_running {
        newest.skip(COMING).take(RUNNING).collect()
    } else {
        newest.take(COMING).collect()
    };
    let dates = newest.first().zip(newest.last());
    let dates =
        dates.map(|(last, first)| json(&json!({"maximum": last.date, "minimum": first.date})));
    newest.sort_by(|a, b| b.popularity.total_cmp(&a.popularity));
    Rows { dates, ..paged(titles, &titled(kind, newest), page, "", day) }
}

fn on_the_air(titles: &Titles, count: usize) -> Vec<Row<'_>> {
    let mut shows: Vec<_> = titles.shows.values().collect();
    shows.sort_by(|a, b| b.last_air_date.cmp(&a.last_air_date).then(a.title.id.cmp(&b.title.id)));
    let mut latest: Vec<&Title> = shows.into_iter().take(count).map(|show| &show.title).collect();
    latest.sort_by(|a, b| b.popularity.total_cmp(&a.popularity));
    titled(Kind::Tv, latest)
}

fn stars(titles: &Titles, count: usize) -> Vec<Row<'_>> {
    titles.stars.iter().take(count).map(|id| Row::Person(*id)).collect()
}

fn trending<'t>(titles: &'t Titles, kind: &str, day: Day) -> Option<Vec<Row<'t>>> {
    if kind != "all" {
        return Some(ranked(titles, kind_of(kind)?, &[], day));
    }
    let mut rows = ranked(titles, Kind::Movie, &[], day);
    rows.extend(ranked(titles, Kind::Tv, &[], day));
    rows.extend(stars(titles, TRENDING_PEOPLE));
    let popularity = |row: &Row<'_>| match row {
        Row::Title(_, title) => day.popularity(title.id, title.popularity),
        Row::Person(id) => titles.people.get(id).map_or(0.0, |person| person.popularity),
        Row::Named(..) => 0.0,
    };
    rows.sort_by(|a, b| popularity(b).total_cmp(&popularity(a)));
    Some(rows)
}

fn of_keyword<'t>(titles: &'t Titles, id: &str) -> Option<Vec<Row<'t>>> {
    let id = id.parse().ok().filter(|id| titles.keywords.contains_key(id))?;
    let movies = titles.of(Kind::Movie).into_iter().filter(|title| title.keywords.contains(&id));
    Some(titled(Kind::Movie, movies))
}

fn of_company<'t>(titles: &'t Titles, id: &str) -> Option<Vec<Row<'t>>> {
    let id = id.parse().ok().filter(|id| titles.companies.contains_key(id))?;
    let movies = titles.of(Kind::Movie).into_iter().filter(|title| title.companies.contains(&id));
    Some(titled(Kind::Movie, movies))
}

/// The only page of a paged part.
fn of_part(titles: &Titles, kind: &str, id: &str, path: &str, page: u32, day: Day) -> Option<Rows> {
    let key = Key::new(kind_of(kind)?, id.parse().ok()?, None, None).ok()?;
    let (_, part) = path.rsplit_once('/')?;
    let body = parts::part(titles, key, part, day)?;
    let mut body: Value = serde_json::from_slice(&body).ok()?;
    let total = |name: &str| body[name].as_u64().unwrap_or(0);
    let (total_results, total_pages) = (total("total_results"), total("total_pages"));
    let rows = body["results"].as_array_mut().map(std::mem::take).filter(|_| page == 1);
    let rows = rows.unwrap_or_default().iter().map(json).collect();
    Some(Rows { rows, total_results, total_pages, ..Rows::default() })
}
