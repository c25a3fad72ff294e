//! The control API by the real command: `up` alone, and `serve` beside a `worker`.

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fake_tmdb::{Faults, Latency};
use serde_json::{Value, json};

use crate::mirror::Mirror;

/// A test that waits for longer than this has failed.
const PATIENCE: Duration = Duration::from_mins(2);

/// Comes once a year: nothing starts by itself.
const YEARLY: &str = r#"[{ name = "purge", cron = "0 0 1 1 *", job = "purge" }]"#;

/// A process that serves, killed at the end whatever happens.
struct Served {
    process: Child,
    url: String,
}

impl Served {
    fn start(mirror: &Mirror, role: &str, log: &str) -> Self {
        // A client without TLS wants a provider for it all the same.
        rustls::crypto::ring::default_provider().install_default().ok();
        let process = start(mirror, role, log);
        let url = until("it serves", || address(mirror, log));
        Self { process, url }
    }

    fn stop(mut self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let status = self.process.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn start(mirror: &Mirror, role: &str, log: &str) -> Child {
    let log = File::create(mirror.folder.path().join(log)).unwrap();
    let mut command = mirror.command(&[role]);
    command
        .env("CINEMIRROR__SCHEDULE__PRESET", "none")
        .env("CINEMIRROR__SCHEDULE__ENTRIES", YEARLY)
        .env("CINEMIRROR__SCHEDULE__LEASE_SECONDS", "5");
    command.stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

/// What the log says that it serves on.
fn address(mirror: &Mirror, log: &str) -> Option<String> {
    let said = std::fs::read_to_string(mirror.folder.path().join(log)).unwrap();
    let (_, rest) = said.split_once("serves on ")?;
    Some(rest.split(['"', '\n', ' ']).next()?.to_owned())
}

/// Looks until it is so.
#[track_caller]
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain: {what}");
        std::thread::park_timeout(Duration::from_millis(25));
    }
}

fn token(mirror: &Mirror, scope: &str) -> String {
    let made = mirror.json(&["token", "create", "--scope", scope]);
    made["token"].as_str().unwrap().to_owned()
}

fn get(mirror: &Mirror, served: &Served, path: &str) -> Value {
    let url = format!("{}{path}", served.url);
    mirror.runtime.block_on(async {
        let response = reqwest::get(url).await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.status());
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
    })
}

struct Post<'a> {
    path: &'a str,
    token: &'a str,
    body: Value,
    key: &'a str,
}

/// The status and the body.
fn post(mirror: &Mirror, served: &Served, post: &Post<'_>) -> (u16, Value) {
    let url = format!("{}{}", served.url, post.path);
    let mut request = reqwest::Client::new().post(url).body(post.body.to_string());
    request = request.header("content-type", "application/json");
    if !post.token.is_empty() {
        request = request.header("authorization", format!("Bearer {}", post.token));
    }
    if !post.key.is_empty() {
        request = request.header("idempotency-key", post.key);
    }
    mirror.runtime.block_on(async {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
    })
}

/// What a listener hears first, as far as the queue.
fn events(mirror: &Mirror, served: &Served) -> String {
    let url = format!("{}/events", served.url);
    mirror.runtime.block_on(async {
        let mut response = reqwest::get(url).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut told = String::new();
        while !told.contains("event: queue") {
            let chunk = response.chunk().await.unwrap().expect("the stream goes on");
            told.push_str(&String::from_utf8_lossy(&chunk));
        }
        told
    })
}

fn quick<'a>(token: &'a str, key: &'a str) -> Post<'a> {
    Post { path: "/pipeline/run", token, body: json!({"update_type": "quick"}), key }
}

fn slow(mirror: &Mirror) {
    let latency = Some(Latency { median_ms: 3_000.0, p95_ms: 4_000.0 });
    mirror.fake.set_faults(Faults { latency, ..Faults::default() });
}

fn has_status(mirror: &Mirror, served: &Served, run: &Value, status: &str) -> Option<Value> {
    let run = get(mirror, served, &format!("/pipeline/runs/{run}"));
    (run["status"] == status).then_some(run)
}

