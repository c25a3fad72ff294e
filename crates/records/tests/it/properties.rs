//! Any JSON comes back equal, and equal values give equal bytes.

use domain::{Key, Timestamp};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};

use crate::corpus::one_of_each;
use crate::equal::difference;
use crate::{bodies, golden};

#[track_caller]
fn check(key: Key, value: &Value, order: u64) -> Result<(), TestCaseError> {
    let text = value.to_string();
    let (record, _) = records::record(key, text.as_bytes(), "", Timestamp::default()).unwrap();
    let back = records::to_value(&record).unwrap();
    prop_assert_eq!(difference(value, &back), None, "{} {}", key, text);
    let mut shuffled = String::new();
    write_shuffled(value, order, &mut shuffled);
    let (other, _) = records::record(key, shuffled.as_bytes(), "", Timestamp::default()).unwrap();
    prop_assert_eq!(record.hash, other.hash, "{} {} {}", key, text, shuffled);
    let packer = records::Packer::new(Vec::new());
    let stored = packer.pack(key.kind(), &record.body);
    prop_assert_eq!(packer.unpack(key.kind(), &stored).unwrap(), record.body);
    Ok(())
}

/// Writes keys in another order, and whole numbers as floats.
fn write_shuffled(value: &Value, order: u64, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| {
                key.bytes().fold(order, |hash, byte| {
                    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(7)
                })
            });
            out.push('{');
            for (index, (key, value)) in fields.into_iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_shuffled(value, order, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { " , " } else { "" });
                write_shuffled(item, order, out);
            }
            out.push(']');
        }
        Value::Number(number) if number.as_i64().is_some_and(|n| n.unsigned_abs() < 1 << 50) => {
            out.push_str(&number.to_string());
            out.push_str(if order.is_multiple_of(2) { ".0" } else { "e0" });
        }
        other => out.push_str(&other.to_string()),
    }
}

/// Keys of the schema, and others.
fn name() -> impl Strategy<Value = String> {
    let known = [
        "id",
        "title",
        "name",
        "credits",
        "cast",
        "crew",
        "credit_id",
        "profile_path",
        "results",
        "watch/providers",
        "popularity",
        "release_date",
        "genres",
        "genre_ids",
        "adult",
        "images",
        "changes",
        "items",
        "value",
        "time",
        "episodes",
        "aside",
        "certifications",
        "seasons",
        "order",
        "runtime",
        "origin_country",
        "display_priorities",
        "external_ids",
        "US",
        "json",
    ];
    prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => ".{0,6}"]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0..1000u32).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..1_000_000u32).prop_map(|digits| Value::from(f64::from(digits) / 1000.0)),
        ".{0,30}".prop_map(Value::from),
        "[0-9a-f]{24}".prop_map(Value::from),
        "/[0-9A-Za-z]{26,28}\\.(jpg|png|svg)".prop_map(Value::from),
        "[0-9]{4}-[01][0-9]-[0-3][0-9]( 09:57:34 UTC|T00:00:00.000Z)?".prop_map(Value::from),
        Just(json!("")),
        Just(json!([])),
        Just(json!({})),
        Just(json!(-0.0)),
    ]
}

fn document() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..6).prop_map(Value::from),
            3 => btree_map(name(), inner, 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

#[derive(Clone, Debug)]
enum Change {
    Remove,
    Set(Value),
    Add(String, Value),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        1 => Just(Change::Remove),
        3 => leaf().prop_map(Change::Set),
        1 => (name(), document()).prop_map(|(name, value)| Change::Add(name, value)),
    ]
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// Changes the value that is `at` places into the document; `true` asks to remove it.
fn apply(value: &mut Value, at: &mut usize, change: &Change) -> bool {
    if *at == 0 {
        *at = usize::MAX;
        match (change, value) {
            (Change::Remove, _) => return true,
            (Change::Add(name, new), Value::Object(fields)) => {
                fields.insert(name.clone(), new.clone());
            }
            (Change::Add(_, new), Value::Array(items)) => items.push(new.clone()),
            (Change::Add(_, new) | Change::Set(new), value) => *value = new.clone(),
        }
        return false;
    }
    *at -= 1;
    match value {
        Value::Array(items) => {
            items.retain_mut(|item| *at == usize::MAX || !apply(item, at, change));
        }
        Value::Object(fields) => {
            fields.retain(|_, field| *at == usize::MAX || !apply(field, at, change));
        }
        _ => {}
    }
    false
}

fn real_bodies() -> Vec<(Key, Value)> {
    let invented =
        golden::bodies().into_iter().map(|(key, file)| (key, std::fs::read(file).unwrap()));
    let recorded = bodies::corpus().map(|corpus| bodies::details(&corpus)).unwrap_or_default();
    let recorded = recorded.into_iter().map(|(key, body)| (key, body.json));
    invented
        .chain(recorded.filter(|(_, json)| json.len() < 20_000))
        .map(|(key, json)| (key, serde_json::from_slice(&json).unwrap()))
        .collect()
}

#[test]
fn any_document_comes_back_under_any_schema() {
    let keys = one_of_each();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(500));
    let strategy = (document(), any::<Index>(), any::<u64>());
    runner.run(&strategy, |(value, key, order)| check(*key.get(&keys), &value, order)).unwrap();
}

#[test]
fn changed_bodies_come_back() {
    let bodies = real_bodies();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(400));
    let changes = vec((any::<Index>(), change()), 1..6);
    let strategy = (any::<Index>(), changes, any::<u64>());
    runner
        .run(&strategy, |(body, changes, order)| {
            let (key, mut value) = body.get(&bodies).clone();
            for (place, change) in changes {
                let mut at = place.index(count(&value));
                if apply(&mut value, &mut at, &change) {
                    value = Value::Null;
                }
            }
            check(key, &value, order)
        })
        .unwrap();
}

#[test]
fn the_last_of_equal_keys_wins() {
    let twice = r#"{"title":"a","x":1,"title":null,"genres":[{"id":1}],"genres":"no","x":{"y":2,"y":3},"title":"b"}"#;
    let once = r#"{"title":"b","genres":"no","x":{"y":3}}"#;
    let encode = |json: &str| records::encode(Key::movie(1), json.as_bytes()).unwrap().body;
    assert_eq!(encode(twice), encode(once));
}

#[test]
fn nesting_beyond_128_levels_is_an_error_and_not_a_crash() {
    for (open, close) in
        [("[", "]"), (r#"{"value":"#, "}"), (r#"{"credits":{"cast":[{"x":"#, "}]}}")]
    {
        let deep = format!("{}1{}", open.repeat(5000), close.repeat(5000));
        assert!(records::encode(Key::movie(1), deep.as_bytes()).is_err());
    }
    let error = records::encode(Key::movie(1), b"{\n  \"id\": 5,,\n}").unwrap_err();
    assert_eq!(error.line(), 2);
}
