//! Good answers, kept for some minutes for those who ask the same; and one composing
//! for any number of equal requests at once.
//!
//! Those that are asked for most lie ready to be sent. What leaves them is kept on in
//! [`far`], compressed: it takes a quarter of the room there, and a fraction of the time
//! that composing takes to come back.

mod ageing;
mod far;
mod press;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, Weighter};
use tokio::time::Instant;

use super::figures::Outcome;
use super::kept::{Core, Kept};
use crate::options::Caching;
use ageing::Ageing;
pub(crate) use far::Pressed;
use far::{Far, Found};

/// What is likely to be kept; the cache grows beyond it.
const USUAL_BYTES: u64 = 8 << 10;

/// The part of the room for those that lie ready. Of a million answers whose popularity
/// falls as Zipf has it, even a twentieth makes up four of five requests.
const NEAR_PART: u64 = 8;

/// How many milliseconds a stale answer is kept: enough for a crowd that asks the same.
const MOMENT: u64 = 1_000;

/// Answers by what was asked; `E` is why there is none.
pub(crate) struct Answers<E> {
    near: Cache<Box<str>, Entry, ByBytes, DefaultHashBuilder, Leaving>,
    far: Far,
    ageing: Ageing,
    keep: Duration,
    began: Instant,
    flights: Mutex<HashMap<Box<str>, WeakShared<Composing<E>>>>,
}

type Composing<E> = BoxFuture<'static, Result<Arc<Kept>, E>>;

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
    kept: Arc<Kept>,
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

/// Gathers what has to go to make room.
#[derive(Clone)]
struct Leaving;

impl Lifecycle<Box<str>, Entry> for Leaving {
    type RequestState = Vec<(Box<str>, Entry)>;

    fn on_evict(&self, left: &mut Self::RequestState, asked: Box<str>, entry: Entry) {
        left.push((asked, entry));
    }
}

/// How many answers are kept in one form, and what they take in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) form: &'static str,
    pub(crate) entries: usize,
    pub(crate) bytes: u64,
}

impl<E: Clone + Send + Sync + 'static> Answers<E> {
    pub(crate) fn new(caching: &Caching) -> Self {
        let near = caching.bytes / NEAR_PART;
        Self {
            near: Cache::with(items(near, USUAL_BYTES), near, ByBytes, <_>::default(), Leaving),
            far: Far::new(caching.bytes - near),
            ageing: Ageing::default(),
            began: Instant::now(),
            keep: if caching.bytes == 0 { Duration::ZERO } else { caching.keep },
            flights: Mutex::new(HashMap::new()),
        }
    }

    /// What is kept. Some of the answers that lie ready are there in both forms.
    pub(crate) fn room(&self) -> [Room; 2] {
        let (entries, bytes) = (self.near.len(), self.near.weight());
        [Room { form: "ready", entries, bytes }, self.far.room()]
    }

    /// The answer that is kept, while it is good.
    pub(crate) fn ready(&self, asked: &str) -> Option<Arc<Kept>> {
        let now = self.now();
        self.held(asked, now, |core| now < core.until())
    }

    /// The answer that is kept, or the one that `compose` gives, to all who ask the
    /// same meanwhile. It is dropped half-way only when nobody waits for it any more.
    ///
    /// Who composes is shown the answer whose time is over, and may give it once more.
    pub(crate) async fn get<F>(
        self: &Arc<Self>,
        asked: Box<str>,
        compose: impl FnOnce(Option<Arc<Kept>>) -> F,
    ) -> (Result<Arc<Kept>, E>, By)
    where
        F: Future<Output = Result<Arc<Kept>, E>> + Send + 'static,
    {
        let now = self.now();
        let expired = match self.held(&asked, now, |_| true) {
            Some(kept) if now < kept.core().until() => return (Ok(kept), By::Keeping),
            expired => expired,
        };
        let (flight, by) = self.flight(asked, || compose(expired));
        (flight.await, by)
    }

    /// An answer in whichever form, if it is wanted.
    fn held(&self, asked: &str, now: u64, is_wanted: impl Fn(&Core) -> bool) -> Option<Arc<Kept>> {
        if let Some(Entry { kept, weight }) = self.near.get(asked) {
            if !is_wanted(kept.core()) {
                return None;
            }
            if kept.weight() != weight {
                // Somebody took it packed since.
                self.put(asked.into(), &kept);
            }
            self.note_age(kept.core(), now);
            return Some(kept);
        }
        let Found { kept, others } = self.far.get(asked, is_wanted)?;
        // Asked for again so soon that it would have stayed among those that lie ready.
        if others.is_some_and(|others| others < self.near.len() as u64) {
            self.put(asked.into(), &kept);
        }
        self.note_age(kept.core(), now);
        Some(kept)
    }

    /// Milliseconds since answers are kept.
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn keep_millis(&self) -> u64 {
        u64::try_from(self.keep.as_millis()).unwrap_or(u64::MAX)
    }

    fn flight<F>(
        self: &Arc<Self>,
        asked: Box<str>,
        compose: impl FnOnce() -> F,
    ) -> (Shared<Composing<E>>, By)
    where
        F: Future<Output = Result<Arc<Kept>, E>> + Send + 'static,
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
                Ok(kept) => landing.keep(kept),
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

    fn put(&self, asked: Box<str>, kept: &Arc<Kept>) {
        let entry = Entry { kept: Arc::clone(kept), weight: kept.weight() };
        let mut left = vec![];
        self.near.insert_with_lifecycle(asked, entry, &mut left);
        for (asked, entry) in left {
            self.keep_on(asked, &entry.kept);
        }
    }

    /// As [`Answers::put`], unless it lies somewhere already and only held for another while.
    fn put_where_it_lay(&self, asked: Box<str>, kept: &Arc<Kept>) {
        let lies_ready = |entry: Entry| Arc::ptr_eq(entry.kept.core(), kept.core());
        if !self.near.peek(&asked).is_some_and(lies_ready) && !self.far.has(&asked, kept) {
            self.put(asked, kept);
        }
    }

    /// Keeps what had to go from those that lie ready, if it may be given once more. What
    /// was only replaced has not gone.
    fn keep_on(&self, asked: Box<str>, kept: &Kept) {
        let is_good = self.now() < kept.core().until() || kept.source().proof().is_some();
        if is_good && !self.near.contains_key(&asked) {
            self.far.put(asked, kept);
        }
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
    fn keep(&self, kept: &Arc<Kept>) {
        // What is stale now may be fresh at once.
        let keep = match kept.source().outcome {
            Outcome::Stale => self.answers.keep_millis().min(MOMENT),
            _ => self.answers.keep_millis(),
        };
        if keep > 0 {
            kept.core().hold_until(self.answers.now() + keep);
            self.answers.put_where_it_lay(self.asked.clone(), kept);
        }
    }

    /// What cannot be composed any more is not kept for later.
    fn forget(&self) {
        self.answers.near.remove(&self.asked);
        self.answers.far.remove(&self.asked);
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

/// How many are likely to have room.
fn items(bytes: u64, usual: u64) -> usize {
    usize::try_from(bytes / usual).unwrap_or(0).max(16)
}

#[cfg(test)]
mod tests;
