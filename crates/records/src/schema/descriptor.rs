//! As much of protobuf's `descriptor.proto` as the tables need, with our own options.

use std::collections::HashMap;

use super::{MessageId, Value};

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct DescriptorSet {
    #[prost(message, repeated, tag = "1")]
    pub(super) files: Vec<FileDescriptor>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct FileDescriptor {
    #[prost(string, tag = "2")]
    pub(super) package: String,
    #[prost(message, repeated, tag = "4")]
    pub(super) messages: Vec<MessageDescriptor>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MessageDescriptor {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(message, repeated, tag = "2")]
    pub(super) fields: Vec<FieldDescriptor>,
    #[prost(message, repeated, tag = "3")]
    pub(super) nested: Vec<MessageDescriptor>,
    #[prost(message, required, tag = "7")]
    pub(super) options: MessageOptions,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MessageOptions {
    #[prost(bool, tag = "50001")]
    pub(super) as_array: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct FieldDescriptor {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(uint32, tag = "3")]
    pub(super) number: u32,
    #[prost(int32, tag = "4")]
    label: i32,
    #[prost(int32, tag = "5")]
    kind: i32,
    #[prost(string, tag = "6")]
    pub(super) type_name: String,
    #[prost(message, required, tag = "8")]
    pub(super) options: FieldOptions,
    #[prost(string, tag = "10")]
    json_name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
#[expect(clippy::struct_excessive_bools, reason = "as protobuf has them")]
pub(super) struct FieldOptions {
    #[prost(int32, tag = "50001")]
    packing: i32,
    #[prost(bool, tag = "50002")]
    pub(super) delta: bool,
    #[prost(bool, tag = "50003")]
    pub(super) common: bool,
    #[prost(bool, tag = "50004")]
    pub(super) prose: bool,
    #[prost(bool, tag = "50005")]
    pub(super) volatile: bool,
}

impl MessageDescriptor {
    /// Whether the message is made from JSON: those keep what they cannot hold.
    pub(super) fn is_body(&self) -> bool {
        self.name == "Reference" || self.fields.iter().any(|field| field.name == "aside")
    }
}

impl FieldDescriptor {
    pub(super) fn is_repeated(&self) -> bool {
        self.label == 3
    }

    /// The field's own name, unless `json_name` was given.
    pub(super) fn json_key(&self) -> &str {
        let plain = |text: &str| text.replace('_', "").to_lowercase();
        let is_default = plain(&self.json_name) == plain(&self.name);
        if is_default { &self.name } else { &self.json_name }
    }

    pub(super) fn value(&self, by_name: &HashMap<String, MessageId>) -> Value {
        match (self.kind, self.options.packing) {
            (3, 0) => Value::Signed,
            (4, 0) => Value::Unsigned,
            (4, 3) => Value::Decimal,
            (4, 4) => Value::Date,
            (4, 5) => Value::Time,
            (8, 0) => Value::Bool,
            (9, 0) => Value::Text,
            (9, 6) => Value::Json,
            (11, 0) => {
                let name = self.type_name.rsplit('.').next().unwrap_or_default();
                Value::Message(by_name[name])
            }
            (12, 1) => Value::Path,
            (12, 2) => Value::Hex,
            (kind, packing) => {
                unreachable!("field {} has type {kind} and packing {packing}", self.name)
            }
        }
    }
}
