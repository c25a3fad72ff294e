//! Turns a body's rows into columns, which compress far better.
//!
//! Three parts: the *skeleton* (which fields each message has, and how many
//! elements), then for every place in the schema all its values in a row, then
//! words that a vocabulary lacks and ids taken apart; what looks random in ids and image paths, and words, are not compressed.
//!
//! This is a stored format. A place is known by the order of its first
//! appearance, so that a schema that only grows reads everything older.

mod hexes;
mod join;
pub(super) mod refs;
mod split;
mod tree;

use super::words::Vocabulary;
use crate::schema::Message;

pub(super) use join::join;

/// A body as columns.
#[derive(Debug)]
pub(super) struct Columns {
    /// To be compressed.
    pub(super) text: Vec<u8>,
    /// Not worth compressing.
    pub(super) random: Vec<u8>,
}

/// Splits a body; `None` if it is not canonical, so that it would not come back.
pub(super) fn split(
    root: &'static Message,
    vocabulary: Option<&Vocabulary>,
    body: &[u8],
) -> Option<Columns> {
    split::Splitter::new(root, vocabulary).run(body)
}

/// Returns a body's texts of sentences, each once.
pub(super) fn prose(root: &'static Message, body: &[u8]) -> Option<Vec<Vec<u8>>> {
    split::Splitter::new(root, None).prose(body)
}

#[cfg(test)]
mod tests;
