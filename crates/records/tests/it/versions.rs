//! Two recordings of the same requests, half a year apart: what makes a version and what not.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::LazyLock;

use domain::{Key, Kind, Timestamp};
use serde_json::{Value, json};

use crate::altered::{change, leaves};
use crate::bodies;
use crate::equal::difference;

/// A request's answers.
struct Pair {
    /// The recording's file.
    name: String,
    key: Key,
    before: Value,
    after: Value,
}

impl Pair {
    fn is_equal(&self) -> bool {
        difference(&self.before, &self.after).is_none()
    }

    fn is_steady(&self) -> bool {
        difference(&without_figures(&self.before), &without_figures(&self.after)).is_none()
    }
}

/// What both recordings have, details and not; of details, under their keys.
static COMMON: LazyLock<Vec<(Option<Key>, Pair)>> = LazyLock::new(|| {
    let Some(corpus) = bodies::corpus() else { return vec![] };
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    for body in bodies::recorded(&corpus) {
        let Some((folder, file)) = body.name.rsplit_once('/') else { continue };
        let value: Value = serde_json::from_slice(&body.json).unwrap();
        if folder.ends_with("@2025-12") {
            before.insert(file.to_owned(), (body.key, value));
        } else if folder.ends_with("@2026-06") {
            after.insert(file.to_owned(), (body.key, value));
        }
    }
    let pairs = before.into_iter().filter_map(|(name, (key, before))| {
        let (other_key, after) = after.remove(&name)?;
        let key = key.filter(|key| other_key == Some(*key));
        Some((key, Pair { name, key: key.unwrap_or(Key::movie(1)), before, after }))
    });
    pairs.collect()
});

fn details() -> impl Iterator<Item = &'static Pair> {
    COMMON.iter().filter_map(|(key, pair)| key.map(|_| pair))
}

/// Parts of titles and people that were asked by themselves, as if they had been appended.
static PARTS: LazyLock<Vec<Pair>> =
    LazyLock::new(|| COMMON.iter().filter_map(|(_, pair)| part(pair)).collect());

fn part(pair: &Pair) -> Option<Pair> {
    let name = pair.name.clone();
    let mut parts = name.trim_end_matches(".json").split("__").next()?.split('.').skip(1);
    let key = format!("{}/{}", parts.next()?, parts.next()?.parse::<u64>().ok()?);
    let part = parts.collect::<Vec<_>>().join("/");
    let key = key.parse().ok().filter(|_| !part.is_empty())?;
    let is_known = |body: &Value| {
        records::encode(key, body.to_string().as_bytes()).is_ok_and(|it| it.drift.is_empty())
    };
    let (before, after) = (json!({part.as_str(): pair.before}), json!({part: pair.after}));
    (is_known(&before) && is_known(&after)).then_some(Pair { name, key, before, after })
}

fn without_figures(value: &Value) -> Value {
    match value {
        Value::Array(rows) => rows.iter().map(without_figures).collect(),
        Value::Object(fields) => {
            let figures = ["popularity", "vote_average", "vote_count"];
            let kept = fields.iter().filter(|(key, _)| !figures.contains(&key.as_str()));
            Value::Object(kept.map(|(key, value)| (key.clone(), without_figures(value))).collect())
        }
        plain => plain.clone(),
    }
}

/// Checks a pair's hashes; returns what became of it.
#[track_caller]
fn check_hashes(pair: &Pair) -> &'static str {
    let hashes = |body: &Value| {
        let json = body.to_string();
        let record = records::record(pair.key, json.as_bytes(), "", Timestamp::default());
        let (record, _) = record.unwrap();
        (record.hash, records::steady_hash(pair.key, &record.body))
    };
    let (before, after) = (hashes(&pair.before), hashes(&pair.after));
    assert_eq!(before.0 == after.0, pair.is_equal(), "{}", pair.name);
    assert_eq!(before.1 == after.1, pair.is_steady(), "{}", pair.name);
    match (pair.is_equal(), pair.is_steady()) {
        (true, _) => "equal",
        (false, true) => "only figures differ",
        (false, false) => "a version",
    }
}

fn print(what: &str, counts: &BTreeMap<&str, usize>) {
    writeln!(std::io::stdout(), "{what}: {counts:?}").ok();
}

