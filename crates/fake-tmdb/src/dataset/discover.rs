//! Titles by filters and order, as `discover` answers; the plain lists are presets of it.

use std::cmp::Ordering;

use domain::Kind;

use super::drift::Day;
use super::titles::{Title, Titles};
use crate::universe::Query;

/// The titles that a query of `discover` keeps, in its order.
pub(super) fn discover<'t>(
    titles: &'t Titles,
    kind: Kind,
    query: &Query,
    day: Day,
) -> Vec<&'t Title> {
    let mut found = titles.of(kind);
    found.retain(|title| keeps(kind, title, query, day));
    let order = query.get("sort_by").map_or("popularity.desc", String::as_str);
    let (field, direction) = order.split_once('.').unwrap_or((order, "desc"));
    found.sort_by(|a, b| {
        let ascending = compare(field, a, b, day);
        let ordering = if direction == "asc" { ascending } else { ascending.reverse() };
        ordering.then(a.id.cmp(&b.id))
    });
    found
}

fn compare(field: &str, a: &Title, b: &Title, day: Day) -> Ordering {
    match field {
        "vote_average" => a.vote_average.total_cmp(&b.vote_average),
        "vote_count" => day.votes(a.id, a.vote_count).cmp(&day.votes(b.id, b.vote_count)),
        "revenue" => a.revenue.cmp(&b.revenue),
        "primary_release_date" | "release_date" | "first_air_date" => a.date.cmp(&b.date),
        "title" | "name" => a.name.cmp(&b.name),
        "original_title" | "original_name" => a.original_name.cmp(&b.original_name),
        _ => day.popularity(a.id, a.popularity).total_cmp(&day.popularity(b.id, b.popularity)),
    }
}

fn keeps(kind: Kind, title: &Title, query: &Query, day: Day) -> bool {
    query.iter().all(|(name, value)| {
        value.is_empty() || {
            let votes = || day.votes(title.id, title.vote_count);
            match name.as_str() {
                "with_genres" => any_of(value, |id| title.genres.contains(&id)),
                "without_genres" => !has_one(value, |id| title.genres.contains(&id)),
                "with_keywords" => any_of(value, |id| title.keywords.contains(&id)),
                "without_keywords" => !has_one(value, |id| title.keywords.contains(&id)),
                "with_companies" => any_of(value, |id| title.companies.contains(&id)),
                "with_cast" => any_of(value, |id| title.cast.iter().any(|c| c.person == id)),
                "with_crew" => any_of(value, |id| title.crew.iter().any(|c| c.person == id)),
                "with_people" => any_of(value, |id| has_person(title, id)),
                "with_original_language" => value.split('|').any(|code| is_language(title, code)),
                "with_origin_country" => {
                    value.split('|').any(|code| title.countries.iter().any(|own| **own == *code))
                }
                "vote_average.gte" => number(value).is_none_or(|least| title.vote_average >= least),
                "vote_average.lte" => number(value).is_none_or(|most| title.vote_average <= most),
                "vote_count.gte" => value.parse().map_or(true, |least: u64| votes() >= least),
                "vote_count.lte" => value.parse().map_or(true, |most: u64| votes() <= most),
                _ => keeps_date(kind, title, name, value),
            }
        }
    })
}

/// What has no date is in no range of dates.
fn keeps_date(kind: Kind, title: &Title, name: &str, value: &str) -> bool {
    let date = &*title.date;
    let is_own = match name {
        "year" => true,
        _ if name.contains("release") => kind == Kind::Movie,
        _ => kind == Kind::Tv && name.contains("air_date"),
    };
    if !is_own {
        return true;
    }
    if name.ends_with("year") {
        return date.get(..4) == Some(value);
    }
    let value = value.get(..10).unwrap_or(value);
    match name.rsplit_once('.') {
        Some((_, "gte")) => !date.is_empty() && date >= value,
        Some((_, "lte")) => !date.is_empty() && date <= value,
        _ => true,
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// `28,12` asks for both, `28|12` for either.
fn any_of(value: &str, has: impl Fn(u64) -> bool) -> bool {
    value.split('|').any(|all| all.split(',').all(|id| id.trim().parse().is_ok_and(&has)))
}

fn has_one(value: &str, has: impl Fn(u64) -> bool) -> bool {
    value.split(['|', ',']).any(|id| id.trim().parse().is_ok_and(&has))
}

fn has_person(title: &Title, id: u64) -> bool {
    title.cast.iter().any(|c| c.person == id) || title.crew.iter().any(|c| c.person == id)
}

fn is_language(title: &Title, code: &str) -> bool {
    code.split('-').next().is_some_and(|primary| *title.language == *primary)
}
