//! The places of a body that have values, in the order of their first appearance.

use crate::schema::{ASIDE, Field, Message, SCHEMA, Shape, Value};
use crate::wire;

pub(super) const ROOT: usize = 0;

/// A place: a message, or a column of values.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) content: Content,
    /// Places of a message's fields by number; a map's are those of its entries.
    children: Vec<(u32, usize)>,
    /// Sets of fields that messages had here.
    shapes: Vec<Vec<u32>>,
    /// Values written so far.
    pub(super) column: Vec<u8>,
    /// The last value of a column of differences.
    pub(super) last: u64,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Content {
    Message(&'static Message),
    /// Entries with keys and values.
    Map(Value),
    Varints,
    /// Each as the difference from the one before.
    Differences,
    Texts,
    /// Texts of sentences: as words where there is a vocabulary.
    Prose,
    Paths,
    Hexes,
}

/// Keys of a map's entries.
pub(super) const KEY: u32 = 1;
/// Values of a map's entries.
pub(super) const VALUE: u32 = 2;

#[derive(Debug)]
pub(super) struct Tree {
    pub(super) places: Vec<Place>,
}

/// How a field's values follow its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Times {
    Once,
    /// One field each.
    Each,
    /// Varints, all in one field.
    Run,
    /// Keys and values, one field each.
    Entries,
}

impl Content {
    pub(super) fn of(field: &Field, value: Value) -> Self {
        match value {
            Value::Message(id) => Self::Message(SCHEMA.message(id)),
            Value::Path if !field.common => Self::Paths,
            Value::Hex => Self::Hexes,
            Value::Text if field.prose => Self::Prose,
            Value::Text | Value::Json | Value::Path => Self::Texts,
            _ if field.delta => Self::Differences,
            _ => Self::Varints,
        }
    }
}

/// Returns what a message's field holds; `None` if the schema does not know.
pub(super) fn field(message: &'static Message, number: u32) -> Option<(Times, Content)> {
    if number == ASIDE {
        return Some((Times::Once, Content::Texts));
    }
    let field = message.field(number)?;
    Some(match field.shape {
        Shape::One(value) => (Times::Once, Content::of(field, value)),
        Shape::Many(value) if value.is_varint() => (Times::Run, Content::of(field, value)),
        Shape::Many(value) => (Times::Each, Content::of(field, value)),
        Shape::Map(value) => (Times::Entries, Content::Map(value)),
    })
}

/// Returns what a map's values are.
pub(super) fn map_value(value: Value) -> Content {
    match value {
        Value::Message(id) => Content::Message(SCHEMA.message(id)),
        _ => Content::Varints,
    }
}

impl Tree {
    pub(super) fn new(root: &'static Message) -> Self {
        let mut tree = Self { places: Vec::with_capacity(64) };
        tree.add(Content::Message(root));
        tree
    }

    fn add(&mut self, content: Content) -> usize {
        self.places.push(Place {
            content,
            children: Vec::new(),
            shapes: Vec::new(),
            column: Vec::new(),
            last: 0,
        });
        self.places.len() - 1
    }

    /// Returns the place of a field, new where it has not been seen before.
    pub(super) fn child(&mut self, place: usize, number: u32, content: Content) -> usize {
        let children = &self.places[place].children;
        if let Some((_, child)) = children.iter().find(|(known, _)| *known == number) {
            return *child;
        }
        let child = self.add(content);
        self.places[place].children.push((number, child));
        child
    }

    /// Writes which fields a message has: the number of a set seen before, or 0 and the set.
    pub(super) fn put_shape(&mut self, place: usize, numbers: &[u32], out: &mut Vec<u8>) {
        let shapes = &mut self.places[place].shapes;
        if let Some(index) = shapes.iter().position(|shape| shape == numbers) {
            return wire::put_varint(index as u64 + 1, out);
        }
        shapes.push(numbers.to_vec());
        out.push(0);
        for number in numbers {
            wire::put_varint(u64::from(*number), out);
        }
        out.push(0);
    }
}
