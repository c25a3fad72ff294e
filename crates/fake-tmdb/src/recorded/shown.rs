//! What exports and lists show of a thing, taken from its detail body.

use domain::sighting::Export;
use domain::{Key, Kind};
use serde_json::{Value, json};

use super::members::Members;

/// The line of a detail body in an export; `None` if it belongs into another one.
pub(super) fn export_line(export: Export, key: Key, body: &[u8]) -> Option<String> {
    let members = Members::read(body)?;
    let adult = members.value("adult").unwrap_or(false);
    let has_adult_twin = matches!(key.kind(), Kind::Movie | Kind::Tv | Kind::Person);
    if adult != export.is_adult() && has_adult_twin {
        return None;
    }
    let id = members.value("id").unwrap_or(key.id());
    let text = |name| members.value::<Value>(name).unwrap_or(Value::Null);
    let popularity = members.value::<f64>("popularity").unwrap_or(0.0);
    let line = match key.kind() {
        Kind::Movie => json!({
            "adult": adult, "id": id, "original_title": text("original_title"),
            "popularity": popularity, "video": members.value("video").unwrap_or(false),
        }),
        Kind::Tv => {
            json!({"id": id, "original_name": text("original_name"), "popularity": popularity})
        }
        Kind::Person => {
            json!({"adult": adult, "id": id, "name": text("name"), "popularity": popularity})
        }
        _ => json!({"id": id, "name": text("name")}),
    };
    Some(line.to_string())
}

/// A movie's detail body, cut down to what rows of lists say.
pub(super) fn movie_row(detail: &Value) -> Value {
    const SHOWN: [&str; 14] = [
        "adult",
        "backdrop_path",
        "id",
        "original_language",
        "original_title",
        "overview",
        "popularity",
        "poster_path",
        "release_date",
        "softcore",
        "title",
        "video",
        "vote_average",
        "vote_count",
    ];
    let genres = detail["genres"].as_array().into_iter().flatten();
    let genre_ids: Vec<Value> = genres.map(|genre| genre["id"].clone()).collect();
    let mut row = json!({"genre_ids": genre_ids, "media_type": "movie"});
    for (name, value) in detail.as_object().into_iter().flatten() {
        if SHOWN.contains(&name.as_str()) {
            row[name] = value.clone();
        }
    }
    row
}
