//! Programs that speak to TMDB, unmodified but for the base URL: they get from the mirror
//! what they get from the TMDB that was mirrored.

mod chosen;
mod compared;
mod rules;

use std::path::{Path, PathBuf};
use std::process::Command;

use domain::sighting::List;
use fake_tmdb::{Generated, Options};
use jiff::ToSpan;
use serde_json::Value;

use crate::mirror::{KEY, Mirror, stderr, today};
use crate::served::Served;

/// Fewer methods than this would prove little.
const METHODS: usize = 20;

/// A universe that has lived for some days, all of it in a mirror.
fn mirrored() -> Mirror {
    const DAYS: u32 = 3;
    let start = today().saturating_sub(i64::from(DAYS).days());
    let universe = Generated::starting(150, 7, start);
    let mut options = Options::new(std::sync::Arc::new(universe));
    options.start = start;
    let mirror = Mirror::with(options);
    mirror.fake.set_day(DAYS);
    let mut sources = vec!["reference".to_owned(), "changes.movie".to_owned()];
    sources.extend(List::all().into_iter().map(|list| list.path().replace('/', ".")));
    let exports = ["movie", "tv_series", "person", "collection", "tv_network", "keyword"];
    sources.extend(exports.map(|file| format!("export.{file}")));
    sources.push("export.production_company".to_owned());
    let mut arguments = vec!["run", "custom", "--pages", "10"];
    arguments.extend(sources.iter().flat_map(|source| ["--source", source]));
    let ran = mirror.json(&arguments);
    assert_eq!(ran["figures"]["failed"], 0, "{ran}");
    mirror
}

/// What a program of a client's says when it asks there.
#[track_caller]
fn asked(command: &mut Command, base: &str, ids: &Value) -> Value {
    let output = command.args([base, KEY, &ids.to_string()]).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Runs a client against the mirror and against TMDB, and compares what it got.
#[track_caller]
fn check(client: impl Fn() -> Command) {
    let mirror = mirrored();
    let ids = chosen::ids(&mirror);
    let served = Served::start(&mirror, &["up"]);
    let from_tmdb = asked(&mut client(), &mirror.fake.api_url(), &ids);
    let from_mirror = asked(&mut client(), &format!("{}/3", served.url), &ids);
    let telling = compared::same_answers(&from_tmdb, &from_mirror);
    assert!(telling >= METHODS, "only {telling} methods gave something");
}

/// What `cargo xtask test` has set up, by its variable or in its own place.
#[expect(clippy::print_stderr, reason = "a test that is not run says why")]
fn set_up(variable: &str, place: &str) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Some(path.into());
    }
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target").join(place);
    let is_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    assert!(!is_ci, "{variable} is not set: run `cargo xtask test`");
    if !own.exists() {
        eprintln!("not run: `cargo xtask test` sets up {place}");
    }
    own.exists().then_some(own)
}

fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

#[test]
fn tmdbsimple_of_python_gets_from_the_mirror_what_tmdb_gave() {
    let Some(python) = set_up("CINEMIRROR_TEST_PYTHON", "python/bin/python") else { return };
    check(|| {
        let mut command = Command::new(&python);
        command.arg(beside("python.py"));
        command
    });
}

#[test]
fn moviedb_promise_of_node_gets_from_the_mirror_what_tmdb_gave() {
    let Some(folder) = set_up("CINEMIRROR_TEST_NODE", "node") else { return };
    check(|| {
        let mut command = Command::new("node");
        command.arg(beside("node.mjs")).arg(&folder);
        command
    });
}

#[test]
fn tmdb_api_of_rust_gets_from_the_mirror_what_tmdb_gave() {
    let place = "rust-client/debug/rust-client";
    let Some(program) = set_up("CINEMIRROR_TEST_RUST_CLIENT", place) else { return };
    check(|| Command::new(&program));
}

