//! Lists and searches: which rows, in which order.

use bytes::Bytes;
use domain::{Key, Kind};
use serde_json::{Value, json};

use super::discover::discover;
use super::drift::Day;
use super::rows::{json, person_row, title_row};
use super::titles::{Title, Titles};
use crate::universe::{Query, Rows};

const PAGE: usize = 20;

/// How many of the newest titles count as coming, running or on the air.
const COMING: usize = 60;
const RUNNING: usize = 180;

/// How many people are in a list of everything that trends.
const TRENDING_PEOPLE: usize = 100;

/// One row to be written.
#[derive(Clone, Copy)]
enum Row<'t> {
    Title(Kind, &'t Title),
    Person(u64),
    Named(Kind, u64, &'t str),
}

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
        ["search", kind] => search(titles, kind, query)?,
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

fn search<'t>(titles: &'t Titles, kind: &str, query: &Query) -> Option<Vec<Row<'t>>> {
    let wanted = query.get("query").map(|text| text.trim().to_lowercase()).unwrap_or_default();
    let mut found: Vec<(u8, f64, Row<'t>)> = Vec::new();
    let mut add = |names: [&str; 2], popularity: f64, row: Row<'t>| {
        if let Some(rank) = names.iter().filter_map(|name| rank(name, &wanted)).min() {
            found.push((rank, popularity, row));
        }
    };
    for title_kind in [Kind::Movie, Kind::Tv] {
        if kind == title_kind.as_str() || kind == "multi" {
            let fitting =
                titles.of(title_kind).into_iter().filter(|title| is_of_year(title, query));
            for title in fitting {
                let names = [&*title.name, &*title.original_name];
                add(names, title.popularity, Row::Title(title_kind, title));
            }
        }
    }
    if matches!(kind, "person" | "multi") {
        for (id, person) in &titles.people {
            add([&person.name, ""], person.popularity, Row::Person(*id));
        }
    }
    let named = match kind {
        "keyword" => Some((Kind::Keyword, &titles.keywords)),
        "company" => Some((Kind::Company, &titles.companies)),
        "movie" | "tv" | "person" | "multi" | "collection" => None,
        _ => return None,
    };
    for (kind, (id, name)) in
        named.iter().flat_map(|(kind, all)| all.iter().map(move |one| (kind, one)))
    {
        add([name, ""], 0.0, Row::Named(*kind, *id, name));
    }
    found.sort_by(|(a, a_popularity, _), (b, b_popularity, _)| {
        a.cmp(b).then(b_popularity.total_cmp(a_popularity))
    });
    Some(found.into_iter().map(|(_, _, row)| row).collect())
}

/// How well a name fits what is searched for; less is better.
fn rank(name: &str, wanted: &str) -> Option<u8> {
    if wanted.is_empty() {
        return None;
    }
    let name = name.to_lowercase();
    match name.find(wanted)? {
        0 if name.len() == wanted.len() => Some(0),
        0 => Some(1),
        _ => Some(2),
    }
}

/// The years of a search are exact.
fn is_of_year(title: &Title, query: &Query) -> bool {
    let names = ["year", "primary_release_year", "first_air_date_year"];
    let mut years =
        names.iter().filter_map(|name| query.get(*name)).filter(|year| !year.is_empty());
    years.all(|year| title.date.get(..4) == Some(year.as_str()))
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
    let body = super::parts::part(titles, key, part, day)?;
    let mut body: Value = serde_json::from_slice(&body).ok()?;
    let total = |name: &str| body[name].as_u64().unwrap_or(0);
    let (total_results, total_pages) = (total("total_results"), total("total_pages"));
    let rows = body["results"].as_array_mut().map(std::mem::take).filter(|_| page == 1);
    let rows = rows.unwrap_or_default().iter().map(json).collect();
    Some(Rows { rows, total_results, total_pages, ..Rows::default() })
}

fn paged(titles: &Titles, rows: &[Row<'_>], page: u32, path: &str, day: Day) -> Rows {
    let is_mixed = path.starts_with("trending/") || path == "search/multi";
    let skipped =
        usize::try_from(page.saturating_sub(1)).unwrap_or(usize::MAX).saturating_mul(PAGE);
    let shown = rows.iter().skip(skipped).take(PAGE);
    Rows {
        rows: shown.filter_map(|row| write(titles, *row, is_mixed, day)).collect(),
        total_results: rows.len().try_into().unwrap_or(u64::MAX),
        total_pages: rows.len().div_ceil(PAGE).try_into().unwrap_or(u64::MAX),
        ..Rows::default()
    }
}

fn write(titles: &Titles, row: Row<'_>, is_mixed: bool, day: Day) -> Option<Bytes> {
    match row {
        Row::Title(kind, title) => {
            let media_type = is_mixed.then_some(kind.as_str());
            Some(json(&title_row(kind, title, day).of_type(media_type)))
        }
        Row::Person(id) => {
            let person = titles.people.get(&id)?;
            let media_type = is_mixed.then_some("person");
            let row = person_row(id, person, day).of_type(media_type);
            let mut row = serde_json::to_value(row).ok()?;
            row["known_for"] = known_for(titles, &person.movies, Kind::Movie, day)
                .into_iter()
                .chain(known_for(titles, &person.shows, Kind::Tv, day))
                .take(3)
                .collect();
            Some(json(&row))
        }
        Row::Named(Kind::Company, id, name) => {
            Some(json(&json!({"id": id, "logo_path": null, "name": name, "origin_country": ""})))
        }
        Row::Named(_, id, name) => Some(json(&json!({"id": id, "name": name}))),
    }
}

/// A person's most popular titles.
fn known_for(titles: &Titles, ids: &[u64], kind: Kind, day: Day) -> Vec<Value> {
    let mut known: Vec<&Title> = ids.iter().filter_map(|id| titles.title(kind, *id)).collect();
    known.sort_by(|a, b| b.popularity.total_cmp(&a.popularity));
    let rows = known.into_iter().take(3).map(|title| {
        let row = title_row(kind, title, day).of_type(Some(kind.as_str()));
        serde_json::to_value(row).unwrap_or_default()
    });
    rows.collect()
}
