//! Writes messages inside out: fields as they come, then in the order of their numbers.

use std::cmp::Ordering;

use domain::Kind;
use domain::ledger::Drift;
use serde_json::Value as Json;

use super::drift::DriftLog;
use crate::canonical;
use crate::packing;
use crate::schema::{ASIDE, Field, Message, Schema, Value};
use crate::wire;

/// What stands before a finished message.
#[derive(Clone, Copy, Debug)]
pub(super) enum Frame {
    None,
    /// The tag of a repeated field and the length.
    Repeated(u32),
}

/// A field of an unfinished message. Ranges are of [`Writer::bytes`].
#[derive(Debug)]
struct Entry {
    /// Unknown fields come last.
    number: u32,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Varint(u64),
    /// Without tag and length.
    Len(std::ops::Range<usize>),
    /// With tags and lengths.
    Framed(std::ops::Range<usize>),
    Null,
    Empty,
    Aside(Box<Kept>),
}

/// A value beside the schema's fields.
#[derive(Debug)]
struct Kept {
    name: String,
    json: String,
}

const UNKNOWN: u32 = u32::MAX;

#[derive(Debug)]
pub(super) struct Writer {
    pub(super) schema: &'static Schema,
    /// Finished messages that wait for their parents, innermost last.
    pub(super) bytes: Vec<u8>,
    entries: Vec<Entry>,
    scratch: Vec<u8>,
    /// Of each message and field: which field came next the last time.
    next: Vec<Vec<u16>>,
    pub(super) drift: DriftLog,
}

/// Where an unfinished message began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    bytes: usize,
    entries: usize,
}

impl Writer {
    pub(super) fn new(schema: &'static Schema, capacity: usize) -> Self {
        Self {
            schema,
            bytes: Vec::with_capacity(capacity),
            entries: Vec::with_capacity(256),
            scratch: Vec::with_capacity(capacity),
            next: vec![Vec::new(); schema.len()],
            drift: DriftLog::default(),
        }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn take_drift(&mut self, kind: Kind) -> Vec<Drift> {
        self.drift.take(kind)
    }

    /// Finds a field by its key, first where it was the last time: rows of an
    /// array name their fields in the same order.
    pub(super) fn find(
        &mut self,
        message: &'static Message,
        previous: Option<usize>,
        key: &str,
    ) -> Option<&'static Field> {
        let next = &mut self.next[message.id.index()];
        let slot = previous.map_or(0, |index| index + 1);
        if next.len() <= slot {
            next.resize(message.fields.len() + 1, 0);
        }
        if let Some(field) = message.fields.get(usize::from(next[slot]))
            && field.key == key
        {
            return Some(field);
        }
        let field = message.find(key)?;
        next[slot] = u16::try_from(field.index).unwrap_or(0);
        Some(field)
    }

    pub(super) fn start(&self) -> Start {
        Start { bytes: self.bytes.len(), entries: self.entries.len() }
    }

    /// Forgets an unfinished message.
    pub(super) fn abandon(&mut self, start: Start) {
        self.bytes.truncate(start.bytes);
        self.entries.truncate(start.entries);
    }

    pub(super) fn varint(&mut self, number: u32, value: u64) {
        self.push(number, Content::Varint(value));
    }

    pub(super) fn text(&mut self, number: u32, value: Value, text: &str) {
        let start = self.bytes.len();
        match value {
            Value::Path => packing::pack_path(text, &mut self.bytes),
            Value::Hex => packing::pack_hex(text, &mut self.bytes),
            _ => self.bytes.extend_from_slice(text.as_bytes()),
        }
        self.len(number, start);
    }

    /// Takes everything since `start` as a field's bytes, tag and length still missing.
    pub(super) fn len(&mut self, number: u32, start: usize) {
        self.push(number, Content::Len(start..self.bytes.len()));
    }

    /// Takes everything since `start` as a field's bytes, tags and lengths included.
    pub(super) fn framed(&mut self, number: u32, start: usize) {
        self.push(number, Content::Framed(start..self.bytes.len()));
    }

    pub(super) fn null(&mut self, number: u32) {
        self.push(number, Content::Null);
    }

    pub(super) fn empty(&mut self, number: u32) {
        self.push(number, Content::Empty);
    }

    /// Keeps a value that a known field cannot hold.
    pub(super) fn aside(&mut self, field: &Field, value: &Json) {
        self.drift.note(Some(&field.key), canonical::type_name(value));
        self.aside_quietly(field, value);
    }

    /// Keeps a value of the right type that its packing cannot hold.
    pub(super) fn aside_quietly(&mut self, field: &Field, value: &Json) {
        let json = json_text(value);
        self.push(field.number, Content::Aside(Box::new(Kept { name: field.key.clone(), json })));
    }

    pub(super) fn unknown(&mut self, name: String, value: &Json) {
        self.drift.note(Some(&name), canonical::type_name(value));
        let kept = Kept { name, json: json_text(value) };
        self.push(UNKNOWN, Content::Aside(Box::new(kept)));
    }

    fn push(&mut self, number: u32, content: Content) {
        self.entries.push(Entry { number, content });
    }

