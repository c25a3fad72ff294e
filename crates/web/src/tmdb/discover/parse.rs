//! The parameters of discover become a filter and an order.

use std::str::FromStr;

use domain::Kind;
use domain::facets::Way;
use jiff::civil::Date;

use crate::index::{Filter, Groups, Offers, Order, Releases, Sort, Span, code};
use crate::tmdb::fault::Fault;
use crate::tmdb::query::Query;

pub(super) fn order(query: &Query) -> Result<Order, Fault> {
    let text = query.get("sort_by").unwrap_or("popularity.desc");
    let unknown = || Fault::Parameters(format!("`sort_by` cannot be `{text}`"));
    let (by, way) = text.rsplit_once('.').ok_or_else(unknown)?;
    let by = match by {
        "popularity" => Sort::Popularity,
        "revenue" => Sort::Revenue,
        "primary_release_date" | "release_date" | "first_air_date" => Sort::Released,
        "vote_average" => Sort::VoteAverage,
        "vote_count" => Sort::VoteCount,
        "title" | "name" => Sort::Title,
        "original_title" | "original_name" => Sort::OriginalTitle,
        _ => return Err(unknown()),
    };
    match way {
        "asc" => Ok(Order { by, descending: false }),
        "desc" => Ok(Order { by, descending: true }),
        _ => Err(unknown()),
    }
}

/// All but certifications, whose order lies in the archive.
pub(super) fn filter(kind: Kind, query: &Query) -> Result<Filter, Fault> {
    let date = if kind == Kind::Tv { "first_air_date" } else { "primary_release_date" };
    let year = if kind == Kind::Tv { "first_air_date_year" } else { "primary_release_year" };
    let languages = query.get("with_original_language").unwrap_or_default();
    let languages = languages.split(['|', ',']).filter(|one| !one.is_empty());
    Ok(Filter {
        adult: flag(query, "include_adult")?,
        video: kind == Kind::Tv || flag(query, "include_video")?,
        released: narrowed(days(query, date)?, years(query, year)?),
        undated: flag(query, "include_null_first_air_dates")?,
        vote_average: span(query, "vote_average")?,
        vote_count: span(query, "vote_count")?,
        runtime: minutes(query)?,
        // What is no code of two letters is the original language of no title.
        languages: languages.map(|one| code(one).max(1)).collect(),
        countries: groups(query, "with_origin_country", country)?,
        genres: ids(query, "with_genres")?,
        without_genres: listed(query, "without_genres")?,
        keywords: ids(query, "with_keywords")?,
        without_keywords: listed(query, "without_keywords")?,
        companies: ids(query, "with_companies")?,
        without_companies: listed(query, "without_companies")?,
        networks: ids(query, "with_networks")?,
        cast: ids(query, "with_cast")?,
        crew: ids(query, "with_crew")?,
        people: ids(query, "with_people")?,
        status: ids(query, "with_status")?,
        sort: ids(query, "with_type")?,
        theatrical: query.get("screened_theatrically").map(boolean).transpose()?,
        releases: releases(query)?,
        certifications: None,
        offers: offers(query)?,
        aired: days(query, "air_date")?,
    })
}

/// A release in a region or of a sort counts only where something is asked of it: a region
/// alone, or a sort alone, filters nothing at TMDB (recorded pages).
fn releases(query: &Query) -> Result<Option<Releases>, Fault> {
    let days = narrowed(days(query, "release_date")?, years(query, "year")?);
    let region = query.get("region").map(country).transpose()?;
    let sorts = ids(query, "with_release_type")?;
    let is_asked = !days.is_open() || (region.is_some() && !sorts.0.is_empty());
    let country = region.and_then(|code| u16::try_from(code).ok()).unwrap_or_default();
    Ok(is_asked.then_some(Releases { country, sorts, days }))
}

/// Providers mean nothing without the country that they show it in.
fn offers(query: &Query) -> Result<Option<Offers>, Fault> {
    let Some(region) = query.get("watch_region") else { return Ok(None) };
    let country = u16::try_from(country(region)?).unwrap_or_default();
    let offers = Offers {
        country,
        providers: ids(query, "with_watch_providers")?,
        without: listed(query, "without_watch_providers")?,
        ways: ways(query)?,
    };
    let is_asked =
        !(offers.providers.0.is_empty() && offers.without.is_empty() && offers.ways.is_empty());
    Ok(is_asked.then_some(offers))
}

