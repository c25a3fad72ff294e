//! What stands around every answer: limits, time-outs, compression, conditions,
//! headers, the access log and the figures.
//!
//! One function instead of a tower of layers: [`Edge::handle`] reads from top to
//! bottom what happens to a request.

pub(crate) mod cache;
mod conditional;
mod cors;
mod encoding;
pub(crate) mod figures;
mod identity;
pub(crate) mod kept;
mod log;
mod peer;
pub(crate) mod refusal;

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use domain::Timestamp;
use futures_util::FutureExt;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use crate::options::Options;
use figures::{Figures, Place};
use identity::Identities;
use log::Entry;
use refusal::Refusal;

/// A longer path and query is nobody's who means well.
const LONGEST_URI: usize = 8 << 10;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What stands behind it and has the answers.
pub(crate) trait Behind: Send + Sync + 'static {
    fn answer(&self, request: Request) -> impl Future<Output = Response> + Send;
}

/// What does not need to know what is served. One for a server.
pub(crate) struct Edge<B> {
    behind: B,
    options: Options,
    room: Semaphore,
    identities: Identities,
    figures: Arc<Figures>,
}

impl<B: Behind> Edge<B> {
    pub(crate) fn new(behind: B, options: Options, figures: Arc<Figures>, now: Timestamp) -> Self {
        let room = Semaphore::new(options.limits.in_flight);
        Self { behind, options, room, identities: Identities::new(now), figures }
    }

    /// Answers a request; whatever happens, there is an answer.
    pub(crate) async fn handle(&self, mut request: Request, peer: IpAddr) -> Response {
        let began = Instant::now();
        let id = self.identities.of(request.headers());
        request.headers_mut().insert(REQUEST_ID, id.clone());
        let asked = Asked::of(&request);
        let entry = self.options.access_log.then(|| {
            let peer = peer::behind(&self.options.trusted_proxies, peer, request.headers());
            Entry::new(&request, id.clone(), peer)
        });
        let flying = Figures::begin(&self.figures);
        let mut response = self.answer(request, &asked).await;
        encoding::encode(&mut response, asked.takes_gzip).await;
        dress(&mut response, &asked, id);
        let took = began.elapsed();
        flying.end(asked.place, &response, took);
        if let Some(entry) = entry {
            entry.write(&response, took);
        }
        response
    }

    async fn answer(&self, request: Request, asked: &Asked) -> Response {
        if let Some(preflight) = cors::preflight(&request) {
            return preflight;
        }
        if request.uri().path_and_query().is_some_and(|uri| uri.as_str().len() > LONGEST_URI) {
            return Refusal::Long.response(asked.place);
        }
        let permit = match self.room.try_acquire() {
            Ok(permit) => Some(permit),
            // Who looks after the process has to see how it is.
            Err(_) if asked.place == Place::Probe => None,
            Err(_) => {
                self.figures.shed();
                return Refusal::Busy.response(asked.place);
            }
        };
        let condition = conditional::Condition::of(&request);
        let answering = AssertUnwindSafe(self.behind.answer(request)).catch_unwind();
        let mut response = match timeout(self.options.limits.answer_within, answering).await {
            Ok(Ok(response)) => response,
            // The panic's own message says what and where.
            Ok(Err(_panic)) => Refusal::Broken.response(asked.place),
            Err(_elapsed) => Refusal::Slow.response(asked.place),
        };
        drop(permit);
        condition.apply(&mut response);
        response
    }
}

/// What of a request the answer's dress depends on.
struct Asked {
    place: Place,
    takes_gzip: bool,
}

impl Asked {
    fn of(request: &Request) -> Self {
        Self {
            place: Place::of(request.uri().path()),
            takes_gzip: request.method() != Method::HEAD && encoding::takes_gzip(request.headers()),
        }
    }
}

/// Puts on what every answer wears.
fn dress(response: &mut Response, asked: &Asked, id: HeaderValue) {
    let failed = response.status().is_client_error() || response.status().is_server_error();
    let is_page = response.headers().contains_key(header::CONTENT_SECURITY_POLICY);
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !is_page {
        let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        headers.insert(header::CONTENT_SECURITY_POLICY, nothing);
    }
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if asked.place.is_open() {
        cors::allow(headers);
    }
    if failed && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// An empty body of a status.
fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

impl<B> std::fmt::Debug for Edge<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Edge").field("options", &self.options).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
