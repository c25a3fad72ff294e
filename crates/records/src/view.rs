//! Reads a body member by member: what is not asked for is skipped by its tag.
//!
//! Most answers need a few members of a large body. A [`View`] finds them
//! without decoding the rest, and writes them as JSON text.

use std::borrow::Cow;

use domain::{Key, Record};

use crate::decode::{self, Aside, DecodeError, Reader};
use crate::packing::{self, Unpacked};
use crate::schema::{ASIDE, Field, Message, SCHEMA, Shape, Value};
use crate::wire::{self, Payload};

/// An object within a body. Looking costs a pass over its tags; nothing is kept.
///
/// What makes no sense is absent to those who look, and an error to those who write.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    message: &'static Message,
    bytes: &'a [u8],
}

impl<'a> View<'a> {
    /// The body of a record.
    pub fn of(record: &'a Record) -> Result<Self, DecodeError> {
        Self::of_body(record.key, &record.body)
    }

    /// A body by itself.
    pub fn of_body(key: Key, body: &'a [u8]) -> Result<Self, DecodeError> {
        Ok(Self { message: SCHEMA.body(key), bytes: decode::inside(key, body)? })
    }

    /// Appends the whole object.
    pub fn write(&self, out: &mut String) -> Result<(), DecodeError> {
        Reader::new(out).message(self.message, self.bytes)
    }

    /// Appends the members whose names are wanted, without braces: `"id":550,"title":"…"`.
    /// A comma goes before them unless the text ends with an opening brace.
    pub fn write_members(
        &self,
        wanted: impl Fn(&str) -> bool,
        out: &mut String,
    ) -> Result<(), DecodeError> {
        match decode::whole(self.bytes)? {
            Some(_) => Ok(()),
            None => Reader::new(out).members(self.message, self.bytes, wanted),
        }
    }

    /// Whether there is such a member, be it null.
    pub fn has(&self, name: &str) -> bool {
        let known = self.message.find(name);
        if known.is_some_and(|field| self.payload(field).is_some()) {
            return true;
        }
        let Some(aside) = self.aside() else { return false };
        let number = known.map(|field| field.number);
        number.is_some_and(|n| aside.nulls().chain(aside.empties()).any(|number| number == n))
            || aside.unknown.iter().any(|(unknown, _)| *unknown == name)
    }

    /// Whether it is an object, as its type says.
    pub fn is_object(&self) -> bool {
        !self.message.is_array && decode::whole(self.bytes).is_ok_and(|whole| whole.is_none())
    }

