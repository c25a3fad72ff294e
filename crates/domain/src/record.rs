//! All that is kept of a key: TMDB's body as lossless protobuf, and where it came from.

use bytes::Bytes;

use crate::key::Key;
use crate::time::Timestamp;

/// A body of TMDB's as protobuf. The crate `records` makes it from JSON and
/// turns it back into an equal JSON value.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub key: Key,
    /// When the body arrived; the terms' 180 days count from here.
    pub fetched_at: Timestamp,
    /// Path and query below `/3/`, without credentials: `movie/550?append_to_response=…`.
    pub asked: String,
    /// Of the canonical protobuf bytes: equal bodies have equal hashes.
    pub hash: ContentHash,
    /// The schema the body was converted with.
    pub schema_version: u32,
    /// Protobuf of the kind's message (`proto/*.proto`), not compressed.
    pub body: Bytes,
}

/// BLAKE3 of a record's canonical protobuf bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentHash(pub [u8; 32]);

impl std::fmt::Display for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
