//! Bodies as objects: a crawl into S3 on a bad day, kills, moves, and a database that was lost.

use std::path::{Path, PathBuf};

use fake_tmdb::{Faults, Latency};
use serde_json::Value;
use testbed::s3::{self, S3, SECRET};

use crate::mirror::{Mirror, stderr};

const MOVIES: u64 = 60;
const CRAWL: [&str; 4] = ["run", "full", "--type", "movie"];

/// What the archive and the catalogue hold.
pub(crate) const TABLES: [&str; 6] =
    ["versions", "works", "works_meta", "rating_sources", "similar_works", "work_cards"];

pub(crate) fn set(mirror: &mut Mirror, name: &str, value: &str) {
    mirror.environment.retain(|(known, _)| known != name);
    mirror.environment.push((name.to_owned(), value.to_owned()));
}

pub(crate) fn url(mirror: &mut Mirror, url: &str) {
    set(mirror, "CINEMIRROR__ARCHIVE__URL", url);
}

/// Everything is there, whole, and named.
#[track_caller]
pub(crate) fn check_whole(mirror: &Mirror, objects: bool) {
    let verified = mirror.json(&["archive", "verify", "--grace-minutes", "0"]);
    assert_eq!(verified["faults"], Value::Array(vec![]), "{verified}");
    assert_eq!(verified["orphans"], Value::Array(vec![]), "{verified}");
    let versions = verified["versions"].as_u64().unwrap();
    assert!(versions >= MOVIES - 1, "{verified}");
    assert_eq!(verified["objects"], if objects { versions } else { 0 }, "{verified}");
}

fn in_database() -> Mirror {
    let mirror = Mirror::generated(MOVIES);
    mirror.json(&CRAWL);
    mirror
}

/// The files of a folder and those below.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_crawl_into_an_s3_that_fails_loses_nothing() {
    let s3 = S3::start().unwrap();
    s3.bucket("films").unwrap();
    let mut mirror = Mirror::generated(MOVIES);
    mirror.environment = s3.environment().into();
    set(&mut mirror, "S3_BUCKET_NAME", "films");
    s3.set_faults(s3::Faults { unavailable: 0.05, reset: 0.03, reset_after: 0.02, seed: 11 });
    let ran = mirror.json(&CRAWL);
    assert_eq!(ran["figures"]["failed"], 0, "{ran}");
    mirror.fake.advance(30);
    mirror.json(&["run", "full", "--type", "movie", "--again"]);
    let met = s3.met();
    assert!(met.unavailable > 0 && met.reset > 0 && met.reset_after > 0, "{met:?}");
    s3.set_faults(s3::Faults::default());
    // A request that was carried out and not answered may leave an object behind.
    mirror.json(&["archive", "repair", "--grace-minutes", "0"]);
    check_whole(&mirror, true);

    let other = in_database();
    other.fake.advance(30);
    other.json(&["run", "full", "--type", "movie", "--again"]);
    check_whole(&other, false);
    assert_eq!(mirror.fingerprint(&TABLES), other.fingerprint(&TABLES));
    for id in [1, 7, 30] {
        let key = format!("movie/{id}");
        let (one, another) = (mirror.run(&["get", &key]), other.run(&["get", &key]));
        assert_eq!(one.stdout, another.stdout, "{key}");
    }
}

