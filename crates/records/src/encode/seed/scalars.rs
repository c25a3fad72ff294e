//! Arrays and maps of plain values: small, so read as values first.

use serde::de::{MapAccess, SeqAccess};
use serde_json::Value as Json;

use super::super::writer::{MapEntry, Writer};
use super::{push_scalar, unsigned};
use crate::canonical;
use crate::schema::{Field, Value};
use crate::wire;

pub(super) struct Scalars;

impl Scalars {
    /// Appends the elements, or returns them all if one is of another type.
    pub(super) fn read<'de, A: SeqAccess<'de>>(
        writer: &mut Writer,
        field: &'static Field,
        value: Value,
        mut seq: A,
    ) -> Result<Option<Json>, A::Error> {
        let start = writer.bytes.len();
        let mut items: Vec<Json> = Vec::new();
        let mut fits = true;
        while let Some(item) = seq.next_element()? {
            if !push_scalar(writer, field.number, value, &item) {
                writer.drift.note(None, canonical::type_name(&item));
                fits = false;
            }
            items.push(item);
        }
        if fits {
            return Ok(None);
        }
        writer.bytes.truncate(start);
        Ok(Some(Json::Array(items)))
    }

    /// Writes a map of whole numbers, or keeps the object if one is none.
    pub(super) fn read_map<'de, A: MapAccess<'de>>(
        writer: &mut Writer,
        field: &'static Field,
        mut map: A,
    ) -> Result<(), A::Error> {
        let start = writer.bytes.len();
        let mut object = serde_json::Map::new();
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, Json>()? {
            object.insert(key, value);
        }
        for (key, value) in &object {
            let Some(value) = unsigned(value) else { break };
            let begin = writer.bytes.len();
            wire::put_tag(2, wire::VARINT, &mut writer.bytes);
            wire::put_varint(value, &mut writer.bytes);
            entries.push(MapEntry { key: key.clone(), value: begin..writer.bytes.len() });
        }
        if entries.len() < object.len() {
            writer.bytes.truncate(start);
            writer.aside(field, &Json::Object(object));
        } else if entries.is_empty() {
            writer.empty(field.number);
        } else {
            writer.map(field.number, entries, start);
        }
        Ok(())
    }
}
