//! Rows → columns.

use super::Columns;
use super::hexes::HexWriter;
use super::refs::{Code, Run, Seen, VERBATIM};
use super::tree::{self, Content, KEY, ROOT, Times, Tree, VALUE};
use crate::packer::words::{Vocabulary, WordWriter};
use crate::packing::{self, HEX_BYTES, PATH_BYTES, PathBits};
use crate::schema::{Message, Value};
use crate::wire::{self, Payload};

#[derive(Debug)]
pub(super) struct Splitter<'a> {
    tree: Tree,
    skeleton: Vec<u8>,
    hexes: HexWriter,
    hexes_seen: Seen<[u8; HEX_BYTES]>,
    hex_run: Run,
    paths: PathBits,
    paths_seen: Seen<[u8; PATH_BYTES]>,
    path_run: Run,
    words: Option<WordWriter<'a>>,
    prose_seen: Seen<&'a [u8]>,
    prose_run: Run,
    /// Fields of the messages being split, innermost last.
    fields: Vec<(u32, Payload<'a>)>,
}

impl<'a> Splitter<'a> {
    pub(super) fn new(root: &'static Message, vocabulary: Option<&'a Vocabulary>) -> Self {
        Self {
            tree: Tree::new(root),
            skeleton: Vec::new(),
            hexes: HexWriter::new(),
            hexes_seen: Seen::new(),
            hex_run: Run::default(),
            paths: PathBits::default(),
            paths_seen: Seen::new(),
            path_run: Run::default(),
            words: vocabulary.map(WordWriter::new),
            prose_seen: Seen::new(),
            prose_run: Run::default(),
            fields: Vec::new(),
        }
    }

    pub(super) fn run(mut self, body: &'a [u8]) -> Option<Columns> {
        let Content::Message(root) = self.tree.places[ROOT].content else { return None };
        self.message(ROOT, root, body)?;
        let mut text = self.skeleton;
        for place in &self.tree.places {
            text.extend_from_slice(&place.column);
        }
        let (mut random, mut words) = (Vec::new(), Vec::new());
        if let Some(writer) = &self.words {
            writer.finish(&mut text, &mut words);
        }
        self.hexes.finish(&mut text, &mut random);
        random.extend_from_slice(&self.paths.into_bytes());
        random.extend_from_slice(&words);
        Some(Columns { text, random })
    }

    /// Returns every text of sentences, each once.
    pub(super) fn prose(mut self, body: &'a [u8]) -> Option<Vec<Vec<u8>>> {
        let Content::Message(root) = self.tree.places[ROOT].content else { return None };
        self.message(ROOT, root, body)?;
        let mut texts = Vec::new();
        for place in &self.tree.places {
            let mut column = &place.column[..];
            while matches!(place.content, Content::Prose) && !column.is_empty() {
                let text = wire::take_bytes(&mut column)?;
                if !texts.iter().any(|known| known == text) {
                    texts.push(text.to_vec());
                }
            }
        }
        Some(texts)
    }

    fn message(
        &mut self,
        place: usize,
        message: &'static Message,
        mut bytes: &'a [u8],
    ) -> Option<()> {
        let start = self.fields.len();
        let mut numbers: Vec<u32> = Vec::with_capacity(32);
        while !bytes.is_empty() {
            let field = wire::take_field(&mut bytes)?;
            match numbers.last() {
                Some(last) if *last == field.0 => {}
                Some(last) if *last > field.0 => return None,
                _ => numbers.push(field.0),
            }
            self.fields.push(field);
        }
        self.tree.put_shape(place, &numbers, &mut self.skeleton);
        let end = self.fields.len();
        let mut next = start;
        for number in numbers {
            let first = next;
            while next < end && self.fields[next].0 == number {
                next += 1;
            }
            self.field(place, message, first..next)?;
        }
        self.fields.truncate(start);
        Some(())
    }

