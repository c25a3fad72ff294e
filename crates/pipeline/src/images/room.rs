//! Keeps the images within their cap.

use domain::Timestamp;
use domain::images::Image;

use super::Gallery;
use crate::error::PipelineError;

/// The bytes held, and how many there may be.
#[derive(Debug)]
pub(super) struct Room {
    cap: u64,
    held: u64,
    /// When the sync began that makes the room; what it wants is used as of then.
    started: Timestamp,
    pub(super) dropped: u64,
}

impl Room {
    pub(super) fn new(cap: u64, held: u64, started: Timestamp) -> Self {
        Self { cap, held, started, dropped: 0 }
    }

    pub(super) fn set_held(&mut self, held: u64) {
        self.held = held;
    }

    pub(super) fn add(&mut self, bytes: u64, instead_of: u64) {
        self.held = self.held.saturating_add(bytes).saturating_sub(instead_of);
    }

    /// Down to this much is dropped, so that not every image drops another.
    fn target(&self) -> u64 {
        self.cap - self.cap / 20
    }

    /// Whether so many bytes could ever be held.
    pub(super) fn is_possible(&self, bytes: u64) -> bool {
        bytes <= self.target()
    }

    pub(super) fn has(&self, bytes: u64) -> bool {
        self.held.saturating_add(bytes) <= self.cap
    }

    /// Drops the least recently used images, but none that this sync wants more
    /// than the one in this place, until so many more bytes fit. Drops none when
    /// they still would not; `false` then.
    pub(super) async fn make(
        &mut self,
        gallery: &Gallery,
        place: u64,
        bytes: u64,
    ) -> Result<bool, PipelineError> {
        if self.has(bytes) {
            return Ok(true);
        }
        let surplus = self.held.saturating_add(bytes).saturating_sub(self.target());
        let least = gallery.images.least_used(self.started, place, surplus).await?;
        let freed: u64 = least.iter().map(|image: &Image| image.bytes).sum();
        let is_over = self.held > self.cap;
        let fits = self.held.saturating_sub(freed).saturating_add(bytes) <= self.cap;
        if !fits && !is_over {
            return Ok(false);
        }
        for batch in least.chunks(super::BATCH) {
            gallery.discard(batch).await?;
        }
        self.dropped += least.len() as u64;
        self.held = self.held.saturating_sub(freed);
        Ok(fits)
    }
}