    /// Writes the message's fields in their order in place of how they came.
    pub(super) fn finish(&mut self, start: Start, frame: Frame) {
        let entries = &mut self.entries[start.entries..];
        if !entries.is_sorted_by(|one, other| one.number < other.number) {
            entries.sort_by(Entry::order);
        }
        self.scratch.clear();
        let entries = &self.entries[start.entries..];
        let aside = aside_bytes(entries);
        let (before, after) = entries.split_at(entries.partition_point(|e| e.number < ASIDE));
        emit(before, entries, &self.bytes, &mut self.scratch);
        if !aside.is_empty() {
            wire::put_bytes(ASIDE, &aside, &mut self.scratch);
        }
        emit(after, after, &self.bytes, &mut self.scratch);
        self.entries.truncate(start.entries);
        self.replace(start.bytes, frame);
    }

    /// Writes a message that is no object, as its JSON text.
    pub(super) fn whole(&mut self, value: &Json, frame: Frame) {
        self.drift.note(None, canonical::type_name(value));
        self.whole_quietly(value, frame);
    }

    pub(super) fn whole_quietly(&mut self, value: &Json, frame: Frame) {
        let mut aside = Vec::new();
        wire::put_bytes(4, json_text(value).as_bytes(), &mut aside);
        self.scratch.clear();
        wire::put_bytes(ASIDE, &aside, &mut self.scratch);
        self.replace(self.bytes.len(), frame);
    }

    /// Frames map entries, sorted by their keys; the last of equal keys wins.
    pub(super) fn map(&mut self, number: u32, mut entries: Vec<MapEntry>, start: usize) {
        entries.sort_by(|one, other| one.key.cmp(&other.key));
        self.scratch.clear();
        for (index, entry) in entries.iter().enumerate() {
            if entries.get(index + 1).is_some_and(|next| next.key == entry.key) {
                continue;
            }
            let value = &self.bytes[entry.value.clone()];
            let key_len = 1 + wire::varint_len(entry.key.len() as u64) + entry.key.len();
            wire::put_tag(number, wire::LEN, &mut self.scratch);
            wire::put_varint((key_len + value.len()) as u64, &mut self.scratch);
            wire::put_bytes(1, entry.key.as_bytes(), &mut self.scratch);
            self.scratch.extend_from_slice(value);
        }
        self.replace(start, Frame::None);
        self.framed(number, start);
    }

    /// Puts the scratch buffer in place of everything since `start`.
    fn replace(&mut self, start: usize, frame: Frame) {
        self.bytes.truncate(start);
        if let Frame::Repeated(number) = frame {
            wire::put_tag(number, wire::LEN, &mut self.bytes);
            wire::put_varint(self.scratch.len() as u64, &mut self.bytes);
        }
        self.bytes.extend_from_slice(&self.scratch);
    }
}

/// An entry of a map; the value stands in [`Writer::bytes`] with its tag.
#[derive(Debug)]
pub(super) struct MapEntry {
    pub(super) key: String,
    pub(super) value: std::ops::Range<usize>,
}

impl Entry {
    /// Sorts by number; the unknown by name.
    fn order(&self, other: &Self) -> Ordering {
        match (&self.content, &other.content) {
            (Content::Aside(one), Content::Aside(other_kept))
                if self.number == UNKNOWN && other.number == UNKNOWN =>
            {
                one.name.cmp(&other_kept.name)
            }
            _ => self.number.cmp(&other.number),
        }
    }

    /// Whether the next entry is of the same field and wins.
    fn is_outdone(&self, next: Option<&Self>) -> bool {
        next.is_some_and(|next| next.number == self.number && self.order(next).is_eq())
    }
}

/// Emits those of `entries` that have bytes; `all` starts with them.
fn emit(entries: &[Entry], all: &[Entry], bytes: &[u8], out: &mut Vec<u8>) {
    for (index, entry) in entries.iter().enumerate() {
        if entry.is_outdone(all.get(index + 1)) {
            continue;
        }
        match &entry.content {
            Content::Varint(value) => {
                wire::put_tag(entry.number, wire::VARINT, out);
                wire::put_varint(*value, out);
            }
            Content::Len(range) => wire::put_bytes(entry.number, &bytes[range.clone()], out),
            Content::Framed(range) => out.extend_from_slice(&bytes[range.clone()]),
            Content::Null | Content::Empty | Content::Aside(_) => {}
        }
    }
}

/// Writes an `Aside` message, empty where there is nothing to say.
fn aside_bytes(entries: &[Entry]) -> Vec<u8> {
    let mut nulls = Vec::new();
    let mut empties = Vec::new();
    let mut kept = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        if entry.is_outdone(entries.get(index + 1)) {
            continue;
        }
        match &entry.content {
            Content::Null => wire::put_varint(entry.number.into(), &mut nulls),
            Content::Empty => wire::put_varint(entry.number.into(), &mut empties),
            Content::Aside(entry) => kept.push((&entry.name, &entry.json)),
            Content::Varint(_) | Content::Len(_) | Content::Framed(_) => {}
        }
    }
    let mut out = Vec::new();
    for (number, list) in [(1, &nulls), (2, &empties)] {
        if !list.is_empty() {
            wire::put_bytes(number, list, &mut out);
        }
    }
    kept.sort();
    for (name, json) in kept {
        let mut unknown = Vec::new();
        wire::put_bytes(1, name.as_bytes(), &mut unknown);
        wire::put_bytes(2, json.as_bytes(), &mut unknown);
        wire::put_bytes(3, &unknown, &mut out);
    }
    out
}

pub(super) fn json_text(value: &Json) -> String {
    let mut text = String::new();
    canonical::write(value, &mut text);
    text
}
