//! The server over HTTP, as a client meets it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

use std::io::Read;
use std::sync::Arc;

use fake_tmdb::{Faults, Generated, Limits, Options, RetryAfter, Server};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

const KEY: &str = "0123456789abcdef0123456789abcdef";

struct Fake {
    server: Server,
    client: Client,
}

impl Fake {
    async fn start(change: impl FnOnce(&mut Options)) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let mut options = Options::new(Arc::new(Generated::new(500, 7)));
        change(&mut options);
        let server = fake_tmdb::start(options).await.unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { server, client }
    }

    async fn faulty(faults: Value) -> Self {
        let faults: Faults = serde_json::from_value(faults).unwrap();
        Self::start(|options| options.faults = faults).await
    }

    /// Asks the API with a key.
    async fn get(&self, path: &str) -> reqwest::Result<Response> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let url = format!("{}/{path}{separator}api_key={KEY}", self.server.api_url());
        self.client.get(url).send().await
    }

    async fn json(&self, path: &str) -> Value {
        read(self.get(path).await.unwrap()).await
    }

    /// The id of a movie that is there.
    async fn movie(&self) -> u64 {
        let popular = self.json("movie/popular").await;
        for row in popular["results"].as_array().unwrap() {
            let id = row["id"].as_u64().unwrap();
            if self.get(&format!("movie/{id}")).await.unwrap().status() == 200 {
                return id;
            }
        }
        unreachable!("a popular movie answers")
    }

    async fn export(&self, name: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = self.client.get(format!("{}/{name}", self.server.files_url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }
}

async fn read<T: serde::de::DeserializeOwned>(response: Response) -> T {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

fn unzip(bytes: &[u8]) -> std::io::Result<String> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes).read_to_string(&mut text)?;
    Ok(text)
}

#[tokio::test]
async fn errors_have_tmdbs_codes_and_shapes() {
    let fake = Fake::start(|_| {}).await;
    let parts: Vec<String> = (0..21).map(|part| format!("part{part}")).collect();
    let many = format!("movie/1?append_to_response={}", parts.join(","));
    for (path, status, code) in [
        ("movie/999999999", 404, 34),
        ("nonsense", 404, 34),
        ("movie/popular?page=501", 400, 22),
        ("movie/popular?page=x", 400, 22),
        (many.as_str(), 400, 27),
        ("movie/changes?start_date=2026-11-01&end_date=2026-11-16", 422, 20),
        ("movie/changes?start_date=tomorrow", 400, 23),
        ("find/tt0000001?external_source=nonsense", 422, 5),
    ] {
        let response = fake.get(path).await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        let body: Value = read(response).await;
        assert_eq!(body["status_code"], code, "{path}");
        assert_eq!(body["success"], false, "{path}");
    }
    let response = fake.get("search/movie").await.unwrap();
    assert_eq!(response.status(), 422);
    let body: Value = read(response).await;
    assert_eq!(body, json!({"errors": ["query must be provided"]}));
}

#[tokio::test]
async fn only_those_with_a_key_are_answered() {
    let fake = Fake::start(|_| {}).await;
    let url = format!("{}/configuration", fake.server.api_url());
    let get = |url: String| fake.client.get(url);
    let suspended = "0".repeat(32);
    for (request, status, code) in [
        (get(url.clone()), 401, 7),
        (get(format!("{url}?api_key=short")), 401, 7),
        (get(format!("{url}?api_key={suspended}")), 401, 10),
        (get(url.clone()).bearer_auth(KEY), 401, 7),
        (get(url.clone()).bearer_auth("eyJh.eyJz.c2ln"), 200, 0),
        (fake.client.post(format!("{url}?api_key={KEY}")), 405, 42),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status);
        let body: Value = read(response).await;
        assert_eq!(body["status_code"].as_u64().unwrap_or(0), code);
    }
}

#[tokio::test]
async fn parts_are_appended_and_unknown_ones_left_out() {
    let fake = Fake::start(|_| {}).await;
    let id = fake.movie().await;
    let path = format!("movie/{id}?append_to_response=credits,watch/providers,zzz,season/1");
    let body = fake.json(&path).await;
    assert!(body["credits"]["cast"].is_array());
    assert!(body["watch/providers"]["results"].is_object());
    assert!(body["credits"].get("id").is_none());
    assert!(body.get("zzz").is_none() && body.get("season/1").is_none());
    let alone = fake.json(&format!("movie/{id}/credits")).await;
    assert_eq!(alone["id"], id);
    assert_eq!(alone["cast"], body["credits"]["cast"]);
    let similar = fake.json(&format!("movie/{id}/similar")).await;
    assert_eq!(similar["page"], 1);
    let more = fake.json(&format!("movie/{id}/similar?page=2")).await;
    assert_eq!((&more["page"], &more["results"]), (&json!(2), &json!([])));
}

