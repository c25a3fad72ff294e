//! The paths that are the mirror's own.

use serde_json::{Map, Value, json};

use super::bodies::refer;

pub(super) fn tags() -> impl Iterator<Item = Value> {
    let about = [
        ("Pipeline", "What the mirror does, and how it does."),
        ("Cache", "What apps of a scheduled fetcher read: items by category, and cards."),
        ("Clients", "Who may ask, and how much."),
        ("Probes", "Whether the process lives and can serve, and its figures."),
    ];
    about.into_iter().map(|(name, description)| json!({"name": name, "description": description}))
}

pub(super) fn paths() -> impl Iterator<Item = (String, Value)> {
    let text = |media: &str| json!({(media): {"schema": {"type": "string"}}});
    let probe = |id: &str, summary: &str, content: Value, can_fail: bool| {
        let mut responses = json!({"200": {"description": "It is so.", "content": content}});
        if can_fail {
            responses["503"] = problem("It is not so.");
        }
        json!({"get": {
            "operationId": id,
            "summary": summary,
            "tags": ["Probes"],
            "security": [],
            "responses": responses,
        }})
    };
    let served = json!({"get": {
        "operationId": "pipeline-served",
        "summary": "What was asked, by endpoint and hour, and what of it needed no call to TMDB",
        "tags": ["Pipeline"],
        "parameters": [{
            "name": "hours", "in": "query",
            "description": "How many hours back.",
            "schema": {"type": "integer", "minimum": 1, "maximum": 8_784, "default": 24},
        }],
        "responses": {
            "200": {
                "description": "The sums by endpoint, and each hour.",
                "content": {"application/json": {"schema": refer("Served")}},
            },
            "400": problem("The hours make no sense."),
            "503": problem("The store cannot be asked."),
        },
    }});
    [
        ("/pipeline/served", served),
        ("/healthz", probe("healthz", "The process lives", text("text/plain"), false)),
        ("/readyz", probe("readyz", "The process can serve", text("text/plain"), true)),
        ("/metrics", probe("metrics", "Figures for Prometheus", text("text/plain"), false)),
    ]
    .into_iter()
    .map(|(path, item)| (path.to_owned(), item))
}

fn problem(description: &str) -> Value {
    json!({
        "description": description,
        "content": {"application/problem+json": {"schema": refer("Problem")}},
    })
}

pub(super) fn schemas() -> Map<String, Value> {
    let count = || json!({"type": "integer", "minimum": 0});
    let figures = ["kept", "fresh", "stale", "fetched", "failed", "saved"];
    let row = |by_hour: bool| {
        let mut members: Map<_, _> =
            figures.iter().map(|name| ((*name).to_owned(), count())).collect();
        members.insert("endpoint".to_owned(), json!({"type": "string"}));
        if by_hour {
            members.insert("hour".to_owned(), json!({"type": "string", "format": "date-time"}));
        }
        let required: Vec<_> = members.keys().cloned().collect();
        json!({"type": "object", "required": required, "properties": members})
    };
    let served = json!({
        "type": "object",
        "required": ["since", "endpoints", "hours"],
        "properties": {
            "since": {"type": "string", "format": "date-time"},
            "endpoints": {"type": "array", "items": row(false)},
            "hours": {"type": "array", "items": row(true)},
        },
    });
    let problem = json!({
        "type": "object",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": ["string", "null"]},
            "status": {"type": "integer"},
            "code": {"type": "string", "description": "For machines; never changes."},
            "detail": {"type": "string"},
        },
    });
    let named = [("Served", served), ("Problem", problem)];
    named.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}
