//! Answers that are given before or instead of a handler's: TMDB's form where
//! TMDB's clients ask, a problem elsewhere.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::figures::Place;
use crate::tmdb::Fault;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The path and query are too long.
    Long,
    /// Too much is asked at once.
    Busy,
    /// The handler panicked.
    Broken,
    /// The handler took too long.
    Slow,
}

impl Refusal {
    pub(super) fn response(self, place: Place) -> Response {
        if matches!(place, Place::Tmdb) { self.fault().into_response() } else { self.problem() }
    }

    fn fault(self) -> Fault {
        match self {
            Self::Long => Fault::TooLong,
            Self::Busy => Fault::Offline { retry_after: 1 },
            Self::Broken => Fault::Internal,
            Self::Slow => Fault::Awaited { retry_after: 5 },
        }
    }

    fn problem(self) -> Response {
        let (status, code, detail, retry_after) = match self {
            Self::Long => {
                (StatusCode::URI_TOO_LONG, "too-long", "the path and query are too long", None)
            }
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "too much is asked at once; try again",
                Some(1_u64),
            ),
            Self::Broken => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong", None)
            }
            Self::Slow => (
                StatusCode::SERVICE_UNAVAILABLE,
                "slow",
                "the answer took too long; try again",
                Some(5),
            ),
        };
        problem(status, code, detail, retry_after)
    }
}

/// An error as RFC 9457 has it.
pub(crate) fn problem(
    status: StatusCode,
    code: &str,
    detail: &str,
    retry_after: Option<u64>,
) -> Response {
    let body = json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "code": code,
        "detail": detail,
    });
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
