//! Bodies of TMDB's API as JSON Schemas, from the schema of records.

use serde_json::{Map, Value, json};

use crate::tmdb::endpoints::{Answers, Endpoint, Search};
use domain::Kind;
use domain::sighting::List;

const SCHEMAS: &str = "#/components/schemas/";

/// Before the names of TMDB's bodies, so that ours can have any.
const PREFIX: &str = "tmdb.";

/// The name of the answer that a status comes with.
pub(super) fn name(status: &str) -> &'static str {
    match status {
        "429" => "Quota",
        "503" => "Unavailable",
        _ => "Fault",
    }
}

/// TMDB's errors.
pub(super) fn responses() -> Value {
    let fault = |description: &str| {
        json!({
            "description": description,
            "content": {"application/json": {"schema": refer("tmdb.Error")}},
        })
    };
    let later = |description: &str| {
        let mut response = fault(description);
        response["headers"] = json!({
            "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}},
        });
        response
    };
    json!({
        "Fault": fault("Why there is no data, in TMDB's numbers and words."),
        "Quota": later("The client is beyond its quota."),
        "Unavailable": later("It is not in the mirror, and could not be had in time."),
    })
}

pub(super) fn schemas() -> Map<String, Value> {
    let kept = records::json_schemas(&format!("{SCHEMAS}{PREFIX}"));
    let mut schemas: Map<_, _> =
        kept.into_iter().map(|(name, schema)| (format!("{PREFIX}{name}"), schema)).collect();
    let own = [
        ("Error", error()),
        ("Page", page(&json!({"type": "object"}))),
        (
            "Changed",
            page(&json!({
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "integer"},
                    "adult": {"type": ["boolean", "null"]},
                },
            })),
        ),
        ("Dated", dated()),
        ("Found", found()),
    ];
    schemas.extend(own.map(|(name, schema)| (format!("{PREFIX}{name}"), schema)));
    schemas
}

/// The schema of an endpoint's body.
pub(super) fn of(endpoint: &Endpoint) -> Value {
    let name = match endpoint.answers {
        Answers::Details(kind) | Answers::Latest(kind) => records::kind_schema(kind),
        Answers::Part(kind, part) => match records::part_schema(kind, part) {
            Some(name) => name,
            None => return json!({"type": "object"}),
        },
        Answers::Reference(reference) => match records::reference_schema(reference) {
            Some(name) => name,
            None => return json!({}),
        },
        Answers::List(List::MovieNowPlaying | List::MovieUpcoming) => "Dated",
        Answers::Search(Search::Movie)
        | Answers::Discover(Kind::Movie)
        | Answers::KeywordMovies
        | Answers::CompanyMovies
        | Answers::GenreMovies => "MoviePage",
        Answers::Search(Search::Tv) | Answers::Discover(_) => "TvPage",
        Answers::List(_) | Answers::Trending(_) | Answers::Search(_) => "Page",
        Answers::Find => "Found",
        Answers::Changes(_) => "Changed",
        Answers::Validation | Answers::Beyond(_) => "Error",
    };
    refer(&format!("{PREFIX}{name}"))
}

/// A good answer with a body of a schema.
pub(super) fn ok(schema: &Value) -> Value {
    json!({
        "description": "As TMDB gives it.",
        "headers": {
            "ETag": {"schema": {"type": "string"}},
            "Cache-Control": {"schema": {"type": "string"}},
        },
        "content": {"application/json": {"schema": schema}},
    })
}

pub(super) fn refer(name: &str) -> Value {
    json!({"$ref": format!("{SCHEMAS}{name}")})
}

/// TMDB has two forms: one with its numbers, and a list of what parameters lack.
fn error() -> Value {
    let numbered = json!({
        "type": "object",
        "required": ["status_code", "status_message"],
        "properties": {
            "success": {"type": "boolean"},
            "status_code": {"type": "integer"},
            "status_message": {"type": "string"},
        },
    });
    let listed = json!({
        "type": "object",
        "required": ["errors"],
        "properties": {"errors": {"type": "array", "items": {"type": "string"}}},
    });
    json!({"anyOf": [numbered, listed]})
}

fn page(row: &Value) -> Value {
    json!({
        "type": "object",
        "required": ["page", "results", "total_pages", "total_results"],
        "properties": {
            "page": {"type": "integer"},
            "results": {"type": "array", "items": row},
            "total_pages": {"type": "integer"},
            "total_results": {"type": "integer"},
        },
    })
}

fn dated() -> Value {
    let mut schema = page(&refer("tmdb.MovieItem"));
    schema["properties"]["dates"] = json!({
        "type": "object",
        "properties": {"minimum": {"type": "string"}, "maximum": {"type": "string"}},
    });
    schema
}

fn found() -> Value {
    let rows = json!({"type": "array", "items": {"type": "object"}});
    let names = ["movie", "person", "tv", "tv_episode", "tv_season"];
    let members: Map<_, _> =
        names.iter().map(|name| (format!("{name}_results"), rows.clone())).collect();
    json!({"type": "object", "properties": members})
}
