//! Parameters of TMDB's API: their types by their names, which mean the same everywhere.

use serde_json::{Value, json};

use crate::tmdb::endpoints::{Answers, Endpoint};

pub(super) fn in_path(name: &str) -> Value {
    let (schema, example) = match name {
        "time_window" => (json!({"type": "string", "enum": ["day", "week"]}), json!("week")),
        "external_id" => (json!({"type": "string", "minLength": 1}), json!("tt0137523")),
        "season_number" | "episode_number" => {
            (json!({"type": "integer", "minimum": 0, "maximum": 2_147_483_647}), json!(1))
        }
        "movie_id" => (id(), json!(550)),
        "series_id" => (id(), json!(1_396)),
        "person_id" => (id(), json!(287)),
        _ => (id(), json!(1)),
    };
    json!({"name": name, "in": "path", "required": true, "schema": schema, "example": example})
}

fn id() -> Value {
    json!({"type": "integer", "minimum": 1, "maximum": 2_147_483_647})
}

pub(super) fn in_query(name: &str, endpoint: &Endpoint) -> Value {
    let (schema, description) = of(name, endpoint);
    let is_required = name == "query" || name == "external_source";
    let mut parameter = json!({"name": name, "in": "query", "schema": schema});
    if is_required {
        parameter["required"] = json!(true);
    }
    if !description.is_empty() {
        parameter["description"] = json!(description);
    }
    parameter
}

fn of(name: &str, endpoint: &Endpoint) -> (Value, String) {
    let said = |schema: Value, description: &str| (schema, description.to_owned());
    let text = || json!({"type": "string"});
    match name {
        "append_to_response" => (text(), appends(endpoint)),
        "language" => said(language(), "A language, and a country where it matters: fr-FR."),
        "include_image_language" | "include_video_language" => {
            said(text(), "Languages with commas between, and null for none: en,null.")
        }
        "page" => said(
            json!({"type": "integer", "minimum": 1, "maximum": 500, "default": 1}),
            "From 1 to 500.",
        ),
        "query" => said(json!({"type": "string", "minLength": 1}), "What is sought."),
        "sort_by" => said(json!({"type": "string", "enum": orders(endpoint)}), ""),
        "external_source" => said(json!({"type": "string", "enum": SOURCES}), ""),
        "region" | "watch_region" | "certification_country" => {
            said(country(), "A country of ISO 3166-1: US.")
        }
        "include_adult" | "include_video" | "include_null_first_air_dates" => {
            said(json!({"type": "boolean", "default": false}), "")
        }
        "screened_theatrically" => said(json!({"type": "boolean"}), ""),
        "start_date" | "end_date" => said(date(), "At most 14 days lie between."),
        _ if name.contains("date.") => said(date(), ""),
        _ if name.ends_with("year") || name == "year" => {
            said(json!({"type": "integer", "minimum": 1_800, "maximum": 2_200}), "")
        }
        _ if name.contains("runtime") || name.contains("vote_count") => {
            said(json!({"type": "integer", "minimum": 0, "maximum": 1_000_000}), "")
        }
        _ if name.contains("vote_average") => {
            said(json!({"type": "number", "minimum": 0, "maximum": 10}), "")
        }
        _ if is_many(name) => said(text(), "Commas between mean and, bars mean or."),
        _ => said(text(), ""),
    }
}

fn is_many(name: &str) -> bool {
    name.starts_with("with_") || name.starts_with("without_")
}

fn appends(endpoint: &Endpoint) -> String {
    let Answers::Details(kind) = endpoint.answers else { return String::new() };
    let parts: Vec<_> = records::parts(kind)
        .filter(|part| {
            !["belongs_to_collection", "last_episode_to_air", "next_episode_to_air"].contains(part)
        })
        .collect();
    format!("At most 20 parts, with commas between: {}.", parts.join(", "))
}

fn language() -> Value {
    json!({"type": "string", "pattern": "^[a-z]{2}(-[A-Z]{2})?$", "default": "en-US"})
}

fn country() -> Value {
    json!({"type": "string", "pattern": "^[A-Z]{2}$"})
}

fn date() -> Value {
    json!({"type": "string", "format": "date"})
}

const SOURCES: [&str; 8] = [
    "imdb_id",
    "facebook_id",
    "instagram_id",
    "tvdb_id",
    "tiktok_id",
    "twitter_id",
    "wikidata_id",
    "youtube_id",
];

fn orders(endpoint: &Endpoint) -> Vec<String> {
    let fields: &[&str] = if endpoint.path.ends_with("/tv") {
        &["first_air_date", "name", "original_name", "popularity", "vote_average", "vote_count"]
    } else {
        &[
            "original_title",
            "popularity",
            "primary_release_date",
            "revenue",
            "title",
            "vote_average",
            "vote_count",
        ]
    };
    fields.iter().flat_map(|field| ["asc", "desc"].map(|way| format!("{field}.{way}"))).collect()
}
