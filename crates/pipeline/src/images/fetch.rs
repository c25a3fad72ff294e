//! Fetches one image, a bounded number of times, at a pace of its own.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use domain::images::{ImageKind, ImageName};
use tmdb::{Client, ImageError};
use tokio::time::{Instant, sleep_until};

use super::check;

/// When the server asks for patience and does not say for how long.
const PATIENCE: Duration = Duration::from_secs(5);
const MOST_PATIENCE: Duration = Duration::from_mins(1);

/// Spaces requests evenly.
#[derive(Debug)]
pub(super) struct Pace {
    gap: Duration,
    next: Mutex<Instant>,
}

impl Pace {
    /// Without a limit for 0.
    pub(super) fn new(requests_per_second: u32) -> Self {
        let gap = Duration::from_secs(1).checked_div(requests_per_second).unwrap_or_default();
        Self { gap, next: Mutex::new(Instant::now()) }
    }

    async fn turn(&self) {
        sleep_until(self.reserve(Instant::now())).await;
    }

    fn reserve(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = (*next).max(now);
        *next = turn + self.gap;
        turn
    }

    fn hold(&self, until: Instant) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = (*next).max(until);
    }
}

/// Why an image was not fetched, after every try.
#[derive(Debug)]
pub(super) struct Missed {
    /// TMDB has no such image.
    pub(super) is_gone: bool,
    /// The fault of the server or the way to it, not of this image.
    pub(super) is_outage: bool,
    pub(super) reason: String,
}

/// Fetches an image whose header says that it is one of this size.
pub(super) async fn fetch(
    tmdb: &Client,
    pace: &Pace,
    (kind, name): (ImageKind, &ImageName),
    limit_bytes: usize,
    tries: u32,
) -> Result<Bytes, Missed> {
    let mut tried = 0;
    loop {
        pace.turn().await;
        tried += 1;
        let missed = match tmdb.image(name, limit_bytes).await {
            Ok(image) => match check::bytes(&image.bytes, kind, name.size) {
                Ok(()) => return Ok(image.bytes),
                Err(why) => {
                    let reason = format!("{name}: {why}");
                    Missed { is_gone: false, is_outage: false, reason }
                }
            },
            Err(error) => {
                if let ImageError::SlowDown { retry_after, .. } = &error {
                    let wait = retry_after.unwrap_or(PATIENCE).min(MOST_PATIENCE);
                    pace.hold(Instant::now() + wait);
                }
                let is_gone = matches!(error, ImageError::Gone { .. });
                let is_outage =
                    matches!(error, ImageError::Later { .. } | ImageError::SlowDown { .. });
                Missed { is_gone, is_outage, reason: error.to_string() }
            }
        };
        if missed.is_gone || tried >= tries {
            return Err(missed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_spaced_evenly_and_a_hold_is_for_all() {
        let pace = Pace::new(20);
        let now = Instant::now();
        let millis = |turn: Instant| turn.duration_since(now).as_millis();
        let turns = [(); 3].map(|()| millis(pace.reserve(now)));
        assert_eq!(turns, [0, 50, 100]);
        pace.hold(now + Duration::from_secs(7));
        assert_eq!([(); 2].map(|()| millis(pace.reserve(now))), [7_000, 7_050]);
        let later = now + Duration::from_mins(1);
        assert_eq!(millis(pace.reserve(later)), 60_000);
        let free = Pace::new(0);
        assert_eq!([(); 2].map(|()| millis(free.reserve(now))), [0, 0]);
    }
}
