//! gzip, for who takes it and where it pays.

use axum::body::{Body, HttpBody as _};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;

use super::kept::{self, Shared};

/// Fits into one packet as it is.
const SMALL: usize = 1_024;

/// More than this is a download, not an answer.
const LARGE: usize = 64 << 20;

/// Whether a client takes gzip, by RFC 9110: named or by `*`, and not with `q=0`.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let mut by_star = false;
    for given in headers.get_all(header::ACCEPT_ENCODING) {
        for coding in given.to_str().unwrap_or_default().split(',') {
            let mut parts = coding.split(';');
            let name = parts.next().unwrap_or_default().trim();
            let quality = parts.find_map(|part| part.trim().strip_prefix("q="));
            let is_taken = quality.is_none_or(|q| q.trim().parse().is_ok_and(|q: f32| q > 0.0));
            if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
                return is_taken;
            }
            by_star |= name == "*" && is_taken;
        }
    }
    by_star
}

/// Packs a body that is whole, text, and not packed yet.
pub(super) async fn encode(response: &mut Response, is_taken: bool) {
    if !is_worth_it(response) {
        return;
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
    if !is_taken {
        return;
    }
    let packed = match response.extensions_mut().remove::<Shared>() {
        Some(kept) => kept.packed().await,
        None => match whole(std::mem::take(response.body_mut())).await {
            Some(body) => kept::pack(body).await,
            None => return,
        },
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(packed.len()));
    *response.body_mut() = Body::from(packed);
}

fn is_worth_it(response: &Response) -> bool {
    let headers = response.headers();
    let text = |kind: &HeaderValue| {
        kind.to_str().is_ok_and(|kind| {
            kind.starts_with("text/") || kind.contains("json") || kind.starts_with("image/svg")
        })
    };
    // A stream has no size, and must not wait for its end.
    let size = response.body().size_hint().exact().and_then(|size| usize::try_from(size).ok());
    size.is_some_and(|size| (SMALL..LARGE).contains(&size))
        && response.status() != StatusCode::PARTIAL_CONTENT
        && !headers.contains_key(header::CONTENT_ENCODING)
        && headers.get(header::CONTENT_TYPE).is_some_and(text)
}

/// A body whose size is known, which is one that lies in memory.
async fn whole(body: Body) -> Option<Bytes> {
    axum::body::to_bytes(body, LARGE).await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(accept: &'static str, takes: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accept));
        assert_eq!(takes_gzip(&headers), takes, "{accept}");
    }

    #[test]
    fn gzip_is_taken_where_it_is_named_and_not_refused() {
        assert!(!takes_gzip(&HeaderMap::new()));
        check("gzip, deflate, br", true);
        check("br;q=1.0, GZIP;q=0.5", true);
        check("*", true);
        check("gzip;q=0, *", false);
        check("gzip; q=0.0", false);
        check("*;q=0", false);
        check("br", false);
        check("identity", false);
        check("", false);
    }
}
