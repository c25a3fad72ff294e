//! Replies as HTTP responses, with TMDB's headers, faults included.

use std::io::Write;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HOST,
    HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, RETRY_AFTER, SERVER, VARY,
};
use hyper::{Response, StatusCode};

use super::state::State;
use crate::faults::{Fault, ImageFault};
use crate::generated::hash;
use crate::images;
use crate::options::RetryAfter;
use crate::payload::Payload;
use crate::reply::{Cache, Reply};

/// Bodies below it gain nothing from compression.
const GZIP_FROM: usize = 200;

/// The response to an API question.
pub(super) fn api(
    state: &State,
    reply: Reply,
    headers: &HeaderMap,
    fault: Option<Fault>,
) -> Response<Payload> {
    if fault == Some(Fault::Html200) {
        return html_error();
    }
    let etag = etag(&reply.body);
    if reply.status == 200 && is_known(headers, &etag) {
        let mut response = empty(304);
        set(&mut response, ETAG, &etag);
        return response;
    }
    let body = match fault {
        Some(Fault::InvalidJson) => invalid(&reply.body),
        Some(Fault::EmptyBody) => Bytes::new(),
        _ => reply.body,
    };
    let is_packed = state.gzip && body.len() >= GZIP_FROM && takes_gzip(headers);
    let body = if is_packed { gzip(&body) } else { body };
    let length = body.len();
    let mut response = Response::new(spoil(body, fault));
    *response.status_mut() = status(reply.status);
    set(&mut response, CONTENT_TYPE, "application/json;charset=utf-8");
    set(&mut response, VARY, "accept-encoding");
    set(&mut response, SERVER, "openresty");
    if is_packed {
        set(&mut response, CONTENT_ENCODING, "gzip");
    }
    if reply.status == 200 {
        set(&mut response, ETAG, &etag);
    }
    match reply.cache {
        Cache::Public(seconds) => {
            set(&mut response, CACHE_CONTROL, &format!("public, max-age={seconds}"));
        }
        Cache::Private => {
            set(&mut response, CACHE_CONTROL, "max-age=0, private, must-revalidate");
        }
        Cache::Silent => {}
    }
    let promised = if fault == Some(Fault::WrongLength) { length + 100 } else { length };
    response.headers_mut().insert(CONTENT_LENGTH, promised.into());
    response
}

/// The body as a fault lets it through.
fn spoil(body: Bytes, fault: Option<Fault>) -> Payload {
    match fault {
        Some(Fault::Truncate) => Payload::broken(vec![body.slice(..body.len() / 2)]),
        Some(Fault::WrongLength) => Payload::broken(vec![body]),
        Some(Fault::SlowBody) => trickle(body),
        _ => Payload::from(body),
    }
}

/// The body in ten pieces, 20 ms apart.
fn trickle(body: Bytes) -> Payload {
    let size = body.len().div_ceil(10).max(1);
    Payload::pieces(futures_util::stream::unfold(body, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        let piece = rest.split_to(size.min(rest.len()));
        Some((Ok(piece), rest))
    }))
}

fn invalid(body: &[u8]) -> Bytes {
    [&body[..body.len() / 2], b"<!-- \xff"].concat().into()
}

/// The answer to a request above the limit.
pub(super) fn too_many(limit: u32, retry_after: Option<RetryAfter>) -> Response<Payload> {
    let message = format!(
        "Your request count ({}) is over the allowed limit of {limit}.",
        u64::from(limit) + 1
    );
    let mut response = Response::new(Payload::from(Reply::status(429, 25, &message).body));
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    set(&mut response, CONTENT_TYPE, "application/json;charset=utf-8");
    match retry_after {
        Some(RetryAfter::Seconds(seconds)) => {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        Some(RetryAfter::HttpDate(seconds)) => {
            set(&mut response, RETRY_AFTER, &in_seconds(seconds));
        }
        None => {}
    }
    response
}

#[expect(
    clippy::disallowed_methods,
    reason = "the header names an instant of the client's clock, whatever day is simulated"
)]
fn in_seconds(seconds: u32) -> String {
    // Dates have whole seconds: rounded up, so that the wait is not too short.
    let then = jiff::Timestamp::now().as_second().saturating_add(i64::from(seconds) + 1);
    http_date(jiff::Timestamp::from_second(then).unwrap_or(jiff::Timestamp::MAX))
}

