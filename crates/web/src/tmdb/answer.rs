//! A body and what its headers say.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::Timestamp;

/// How long clients may keep what they got, as TMDB's CDN says (`FACTS.md` section 4).
pub(crate) const EIGHT_HOURS: u32 = 28_800;

/// A body that is ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) body: Bytes,
    /// Seconds that a client may keep it.
    pub(crate) max_age: u32,
    /// When TMDB gave it; absent for what is composed of many.
    pub(crate) fetched_at: Option<Timestamp>,
}

impl Answer {
    pub(crate) fn new(body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), max_age: EIGHT_HOURS, fetched_at: None }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let hash = blake3::hash(&self.body).to_hex();
        let etag = format!("W/\"{}\"", &hash[..32]);
        let mut response = self.body.into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json;charset=utf-8"),
        );
        let mut insert = |name, value: String| {
            headers.insert(name, HeaderValue::try_from(value).expect("digits and hex"));
        };
        insert(header::ETAG, etag);
        insert(header::CACHE_CONTROL, format!("public, max-age={}", self.max_age));
        response
    }
}
