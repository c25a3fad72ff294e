//! Days that pass, and bad ones: exports that are wrong, outages, broken images.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

use std::collections::HashSet;
use std::io::Read;
use std::sync::Arc;

use fake_tmdb::{ExportFile, Faults, Generated, Options, Outage, Server};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

const TODAY: &str = "movie_ids_11_30_2026.json.gz";
const YESTERDAY: &str = "movie_ids_11_29_2026.json.gz";

struct Fake {
    server: Server,
    client: Client,
}

impl Fake {
    /// Ten days after the beginning.
    async fn start() -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let options = Options::new(Arc::new(Generated::new(20_000, 7)));
        let server = fake_tmdb::start(options).await.unwrap();
        server.set_day(10);
        Self { server, client: Client::builder().no_proxy().build().unwrap() }
    }

    async fn get(&self, url: String) -> reqwest::Result<Response> {
        self.client.get(url).send().await
    }

    async fn api(&self, path: &str) -> reqwest::Result<Response> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let key = "0123456789abcdef0123456789abcdef";
        self.get(format!("{}/{path}{separator}api_key={key}", self.server.api_url())).await
    }

    async fn export(&self, name: &str) -> Response {
        self.get(format!("{}/{name}", self.server.files_url())).await.unwrap()
    }

    /// Orders something of the fake itself.
    async fn order(&self, what: &str, body: &Value) -> Response {
        let url = format!("http://{}/_fake/{what}", self.server.addr());
        self.client.post(url).body(body.to_string()).send().await.unwrap()
    }
}

async fn bytes(response: Response) -> Vec<u8> {
    response.bytes().await.unwrap().to_vec()
}

fn unzip(bytes: &[u8]) -> std::io::Result<String> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes).read_to_string(&mut text)?;
    Ok(text)
}

