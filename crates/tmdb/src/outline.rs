//! One pass over a JSON body: is it whole, and what is at its top level?
//!
//! Every value is visited, so that broken text, numbers and UTF-8 anywhere are
//! noticed, and nesting deeper than later readers bear.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// No body of TMDB's has nearly as many members at its top level; a body that
/// has would only take memory.
pub(crate) const MAX_MEMBERS: usize = 1_000;

/// Enough of a message for a person.
const TEXT_KEPT: usize = 300;

/// What a JSON body is, told down to the members of its top level.
#[derive(Debug, PartialEq)]
pub(crate) enum Outline {
    /// Its members; below the top level they are not told.
    Object(Vec<(String, Outline)>),
    Array,
    Text(String),
    Flag(bool),
    Number(u64),
    /// Null, and numbers that no id can be.
    Other,
}

impl Outline {
    /// Reads a whole body; the error says what is wrong with it, and where.
    pub(crate) fn of(body: &[u8]) -> Result<Self, serde_json::Error> {
        match std::str::from_utf8(body) {
            // Checked once, its strings need no check each.
            Ok(text) => serde_json::from_str(text),
            Err(_) => serde_json::from_slice(body),
        }
    }

    /// Returns a member of the top level; as in JSON's own habit the last of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().rev().find(|(member, _)| member == name).map(|(_, value)| value)
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        match self.get(name) {
            Some(Self::Number(number)) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Self::Text(text)) => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Outline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Look::Top.deserialize(deserializer)
    }
}

/// How closely a value is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Top,
    Member,
    /// Only that it is whole.
    Deep,
}

impl<'de> DeserializeSeed<'de> for Look {
    type Value = Outline;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Outline, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look {
    type Value = Outline;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Outline, A::Error> {
        let mut members = vec![];
        if self == Self::Top {
            while let Some(name) = map.next_key::<String>()? {
                if members.len() == MAX_MEMBERS {
                    return Err(A::Error::custom("too many members"));
                }
                members.push((name, map.next_value_seed(Self::Member)?));
            }
        } else {
            while map.next_key_seed(Self::Deep)?.is_some() {
                map.next_value_seed(Self::Deep)?;
            }
        }
        Ok(Outline::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Outline, A::Error> {
        while items.next_element_seed(Self::Deep)?.is_some() {}
        Ok(Outline::Array)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Outline, E> {
        match self {
            Self::Deep => Ok(Outline::Other),
            Self::Top | Self::Member => Ok(Outline::Text(text.chars().take(TEXT_KEPT).collect())),
        }
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Outline, E> {
        Ok(Outline::Flag(flag))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Outline, E> {
        Ok(Outline::Number(number))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Outline, E> {
        Ok(Outline::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Outline, E> {
        Ok(Outline::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Outline, E> {
        Ok(Outline::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_level_is_told() {
        let outline =
            Outline::of(br#"{"id":7,"title":"x","success":false,"a":{"id":8},"n":-1,"l":[{}]}"#)
                .unwrap();
        assert_eq!(outline.number("id"), Some(7));
        assert_eq!(outline.text("title"), Some("x"));
        assert_eq!(outline.get("success"), Some(&Outline::Flag(false)));
        assert_eq!(outline.get("a"), Some(&Outline::Object(vec![])));
        assert_eq!(outline.get("n"), Some(&Outline::Other));
        assert_eq!(outline.get("l"), Some(&Outline::Array));
        assert_eq!(outline.get("missing"), None);
    }

    #[test]
    fn a_body_that_is_not_whole_is_refused() {
        let broken: [&[u8]; 8] = [
            b"",
            b"{\"id\":7",
            b"{\"id\":7}{}",
            b"{\"a\":[1,{\"b\":\"\\x\"}]}",
            b"{\"a\":{\"b\":\"\xff\"}}",
            b"{\"a\":[1e999]}",
            b"<html></html>",
            b"{\"a\":[01]}",
        ];
        for body in broken {
            assert!(Outline::of(body).is_err(), "{} passed", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn bodies_too_deep_or_too_wide_for_memory_are_refused() {
        assert!(Outline::of("[".repeat(1_000_000).as_bytes()).is_err());
        let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
        assert!(Outline::of(deep.as_bytes()).is_err());
        let wide = |members| format!("{{{}\"z\":1}}", "\"a\":1,".repeat(members));
        assert!(Outline::of(wide(MAX_MEMBERS - 1).as_bytes()).is_ok());
        assert!(Outline::of(wide(MAX_MEMBERS).as_bytes()).is_err());
    }
}
