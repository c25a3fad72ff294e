//! The schema as tables, made once from the descriptors of `proto/*.proto`.

mod describe;
mod descriptor;

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::{Key, Kind};

use crate::canonical::write_text;

pub use describe::{json_schemas, kind_schema, part_schema, parts, reference_schema};
use descriptor::{DescriptorSet, FieldDescriptor, MessageDescriptor};

/// The field of every message that keeps what its other fields cannot hold.
pub(crate) const ASIDE: u32 = 15;

/// The tables of this build's schema.
pub(crate) static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
    let set = prost::Message::decode(bytes.as_slice()).expect("protox wrote the descriptors");
    Schema::new(&set)
});

#[derive(Debug)]
pub(crate) struct Schema {
    messages: Vec<Message>,
    by_name: HashMap<String, MessageId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageId(usize);

#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) id: MessageId,
    /// In the order of their numbers, without `aside`.
    pub(crate) fields: Vec<Field>,
    /// Indices of `fields` in the order of their keys.
    by_key: Vec<usize>,
    /// Indices of `fields` by their numbers.
    by_number: Vec<Option<usize>>,
    /// Stands for a JSON array: that of its only field.
    pub(crate) is_array: bool,
    /// Has figures that move daily, or messages with some.
    pub(crate) moves: bool,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) number: u32,
    /// Its place in [`Message::fields`].
    pub(crate) index: usize,
    /// Its key in JSON.
    pub(crate) key: String,
    /// The same as it stands before a value: `"title":`.
    pub(crate) member: String,
    pub(crate) shape: Shape,
    /// Values of neighbouring rows follow each other.
    pub(crate) delta: bool,
    /// Few different values in all records together.
    pub(crate) common: bool,
    /// Sentences.
    pub(crate) prose: bool,
    pub(crate) motion: Motion,
}

/// Whether a field's value moves daily.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Motion {
    Still,
    /// Holds figures that do.
    Within,
    /// Is one itself.
    Figure,
}

/// How often a field's value comes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    One(Value),
    Many(Value),
    /// By text keys.
    Map(Value),
}

/// What a field's value is, in JSON and on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Bool,
    Unsigned,
    Signed,
    Decimal,
    Date,
    Time,
    Text,
    Path,
    Hex,
    /// Any value, as JSON text.
    Json,
    Message(MessageId),
}

impl Value {
    /// Whether repeated values of this type share one run of bytes.
    pub(crate) fn is_varint(self) -> bool {
        matches!(
            self,
            Self::Bool | Self::Unsigned | Self::Signed | Self::Decimal | Self::Date | Self::Time
        )
    }
}

impl Message {
    pub(crate) fn find(&self, key: &str) -> Option<&Field> {
        let place = self.by_key.binary_search_by(|index| self.fields[*index].key.as_str().cmp(key));
        place.ok().map(|place| &self.fields[self.by_key[place]])
    }

    pub(crate) fn field(&self, number: u32) -> Option<&Field> {
        let index = self.by_number.get(usize::try_from(number).ok()?)?;
        index.map(|index| &self.fields[index])
    }
}

impl Schema {
    /// Returns the message of a key's JSON body.
    pub(crate) fn body(&self, key: Key) -> &Message {
        let root = self.root(key.kind());
        let Some(reference) = key.as_reference() else { return root };
        match root.field(reference.number()).map(|field| field.shape) {
            Some(Shape::One(Value::Message(id))) => self.message(id),
            _ => unreachable!("every reference is a message field of its number"),
        }
    }

    /// Returns the message of a kind's stored bytes.
    pub(crate) fn root(&self, kind: Kind) -> &Message {
        let name = match kind {
            Kind::Movie => "Movie",
            Kind::Tv => "Tv",
            Kind::Season => "Season",
            Kind::Episode => "Episode",
            Kind::Person => "Person",
            Kind::Collection => "Collection",
            Kind::Company => "Company",
            Kind::Network => "Network",
            Kind::Keyword => "Keyword",
            Kind::Reference => "Reference",
        };
        self.message(self.by_name[name])
    }

