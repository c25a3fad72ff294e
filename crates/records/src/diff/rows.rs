//! What names the rows of an array.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::is_scalar;
use crate::canonical;

/// Fields that name rows, the more telling first: the first that tells all
/// rows apart is taken, otherwise the one that tells the most.
const NAMES: [&[&str]; 22] = [
    &["credit_id"],
    &["id"],
    &["file_path"],
    &["provider_id"],
    &["iso_3166_1", "iso_639_1"],
    &["iso_3166_1"],
    &["iso_3166_1", "type"],
    &["iso_3166_1", "title"],
    &["iso_3166_1", "title", "type"],
    &["type", "release_date"],
    &["type", "release_date", "iso_639_1", "note"],
    &["iso_639_1"],
    &["key"],
    &["code"],
    &["source"],
    &["certification"],
    &["department"],
    &["season_number"],
    &["episode_number"],
    &["name"],
    &["title"],
    &["type"],
];

/// A name for each row, none twice in an array.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) before: Vec<String>,
    pub(super) after: Vec<String>,
    /// Rows are plain values, each its own name.
    pub(super) is_set: bool,
}

/// Names the rows of two arrays alike; `None` where nothing names them.
pub(super) fn names(before: &[Value], after: &[Value]) -> Option<Names> {
    let (old, new) = (before.iter(), after.iter());
    if before.iter().chain(after).all(is_scalar) {
        let names =
            Names { before: old.map(text).collect(), after: new.map(text).collect(), is_set: true };
        return (count(&names) == before.len() + after.len()).then_some(names);
    }
    let mut best: Option<(usize, Names)> = None;
    for fields in NAMES {
        let name = |row| row_name(row, fields);
        let (Some(before), Some(after)) = (
            before.iter().map(name).collect::<Option<Vec<_>>>(),
            after.iter().map(name).collect::<Option<Vec<_>>>(),
        ) else {
            continue;
        };
        let names = Names { before, after, is_set: false };
        let told = count(&names);
        if best.as_ref().is_none_or(|(most, _)| *most < told) {
            best = Some((told, names));
        }
        if told == old.len() + new.len() {
            break;
        }
    }
    let (_, names) = best?;
    Some(Names { before: numbered(names.before), after: numbered(names.after), is_set: false })
}

/// How many names are told apart.
fn count(names: &Names) -> usize {
    let distinct = |names: &[String]| names.iter().collect::<HashSet<_>>().len();
    distinct(&names.before) + distinct(&names.after)
}

/// Tells rows of the same name apart by how many came before.
fn numbered(names: Vec<String>) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let number = |name: String| {
        let times = seen.entry(name.clone()).or_default();
        *times += 1;
        if *times == 1 { name } else { format!("{name}#{times}") }
    };
    names.into_iter().map(number).collect()
}

/// Such as `iso_3166_1=US,iso_639_1=en`; `None` if the row lacks a field.
fn row_name(row: &Value, fields: &[&str]) -> Option<String> {
    let mut name = String::new();
    for field in fields {
        let value = row.get(field).filter(|value| is_scalar(value))?;
        let comma = if name.is_empty() { "" } else { "," };
        name = format!("{name}{comma}{field}={}", plain(value));
    }
    Some(name)
}

/// A value without quotes, where it reads well without.
fn plain(value: &Value) -> String {
    match value.as_str() {
        Some(plain)
            if !plain.is_empty() && !plain.contains(['[', ']', '"', ',', '=', '#', '\n']) =>
        {
            plain.to_owned()
        }
        _ => text(value),
    }
}

fn text(value: &Value) -> String {
    let mut text = String::new();
    canonical::write(value, &mut text);
    text
}
