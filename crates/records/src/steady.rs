//! What of a body stays the same while its figures move daily.

use domain::Key;
use domain::record::ContentHash;

use crate::schema::{ASIDE, Field, Message, Motion, SCHEMA, Shape, Value};
use crate::wire::{self, Payload};

/// Ends a message whose length would tell how long its figures are; no field has this tag.
const END: u8 = 0;

/// Hashes a body without the figures that move daily: the fields marked
/// `volatile` in `proto/*.proto`, wherever they stand.
///
/// Whether a figure is there at all, null, or of another type makes no
/// difference either. Bytes that are no body are hashed as they are.
pub fn steady_hash(key: Key, body: &[u8]) -> ContentHash {
    let mut steady = Vec::new();
    let root = SCHEMA.root(key.kind());
    let is_steady = root.moves && {
        steady.reserve(body.len() + 1024);
        put_steady(root, body, &mut steady).is_some()
    };
    let bytes = if is_steady { &steady } else { body };
    ContentHash(*blake3::hash(bytes).as_bytes())
}

/// Appends a message without its figures; `None` if the bytes make no sense.
fn put_steady(message: &'static Message, body: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut input = body;
    // What stays as it is gets copied in as few pieces as there are.
    let mut piece = 0;
    while !input.is_empty() {
        let start = body.len() - input.len();
        let (number, payload) = wire::take_field(&mut input)?;
        let end = body.len() - input.len();
        if number == ASIDE {
            let Payload::Len(aside) = payload else { return None };
            out.extend_from_slice(&body[piece..start]);
            put_aside(message, aside, out)?;
        } else {
            let field = message.field(number)?;
            if field.motion == Motion::Still {
                continue;
            }
            out.extend_from_slice(&body[piece..start]);
            if field.motion == Motion::Within {
                let (Shape::One(value) | Shape::Many(value)) = field.shape else { return None };
                let (Value::Message(id), Payload::Len(inner)) = (value, payload) else {
                    return None;
                };
                wire::put_tag(number, wire::LEN, out);
                put_steady(SCHEMA.message(id), inner, out)?;
                out.push(END);
            }
        }
        piece = end;
    }
    out.extend_from_slice(&body[piece..]);
    Some(())
}

/// Appends what a message keeps aside, as if its figures were not there.
fn put_aside(message: &Message, mut aside: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut kept = Vec::with_capacity(aside.len());
    while !aside.is_empty() {
        match wire::take_field(&mut aside)? {
            (list @ (1 | 2), Payload::Len(mut numbers)) => {
                let mut steady = Vec::with_capacity(numbers.len());
                while !numbers.is_empty() {
                    let number = wire::take_varint(&mut numbers)?;
                    let field = message.field(u32::try_from(number).ok()?);
                    if field.is_none_or(is_no_figure) {
                        wire::put_varint(number, &mut steady);
                    }
                }
                if !steady.is_empty() {
                    wire::put_bytes(list, &steady, &mut kept);
                }
            }
            (3, Payload::Len(unknown)) => {
                let (1, Payload::Len(name)) = wire::take_field(&mut &*unknown)? else {
                    return None;
                };
                let field = std::str::from_utf8(name).ok().and_then(|name| message.find(name));
                if field.is_none_or(is_no_figure) {
                    wire::put_bytes(3, unknown, &mut kept);
                }
            }
            (number, Payload::Len(bytes)) => wire::put_bytes(number, bytes, &mut kept),
            (_, Payload::Varint(_)) => return None,
        }
    }
    if !kept.is_empty() {
        wire::put_bytes(ASIDE, &kept, out);
    }
    Some(())
}

fn is_no_figure(field: &Field) -> bool {
    field.motion != Motion::Figure
}

#[cfg(test)]
mod tests;
