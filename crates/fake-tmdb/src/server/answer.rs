//! From an HTTP request to its response: which part answers, and what goes wrong on the way.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::{Request, Response};

use super::render;
use super::state::State;
use crate::api;
use crate::control;
use crate::exports;
use crate::faults::{Fault, Outage};
use crate::options::RetryAfter;
use crate::payload::Payload;
use crate::reply::Reply;
use crate::stats;

type Answer = Result<Response<Payload>, io::Error>;

/// Answers a request; an error resets the connection.
pub(super) async fn answer(
    state: Arc<State>,
    request: Request<Incoming>,
    reset: Arc<AtomicBool>,
) -> Answer {
    let path = request.uri().path().to_owned();
    if let Some(path) = below(&path, "/_fake") {
        return Ok(control::answer(&state, path, request).await);
    }
    if let Some(outage) = state.faults().outage {
        return away(&state, &path, outage, &reset);
    }
    if let Some(path) = below(&path, "/3") {
        return answer_api(&state, path, &request, &reset).await;
    }
    if let Some(file) = below(&path, "/p/exports") {
        let response = exports::answer(&state, file, request.headers()).await;
        state.count("p/exports", response.status().as_u16());
        return Ok(response);
    }
    if let Some(image) = below(&path, "/t/p") {
        let fault = state.faults().of_image(state.seed, image);
        let response = render::image(image, fault);
        state.count("t/p", response.status().as_u16());
        return Ok(response);
    }
    Ok(if path == "/" {
        render::notice(request.headers())
    } else {
        render::plain(404, "not found")
    })
}

/// The rest of a path that lies below a prefix, without slashes around it.
fn below<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(prefix)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_matches('/'))
}

async fn answer_api(
    state: &State,
    path: &str,
    request: &Request<Incoming>,
    reset: &AtomicBool,
) -> Answer {
    let is_within_limit = state.arrive();
    let count = state.next_request();
    let (limits, faults) = (state.limits(), state.faults());
    if let Some(latency) = faults.latency {
        tokio::time::sleep(Duration::from_millis(latency.millis(state.seed, count))).await;
    }
    let endpoint = stats::endpoint(path);
    if let Some(seconds) = state.refuse() {
        state.count(&endpoint, 429);
        let limit = limits.requests_per_second.unwrap_or_default();
        return Ok(render::too_many(limit, Some(RetryAfter::Seconds(seconds))));
    }
    if !is_within_limit {
        state.count(&endpoint, 429);
        let limit = limits.requests_per_second.unwrap_or_default();
        return Ok(render::too_many(limit, limits.retry_after));
    }
    let fault = faults.of_request(state.seed, count);
    if fault == Some(Fault::Reset) {
        state.count(&endpoint, 0);
        reset.store(true, Ordering::Relaxed);
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    let reply = match fault {
        Some(Fault::Error(status)) => server_error(status),
        Some(Fault::ErrorBody200) => Reply { status: 200, ..Reply::error(11) },
        _ => ask(state, path, request),
    };
    let response = render::api(state, reply, request.headers(), fault);
    state.count(&endpoint, response.status().as_u16());
    Ok(response)
}

/// The answer to whatever is asked during an outage.
fn away(state: &State, path: &str, outage: Outage, reset: &AtomicBool) -> Answer {
    let endpoint = match below(path, "/3") {
        Some(path) => {
            // They count for the limit, as all that reaches TMDB does.
            state.arrive();
            stats::endpoint(path)
        }
        None => path.split('/').skip(1).take(2).collect::<Vec<_>>().join("/"),
    };
    if outage == Outage::Reset {
        state.count(&endpoint, 0);
        reset.store(true, Ordering::Relaxed);
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    state.count(&endpoint, 503);
    Ok(render::json(503, String::from_utf8_lossy(&server_error(503).body).into_owned()))
}

fn ask(state: &State, path: &str, request: &Request<Incoming>) -> Reply {
    let question = api::Question::read(path, request.uri().query().unwrap_or_default());
    let authorization = request.headers().get(hyper::header::AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok());
    api::reply(state, request.method(), &question, authorization)
}

fn server_error(status: u16) -> Reply {
    Reply::error(match status {
        502 => 43,
        503 => 9,
        504 => 24,
        _ => 11,
    })
}
