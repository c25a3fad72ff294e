//! Reads what the rules need of a body, and skips the rest unread.

use domain::outline::{Figures, Outline};
use domain::{Key, Kind};
use jiff::civil::Date;

use crate::packing;
use crate::schema::{Field, Message, Motion, SCHEMA, Shape, Value};
use crate::wire::{self, Payload};

/// Reads what the rules need of a body. What is missing or makes no sense is absent.
///
/// A movie is open unless it is canceled, or released on a known date.
pub fn outline(key: Key, body: &[u8]) -> Outline {
    let mut outline = Outline::default();
    let mut status = None;
    let mut in_production = false;
    each_field(SCHEMA.root(key.kind()), body, |field, payload| match field.key.as_str() {
        "title" | "name" => outline.name = text(payload),
        "imdb_id" => outline.imdb_id = text(payload),
        "external_ids" => {
            let id = inner(field, payload, "imdb_id").and_then(text);
            outline.imdb_id = outline.imdb_id.take().or(id);
        }
        "release_date" | "first_air_date" | "air_date" => outline.released = date(payload),
        "next_episode_to_air" => outline.airs = inner(field, payload, "air_date").and_then(date),
        "birthday" => outline.born = date(payload),
        "status" => status = text(payload),
        "in_production" => in_production = number(payload) == Some(1),
        _ if field.motion == Motion::Figure => put_figure(field, payload, &mut outline.figures),
        _ => {}
    });
    outline.is_open = match (key.kind(), status.as_deref()) {
        (Kind::Movie, Some("Canceled")) => false,
        (Kind::Movie, Some("Released")) => outline.released.is_none(),
        (Kind::Tv, Some("Ended" | "Canceled")) => in_production,
        (kind, _) => matches!(kind, Kind::Movie | Kind::Tv),
    };
    outline
}

/// Visits the known fields of a message, up to where its bytes stop making sense.
fn each_field<'a>(
    message: &'static Message,
    mut bytes: &'a [u8],
    mut visit: impl FnMut(&'static Field, Payload<'a>),
) {
    while let Some((number, payload)) = wire::take_field(&mut bytes) {
        if let Some(field) = message.field(number) {
            visit(field, payload);
        }
    }
}

/// Returns a field of the message that a field holds.
fn inner<'a>(field: &Field, payload: Payload<'a>, key: &str) -> Option<Payload<'a>> {
    let (Shape::One(Value::Message(id)), Payload::Len(bytes)) = (field.shape, payload) else {
        return None;
    };
    let mut found = None;
    each_field(SCHEMA.message(id), bytes, |field, payload| {
        if field.key == key {
            found = Some(payload);
        }
    });
    found
}

fn put_figure(field: &Field, payload: Payload<'_>, figures: &mut Figures) {
    let Some(value) = number(payload) else { return };
    match field.key.as_str() {
        "popularity" => figures.popularity = Some(packing::decimal_to_f64(value)),
        "vote_average" => figures.vote_average = Some(packing::decimal_to_f64(value)),
        "vote_count" => figures.vote_count = Some(value),
        _ => {}
    }
}

/// Returns a text that is not empty.
fn text(payload: Payload<'_>) -> Option<String> {
    let Payload::Len(bytes) = payload else { return None };
    let text = std::str::from_utf8(bytes).ok()?;
    (!text.is_empty()).then(|| text.to_owned())
}

fn date(payload: Payload<'_>) -> Option<Date> {
    packing::date_to_text(number(payload)?)?.parse().ok()
}

fn number(payload: Payload<'_>) -> Option<u64> {
    match payload {
        Payload::Varint(value) => Some(value),
        Payload::Len(_) => None,
    }
}

#[cfg(test)]
mod tests;
