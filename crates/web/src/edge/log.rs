//! The access log: a line for each request, without secrets.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::Duration;

use axum::body::HttpBody as _;
use axum::extract::Request;
use axum::http::{HeaderValue, Method};
use axum::response::Response;
use percent_encoding::percent_decode_str;

use super::figures::Told;

/// Parameters that let somebody in.
const SECRETS: &[&str] =
    &["api_key", "session_id", "guest_session_id", "request_token", "access_token", "token"];

/// Segments of a path after which a secret stands.
const BEFORE_SECRETS: &[&str] = &["guest_session"];

/// What a request was, for when it is answered.
#[derive(Debug)]
pub(super) struct Entry {
    id: HeaderValue,
    method: Method,
    asked: String,
    peer: IpAddr,
}

impl Entry {
    pub(super) fn new(request: &Request, id: HeaderValue, peer: IpAddr) -> Self {
        let uri = request.uri();
        let asked = scrubbed(uri.path(), uri.query());
        Self { id, method: request.method().clone(), asked, peer }
    }

    pub(super) fn write(self, response: &Response, took: Duration) {
        let told = response.extensions().get::<Told>();
        tracing::info!(
            method = %self.method,
            path = self.asked,
            status = response.status().as_u16(),
            // A stream's are not known yet.
            bytes = response.body().size_hint().exact(),
            ms = took.as_micros() as f64 / 1_000.0,
            standing = told.map(|told| told.outcome.name()),
            peer = %self.peer,
            id = self.id.to_str().unwrap_or_default(),
            "answered"
        );
    }
}

/// Path and query as they may be written down.
fn scrubbed(path: &str, query: Option<&str>) -> String {
    let mut text = String::with_capacity(path.len() + query.map_or(0, str::len) + 1);
    let mut hides = false;
    for (place, segment) in path.split('/').enumerate() {
        if place > 0 {
            text.push('/');
        }
        text.push_str(if hides { "***" } else { segment });
        hides = BEFORE_SECRETS.contains(&segment);
    }
    let Some(query) = query else { return text };
    let mut mark = '?';
    for pair in query.split('&') {
        let name = pair.split('=').next().unwrap_or_default();
        text.push(mark);
        mark = '&';
        if is_secret(name) {
            text.push_str(name);
            text.push_str("=***");
        } else {
            text.push_str(pair);
        }
    }
    text
}

fn is_secret(name: &str) -> bool {
    let name: Cow<'_, str> = percent_decode_str(name).decode_utf8_lossy();
    SECRETS.iter().any(|secret| name.trim().eq_ignore_ascii_case(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_written_down() {
        let check = |path: &str, query: Option<&str>, expected: &str| {
            assert_eq!(scrubbed(path, query), expected);
        };
        check("/3/movie/550", None, "/3/movie/550");
        check("/3/movie/550", Some("language=fr&page=2"), "/3/movie/550?language=fr&page=2");
        check("/3", Some("api_key=abc&language=fr"), "/3?api_key=***&language=fr");
        check("/3", Some("a=1&api%5Fkey=abc"), "/3?a=1&api%5Fkey=***");
        check("/3", Some("API_KEY=abc&session_id=d"), "/3?API_KEY=***&session_id=***");
        check("/3", Some("api_key"), "/3?api_key=***");
        check("/3/guest_session/abc/rated", None, "/3/guest_session/***/rated");
    }
}
