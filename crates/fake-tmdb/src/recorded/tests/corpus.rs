//! The recorded universe on the real corpus, where this machine has it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use domain::sighting::Export;
use domain::{Key, Kind, Reference};
use serde_json::Value;

use super::parse;
use crate::recorded::Recorded;
use crate::recorded::request::{Request, subject};
use crate::universe::{Query, Universe};

/// The folder of private test data, where this machine has it.
pub(crate) fn folder() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/tmdb");
    let dir = std::env::var_os("CINEMIRROR_CORPUS").map_or(default, PathBuf::from);
    if dir.is_dir() {
        return Some(dir);
    }
    println!("skipped: no corpus in {}", dir.display());
    None
}

/// The rows of the corpus with status 200: request, file, and its place in time.
fn corpus_rows(dir: &Path) -> Vec<(Request, PathBuf, String)> {
    let index = fs::read_to_string(dir.join("recorded/INDEX.tsv")).unwrap();
    let rows = index.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let ok = rows.filter(|row| row[7].contains("HTTP 200"));
    ok.map(|row| {
        let era = row[3].split_once('@').map_or("", |(_, era)| era);
        (Request::parse(row[1]).unwrap(), dir.join(row[0]), era.to_owned())
    })
    .collect()
}

fn ask(tmdb: &Recorded, asked: &Request, day: u32) -> Option<Value> {
    let Request { path, query } = asked;
    let page = query.get("page").map_or(1, |page| page.parse().unwrap());
    let body = match subject(path) {
        Some((key, "")) => {
            let parts = query.get("append_to_response").map_or("", String::as_str);
            let parts: Vec<&str> = parts.split(',').filter(|part| !part.is_empty()).collect();
            tmdb.composed(key, &parts, query, day)
        }
        Some((key, part)) => tmdb.part(key, part, query, day),
        None => {
            let rows = tmdb.list(path, page, query, day).and_then(|rows| rows.whole);
            rows.or_else(|| tmdb.other(path, query, day))
        }
    };
    body.map(parse)
}

#[test]
fn every_recorded_request_gets_its_recorded_answer() {
    let Some(dir) = folder() else { return };
    let tmdb = Recorded::open(&dir.join("recorded")).unwrap();
    assert_eq!(tmdb.skipped(), 0);
    let mut recorded: BTreeMap<(String, Query), Vec<(String, PathBuf)>> = BTreeMap::new();
    for (request, file, era) in corpus_rows(&dir) {
        recorded.entry((request.path, request.query)).or_default().push((era, file));
    }
    for ((path, query), mut files) in recorded {
        files.sort();
        let request = Request { path, query };
        for (day, era) in [(0, &files[0].0), (1, &files[files.len() - 1].0)] {
            let answer = ask(&tmdb, &request, day);
            let answer = answer.unwrap_or_else(|| panic!("no answer to {request:?} on day {day}"));
            let own = files.iter().filter(|(own, _)| own == era);
            let mut own = own.map(|(_, file)| parse(fs::read(file).unwrap()));
            assert!(own.any(|body| body == answer), "another answer to {request:?} on day {day}");
        }
    }
}

#[test]
fn every_recorded_key_is_bare_named_in_an_export_and_changes_at_most_once() {
    let Some(dir) = folder() else { return };
    let tmdb = Recorded::open(&dir.join("recorded")).unwrap();
    let keys = tmdb.keys();
    assert!(keys.len() >= 30, "only {} keys", keys.len());
    for key in &keys {
        let body = parse(tmdb.detail(*key, &Query::new(), 0).unwrap());
        assert!(body["id"].is_u64(), "{key} has no id");
        for part in ["credits", "videos", "watch/providers", "alternative_titles"] {
            assert!(body.get(part).is_none(), "{key} is not bare: {part}");
        }
    }
    let exported: BTreeSet<Key> = Export::ALL
        .into_iter()
        .flat_map(|export| tmdb.export(export, 0).map(move |line| (export.kind(), parse(line))))
        .map(|(kind, line)| Key::new(kind, line["id"].as_u64().unwrap(), None, None).unwrap())
        .collect();
    let flat = keys.iter().filter(|key| key.season_number().is_none()).copied();
    assert_eq!(exported, flat.collect());
    assert!(!tmdb.changed(Kind::Movie, 0, 1).is_empty());
    assert!(tmdb.changed(Kind::Movie, 2, 1000).is_empty());
}

#[test]
fn all_reference_data_that_was_recorded_is_served() {
    let Some(dir) = folder() else { return };
    let tmdb = Recorded::open(&dir.join("recorded")).unwrap();
    for reference in Reference::ALL {
        assert!(tmdb.reference(reference).is_some(), "{}", reference.path());
    }
}
