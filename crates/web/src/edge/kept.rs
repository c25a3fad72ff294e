//! An answer that many may be given: with its headers, and packed once.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use bytes::Bytes;
use domain::{Key, Timestamp};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::cache::Pressed;
use super::figures::Outcome;

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
    pressed: OnceLock<Arc<Pressed>>,
    core: Arc<Core>,
}

/// What all forms of an answer have in common.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) source: Source,
    /// The body in gzip, once somebody took it so.
    packed: OnceLock<Bytes>,
    /// Until when it is good, on the clock of who keeps it; at 0 it is not.
    until: AtomicU64,
    /// It will be looked at, since its time is nearly over.
    is_ageing: AtomicBool,
}

/// How an answer was composed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The path in the table of endpoints.
    pub(crate) endpoint: &'static str,
    pub(crate) outcome: Outcome,
    /// The record that it was made of and nothing else, and when TMDB gave that.
    pub(crate) sole: Option<(Key, Timestamp)>,
}

impl Source {
    /// The record that tells whether the answer still holds when its time is over.
    pub(crate) fn proof(&self) -> Option<(Key, Timestamp)> {
        self.sole.filter(|_| self.outcome == Outcome::Fresh)
    }
}

impl Core {
    fn new(source: Source) -> Arc<Self> {
        let (packed, until) = (OnceLock::new(), AtomicU64::new(0));
        Arc::new(Self { source, packed, until, is_ageing: AtomicBool::new(false) })
    }

    pub(super) fn until(&self) -> u64 {
        self.until.load(Ordering::Relaxed)
    }

    /// Is good until then, and may age anew.
    pub(super) fn hold_until(&self, until: u64) {
        self.until.store(until, Ordering::Relaxed);
        self.is_ageing.store(false, Ordering::Relaxed);
    }

    /// Whether nobody noted before that its time is nearly over.
    pub(super) fn begin_ageing(&self) -> bool {
        !self.is_ageing.swap(true, Ordering::Relaxed)
    }

    /// What the packed body takes.
    pub(super) fn packed_bytes(&self) -> usize {
        self.packed.get().map_or(0, Bytes::len)
    }
}

impl Kept {
    pub(crate) fn new(headers: &HeaderMap, body: Bytes, source: Source) -> Self {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.clone()));
        let (headers, pressed) = (headers.collect(), OnceLock::new());
        Self { headers, body, pressed, core: Core::new(source) }
    }

    /// What was pressed, in the form in which it is given.
    pub(super) fn unpressed(
        headers: Box<[(HeaderName, HeaderValue)]>,
        body: Bytes,
        core: Arc<Core>,
        pressed: Arc<Pressed>,
    ) -> Self {
        Self { headers, body, pressed: pressed.into(), core }
    }

    pub(crate) fn source(&self) -> Source {
        self.core.source
    }

    pub(super) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    pub(super) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    pub(super) fn body(&self) -> &Bytes {
        &self.body
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
        let bytes = self.body.len() + self.core.packed_bytes();
        bytes + bytes / 8 + BESIDE
    }

    /// The compressed form, made at the first call.
    pub(super) fn pressed(&self, press: impl FnOnce() -> Arc<Pressed>) -> Arc<Pressed> {
        Arc::clone(self.pressed.get_or_init(press))
    }

    /// The body in gzip, made at the first call.
    pub(super) async fn packed(&self) -> Bytes {
        if let Some(packed) = self.core.packed.get() {
            return packed.clone();
        }
        // Two may pack at once, and the first one's is kept: better than to wait here.
        let packed = pack(self.body.clone()).await;
        self.core.packed.get_or_init(|| packed).clone()
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
