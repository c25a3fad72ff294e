//! TMDB's errors (`FACTS.md` section 2), as its clients know them.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::StoreError;
use serde::Serialize;

/// Why a request gets no data, in TMDB's numbers and words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// A mirror cannot answer this; says why.
    #[error("Invalid service: {0}")]
    Beyond(&'static str),
    #[error("Invalid parameters: {0}")]
    Parameters(String),
    /// What TMDB refuses before it looks, in a form of its own: `{"errors": [...]}`.
    #[error("{0}")]
    Unprocessable(String),
    #[error("Invalid API key: You must be granted a valid key.")]
    Key,
    /// A client beyond its quota; seconds until it may come again.
    #[error("Your request count is over the allowed limit.")]
    Quota { retry_after: u64 },
    #[error("Invalid date range: Should be a range no longer than 14 days.")]
    Range,
    #[error("Invalid page: Pages start at 1 and max at 500. They are expected to be an integer.")]
    Page,
    #[error("Invalid date: Format needs to be YYYY-MM-DD.")]
    Date,
    #[error("Too many append to response objects: The maximum number of remote calls is 20.")]
    Appends,
    #[error("The input is not valid: the path and query are too long.")]
    TooLong,
    #[error("The resource you requested could not be found.")]
    NotFound,
    #[error("Invalid id: The pre-requisite id is invalid or not found.")]
    Id,
    #[error("The requested method is not supported: a mirror is read-only.")]
    Method,
    /// It is not in the mirror, and TMDB did not give it in time.
    #[error("Your request to the backend server timed out. Try again.")]
    Awaited { retry_after: u64 },
    /// The mirror's store is out of reach, or too much is asked at once.
    #[error("Service offline: This service is temporarily offline, try again later.")]
    Offline { retry_after: u64 },
    #[error("Internal error: Something went wrong, contact the operator of this mirror.")]
    Internal,
}

impl Fault {
    /// TMDB's number and the HTTP status.
    pub(crate) fn codes(&self) -> (u32, StatusCode) {
        match self {
            Self::Beyond(_) => (2, StatusCode::NOT_IMPLEMENTED),
            Self::Parameters(_) | Self::Unprocessable(_) => (5, StatusCode::UNPROCESSABLE_ENTITY),
            Self::Id => (6, StatusCode::NOT_FOUND),
            Self::Key => (7, StatusCode::UNAUTHORIZED),
            Self::Offline { .. } => (9, StatusCode::SERVICE_UNAVAILABLE),
            Self::Internal => (11, StatusCode::INTERNAL_SERVER_ERROR),
            Self::Range => (20, StatusCode::UNPROCESSABLE_ENTITY),
            Self::Page => (22, StatusCode::BAD_REQUEST),
            Self::Date => (23, StatusCode::BAD_REQUEST),
            Self::Awaited { .. } => (24, StatusCode::SERVICE_UNAVAILABLE),
            Self::Quota { .. } => (25, StatusCode::TOO_MANY_REQUESTS),
            Self::Appends => (27, StatusCode::BAD_REQUEST),
            Self::NotFound => (34, StatusCode::NOT_FOUND),
            Self::TooLong => (47, StatusCode::URI_TOO_LONG),
            Self::Method => (42, StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Quota { retry_after }
            | Self::Awaited { retry_after }
            | Self::Offline { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Full(_) => {
                tracing::warn!(%error, "a request could not be answered");
                Self::Offline { retry_after: 5 }
            }
            StoreError::Corrupt(_) | StoreError::Misconfigured(_) => {
                tracing::error!(%error, "a request could not be answered");
                Self::Internal
            }
        }
    }
}

/// TMDB's form of an error.
#[derive(Debug, Serialize)]
struct Body {
    success: bool,
    status_code: u32,
    status_message: String,
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let (status_code, status) = self.codes();
        let (is_missing, is_method) = (self == Self::NotFound, self == Self::Method);
        if let Self::Unprocessable(error) = self {
            return (status, Json(serde_json::json!({ "errors": [error] }))).into_response();
        }
        let body = Body { success: false, status_code, status_message: self.to_string() };
        let mut response = (status, Json(body)).into_response();
        if is_missing {
            // What is not there may be there soon: TMDB lets it be kept for hours, and
            // clients take a new title for missing.
            let short = HeaderValue::from_static("public, max-age=60");
            response.headers_mut().insert(header::CACHE_CONTROL, short);
        }
        if is_method {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
        }
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