#[test]
fn a_run_is_started_watched_and_cancelled_in_up() {
    let mirror = Mirror::generated(20);
    let served = Served::start(&mirror, "up", "up.log");
    let (write, read) = (token(&mirror, "write"), token(&mirror, "read"));
    assert_eq!(post(&mirror, &served, &quick("", "")).0, 401);
    assert_eq!(post(&mirror, &served, &quick("cm_wrong", "")).1["code"], "token_unknown");
    assert_eq!(post(&mirror, &served, &quick(&read, "")).0, 403);
    slow(&mirror);
    let (status, accepted) = post(&mirror, &served, &quick(&write, "once"));
    assert_eq!((status, &accepted["is_taken_soon"]), (202, &json!(true)), "{accepted}");
    let run = &accepted["run"];
    assert_eq!(post(&mirror, &served, &quick(&write, "once")), (202, accepted.clone()));
    until("it runs", || {
        let status = get(&mirror, &served, "/pipeline/status");
        (status["state"] == "running" && status["running"][0]["id"] == *run).then_some(())
    });
    let (status, busy) = post(&mirror, &served, &quick(&write, ""));
    assert_eq!((status, &busy["code"], &busy["run"]), (409, &json!("run_in_progress"), run));
    let path = format!("/pipeline/runs/{run}/cancel");
    let cancel = Post { path: &path, token: &write, body: json!({}), key: "" };
    assert_eq!(post(&mirror, &served, &cancel).1["state"], "stopping");
    let stopped = until("it ends", || has_status(&mirror, &served, run, "STOPPED"));
    assert_eq!(stopped["error"], "cancelled by write");
    let told = events(&mirror, &served);
    assert!(told.contains("event: run") && told.contains("event: queue"), "{told}");
    mirror.fake.set_faults(Faults::default());
    let (_, accepted) = post(&mirror, &served, &quick(&write, "twice"));
    let done = until("it succeeds", || has_status(&mirror, &served, &accepted["run"], "SUCCESS"));
    assert_eq!((&done["trigger"], &done["waiting"]), (&json!("api"), &json!(0)));
    assert!(done["ingested"].as_u64().unwrap() > 0, "{done}");
    let images = Post { body: json!({"update_type": "images"}), ..quick(&write, "") };
    let (_, accepted) = post(&mirror, &served, &images);
    let failed = until("it fails", || has_status(&mirror, &served, &accepted["run"], "FAILED"));
    assert_eq!(failed["error"], "images: they are off: set images.enabled");
    let cached = get(&mirror, &served, "/cache/popular?type=movie");
    assert!(!cached["items"].as_array().unwrap().is_empty(), "{cached}");
    served.stop();
}

#[test]
fn a_stopped_schedule_stays_stopped_until_it_is_started() {
    let mirror = Mirror::generated(10);
    let token = token(&mirror, "write");
    let served = Served::start(&mirror, "up", "one.log");
    let hand = |path| Post { path, token: &token, body: json!({}), key: "" };
    let (status, stopped) = post(&mirror, &served, &hand("/pipeline/scheduler/stop"));
    assert_eq!((status, &stopped["changed"]), (200, &json!(["purge"])));
    served.stop();
    let served = Served::start(&mirror, "up", "two.log");
    let status = get(&mirror, &served, "/pipeline/scheduler/status");
    assert_eq!((&status["is_stopped"], &status["is_running"]), (&json!(true), &json!(false)));
    let (_, started) = post(&mirror, &served, &hand("/pipeline/scheduler/start"));
    assert_eq!(started["changed"], json!(["purge"]));
    until("it runs", || {
        let status = get(&mirror, &served, "/pipeline/scheduler/status");
        (status["is_running"] == true).then_some(())
    });
    served.stop();
}

#[test]
fn a_run_that_serve_was_asked_for_is_taken_by_a_worker() {
    let mirror = Mirror::generated(20);
    let token = token(&mirror, "write");
    let served = Served::start(&mirror, "serve", "serve.log");
    let (status, accepted) = post(&mirror, &served, &quick(&token, ""));
    assert_eq!((status, &accepted["is_taken_soon"]), (202, &json!(false)));
    let run = &accepted["run"];
    assert!(has_status(&mirror, &served, run, "REQUESTED").is_some());
    slow(&mirror);
    let worker = start(&mirror, "worker", "worker.log");
    let worker = Served { process: worker, url: String::new() };
    until("the worker takes it", || has_status(&mirror, &served, run, "RUNNING"));
    worker.stop();
    let again = has_status(&mirror, &served, run, "REQUESTED");
    assert!(again.is_some(), "it waits for another worker");
    let worker = Served { process: start(&mirror, "worker", "next.log"), url: String::new() };
    until("the next takes it", || has_status(&mirror, &served, run, "RUNNING"));
    let path = format!("/pipeline/runs/{run}/cancel");
    let cancel = Post { path: &path, token: &token, body: json!({}), key: "" };
    assert_eq!(post(&mirror, &served, &cancel).0, 202);
    until("it ends in the other process", || has_status(&mirror, &served, run, "STOPPED"));
    worker.stop();
    served.stop();
}

#[test]
fn clients_have_keys_and_quotas() {
    let mut mirror = Mirror::generated(10);
    mirror.environment.push(("CINEMIRROR__SERVE__CLIENTS".to_owned(), "keys".to_owned()));
    let made = mirror.json(&["client", "create", "app", "--per-day", "2"]);
    let key = made["key"].as_str().unwrap();
    assert!(key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{made}");
    let served = Served::start(&mirror, "serve", "serve.log");
    let ask = |key: &str| {
        let url = format!("{}/3/authentication?api_key={key}", served.url);
        mirror.runtime.block_on(async { reqwest::get(url).await.unwrap().status().as_u16() })
    };
    assert_eq!(["wrong", key, key, key].map(ask), [401, 200, 200, 429]);
    served.stop();
    let usage = mirror.json(&["client", "usage", "app"]);
    assert_eq!((&usage[0]["requests"], &usage[0]["refused"]), (&json!(2), &json!(1)));
    let said = std::fs::read_to_string(mirror.folder.path().join("serve.log")).unwrap();
    assert!(!said.contains(key), "the key is in the log");
    let listed = mirror.json(&["client", "list"]).to_string();
    assert!(!listed.contains(key), "the key is kept");
}