fn ways(query: &Query) -> Result<Vec<u8>, Fault> {
    const NAME: &str = "with_watch_monetization_types";
    let groups = groups(query, NAME, |text| {
        let way = Way::ALL.into_iter().find(|way| way.as_str() == text);
        way.map(|way| u32::from(way.bit())).ok_or_else(|| wrong(NAME, text))
    })?;
    let bits = |group: Vec<u32>| group.into_iter().fold(0, |all, bit| all | bit);
    Ok(groups.0.into_iter().map(|group| u8::try_from(bits(group)).unwrap_or(u8::MAX)).collect())
}

fn wrong(name: &str, text: &str) -> Fault {
    Fault::Parameters(format!("`{name}` cannot be `{text}`"))
}

fn given<T: FromStr>(query: &Query, name: &str) -> Result<Option<T>, Fault> {
    let Some(text) = query.get(name) else { return Ok(None) };
    text.parse().map(Some).map_err(|_error| wrong(name, text))
}

fn boolean(text: &str) -> Result<bool, Fault> {
    match text {
        "true" | "True" | "TRUE" | "1" => Ok(true),
        "false" | "False" | "FALSE" | "0" => Ok(false),
        _ => Err(Fault::Parameters(format!("neither true nor false: `{text}`"))),
    }
}

/// False where it is not given.
pub(in crate::tmdb) fn flag(query: &Query, name: &str) -> Result<bool, Fault> {
    query.get(name).map_or(Ok(false), boolean)
}

/// `name.gte` and `name.lte`.
fn span<T: FromStr>(query: &Query, name: &str) -> Result<Span<T>, Fault> {
    Ok(Span {
        from: given(query, &format!("{name}.gte"))?,
        to: given(query, &format!("{name}.lte"))?,
    })
}

/// Clients say 999999 where they mean no end.
fn minutes(query: &Query) -> Result<Span<u16>, Fault> {
    let Span { from, to } = span::<u64>(query, "with_runtime")?;
    let held = |minutes: u64| u16::try_from(minutes).unwrap_or(u16::MAX);
    Ok(Span { from: from.map(held), to: to.map(held) })
}

fn days(query: &Query, name: &str) -> Result<Span<i32>, Fault> {
    let bound = |end: &str| {
        let text = query.get(&format!("{name}.{end}"));
        text.map(|text| day(text).ok_or(Fault::Date)).transpose()
    };
    Ok(Span { from: bound("gte")?, to: bound("lte")? })
}

/// Days since 1970 of `YYYY-MM-DD`; whatever time follows is left out.
fn day(text: &str) -> Option<i32> {
    let date: Date = text.get(..10)?.parse().ok()?;
    number(date)
}

fn number(date: Date) -> Option<i32> {
    Some(jiff::civil::date(1970, 1, 1).until(date).ok()?.get_days())
}

/// The days since 1970 of a date.
pub(in crate::tmdb) fn day_number(date: Date) -> i32 {
    number(date).unwrap_or_default()
}

fn years(query: &Query, name: &str) -> Result<Span<i32>, Fault> {
    let Some(year) = given::<i16>(query, name)? else { return Ok(Span::default()) };
    let day = |month, day| Date::new(year, month, day).ok().and_then(number);
    match (day(1, 1), day(12, 31)) {
        (Some(from), Some(to)) => Ok(Span { from: Some(from), to: Some(to) }),
        _ => Err(wrong(name, &year.to_string())),
    }
}

/// What lies within both.
fn narrowed(one: Span<i32>, other: Span<i32>) -> Span<i32> {
    let to = [one.to, other.to].into_iter().flatten().min();
    Span { from: one.from.max(other.from), to }
}

/// A comma means and, a bar or.
fn groups(
    query: &Query,
    name: &str,
    read: impl Fn(&str) -> Result<u32, Fault>,
) -> Result<Groups, Fault> {
    let text = query.get(name).unwrap_or_default();
    let groups = text.split(',').map(|group| {
        let one_of = group.split('|').map(str::trim).filter(|one| !one.is_empty());
        one_of.map(&read).collect::<Result<Vec<_>, _>>()
    });
    let groups = groups.collect::<Result<Vec<_>, _>>()?;
    Ok(Groups(groups.into_iter().filter(|group| !group.is_empty()).collect()))
}

fn ids(query: &Query, name: &str) -> Result<Groups, Fault> {
    groups(query, name, |text| text.parse().map_err(|_error| wrong(name, text)))
}

/// What must not be there, however it is joined.
fn listed(query: &Query, name: &str) -> Result<Vec<u32>, Fault> {
    Ok(ids(query, name)?.0.into_iter().flatten().collect())
}

fn country(text: &str) -> Result<u32, Fault> {
    match code(&text.to_ascii_uppercase()) {
        0 => Err(Fault::Parameters(format!("`{text}` is no country's code of two letters"))),
        code => Ok(code.into()),
    }
}
