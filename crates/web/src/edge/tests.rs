//! What every answer goes through, by handlers of the tests' own.

use std::io::Read as _;
use std::net::Ipv4Addr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use bytes::Bytes;

use super::*;
use crate::options::Limits;

const LONG: &str = "{\"text\":\"a body that is sent with a tag and is long enough to be packed\"}";

fn router() -> Router {
    let json = [(header::CONTENT_TYPE, "application/json;charset=utf-8")];
    let body = LONG.repeat(100);
    let tagged = (json.clone(), [(header::ETAG, "W/\"abc\"")], body.clone());
    let packed = (json.clone(), [(header::CONTENT_ENCODING, "br")], body.clone());
    let broken = || async {
        let is_well = std::hint::black_box(false);
        assert!(is_well, "a handler of a test's");
    };
    Router::new()
        .route("/3/long", get(tagged))
        .route("/3/short", get((json, "{}")))
        .route("/3/packed", get(packed))
        .route("/3/image", get(([(header::CONTENT_TYPE, "image/jpeg")], body)))
        .route("/3/broken", get(broken))
        .route("/pipeline/broken", get(broken))
        .route("/3/never", get(std::future::pending::<()>))
        .route("/healthz", get("ok"))
}

fn edge(in_flight: usize) -> Edge<Router> {
    let limits = Limits { in_flight, ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let figures = Arc::new(Figures::new(std::iter::empty()));
    Edge::new(router(), options, figures, Timestamp::from_millis(0))
}

fn request(uri: &str, headers: &[(&'static str, &'static str)]) -> Request {
    let mut request = Request::builder().uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

async fn ask(uri: &str, headers: &[(&'static str, &'static str)]) -> Response {
    edge(10).handle(request(uri, headers), Ipv4Addr::LOCALHOST.into()).await
}

async fn body(response: Response) -> Bytes {
    axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap()
}

fn get_header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_long_text_is_packed_for_who_takes_it() {
    let response = ask("/3/long", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(get_header(&response, "content-encoding"), "gzip");
    assert_eq!(get_header(&response, "vary"), "accept-encoding");
    let length = get_header(&response, "content-length").to_owned();
    let packed = body(response).await;
    assert_eq!(length, packed.len().to_string());
    let mut text = String::new();
    flate2::read::GzDecoder::new(&*packed).read_to_string(&mut text).unwrap();
    assert_eq!(text, LONG.repeat(100));
}

#[tokio::test]
async fn nothing_else_is_packed() {
    let gzip = ("accept-encoding", "gzip");
    for (uri, coding) in [("/3/short", ""), ("/3/packed", "br"), ("/3/image", "")] {
        let response = ask(uri, &[gzip]).await;
        assert_eq!(get_header(&response, "content-encoding"), coding, "{uri}");
    }
    let response = ask("/3/long", &[]).await;
    assert_eq!(get_header(&response, "content-encoding"), "");
    assert_eq!(get_header(&response, "vary"), "accept-encoding");
    assert_eq!(body(response).await, LONG.repeat(100));
}

#[tokio::test]
async fn who_has_it_already_gets_no_body() {
    for tag in ["W/\"abc\"", "\"x\", \"abc\"", "*"] {
        let response = ask("/3/long", &[("if-none-match", tag), ("accept-encoding", "gzip")]).await;
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{tag}");
        assert_eq!(get_header(&response, "etag"), "W/\"abc\"");
        assert_eq!(get_header(&response, "content-encoding"), "");
        assert_eq!(get_header(&response, "access-control-allow-origin"), "*");
        assert!(body(response).await.is_empty());
    }
    let response = ask("/3/long", &[("if-none-match", "W/\"abd\"")]).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_head_has_the_headers_and_no_body() {
    let mut head = request("/3/long", &[("accept-encoding", "gzip")]);
    *head.method_mut() = Method::HEAD;
    let response = edge(10).handle(head, Ipv4Addr::LOCALHOST.into()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(get_header(&response, "content-length"), (LONG.len() * 100).to_string());
    assert!(body(response).await.is_empty());
}

#[tokio::test]
async fn pages_of_any_origin_may_read_what_is_tmdbs_and_nothing_else() {
    let asks = |uri| {
        let mut preflight = request(
            uri,
            &[("origin", "https://app.example"), ("access-control-request-method", "GET")],
        );
        *preflight.method_mut() = Method::OPTIONS;
        preflight
    };
    let response = edge(10).handle(asks("/3/long"), Ipv4Addr::LOCALHOST.into()).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(get_header(&response, "access-control-allow-origin"), "*");
    assert!(get_header(&response, "access-control-allow-methods").contains("GET"));
    assert!(get_header(&response, "access-control-allow-headers").contains("authorization"));
    let response = edge(10).handle(asks("/pipeline/broken"), Ipv4Addr::LOCALHOST.into()).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(get_header(&response, "access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_panic_is_500_in_the_form_of_the_path() {
    let response = ask("/3/broken", &[("x-request-id", "mine")]).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(get_header(&response, "x-request-id"), "mine");
    assert_eq!(get_header(&response, "cache-control"), "no-store");
    let json: serde_json::Value = serde_json::from_slice(&body(response).await).unwrap();
    assert_eq!(json["status_code"], 11);
    let response = ask("/pipeline/broken", &[]).await;
    assert_eq!(get_header(&response, "content-type"), "application/problem+json");
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_is_given_up() {
    let began = Instant::now();
    let response = ask("/3/never", &[]).await;
    assert_eq!(began.elapsed(), Limits::default().answer_within);
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(get_header(&response, "retry-after"), "5");
}

#[tokio::test]
async fn too_much_at_once_is_turned_away_but_for_probes() {
    let edge = Arc::new(edge(1));
    let peer = IpAddr::from(Ipv4Addr::LOCALHOST);
    let mut waiting = Box::pin(edge.handle(request("/3/never", &[]), peer));
    assert!(timeout(Duration::ZERO, waiting.as_mut()).await.is_err());
    let response = edge.handle(request("/3/short", &[]), peer).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(get_header(&response, "retry-after"), "1");
    let json: serde_json::Value = serde_json::from_slice(&body(response).await).unwrap();
    assert_eq!((&json["success"], &json["status_code"]), (&false.into(), &9.into()));
    let response = edge.handle(request("/healthz", &[]), peer).await;
    assert_eq!(response.status(), StatusCode::OK);
    drop(waiting);
    let response = edge.handle(request("/3/short", &[]), peer).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(edge.figures.turned_away(), 1);
    assert_eq!(edge.figures.in_flight(), 0);
}

#[tokio::test]
async fn a_path_without_end_is_refused() {
    let response = ask(&format!("/3/short?a={}", "x".repeat(LONGEST_URI)), &[]).await;
    assert_eq!(response.status(), StatusCode::URI_TOO_LONG);
    let json: serde_json::Value = serde_json::from_slice(&body(response).await).unwrap();
    assert_eq!(json["status_code"], 47);
}

#[tokio::test]
async fn every_answer_is_dressed() {
    for uri in ["/3/short", "/3/broken", "/nothing", "/healthz"] {
        let response = ask(uri, &[("x-request-id", "with spaces")]).await;
        assert_eq!(get_header(&response, "x-request-id"), "0-0", "{uri}");
        assert_eq!(get_header(&response, "x-content-type-options"), "nosniff", "{uri}");
        assert_eq!(get_header(&response, "referrer-policy"), "no-referrer", "{uri}");
        let policy = get_header(&response, "content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{uri}");
    }
}
