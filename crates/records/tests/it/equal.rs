//! Equality of JSON values as records keep it: `7` and `7.0` are equal.

use serde_json::Value;

#[track_caller]
pub(crate) fn assert_equal(expected: &Value, found: &Value, what: &str) {
    assert_eq!(difference(expected, found), None, "{what}");
}

/// Returns the path of the first difference.
pub(crate) fn difference(expected: &Value, found: &Value) -> Option<String> {
    match (expected, found) {
        (Value::Number(one), Value::Number(other)) => {
            let exact = one.as_i128() == other.as_i128() && one.as_i128().is_some();
            let is_equal = exact || one.as_f64() == other.as_f64() && is_float(one, other);
            (!is_equal).then(|| format!(" ({one}, {other})"))
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).enumerate().find_map(|(index, (one, other))| {
                Some(format!("[{index}]{}", difference(one, other)?))
            })
        }
        (Value::Object(one), Value::Object(other)) => {
            if let Some(missing) = one.keys().find(|key| !other.contains_key(*key)) {
                return Some(format!(".{missing} (missing)"));
            }
            if let Some(extra) = other.keys().find(|key| !one.contains_key(*key)) {
                return Some(format!(".{extra} (extra)"));
            }
            one.iter()
                .find_map(|(key, one)| Some(format!(".{key}{}", difference(one, &other[key])?)))
        }
        _ => (expected != found).then(|| format!(" ({expected}, {found})")),
    }
}

fn is_float(one: &serde_json::Number, other: &serde_json::Number) -> bool {
    one.is_f64() || other.is_f64()
}
