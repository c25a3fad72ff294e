//! Field numbers are stored; they never change and are never reused.

use std::path::Path;

use super::*;

/// Lists every field: `Movie.title 2 One(Text)`.
fn listing() -> Vec<String> {
    let mut lines: Vec<_> = SCHEMA
        .by_name
        .iter()
        .flat_map(|(name, id)| {
            let fields = &SCHEMA.message(*id).fields;
            fields.iter().map(move |field| {
                format!("{name} {} {} {}", field.number, field.key, shape_name(field))
            })
        })
        .collect();
    lines.sort();
    lines
}

fn shape_name(field: &Field) -> String {
    let name = |value| match value {
        Value::Message(id) => SCHEMA
            .by_name
            .iter()
            .find_map(|(name, known)| (*known == id).then(|| name.clone()))
            .unwrap(),
        _ => format!("{value:?}").to_lowercase(),
    };
    let hints = [(field.delta, " delta"), (field.common, " common")];
    let hints: String = hints.iter().filter(|(is_set, _)| *is_set).map(|(_, text)| *text).collect();
    match field.shape {
        Shape::One(value) => name(value) + &hints,
        Shape::Many(value) => format!("[{}]{hints}", name(value)),
        Shape::Map(value) => format!("{{{}}}{hints}", name(value)),
    }
}

#[test]
fn every_field_ever_stored_keeps_its_number_and_its_type() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/v1/fields.txt");
    let lines = listing();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, lines.join("\n") + "\n").unwrap();
    }
    for line in std::fs::read_to_string(file).unwrap().lines() {
        assert!(lines.iter().any(|known| known == line), "`{line}` is gone");
    }
}

#[test]
fn fields_are_found_by_key_and_by_number() {
    let movie = SCHEMA.root(Kind::Movie);
    for field in &movie.fields {
        assert_eq!(movie.find(&field.key).map(|found| found.number), Some(field.number));
        assert_eq!(movie.field(field.number).map(|found| &found.key), Some(&field.key));
    }
    assert_eq!(movie.find("watch/providers").map(|field| field.number), Some(40));
    assert!(movie.find("watch_providers").is_none());
    assert!(movie.field(ASIDE).is_none() && movie.field(9999).is_none());
}

#[test]
fn repeated_plain_values_are_of_types_that_can_be_kept() {
    for field in SCHEMA.messages.iter().flat_map(|message| &message.fields) {
        let is_readable = match field.shape {
            Shape::One(_) => true,
            Shape::Many(value) => {
                matches!(value, Value::Message(_) | Value::Text | Value::Unsigned | Value::Json)
            }
            Shape::Map(value) => matches!(value, Value::Message(_) | Value::Unsigned),
        };
        assert!(is_readable, "{}", field.key);
    }
}
