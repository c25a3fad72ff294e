//! A crawl under each of TMDB's bad days: everything ends collected or dead with a reason.

use fake_tmdb::{Faults, Latency, Limits, RetryAfter};

use crate::mirror::{Mirror, stderr};

const MOVIES: u64 = 60;

/// Crawls under the faults, then without them, and compares with an undisturbed crawl.
#[track_caller]
fn check(faults: Faults) {
    let mirror = Mirror::generated(MOVIES);
    mirror.fake.set_faults(faults);
    let output = mirror.run(&["run", "full", "--type", "movie"]);
    let code = output.status.code();
    assert!(code == Some(0) || code == Some(5), "{code:?}: {}", stderr(&output));
    ends_like_an_undisturbed_one(&mirror);
}

/// Nothing is lost and nothing is twice; what died has a reason and can be redriven.
#[track_caller]
fn ends_like_an_undisturbed_one(mirror: &Mirror) {
    let queue = mirror.json(&["status"])["queue"].clone();
    assert_eq!(queue["ready"].as_u64().unwrap() + queue["leased"].as_u64().unwrap(), 0, "{queue}");
    let dead = mirror.json(&["queue", "dead", "--limit", "1000"]);
    for letter in dead.as_array().unwrap() {
        assert!(!letter["error"].as_str().unwrap().is_empty(), "{letter}");
        assert_eq!(letter["attempts"], 8, "{letter}");
    }
    mirror.fake.set_faults(Faults::default());
    mirror.fake.set_limits(Limits::default());
    mirror.json(&["queue", "redrive", "--all"]);
    // An export that broke off is read again; one that was read is not.
    mirror.json(&["run", "full", "--type", "movie"]);
    let undisturbed = Mirror::generated(MOVIES);
    undisturbed.json(&["run", "full", "--type", "movie"]);
    let tables = [
        "versions",
        "works",
        "works_meta",
        "rating_sources",
        "similar_works",
        "work_cards",
        "tasks",
        "dead_letters",
    ];
    assert_eq!(mirror.fingerprint(&tables), undisturbed.fingerprint(&tables));
}

macro_rules! survives {
    ($($name:ident: $faults:expr;)*) => {$(
        #[test]
        fn $name() {
            check($faults);
        }
    )*};
}

survives! {
    survives_500: Faults { error_500: 0.3, ..Faults::default() };
    survives_502: Faults { error_502: 0.3, ..Faults::default() };
    survives_503: Faults { error_503: 0.3, ..Faults::default() };
    survives_504: Faults { error_504: 0.3, ..Faults::default() };
    survives_resets: Faults { reset: 0.3, ..Faults::default() };
    survives_bodies_cut_in_half: Faults { truncate: 0.3, ..Faults::default() };
    survives_invalid_json: Faults { invalid_json: 0.3, ..Faults::default() };
    survives_an_error_page_with_status_200: Faults { html_200: 0.3, ..Faults::default() };
    survives_an_error_body_with_status_200: Faults { error_body_200: 0.3, ..Faults::default() };
    survives_slow_bodies: Faults { slow_body: 0.1, ..Faults::default() };
    survives_a_wrong_length: Faults { wrong_length: 0.3, ..Faults::default() };
    survives_empty_bodies: Faults { empty_body: 0.3, ..Faults::default() };
    survives_slowness: Faults { latency: Some(Latency { median_ms: 5.0, p95_ms: 20.0 }), ..Faults::default() };
    survives_garbage_in_an_export: Faults { export_garbage: 1.0, ..Faults::default() };
    survives_an_export_that_breaks_off: Faults { export_cut: 1.0, ..Faults::default() };
    survives_all_at_once: Faults {
        error_500: 0.03, error_502: 0.03, error_503: 0.03, error_504: 0.03, reset: 0.03,
        truncate: 0.03, invalid_json: 0.03, html_200: 0.03, error_body_200: 0.03,
        slow_body: 0.03, wrong_length: 0.03, empty_body: 0.03, export_cut: 0.3,
        export_garbage: 0.1, ..Faults::default()
    };
}

#[test]
fn a_tmdb_that_is_down_costs_no_title_an_attempt() {
    let mirror = Mirror::generated(MOVIES);
    mirror.fake.set_faults(Faults { error_503: 1.0, ..Faults::default() });
    let mut command = mirror.command(&["run", "full", "--type", "movie"]);
    let output = command.env("CINEMIRROR__COLLECT__OUTAGE_MINUTES", "0").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("it has not answered for too long"), "{}", stderr(&output));
    let queue = mirror.json(&["status"])["queue"].clone();
    assert_eq!(queue["dead"], 0, "{queue}");
    mirror.fake.set_faults(Faults::default());
    mirror.json(&["run", "full", "--type", "movie"]);
    ends_like_an_undisturbed_one(&mirror);
}

#[test]
fn survives_429s_with_a_wait() {
    let mirror = Mirror::generated(MOVIES);
    let wait = Some(RetryAfter::Seconds(1));
    mirror.fake.set_limits(Limits {
        requests_per_second: Some(40),
        retry_after: wait,
        connections: None,
    });
    let ran = mirror.json(&["run", "full", "--type", "movie"]);
    assert_eq!(ran["figures"]["failed"], 0, "{ran}");
    let refused = mirror.json(&["api-calls", "--status", "429", "--limit", "1000"]);
    assert!(!refused.as_array().unwrap().is_empty(), "the limit was never met");
    ends_like_an_undisturbed_one(&mirror);
}

#[test]
fn a_connection_limit_is_kept() {
    let mirror = Mirror::generated(MOVIES);
    // `tmdb.connections`; eight requests at a time need about as many, and a few
    // more for a moment: a new connection races one that is just given back.
    mirror.fake.set_limits(Limits { connections: Some(20), ..Limits::default() });
    let ran = mirror.json(&["run", "full", "--type", "movie"]);
    assert_eq!(ran["figures"]["failed"], 0, "{ran}");
    let open = mirror.fake.stats().max_open_connections;
    assert!(open <= 20, "{open} connections at once");
}

#[test]
fn a_stop_finishes_what_is_in_flight_and_returns_the_rest() {
    let mirror = Mirror::generated(400);
    mirror.fake.set_faults(Faults {
        latency: Some(Latency { median_ms: 20.0, p95_ms: 40.0 }),
        ..Faults::default()
    });
    let harvested = mirror.json(&["harvest", "--source", "export.movie"]);
    let queued = harvested["figures"]["queued"].as_u64().unwrap();
    let mut child = mirror.start(&["collect"]);
    while mirror.fake.stats().total < 30 {
        std::thread::yield_now();
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let status = mirror.json(&["status"]);
    assert_eq!(status["queue"]["leased"], 0, "{status}");
    let stored = status["archive"]["kinds"][0]["keys"].as_u64().unwrap();
    let gone = status["archive"]["suspects"].as_u64().unwrap();
    let left = status["queue"]["ready"].as_u64().unwrap();
    assert_eq!(stored + gone + left, queued, "{status}");
    assert!(left > 0 && stored > 0, "{status}");
}
