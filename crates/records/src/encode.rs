//! JSON text → canonical protobuf, in one pass and without a tree of values.

mod drift;
mod seed;
mod writer;

use bytes::Bytes;
use domain::ledger::Drift;
use domain::record::ContentHash;
use domain::{Key, Kind, Record, Timestamp};
use serde::de::DeserializeSeed;

use crate::schema::{SCHEMA, Schema};
use crate::wire;
use seed::MessageSeed;
use writer::{Frame, Writer};

/// Converts a body as TMDB sent it to a record.
///
/// `asked` is the path and query below `/3/`, without credentials. The drift
/// is what the schema did not know; it was kept.
pub fn record(
    key: Key,
    json: &[u8],
    asked: &str,
    fetched_at: Timestamp,
) -> Result<(Record, Vec<Drift>), EncodeError> {
    let Encoded { body, drift } = encode(key, json)?;
    let record = Record {
        key,
        fetched_at,
        asked: asked.to_owned(),
        hash: ContentHash(*blake3::hash(&body).as_bytes()),
        schema_version: crate::SCHEMA_VERSION,
        body,
    };
    Ok((record, drift))
}

/// A converted body.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded {
    /// Canonical protobuf: equal JSON values give equal bytes.
    pub body: Bytes,
    /// What the schema did not know, by path.
    pub drift: Vec<Drift>,
}

/// Converts any JSON document to the protobuf message of a key's kind.
pub fn encode(key: Key, json: &[u8]) -> Result<Encoded, EncodeError> {
    let schema: &'static Schema = &SCHEMA;
    let mut writer = Writer::new(schema, json.len() / 2);
    let root = MessageSeed { writer: &mut writer, message: schema.body(key), frame: Frame::None };
    match std::str::from_utf8(json) {
        // Checked once, its strings need no check each.
        Ok(text) => read(root, serde_json::Deserializer::from_str(text))?,
        Err(_) => read(root, serde_json::Deserializer::from_slice(json))?,
    }
    let drift = writer.take_drift(key.kind());
    let mut body = writer.into_bytes();
    if let Some(reference) = key.as_reference() {
        let mut outer = Vec::with_capacity(body.len() + 8);
        wire::put_bytes(reference.number(), &body, &mut outer);
        body = outer;
    }
    debug_assert!(key.kind() != Kind::Reference || !body.is_empty());
    Ok(Encoded { body: body.into(), drift })
}

fn read<'de, R: serde_json::de::Read<'de>>(
    root: MessageSeed<'_>,
    mut deserializer: serde_json::Deserializer<R>,
) -> Result<(), EncodeError> {
    root.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(())
}

/// A body that is no JSON, or nested deeper than 128 levels. The message says
/// line and column.
#[derive(Debug, thiserror::Error)]
#[error("the body is not readable as JSON: {0}")]
pub struct EncodeError(#[from] serde_json::Error);

impl EncodeError {
    /// From 1.
    pub fn line(&self) -> usize {
        self.0.line()
    }

    /// From 1.
    pub fn column(&self) -> usize {
        self.0.column()
    }
}

#[cfg(test)]
mod tests;
