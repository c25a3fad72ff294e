//! How far what the mirror answers has to be what TMDB answered.

use std::collections::BTreeSet;

use serde_json::Value;

use super::rules::{Rule, rule};
use crate::mirror::same;

/// Compares call by call, and returns how many of them gave something.
#[track_caller]
pub(super) fn same_answers(from_tmdb: &Value, from_mirror: &Value) -> usize {
    let from_tmdb = from_tmdb.as_object().unwrap();
    let mut differences = vec![];
    let mut telling = 0;
    for (call, wanted) in from_tmdb {
        let got = &from_mirror[call];
        if let Some(difference) = difference(call, wanted, got) {
            differences.push(format!("{call}: {difference}"));
        } else if !is_error(call) && !matches!(rule(call), Rule::Missing) && tells(wanted) {
            telling += 1;
        }
    }
    let count = differences.len();
    assert!(differences.is_empty(), "{count} calls differ:\n{}", differences.join("\n"));
    telling
}

/// The calls that have to fail.
fn is_error(call: &str) -> bool {
    call.starts_with("error")
}

fn difference(call: &str, wanted: &Value, got: &Value) -> Option<String> {
    if is_error(call) {
        let (wanted, got) = (fault(wanted), fault(got));
        return (wanted != got).then(|| format!("{got:?} instead of {wanted:?}"));
    }
    if matches!(rule(call), Rule::Missing) {
        let is_missing = got["status"] == 404;
        return (!is_missing).then(|| "the mirror has it now; mend the rules".to_owned());
    }
    for (who, answer) in [("TMDB", wanted), ("the mirror", got)] {
        let failed = answer.get("status").is_some_and(Value::is_u64);
        if failed || answer.is_null() || answer.get("unreadable").is_some() {
            return Some(format!("{who} gave {answer}"));
        }
    }
    match rule(call) {
        Rule::Equal => differs(wanted, got, "", &[]),
        Rule::Unordered(members) => differs(&sorted(wanted), &sorted(got), "", members),
        Rule::But(members) => differs(wanted, got, "", members),
        Rule::Rows(members) => rows(wanted, got, members),
        Rule::Own | Rule::Missing => form(wanted, got),
    }
}

/// What an error says to programs: the status, TMDB's number, and which form it has.
fn fault(answer: &Value) -> (Option<u64>, Option<u64>, bool) {
    let body = answer.get("body").unwrap_or(answer);
    (answer["status"].as_u64(), body["status_code"].as_u64(), body["errors"].is_array())
}

/// Compares the rows that both show, of which there have to be some.
fn rows(wanted: &Value, got: &Value, but: &[&str]) -> Option<String> {
    let of = |answer: &Value| answer["results"].as_array().cloned().unwrap_or_default();
    let (wanted_rows, got_rows) = (of(wanted), of(got));
    let id = |row: &Value| (row["id"].clone(), row["media_type"].clone());
    let mut shared = 0;
    for row in &wanted_rows {
        let Some(same) = got_rows.iter().find(|other| id(other) == id(row)) else { continue };
        shared += 1;
        if let Some(difference) = differs(row, same, &format!("/results/{}", row["id"]), but) {
            return Some(difference);
        }
    }
    if shared * 2 < wanted_rows.len().min(got_rows.len()) || (shared == 0 && tells(wanted)) {
        let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].to_string()).collect::<Vec<_>>();
        return Some(format!("rows {:?} instead of {:?}", ids(&got_rows), ids(&wanted_rows)));
    }
    form(wanted, got)
}

/// The same with the elements of arrays in an order of their own.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(all) => {
            let mut all: Vec<Value> = all.iter().map(sorted).collect();
            all.sort_by_key(|one| one["credit_id"].to_string());
            all.into()
        }
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), sorted(member))).collect()
        }
        other => other.clone(),
    }
}

/// The names at the top, which say what sort of answer it is.
fn form(wanted: &Value, got: &Value) -> Option<String> {
    let names = |answer: &Value| -> BTreeSet<String> {
        answer.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
    };
    let (wanted, got) = (names(wanted), names(got));
    (wanted != got).then(|| format!("has {got:?} instead of {wanted:?}"))
}

/// The first place where two answers differ, some members aside wherever they are.
fn differs(wanted: &Value, got: &Value, at: &str, but: &[&str]) -> Option<String> {
    match (wanted, got) {
        (Value::Object(one), Value::Object(other)) => {
            let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            let mut names = names.into_iter().filter(|name| !but.contains(&name.as_str()));
            let nothing = &Value::String("nothing".to_owned());
            names.find_map(|name| {
                let at = format!("{at}/{name}");
                match (one.get(name), other.get(name)) {
                    (Some(one), Some(other)) => differs(one, other, &at, but),
                    (one, other) => {
                        Some(said(one.unwrap_or(nothing), other.unwrap_or(nothing), &at))
                    }
                }
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            let mut pairs = pairs.map(|(place, pair)| (format!("{at}/{place}"), pair));
            pairs.find_map(|(at, (one, other))| differs(one, other, &at, but))
        }
        (wanted, got) if same(wanted, got) => None,
        (wanted, got) => Some(said(wanted, got, at)),
    }
}

fn said(wanted: &Value, got: &Value, at: &str) -> String {
    let start = |value: &Value| value.to_string().chars().take(300).collect::<String>();
    format!("at `{at}` TMDB gave {}, the mirror {}", start(wanted), start(got))
}

/// Whether an answer holds more than that there is nothing.
fn tells(answer: &Value) -> bool {
    match answer {
        Value::Array(all) => !all.is_empty(),
        Value::Object(members) => members.get("results").is_none_or(|results| match results {
            Value::Array(all) => !all.is_empty(),
            Value::Object(all) => !all.is_empty(),
            _ => false,
        }),
        Value::String(text) => !text.is_empty(),
        _ => false,
    }
}
