//! What is missing, old or not a record of a title, over HTTP and by real processes.

use std::process::{Child, Stdio};

use fake_tmdb::Outage;
use reqwest::{Client, Method, Response, StatusCode, header};
use serde_json::Value;
use testbed::postgres::shared;

use crate::mirror::{Mirror, today};
use crate::served::Served;

/// No movie of a universe has it.
const NOBODY: &str = "/3/movie/1999999999";

struct Site<'a> {
    mirror: &'a Mirror,
    served: Served,
    client: Client,
}

impl<'a> Site<'a> {
    fn start(mirror: &'a Mirror, role: &str) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        // A redirect is an answer.
        let stay = reqwest::redirect::Policy::none();
        let client = Client::builder().no_proxy().redirect(stay).build().unwrap();
        Self { mirror, served: Served::start(mirror, &[role]), client }
    }

    fn ask(&self, method: Method, path: &str, headers: &[(header::HeaderName, &str)]) -> Response {
        let request = self.client.request(method, format!("{}{path}", self.served.url));
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(name.clone(), *value));
        self.mirror.runtime.block_on(request.send()).unwrap()
    }

    fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, path, &[])
    }

    #[track_caller]
    fn json(&self, path: &str, status: u16) -> Value {
        let response = self.get(path);
        let got = response.status();
        let body = self.mirror.runtime.block_on(response.bytes()).unwrap();
        assert_eq!(got, status, "{path}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    /// Asks for the same so many times at once; every answer must be a 200.
    fn crowd(&self, path: &str, times: usize) {
        let url = format!("{}{path}", self.served.url);
        let asked: Vec<_> =
            (0..times).map(|_| self.mirror.runtime.spawn(self.client.get(&url).send())).collect();
        for answer in asked {
            let answer = self.mirror.runtime.block_on(answer).unwrap().unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
        }
    }

    fn calls(&self) -> u64 {
        self.mirror.fake.stats().total
    }
}

fn header_of(response: &Response, name: &str) -> String {
    response.headers().get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned())
}

#[test]
fn what_is_missing_is_collected_once_for_all_who_ask() {
    let mirror = Mirror::generated(50);
    let site = Site::start(&mirror, "up");
    site.crowd("/3/movie/2", 1_000);
    assert_eq!(site.calls(), 1);
    for _ in 0..2 {
        assert_eq!(site.json(NOBODY, 404)["status_code"], 34);
    }
    assert_eq!(site.calls(), 2);
    assert_eq!(site.json("/3/movie/99999999999", 404)["status_code"], 6);
    assert_eq!(site.calls(), 2);
    mirror.fake.set_outage(Some(Outage::Unavailable));
    assert_eq!(site.json("/3/movie/2", 200)["id"], 2);
    let response = site.get("/3/movie/3");
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(header_of(&response, "retry-after").parse::<u32>().unwrap() > 0);
    // Nor is it taken for a 404 afterwards.
    mirror.fake.set_outage(None);
    assert_ne!(site.get("/3/movie/3").status(), StatusCode::NOT_FOUND);
}

#[test]
fn reference_data_comes_in_the_language_asked_for() {
    let mirror = Mirror::generated(50);
    let site = Site::start(&mirror, "up");
    let comedy = |query: &str| {
        let body = site.json(&format!("/3/genre/movie/list{query}"), 200);
        let genres = body["genres"].as_array().unwrap().clone();
        genres.iter().find(|genre| genre["id"] == 35).unwrap()["name"].clone()
    };
    assert_eq!(comedy(""), "Comedy");
    assert_eq!(comedy("?language=fr-FR"), "Comédie");
    assert_eq!(comedy("?language=de"), "Komödie");
    assert_eq!(comedy("?language=en-US"), "Comedy");
    let calls = site.calls();
    // No client makes up languages.
    for language in ["xx", "xx-XX", "qq-QQ"] {
        assert_eq!(comedy(&format!("?language={language}")), "Comedy");
    }
    assert_eq!(site.calls(), calls);
    let all = site.json("/3/watch/providers/movie", 200)["results"].as_array().unwrap().len();
    let some = site.json("/3/watch/providers/movie?watch_region=US", 200);
    assert!(some["results"].as_array().unwrap().len() < all);
    assert_eq!(site.get("/3/genre/movie/list?language=english").status(), 422);
}

