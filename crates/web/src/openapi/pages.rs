//! Pages for people: what this is, and a page to try the API that needs no network
//! but this server.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::site::Site;

const FRONT: &str = include_str!("pages/front.html");
const DOCS: &str = include_str!("pages/docs.html");
const ICON: &str = include_str!("pages/icon.svg");

/// Pages are one file each: their style and script stand in them, and they ask nobody
/// but this server.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                      connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

pub(super) fn router() -> Router<Site> {
    let icon = || async { icon() };
    Router::new()
        .route("/", get(|| async { page(FRONT) }))
        .route("/docs", get(|| async { page(DOCS) }))
        .route("/favicon.svg", get(icon))
        .route("/favicon.ico", get(icon))
}

fn page(template: &'static str) -> Response {
    let text = template
        .replace("{{version}}", env!("CARGO_PKG_VERSION"))
        .replace("{{tmdb}}", domain::TMDB_NOTICE)
        .replace("{{justwatch}}", domain::JUSTWATCH_NOTICE);
    let hash = blake3::hash(text.as_bytes()).to_hex();
    let tag = HeaderValue::try_from(format!("W/\"{}\"", &hash[..32])).expect("hex in quotes");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (header::ETAG, tag),
    ];
    (headers, text).into_response()
}

fn icon() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400")),
    ];
    (headers, ICON).into_response()
}