pub(crate) fn http_date(instant: jiff::Timestamp) -> String {
    instant.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A page that tells people what they have found.
pub(super) fn notice(headers: &HeaderMap) -> Response<Payload> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let notice = domain::TMDB_NOTICE;
    plain(
        200,
        &format!(
            "This is fake-tmdb: a TMDB to develop and test against.\n\n\
             API      http://{host}/3          any 32 hex digits do for a key\n\
             exports  http://{host}/p/exports\n\
             images   http://{host}/t/p\n\
             figures  http://{host}/_fake/stats\n\n\
             Point a client at it by these addresses in place of api.themoviedb.org/3,\n\
             files.tmdb.org/p/exports and image.tmdb.org/t/p.\n\n{notice}\n"
        ),
    )
}

/// An image of the CDN: `w185/abc.jpg`.
pub(super) fn image(path: &str, fault: Option<ImageFault>) -> Response<Payload> {
    let found = path.split_once('/').and_then(|(size, path)| images::image(size, path));
    let Some((bytes, media_type)) = found else {
        return plain(404, "<h1>File not Found</h1>");
    };
    let (whole, bytes) = (bytes.len(), Bytes::from(bytes));
    let (payload, length) = match fault {
        Some(ImageFault::Html) => return html_error(),
        Some(ImageFault::Cut) => (Payload::broken(vec![bytes.slice(..whole / 2)]), whole),
        Some(ImageFault::Short) => (Payload::from(bytes.slice(..whole / 2)), whole / 2),
        None => (Payload::from(bytes), whole),
    };
    let mut response = Response::new(payload);
    response.headers_mut().insert(CONTENT_LENGTH, length.into());
    set(&mut response, CONTENT_TYPE, media_type);
    set(&mut response, CACHE_CONTROL, "public, max-age=31919000");
    response
}

pub(crate) fn plain(code: u16, text: &str) -> Response<Payload> {
    let mut response = Response::new(Payload::from(Bytes::copy_from_slice(text.as_bytes())));
    *response.status_mut() = status(code);
    set(&mut response, CONTENT_TYPE, "text/plain; charset=utf-8");
    response
}

/// A JSON answer outside the API.
pub(crate) fn json(code: u16, body: String) -> Response<Payload> {
    let mut response = Response::new(Payload::from(Bytes::from(body)));
    *response.status_mut() = status(code);
    set(&mut response, CONTENT_TYPE, "application/json");
    response
}

pub(crate) fn empty(code: u16) -> Response<Payload> {
    let mut response = Response::new(Payload::from(Bytes::new()));
    *response.status_mut() = status(code);
    response
}

/// Sets a header, unless its value cannot be one.
pub(crate) fn set(response: &mut Response<Payload>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn html_error() -> Response<Payload> {
    let page = "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n\
                <center><h1>502 Bad Gateway</h1></center>\n<hr><center>openresty</center>\n\
                </body>\n</html>\n";
    let mut response = plain(200, page);
    set(&mut response, CONTENT_TYPE, "text/html");
    response
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn etag(body: &[u8]) -> String {
    let (high, low) = hash::digest(body);
    format!("W/\"{high:016x}{low:016x}\"")
}

fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known.is_some_and(|known| known.split(',').any(|one| one.trim() == etag || one.trim() == "*"))
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| {
        accepted.split(',').any(|one| {
            let one = one.trim();
            one.starts_with("gzip") && !one.ends_with(";q=0")
        })
    })
}

fn gzip(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 2), Compression::fast());
    // Writing to memory does not fail.
    encoder.write_all(body).ok();
    encoder.finish().unwrap_or_default().into()
}
