//! Pages of lists: rows of titles, people and names, twenty a page.

use bytes::Bytes;
use domain::Kind;
use serde_json::{Value, json};

use super::drift::Day;
use super::rows::{json, person_row, title_row};
use super::titles::{Title, Titles};
use crate::universe::Rows;

pub(super) const PAGE: usize = 20;

/// 500 pages.
const MAX_WALK: usize = 500 * PAGE;

/// One row to be written.
#[derive(Clone, Copy)]
pub(super) enum Row<'t> {
    Title(Kind, &'t Title),
    Person(u64),
    Named(Kind, u64, &'t str),
}

/// One page of rows, as the list of that path writes them.
pub(super) fn paged(titles: &Titles, rows: &[Row<'_>], page: u32, path: &str, day: Day) -> Rows {
    let is_mixed = path.starts_with("trending/") || path == "search/multi";
    let skipped =
        usize::try_from(page.saturating_sub(1)).unwrap_or(usize::MAX).saturating_mul(PAGE);
    // Trending lists tell of no more than can be walked.
    let told = if path.starts_with("trending/") { rows.len().min(MAX_WALK) } else { rows.len() };
    let shown = rows.iter().skip(skipped).take(PAGE);
    Rows {
        rows: shown.filter_map(|row| write(titles, *row, is_mixed, day)).collect(),
        total_results: told.try_into().unwrap_or(u64::MAX),
        total_pages: told.div_ceil(PAGE).try_into().unwrap_or(u64::MAX),
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
