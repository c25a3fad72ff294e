//! `kill -9` at random instants: the final state is that of an undisturbed crawl.

use std::process::{Child, Stdio};

use fake_tmdb::{Faults, Latency};

use crate::mirror::Mirror;

const MOVIES: u64 = 500;
const KILLS: u64 = 20;

/// Tables that must not differ. Runs, calls and cursors tell of the kills.
pub(crate) const TABLES: [&str; 8] = [
    "versions",
    "works",
    "works_meta",
    "rating_sources",
    "similar_works",
    "work_cards",
    "tasks",
    "dead_letters",
];

/// Starts a crawl with the shortest leases.
fn start(mirror: &Mirror, crawl: &[&str]) -> Child {
    let mut command = mirror.command(crawl);
    command.env("CINEMIRROR__COLLECT__LEASE_SECONDS", "10");
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn twenty_kills_end_like_an_undisturbed_crawl() {
    let mirror = Mirror::generated(MOVIES);
    mirror.fake.set_faults(Faults {
        latency: Some(Latency { median_ms: 8.0, p95_ms: 20.0 }),
        ..Faults::default()
    });
    let crawl = ["run", "full", "--type", "movie", "--type", "tv"];
    let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
    for kill in 1..=KILLS {
        let mut child = start(&mirror, &crawl);
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(kill);
        // Killed at a random place of the crawl's progress, not of a clock.
        let target = mirror.fake.stats().total + 1 + (chance >> 33) % (MOVIES / KILLS);
        while mirror.fake.stats().total < target && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    mirror.fake.set_faults(Faults::default());
    // What the dead held comes back when their leases end.
    assert!(start(&mirror, &crawl).wait().unwrap().success());

    let undisturbed = Mirror::generated(MOVIES);
    undisturbed.json(&crawl);
    assert_eq!(mirror.fingerprint(&TABLES), undisturbed.fingerprint(&TABLES));
    let status = mirror.json(&["status"]);
    assert_eq!(status["queue"]["ready"], 0, "{status}");
    assert_eq!(status["queue"]["leased"], 0, "{status}");
}
