//! The members of a JSON object, in their order and as they were written.

use std::fmt;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON object read one level deep, so that what is not touched stays as it
/// was recorded to the last digit.
#[derive(Debug)]
pub(super) struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    /// `None` for anything but an object.
    pub(super) fn read(body: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| *value)
    }

    /// The value of a member, where it is there and of that type.
    pub(super) fn value<T: Deserialize<'a>>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.get(name)?.get()).ok()
    }

    /// The object without the members of these names.
    pub(super) fn without(&self, names: &[&str]) -> Bytes {
        let kept = self.0.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        write(kept.map(|(name, value)| (name.as_str(), value.get())))
    }

    /// The object with an `id` in front, unless it has one.
    pub(super) fn with_id(&self, id: u64) -> Bytes {
        let id = id.to_string();
        let front = self.get("id").is_none().then_some(("id", id.as_str()));
        write(
            front
                .into_iter()
                .chain(self.0.iter().map(|(name, value)| (name.as_str(), value.get()))),
        )
    }
}

fn write<'m>(members: impl Iterator<Item = (&'m str, &'m str)>) -> Bytes {
    let mut text = String::from("{");
    for (name, value) in members {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&serde_json::Value::from(name).to_string());
        text.push(':');
        text.push_str(value);
    }
    text.push('}');
    text.into()
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_touched_stays_as_it_was_written() {
        let body = br#"{"id": 7, "rate": 7.0, "a\"b": [1e3, null], "season/1": {"x": 1}}"#;
        let members = Members::read(body).unwrap();
        assert_eq!(members.without(&["season/1"]), r#"{"id":7,"rate":7.0,"a\"b":[1e3, null]}"#);
        assert_eq!(members.value("id"), Some(7_u64));
        assert_eq!(members.value::<u64>("rate"), None);
    }

    #[test]
    fn an_id_is_added_where_there_is_none() {
        assert_eq!(Members::read(b"{}").unwrap().with_id(5), r#"{"id":5}"#);
        assert_eq!(Members::read(br#"{"id":6}"#).unwrap().with_id(5), r#"{"id":6}"#);
    }

    #[test]
    fn anything_but_an_object_has_no_members() {
        for body in ["", "[]", "7", "{", "{\"a\":}", "<html>"] {
            assert!(Members::read(body.as_bytes()).is_none(), "{body}");
        }
    }
}
