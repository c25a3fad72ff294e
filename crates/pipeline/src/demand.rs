//! Demand: gives what somebody asks for, and has collected what is missing.
//!
//! What is in the archive is given at once, and queued again where it is stale.
//! What is missing becomes a task of the highest priority and is waited for:
//! however many ask for a key, there is one task and one look at the store. It is
//! some collector that asks TMDB, in this process or another; nothing here does.
//!
//! A 404 of TMDB's is remembered for a while; any other failure never is.

mod flights;
mod freshness;
mod remembered;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use domain::queue::Priority;
use domain::staleness::Staleness;
use domain::{Key, Kind, Record, StoreError, Timestamp};
use tokio::time::{Instant, timeout_at};

use crate::bell::Bell;
use crate::clock::Clock;
use crate::pipeline::{Pipeline, Stores};
use flights::{Flights, Landed};
use freshness::Queued;
use remembered::Remembered;

/// TMDB's ids are signed numbers of 32 bits.
const LARGEST_ID: u64 = i32::MAX as u64;

/// No show has so many seasons, and no season so many episodes.
const LARGEST_NUMBER: u32 = 100_000;

/// When to come again, where nothing better is known.
const COME_AGAIN: Duration = Duration::from_secs(5);

/// The source of tasks that somebody waits for.
pub const SOURCE: &str = "demand";

/// How patient, and within which bounds.
#[derive(Clone, Debug)]
pub struct DemandOptions {
    /// How long one request waits for what is missing.
    pub wait: Duration,
    /// Different keys waited for at the same time, at most.
    pub keys_at_once: usize,
    /// Tasks that somebody waits or waited for, in the queue at most.
    pub pending_at_most: u64,
    /// How long a 404 of TMDB's is believed without asking again.
    pub gone_for: Duration,
    /// 404s remembered, at most; those beyond are read from the store.
    pub gone_at_most: usize,
    pub staleness: Staleness,
}

impl Default for DemandOptions {
    fn default() -> Self {
        Self {
            wait: Duration::from_secs(5),
            keys_at_once: 256,
            pending_at_most: 1_000,
            gone_for: Duration::from_hours(1),
            gone_at_most: 100_000,
            staleness: Staleness::default(),
        }
    }
}

/// A record that somebody asked for.
#[derive(Clone, Debug)]
pub struct Found {
    pub record: Record,
    pub standing: Standing,
}

/// How good a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Fresh,
    /// Older than it should be; it is queued to be collected again.
    Stale,
    /// It was missing, and has just been collected.
    Fetched,
}

impl Standing {
    /// As a header says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Fetched => "fetched",
        }
    }
}

/// Why there is no record.
#[derive(Debug, thiserror::Error)]
pub enum Missing {
    /// TMDB has no such thing, or had none lately.
    #[error("TMDB has no such thing")]
    Gone,
    /// No key of TMDB's can be so large.
    #[error("TMDB has no such id")]
    Impossible,
    /// TMDB did not give it in time, or gives it to nobody.
    #[error("TMDB did not give it in time")]
    Awaited { retry_after: Duration },
    /// Too many different keys are asked for at once.
    #[error("too much is asked for at once")]
    Busy { retry_after: Duration },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How much of a record will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    Any,
    /// All that TMDB gives when it is asked for the key itself.
    Whole,
}

/// Whether a record was asked for by itself; seasons ride along with less.
fn is_whole(record: &Record) -> bool {
    record.key.kind() != Kind::Season || record.asked.starts_with(&record.key.to_string())
}

/// What is asked for, in one process. Cheap to clone.
#[derive(Clone)]
pub struct Demand(Arc<Parts>);

struct Parts {
    stores: Stores,
    bell: Arc<Bell>,
    clock: Clock,
    options: DemandOptions,
    flights: Flights,
    remembered: Remembered,
    queued: Queued,
}

impl std::fmt::Debug for Demand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demand").field("options", &self.0.options).finish_non_exhaustive()
    }
}

impl Demand {
    /// For a process that does not collect: others do, and are looked out for.
    pub fn new(stores: Stores, clock: Clock, options: DemandOptions) -> Self {
        Self::with(stores, Arc::default(), clock, options)
    }

    /// For a process that collects too, which is noticed at once.
    pub fn beside(pipeline: &Pipeline, options: DemandOptions) -> Self {
        let (bell, clock) = (Arc::clone(&pipeline.bell), Arc::clone(&pipeline.clock));
        Self::with(pipeline.stores.clone(), bell, clock, options)
    }

