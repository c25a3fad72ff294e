//! A clock that is turned by hand, and knows who waits for it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::Timestamp;
use pipeline::{Clock, Waits};
use tokio::sync::watch;

/// Shows the same instant until it is turned.
pub(super) struct TurnedClock {
    now: watch::Sender<Timestamp>,
    /// What each waiter waits for.
    waiting: Mutex<BTreeMap<u64, Timestamp>>,
    waiters: AtomicU64,
}

impl TurnedClock {
    pub(super) fn at(start: Timestamp) -> Arc<Self> {
        let (now, _) = watch::channel(start);
        let waiting = Mutex::new(BTreeMap::new());
        Arc::new(Self { now, waiting, waiters: AtomicU64::new(0) })
    }

    pub(super) fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    pub(super) fn clock(self: &Arc<Self>) -> Clock {
        let clock = Arc::clone(self);
        Arc::new(move || clock.now())
    }

    /// Turns it, never back.
    pub(super) fn turn(&self, to: Timestamp) {
        self.now.send_if_modified(|now| {
            let is_later = to > *now;
            *now = to.max(*now);
            is_later
        });
    }

    /// How many wait for an instant to come, and the first of these instants.
    pub(super) fn waiting(&self) -> (usize, Option<Timestamp>) {
        let now = self.now();
        let waiting = self.lock();
        let to_come = waiting.values().filter(|at| **at > now);
        (to_come.clone().count(), to_come.min().copied())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Timestamp>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Waits for TurnedClock {
    async fn until(&self, at: Timestamp) {
        let mut now = self.now.subscribe();
        let number = self.waiters.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(number, at);
        let _waiting = Waiting { clock: self, number };
        // The sender lives as long as this clock.
        drop(now.wait_for(|now| *now >= at).await);
    }
}

/// Strikes a waiter off, also when it gives up.
struct Waiting<'a> {
    clock: &'a TurnedClock,
    number: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.clock.lock().remove(&self.number);
    }
}
