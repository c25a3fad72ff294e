//! Paged answers: lists, discover, search, and the changes of all ids of a kind.

use std::fmt::Write;

use bytes::Bytes;
use domain::{Key, Kind};
use jiff::ToSpan;
use jiff::civil::Date;

use super::{Question, found};
use crate::reply::{Cache, Reply};
use crate::server::State;
use crate::universe::{Change, Rows};

/// Rows of a page of changes.
const CHANGES_PER_PAGE: usize = 100;
/// The longest span of days that changes are told of.
const MAX_SPAN: i64 = 14;

/// One page of a list, or of the paged part of a key.
pub(super) fn page(state: &State, question: &Question, part: Option<(Key, &str)>) -> Reply {
    let Some(page) = question.page() else { return Reply::error(22) };
    let (query, day) = (&question.query, state.day());
    let cache = if question.path.starts_with("trending") { Cache::SHORT } else { Cache::NORMAL };
    // Asked under its own id: a movie may be asked for by its IMDb id.
    let path = match part {
        Some((key, part)) => format!("{key}/{part}"),
        None => question.path.clone(),
    };
    let id = part.filter(|(_, part)| !matches!(*part, "similar" | "recommendations"));
    let id = id.map(|(key, _)| key.id());
    if let Some(rows) = state.universe.list(&path, page, query, day) {
        return Reply::ok(body(page, &rows, id), cache);
    }
    // A part that the universe does not page is all on its first page.
    let whole = part.and_then(|(key, part)| state.universe.part(key, part, query, day));
    let nothing_more = Rows { total_pages: 1, ..Rows::default() };
    found(whole.map(|whole| if page == 1 { whole } else { body(page, &nothing_more, id) }), cache)
}

fn body(page: u32, rows: &Rows, id: Option<u64>) -> Bytes {
    if let Some(whole) = &rows.whole {
        return whole.clone();
    }
    let size: usize = rows.rows.iter().map(|row| row.len() + 1).sum();
    let mut body = Vec::with_capacity(size + 200);
    body.push(b'{');
    if let Some(id) = id {
        body.extend_from_slice(format!("\"id\":{id},").as_bytes());
    }
    if let Some(dates) = &rows.dates {
        body.extend_from_slice(b"\"dates\":");
        body.extend_from_slice(dates);
        body.push(b',');
    }
    body.extend_from_slice(format!("\"page\":{page},\"results\":[").as_bytes());
    for (at, row) in rows.rows.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        body.extend_from_slice(row);
    }
    let (pages, results) = (rows.total_pages, rows.total_results);
    body.extend_from_slice(
        format!("],\"total_pages\":{pages},\"total_results\":{results}}}").as_bytes(),
    );
    body.into()
}

/// The ids of a kind that changed within some days.
pub(super) fn changes(state: &State, question: &Question) -> Reply {
    let Some(page) = question.page() else { return Reply::error(22) };
    let Ok((from, to)) = window(question, state.today()) else { return Reply::error(23) };
    let span = crate::server::days_between(from, to);
    if span > MAX_SPAN {
        return Reply::error(20);
    }
    let kind = match question.segments()[0] {
        "movie" => Kind::Movie,
        "tv" => Kind::Tv,
        _ => Kind::Person,
    };
    let last = state.day_of(to).min(i64::from(state.day()));
    let first = state.day_of(from).max(0);
    let days = u32::try_from(first).ok().zip(u32::try_from(last).ok());
    let changes = match days {
        Some((first, last)) if first <= last => state.universe.changed(kind, first, last),
        _ => vec![],
    };
    let cache = if to < state.today() { Cache::LONG } else { Cache::SHORT };
    Reply::ok(changes_page(&changes, page).into(), cache)
}

/// The first and the last day asked for: the last 24 hours unless told otherwise.
fn window(question: &Question, today: Date) -> Result<(Date, Date), jiff::Error> {
    let read = |name: &str| {
        let text = question.query.get(name).filter(|text| !text.is_empty());
        text.map(|text| text.parse::<Date>()).transpose()
    };
    Ok(match (read("start_date")?, read("end_date")?) {
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) => (from, from.saturating_add(1.day())),
        (None, to) => {
            let to = to.unwrap_or(today);
            (to.saturating_sub(1.day()), to)
        }
    })
}

fn changes_page(changes: &[Change], page: u32) -> String {
    let total = changes.len();
    let skipped = (page as usize - 1).saturating_mul(CHANGES_PER_PAGE);
    let mut body = String::from(r#"{"results":["#);
    for (at, change) in changes.iter().skip(skipped).take(CHANGES_PER_PAGE).enumerate() {
        let comma = if at > 0 { "," } else { "" };
        let id = match change.id {
            Change::NAMELESS => "null".to_owned(),
            id => id.to_string(),
        };
        let row = match change.adult {
            Some(adult) => write!(body, r#"{comma}{{"id":{id},"adult":{adult},"softcore":false}}"#),
            None => write!(body, r#"{comma}{{"id":{id},"adult":null,"softcore":null}}"#),
        };
        // Writing to memory does not fail.
        row.ok();
    }
    let pages = total.div_ceil(CHANGES_PER_PAGE).max(1);
    write!(body, r#"],"page":{page},"total_pages":{pages},"total_results":{total}}}"#).ok();
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, from: &str, to: &str) {
        let today = jiff::civil::date(2026, 11, 20);
        let (first, last) = window(&Question::read("movie/changes", query), today).unwrap();
        assert_eq!((first.to_string().as_str(), last.to_string().as_str()), (from, to), "{query}");
    }

    #[test]
    fn changes_are_those_of_the_last_day_unless_told_otherwise() {
        check("", "2026-11-19", "2026-11-20");
        check("start_date=2026-11-01", "2026-11-01", "2026-11-02");
        check("end_date=2026-11-01", "2026-10-31", "2026-11-01");
        check("start_date=2026-11-01&end_date=2026-11-09", "2026-11-01", "2026-11-09");
    }

    #[test]
    fn a_page_of_changes_has_a_hundred_rows() {
        let changes: Vec<Change> =
            (1..=150).map(|id| Change { id, adult: (id != 101).then_some(false) }).collect();
        let page: serde_json::Value = serde_json::from_str(&changes_page(&changes, 2)).unwrap();
        assert_eq!(page["results"].as_array().unwrap().len(), 50);
        assert!(page["results"][0]["adult"].is_null());
        assert_eq!(
            (page["total_pages"].as_u64(), page["total_results"].as_u64()),
            (Some(2), Some(150))
        );
    }
}
