//! Answers that are asked for less, compressed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderName, HeaderValue};
use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::time::Instant;

use super::press::Press;
use super::{Room, items};
use crate::edge::kept::{Kept, Packed, Source};

/// What is likely to be kept, compressed.
const USUAL_BYTES: u64 = 2 << 10;

/// What an answer takes beside its compressed bytes: its place in the cache and its parts.
const BESIDE: usize = 256;

pub(super) struct Far {
    kept: Cache<Box<str>, Entry, ByBytes>,
    press: Arc<Press>,
    /// How often it was asked for what it has.
    given: AtomicU64,
}

/// An answer as it is kept here.
#[derive(Debug)]
pub(crate) struct Pressed {
    /// Its headers and body, compressed.
    bytes: Box<[u8]>,
    packed: Packed,
    source: Source,
    /// [`Far::given`] when it was given last.
    given: AtomicU64,
}

/// What was found here.
pub(super) struct Found {
    pub(super) kept: Arc<Kept>,
    pub(super) until: Instant,
    /// How many were given since it was the last time, itself included; `None` at first.
    pub(super) others: Option<u64>,
}

#[derive(Clone)]
struct Entry {
    pressed: Arc<Pressed>,
    until: Instant,
    /// What it was when it was put down; it grows when somebody takes it packed.
    weight: usize,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Box<str>, Entry> for ByBytes {
    fn weight(&self, asked: &Box<str>, entry: &Entry) -> u64 {
        u64::try_from(asked.len() + entry.weight).unwrap_or(u64::MAX)
    }
}

impl Pressed {
    /// What it takes in memory, about.
    fn weight(&self) -> usize {
        let bytes = self.bytes.len() + self.packed.get().map_or(0, Bytes::len);
        bytes + bytes / 8 + BESIDE
    }
}

impl Far {
    pub(super) fn new(bytes: u64) -> Self {
        let kept = Cache::with_weighter(items(bytes, USUAL_BYTES), bytes, ByBytes);
        Self { kept, press: Arc::default(), given: AtomicU64::new(0) }
    }

    pub(super) fn put(&self, asked: Box<str>, kept: &Kept, until: Instant) {
        self.put_down(asked, kept.pressed(|| self.pressed(kept)), until);
    }

    fn put_down(&self, asked: Box<str>, pressed: Arc<Pressed>, until: Instant) {
        let weight = pressed.weight();
        self.kept.insert(asked, Entry { pressed, until, weight });
    }

    pub(super) fn get(&self, asked: &str) -> Option<Found> {
        let Entry { pressed, until, weight } = self.kept.get(asked)?;
        if pressed.weight() != weight {
            self.put_down(asked.into(), Arc::clone(&pressed), until);
        }
        let now = self.given.fetch_add(1, Ordering::Relaxed) + 1;
        let before = pressed.given.swap(now, Ordering::Relaxed);
        let others = (before > 0).then(|| now.saturating_sub(before));
        let kept = Arc::new(self.unpressed(pressed)?);
        Some(Found { kept, until, others })
    }

    pub(super) fn remove(&self, asked: &str) {
        self.kept.remove(asked);
    }

    pub(super) fn room(&self) -> Room {
        Room { form: "compressed", entries: self.kept.len(), bytes: self.kept.weight() }
    }

    fn pressed(&self, kept: &Kept) -> Arc<Pressed> {
        let mut whole = Vec::with_capacity(kept.body().len() + 512);
        for (name, value) in kept.headers() {
            for part in [name.as_str().as_bytes(), b":", value.as_bytes(), b"\n"] {
                whole.extend_from_slice(part);
            }
        }
        whole.push(b'\n');
        whole.extend_from_slice(kept.body());
        let (bytes, packed) = (self.press.press(&whole), Arc::clone(kept.packed_form()));
        Arc::new(Pressed { bytes, packed, source: kept.source, given: AtomicU64::new(0) })
    }

    /// The inverse of [`Far::pressed`]; the parts share one piece of memory.
    fn unpressed(&self, pressed: Arc<Pressed>) -> Option<Kept> {
        let mut rest = Bytes::from(self.press.unpress(&pressed.bytes)?);
        let mut headers = Vec::with_capacity(8);
        loop {
            let mut line = rest.split_to(rest.iter().position(|byte| *byte == b'\n')? + 1);
            line.truncate(line.len() - 1);
            if line.is_empty() {
                break;
            }
            let name = line.split_to(line.iter().position(|byte| *byte == b':')?);
            let value = HeaderValue::from_maybe_shared(line.slice(1..)).ok()?;
            headers.push((HeaderName::from_bytes(&name).ok()?, value));
        }
        let (packed, source) = (Arc::clone(&pressed.packed), pressed.source);
        Some(Kept::unpressed(headers.into(), rest, packed, source, pressed))
    }
}