    /// A text that is neither null nor empty, however it is packed.
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        let field = self.message.find(name)?;
        let Shape::One(value) = field.shape else { return None };
        match (value, self.payload(field)?) {
            (Value::Text, Payload::Len(bytes)) => std::str::from_utf8(bytes).ok().map(Cow::from),
            (Value::Path, Payload::Len(bytes)) => {
                packing::unpack_path(bytes).map(Unpacked::into_cow)
            }
            (Value::Hex, Payload::Len(bytes)) => packing::unpack_hex(bytes).map(Unpacked::into_cow),
            (Value::Date, Payload::Varint(days)) => {
                packing::date_to_text(days).map(Unpacked::into_cow)
            }
            (Value::Time, Payload::Varint(packed)) => {
                packing::time_to_text(packed).map(Unpacked::into_cow)
            }
            _ => None,
        }
        .filter(|text| !text.is_empty())
    }

    /// A whole number.
    pub fn number(&self, name: &str) -> Option<u64> {
        let field = self.message.find(name)?;
        match (field.shape, self.payload(field)?) {
            (Shape::One(Value::Unsigned), Payload::Varint(number)) => Some(number),
            (Shape::One(Value::Signed), Payload::Varint(number)) => {
                u64::try_from(number.cast_signed()).ok()
            }
            _ => None,
        }
    }

    /// The object that a member is.
    pub fn inner(&self, name: &str) -> Option<View<'a>> {
        let field = self.message.find(name)?;
        let Shape::One(Value::Message(id)) = field.shape else { return None };
        match self.payload(field)? {
            Payload::Len(bytes) => Some(View { message: SCHEMA.message(id), bytes }),
            Payload::Varint(_) => None,
        }
    }

    /// The objects of a member that is a list of them.
    pub fn rows(&self, name: &str) -> impl Iterator<Item = View<'a>> + use<'a> {
        let field = self.message.find(name);
        let of = field.and_then(|field| match field.shape {
            Shape::Many(Value::Message(id)) => Some((field.number, SCHEMA.message(id))),
            _ => None,
        });
        let mut bytes = if of.is_some() { self.bytes } else { &[] };
        let (number, message) = of.unwrap_or((0, self.message));
        std::iter::from_fn(move || {
            while let Some((found, payload)) = wire::take_field(&mut bytes) {
                match payload {
                    Payload::Len(bytes) if found == number => {
                        return Some(View { message, bytes });
                    }
                    _ if found > number => return None,
                    _ => {}
                }
            }
            None
        })
    }

    /// The first payload of a field; numbers ascend.
    fn payload(&self, field: &Field) -> Option<Payload<'a>> {
        let mut bytes = self.bytes;
        while let Some((number, payload)) = wire::take_field(&mut bytes) {
            if number == field.number {
                return Some(payload);
            }
            if number > field.number {
                return None;
            }
        }
        None
    }

    fn aside(&self) -> Option<Aside<'a>> {
        let mut bytes = self.bytes;
        while let Some((number, payload)) = wire::take_field(&mut bytes) {
            if number >= ASIDE {
                return Some(payload).filter(|_| number == ASIDE).and_then(|p| Aside::read(p).ok());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    fn record(json: &str) -> Record {
        let at = Timestamp::from_millis(0);
        crate::record(Key::movie(7), json.as_bytes(), "movie/7", at).unwrap().0
    }

    const MOVIE: &str = r#"{"id":7,"title":"Kites","tagline":null,"overview":"","runtime":90,
        "genres":[{"id":1,"name":"a"},{"id":2,"name":"b"}],"origin_country":[],"new":{"x":[1]},
        "poster_path":"/abc.jpg","release_date":"1999-12-31","budget":-1,"softcore":"odd",
        "images":{"posters":[{"iso_639_1":"de","width":1},{"iso_639_1":null}],"backdrops":[]},
        "credits":{},"reviews":null,"keywords":7}"#;

    #[track_caller]
    fn members(record: &Record, wanted: impl Fn(&str) -> bool) -> serde_json::Value {
        let mut out = "{".to_owned();
        View::of(record).unwrap().write_members(wanted, &mut out).unwrap();
        out.push('}');
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
    }

    #[test]
    fn every_choice_of_members_is_that_of_the_whole_body() {
        let record = record(MOVIE);
        let whole: serde_json::Value = serde_json::from_str(MOVIE).unwrap();
        let names: Vec<&String> = whole.as_object().unwrap().keys().collect();
        for left_out in &names {
            let mut expected = whole.clone();
            expected.as_object_mut().unwrap().remove(*left_out);
            assert_eq!(members(&record, |name| name != *left_out), expected, "{left_out}");
            let only = serde_json::json!({ *left_out: whole[*left_out] });
            assert_eq!(members(&record, |name| name == *left_out), only, "{left_out}");
        }
        assert_eq!(members(&record, |_| false), serde_json::json!({}));
    }

    #[test]
    fn members_are_found_whatever_they_hold() {
        let record = record(MOVIE);
        let view = View::of(&record).unwrap();
        for name in ["id", "tagline", "overview", "origin_country", "new", "credits", "reviews"] {
            assert!(view.has(name), "{name}");
        }
        assert!(!view.has("homepage") && !view.has("newer"));
        assert_eq!(view.text("title").as_deref(), Some("Kites"));
        assert_eq!(view.text("poster_path").as_deref(), Some("/abc.jpg"));
        assert_eq!(view.text("release_date").as_deref(), Some("1999-12-31"));
        for name in ["tagline", "overview", "homepage", "runtime", "new", "softcore"] {
            assert_eq!(view.text(name), None, "{name}");
        }
        assert_eq!(view.number("runtime"), Some(90));
        assert_eq!((view.number("budget"), view.number("title")), (None, None));
    }

    #[test]
    fn rows_are_read_one_by_one() {
        let record = record(MOVIE);
        let view = View::of(&record).unwrap();
        let names: Vec<_> = view.rows("genres").filter_map(|genre| genre.text("name")).collect();
        assert_eq!(names, ["a", "b"]);
        let images = view.inner("images").unwrap();
        let languages: Vec<_> =
            images.rows("posters").map(|poster| poster.text("iso_639_1")).collect();
        assert_eq!(languages, [Some("de".into()), None]);
        for name in ["backdrops", "logos", "id", "nothing"] {
            assert_eq!(images.rows(name).count(), 0, "{name}");
        }
        let mut out = String::new();
        images.rows("posters").next().unwrap().write(&mut out).unwrap();
        assert_eq!(out, r#"{"iso_639_1":"de","width":1}"#);
        assert!(view.inner("credits").unwrap().is_object());
        assert!(view.inner("reviews").is_none() && view.inner("title").is_none());
    }

    #[test]
    fn broken_bytes_are_errors_to_write_and_absent_to_read() {
        let whole = record(MOVIE).body;
        for end in 1..whole.len() {
            let view = View::of_body(Key::movie(7), &whole[..end]).unwrap();
            // What matters is that nothing panics, and that names stay within the text.
            let mut out = "{".to_owned();
            let written = view.write_members(|name| name == "title", &mut out);
            assert!(written.is_err() || out == "{" || out == r#"{"title":"Kites""#, "{out}");
            view.rows("genres").for_each(drop);
        }
    }
}
