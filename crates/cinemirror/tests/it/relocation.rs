//! Bodies are moved from place to place while workers collect titles that have changed.

use fake_tmdb::{Faults, Latency};
use serde_json::Value;
use testbed::s3::S3;

use crate::fleet::{Worker, is_drained, more_is_asked, until};
use crate::mirror::{Mirror, stderr};
use crate::objects::{TABLES, check_whole, set, url};

const MOVIES: u64 = 120;
const ALL: [&str; 4] = ["harvest", "--source", "export.movie", "--again"];

/// Thirty days on, when most titles have changed: all are wanted once more.
fn wants_all_again(mirror: &Mirror) {
    mirror.fake.advance(30);
    let harvested = mirror.json(&ALL);
    assert!(harvested["figures"]["queued"].as_u64() >= Some(MOVIES / 2), "{harvested}");
}

#[test]
fn bodies_move_beside_a_live_crawl_and_none_is_lost() {
    let s3 = S3::start().unwrap();
    s3.bucket("films").unwrap();
    let (mut mirror, other) = (Mirror::generated(MOVIES), Mirror::generated(MOVIES));
    mirror.environment = s3.environment().into();
    for mirror in [&mirror, &other] {
        mirror.json(&ALL[..3]);
        mirror.json(&["collect"]);
    }
    mirror.fake.set_faults(Faults {
        latency: Some(Latency { median_ms: 30.0, p95_ms: 60.0 }),
        ..Faults::default()
    });
    let folder = format!("file://{}", mirror.folder.path().join("bodies").display());
    let bucket = "s3://films/mirror".to_owned();
    let places = ["database".to_owned(), folder, bucket, "database".to_owned()];
    for pair in places.windows(2) {
        let (from, to) = (&pair[0], &pair[1]);
        url(&mut mirror, to);
        set(&mut mirror, "CINEMIRROR__ARCHIVE__EARLIER_URL", from);
        wants_all_again(&mirror);
        let worker = Worker::start(&mirror);
        more_is_asked(&mirror, 3);
        // What is copied now is written anew at the same time, and some of it may be left:
        // then the command fails, and is there to be run again.
        let copy = || -> Value {
            let output = mirror.run(&["--json", "-q", "archive", "copy", from, to]);
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)))
        };
        let moved = copy();
        assert!(moved["moved"].as_u64() > Some(0), "{moved}");
        until("all is collected, and all is moved", || {
            let moved = copy();
            moved["left"] == 0 && moved["moved"] == 0 && is_drained(&mirror)
        });
        worker.stop();
        set(&mut mirror, "CINEMIRROR__ARCHIVE__EARLIER_URL", "");
        // Whoever is overtaken by a newer version may leave an object behind that nothing names.
        let repaired = mirror.json(&["archive", "repair", "--grace-minutes", "0"]);
        assert_eq!(repaired["lost"], Value::Array(vec![]), "{repaired}");
        check_whole(&mirror, to != "database");

        wants_all_again(&other);
        other.json(&["collect"]);
        assert_eq!(mirror.fingerprint(&TABLES), other.fingerprint(&TABLES), "{from} to {to}");
    }
}
