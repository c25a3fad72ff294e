//! Made-up rows for every table.

use std::ops::Range;

use crate::Store;
use crate::portable::tables::{Column, Table, Type};
use crate::portable::{Batch, Purpose, Row, Value};

/// Puts rows of these numbers into every table that is copied.
pub(super) async fn fill(store: &Store, numbers: Range<i64>) {
    for table in Purpose::Move.tables() {
        let numbers = if table.columns[0].name == "only_row" { 0..1 } else { numbers.clone() };
        let mut rows: Vec<_> = numbers.map(|number| row(table, number)).collect();
        if table.name == "counters" {
            rows = [("dictionaries", 70), ("pipeline_runs", 80)]
                .map(|(name, last)| vec![Value::Text(name.to_owned()), Value::Integer(last)])
                .to_vec();
        }
        store.load(Batch { table, rows }).await.unwrap();
    }
}

fn row(table: &Table, number: i64) -> Row {
    let values = table.columns.iter().enumerate();
    values.map(|(place, column)| value(table, place, column, number)).collect()
}

fn value(table: &Table, place: usize, column: &Column, number: i64) -> Value {
    match (table.name, column.name) {
        (_, "only_row") => return Value::Integer(1),
        (_, "kind") if column.kind == Type::Integer => return Value::Integer(1 + number % 9),
        // A body lies here or there.
        ("versions", "object") if number % 2 == 0 => return Value::Null,
        ("versions", "body") if number % 2 == 1 => return Value::Null,
        (_, "unlisted_on") => return Value::Text(format!("2026-01-{:02}", number + 1)),
        // These may be unknown.
        ("works", "score") | (_, "last_error" | "successor" | "airs" | "retry_at" | "birthday")
            if number % 2 == 0 =>
        {
            return Value::Null;
        }
        _ => (),
    }
    if place < table.key && column.kind == Type::Integer {
        return Value::Integer(number + 1);
    }
    match column.kind {
        Type::Integer => Value::Integer(number * 7 + i64::try_from(place).unwrap()),
        Type::Real => Value::Real(0.1 + number as f64),
        Type::Text => Value::Text(format!("{number} é\\'\"\n{{,}} {}", column.name)),
        Type::Bytes => Value::Bytes(vec![0, 255, u8::try_from(number).unwrap()]),
        Type::Boolean => Value::Integer(number % 2),
        Type::Instant => Value::Integer(1_767_225_600_123 + number),
        Type::Date => Value::Integer(number * 1_000 - 500),
        Type::Json => Value::Text(format!(r#"{{"a":[{number},1.5,null],"long":"é\\\"{{"}}"#)),
        Type::Texts => Value::Text(format!(r#"["{number}","{{a,\"b\\","","é"]"#)),
    }
}