    /// Splits the values of one field, which stand in a row.
    fn field(
        &mut self,
        place: usize,
        message: &'static Message,
        rows: std::ops::Range<usize>,
    ) -> Option<()> {
        let (number, first) = self.fields[rows.start];
        let (times, content) = tree::field(message, number)?;
        let child = self.tree.child(place, number, content);
        match (times, first) {
            (Times::Once, payload) if rows.len() == 1 => return self.value(child, payload),
            (Times::Run, Payload::Len(mut run)) if rows.len() == 1 => {
                let mut count = 0;
                while !run.is_empty() {
                    let value = wire::take_varint(&mut run)?;
                    self.value(child, Payload::Varint(value))?;
                    count += 1;
                }
                wire::put_varint(count, &mut self.skeleton);
            }
            (Times::Each, _) => {
                wire::put_varint(rows.len() as u64, &mut self.skeleton);
                for row in rows {
                    self.value(child, self.fields[row].1)?;
                }
            }
            (Times::Entries, _) => {
                let Content::Map(value) = content else { return None };
                wire::put_varint(rows.len() as u64, &mut self.skeleton);
                for row in rows {
                    self.entry(child, value, self.fields[row].1)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn entry(&mut self, place: usize, value: Value, payload: Payload<'a>) -> Option<()> {
        let Payload::Len(mut entry) = payload else { return None };
        let (KEY, key) = wire::take_field(&mut entry)? else { return None };
        let (VALUE, payload) = wire::take_field(&mut entry)? else { return None };
        if !entry.is_empty() {
            return None;
        }
        let keys = self.tree.child(place, KEY, Content::Texts);
        self.value(keys, key)?;
        let values = self.tree.child(place, VALUE, tree::map_value(value));
        self.value(values, payload)
    }

    fn value(&mut self, place: usize, payload: Payload<'a>) -> Option<()> {
        let slot = &mut self.tree.places[place];
        match (slot.content, payload) {
            (Content::Message(message), Payload::Len(bytes)) => {
                return self.message(place, message, bytes);
            }
            (Content::Varints, Payload::Varint(value)) => {
                wire::put_varint(value, &mut slot.column);
            }
            (Content::Differences, Payload::Varint(value)) => {
                let step = value.wrapping_sub(slot.last).cast_signed();
                slot.last = value;
                wire::put_varint((step << 1 ^ step >> 63).cast_unsigned(), &mut slot.column);
            }
            (Content::Prose, Payload::Len(bytes)) if let Some(words) = &mut self.words => {
                let code = match self.prose_seen.find_or_add(bytes) {
                    Some(index) => Code::Ref(index),
                    None => Code::New(0),
                };
                self.prose_run.put(code, &mut slot.column);
                if code == Code::New(0) {
                    words.push(bytes);
                }
            }
            (Content::Texts | Content::Prose, Payload::Len(bytes)) => {
                wire::put_varint(bytes.len() as u64, &mut slot.column);
                slot.column.extend_from_slice(bytes);
            }
            (Content::Paths, Payload::Len(bytes)) => {
                let code = self.path_code(bytes);
                let column = &mut self.tree.places[place].column;
                self.path_run.put(code, column);
                put_verbatim(code, bytes, column);
            }
            (Content::Hexes, Payload::Len(bytes)) => {
                let code = self.hex_code(bytes);
                let column = &mut self.tree.places[place].column;
                self.hex_run.put(code, column);
                put_verbatim(code, bytes, column);
            }
            _ => return None,
        }
        Some(())
    }

    /// Keeps a path if it is new, and returns what its column says.
    fn path_code(&mut self, bytes: &[u8]) -> Code {
        let (Some(extension), Ok(path)) = (packing::path_extension(bytes), bytes.try_into()) else {
            return Code::New(VERBATIM);
        };
        if let Some(index) = self.paths_seen.find_or_add(path) {
            return Code::Ref(index);
        }
        self.paths.push(&path);
        Code::New(extension)
    }

    /// Keeps an id if it is new, and returns what its column says.
    fn hex_code(&mut self, bytes: &[u8]) -> Code {
        let Ok(hex) = bytes.try_into() else { return Code::New(VERBATIM) };
        if let Some(index) = self.hexes_seen.find_or_add(hex) {
            return Code::Ref(index);
        }
        self.hexes.push(&hex);
        Code::New(0)
    }
}

fn put_verbatim(code: Code, bytes: &[u8], column: &mut Vec<u8>) {
    if code == Code::New(VERBATIM) {
        wire::put_varint(bytes.len() as u64, column);
        column.extend_from_slice(bytes);
    }
}
