//! An answer that many may be given: with its headers, and packed once.

use std::io::Write as _;
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// As many headers as an answer wears in the end.
const WORN: usize = 20;

/// Headers, and what else an answer takes beside its body.
const BESIDE: usize = 1_024;

/// What a response carries beside its body for who packs it.
pub(crate) type Shared = Arc<Kept>;

/// A good answer.
#[derive(Debug)]
pub(crate) struct Kept {
    /// A third of the room that a map of them takes.
    headers: Box<[(HeaderName, HeaderValue)]>,
    body: Bytes,
    packed: OnceLock<Bytes>,
}

impl Kept {
    pub(crate) fn new(headers: &HeaderMap, body: Bytes) -> Self {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.clone()));
        Self { headers: headers.collect(), body, packed: OnceLock::new() }
    }

    /// The answer once more; nothing is copied but its headers.
    pub(crate) fn response(self: &Arc<Self>) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        let headers = response.headers_mut();
        headers.reserve(WORN);
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        response.extensions_mut().insert(Arc::clone(self));
        response
    }

    /// What it takes in memory, about: an allocator rounds up. It grows when somebody
    /// takes it packed.
    pub(crate) fn weight(&self) -> usize {
        let bytes = self.body.len() + self.packed.get().map_or(0, Bytes::len);
        bytes + bytes / 8 + BESIDE
    }

    /// The body in gzip, made at the first call.
    pub(super) async fn packed(&self) -> Bytes {
        if let Some(packed) = self.packed.get() {
            return packed.clone();
        }
        // Two may pack at once, and the first one's is kept: better than to wait here.
        let packed = pack(self.body.clone()).await;
        self.packed.get_or_init(|| packed).clone()
    }
}

/// What takes longer to pack than others should wait.
const LONG: usize = 64 << 10;

/// A body in gzip.
pub(super) async fn pack(body: Bytes) -> Bytes {
    if body.len() < LONG {
        return gzip(&body);
    }
    let unpacked = body.clone();
    match tokio::task::spawn_blocking(move || gzip(&body)).await {
        Ok(packed) => packed,
        // Only at the end of the runtime.
        Err(_) => gzip(&unpacked),
    }
}

fn gzip(body: &[u8]) -> Bytes {
    let room = Vec::with_capacity(body.len() / 3 + 64);
    let mut encoder = GzEncoder::new(room, Compression::new(4));
    encoder.write_all(body).expect("memory takes what is written");
    trimmed(encoder.finish().expect("memory takes what is written"))
}

/// Bytes that take no more room than they need, as they may be kept. What shrinks where it
/// lies often keeps its room.
pub(crate) fn trimmed(bytes: Vec<u8>) -> Bytes {
    let spare = bytes.capacity() - bytes.len();
    if spare > bytes.len() / 8 { Bytes::copy_from_slice(&bytes) } else { bytes.into() }
}
