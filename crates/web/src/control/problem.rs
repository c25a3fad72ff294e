//! Why a request of the control API was not done: `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::access::{Scope, Spent};
use domain::run::RunStatus;
use domain::{RunId, StoreError};
use schemars::JsonSchema;
use serde::Serialize;

/// What went wrong, with a variant for each thing a caller does about it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Unprocessable(String),
    #[error("Send a token as `Authorization: Bearer …`; `cinemirror token create` makes one.")]
    TokenMissing,
    #[error("No such token is known here.")]
    TokenUnknown,
    #[error("The token was revoked.")]
    TokenRevoked,
    #[error("The token has expired.")]
    TokenExpired,
    #[error("This needs a token of the scope `{}`.", .0.as_str())]
    ScopeTooSmall(Scope),
    #[error("{0}")]
    NotFound(String),
    #[error("This address takes {0} only.")]
    Method(String),
    #[error("Run {run} ({name}) waits or runs, and excludes this one.")]
    RunInProgress { run: RunId, name: String },
    #[error("Run {run} ended before: {}.", status.as_str())]
    RunEnded { run: RunId, status: RunStatus },
    #[error("The name `{0}` is taken, if only by one that was revoked.")]
    NameTaken(String),
    #[error("A request with this Idempotency-Key is being answered.")]
    KeyUnderway,
    #[error("This Idempotency-Key was used for another request.")]
    KeyReused,
    #[error("A body may have {0} bytes at most.")]
    TooLarge(usize),
    #[error("A body must be JSON (`Content-Type: application/json`).")]
    MediaType,
    #[error("Too many runs wait already; let some begin, or cancel them.")]
    TooManyRuns,
    #[error("Too many listen already.")]
    TooManyListeners,
    /// The store is out of reach or full.
    #[error("The mirror's store cannot be reached now.")]
    Offline,
    #[error("Something went wrong; the log says what.")]
    Internal,
}

/// A problem as it is sent.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProblemBody {
    /// Names the sort of problem; the same as `code`, as a URI.
    #[serde(rename = "type")]
    kind: String,
    /// The sort of problem, for people.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened here, for people.
    detail: String,
    /// The sort of problem, for programs.
    code: &'static str,
    /// The run that is in the way, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<i64>,
}

impl Problem {
    /// For programs, for people, and the HTTP status.
    fn sort(&self) -> (&'static str, &'static str, StatusCode) {
        match self {
            Self::Invalid(_) => ("invalid_request", "Invalid request", StatusCode::BAD_REQUEST),
            Self::Unprocessable(_) => {
                ("unprocessable", "Makes no sense", StatusCode::UNPROCESSABLE_ENTITY)
            }
            Self::TokenMissing => ("token_missing", "Token missing", StatusCode::UNAUTHORIZED),
            Self::TokenUnknown => ("token_unknown", "Token unknown", StatusCode::UNAUTHORIZED),
            Self::TokenRevoked => ("token_revoked", "Token revoked", StatusCode::UNAUTHORIZED),
            Self::TokenExpired => ("token_expired", "Token expired", StatusCode::UNAUTHORIZED),
            Self::ScopeTooSmall(_) => ("scope_too_small", "Not allowed", StatusCode::FORBIDDEN),
            Self::NotFound(_) => ("not_found", "Not found", StatusCode::NOT_FOUND),
            Self::Method(_) => {
                ("method_not_allowed", "Method not allowed", StatusCode::METHOD_NOT_ALLOWED)
            }
            Self::RunInProgress { .. } => {
                ("run_in_progress", "A run is in progress", StatusCode::CONFLICT)
            }
            Self::RunEnded { .. } => ("run_ended", "The run has ended", StatusCode::CONFLICT),
            Self::NameTaken(_) => ("name_taken", "The name is taken", StatusCode::CONFLICT),
            Self::KeyUnderway => ("idempotency_key_in_use", "Being answered", StatusCode::CONFLICT),
            Self::KeyReused => (
                "idempotency_key_reused",
                "Key used for another request",
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            Self::TooLarge(_) => ("body_too_large", "Too large", StatusCode::PAYLOAD_TOO_LARGE),
            Self::MediaType => {
                ("media_type", "Unsupported media type", StatusCode::UNSUPPORTED_MEDIA_TYPE)
            }
            Self::TooManyRuns => {
                ("too_many_runs", "Too many runs wait", StatusCode::TOO_MANY_REQUESTS)
            }
            Self::TooManyListeners => {
                ("too_many_listeners", "Too many listen", StatusCode::SERVICE_UNAVAILABLE)
            }
            Self::Offline => {
                ("store_unavailable", "Temporarily offline", StatusCode::SERVICE_UNAVAILABLE)
            }
            Self::Internal => ("internal", "Internal error", StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    fn run(&self) -> Option<i64> {
        match self {
            Self::RunInProgress { run, .. } | Self::RunEnded { run, .. } => Some(run.0),
            _ => None,
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::KeyUnderway => Some(1),
            Self::TooManyRuns => Some(60),
            Self::TooManyListeners | Self::Offline => Some(5),
            _ => None,
        }
    }
}

impl From<Spent> for Problem {
    fn from(spent: Spent) -> Self {
        match spent {
            Spent::Expired => Self::TokenExpired,
            Spent::Revoked => Self::TokenRevoked,
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Full(_) => {
                tracing::warn!(%error, "a request of the control API could not be answered");
                Self::Offline
            }
            StoreError::Corrupt(_) | StoreError::Misconfigured(_) => {
                tracing::error!(%error, "a request of the control API could not be answered");
                Self::Internal
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (code, title, status) = self.sort();
        let kind = format!("urn:cinemirror:problem:{code}");
        let (number, detail) = (status.as_u16(), self.to_string());
        let body = ProblemBody { kind, title, status: number, detail, code, run: self.run() };
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, json);
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Self::Method(allowed) = &self
            && let Ok(allowed) = HeaderValue::from_str(allowed)
        {
            headers.insert(header::ALLOW, allowed);
        }
        response
    }
}
