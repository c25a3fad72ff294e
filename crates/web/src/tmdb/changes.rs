//! What changed, as this mirror saw it, and the newest of a kind.

use std::time::Duration;

use domain::archive::Span;
use domain::sighting::Feed;
use domain::{Key, Kind, Timestamp};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::InPath;
use super::answer::Answer;
use super::details;
use super::fault::Fault;
use super::query::Query;
use crate::site::Site;

/// As TMDB has it.
const PAGE: usize = 100;
const MOST_DAYS: i32 = 14;

/// A window that is not over yet changes, one that is over does not (`FACTS.md` section 4).
const OPEN_FOR: u32 = 600;
const CLOSED_FOR: u32 = 86_400;

const DAY: Duration = Duration::from_hours(24);

pub(super) async fn changes(site: &Site, feed: Feed, query: &Query) -> Result<Answer, Fault> {
    let (kind, now) = (feed.kind(), site.now());
    let (from, until) = window(query.get("start_date"), query.get("end_date"), now)?;
    let page = query.page()?;
    let before = usize::try_from(page - 1).unwrap_or(usize::MAX);
    let span = Span { kind, from, until, skip: before.saturating_mul(PAGE), limit: PAGE };
    let changed = site.stores().archive.changed(&span).await?;
    let mut results = Vec::with_capacity(changed.ids.len());
    for id in changed.ids {
        results.push(row(site, kind, id).await?);
    }
    let body = json!({
        "results": results,
        "page": page,
        "total_pages": changed.total.div_ceil(PAGE as u64).max(1),
        "total_results": changed.total,
    });
    let max_age = if until <= now { CLOSED_FOR } else { OPEN_FOR };
    Ok(Answer { max_age, ..Answer::new(body.to_string()) })
}

/// The details of the highest id there is.
pub(super) async fn latest(site: &Site, kind: Kind, query: &Query) -> Result<Answer, Fault> {
    let highest = site.stores().archive.highest(kind).await?.ok_or(Fault::NotFound)?;
    let path: InPath = vec![("id".to_owned(), highest.to_string())];
    let answer = details::details(site, kind, &path, query).await?;
    Ok(Answer { max_age: 0, ..answer })
}

/// What TMDB tells of a key that changed; nothing of one that is gone by now.
async fn row(site: &Site, kind: Kind, id: u64) -> Result<Value, Fault> {
    let mut row = json!({"id": id, "adult": null});
    let Ok(key) = Key::new(kind, id, None, None) else { return Ok(row) };
    let record = site.stores().archive.get(key).await?;
    let Some(Ok(body)) = record.as_ref().map(records::to_value) else { return Ok(row) };
    row["adult"] = body["adult"].clone();
    if let Some(softcore) = body.get("softcore") {
        row["softcore"] = softcore.clone();
    }
    Ok(row)
}

/// From when until when, its end left out: the last 24 hours where nothing is said.
fn window(
    start: Option<&str>,
    end: Option<&str>,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), Fault> {
    let date = |text: &str| text.parse::<Date>().ok().filter(|_| text.len() == 10);
    let read = |text: Option<&str>| text.map(|text| date(text).ok_or(Fault::Date)).transpose();
    let (from, to) = match (read(start)?, read(end)?) {
        (None, None) => return Ok((now - DAY, now + Duration::from_millis(1))),
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) => (from, now.date().max(from)),
        (None, Some(to)) => (to.saturating_sub(1.day()), to),
    };
    let days = to.since(from).map_or(i32::MAX, |span| span.get_days());
    if !(0..=MOST_DAYS).contains(&days) {
        return Err(Fault::Range);
    }
    let begins = |date: Date| {
        let begun = date.to_zoned(TimeZone::UTC).ok().ok_or(Fault::Date)?;
        Ok::<_, Fault>(Timestamp::from(begun.timestamp()))
    };
    Ok((begins(from)?, begins(to)? + DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_767_225_600_000 + 12 * 3_600_000;

    /// Hours from midnight of 2026-01-01.
    fn hours(start: Option<&str>, end: Option<&str>) -> Result<(i64, i64), Fault> {
        let (from, until) = window(start, end, Timestamp::from_millis(NOON))?;
        let hours = |at: Timestamp| (at.as_millis() - 1_767_225_600_000).div_euclid(3_600_000);
        Ok((hours(from), hours(until)))
    }

    #[test]
    fn a_window_has_its_first_and_its_last_day() {
        assert_eq!(hours(None, None), Ok((-12, 12)));
        assert_eq!(hours(Some("2026-01-01"), Some("2026-01-01")), Ok((0, 24)));
        assert_eq!(hours(Some("2025-12-31"), None), Ok((-24, 24)));
        assert_eq!(hours(None, Some("2026-01-02")), Ok((0, 48)));
        assert_eq!(hours(Some("2026-01-01"), Some("2026-01-15")), Ok((0, 15 * 24)));
    }

    #[test]
    fn a_window_of_more_than_14_days_and_what_is_no_date_are_refused() {
        assert_eq!(hours(Some("2026-01-01"), Some("2026-01-16")), Err(Fault::Range));
        assert_eq!(hours(Some("2026-01-02"), Some("2026-01-01")), Err(Fault::Range));
        assert_eq!(hours(Some("2025-01-01"), None), Err(Fault::Range));
        for text in
            ["yesterday", "2026-02-30", "2026-1-1", "20260101", "-999999-01-01", "2026-01-01T00:00"]
        {
            assert_eq!(hours(Some(text), None), Err(Fault::Date), "{text}");
        }
    }
}
