//! A difference as a line for people.

use std::fmt;

use serde_json::{Map, Value};

use super::Difference;
use crate::canonical;

/// Characters of a value; longer ones are cut.
const WIDTH: usize = 60;
/// Characters shown of what two long texts have in common before they differ.
const CONTEXT: usize = 15;
/// Rows of an array that are named.
const ROWS: usize = 5;
/// Fields that say what a row is about.
const LABELS: [&str; 10] = [
    "title",
    "name",
    "provider_name",
    "author",
    "english_name",
    "certification",
    "rating",
    "iso_3166_1",
    "key",
    "action",
];
/// Fields that say more of it.
const DETAILS: [&str; 2] = ["character", "job"];

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "(all)" } else { &self.path };
        let path = printable(path);
        match (&self.before, &self.after) {
            (Some(Value::String(before)), Some(Value::String(after))) => {
                let (before, after) = texts(before, after);
                write!(f, "~ {path}: {before} → {after}")
            }
            (Some(Value::Array(_)), Some(Value::Array(rows))) if path.ends_with("[] order") => {
                write!(f, "~ {path}: {} rows follow each other otherwise", rows.len())
            }
            (Some(before), Some(after)) => {
                write!(f, "~ {path}: {} → {}", short(before), short(after))
            }
            (None, Some(after)) => write!(f, "+ {path}: {}", short(after)),
            (Some(before), None) => write!(f, "- {path}: {}", short(before)),
            (None, None) => write!(f, "~ {path}"),
        }
    }
}

fn short(value: &Value) -> String {
    cut(&printable(&full(value)))
}

fn full(value: &Value) -> String {
    match value {
        Value::Object(fields) => label(fields).unwrap_or_else(|| json(value)),
        Value::Array(rows) if rows.iter().any(|row| !super::is_scalar(row)) => {
            let mut texts: Vec<_> = rows.iter().take(ROWS).map(short).collect();
            if rows.len() > ROWS {
                texts.push("…".to_owned());
            }
            let noun = if rows.len() == 1 { "row" } else { "rows" };
            format!("{} {noun}: {}", rows.len(), texts.join(", "))
        }
        _ => json(value),
    }
}

/// What a row is about: `Brad Pitt (Tyler Durden)`, `1000×1500, en`.
fn label(fields: &Map<String, Value>) -> Option<String> {
    let text = |key: &&str| fields.get(*key)?.as_str().filter(|text| !text.is_empty());
    if let (Some(width), Some(height)) = (fields.get("width"), fields.get("height")) {
        let language = text(&"iso_639_1").unwrap_or("no language");
        return Some(format!("{width}×{height}, {language}"));
    }
    let label = LABELS.iter().find_map(text)?;
    Some(match DETAILS.iter().find_map(text) {
        Some(detail) => format!("{label} ({detail})"),
        None => label.to_owned(),
    })
}

/// Two texts from a little before where they differ.
fn texts(before: &str, after: &str) -> (String, String) {
    let common = before.chars().zip(after.chars()).take_while(|(one, other)| one == other).count();
    let is_long = |text: &str| text.chars().count() > WIDTH;
    let is_cut = is_long(before) || is_long(after);
    let skipped = if is_cut { common.saturating_sub(CONTEXT) } else { 0 };
    let from = |text: &str| {
        let rest: String = text.chars().skip(skipped).collect();
        let dots = if skipped > 0 { "…" } else { "" };
        format!("{dots}{}", short(&Value::from(rest)))
    };
    (from(before), from(after))
}

fn json(value: &Value) -> String {
    let mut text = String::new();
    canonical::write(value, &mut text);
    text
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Keeps what a terminal would obey out of the line.
fn printable(text: &str) -> String {
    text.replace(|character: char| character.is_control(), " ")
}