#[test]
fn a_killed_crawl_leaves_orphans_at_most() {
    let mut mirror = Mirror::generated(MOVIES);
    let folder = mirror.folder.path().join("bodies");
    url(&mut mirror, &format!("file://{}", folder.display()));
    set(&mut mirror, "CINEMIRROR__COLLECT__LEASE_SECONDS", "10");
    mirror.fake.set_faults(Faults {
        latency: Some(Latency { median_ms: 4.0, p95_ms: 9.0 }),
        ..Faults::default()
    });
    for kill in 1..=5 {
        let mut child = mirror.start(&CRAWL);
        let target = mirror.fake.stats().total + 3 + 2 * kill;
        while mirror.fake.stats().total < target && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    // Forced, for kills may have left none but orphans.
    let repaired = mirror.json(&["archive", "repair", "--grace-minutes", "0", "--force"]);
    assert_eq!(repaired["lost"], Value::Array(vec![]), "{repaired}");
    mirror.fake.set_faults(Faults::default());
    mirror.json(&CRAWL);
    check_whole(&mirror, true);
    assert_eq!(mirror.fingerprint(&TABLES), in_database().fingerprint(&TABLES));
}

#[test]
fn bodies_move_from_place_to_place_and_back() {
    let s3 = S3::start().unwrap();
    s3.bucket("films").unwrap();
    let mut mirror = in_database();
    mirror.environment = s3.environment().into();
    let before = mirror.fingerprint(&TABLES);
    let folder = format!("file://{}", mirror.folder.path().join("bodies").display());
    let bucket = "s3://films/mirror".to_owned();
    let places = ["database".to_owned(), folder, bucket, "database".to_owned()];
    for pair in places.windows(2) {
        let (from, to) = (&pair[0], &pair[1]);
        let refused = mirror.run(&["archive", "copy", from, to]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(stderr(&refused).contains("first set archive.url"), "{}", stderr(&refused));
        url(&mut mirror, to);
        set(&mut mirror, "CINEMIRROR__ARCHIVE__EARLIER_URL", from);
        // What lies in the old place is read until it is moved.
        assert!(mirror.run(&["get", "movie/1"]).status.success());
        let moved = mirror.json(&["archive", "copy", from, to]);
        assert_eq!(moved["moved"], moved["versions"], "{moved}");
        assert_eq!(moved["left"], 0, "{moved}");
        let again = mirror.json(&["archive", "copy", from, to]);
        assert_eq!(again["moved"], 0, "{again}");
        set(&mut mirror, "CINEMIRROR__ARCHIVE__EARLIER_URL", "");
        check_whole(&mirror, to != "database");
        assert_eq!(mirror.fingerprint(&TABLES), before);
    }
}

#[test]
fn a_lost_body_is_found_and_collected_again() {
    let mut mirror = Mirror::generated(MOVIES);
    let folder = mirror.folder.path().join("bodies");
    url(&mut mirror, &format!("file://{}", folder.display()));
    mirror.json(&CRAWL);
    let before = mirror.fingerprint(&TABLES);
    let lost = files(&folder).remove(0);
    let orphan = lost.with_file_name("9-0123456789abcdef");
    std::fs::rename(&lost, &orphan).unwrap();
    let output = mirror.run(&["archive", "verify", "--grace-minutes", "0"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("1 faults, 1 objects that nothing names"), "{told}");
    // Not even an orphan is touched that may be named yet.
    mirror.json(&["archive", "repair"]);
    assert!(orphan.exists());
    let repaired = mirror.json(&["archive", "repair", "--grace-minutes", "0"]);
    assert_eq!(repaired["orphans"], 1, "{repaired}");
    assert!(!orphan.exists());
    mirror.json(&["collect"]);
    check_whole(&mirror, true);
    assert_eq!(mirror.fingerprint(&TABLES), before);
}

#[test]
fn repair_refuses_a_folder_that_holds_none_of_the_bodies() {
    let mut mirror = Mirror::generated(MOVIES);
    let folder = mirror.folder.path().join("bodies");
    url(&mut mirror, &format!("file://{}", folder.display()));
    mirror.json(&CRAWL);
    let mistyped = mirror.folder.path().join("bodes");
    url(&mut mirror, &format!("file://{}", mistyped.display()));
    let refused = mirror.run(&["archive", "repair", "--grace-minutes", "0"]);
    assert_eq!(refused.status.code(), Some(1));
    let told = stderr(&refused);
    assert!(told.contains("bodes") && told.contains("--force"), "{told}");
    assert!(!mistyped.exists());
    url(&mut mirror, &format!("file://{}", folder.display()));
    check_whole(&mirror, true);
    assert_eq!(mirror.json(&["status"])["queue"]["ready"], 0);
}

/// What a person is told on standard output.
fn told(mirror: &Mirror, arguments: &[&str], code: i32) -> String {
    let output = mirror.run(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn bodies_that_are_not_moved_along_are_told_of() {
    let mut mirror = Mirror::generated(MOVIES);
    let folder = format!("file://{}", mirror.folder.path().join("bodies").display());
    url(&mut mirror, &folder);
    mirror.json(&CRAWL);
    let migrate = ["migrate-store", &mirror.store, "sqlite:copy.db", "--dry-run"];
    let planned = told(&mirror, &migrate, 0);
    let copied = told(&mirror, &migrate[..3], 0);
    mirror.json(&["backup", "--to", "mine.cmbackup"]);
    let restore = ["restore", "--from", "mine.cmbackup", "--to", "sqlite:restored.db"];
    let restored = told(&mirror, &restore, 0);
    for told in [planned, copied, restored] {
        assert!(told.contains("bodies lie in an object store and stay there"), "{told}");
        assert!(told.contains("archive.url") && told.contains(&folder), "{told}");
    }
}

#[test]
fn the_doctor_looks_for_bodies() {
    let mut mirror = Mirror::generated(MOVIES);
    let folder = mirror.folder.path().join("bodies");
    url(&mut mirror, &format!("file://{}", folder.display()));
    assert!(told(&mirror, &["doctor"], 0).contains("none yet"));
    mirror.json(&CRAWL);
    assert!(told(&mirror, &["doctor"], 0).contains("3 were read to see"));
    url(&mut mirror, &format!("file://{}-typo", folder.display()));
    let wrong = told(&mirror, &["doctor"], 1);
    assert!(wrong.contains("there is no such folder") && wrong.contains("archive.url"), "{wrong}");
    let bare = Mirror::generated(MOVIES);
    bare.json(&CRAWL);
    let mut moved = bare;
    url(&mut moved, &format!("file://{}-new", folder.display()));
    let new = told(&moved, &["doctor"], 0);
    assert!(new.contains("3 were read, from elsewhere"), "{new}");
    url(&mut mirror, "database");
    let unset = told(&mirror, &["doctor"], 1);
    assert!(unset.contains("none is configured: set archive.url"), "{unset}");
    assert!(!unset.contains("unreadable"), "{unset}");
}

#[test]
fn a_lost_database_is_made_again_from_objects() {
    let mut mirror = Mirror::generated(MOVIES);
    let folder = mirror.folder.path().join("bodies");
    url(&mut mirror, &format!("file://{}", folder.display()));
    mirror.json(&CRAWL);
    mirror.fake.advance(30);
    mirror.json(&["run", "full", "--type", "movie", "--again"]);
    let before = mirror.fingerprint(&TABLES);
    for suffix in ["", "-wal", "-shm"] {
        std::fs::remove_file(mirror.folder.path().join(format!("cinemirror.db{suffix}"))).ok();
    }
    let restored = mirror.json(&["archive", "repair", "--from-objects"]);
    assert_eq!(restored["unreadable"], 0, "{restored}");
    mirror.json(&["archive", "repair", "--grace-minutes", "0"]);
    check_whole(&mirror, true);
    assert_eq!(mirror.fingerprint(&TABLES), before);
}

#[test]
fn the_secret_is_told_nowhere() {
    let s3 = S3::start().unwrap();
    let mut mirror = in_database();
    mirror.environment = s3.environment().into();
    set(&mut mirror, "S3_BUCKET_NAME", "films");
    set(&mut mirror, "AWS_SECRET_ACCESS_KEY", &format!("{SECRET}-of-another"));
    let output = mirror.run(&["-vv", "archive", "copy", "database", "s3://films"]);
    assert_eq!(output.status.code(), Some(1));
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), stderr(&output));
    assert!(told.contains("s3://films: it refuses the credentials"), "{told}");
    assert!(!told.contains(SECRET), "{told}");
}
