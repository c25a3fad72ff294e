//! Crawls of recorded bodies and data sets, where they are there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::{Key, Kind};
use fake_tmdb::dataset::Dataset;
use fake_tmdb::recorded::Recorded;

use crate::mirror::{Mirror, same};

/// The folder with recorded bodies and data sets. Says so when it is missing.
#[expect(clippy::print_stderr, reason = "a skipped test says why")]
fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/tmdb");
    let folder = std::env::var_os("CINEMIRROR_CORPUS").map_or(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no recorded bodies at {} (set CINEMIRROR_CORPUS)", folder.display());
    None
}

#[test]
fn every_recorded_detail_is_collected_and_reads_as_it_was_served() {
    let Some(corpus) = corpus() else { return };
    let recorded = Arc::new(Recorded::open(&corpus.join("recorded")).unwrap());
    let keys = recorded.keys();
    let universe: Arc<dyn fake_tmdb::Universe> = Arc::clone(&recorded) as _;
    let mirror = Mirror::of(universe);
    mirror.json(&[
        "run",
        "full",
        "--type",
        "movie",
        "--type",
        "tv",
        "--type",
        "person",
        "--type",
        "collection",
        "--type",
        "company",
        "--type",
        "network",
        "--type",
        "keyword",
    ]);
    let alone: Vec<String> = keys
        .iter()
        .filter(|key| matches!(key.kind(), Kind::Season | Kind::Episode))
        .map(Key::to_string)
        .collect();
    let mut collect = vec!["collect"];
    collect.extend(alone.iter().map(String::as_str));
    mirror.json(&collect);
    assert!(keys.len() > 30, "only {} keys", keys.len());
    for key in keys {
        let kept = mirror.json(&["get", &key.to_string()]);
        let question = tmdb::Question::Detail(key);
        let parts = question.parts();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let query = fake_tmdb::Query::new();
        let served = fake_tmdb::Universe::composed(&*recorded, key, &parts, &query, 0).unwrap();
        let served: serde_json::Value = serde_json::from_slice(&served).unwrap();
        assert!(same(&kept, &served), "{key}: {kept} {served}");
    }
}

#[test]
fn the_data_sets_are_collected_without_a_dead_letter() {
    let Some(corpus) = corpus() else { return };
    let mirror = Mirror::of(Arc::new(Dataset::open(&corpus.join("datasets")).unwrap()));
    // All 4,803 movies take minutes without optimisation; the most popular tell as much.
    let ran = mirror.json(&["run", "full", "--type", "movie", "--type", "tv", "--limit", "700"]);
    assert_eq!(ran["figures"]["failed"], 0, "{ran}");
    mirror.json(&["collect", "movie", "597"]);
    let titanic = mirror.run(&["get", "movie", "597", "--summary"]);
    let text = String::from_utf8_lossy(&titanic.stdout);
    for name in ["Titanic (1997)", "Kate Winslet", "Leonardo DiCaprio", "James Cameron"] {
        assert!(text.contains(name), "{text}");
    }
}