#[tokio::test]
async fn the_day_is_set_back_and_forth() {
    let fake = Fake::start().await;
    assert_eq!((fake.server.day(), fake.server.today().to_string().as_str()), (10, "2026-11-30"));
    fake.server.advance(5);
    assert_eq!(fake.server.day(), 15);
    fake.server.set_day(3);
    assert_eq!(fake.export(TODAY).await.status(), StatusCode::FORBIDDEN, "still to come");
    fake.server.set_day(99);
    assert_eq!(fake.export(TODAY).await.status(), StatusCode::OK);
    fake.server.set_day(101);
    assert_eq!(fake.export(TODAY).await.status(), StatusCode::FORBIDDEN, "too old");
    let stats: Value =
        serde_json::from_slice(&bytes(fake.order("day?day=12", &json!({})).await).await).unwrap();
    assert_eq!((fake.server.day(), stats["days"].as_u64()), (12, Some(12)));
    let wrong = fake.order("day?day=soon", &json!({})).await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_export_is_not_there_before_it_is_out() {
    let fake = Fake::start().await;
    fake.server.set_export_ready(false);
    assert_eq!(fake.export(TODAY).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(fake.export(YESTERDAY).await.status(), StatusCode::OK);
    fake.order("day?export_ready=true", &json!({})).await;
    assert_eq!(fake.export(TODAY).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_export_of_today_is_spoilt_as_ordered() {
    let fake = Fake::start().await;
    let good = bytes(fake.export(TODAY).await).await;
    let yesterday = bytes(fake.export(YESTERDAY).await).await;
    let lines = unzip(&good).unwrap().lines().count();
    assert_ne!(good, yesterday);

    fake.server.set_export_file(Some(ExportFile::Short));
    let short = bytes(fake.export(TODAY).await).await;
    assert_eq!(short, good[..good.len() / 2]);
    assert!(unzip(&short).is_err());

    fake.server.set_export_file(Some(ExportFile::FewLines));
    let few = unzip(&bytes(fake.export(TODAY).await).await).unwrap();
    assert_eq!(few.lines().count(), 2 * (lines / 5) + (lines % 5).min(2));
    assert!(few.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));

    fake.server.set_export_file(Some(ExportFile::NoLines));
    assert_eq!(unzip(&bytes(fake.export(TODAY).await).await).unwrap(), "");

    fake.server.set_export_file(Some(ExportFile::Empty));
    let empty = fake.export(TODAY).await;
    assert_eq!(empty.status(), StatusCode::OK);
    assert_eq!(bytes(empty).await, b"");

    fake.server.set_export_file(Some(ExportFile::Missing));
    assert_eq!(fake.export(TODAY).await.status(), StatusCode::FORBIDDEN);

    let told = fake.order("faults", &json!({"faults": {"export_file": "yesterday"}})).await;
    assert_eq!(told.status(), StatusCode::OK);
    assert_eq!(fake.server.faults().export_file, Some(ExportFile::Yesterday));
    assert_eq!(bytes(fake.export(TODAY).await).await, yesterday);
    assert_eq!(bytes(fake.export(YESTERDAY).await).await, yesterday, "others are as ever");

    fake.server.set_export_file(None);
    assert_eq!(bytes(fake.export(TODAY).await).await, good);
}

#[tokio::test]
async fn an_outage_stops_everything_until_it_is_over() {
    let fake = Fake::start().await;
    fake.server.set_outage(Some(Outage::Unavailable));
    let answers = [
        fake.api("movie/popular").await.unwrap(),
        fake.export(TODAY).await,
        fake.get(format!("{}/w92/a.jpg", fake.server.images_url())).await.unwrap(),
    ];
    for answer in answers {
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        let body: Value = serde_json::from_slice(&bytes(answer).await).unwrap();
        assert_eq!(body["status_code"], 9);
    }
    fake.order("faults", &json!({"faults": {"outage": "reset"}})).await;
    assert!(fake.api("movie/popular").await.is_err());
    assert!(fake.get(format!("{}/{TODAY}", fake.server.files_url())).await.is_err());
    fake.order("faults", &json!({"faults": {}})).await;
    assert_eq!(fake.api("movie/popular").await.unwrap().status(), StatusCode::OK);
    assert!(fake.server.stats().total >= 3, "those in vain count too");
}

#[tokio::test]
async fn a_share_of_the_images_is_broken() {
    let fake = Fake::start().await;
    let url = |at: u32| format!("{}/w185/image{at}.jpg", fake.server.images_url());
    let mut whole = Vec::new();
    for at in 0..60 {
        whole.push(bytes(fake.get(url(at)).await.unwrap()).await);
    }
    let faults = json!({"image_cut": 0.2, "image_short": 0.2, "image_html": 0.2});
    fake.server.set_faults(serde_json::from_value::<Faults>(faults).unwrap());
    let (mut cut, mut short, mut html, mut sound) = (0, 0, 0, 0);
    for (at, whole) in (0..60).zip(&whole) {
        let answer = fake.get(url(at)).await.unwrap();
        let is_html = answer.headers()["content-type"] == "text/html";
        match answer.bytes().await {
            Err(_) => cut += 1,
            Ok(bytes) if is_html => html += i32::from(bytes.starts_with(b"<html>")),
            Ok(bytes) if bytes == whole[..] => sound += 1,
            Ok(bytes) => short += i32::from(bytes == whole[..whole.len() / 2]),
        }
    }
    assert_eq!(cut + short + html + sound, 60);
    assert!(cut > 3 && short > 3 && html > 3 && sound > 10, "{cut} {short} {html} {sound}");
}

#[tokio::test]
async fn a_logo_is_a_png() {
    let fake = Fake::start().await;
    let logo = fake.get(format!("{}/w300/a.png", fake.server.images_url())).await.unwrap();
    assert_eq!(logo.headers()["content-type"], "image/png");
    assert!(bytes(logo).await.starts_with(b"\x89PNG"));
}

#[tokio::test]
async fn all_pages_of_the_changes_tell_of_each_id_once() {
    let fake = Fake::start().await;
    fake.server.set_day(40);
    let (mut ids, mut nameless, mut unknown, mut page, mut rows) = (HashSet::new(), 0, 0, 1, 0);
    loop {
        let path = format!("movie/changes?start_date=2026-12-16&end_date=2026-12-30&page={page}");
        let body: Value =
            serde_json::from_slice(&bytes(fake.api(&path).await.unwrap()).await).unwrap();
        let results = body["results"].as_array().unwrap();
        for row in results {
            assert_eq!(row["adult"].is_null(), row["softcore"].is_null());
            unknown += i32::from(row["adult"].is_null());
            match row["id"].as_u64() {
                Some(id) => assert!(ids.insert(id), "{id} twice"),
                None => nameless += 1,
            }
        }
        rows += results.len();
        if body["total_pages"].as_u64().unwrap() <= page {
            assert_eq!(body["total_results"], rows);
            break;
        }
        assert_eq!(results.len(), 100);
        page += 1;
    }
    assert!(page > 10 && nameless > 0 && unknown > 50, "{page} {nameless} {unknown}");
    let past = fake.api("movie/changes?start_date=2026-12-16&end_date=2026-12-31").await.unwrap();
    assert_eq!(past.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let behind = fake.api("movie/changes?page=501").await.unwrap();
    assert_eq!(behind.status(), StatusCode::BAD_REQUEST);
}
