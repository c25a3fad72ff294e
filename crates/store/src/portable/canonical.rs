//! Texts and JSON in a form that is the same whichever database has kept them.
//!
//! PostgreSQL's texts cannot hold the character NUL, so that it is left out.

use serde_json::{Number, Value};

pub(crate) fn plain(text: &str) -> String {
    text.replace('\0', "")
}

/// Writes a text of JSON without spaces, its keys sorted and its whole numbers
/// without a fraction. PostgreSQL sorts keys in a way of its own and writes numbers
/// out; only what a document means comes back from it.
pub(crate) fn canonical(text: &str) -> Result<String, serde_json::Error> {
    let value: Value = serde_json::from_str(text)?;
    let mut out = String::with_capacity(text.len());
    write(&value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut String) -> Result<(), serde_json::Error> {
    match value {
        Value::Number(number) => out.push_str(&whole(number).to_string()),
        Value::Array(values) => {
            out.push('[');
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write(value, out)?;
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (place, (name, value)) in fields.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                out.push_str(&serde_json::to_string(&plain(name))?);
                out.push(':');
                write(value, out)?;
            }
            out.push('}');
        }
        Value::String(text) => out.push_str(&serde_json::to_string(&plain(text))?),
        Value::Null | Value::Bool(_) => out.push_str(&value.to_string()),
    }
    Ok(())
}

/// A number without a fraction as an integer, where it fits one.
fn whole(number: &Number) -> Number {
    const FITS: f64 = 9.0e18;
    match number.as_f64() {
        Some(real) if number.is_f64() && real.fract() == 0.0 && real.abs() < FITS =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and it fits")]
            Number::from(real as i64)
        }
        _ => number.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(texts: &[&str], wanted: &str) {
        for text in texts {
            assert_eq!(canonical(text).unwrap(), wanted);
        }
    }

    #[test]
    fn what_means_the_same_reads_the_same() {
        check(
            &[r#"{"b": 1, "a" : [ 2.0, null ]}"#, r#"{"a":[2,null],"b":1.0}"#],
            r#"{"a":[2,null],"b":1}"#,
        );
        check(&["1e16", "10000000000000000", "10000000000000000.0"], "10000000000000000");
        check(&["0.0000001", "1e-7"], "1e-7");
        check(&[r#""\u00e9\/""#, r#""é/""#], r#""é/""#);
        check(&["-0.0", "0"], "0");
        check(&[r#"{"a\u0000": "\u0000b"}"#], r#"{"a":"b"}"#);
        check(&["18446744073709551615"], "18446744073709551615");
    }

    #[test]
    fn what_is_no_json_is_refused() {
        assert!(canonical("{").is_err());
    }
}
