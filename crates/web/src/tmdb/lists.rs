//! TMDB's lists, as they were read last; those that never were, as discover finds them.

mod preset;

use domain::catalogue::ListName;
use domain::sighting::{List, Trending, Window};
use domain::{Source, Timestamp};
use jiff::ToSpan;
use jiff::civil::Date;

use super::InPath;
use super::answer::Answer;
use super::fault::Fault;
use super::language::Language;
use super::page::{self, Dates, Form, Keys, PER_PAGE};
use super::query::Query;
use super::rows::Style;
use crate::site::Site;

/// As many as TMDB lets anybody page through.
const MAX_ENTRIES: usize = 10_000;

/// How long clients may keep what is trending, as TMDB's CDN says (`FACTS.md` section 4).
const TEN_MINUTES: u32 = 600;

pub(super) async fn list(site: &Site, list: List, query: &Query) -> Result<Answer, Fault> {
    let (found, seen_at) = entries(site, list, query).await?;
    let dates = dates(list, seen_at.date());
    page::answer(site, query, found, Form { dates, ..Form::of(Style::Plain) }).await
}

pub(super) async fn trending(
    site: &Site,
    of: Trending,
    path: &InPath,
    query: &Query,
) -> Result<Answer, Fault> {
    let window = match path.first().map(|(_, window)| window.as_str()) {
        Some("day") => Window::Day,
        Some("week") => Window::Week,
        _ => return Err(Fault::NotFound),
    };
    let (found, _) = entries(site, List::Trending(of, window), query).await?;
    let answer = page::answer(site, query, found, Form::of(Style::Trending)).await?;
    Ok(Answer { max_age: TEN_MINUTES, ..answer })
}

/// A page of a list, and when it was read.
async fn entries(site: &Site, list: List, query: &Query) -> Result<(Keys, Timestamp), Fault> {
    let catalog = &site.stores().catalog;
    let language = page::language(query)?;
    let name = Source::List(list).to_string();
    let region = query.get("region").map(str::to_ascii_uppercase).unwrap_or_default();
    let readings = catalog.readings(&name).await?;
    let Some(reading) = nearest(readings, &region, &language) else {
        return Ok((preset::keys(site, list, query).await?, site.now()));
    };
    let all = catalog.list(&reading, MAX_ENTRIES).await?;
    let first = (query.page()? as usize - 1) * PER_PAGE;
    let seen_at = all.first().map_or_else(|| site.now(), |first| first.seen_at);
    let keys = all.iter().skip(first).take(PER_PAGE).map(|entry| entry.key);
    Ok((Keys { keys: keys.collect(), total: all.len() as u64 }, seen_at))
}

/// The reading that is nearest to what was asked: first by its region, then by its language.
fn nearest(readings: Vec<ListName>, region: &str, language: &Language) -> Option<ListName> {
    let region_near = |own: &str| match own {
        own if own == region => 2,
        "" => 1,
        _ => 0,
    };
    let asked = match &language.country {
        Some(country) => format!("{}-{country}", language.language),
        None => language.language.clone(),
    };
    let language_near = |own: &str| match own {
        own if own == asked => 3,
        // TMDB's default is in English.
        own if own.get(..2).unwrap_or("en") == language.language => 2,
        "" => 1,
        _ => 0,
    };
    let near = |one: &ListName| (region_near(&one.region), language_near(&one.language));
    // Of equals the last one is taken, hence the reversal.
    readings.into_iter().rev().max_by_key(near)
}

/// The dates that a list spans, on a day (`FACTS.md` section 6).
fn span(list: List, today: Date) -> Option<(Date, Date)> {
    let days = |days: i64| today.saturating_add(days.days());
    match list {
        List::MovieNowPlaying => Some((days(-42), today)),
        List::MovieUpcoming => Some((today, days(21))),
        List::TvAiringToday => Some((today, today)),
        List::TvOnTheAir => Some((today, days(7))),
        _ => None,
    }
}

/// Only lists of movies tell them.
fn dates(list: List, today: Date) -> Option<Dates> {
    let is_told = matches!(list, List::MovieNowPlaying | List::MovieUpcoming);
    let (minimum, maximum) = span(list, today).filter(|_| is_told)?;
    Some(Dates { maximum: maximum.to_string(), minimum: minimum.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(held: &[(&str, &str)], region: &str, language: &str, wanted: Option<(&str, &str)>) {
        let name = |(region, language): &(&str, &str)| ListName {
            list: "movie.popular".to_owned(),
            region: (*region).to_owned(),
            language: (*language).to_owned(),
        };
        let found = nearest(held.iter().map(name).collect(), region, &language.parse().unwrap());
        let found = found.as_ref().map(|found| (&*found.region, &*found.language));
        assert_eq!(found, wanted);
    }

    #[test]
    fn the_nearest_reading_is_taken() {
        let held = [("", ""), ("", "de-DE"), ("DE", "de-DE"), ("DE", "en-US")];
        check(&held, "DE", "en-US", Some(("DE", "en-US")));
        check(&held, "DE", "fr-FR", Some(("DE", "de-DE")));
        check(&held, "FR", "de-AT", Some(("", "de-DE")));
        check(&held, "", "en-US", Some(("", "")));
        check(&held[2..], "", "en-US", Some(("DE", "en-US")));
        check(&[], "", "en-US", None);
    }

    #[test]
    fn only_some_lists_of_movies_tell_their_dates() {
        let today = jiff::civil::date(2026, 5, 27);
        let told = dates(List::MovieNowPlaying, today).unwrap();
        assert_eq!((&*told.minimum, &*told.maximum), ("2026-04-15", "2026-05-27"));
        let told = dates(List::MovieUpcoming, today).unwrap();
        assert_eq!((&*told.minimum, &*told.maximum), ("2026-05-27", "2026-06-17"));
        assert_eq!(dates(List::TvOnTheAir, today), None);
        assert_eq!(dates(List::MoviePopular, today), None);
    }
}
