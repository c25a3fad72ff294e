//! A body and what its headers say.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::{Key, Timestamp};
use pipeline::demand::Standing;

use crate::edge::kept;

/// How long clients may keep what they got, as TMDB's CDN says (`FACTS.md` section 4).
pub(crate) const EIGHT_HOURS: u32 = 28_800;

/// How long clients may keep what is older than it should be.
const STALE_FOR: u32 = 60;

const STANDING: HeaderName = HeaderName::from_static("x-cinemirror-standing");
const FETCHED_AT: HeaderName = HeaderName::from_static("x-cinemirror-fetched-at");

/// A body that is ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) body: Bytes,
    /// Seconds that a client may keep it.
    pub(crate) max_age: u32,
    /// When TMDB gave it; absent for what is composed of many.
    pub(crate) fetched_at: Option<Timestamp>,
    /// How good it is; the least of what it is composed of.
    pub(crate) standing: Standing,
    /// The key whose record alone it is made of, where it is.
    pub(crate) sole: Option<Key>,
}

impl Answer {
    pub(crate) fn new(body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: kept::trimmed(body.into()),
            max_age: EIGHT_HOURS,
            fetched_at: None,
            standing: Standing::Fresh,
            sole: None,
        }
    }

    /// Tells of the record that it was made of.
    pub(crate) fn standing(self, standing: Standing, fetched_at: Timestamp) -> Self {
        // What is old is asked for again soon.
        let max_age = if standing == Standing::Stale { STALE_FOR } else { self.max_age };
        Self { max_age, fetched_at: Some(fetched_at), standing, ..self }
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
            headers.insert(name, HeaderValue::try_from(value).expect("ASCII alone"));
        };
        insert(header::ETAG, etag);
        insert(STANDING, self.standing.as_str().to_owned());
        if let Some(fetched_at) = self.fetched_at {
            insert(FETCHED_AT, fetched_at.to_string());
        }
        if self.standing == Standing::Stale {
            insert(header::WARNING, "110 - \"Response is Stale\"".to_owned());
        }
        insert(header::CACHE_CONTROL, format!("public, max-age={}", self.max_age));
        response
    }
}