    fn with(stores: Stores, bell: Arc<Bell>, clock: Clock, options: DemandOptions) -> Self {
        let remembered = Remembered::new(options.gone_at_most);
        let (flights, queued) = (Flights::default(), Queued::default());
        Self(Arc::new(Parts { stores, bell, clock, options, flights, remembered, queued }))
    }

    /// The newest record of a key, collected where it is missing.
    pub async fn get(&self, key: Key) -> Result<Found, Missing> {
        match self.held(key).await? {
            Some(found) => Ok(found),
            None => self.missing(key).await,
        }
    }

    /// As [`Demand::get`], with all the parts that a key has when it is asked for by
    /// itself: a season that rode along with its show is collected again.
    pub async fn whole(&self, key: Key) -> Result<Found, Missing> {
        let found = self.get(key).await?;
        if is_whole(&found.record) {
            return Ok(found);
        }
        let deadline = Instant::now() + self.0.options.wait;
        let record = self.waited(key, Extent::Whole, deadline).await?;
        Ok(Found { record, standing: Standing::Fetched })
    }

    /// As [`Demand::get`], of what is held already; nothing is waited for.
    pub async fn held(&self, key: Key) -> Result<Option<Found>, Missing> {
        let Some((record, freshness)) = self.0.stores.archive.current(key).await? else {
            return Ok(None);
        };
        let standing = self.look(&record, &freshness).await?;
        Ok(Some(Found { record, standing }))
    }

    /// Has a key collected that is not held, and does not wait for it.
    pub fn wish(&self, key: Key) -> Result<(), Missing> {
        check(key)?;
        self.0.flights.join(self, key, Extent::Any).map(drop)
    }

    async fn missing(&self, key: Key) -> Result<Found, Missing> {
        check(key)?;
        let deadline = Instant::now() + self.0.options.wait;
        if matches!(key.kind(), Kind::Season | Kind::Episode) {
            let show = Key::tv(key.id());
            let heads = self.0.stores.archive.heads(&[show]).await?;
            if heads[0].is_none() {
                // It brings its seasons along, and without it there are none.
                self.waited(show, Extent::Any, deadline).await?;
                if let Some(record) = self.0.stores.archive.get(key).await? {
                    return Ok(Found { record, standing: Standing::Fetched });
                }
            }
        }
        let record = self.waited(key, Extent::Any, deadline).await?;
        Ok(Found { record, standing: Standing::Fetched })
    }

    /// Waits for a key that is not held, or not to that extent.
    async fn waited(&self, key: Key, extent: Extent, deadline: Instant) -> Result<Record, Missing> {
        if self.0.remembered.is_gone(key, self.now()) {
            return Err(Missing::Gone);
        }
        let mut flight = self.0.flights.join(self, key, extent)?;
        let landed = match timeout_at(deadline, flight.wait_for(Option::is_some)).await {
            Ok(Ok(landed)) => landed.clone(),
            // The look at the store broke off.
            Ok(Err(_)) => None,
            Err(_) => return Err(Missing::Awaited { retry_after: COME_AGAIN }),
        };
        match landed {
            Some(Landed::Here(record)) => Ok(*record),
            Some(Landed::Gone) => Err(Missing::Gone),
            Some(Landed::Failing { retry_after }) => Err(Missing::Awaited { retry_after }),
            Some(Landed::Refused) => Err(Missing::Busy { retry_after: COME_AGAIN }),
            None | Some(Landed::StoreAway) => {
                Err(StoreError::unavailable("what was waited for could not be read").into())
            }
        }
    }

    fn now(&self) -> Timestamp {
        (self.0.clock)()
    }

    /// Queues tasks of the highest priority, or less, and lets collectors know.
    async fn queue(&self, keys: &[Key], priority: Priority) -> Result<(), StoreError> {
        if keys.is_empty() {
            return Ok(());
        }
        let task = |key: &Key| domain::queue::NewTask {
            key: *key,
            priority,
            source: SOURCE.to_owned(),
            run: None,
            changed: false,
        };
        let tasks: Vec<_> = keys.iter().map(task).collect();
        self.0.stores.queue.add(&tasks, self.now()).await?;
        self.0.bell.queued.notify_waiters();
        Ok(())
    }
}

/// Refuses what needs no look at the store.
fn check(key: Key) -> Result<(), Missing> {
    let numbers = [key.season_number(), key.episode_number()];
    if key.kind() != Kind::Reference && key.id() > LARGEST_ID {
        return Err(Missing::Impossible);
    }
    if numbers.into_iter().flatten().any(|number| number > LARGEST_NUMBER) {
        return Err(Missing::Gone);
    }
    Ok(())
}