#[test]
fn changes_and_the_latest_are_what_the_mirror_saw() {
    let mirror = Mirror::generated(50);
    mirror.json(&["collect", "movie/2", "movie/3"]);
    let site = Site::start(&mirror, "up");
    let body = site.json("/3/movie/changes", 200);
    let ids: Vec<_> = body["results"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert_eq!(ids, [2, 3]);
    assert_eq!((&body["page"], &body["total_results"]), (&1.into(), &2.into()));
    assert_eq!(body["results"][0]["adult"], false);
    let window = format!("/3/movie/changes?start_date={0}&end_date={0}", today());
    assert_eq!(site.json(&window, 200)["total_results"], 2);
    assert_eq!(site.json("/3/person/changes", 200)["total_results"], 0);
    let long = "/3/movie/changes?start_date=2026-01-01&end_date=2026-02-01";
    assert_eq!(site.json(long, 422)["status_code"], 20);
    assert_eq!(site.json("/3/movie/changes?start_date=soon", 400)["status_code"], 23);
    assert_eq!(site.json("/3/movie/latest", 200)["id"], 3);
    assert_eq!(site.json("/3/tv/latest", 404)["status_code"], 34);
}

#[test]
fn images_are_shown_from_the_own_store() {
    let mut mirror = Mirror::generated(5);
    mirror.environment = vec![
        ("CINEMIRROR__IMAGES__ENABLED".to_owned(), "true".to_owned()),
        ("CINEMIRROR__TMDB__IMAGES_URL".to_owned(), mirror.fake.images_url()),
        ("CINEMIRROR__SERVE__PUBLIC_URL".to_owned(), "https://mirror.example".to_owned()),
    ];
    let site = Site::start(&mirror, "up");
    let (image, _) = fake_tmdb::images::image("w92", "/abc.jpg").unwrap();
    site.crowd("/t/p/w92/abc.jpg", 50);
    assert_eq!(site.calls(), 1);
    let response = site.get("/t/p/w92/abc.jpg");
    assert_eq!(header_of(&response, "content-type"), "image/jpeg");
    assert!(header_of(&response, "content-security-policy").contains("sandbox"));
    let tag = header_of(&response, "etag");
    assert_eq!(mirror.runtime.block_on(response.bytes()).unwrap(), image);
    let same = site.ask(Method::GET, "/t/p/w92/abc.jpg", &[(header::IF_NONE_MATCH, &tag)]);
    assert_eq!(same.status(), StatusCode::NOT_MODIFIED);
    let part = site.ask(Method::GET, "/t/p/w92/abc.jpg", &[(header::RANGE, "bytes=2-5")]);
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(mirror.runtime.block_on(part.bytes()).unwrap(), image[2..6]);
    let head = site.ask(Method::HEAD, "/t/p/w92/abc.jpg", &[]);
    assert_eq!(header_of(&head, "content-length"), image.len().to_string());
    assert_eq!(site.calls(), 1);
    for path in ["/t/p/w93/abc.jpg", "/t/p/w92/%2e%2e%2fabc.jpg", "/t/p/w92/a%00.jpg", "/t/x"] {
        assert_eq!(site.get(path).status(), StatusCode::NOT_FOUND, "{path}");
    }
    let posted = site.ask(Method::POST, "/t/p/w92/abc.jpg", &[]);
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(site.calls(), 1);
    let images = site.json("/3/configuration", 200)["images"].clone();
    assert_eq!(images["secure_base_url"], "https://mirror.example/t/p/");
}

struct Worker(Child);

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn another_process_collects_what_is_asked_for_on_postgres() {
    let mirror = Mirror::generated(50).on(shared());
    let mut command = mirror.command(&["worker", "--collect-only"]);
    let _worker = Worker(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let site = Site::start(&mirror, "serve");
    site.crowd("/3/movie/2", 200);
    assert_eq!(site.json(NOBODY, 404)["status_code"], 34);
    assert_eq!(site.calls(), 2);
    // Images are off: TMDB shows them.
    let response = site.get("/t/p/w92/a.jpg");
    assert_eq!(response.status(), StatusCode::FOUND);
    assert!(header_of(&response, "location").ends_with("/t/p/w92/a.jpg"));
}
