//! Answers that are asked for less, compressed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderName, HeaderValue};
use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::press::Press;
use super::{Room, items};
use crate::edge::kept::{Core, Kept};

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
    core: Arc<Core>,
    /// [`Far::given`] when it was given last.
    given: AtomicU64,
}

/// What was found here.
pub(super) struct Found {
    pub(super) kept: Arc<Kept>,
    /// How many were given since it was the last time, itself included; `None` at first.
    pub(super) others: Option<u64>,
}

#[derive(Clone)]
struct Entry {
    pressed: Arc<Pressed>,
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
        let bytes = self.bytes.len() + self.core.packed_bytes();
        bytes + bytes / 8 + BESIDE
    }
}

impl Far {
    pub(super) fn new(bytes: u64) -> Self {
        let kept = Cache::with_weighter(items(bytes, USUAL_BYTES), bytes, ByBytes);
        Self { kept, press: Arc::default(), given: AtomicU64::new(0) }
    }

    pub(super) fn put(&self, asked: Box<str>, kept: &Kept) {
        self.put_down(asked, kept.pressed(|| self.pressed(kept)));
    }

    fn put_down(&self, asked: Box<str>, pressed: Arc<Pressed>) {
        let weight = pressed.weight();
        self.kept.insert(asked, Entry { pressed, weight });
    }

    /// An answer, if it is wanted.
    pub(super) fn get(&self, asked: &str, is_wanted: impl FnOnce(&Core) -> bool) -> Option<Found> {
        let Entry { pressed, weight } = self.kept.get(asked)?;
        if !is_wanted(&pressed.core) {
            return None;
        }
        if pressed.weight() != weight {
            self.put_down(asked.into(), Arc::clone(&pressed));
        }
        let now = self.given.fetch_add(1, Ordering::Relaxed) + 1;
        let before = pressed.given.swap(now, Ordering::Relaxed);
        let others = (before > 0).then(|| now.saturating_sub(before));
        let kept = Arc::new(self.unpressed(pressed)?);
        Some(Found { kept, others })
    }

    /// Whether this very answer is kept.
    pub(super) fn has(&self, asked: &str, kept: &Kept) -> bool {
        let found = self.kept.peek(asked);
        found.is_some_and(|entry| Arc::ptr_eq(&entry.pressed.core, kept.core()))
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
        let (bytes, core) = (self.press.press(&whole), Arc::clone(kept.core()));
        Arc::new(Pressed { bytes, core, given: AtomicU64::new(0) })
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
        Some(Kept::unpressed(headers.into(), rest, Arc::clone(&pressed.core), pressed))
    }
}
