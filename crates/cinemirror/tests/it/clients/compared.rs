//! How far what the mirror answers has to be what TMDB answered.

use std::collections::BTreeSet;

use serde_json::Value;

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
        } else if !is_error(call) && tells(wanted) {
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
    let failed = |answer: &Value| answer.get("status").is_some_and(Value::is_u64);
    if failed(wanted) || wanted.get("unreadable").is_some() {
        return Some(format!("TMDB itself gave {wanted}"));
    }
    differs(wanted, got, "")
}

/// What an error says to programs: the status, TMDB's number, and which form it has.
fn fault(answer: &Value) -> (Option<u64>, Option<u64>, bool) {
    let body = answer.get("body").unwrap_or(answer);
    (answer["status"].as_u64(), body["status_code"].as_u64(), body["errors"].is_array())
}

/// The first place where two answers differ.
fn differs(wanted: &Value, got: &Value, at: &str) -> Option<String> {
    match (wanted, got) {
        (Value::Object(one), Value::Object(other)) => {
            let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            let missing = &Value::String("nothing".to_owned());
            let of = |name: &String| (one.get(name), other.get(name));
            names.into_iter().find_map(|name| match of(name) {
                (Some(one), Some(other)) => differs(one, other, &format!("{at}/{name}")),
                (one, other) => Some(said(
                    one.unwrap_or(missing),
                    other.unwrap_or(missing),
                    &format!("{at}/{name}"),
                )),
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            let mut pairs = pairs.map(|(place, pair)| (format!("{at}/{place}"), pair));
            pairs.find_map(|(at, (one, other))| differs(one, other, &at))
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
