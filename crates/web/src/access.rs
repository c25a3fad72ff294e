//! Who may ask `/3`: anybody, or clients with a key and a quota.
//!
//! No request asks the store: keys and quotas are in memory and read again every few
//! seconds, and what was used is written as often. So a quota is exact within a process;
//! of several, each knows of the others what they had written when it looked last.

mod clients;
mod meter;

use axum::http::request::Parts;
use axum::http::{Method, Uri, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;

use crate::options::ClientMode;
use crate::site::Site;
use crate::tmdb::Fault;

use clients::Admission;
pub(crate) use clients::Clients;

/// Why a request for something in `/3` may not pass; `None` where it may.
pub(crate) async fn refusal(site: &Site, request: &Parts) -> Option<Response> {
    // A browser asks without a key whether it may ask with one.
    let is_open = site.options().clients == ClientMode::Open;
    if is_open || request.method == Method::OPTIONS {
        return None;
    }
    let Some(key) = key(request) else { return Some(Fault::Key.into_response()) };
    match site.clients().admit(&key, site.now()).await {
        Ok(Admission::Admitted) => None,
        Ok(Admission::Unknown) => Some(Fault::Key.into_response()),
        Ok(Admission::Beyond { retry_after }) => Some(Fault::Quota { retry_after }.into_response()),
        Err(error) => Some(Fault::from(error).into_response()),
    }
}

/// The key as clients of TMDB's send it: `api_key`, or as a bearer.
fn key(request: &Parts) -> Option<String> {
    let bearer = request.headers.get(header::AUTHORIZATION);
    let bearer = bearer.and_then(|value| value.to_str().ok()).and_then(bearer_of);
    bearer.map(str::to_owned).or_else(|| parameter(&request.uri))
}

/// What an `Authorization` header bears.
pub(crate) fn bearer_of(header: &str) -> Option<&str> {
    let (scheme, secret) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

fn parameter(uri: &Uri) -> Option<String> {
    let pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    let mut keys = pairs.filter(|(name, _)| *name == "api_key");
    let (_, value) = keys.next_back()?;
    Some(percent_decode_str(value).decode_utf8().ok()?.into_owned())
}
