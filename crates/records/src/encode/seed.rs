//! What serde calls while it reads the JSON text.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor,
    value::{MapAccessDeserializer, SeqAccessDeserializer},
};
use serde_json::Value as Json;

use super::writer::{Frame, MapEntry, Writer, json_text};
use crate::canonical::Number;
use crate::schema::{Field, Message, Shape, Value};
use crate::wire;

mod field;
mod scalars;

use field::FieldSeed;
use scalars::Scalars;

/// Reads a value that has a message to itself: a whole body, an element, a map's value.
pub(super) struct MessageSeed<'w> {
    pub(super) writer: &'w mut Writer,
    pub(super) message: &'static Message,
    pub(super) frame: Frame,
}

impl MessageSeed<'_> {
    fn whole(self, value: impl Into<Json>) {
        self.writer.whole(&value.into(), self.frame);
    }
}

impl<'de> DeserializeSeed<'de> for MessageSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for MessageSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.whole(value);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.whole(value);
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.whole(value);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.whole(value);
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.whole(value);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.whole(Json::Null);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        if !self.message.is_array {
            let value = Json::deserialize(SeqAccessDeserializer::new(seq))?;
            self.whole(value);
            return Ok(());
        }
        let start = self.writer.start();
        let field = &self.message.fields[0];
        if let Some(mismatch) = read_array(self.writer, field, seq)? {
            self.writer.abandon(start);
            self.writer.whole_quietly(&mismatch, self.frame);
        } else {
            self.writer.finish(start, self.frame);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        if self.message.is_array {
            let value = Json::deserialize(MapAccessDeserializer::new(map))?;
            self.whole(value);
            return Ok(());
        }
        let start = self.writer.start();
        read_object(self.writer, self.message, map)?;
        self.writer.finish(start, self.frame);
        Ok(())
    }
}

/// Reads an object's fields into the unfinished message.
fn read_object<'de, A: MapAccess<'de>>(
    writer: &mut Writer,
    message: &'static Message,
    mut map: A,
) -> Result<(), A::Error> {
    let mut previous = None;
    while let Some(name) = map.next_key_seed(NameSeed { writer, message, previous })? {
        match name {
            Name::Known(field) => {
                previous = Some(field.index);
                map.next_value_seed(FieldSeed { writer, field })?;
            }
            Name::Unknown(name) => {
                let value: Json = map.next_value()?;
                writer.unknown(name, &value);
            }
        }
    }
    Ok(())
}

/// Reads an array into the entries of a repeated field. Returns the array
/// itself if an element is of another type than the field's.
fn read_array<'de, A: SeqAccess<'de>>(
    writer: &mut Writer,
    field: &'static Field,
    mut seq: A,
) -> Result<Option<Json>, A::Error> {
    let Shape::Many(value) = field.shape else {
        return Err(A::Error::custom("an array is read into a repeated field"));
    };
    let start = writer.bytes.len();
    if let Value::Message(id) = value {
        let message = writer.schema.message(id);
        let frame = Frame::Repeated(field.number);
        while seq.next_element_seed(MessageSeed { writer, message, frame })?.is_some() {}
    } else if let Some(mismatch) = Scalars::read(writer, field, value, seq)? {
        return Ok(Some(mismatch));
    }
    if writer.bytes.len() == start {
        writer.empty(field.number);
    } else if value.is_varint() {
        writer.len(field.number, start);
    } else {
        writer.framed(field.number, start);
    }
    Ok(None)
}

/// Reads a key of an object.
struct NameSeed<'w> {
    writer: &'w mut Writer,
    message: &'static Message,
    previous: Option<usize>,
}

enum Name {
    Known(&'static Field),
    Unknown(String),
}

impl<'de> DeserializeSeed<'de> for NameSeed<'_> {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed<'_> {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Name, E> {
        let known = self.writer.find(self.message, self.previous, key);
        Ok(known.map_or_else(|| Name::Unknown(key.to_owned()), Name::Known))
    }
}

/// Reads an object into the entries of a map field of messages.
fn read_map<'de, A: MapAccess<'de>>(
    writer: &mut Writer,
    field: &'static Field,
    message: &'static Message,
    mut map: A,
) -> Result<(), A::Error> {
    let start = writer.bytes.len();
    let mut entries = Vec::new();
    while let Some(key) = map.next_key::<String>()? {
        let begin = writer.bytes.len();
        // The value is field 2 of the map's entry.
        map.next_value_seed(MessageSeed { writer, message, frame: Frame::Repeated(2) })?;
        entries.push(MapEntry { key, value: begin..writer.bytes.len() });
    }
    if entries.is_empty() {
        writer.empty(field.number);
    } else {
        writer.map(field.number, entries, start);
    }
    Ok(())
}

/// Appends a repeated value's varint or framed text; `false` if it is of another type.
fn push_scalar(writer: &mut Writer, number: u32, value: Value, json: &Json) -> bool {
    match (value, json) {
        (Value::Unsigned, Json::Number(_)) => {
            let Some(value) = unsigned(json) else { return false };
            wire::put_varint(value, &mut writer.bytes);
        }
        (Value::Text, Json::String(text)) => {
            wire::put_bytes(number, text.as_bytes(), &mut writer.bytes);
        }
        (Value::Json, json) => {
            wire::put_bytes(number, json_text(json).as_bytes(), &mut writer.bytes);
        }
        _ => return false,
    }
    true
}

fn unsigned(json: &Json) -> Option<u64> {
    match json.as_u64() {
        None => match Number::from(json.as_f64()?) {
            Number::Unsigned(value) if json.is_f64() => Some(value),
            _ => None,
        },
        value => value,
    }
}
