//! The `OpenAPI` document of all that is served, made from the tables that route it, and
//! the pages that show it.

mod bodies;
mod own;
mod pages;
mod parameters;
mod tmdb;

use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::control;
use crate::site::Site;

static DOCUMENT: LazyLock<(Bytes, HeaderValue)> = LazyLock::new(|| {
    let text = document().to_string();
    let hash = blake3::hash(text.as_bytes()).to_hex();
    let tag = HeaderValue::try_from(format!("W/\"{}\"", &hash[..32])).expect("hex in quotes");
    (Bytes::from(text), tag)
});

pub(crate) fn router() -> Router<Site> {
    Router::new().route("/openapi.json", get(|| async { served() })).merge(pages::router())
}

fn served() -> Response {
    let (body, tag) = &*DOCUMENT;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (header::ETAG, tag.clone()),
    ];
    (headers, body.clone()).into_response()
}

/// The whole document.
fn document() -> Value {
    let mut paths = Map::new();
    paths.extend(tmdb::paths());
    paths.extend(own::paths());
    let mut schemas = bodies::schemas();
    schemas.extend(own::schemas());
    let control = control::document();
    paths.extend(control.paths);
    schemas.extend(control.schemas);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Cinemirror",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "A mirror of TMDB: its API v3 as it is, and the control of the pipeline behind it.",
            "description": description(),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": tmdb::tags().chain(own::tags()).collect::<Vec<_>>(),
        "security": [{}, {"api_key": []}, {"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": bodies::responses(),
            "securitySchemes": {
                "api_key": {
                    "type": "apiKey", "in": "query", "name": "api_key",
                    "description": "As TMDB's; any in the open mode of a single user.",
                },
                "bearer": {
                    "type": "http", "scheme": "bearer",
                    "description": "A client key below /3, a token of this mirror elsewhere.",
                },
            },
        },
    })
}

fn description() -> String {
    format!(
        "{}\n\n{}\n\nWhat lies at TMDB alone (accounts, sessions, ratings, \
         lists of users and changes within a title) is answered with TMDB's error 2 and \
         status 501, and is not listed here.",
        domain::TMDB_NOTICE,
        domain::JUSTWATCH_NOTICE
    )
}

#[cfg(test)]
mod tests;
