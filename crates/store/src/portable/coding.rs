//! Rows as bytes: what is hashed, and what lies in a backup.
//!
//! A value is a byte that says what it is, and then: nothing for null; a zigzag
//! varint for an integer; eight bytes, the lowest first, for a real number; a
//! varint with the length and as many bytes for texts and bytes. Types and lengths
//! are there so that no two rows read alike.

use std::io::{self, ErrorKind};

use prost::encoding::{decode_varint, encode_varint};

use super::{Row, Value};

const NULL: u8 = 0;
const INTEGER: u8 = 1;
const REAL: u8 = 2;
const TEXT: u8 = 3;
const BYTES: u8 = 4;

pub(super) fn encode(row: &[Value], out: &mut Vec<u8>) {
    for value in row {
        encode_value(value, out);
    }
}

pub(super) fn encode_value(value: &Value, out: &mut Vec<u8>) {
    let (tag, bytes) = match value {
        Value::Null => return out.push(NULL),
        Value::Integer(number) => {
            out.push(INTEGER);
            return encode_varint(zigzag(*number), out);
        }
        Value::Real(number) => {
            out.push(REAL);
            return out.extend(number.to_bits().to_le_bytes());
        }
        Value::Text(text) => (TEXT, text.as_bytes()),
        Value::Bytes(bytes) => (BYTES, &bytes[..]),
    };
    out.push(tag);
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Reads a row of so many columns off the front of `bytes`.
pub(super) fn decode(bytes: &mut &[u8], columns: usize) -> io::Result<Row> {
    (0..columns).map(|_| decode_value(bytes)).collect()
}

fn decode_value(bytes: &mut &[u8]) -> io::Result<Value> {
    let [tag] = *take(bytes, 1)? else { return Err(nonsense("a value without a type")) };
    Ok(match tag {
        NULL => Value::Null,
        INTEGER => Value::Integer(unzigzag(varint(bytes)?)),
        REAL => {
            let mut bits = [0; 8];
            bits.copy_from_slice(take(bytes, 8)?);
            Value::Real(f64::from_bits(u64::from_le_bytes(bits)))
        }
        TEXT => {
            let text = String::from_utf8(sized(bytes)?.to_vec());
            Value::Text(text.map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?)
        }
        BYTES => Value::Bytes(sized(bytes)?.to_vec()),
        other => return Err(nonsense(&format!("there is no type {other}"))),
    })
}

fn sized<'a>(bytes: &mut &'a [u8]) -> io::Result<&'a [u8]> {
    let length = varint(bytes)?;
    take(bytes, usize::try_from(length).unwrap_or(usize::MAX))
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> io::Result<&'a [u8]> {
    let (first, rest) =
        bytes.split_at_checked(length).ok_or_else(|| nonsense("a value that is cut off"))?;
    *bytes = rest;
    Ok(first)
}

fn varint(bytes: &mut &[u8]) -> io::Result<u64> {
    decode_varint(bytes).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

fn nonsense(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what.to_owned())
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        vec![
            vec![Value::Null, Value::Integer(0), Value::Integer(-1)],
            vec![Value::Integer(i64::MIN), Value::Integer(i64::MAX), Value::Real(-0.1)],
            vec![Value::Text(String::new()), Value::Text("é\0".to_owned()), Value::Bytes(vec![0])],
        ]
    }

    #[test]
    fn rows_come_back_as_they_were() {
        let mut bytes = vec![];
        rows().iter().for_each(|row| encode(row, &mut bytes));
        let mut rest = &bytes[..];
        for row in rows() {
            assert_eq!(decode(&mut rest, row.len()).unwrap(), row);
        }
        assert!(rest.is_empty());
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        for row in rows() {
            let mut bytes = vec![];
            encode(&row, &mut bytes);
            for length in 0..bytes.len() {
                assert!(decode(&mut &bytes[..length], row.len()).is_err());
            }
        }
        assert!(decode(&mut &[9][..], 1).is_err());
    }
}
