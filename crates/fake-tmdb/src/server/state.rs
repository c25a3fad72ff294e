//! What all connections share.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::exports::Shelf;
use crate::faults::Faults;
use crate::options::{Limits, Options};
use crate::stats::{Counter, Stats};
use crate::universe::Universe;

/// A century; later dates are nobody's concern.
const LAST_DAY: u32 = 36_500;

pub(crate) struct State {
    pub(crate) universe: Arc<dyn Universe>,
    pub(crate) key: Option<String>,
    pub(crate) bearer: Option<String>,
    pub(crate) seed: u64,
    pub(crate) gzip: bool,
    pub(crate) exports: Shelf,
    start: Date,
    days: AtomicU32,
    is_export_ready: AtomicBool,
    requests: AtomicU64,
    downloads: AtomicU64,
    settings: Mutex<(Limits, Faults)>,
    counter: Mutex<Counter>,
}

/// An open connection, counted until it is dropped.
pub(crate) struct Open<'a> {
    state: &'a State,
    is_within_limit: bool,
}

impl State {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            universe: options.universe,
            key: options.key,
            bearer: options.bearer,
            seed: options.seed,
            gzip: options.gzip,
            exports: Shelf::default(),
            start: options.start,
            days: AtomicU32::new(0),
            is_export_ready: AtomicBool::new(options.export_ready),
            requests: AtomicU64::new(0),
            downloads: AtomicU64::new(0),
            settings: Mutex::new((options.limits, options.faults)),
            counter: Mutex::default(),
        }
    }

    /// How many days the universe has moved on.
    pub(crate) fn day(&self) -> u32 {
        self.days.load(Ordering::Relaxed)
    }

    /// The simulated date.
    pub(crate) fn today(&self) -> Date {
        self.start.saturating_add(i64::from(self.day()).days())
    }

    /// The day of a date, negative before the universe starts.
    pub(crate) fn day_of(&self, date: Date) -> i64 {
        days_between(self.start, date)
    }

    pub(crate) fn set_day(&self, day: u32) {
        self.days.store(day.min(LAST_DAY), Ordering::Relaxed);
    }

    /// Whether today's exports are out.
    pub(crate) fn is_export_ready(&self) -> bool {
        self.is_export_ready.load(Ordering::Relaxed)
    }

    pub(crate) fn set_export_ready(&self, is_ready: bool) {
        self.is_export_ready.store(is_ready, Ordering::Relaxed);
    }

    pub(crate) fn advance(&self, days: u32) {
        let moved = |day: u32| Some(day.saturating_add(days).min(LAST_DAY));
        self.days.fetch_update(Ordering::Relaxed, Ordering::Relaxed, moved).ok();
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        lock(&self.settings).1 = faults;
    }

    pub(crate) fn set_limits(&self, limits: Limits) {
        lock(&self.settings).0 = limits;
    }

    /// Changes some of the faults and leaves the others.
    pub(crate) fn change_faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut lock(&self.settings).1);
    }

    pub(crate) fn limits(&self) -> Limits {
        lock(&self.settings).0
    }

    pub(crate) fn faults(&self) -> Faults {
        lock(&self.settings).1
    }

    pub(crate) fn next_request(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn next_download(&self) -> u64 {
        self.downloads.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts an API request; false when it is above the limit.
    pub(crate) fn arrive(&self) -> bool {
        let limit = self.limits().requests_per_second;
        let mut counter = lock(&self.counter);
        // Taken under the lock, so that arrivals are in order.
        counter.arrive(Instant::now(), limit)
    }

    /// Orders a 429 for the next API request.
    pub(crate) fn order_refusal(&self, seconds: u32) {
        lock(&self.counter).order(seconds);
    }

    pub(super) fn refuse(&self) -> Option<u32> {
        let mut counter = lock(&self.counter);
        counter.refuse(Instant::now())
    }

    pub(crate) fn count(&self, endpoint: &str, status: u16) {
        lock(&self.counter).answer(endpoint, status);
    }

    pub(crate) fn stats(&self) -> Stats {
        lock(&self.counter).stats(self.day())
    }

    pub(crate) fn reset_stats(&self) {
        lock(&self.counter).reset();
    }

    pub(super) fn open(&self) -> Open<'_> {
        let open = lock(&self.counter).open();
        let limit = self.limits().connections;
        Open { state: self, is_within_limit: limit.is_none_or(|limit| open <= u64::from(limit)) }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("day", &self.day()).finish_non_exhaustive()
    }
}

impl Open<'_> {
    pub(super) fn is_within_limit(&self) -> bool {
        self.is_within_limit
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        lock(&self.state.counter).close();
    }
}

/// Whole days from one date to another, negative when the other comes before.
pub(crate) fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// No panic happens under these locks, so a poisoned one is still sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
