//! The value of a field that the schema knows.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor,
    value::{MapAccessDeserializer, SeqAccessDeserializer},
};
use serde_json::Value as Json;

use super::super::writer::{Frame, Writer, json_text};
use super::{Scalars, read_array, read_map, read_object};
use crate::canonical::Number;
use crate::packing;
use crate::schema::{Field, Shape, Value};

/// Reads the value of a known field.
pub(super) struct FieldSeed<'w> {
    pub(super) writer: &'w mut Writer,
    pub(super) field: &'static Field,
}

impl FieldSeed<'_> {
    fn number(self, number: Number) {
        let field = self.field;
        let packed = match (field.shape, number) {
            (Shape::One(Value::Unsigned), Number::Unsigned(value)) => Some(value),
            (Shape::One(Value::Signed), Number::Unsigned(value)) => {
                i64::try_from(value).is_ok().then_some(value)
            }
            (Shape::One(Value::Signed), Number::Negative(value)) => Some(value.cast_unsigned()),
            (Shape::One(Value::Decimal), Number::Unsigned(value)) => {
                packing::decimal_from_u64(value)
            }
            (Shape::One(Value::Decimal), Number::Float(value)) => packing::decimal_from_f64(value),
            _ => None,
        };
        match (packed, field.shape) {
            (Some(packed), _) => self.writer.varint(field.number, packed),
            (None, Shape::One(Value::Decimal)) => {
                self.writer.aside_quietly(field, &number.into());
            }
            (None, _) => self.other(Json::from(number)),
        }
    }

    /// Takes a value that is not of the field's type.
    fn other(self, value: impl Into<Json>) {
        let value = value.into();
        if matches!(self.field.shape, Shape::One(Value::Json)) {
            self.writer.text(self.field.number, Value::Json, &json_text(&value));
        } else {
            self.writer.aside(self.field, &value);
        }
    }
}

impl<'de> DeserializeSeed<'de> for FieldSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for FieldSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        if matches!(self.field.shape, Shape::One(Value::Bool)) {
            self.writer.varint(self.field.number, value.into());
            return Ok(());
        }
        self.other(value);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.number(Number::Unsigned(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.number(u64::try_from(value).map_or(Number::Negative(value), Number::Unsigned));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.number(value.into());
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        let Self { writer, field } = self;
        let packed = match field.shape {
            Shape::One(value @ (Value::Text | Value::Path | Value::Hex)) => {
                writer.text(field.number, value, text);
                return Ok(());
            }
            Shape::One(Value::Date | Value::Time) if text.is_empty() => {
                writer.empty(field.number);
                return Ok(());
            }
            Shape::One(Value::Date) => packing::date_from_text(text),
            Shape::One(Value::Time) => packing::time_from_text(text),
            _ => {
                Self { writer, field }.other(text);
                return Ok(());
            }
        };
        match packed {
            Some(packed) => writer.varint(field.number, packed),
            None => writer.aside_quietly(field, &text.into()),
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.writer.null(self.field.number);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        let Self { writer, field } = self;
        if !matches!(field.shape, Shape::Many(_)) {
            let value = Json::deserialize(SeqAccessDeserializer::new(seq))?;
            Self { writer, field }.other(value);
            return Ok(());
        }
        writer.drift.enter(&field.key);
        writer.drift.enter("[]");
        let mismatch = read_array(writer, field, seq)?;
        writer.drift.leave();
        writer.drift.leave();
        if let Some(mismatch) = mismatch {
            writer.aside_quietly(field, &mismatch);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let Self { writer, field } = self;
        match field.shape {
            Shape::One(Value::Message(id)) if !writer.schema.message(id).is_array => {
                let start = writer.start();
                let place = writer.bytes.len();
                writer.drift.enter(&field.key);
                read_object(writer, writer.schema.message(id), map)?;
                writer.drift.leave();
                writer.finish(start, Frame::None);
                writer.len(field.number, place);
                Ok(())
            }
            Shape::Map(Value::Message(id)) => {
                writer.drift.enter(&field.key);
                writer.drift.enter("*");
                read_map(writer, field, writer.schema.message(id), map)?;
                writer.drift.leave();
                writer.drift.leave();
                Ok(())
            }
            Shape::Map(_) => Scalars::read_map(writer, field, map),
            _ => {
                let value = Json::deserialize(MapAccessDeserializer::new(map))?;
                Self { writer, field }.other(value);
                Ok(())
            }
        }
    }
}