/// What schemathesis is not asked to check, and why.
const NOT_CHECKED: [&str; 3] = [
    // TMDB takes what makes no sense to it for what was not given, and so does its mirror.
    "negative_data_rejection",
    // How far two dates may lie apart is said in words only.
    "positive_data_acceptance",
    // In the open mode any key will do.
    "ignored_auth",
];

#[test]
fn schemathesis_finds_nothing_that_the_document_does_not_say() {
    let Some(python) = set_up("CINEMIRROR_TEST_PYTHON", "python/bin/python") else { return };
    let mirror = mirrored();
    let token = mirror.json(&["token", "create", "--scope", "admin"]);
    let token = token["token"].as_str().unwrap();
    let served = Served::start(&mirror, &["up"]);
    let url = &served.url;
    let mut command = Command::new(python.with_file_name("schemathesis"));
    command.current_dir(mirror.folder.path());
    command.args(["run", &format!("{url}/openapi.json"), "--url", url, "--no-color"]);
    command.args(["--checks", "all", "--exclude-checks", &NOT_CHECKED.join(",")]);
    command.args(["--phases", "examples,coverage,fuzzing", "--max-examples", "4"]);
    command.args(["--seed", "7", "--generation-deterministic"]);
    command.args(["--continue-on-failure", "--request-timeout", "10"]);
    command.args(["--header", &format!("Authorization: Bearer {token}")]);
    command.args(["--report", "har", "--report-har-path", "report.har"]);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", stderr(&output));
    let report = std::fs::read(mirror.folder.path().join("report.har")).unwrap();
    rustls::crypto::ring::default_provider().install_default().ok();
    let document = mirror.runtime.block_on(async {
        reqwest::get(format!("{url}/openapi.json")).await.unwrap().text().await.unwrap()
    });
    let document = serde_json::from_str(&document).unwrap();
    let report = serde_json::from_slice(&report).unwrap();
    let never = never_done(&document, &report);
    let unexpected: Vec<_> = never.iter().filter(|one| !MAY_FAIL.contains(&one.as_str())).collect();
    assert!(unexpected.is_empty(), "never answered with success: {unexpected:?}");
}

/// Operations of the control API that need something there that schemathesis does not
/// know of: a client's name, a run that goes on, an entry of a schedule.
const MAY_FAIL: [&str; 7] = [
    "post /clients/{name}/revoke",
    "post /clients/{name}/rotate",
    "get /clients/{name}/usage",
    "post /pipeline/runs/{id}/cancel",
    "post /pipeline/scheduler/entries/{name}/pause",
    "post /pipeline/scheduler/entries/{name}/resume",
    "post /pipeline/scheduler/entries/{name}/trigger",
];

/// Operations of the control API that were asked for and never answered with success.
fn never_done(document: &Value, report: &Value) -> Vec<String> {
    let done: Vec<(&str, &str)> = report["log"]["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| (200..300).contains(&entry["response"]["status"].as_u64().unwrap()))
        .map(|entry| {
            let url = entry["request"]["url"].as_str().unwrap();
            let path = url.splitn(4, '/').nth(3).unwrap();
            let path = path.split('?').next().unwrap();
            (entry["request"]["method"].as_str().unwrap(), path)
        })
        .collect();
    let mut never = vec![];
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let is_control =
                ["Pipeline", "Clients", "Cache"].iter().any(|tag| operation["tags"][0] == **tag);
            let is_done =
                |(by, at): &(&str, &str)| by.eq_ignore_ascii_case(method) && fits(path, at);
            if is_control && !done.iter().any(is_done) {
                never.push(format!("{method} {path}"));
            }
        }
    }
    assert!(done.len() > 100, "{} answers in the report", done.len());
    never
}

/// Whether a path is one of a template such as `/pipeline/runs/{id}`.
fn fits(template: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    let fit = template
        .trim_start_matches('/')
        .split('/')
        .all(|wanted| parts.next().is_some_and(|part| part == wanted || wanted.starts_with('{')));
    fit && parts.next().is_none()
}
