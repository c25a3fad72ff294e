//! Documents with one value changed.

use serde_json::Value;

/// Counts the plain values of a document.
pub(crate) fn leaves(value: &Value) -> usize {
    match value {
        Value::Array(rows) => rows.iter().map(leaves).sum(),
        Value::Object(fields) => fields.values().map(leaves).sum(),
        _ => 1,
    }
}

/// Changes the plain value that is `at` places into the document.
pub(crate) fn change(value: &mut Value, at: &mut usize) {
    match value {
        Value::Array(rows) => rows.iter_mut().for_each(|row| change(row, at)),
        Value::Object(fields) => fields.values_mut().for_each(|field| change(field, at)),
        plain => {
            if *at == 0 {
                *plain = other(plain);
            }
            *at = at.wrapping_sub(1);
        }
    }
}

fn other(plain: &Value) -> Value {
    match plain {
        Value::Number(number) => match number.as_u64() {
            Some(number) => Value::from(number + 7),
            None => Value::from(number.as_f64().unwrap_or(0.0) + 1.25),
        },
        Value::Bool(value) => Value::from(!value),
        _ => Value::from("another text"),
    }
}