#[tokio::test]
async fn answers_have_tmdbs_headers() {
    let fake = Fake::start(|_| {}).await;
    let response = fake.get("movie/popular").await.unwrap();
    assert_eq!(header(&response, "content-type"), "application/json;charset=utf-8");
    assert_eq!(header(&response, "cache-control"), "public, max-age=28800");
    let etag = header(&response, "etag").to_owned();
    assert!(etag.starts_with("W/\""));
    let url = format!("{}/movie/popular?api_key={KEY}", fake.server.api_url());
    let again = fake.client.get(url).header("if-none-match", etag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    let trending = fake.get("trending/all/day").await.unwrap();
    assert_eq!(header(&trending, "cache-control"), "public, max-age=600");
}

#[tokio::test]
async fn requests_above_the_limit_are_told_when_to_come_back() {
    let limits = |retry_after| Limits {
        requests_per_second: Some(0),
        retry_after: Some(retry_after),
        connections: None,
    };
    let fake = Fake::start(|options| options.limits = limits(RetryAfter::Seconds(3))).await;
    let response = fake.get("configuration").await.unwrap();
    assert_eq!((response.status().as_u16(), header(&response, "retry-after")), (429, "3"));
    let body: Value = read(response).await;
    assert_eq!(body["status_code"], 25);
    fake.server.set_limits(limits(RetryAfter::HttpDate(3)));
    let response = fake.get("configuration").await.unwrap();
    assert!(header(&response, "retry-after").ends_with(" GMT"));
    fake.server.set_limits(Limits::default());
    assert_eq!(fake.get("configuration").await.unwrap().status(), 200);
    let stats = fake.server.stats();
    assert_eq!((stats.total, stats.endpoints["configuration"][&429]), (3, 2));
    assert!((1..=3).contains(&stats.max_in_sliding_second));
}

#[tokio::test]
async fn a_connection_too_many_is_reset() {
    let limits = Limits { connections: Some(0), ..Limits::default() };
    let fake = Fake::start(|options| options.limits = limits).await;
    assert!(fake.get("configuration").await.is_err());
}

#[tokio::test]
async fn server_errors_have_their_status() {
    for (name, status) in
        [("error_500", 500), ("error_502", 502), ("error_503", 503), ("error_504", 504)]
    {
        let fake = Fake::faulty(json!({ name: 1.0 })).await;
        assert_eq!(fake.get("configuration").await.unwrap().status(), status);
    }
}

#[tokio::test]
async fn broken_connections_are_errors_to_a_client() {
    for name in ["truncate", "wrong_length"] {
        let fake = Fake::faulty(json!({ name: 1.0 })).await;
        let response = fake.get("configuration").await.unwrap();
        assert!(response.bytes().await.is_err(), "{name}");
    }
    let fake = Fake::faulty(json!({"reset": 1.0})).await;
    assert!(fake.get("configuration").await.is_err());
    assert!(fake.server.stats().endpoints["configuration"][&0] >= 1);
}

#[tokio::test]
async fn bad_bodies_come_with_status_200() {
    for name in ["html_200", "invalid_json", "empty_body"] {
        let fake = Fake::faulty(json!({ name: 1.0 })).await;
        let response = fake.get("configuration").await.unwrap();
        assert_eq!(response.status(), 200, "{name}");
        let body = response.bytes().await.unwrap();
        assert!(serde_json::from_slice::<Value>(&body).is_err(), "{name}");
    }
    let fake = Fake::faulty(json!({"error_body_200": 1.0})).await;
    let response = fake.get("configuration").await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(read::<Value>(response).await["success"], false);
}

#[tokio::test]
async fn a_slow_body_is_whole_in_the_end() {
    let fake = Fake::faulty(json!({"slow_body": 1.0, "latency": {"median_ms": 1, "p95_ms": 2}}));
    let body = fake.await.json("configuration").await;
    assert!(body["images"].is_object());
}

#[tokio::test]
async fn no_fault_reaches_the_knobs() {
    let fake = Fake::faulty(json!({"reset": 1.0})).await;
    let base = format!("http://{}/_fake", fake.server.addr());
    let settings = json!({"faults": {}, "limits": {"requests_per_second": 40}}).to_string();
    let post = |path: &str| fake.client.post(format!("{base}/{path}"));
    let response = post("faults").body(settings).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(fake.get("configuration").await.unwrap().status(), 200);
    let wrong = post("faults").body(r#"{"fault":{}}"#).send().await.unwrap();
    assert_eq!(wrong.status(), 400);
    post("advance?days=3").send().await.unwrap();
    let stats = post("stats/reset").send().await.unwrap();
    let stats: fake_tmdb::Stats = read(stats).await;
    assert_eq!((stats.days, stats.total), (3, 0));
}

#[tokio::test]
async fn an_export_is_dated_and_can_be_resumed() {
    let fake = Fake::start(|_| {}).await;
    let name = "movie_ids_11_20_2026.json.gz";
    let whole = fake.export(name, &[]).await;
    let etag = header(&whole, "etag").to_owned();
    assert!(header(&whole, "last-modified").starts_with("Fri, 20 Nov 2026"));
    let whole = whole.bytes().await.unwrap();
    let lines = unzip(&whole).unwrap();
    assert!((450..=500).contains(&lines.lines().count()));
    assert!(lines.starts_with(r#"{"adult":false,"id":"#));

    let rest = fake.export(name, &[("range", "bytes=100-"), ("if-range", &etag)]).await;
    assert_eq!(rest.status(), StatusCode::PARTIAL_CONTENT);
    let range = format!("bytes 100-{}/{}", whole.len() - 1, whole.len());
    assert_eq!(header(&rest, "content-range"), range);
    assert_eq!(rest.bytes().await.unwrap(), whole.slice(100..));

    let stale = fake.export(name, &[("range", "bytes=100-"), ("if-range", "\"old\"")]).await;
    assert_eq!(stale.status(), StatusCode::OK);
    let behind = fake.export(name, &[("range", "bytes=9999999-")]).await;
    assert_eq!(behind.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    for missing in ["movie_ids_11_21_2026.json.gz", "movie_ids_05_01_2026.json.gz", "x"] {
        assert_eq!(fake.export(missing, &[]).await.status(), StatusCode::FORBIDDEN);
    }
    fake.server.advance(1);
    assert_eq!(fake.export("movie_ids_11_21_2026.json.gz", &[]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn spoilt_exports_do_not_pass_for_whole_ones() {
    let name = "person_ids_11_20_2026.json.gz";
    let fake = Fake::faulty(json!({"export_garbage": 1.0})).await;
    let garbage = fake.export(name, &[]).await.bytes().await.unwrap();
    assert!(unzip(&garbage).is_err());
    let fake = Fake::faulty(json!({"export_cut": 1.0})).await;
    assert!(fake.export(name, &[]).await.bytes().await.is_err());
}

#[tokio::test]
async fn changes_follow_the_days() {
    let fake = Fake::start(|options| options.universe = Arc::new(Generated::new(20_000, 7))).await;
    fake.server.advance(5);
    let today = fake.json("movie/changes").await;
    let window = fake.json("movie/changes?start_date=2026-11-21&end_date=2026-11-25").await;
    let total = |changes: &Value| changes["total_results"].as_u64().unwrap();
    assert!((100..600).contains(&total(&today)), "{}", total(&today));
    assert!(total(&window) > total(&today));
    assert_eq!(today["results"].as_array().unwrap().len(), 100);
    let past = fake.json("movie/changes?start_date=2026-01-01&end_date=2026-01-02").await;
    assert_eq!(total(&past), 0);
}

#[tokio::test]
async fn the_front_page_carries_the_notice() {
    let fake = Fake::start(|_| {}).await;
    let page = fake.client.get(format!("http://{}/", fake.server.addr())).send().await.unwrap();
    assert!(page.text().await.unwrap().contains(domain::TMDB_NOTICE));
    let image = fake.client.get(format!("{}/w92/abc.jpg", fake.server.images_url()));
    let image = image.send().await.unwrap();
    assert_eq!(header(&image, "content-type"), "image/jpeg");
    fake.server.shutdown().await;
}

#[tokio::test]
async fn http2_is_spoken_too() {
    let fake = Fake::start(|_| {}).await;
    let client = Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    let url = format!("{}/movie/popular?api_key={KEY}", fake.server.api_url());
    let response = client.get(url).send().await.unwrap();
    assert_eq!((response.version(), response.status()), (reqwest::Version::HTTP_2, StatusCode::OK));
}
