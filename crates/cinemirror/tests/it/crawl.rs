//! A crawl of a generated universe, from ids to records that can be read back.

use serde_json::Value;

use crate::mirror::{KEY, Mirror, same};

/// What the fake serves for a path, as the mirror asked for it.
fn served(mirror: &Mirror, asked: &str) -> Value {
    let mark = if asked.contains('?') { '&' } else { '?' };
    let url = format!("{}/{asked}{mark}api_key={KEY}", mirror.fake.api_url());
    let body = mirror.runtime.block_on(async {
        rustls::crypto::ring::default_provider().install_default().ok();
        reqwest::get(url).await.unwrap().bytes().await.unwrap()
    });
    serde_json::from_slice(&body).unwrap()
}

#[test]
fn every_title_is_collected_once_and_reads_as_it_was_served() {
    let mirror = Mirror::generated(120);
    let ran = mirror.json(&["run", "full", "--type", "movie", "--type", "tv"]);
    let figures = &ran["figures"];
    assert_eq!(figures["failed"], 0, "{ran}");
    assert!(figures["ingested"].as_u64().unwrap() > 130, "{ran}");
    let calls = mirror.json(&["api-calls", "--limit", "10000"]);
    let mut compared = 0;
    for call in calls.as_array().unwrap().iter().filter(|call| call["outcome"] == "found") {
        let asked = call["asked"].as_str().unwrap();
        let path = asked.split('?').next().unwrap();
        let is_detail = path.matches('/').count() == 1
            && path.split('/').nth(1).unwrap().parse::<u64>().is_ok();
        let is_first = !asked.contains("=season/");
        if is_detail && is_first && compared < 60 {
            compared += 1;
            let mut kept = mirror.json(&["get", path]);
            let served = served(&mirror, asked);
            // Seasons of a further request are kept too, but were not in this body.
            let wanted = |name: &String| served.get(name).is_some();
            let object = kept.as_object_mut().unwrap();
            object.retain(|name, _| !name.starts_with("season/") || wanted(name));
            assert!(same(&kept, &served), "{asked}: {kept} {served}");
        }
    }
    assert!(compared > 30, "only {compared} bodies were compared");
}

#[test]
fn a_second_run_asks_for_nothing_and_changes_nothing() {
    let mirror = Mirror::generated(60);
    mirror.json(&["run", "full", "--type", "movie"]);
    let before = mirror.fingerprint(&[]);
    let again = mirror.json(&["run", "full", "--type", "movie"]);
    assert_eq!(again["figures"]["calls"], 0, "{again}");
    let after = mirror.fingerprint(&[]);
    let changed: Vec<_> = before
        .iter()
        .zip(&after)
        .filter(|(before, after)| before != after)
        .map(|(before, _)| before.0.clone())
        .collect();
    assert!(changed.iter().all(|table| table.contains("run")), "{changed:?}");
}

#[test]
fn collecting_again_what_is_unchanged_makes_no_version() {
    let mirror = Mirror::generated(40);
    mirror.json(&["run", "full", "--type", "movie"]);
    let again = mirror.json(&["run", "full", "--type", "movie", "--again"]);
    let figures = &again["figures"];
    assert!(figures["ingested"].as_u64().unwrap() >= 39, "{again}");
    assert_eq!(figures["ingested"], figures["unchanged"], "{again}");
}

#[test]
fn a_changed_body_makes_a_version() {
    let mirror = Mirror::generated(200);
    mirror.json(&["run", "full", "--type", "movie"]);
    mirror.fake.advance(30);
    let again =
        mirror.json(&["run", "custom", "--source", "movie.popular", "--pages", "5", "--again"]);
    let stats = mirror.json(&["archive", "stats"]);
    let movies = &stats["kinds"][0];
    assert!(movies["versions"].as_u64() > movies["keys"].as_u64(), "{again} {stats}");
}

#[test]
fn rebuild_makes_the_same_rows() {
    let mirror = Mirror::generated(80);
    mirror.json(&["run", "full"]);
    let before = mirror.fingerprint(&[]);
    let rebuilt = mirror.json(&["rebuild"]);
    assert!(rebuilt["records"].as_u64().unwrap() > 80, "{rebuilt}");
    assert_eq!(mirror.fingerprint(&[]), before);
}

#[test]
fn lists_keep_their_order_and_are_resumed() {
    let mirror = Mirror::generated(300);
    let first =
        mirror.json(&["harvest", "--source", "movie.popular", "--pages", "4", "--limit", "30"]);
    assert_eq!(first["figures"]["queued"], 30, "{first}");
    let second = mirror.json(&["harvest", "--source", "movie.popular", "--pages", "4"]);
    // Page 2 did not fit whole, so the second harvest begins there.
    assert_eq!(second["figures"]["calls"], 3, "{second}");
    let third = mirror.json(&["harvest", "--source", "movie.popular", "--pages", "4"]);
    assert_eq!(third["figures"]["calls"], 4, "{third}");
}

#[test]
fn filters_drop_what_is_not_wanted() {
    let mirror = Mirror::generated(200);
    let all = mirror.json(&["harvest", "--source", "export.movie", "--dry-run"]);
    let popular = mirror.json(&[
        "harvest",
        "--source",
        "export.movie",
        "--min-popularity",
        "40",
        "--dry-run",
    ]);
    assert_eq!(all["figures"]["checked"], popular["figures"]["checked"]);
    assert!(popular["figures"]["queued"].as_u64() < all["figures"]["queued"].as_u64());
    let none = mirror.json(&["harvest", "--source", "export.movie", "--type", "tv", "--dry-run"]);
    assert_eq!(none["figures"]["queued"], 0);
    let queue = mirror.json(&["status"])["queue"].clone();
    assert_eq!(queue["ready"], 0, "a dry run queued something: {queue}");
}

#[test]
fn a_dictionary_makes_later_records_smaller() {
    let mirror = Mirror::generated(300);
    mirror.json(&["run", "full", "--type", "movie"]);
    let plain = mirror.json(&["archive", "stats"])["kinds"][0]["stored_bytes"].as_u64().unwrap();
    mirror.json(&["archive", "train", "--type", "movie"]);
    let fresh = Mirror::generated(300);
    for suffix in ["", "-wal", "-shm"] {
        let name = format!("cinemirror.db{suffix}");
        let from = mirror.folder.path().join(&name);
        if from.exists() {
            std::fs::copy(from, fresh.folder.path().join(&name)).unwrap();
        }
    }
    fresh.fake.advance(60);
    fresh.json(&["run", "custom", "--source", "export.movie", "--again"]);
    let stats = fresh.json(&["archive", "stats"]);
    let movies = &stats["kinds"][0];
    let with = movies["with_dictionary"].as_u64().unwrap();
    assert!(with > 0, "{stats}");
    // The versions before are patches by now, so all of it together is smaller.
    assert!(movies["stored_bytes"].as_u64().unwrap() < plain, "{stats}");
    assert_eq!(fresh.json(&["archive", "verify"])["faults"].as_array().unwrap().len(), 0);
}
