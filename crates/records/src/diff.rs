//! What tells two bodies apart, field by field.

mod line;
mod rows;

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::canonical::Number;
use rows::Names;

/// The fields marked `volatile` in `proto/*.proto`.
const FIGURES: [&str; 3] = ["popularity", "vote_average", "vote_count"];

/// One difference. Rows of arrays are told apart by what names them (an id, a
/// path, a country), not by their place.
///
/// Its text is a line for people: `~ runtime: 139 → 140`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Such as `credits.cast[credit_id=52fe4250c3a36847f80149f3].character`.
    /// `languages[]` is a member of a set. `similar.results[] order` says that
    /// rows which are in both stand in another order, and its values name them.
    pub path: String,
    /// Absent where the field or the row is new.
    pub before: Option<Value>,
    /// Absent where the field or the row is gone.
    pub after: Option<Value>,
    /// Whether it is a figure that moves daily and makes no version.
    pub is_figure: bool,
}

/// Tells what changed from `before` to `after`, in the order of `after`; what
/// is gone comes behind. Empty if the values are equal, as `7` and `7.0` are.
pub fn diff(before: &Value, after: &Value) -> Vec<Difference> {
    let mut walk = Walk::default();
    walk.value(before, after);
    walk.found
}

#[derive(Debug, Default)]
struct Walk {
    path: String,
    found: Vec<Difference>,
}

impl Walk {
    fn value(&mut self, before: &Value, after: &Value) {
        match (before, after) {
            _ if is_same(before, after) => {}
            (Value::Object(before), Value::Object(after)) => self.object(before, after),
            (Value::Array(before), Value::Array(after)) => self.array(before, after),
            _ => self.note(Some(before), Some(after), false),
        }
    }

    fn object(&mut self, before: &Map<String, Value>, after: &Map<String, Value>) {
        for (key, new) in after {
            let is_figure = FIGURES.contains(&key.as_str());
            self.at(&field_part(&self.path, key), |walk| match before.get(key) {
                Some(old) if is_figure && is_same(old, new) => {}
                Some(old) if !is_figure => walk.value(old, new),
                old => walk.note(old, Some(new), is_figure),
            });
        }
        for (key, old) in before.iter().filter(|(key, _)| !after.contains_key(*key)) {
            let is_figure = FIGURES.contains(&key.as_str());
            self.at(&field_part(&self.path, key), |walk| walk.note(Some(old), None, is_figure));
        }
    }

    fn array(&mut self, before: &[Value], after: &[Value]) {
        match rows::names(before, after) {
            Some(names) => self.rows(before, after, &names),
            None if before.iter().chain(after).all(is_scalar) => {
                let list = |items: &[Value]| Value::from(items.to_vec());
                self.note(Some(&list(before)), Some(&list(after)), false);
            }
            None => self.places(before, after),
        }
    }

    /// Compares the rows that have the same name.
    fn rows(&mut self, before: &[Value], after: &[Value], names: &Names) {
        let old: HashMap<&str, &Value> =
            names.before.iter().map(String::as_str).zip(before).collect();
        let new: HashMap<&str, &Value> =
            names.after.iter().map(String::as_str).zip(after).collect();
        let part = |name: &str| if names.is_set { "[]".to_owned() } else { format!("[{name}]") };
        for (row, name) in after.iter().zip(&names.after) {
            self.at(&part(name), |walk| match old.get(name.as_str()) {
                Some(old) => walk.value(old, row),
                None => walk.note(None, Some(row), false),
            });
        }
        let gone = |(_, name): &(&Value, &String)| !new.contains_key(name.as_str());
        for (row, name) in before.iter().zip(&names.before).filter(gone) {
            self.at(&part(name), |walk| walk.note(Some(row), None, false));
        }
        let stayed = |all: &[String], other: &HashMap<&str, &Value>| -> Value {
            let stayed = all.iter().filter(|name| other.contains_key(name.as_str()));
            stayed.map(|name| Value::from(name.as_str())).collect()
        };
        let (old_order, new_order) = (stayed(&names.before, &new), stayed(&names.after, &old));
        if old_order != new_order {
            self.at("[] order", |walk| walk.note(Some(&old_order), Some(&new_order), false));
        }
    }

    /// Compares what stands at the same place.
    fn places(&mut self, before: &[Value], after: &[Value]) {
        for place in 0..before.len().max(after.len()) {
            self.at(&format!("[{place}]"), |walk| match (before.get(place), after.get(place)) {
                (Some(old), Some(new)) => walk.value(old, new),
                (old, new) => walk.note(old, new, false),
            });
        }
    }

    /// Goes on below a part of the path.
    fn at(&mut self, part: &str, go_on: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push_str(part);
        go_on(self);
        self.path.truncate(length);
    }

    fn note(&mut self, before: Option<&Value>, after: Option<&Value>, is_figure: bool) {
        let (before, after) = (before.cloned(), after.cloned());
        self.found.push(Difference { path: self.path.clone(), before, after, is_figure });
    }
}

/// A field's part of a path, quoted where it would read as more than one.
fn field_part(path: &str, key: &str) -> String {
    let is_plain = !key.is_empty() && !key.contains(['.', '[', ']', '"', ' ']);
    match (is_plain, path.is_empty()) {
        (true, true) => key.to_owned(),
        (true, false) => format!(".{key}"),
        (false, _) => format!("[{}]", Value::from(key)),
    }
}

fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

/// Equality as records keep it.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || Number::from(one) == Number::from(other)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_in = |(key, one)| other.get(key).is_some_and(|other| is_same(one, other));
            one.len() == other.len() && one.iter().all(is_in)
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests;
