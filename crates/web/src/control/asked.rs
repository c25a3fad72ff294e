//! What a request says, read and checked: its query and its body.

use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::header;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// A body of the control API may have so many bytes.
pub(crate) const BODY_LIMIT: usize = 64 << 10;

/// The parameters of the query.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match Query::<T>::try_from_uri(&parts.uri) {
            Ok(Query(params)) => Ok(Self(params)),
            Err(error) => Err(Problem::Invalid(error.body_text())),
        }
    }
}

/// The body, as JSON; no body is an empty object.
pub(crate) struct Given<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Given<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let is_json = kind.is_none_or(|kind| {
            let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
            kind.trim().eq_ignore_ascii_case("application/json")
        });
        let body = axum::body::to_bytes(request.into_body(), BODY_LIMIT).await;
        let Ok(body) = body else { return Err(Problem::TooLarge(BODY_LIMIT)) };
        if body.iter().all(u8::is_ascii_whitespace) {
            return read(b"{}");
        }
        if !is_json {
            return Err(Problem::MediaType);
        }
        read(&body)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<Given<T>, Problem> {
    match serde_json::from_slice(body) {
        Ok(given) => Ok(Given(given)),
        Err(error) if error.is_data() => Err(Problem::Unprocessable(error.to_string())),
        Err(error) => Err(Problem::Invalid(format!("The body is no JSON: {error}"))),
    }
}