#[test]
fn details_that_differ_in_figures_only_make_no_version_and_others_do() {
    let mut counts = BTreeMap::new();
    for pair in details().filter(|pair| pair.key.kind() != Kind::Reference) {
        *counts.entry(check_hashes(pair)).or_insert(0) += 1;
    }
    print("recorded details of 2025-12 and 2026-06", &counts);
    assert!(COMMON.is_empty() || counts.len() > 1, "{counts:?}");
}

#[test]
fn reference_data_and_parts_of_titles_make_versions_by_the_same_rule() {
    let mut counts = BTreeMap::new();
    let references = details().filter(|pair| pair.key.kind() == Kind::Reference);
    for pair in references.chain(&*PARTS) {
        *counts.entry(check_hashes(pair)).or_insert(0) += 1;
    }
    print("reference data and parts", &counts);
}

#[test]
fn a_difference_is_named_where_an_independent_walk_finds_one_and_nowhere_else() {
    let mut counts = BTreeMap::new();
    for (_, pair) in &*COMMON {
        let found = records::diff(&pair.before, &pair.after);
        let named: BTreeSet<_> = found.iter().map(|found| fields_of(&found.path)).collect();
        let mut expected = BTreeSet::new();
        walk("", &pair.before, &pair.after, &mut expected);
        assert_eq!(named, expected, "{}", pair.name);
        assert_eq!(found.is_empty(), pair.is_equal(), "{}", pair.name);
        let is_steady = found.iter().all(|found| found.is_figure);
        assert_eq!(is_steady, pair.is_steady(), "{}", pair.name);
        *counts.entry("bodies").or_insert(0) += 1;
        *counts.entry("differences").or_insert(0) += found.len();
        *counts.entry("figures").or_insert(0) += found.iter().filter(|it| it.is_figure).count();
        *counts.entry("orders").or_insert(0) +=
            found.iter().filter(|it| it.path.ends_with(" order")).count();
    }
    print("differences", &counts);
}

#[test]
fn softcore_a_new_field_is_a_difference_and_makes_a_version() {
    let is_softcore =
        |found: &records::Difference| found.path.rsplit('.').next() == Some("softcore");
    let mut counts = BTreeMap::new();
    for pair in details() {
        let found = records::diff(&pair.before, &pair.after);
        let rest: Vec<_> = found.iter().filter(|found| !found.is_figure).collect();
        if rest.is_empty() || !rest.iter().all(|found| is_softcore(found)) {
            continue;
        }
        assert!(rest.iter().all(|found| found.before.is_none() && found.after.is_some()));
        assert_eq!(check_hashes(pair), "a version");
        *counts.entry("bodies").or_insert(0) += 1;
    }
    print("nothing but figures and softcore", &counts);
}

#[test]
fn any_one_value_makes_a_version_and_is_named_unless_it_is_a_figure() {
    let mut counts = BTreeMap::new();
    let small = details().chain(&*PARTS).filter(|pair| leaves(&pair.after) < 1000);
    for (round, pair) in small.enumerate() {
        let all = leaves(&pair.after);
        for at in (round % 7..all).step_by(all / 5 + 1) {
            let mut after = pair.after.clone();
            change(&mut after, &mut { at });
            let found = records::diff(&pair.after, &after);
            let pair =
                Pair { name: pair.name.clone(), key: pair.key, before: pair.after.clone(), after };
            assert!(!found.is_empty(), "{} at {at}", pair.name);
            assert_eq!(
                found.iter().all(|found| found.is_figure),
                pair.is_steady(),
                "{}",
                pair.name
            );
            *counts.entry(check_hashes(&pair)).or_insert(0) += 1;
        }
    }
    print("changes of one value", &counts);
}

/// The fields of a path up to the first array.
fn fields_of(path: &str) -> String {
    path.split('[').next().unwrap_or_default().to_owned()
}

/// Collects the innermost fields, or arrays of fields, that differ.
fn walk(path: &str, before: &Value, after: &Value, found: &mut BTreeSet<String>) {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        if difference(before, after).is_some() {
            found.insert(path.to_owned());
        }
        return;
    };
    for key in old.keys().chain(new.keys()) {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (old.get(key), new.get(key)) {
            (Some(old), Some(new)) => walk(&path, old, new, found),
            _ => drop(found.insert(path)),
        }
    }
}
