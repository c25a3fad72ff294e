//! The demo: mirrors a TMDB of its own, then is one.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::mirror::{bare, stderr};

/// Killed at the end whatever happens.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn it_needs_no_key_and_no_network() {
    let output = bare(&["demo", "--titles", "60", "--minutes", "0"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", stderr(&output));
    assert!(text.contains("Collected") && text.contains(" 0 failed"), "{text}");
    assert!(text.contains("The most popular of") && text.contains(domain::TMDB_NOTICE), "{text}");
    assert!(!text.contains("curl"), "{text}");
}

/// Asks as a printed line of `curl` does.
fn curl(line: &str) -> (u16, Value) {
    let url = line.split('\'').nth(1).unwrap();
    let body = line.split('\'').nth(3).map(str::to_owned);
    let asking = async {
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = reqwest::Client::new();
        let request = match body {
            Some(body) => client.post(url).body(body),
            None => client.get(url),
        };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(asking)
}

#[test]
fn it_answers_as_tmdb_does_and_goes_on_when_tmdb_is_gone() {
    let mut command = bare(&["demo", "--titles", "60", "--minutes", "10"]);
    let mut demo = Demo(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut lines = BufReader::new(demo.0.stdout.take().unwrap()).lines();
    let mut tries = vec![];
    loop {
        let line = lines.next().expect("it says when it ends").unwrap();
        if line.trim_start().starts_with("curl ") {
            tries.push(line);
        } else if line.starts_with("The demo ends in 10 minutes") {
            break;
        }
    }
    let first = |with: &str| tries.iter().find(|line| line.contains(with)).unwrap();
    let movie = first("/3/movie/");
    let (status, body) = curl(movie);
    assert_eq!(status, 200, "{body}");
    assert!(body["credits"]["cast"].is_array() && body["videos"]["results"].is_array(), "{body}");
    let (status, person) = curl(first("/3/person/"));
    assert_eq!(status, 200, "{person}");
    let (status, found) = curl(first("/3/search/movie"));
    assert_eq!(status, 200, "{found}");
    let (status, pipeline) = curl(first("/pipeline/status"));
    assert_eq!(status, 200, "{pipeline}");

    let outage = first("/_fake/faults");
    assert_eq!(curl(outage).1["faults"]["outage"], "reset");
    assert_eq!(curl(movie), (200, body));

    let pid = demo.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(demo.0.wait().unwrap().success());
}
