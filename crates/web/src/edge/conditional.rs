//! `If-None-Match`: who has it already gets no body.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;

/// The tags of what a client has.
#[derive(Debug)]
pub(super) struct Condition(Vec<HeaderValue>);

impl Condition {
    pub(super) fn of(request: &Request) -> Self {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Self(vec![]);
        }
        Self(request.headers().get_all(header::IF_NONE_MATCH).iter().cloned().collect())
    }

    /// Turns a good answer that the client has into 304 without a body.
    pub(super) fn apply(&self, response: &mut Response) {
        if response.status() != StatusCode::OK || !self.matches(response.headers()) {
            return;
        }
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.extensions_mut().remove::<super::kept::Shared>();
        let headers = response.headers_mut();
        for name in [header::CONTENT_LENGTH, header::CONTENT_TYPE, header::CONTENT_ENCODING] {
            headers.remove(name);
        }
    }

    fn matches(&self, headers: &HeaderMap) -> bool {
        let Some(tag) = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()) else {
            return false;
        };
        self.0.iter().filter_map(|given| given.to_str().ok()).any(|given| {
            given.split(',').map(str::trim).any(|one| one == "*" || opaque(one) == opaque(tag))
        })
    }
}

/// A tag without its weakness: the comparison is a weak one.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &[&'static str], has: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ETAG, HeaderValue::from_static("W/\"abc\""));
        let condition = Condition(given.iter().copied().map(HeaderValue::from_static).collect());
        assert_eq!(condition.matches(&headers), has, "{given:?}");
    }

    #[test]
    fn tags_are_compared_weakly_in_lists_and_headers() {
        check(&["W/\"abc\""], true);
        check(&["\"abc\""], true);
        check(&["\"x\", W/\"abc\" ,\"y\""], true);
        check(&["\"x\"", "\"abc\""], true);
        check(&["*"], true);
        check(&[], false);
        check(&["abc"], false);
        check(&["\"ab\""], false);
        check(&["\"abcd\", \"*\""], false);
    }
}
