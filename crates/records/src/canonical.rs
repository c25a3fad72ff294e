//! JSON text that is the same for equal values: keys sorted, numbers in one spelling.

use serde_json::Value;

/// A JSON number by its value alone: `7`, `7.0` and `70e-1` are one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Unsigned(u64),
    /// Below zero.
    Negative(i64),
    /// Not whole, or beyond the integers' range.
    Float(f64),
}

const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

impl From<f64> for Number {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole, and within the range of the type"
    )]
    fn from(value: f64) -> Self {
        if value.fract() != 0.0 {
            Self::Float(value)
        } else if (0.0..2.0 * TWO_TO_63).contains(&value) {
            Self::Unsigned(value as u64)
        } else if (-TWO_TO_63..0.0).contains(&value) {
            Self::Negative(value as i64)
        } else {
            Self::Float(value)
        }
    }
}

impl From<&serde_json::Number> for Number {
    fn from(number: &serde_json::Number) -> Self {
        match (number.as_u64(), number.as_i64()) {
            (Some(value), _) => Self::Unsigned(value),
            (None, Some(value)) => Self::Negative(value),
            (None, None) => number.as_f64().unwrap_or(f64::NAN).into(),
        }
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        match number {
            Number::Unsigned(value) => value.into(),
            Number::Negative(value) => value.into(),
            Number::Float(value) => value.into(),
        }
    }
}

/// Appends a value. Recursion ends at the depth that `serde_json` parses.
pub(crate) fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null | Value::Bool(_) => out.push_str(&value.to_string()),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => {
                out.push_str(&Value::from(Number::from(float)).to_string());
            }
            _ => out.push_str(&number.to_string()),
        },
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (index, (key, value)) in fields.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
    }
}

/// Whether a byte stands for itself in a JSON text.
const fn is_plain(byte: u8) -> bool {
    !matches!(byte, 0..0x20 | b'"' | b'\\')
}

/// Appends a text in quotes, with the fewest escapes.
pub fn write_text(text: &str, out: &mut String) {
    out.reserve(text.len() + 2);
    out.push('"');
    // Without a way out, many bytes are looked at in one go.
    if text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
        out.push_str(text);
        out.push('"');
        return;
    }
    let mut plain_from = 0;
    for (index, byte) in text.bytes().enumerate() {
        if is_plain(byte) {
            continue;
        }
        out.push_str(&text[plain_from..index]);
        plain_from = index + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ => {
                out.push_str("\\u00");
                out.extend(
                    [byte >> 4, byte & 15]
                        .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])),
                );
            }
        }
    }
    out.push_str(&text[plain_from..]);
    out.push('"');
}

/// What a value is called where schema drift is shown.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, canonical: &str) {
        let mut out = String::new();
        write(&serde_json::from_str(json).unwrap(), &mut out);
        assert_eq!(out, canonical);
    }

    #[test]
    fn equal_values_read_alike() {
        check(r#"{"b": 7.0, "a": [70e-1, -0.0, -7.0]}"#, r#"{"a":[7,0,-7],"b":7}"#);
        check(r#"{"a": 1, "a": {"z": null, "y": true}}"#, r#"{"a":{"y":true,"z":null}}"#);
        check("18446744073709551615", "18446744073709551615");
        check("18446744073709551616", "1.8446744073709552e+19");
        check("-9223372036854775809", "-9223372036854775808");
        check("1.5e300", "1.5e+300");
        check("\"\\u0001\\/\\u00e9\\n\\\"\"", "\"\\u0001/é\\n\\\"\"");
    }
}
