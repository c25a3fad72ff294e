//! Protobuf → JSON text, driven by the same tables; hostile bytes are errors.

use domain::{Key, Record};

use crate::canonical::write_text;
use crate::packing;
use crate::schema::{ASIDE, Field, Message, SCHEMA, Schema, Shape, Value};
use crate::wire::{self, Payload};

mod aside;

pub(crate) use aside::Aside;

/// Returns a JSON text whose value equals the one that was converted.
pub fn to_json(record: &Record) -> Result<String, DecodeError> {
    body_to_json(record.key, &record.body)
}

/// Returns the record's JSON as a tree.
pub fn to_value(record: &Record) -> Result<serde_json::Value, DecodeError> {
    serde_json::from_str(&to_json(record)?).map_err(DecodeError::Kept)
}

/// Returns the JSON text of a body by itself.
pub fn body_to_json(key: Key, body: &[u8]) -> Result<String, DecodeError> {
    let mut out = String::with_capacity(body.len() * 3);
    Reader::new(&mut out).message(SCHEMA.body(key), inside(key, body)?)?;
    Ok(out)
}

/// Returns the bytes of the message of a key's JSON body.
pub(crate) fn inside(key: Key, mut body: &[u8]) -> Result<&[u8]> {
    let Some(reference) = key.as_reference() else { return Ok(body) };
    match wire::take_field(&mut body) {
        Some((number, Payload::Len(inner))) if number == reference.number() && body.is_empty() => {
            Ok(inner)
        }
        _ => Err(DecodeError::Malformed("reference")),
    }
}