    pub(crate) fn message(&self, id: MessageId) -> &Message {
        &self.messages[id.0]
    }

    #[cfg(test)]
    pub(crate) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    fn new(set: &DescriptorSet) -> Self {
        let ours = set.files.iter().filter(|file| file.package == "cinemirror.v1");
        let descriptors: Vec<_> =
            ours.flat_map(|file| &file.messages).filter(|message| message.is_body()).collect();
        let by_name: HashMap<_, _> = descriptors
            .iter()
            .enumerate()
            .map(|(index, message)| (message.name.clone(), MessageId(index)))
            .collect();
        let messages = descriptors
            .iter()
            .enumerate()
            .map(|(index, message)| Message::new(MessageId(index), message, &by_name))
            .collect();
        let mut schema = Self { messages, by_name };
        schema.mark_moving();
        schema
    }

    /// Marks what holds figures that move daily, from the innermost outwards.
    fn mark_moving(&mut self) {
        let mut moving: Vec<_> = self.messages.iter().map(|_| false).collect();
        let mut has_more = true;
        while has_more {
            has_more = false;
            for message in &mut self.messages {
                message.mark_moving(&moving);
                has_more |= message.moves != moving[message.id.0];
                moving[message.id.0] = message.moves;
            }
        }
    }
}

impl MessageId {
    pub(crate) fn index(self) -> usize {
        self.0
    }
}

impl Message {
    fn new(
        id: MessageId,
        descriptor: &MessageDescriptor,
        by_name: &HashMap<String, MessageId>,
    ) -> Self {
        let mut descriptors: Vec<_> =
            descriptor.fields.iter().filter(|field| field.name != "aside").collect();
        descriptors.sort_by_key(|field| field.number);
        let fields: Vec<_> = descriptors
            .iter()
            .enumerate()
            .map(|(index, field)| Field::new(index, field, descriptor, by_name))
            .collect();
        let mut by_key: Vec<_> = (0..fields.len()).collect();
        by_key.sort_by_key(|index| &fields[*index].key);
        let mut by_number = Vec::new();
        for field in &fields {
            by_number.resize(field.number as usize, None);
            by_number.push(Some(field.index));
        }
        Self { id, fields, by_key, by_number, is_array: descriptor.options.as_array, moves: false }
    }

    /// Marks the fields whose messages are known to hold figures.
    fn mark_moving(&mut self, moving: &[bool]) {
        for field in self.fields.iter_mut().filter(|field| field.motion == Motion::Still) {
            let (Shape::One(value) | Shape::Many(value) | Shape::Map(value)) = field.shape;
            if matches!(value, Value::Message(id) if moving[id.0]) {
                field.motion = Motion::Within;
            }
        }
        self.moves = self.fields.iter().any(|field| field.motion != Motion::Still);
    }
}

impl Field {
    fn new(
        index: usize,
        field: &FieldDescriptor,
        message: &MessageDescriptor,
        by_name: &HashMap<String, MessageId>,
    ) -> Self {
        let type_name = field.type_name.rsplit('.').next().unwrap_or_default();
        let entry = message.nested.iter().find(|nested| nested.name == type_name);
        let shape = match entry {
            Some(entry) => Shape::Map(entry.fields[1].value(by_name)),
            None if field.is_repeated() => Shape::Many(field.value(by_name)),
            None => Shape::One(field.value(by_name)),
        };
        let mut member = String::new();
        write_text(field.json_key(), &mut member);
        member.push(':');
        Self {
            number: field.number,
            index,
            key: field.json_key().to_owned(),
            member,
            shape,
            delta: field.options.delta,
            common: field.options.common,
            prose: field.options.prose,
            motion: if field.options.volatile { Motion::Figure } else { Motion::Still },
        }
    }
}

#[cfg(test)]
mod tests;
