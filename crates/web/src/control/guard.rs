//! Who may do what, and what a repeated request gets.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::access::Scope;
use domain::reply::{Begun, Question, Reply};

use super::asked::BODY_LIMIT;
use super::problem::Problem;
use super::routes::Route;
use crate::access::bearer_of;
use crate::options::Reads;
use crate::secrets;
use crate::site::Site;

/// An answer is given again for so long.
const KEPT_FOR: Duration = Duration::from_hours(24);

/// What takes longer to be answered was broken off.
const ANSWERED_WITHIN: Duration = Duration::from_mins(1);

/// So many answers are kept.
const KEPT_AT_MOST: usize = 10_000;

const KEY: &str = "idempotency-key";

/// Who asks, for the handlers of writes.
#[derive(Clone, Debug)]
pub(crate) struct Caller(pub(crate) String);

/// Lets a request of the control API pass that may.
pub(crate) async fn guard(
    site: Site,
    route: &'static Route,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = match caller(&site, route.scope, request.headers()).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    request.extensions_mut().insert(caller.clone());
    let key = request.headers().get(KEY).cloned();
    match key {
        Some(key) if request.method() == Method::POST => {
            once(&site, route, &caller, &key, request, next)
                .await
                .unwrap_or_else(Problem::into_response)
        }
        _ => next.run(request).await,
    }
}

/// As [`guard`], for what is served to readers beside the control API.
pub(crate) async fn readers_only(
    State(site): State<Site>,
    request: Request,
    next: Next,
) -> Response {
    match caller(&site, Scope::Read, request.headers()).await {
        Ok(_) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn caller(site: &Site, scope: Scope, headers: &HeaderMap) -> Result<Caller, Problem> {
    let is_open = match (scope, site.options().reads) {
        (Scope::Write | Scope::Admin, _) | (Scope::Read, Reads::Token) => false,
        (Scope::Read, Reads::Open) => true,
        (Scope::Read, Reads::Auto) => site.options().is_on_loopback(),
    };
    let bearer = headers.get(header::AUTHORIZATION);
    let bearer = bearer.and_then(|value| value.to_str().ok()).and_then(bearer_of);
    let Some(secret) = bearer else {
        return if is_open { Ok(Caller("anybody".to_owned())) } else { Err(Problem::TokenMissing) };
    };
    let token = site.stores().access.token(&secrets::hash(secret)).await?;
    let token = match token {
        Some(token) => token,
        // Whatever a browser or a proxy sends with a read that is open to all.
        None if is_open => return Ok(Caller("anybody".to_owned())),
        None => return Err(Problem::TokenUnknown),
    };
    if let Some(spent) = token.spent(site.now()) {
        return Err(spent.into());
    }
    if token.scope < scope {
        return Err(Problem::ScopeTooSmall(scope));
    }
    Ok(Caller(token.name))
}

/// Answers a request with a key of its own once, and again as it did.
async fn once(
    site: &Site,
    route: &Route,
    caller: &Caller,
    key: &HeaderValue,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY_LIMIT).await;
    let Ok(body) = body else { return Err(Problem::TooLarge(BODY_LIMIT)) };
    let now = site.now();
    let question = Question {
        owner: caller.0.clone(),
        key: checked(key)?,
        fingerprint: fingerprint(&parts.uri.to_string(), &body),
        until: now + KEPT_FOR,
        abandoned_before: now - ANSWERED_WITHIN,
    };
    let replies = &site.stores().replies;
    match replies.begin(&question, KEPT_AT_MOST, now).await? {
        Begun::Answered(reply) => return Ok(again(reply)),
        Begun::Underway => return Err(Problem::KeyUnderway),
        Begun::Other => return Err(Problem::KeyReused),
        Begun::New => (),
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    if parts.status.is_server_error() || parts.status == StatusCode::TOO_MANY_REQUESTS {
        replies.abandon(&question).await?;
    } else {
        let text =
            |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let reply = Reply {
            status: parts.status.as_u16(),
            location: text(header::LOCATION).map(str::to_owned),
            content_type: text(header::CONTENT_TYPE).unwrap_or("application/json").to_owned(),
            body: if route.is_secret { without_key(&body) } else { lossy(&body) },
        };
        replies.keep(&question, &reply).await?;
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn checked(key: &HeaderValue) -> Result<String, Problem> {
    let text = key.to_str().unwrap_or_default();
    if text.is_empty() || text.len() > 255 {
        let why = "An Idempotency-Key has 1 to 255 visible ASCII characters.";
        return Err(Problem::Invalid(why.to_owned()));
    }
    Ok(text.to_owned())
}

/// Of everything that makes a request this one.
fn fingerprint(address: &str, body: &Bytes) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(address.as_bytes()).update(b"\n").update(body);
    hasher.finalize().to_hex().to_string()
}

fn lossy(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

/// A secret is shown once, and is not in the store.
fn without_key(body: &[u8]) -> String {
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(mut value) => {
            if let Some(key) = value.get_mut("key") {
                *key = serde_json::Value::Null;
            }
            value.to_string()
        }
        Err(_) => String::new(),
    }
}

fn again(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let mut response = (status, reply.body).into_response();
    let headers = response.headers_mut();
    let mut insert = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    insert(header::CONTENT_TYPE, &reply.content_type);
    if let Some(location) = &reply.location {
        insert(header::LOCATION, location);
    }
    insert(header::HeaderName::from_static("idempotency-replayed"), "true");
    response
}