/// Bytes that are no record of this schema.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Damaged, or not written by [`crate::encode()`].
    #[error("the protobuf bytes make no sense at `{0}`")]
    Malformed(&'static str),
    /// Written with a later schema.
    #[error("the schema has no field {number} beside `{beside}`")]
    UnknownField { number: u32, beside: &'static str },
    /// What was kept beside the known fields is no JSON.
    #[error("a kept value is not readable as JSON: {0}")]
    Kept(#[source] serde_json::Error),
}

/// Appends the JSON of messages to a text.
pub(crate) struct Reader<'o> {
    schema: &'static Schema,
    out: &'o mut String,
}

pub(crate) type Result<T, E = DecodeError> = std::result::Result<T, E>;

impl<'o> Reader<'o> {
    pub(crate) fn new(out: &'o mut String) -> Self {
        Self { schema: &SCHEMA, out }
    }

    pub(crate) fn message(&mut self, message: &'static Message, bytes: &[u8]) -> Result<()> {
        if message.is_array {
            return self.array_message(message, bytes);
        }
        if let Some(whole) = whole(bytes)? {
            self.out.push_str(whole);
            return Ok(());
        }
        self.out.push('{');
        self.members(message, bytes, |_| true)?;
        self.out.push('}');
        Ok(())
    }

    /// Writes the members whose names are wanted, behind what is there of the object;
    /// the others are skipped unread.
    pub(crate) fn members(
        &mut self,
        message: &'static Message,
        bytes: &[u8],
        wanted: impl Fn(&str) -> bool,
    ) -> Result<()> {
        let mut input = bytes;
        let mut aside = Aside::default();
        let mut last = 0;
        let mut list = None;
        let mut is_wanted = true;
        while !input.is_empty() {
            let (number, payload) = take(&mut input, message)?;
            if number == ASIDE && last < ASIDE {
                self.close(&mut list);
                last = number;
                aside = Aside::read(payload)?;
                continue;
            }
            let field = field(message, number)?;
            if number > last {
                self.close(&mut list);
                last = number;
                is_wanted = wanted(&field.key);
                if is_wanted {
                    self.member(field);
                    list = self.open(field);
                }
            } else if number == last && list.is_some() {
                self.out.push(',');
            } else if number < last || is_wanted {
                return Err(malformed(field));
            }
            if is_wanted {
                self.field(field, payload)?;
            }
        }
        self.close(&mut list);
        self.aside(message, &aside, wanted)
    }

    /// Writes a message that stands for a JSON array.
    fn array_message(&mut self, message: &'static Message, bytes: &[u8]) -> Result<()> {
        if let Some(whole) = whole(bytes)? {
            self.out.push_str(whole);
            return Ok(());
        }
        let only = &message.fields[0];
        let mut input = bytes;
        self.out.push('[');
        let mut is_first = true;
        while !input.is_empty() {
            let (number, payload) = take(&mut input, message)?;
            if number == ASIDE && input.is_empty() {
                continue;
            }
            if number != only.number {
                return Err(malformed(only));
            }
            if !is_first {
                self.out.push(',');
            }
            is_first = false;
            self.field(only, payload)?;
        }
        self.out.push(']');
        Ok(())
    }

    /// Begins a member of a field.
    fn member(&mut self, field: &Field) {
        self.comma();
        self.out.push_str(&field.member);
    }

    fn comma(&mut self) {
        if !self.out.ends_with('{') {
            self.out.push(',');
        }
    }

    /// Opens the bracket of a field with elements; returns the one that closes it.
    fn open(&mut self, field: &Field) -> Option<char> {
        let (open, close) = match field.shape {
            Shape::One(_) => return None,
            Shape::Many(value) if value.is_varint() => return None,
            Shape::Many(_) => ('[', ']'),
            Shape::Map(_) => ('{', '}'),
        };
        self.out.push(open);
        Some(close)
    }

    fn close(&mut self, list: &mut Option<char>) {
        self.out.extend(list.take());
    }

    fn field(&mut self, field: &'static Field, payload: Payload<'_>) -> Result<()> {
        match (field.shape, payload) {
            (Shape::Many(value), Payload::Len(mut run)) if value.is_varint() => {
                self.out.push('[');
                while let Some(number) = wire::take_varint(&mut run) {
                    self.value(field, value, Payload::Varint(number))?;
                    self.out.push(',');
                }
                if !run.is_empty() || self.out.pop() != Some(',') {
                    return Err(malformed(field));
                }
                self.out.push(']');
                Ok(())
            }
            (Shape::One(value) | Shape::Many(value), payload) => self.value(field, value, payload),
            (Shape::Map(value), Payload::Len(mut entry)) => {
                let key = wire::take_field(&mut entry);
                let payload = wire::take_field(&mut entry);
                match (key, payload) {
                    (Some((1, Payload::Len(key))), Some((2, payload))) if entry.is_empty() => {
                        write_text(text(field, key)?, self.out);
                        self.out.push(':');
                        self.value(field, value, payload)
                    }
                    _ => Err(malformed(field)),
                }
            }
            (Shape::Map(_), Payload::Varint(_)) => Err(malformed(field)),
        }
    }

    fn value(&mut self, field: &'static Field, value: Value, payload: Payload<'_>) -> Result<()> {
        let out = &mut *self.out;
        match (value, payload) {
            (Value::Bool, Payload::Varint(0)) => out.push_str("false"),
            (Value::Bool, Payload::Varint(1)) => out.push_str("true"),
            (Value::Unsigned, Payload::Varint(number)) => push(out, number),
            (Value::Signed, Payload::Varint(number)) => push(out, number.cast_signed()),
            (Value::Decimal, Payload::Varint(packed)) => push_decimal(out, packed),
            (Value::Date, Payload::Varint(days)) => {
                write_text(&packing::date_to_text(days).ok_or_else(|| malformed(field))?, out);
            }
            (Value::Time, Payload::Varint(packed)) => {
                write_text(&packing::time_to_text(packed).ok_or_else(|| malformed(field))?, out);
            }
            (Value::Text, Payload::Len(bytes)) => write_text(text(field, bytes)?, out),
            (Value::Path, Payload::Len(bytes)) => {
                write_text(&packing::unpack_path(bytes).ok_or_else(|| malformed(field))?, out);
            }
            (Value::Hex, Payload::Len(bytes)) => {
                write_text(&packing::unpack_hex(bytes).ok_or_else(|| malformed(field))?, out);
            }
            (Value::Json, Payload::Len(bytes)) => {
                out.push_str(aside::json(text(field, bytes)?)?);
            }
            (Value::Message(id), Payload::Len(bytes)) => {
                return self.message(self.schema.message(id), bytes);
            }
            _ => return Err(malformed(field)),
        }
        Ok(())
    }

    /// Writes what the message's fields could not hold.
    fn aside(
        &mut self,
        message: &'static Message,
        aside: &Aside<'_>,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<()> {
        for number in aside.nulls() {
            let field = field(message, number)?;
            if wanted(&field.key) {
                self.member(field);
                self.out.push_str("null");
            }
        }
        for number in aside.empties() {
            let field = field(message, number)?;
            if !wanted(&field.key) {
                continue;
            }
            self.member(field);
            self.out.push_str(match field.shape {
                Shape::One(_) => "\"\"",
                Shape::Many(_) => "[]",
                Shape::Map(_) => "{}",
            });
        }
        for (name, json) in aside.unknown.iter().filter(|(name, _)| wanted(name)) {
            self.comma();
            write_text(name, self.out);
            self.out.push(':');
            self.out.push_str(json);
        }
        Ok(())
    }
}

/// Returns the JSON text of a message that is not what its type says.
pub(crate) fn whole(bytes: &[u8]) -> Result<Option<&str>> {
    let mut input = bytes;
    match wire::take_field(&mut input) {
        Some((ASIDE, payload)) if input.is_empty() => Ok(Aside::read(payload)?.whole),
        _ => Ok(None),
    }
}

fn take<'a>(input: &mut &'a [u8], message: &'static Message) -> Result<(u32, Payload<'a>)> {
    wire::take_field(input).ok_or_else(|| {
        DecodeError::Malformed(message.fields.first().map_or("", |field| &field.key))
    })
}

fn field(message: &'static Message, number: u32) -> Result<&'static Field> {
    let beside = message.fields.first().map_or("", |field| field.key.as_str());
    message.field(number).ok_or(DecodeError::UnknownField { number, beside })
}

fn malformed(field: &'static Field) -> DecodeError {
    DecodeError::Malformed(&field.key)
}

fn text<'a>(field: &'static Field, bytes: &'a [u8]) -> Result<&'a str> {
    std::str::from_utf8(bytes).ok().ok_or_else(|| malformed(field))
}

fn push(out: &mut String, number: impl itoa::Integer) {
    out.push_str(itoa::Buffer::new().format(number));
}

fn push_decimal(out: &mut String, packed: u64) {
    let (digits, scale) = packing::decimal_parts(packed);
    let unit = 10u64.pow(scale);
    push(out, digits / unit);
    if scale > 0 {
        let mut rest = itoa::Buffer::new();
        let rest = rest.format(digits % unit);
        let zeros = (scale as usize).saturating_sub(rest.len());
        out.push('.');
        out.extend(std::iter::repeat_n('0', zeros));
        out.push_str(rest);
    }
}

#[cfg(test)]
mod tests;
