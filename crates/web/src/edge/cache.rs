//! Good answers, kept for some minutes for those who ask the same; and one composing
//! for any number of equal requests at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{Key, Timestamp};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::time::Instant;

use super::figures::Outcome;
use super::kept::Kept;
use crate::options::Caching;

/// What is likely to be kept; the cache grows beyond it.
const USUAL_BYTES: u64 = 8 << 10;

/// How long a stale answer is kept: enough for a crowd that asks the same.
const MOMENT: Duration = Duration::from_secs(1);

/// Answers by what was asked; `E` is why there is none.
pub(crate) struct Answers<E> {
    kept: Cache<Box<str>, Entry, ByBytes>,
    keep: Duration,
    flights: Mutex<HashMap<Box<str>, WeakShared<Composing<E>>>>,
}

type Composing<E> = BoxFuture<'static, Result<Composed, E>>;

/// What was composed.
#[derive(Clone, Debug)]
pub(crate) struct Composed {
    pub(crate) kept: Arc<Kept>,
    pub(crate) outcome: Outcome,
    /// The record that it was made of and nothing else, and when TMDB gave that.
    pub(crate) sole: Option<(Key, Timestamp)>,
}

/// How an answer was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Keeping,
    Composing,
    /// An equal request composed it.
    Sharing,
}

#[derive(Clone)]
struct Entry {
    composed: Composed,
    until: Instant,
    /// What it was when it was put down; those who weigh must always say the same.
    weight: usize,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Box<str>, Entry> for ByBytes {
    fn weight(&self, key: &Box<str>, entry: &Entry) -> u64 {
        u64::try_from(key.len() + entry.weight).unwrap_or(u64::MAX)
    }
}

impl<E: Clone + Send + Sync + 'static> Answers<E> {
    pub(crate) fn new(caching: &Caching) -> Self {
        let items = usize::try_from(caching.bytes / USUAL_BYTES).unwrap_or(0).max(16);
        Self {
            kept: Cache::with_weighter(items, caching.bytes, ByBytes),
            keep: caching.keep,
            flights: Mutex::new(HashMap::new()),
        }
    }

    /// Bytes that are kept.
    pub(crate) fn weight(&self) -> u64 {
        self.kept.weight()
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    /// The answer that is kept, or the one that `compose` gives, to all who ask the
    /// same meanwhile. It is dropped half-way only when nobody waits for it any more.
    ///
    /// Who composes is shown the answer whose time is over, and may give it once more.
    pub(crate) async fn get<F>(
        self: &Arc<Self>,
        asked: Box<str>,
        compose: impl FnOnce(Option<Composed>) -> F,
    ) -> (Result<Composed, E>, By)
    where
        F: Future<Output = Result<Composed, E>> + Send + 'static,
    {
        let mut expired = None;
        if let Some(entry) = self.kept.get(&asked) {
            if Instant::now() < entry.until {
                if entry.composed.kept.weight() != entry.weight {
                    self.put(asked, &entry.composed, entry.until);
                }
                return (Ok(entry.composed), By::Keeping);
            }
            expired = Some(entry.composed);
        }
        let (flight, by) = self.flight(asked, || compose(expired));
        (flight.await, by)
    }

    fn flight<F>(
        self: &Arc<Self>,
        asked: Box<str>,
        compose: impl FnOnce() -> F,
    ) -> (Shared<Composing<E>>, By)
    where
        F: Future<Output = Result<Composed, E>> + Send + 'static,
    {
        let mut flights = self.flights();
        if let Some(flight) = flights.get(&asked).and_then(WeakShared::upgrade) {
            return (flight, By::Sharing);
        }
        let landing = Landing { answers: Arc::clone(self), asked: asked.clone() };
        let composing = compose();
        let flight = async move {
            let composed = composing.await;
            match &composed {
                Ok(composed) => landing.keep(composed),
                Err(_) => landing.forget(),
            }
            composed
        };
        let flight = flight.boxed().shared();
        if let Some(weak) = flight.downgrade() {
            flights.insert(asked, weak);
        }
        (flight, By::Composing)
    }

    fn put(&self, asked: Box<str>, composed: &Composed, until: Instant) {
        let weight = composed.kept.weight();
        self.kept.insert(asked, Entry { composed: composed.clone(), until, weight });
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<Box<str>, WeakShared<Composing<E>>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a flight off the list when it ends, or is dropped.
struct Landing<E: Clone + Send + Sync + 'static> {
    answers: Arc<Answers<E>>,
    asked: Box<str>,
}

impl<E: Clone + Send + Sync + 'static> Landing<E> {
    fn keep(&self, composed: &Composed) {
        // What is stale now may be fresh at once.
        let keep = match composed.outcome {
            Outcome::Stale => self.answers.keep.min(MOMENT),
            _ => self.answers.keep,
        };
        if !keep.is_zero() {
            self.answers.put(self.asked.clone(), composed, Instant::now() + keep);
        }
    }

    /// What cannot be composed any more is not kept for later.
    fn forget(&self) {
        self.answers.kept.remove(&self.asked);
    }
}

impl<E: Clone + Send + Sync + 'static> Drop for Landing<E> {
    fn drop(&mut self) {
        self.answers.flights().remove(&self.asked);
    }
}

impl<E> std::fmt::Debug for Answers<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answers").field("keep", &self.keep).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
