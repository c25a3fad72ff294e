//! Pages of any origin may read what TMDB lets them read.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use super::figures::Place;

/// The answer to a browser that asks whether it may ask.
pub(super) fn preflight(request: &Request) -> Option<Response> {
    let asks = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !asks || !Place::of(request.uri().path()).is_open() {
        return None;
    }
    let mut response = super::empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS");
    set(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "authorization, content-type, if-none-match, x-request-id",
    );
    set(header::ACCESS_CONTROL_MAX_AGE, "86400");
    Some(response)
}

pub(super) fn allow(headers: &mut HeaderMap) {
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    // A page sees none but these.
    set(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        "etag, retry-after, warning, x-request-id, x-cinemirror-standing, x-cinemirror-fetched-at",
    );
}
