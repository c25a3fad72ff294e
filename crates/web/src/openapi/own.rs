//! The paths that are the mirror's own.

use serde_json::{Map, Value, json};

use super::bodies::refer;

pub(super) fn tags() -> impl Iterator<Item = Value> {
    let about = [
        ("Images", "Posters, backdrops and the like, by the paths that bodies name."),
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
        ("/t/p/{size}/{file}", image()),
        ("/pipeline/served", served),
        ("/healthz", probe("healthz", "The process lives", text("text/plain"), false)),
        ("/readyz", probe("readyz", "The process can serve", text("text/plain"), true)),
        ("/metrics", probe("metrics", "Figures for Prometheus", text("text/plain"), false)),
    ]
    .into_iter()
    .map(|(path, item)| (path.to_owned(), item))
}

fn image() -> Value {
    let parameter = |name: &str, schema: Value, example: &str| json!({"name": name, "in": "path", "required": true, "schema": schema, "example": example});
    let sizes = ["w45", "w92", "w154", "w185", "w300", "w342", "w500", "w780", "w1280", "h632"];
    let sizes: Vec<_> = sizes.into_iter().chain(["original"]).collect();
    let file = json!({"type": "string", "pattern": "^[A-Za-z0-9]{27}\\.(jpg|png|svg)$"});
    let fault = || refer_response("Fault");
    json!({"get": {
        "operationId": "image",
        "summary": "An image, by its size and name",
        "tags": ["Images"],
        "parameters": [
            parameter("size", json!({"type": "string", "enum": sizes}), "w342"),
            parameter("file", file, "pB8BM7pdSp6B6Ih7QZ4DrQ3PmJK.jpg"),
        ],
        "responses": {
            "200": {"description": "The image.", "content": {"image/*": {}}},
            "206": {"description": "The part that was asked for.", "content": {"image/*": {}}},
            "302": {"description": "Images are not kept here; TMDB has it."},
            "304": {"description": "The client has it already."},
            "404": fault(),
            "416": {"description": "There is no such part."},
            "429": refer_response("Quota"),
            "503": refer_response("Unavailable"),
        },
    }})
}

fn refer_response(name: &str) -> Value {
    json!({"$ref": format!("#/components/responses/{name}")})
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
