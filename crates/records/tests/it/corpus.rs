//! Every body that TMDB is known to have sent comes back equal.

use domain::{Key, Kind, Reference, Timestamp};
use serde_json::Value;

use crate::bodies;
use crate::equal::assert_equal;

#[track_caller]
fn check(key: Key, json: &[u8], what: &str) -> Vec<domain::ledger::Drift> {
    let (record, drift) = records::record(key, json, "", Timestamp::default()).unwrap();
    let back = records::to_value(&record).unwrap();
    assert_equal(&serde_json::from_slice(json).unwrap(), &back, what);
    let (again, _) =
        records::record(key, back.to_string().as_bytes(), "", Timestamp::default()).unwrap();
    assert_eq!(again.hash, record.hash, "{what} is not canonical");
    drift
}

/// A key of every kind and of every sort of reference data.
pub(crate) fn one_of_each() -> Vec<Key> {
    let kinds = Kind::ALL.into_iter().filter_map(|kind| match kind {
        Kind::Season => Some(Key::season(1, 1)),
        Kind::Episode => Some(Key::episode(1, 1, 1)),
        Kind::Reference => None,
        _ => Key::new(kind, 1, None, None).ok(),
    });
    kinds.chain(Reference::ALL.map(Key::reference)).collect()
}

#[test]
fn recorded_details_come_back_equal() {
    let Some(corpus) = bodies::corpus() else { return };
    let details = bodies::details(&corpus);
    assert!(details.len() > 80, "{} details were found", details.len());
    let mut drift = std::collections::BTreeMap::new();
    for (key, body) in details {
        for found in check(key, &body.json, &body.name) {
            *drift.entry((found.kind, found.path, found.found)).or_insert(0) += found.count;
        }
    }
    assert!(drift.is_empty(), "the schema lacks {drift:?}");
}

#[test]
fn recorded_bodies_of_any_shape_come_back_equal_under_every_schema() {
    let Some(corpus) = bodies::corpus() else { return };
    let keys = one_of_each();
    for (index, body) in bodies::recorded(&corpus).into_iter().enumerate() {
        check(keys[index % keys.len()], &body.json, &body.name);
        check(keys[index * 7 % keys.len()], &body.json, &body.name);
    }
}

#[test]
fn documented_examples_come_back_equal() {
    let Some(corpus) = bodies::corpus() else { return };
    let text = std::fs::read(corpus.join("openapi.json")).unwrap();
    let api: Value = serde_json::from_slice(&text).unwrap();
    let mut examples = 0;
    for (path, item) in api["paths"].as_object().unwrap() {
        for example in documented(&item["get"]["responses"]) {
            examples += 1;
            let key = key_of(path);
            let drift = check(key, example.as_bytes(), path);
            assert!(key == stranger() || drift.is_empty(), "{path}: {drift:?}");
        }
    }
    assert!(examples > 100, "{examples} examples were found");
}

fn documented(responses: &Value) -> Vec<String> {
    let responses = responses.as_object().into_iter().flat_map(|all| all.values());
    let contents = responses.filter_map(|response| response["content"].as_object());
    let examples = contents.flat_map(|content| content.values());
    let examples = examples.filter_map(|media| media["examples"].as_object());
    examples
        .flat_map(|examples| examples.values())
        .filter_map(|example| Some(example["value"].as_str()?.to_owned()))
        .filter(|text| serde_json::from_str::<Value>(text).is_ok())
        .collect()
}

/// The key whose detail a documented path is, or a stranger's.
fn key_of(path: &str) -> Key {
    let path = path.trim_start_matches("/3/");
    let reference = Reference::ALL.into_iter().find(|reference| reference.path() == path);
    let detail: String = path
        .split('/')
        .map(|part| if part.starts_with('{') { "1" } else { part })
        .collect::<Vec<_>>()
        .join("/");
    let key = reference.map(Key::reference).or_else(|| detail.parse().ok());
    key.unwrap_or_else(stranger)
}

fn stranger() -> Key {
    Key::new(Kind::Keyword, 1, None, None).unwrap()
}
