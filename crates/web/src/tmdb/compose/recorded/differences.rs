//! Where two JSON values differ.

use std::collections::BTreeSet;

use serde_json::Value;

const FIGURES: [&str; 3] = ["popularity", "vote_average", "vote_count"];

/// Whether two values are equal as JSON: 7 is 7.0.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// The value without the figures that move with every vote.
pub(super) fn without_figures(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without_figures).collect(),
        Value::Object(members) => {
            let still = members.iter().filter(|(name, _)| !FIGURES.contains(&name.as_str()));
            Value::Object(still.map(|(name, v)| (name.clone(), without_figures(v))).collect())
        }
        _ => value.clone(),
    }
}

/// The places at which two values differ: `images/posters#` for rows that only one has,
/// `credits/cast~` for the same rows in another order, `results/title` within rows.
pub(super) fn differences(recorded: &Value, composed: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    compare(recorded, composed, "", &mut found);
    found
}

fn compare(a: &Value, b: &Value, at: &str, found: &mut BTreeSet<String>) {
    match (a, b) {
        _ if same(a, b) => {}
        (Value::Object(a), Value::Object(b)) => {
            for name in a.keys().chain(b.keys()) {
                let at = if at.is_empty() { name.clone() } else { format!("{at}/{name}") };
                match (a.get(name), b.get(name)) {
                    (Some(a), Some(b)) => compare(a, b, &at, found),
                    (Some(_), None) => drop(found.insert(format!("-{at}"))),
                    _ => drop(found.insert(format!("+{at}"))),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) => rows(a, b, at, found),
        _ => drop(found.insert(at.to_owned())),
    }
}

fn rows(a: &[Value], b: &[Value], at: &str, found: &mut BTreeSet<String>) {
    if a.len() != b.len() {
        found.insert(format!("{at}#"));
        return;
    }
    let sorted = |rows: &[Value]| {
        let mut rows: Vec<String> = rows.iter().map(Value::to_string).collect();
        rows.sort_unstable();
        rows
    };
    if sorted(a) == sorted(b) {
        found.insert(format!("{at}~"));
        return;
    }
    for (a, b) in a.iter().zip(b) {
        compare(a, b, at, found);
    }
}
