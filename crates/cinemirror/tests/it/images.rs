//! Images on disk, by the real command against a fake image server.

use std::path::{Path, PathBuf};
use std::process::Command;

use fake_tmdb::Faults;
use serde_json::Value;

use crate::mirror::{Mirror, stderr};

/// A mirror of some popular titles and people that lacks all images.
fn collected() -> Mirror {
    let mirror = Mirror::generated(60);
    let sources = ["--source", "movie.popular", "--source", "person.popular"];
    let run = ["run", "custom", "--pages", "1"];
    mirror.json(&[&run[..], &sources[..]].concat());
    mirror
}

fn command(mirror: &Mirror, arguments: &[&str]) -> Command {
    let mut command = mirror.command(&["--json", "-q"]);
    command
        .args(arguments)
        .env("CINEMIRROR__IMAGES__ENABLED", "true")
        .env("CINEMIRROR__TMDB__IMAGES_URL", mirror.fake.images_url())
        .env("CINEMIRROR__IMAGES__REQUESTS_PER_SECOND", "1000");
    command
}

/// Runs a command, and returns its JSON and its exit code.
#[track_caller]
fn run(mut command: Command) -> (Value, i32) {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let value = serde_json::from_str(&text);
    assert!(value.is_ok(), "{text}{}", stderr(&output));
    (value.unwrap(), output.status.code().unwrap())
}

#[track_caller]
fn images(mirror: &Mirror, arguments: &[&str]) -> Value {
    let all: Vec<&str> = ["images"].iter().chain(arguments).copied().collect();
    let (value, code) = run(command(mirror, &all));
    assert_eq!(code, 0, "{arguments:?}: {value}");
    value
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.file_name().is_some_and(|name| name != ".lock") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn images_are_synced_once_and_are_what_they_should_be() {
    let mirror = collected();
    let first = images(&mirror, &["sync"]);
    assert!(first["fetched"].as_u64().unwrap() > 40, "{first}");
    assert_eq!(first["fetched"], first["wanted"], "{first}");
    let folder = mirror.folder.path().join("images");
    let found = files(&folder);
    assert_eq!(found.len() as u64, first["fetched"].as_u64().unwrap());
    for path in &found {
        let jpeg = std::fs::read(path).unwrap();
        assert!(jpeg.starts_with(b"\xff\xd8") && jpeg.ends_with(b"\xff\xd9"), "{path:?}");
    }
    let status = images(&mirror, &["status"]);
    let held = status["stats"]["held"].as_array().unwrap();
    let kinds: Vec<_> = held
        .iter()
        .map(|held| {
            format!("{} {}", held["kind"].as_str().unwrap(), held["size"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        kinds,
        ["poster w342", "poster w500", "backdrop w780", "profile w185", "still w300"],
        "{status}"
    );
    assert_eq!(images(&mirror, &["verify"])["faults"], Value::Array(vec![]));
    let before = mirror.fake.stats();
    let second = images(&mirror, &["sync"]);
    assert_eq!((&second["fetched"], &second["kept"]), (&0.into(), &first["wanted"]), "{second}");
    assert_eq!(mirror.fake.stats().total, before.total);
    assert_eq!(files(&folder), found);
}

#[test]
fn images_are_off_until_they_are_wanted() {
    let mirror = Mirror::generated(10);
    let output = mirror.run(&["images", "sync"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("images.enabled"), "{}", stderr(&output));
    assert!(!mirror.folder.path().join("images").exists());
}

#[test]
fn the_cap_holds_and_drops_the_least_wanted() {
    let mirror = collected();
    let bytes = images(&mirror, &["sync"])["fetched_bytes"].as_u64().unwrap();
    let most_popular = mirror.json(&["query", "--limit", "1"])["works"][0].clone();
    let cap = bytes / 3;
    let mut sync = command(&mirror, &["images", "sync"]);
    sync.env("CINEMIRROR__IMAGES__MAX_GIB", format!("{:.9}", cap as f64 / f64::from(1 << 30)));
    let (synced, code) = run(sync);
    assert_eq!(code, 0, "{synced}");
    assert_eq!(synced["is_full"], true, "{synced}");
    assert!(synced["evicted"].as_u64().unwrap() > 0, "{synced}");
    let found = files(&mirror.folder.path().join("images"));
    let held: u64 = found.iter().map(|path| path.metadata().unwrap().len()).sum();
    assert!(held <= cap + 2, "{held} of {cap}");
    assert_eq!(images(&mirror, &["verify"])["faults"], Value::Array(vec![]));
    let key = format!("movie/{}", most_popular["tmdb_id"]);
    let record = mirror.json(&["get", &key]);
    let poster = record["poster_path"].as_str().unwrap();
    assert_eq!(images(&mirror, &["address", "w342", poster])["local"], true);
}

#[test]
fn a_broken_image_is_not_kept_and_has_tmdbs_address() {
    let mirror = collected();
    let faults = Faults { image_cut: 0.2, image_short: 0.2, image_html: 0.2, ..Faults::default() };
    mirror.fake.set_faults(faults);
    let (synced, code) = run(command(&mirror, &["images", "sync"]));
    let (fetched, failed) =
        (synced["fetched"].as_u64().unwrap(), synced["failed"].as_u64().unwrap());
    assert_eq!(code, 5, "{synced}");
    assert!(fetched > 0 && failed > 0, "{synced}");
    let found = files(&mirror.folder.path().join("images"));
    assert_eq!(found.len() as u64, fetched);
    assert_eq!(images(&mirror, &["verify"])["faults"], Value::Array(vec![]));
    // Every poster has an address: a file that is there, or TMDB's.
    let works = mirror.json(&["query", "--limit", "10"]);
    let mut elsewhere = 0;
    for work in works["works"].as_array().unwrap() {
        let record = mirror.json(&["get", &format!("movie/{}", work["tmdb_id"])]);
        let poster = record["poster_path"].as_str().unwrap();
        let address = images(&mirror, &["address", "w500", poster]);
        let shown = address["address"].as_str().unwrap();
        if address["local"] == true {
            assert!(mirror.folder.path().join(shown).is_file(), "{shown}");
        } else {
            assert_eq!(shown, format!("{}/w500{poster}", mirror.fake.images_url()));
            elsewhere += 1;
        }
    }
    assert!(elsewhere > 0, "no poster is broken");
    // They wait for their time: a sync at once asks for none of them.
    mirror.fake.set_faults(Faults::default());
    let again = images(&mirror, &["sync"]);
    assert_eq!((&again["fetched"], &again["waiting"]), (&0.into(), &failed.into()), "{again}");
}

#[test]
fn images_go_with_their_title() {
    let mirror = collected();
    images(&mirror, &["sync"]);
    let id = mirror.json(&["query", "--limit", "1"])["works"][0]["tmdb_id"].clone();
    let key = format!("movie/{id}");
    let dropped = images(&mirror, &["purge", &key])["images"].as_u64().unwrap();
    assert!(dropped >= 3, "{dropped}");
    assert_eq!(images(&mirror, &["purge"])["images"], 0);
    assert_eq!(images(&mirror, &["verify"])["faults"], Value::Array(vec![]));
    assert_eq!(images(&mirror, &["sync"])["fetched"].as_u64(), Some(dropped));
}
