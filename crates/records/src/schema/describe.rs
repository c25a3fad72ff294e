//! The schema as JSON Schema: what bodies may hold, for who documents them.

use std::collections::BTreeMap;

use domain::{Kind, Reference};
use serde_json::{Map, Value as Json, json};

use super::{Field, Message, MessageId, SCHEMA, Schema, Shape, Value};

/// JSON Schemas of all messages by their names. One refers to another by `prefix` and
/// its name.
///
/// They are as open as real bodies: any member may be null or missing, and there may be
/// members that no schema knows.
pub fn json_schemas(prefix: &str) -> BTreeMap<String, Json> {
    let describer = Describer { names: SCHEMA.names(), prefix };
    let named = SCHEMA.by_name.iter();
    named.map(|(name, id)| (name.clone(), describer.message(SCHEMA.message(*id)))).collect()
}

/// The name of the message of a kind's body; of a reference's see [`reference_schema`].
pub fn kind_schema(kind: Kind) -> &'static str {
    SCHEMA.name(SCHEMA.root(kind).id)
}

/// The name of the message of a reference's body.
pub fn reference_schema(reference: Reference) -> Option<&'static str> {
    member(SCHEMA.root(Kind::Reference).field(reference.number())?)
}

/// The name of the message that a kind's body has under a name: `credits`.
pub fn part_schema(kind: Kind, part: &str) -> Option<&'static str> {
    member(SCHEMA.root(kind).find(part)?)
}

/// The names of the messages that can be appended to a kind's body, by their members.
pub fn parts(kind: Kind) -> impl Iterator<Item = &'static str> {
    let fields = SCHEMA.root(kind).fields.iter();
    fields.filter(|field| member(field).is_some()).map(|field| field.key.as_str())
}

fn member(field: &Field) -> Option<&'static str> {
    match field.shape {
        Shape::One(Value::Message(id)) => Some(SCHEMA.name(id)),
        _ => None,
    }
}

struct Describer<'a> {
    names: Vec<&'a str>,
    prefix: &'a str,
}

impl Describer<'_> {
    fn message(&self, message: &Message) -> Json {
        if message.is_array {
            return match message.fields.first().map(|only| only.shape) {
                Some(Shape::Many(value)) => json!({"type": "array", "items": self.value(value)}),
                _ => json!({"type": "array"}),
            };
        }
        let members: Map<String, Json> =
            message.fields.iter().map(|field| (field.key.clone(), self.field(field))).collect();
        json!({"type": "object", "properties": members})
    }

    fn field(&self, field: &Field) -> Json {
        match field.shape {
            Shape::One(value) => self.value(value),
            Shape::Many(value) => json!({"type": ["array", "null"], "items": self.value(value)}),
            Shape::Map(value) => {
                json!({"type": ["object", "null"], "additionalProperties": self.value(value)})
            }
        }
    }

    fn value(&self, value: Value) -> Json {
        match value {
            Value::Bool => json!({"type": ["boolean", "null"]}),
            Value::Unsigned | Value::Signed => json!({"type": ["integer", "null"]}),
            Value::Decimal => json!({"type": ["number", "null"]}),
            // An unknown date is an empty text.
            Value::Date => json!({"type": ["string", "null"], "examples": ["1999-10-15"]}),
            Value::Time | Value::Text | Value::Hex => json!({"type": ["string", "null"]}),
            Value::Path => json!({
                "type": ["string", "null"],
                "description": "A path below /t/p/{size}.",
            }),
            Value::Json => json!({}),
            Value::Message(id) => {
                let refers = format!("{}{}", self.prefix, self.names[id.index()]);
                json!({"anyOf": [{"$ref": refers}, {"type": "null"}]})
            }
        }
    }
}

impl Schema {
    /// The messages' names by their numbers.
    fn names(&self) -> Vec<&str> {
        let mut names = vec![""; self.len()];
        for (name, id) in &self.by_name {
            names[id.index()] = name;
        }
        names
    }

    fn name(&self, id: MessageId) -> &str {
        let named = self.by_name.iter().find(|(_, of)| **of == id);
        named.map_or("", |(name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_to_a_schema() {
        let schemas = json_schemas("#/");
        let text = serde_json::to_string(&schemas).unwrap();
        for refers in text.split("\"$ref\":\"#/").skip(1) {
            let name = refers.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{name}");
        }
        for kind in Kind::ALL {
            assert!(schemas.contains_key(kind_schema(kind)), "{kind}");
        }
    }

    #[test]
    fn members_are_described_as_bodies_have_them() {
        let movie = &json_schemas("#/")["Movie"]["properties"];
        assert_eq!(movie["title"]["type"], json!(["string", "null"]));
        assert_eq!(movie["runtime"]["type"], json!(["integer", "null"]));
        assert_eq!(movie["vote_average"]["type"], json!(["number", "null"]));
        assert_eq!(movie["credits"]["anyOf"][0]["$ref"], "#/Credits");
        assert_eq!(movie["watch/providers"]["anyOf"][0]["$ref"], "#/WatchProviders");
        assert_eq!(part_schema(Kind::Movie, "watch/providers"), Some("WatchProviders"));
        assert_eq!(part_schema(Kind::Movie, "title"), None);
        assert_eq!(reference_schema(Reference::Countries), Some("Countries"));
        assert!(parts(Kind::Movie).any(|part| part == "credits"));
    }
}
