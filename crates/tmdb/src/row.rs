//! What a row of a list, or an odd line of an export, says of a title.

use domain::{Key, Kind, Sighting};
use serde_json::Value;

/// Reads a row of a known kind; `None` when its id is not one.
pub(crate) fn sighting(kind: Kind, row: &Value) -> Option<Sighting> {
    let key = Key::new(kind, row.get("id")?.as_u64()?, None, None).ok()?;
    Some(Sighting {
        key,
        title: text(row, &["title", "name", "original_title", "original_name"]),
        popularity: row.get("popularity").and_then(Value::as_f64),
        adult: row.get("adult").and_then(Value::as_bool),
        video: row.get("video").and_then(Value::as_bool),
        original_language: text(row, &["original_language"]),
        released: text(row, &["release_date", "first_air_date"]),
    })
}

/// Returns the first of some members that says anything.
fn text(row: &Value, names: &[&str]) -> Option<String> {
    let said = names.iter().filter_map(|name| row.get(*name)?.as_str());
    said.map(str::trim).find(|text| !text.is_empty()).map(str::to_owned)
}
