//! Whether what is held is as fresh as it should be; what is not is queued.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::queue::Priority;
use domain::staleness::{Doubt, Freshness};
use domain::{Key, Kind, Record, Timestamp};

use super::{Demand, Missing, Standing};

/// How long a look at the store counts: many ask for the same.
const COUNTS_FOR: Duration = Duration::from_mins(1);

/// A stale record is queued again only after this long: its task may be waiting still.
const QUEUE_EVERY: Duration = Duration::from_mins(10);

/// Looks remembered, at most.
const AT_MOST: usize = 20_000;

/// What was seen of records lately.
#[derive(Debug, Default)]
pub(super) struct Looks(Mutex<HashMap<Key, Look>>);

#[derive(Clone, Copy, Debug)]
struct Look {
    fetched_at: Timestamp,
    seen: Seen,
    at: Timestamp,
    queued_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Fresh,
    Stale,
    /// Proven gone; only its remains are held.
    Buried,
}

impl Looks {
    fn of(&self, key: Key) -> Option<Look> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied()
    }

    fn note(&self, key: Key, look: Look, now: Timestamp) {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.len() >= AT_MOST && !looks.contains_key(&key) {
            looks.retain(|_, look| now.since(look.at) < COUNTS_FOR);
        }
        if looks.len() >= AT_MOST {
            looks.clear();
        }
        looks.insert(key, look);
    }
}

impl Demand {
    /// How good a record is that is held. A stale one is queued, once in a while.
    pub(super) async fn look(&self, record: &Record) -> Result<Standing, Missing> {
        let (key, now) = (record.key, self.now());
        let before = self.0.looks.of(key).filter(|look| look.fetched_at == record.fetched_at);
        let counts = |look: &Look| now.since(look.at) < COUNTS_FOR && now >= look.at;
        let look = if let Some(look) = before.filter(counts) {
            look
        } else {
            self.look_anew(record, before, now).await?
        };
        match look.seen {
            Seen::Fresh => Ok(Standing::Fresh),
            Seen::Stale => Ok(Standing::Stale),
            Seen::Buried => Err(Missing::Gone),
        }
    }

    async fn look_anew(
        &self,
        record: &Record,
        before: Option<Look>,
        now: Timestamp,
    ) -> Result<Look, Missing> {
        let key = record.key;
        let found = self.0.stores.archive.freshness_of(&[key]).await?;
        let rules = &self.0.options.staleness;
        let seen = found[0].map_or(Seen::Fresh, |found| self.seen(&found, now));
        let queued_at = before.and_then(|look| look.queued_at);
        let is_due = queued_at.is_none_or(|at| now.since(at) >= QUEUE_EVERY);
        let is_wanted = found[0].is_some_and(|found| rules.reason(&found, now).is_some());
        let is_queued = is_wanted && is_due;
        let queued_at = if is_queued { Some(now) } else { queued_at };
        let look = Look { fetched_at: record.fetched_at, seen, at: now, queued_at };
        self.0.looks.note(key, look, now);
        if is_queued {
            self.refresh(record).await;
        }
        Ok(look)
    }

    fn seen(&self, found: &Freshness, now: Timestamp) -> Seen {
        match found.doubt {
            Doubt::Buried => Seen::Buried,
            Doubt::Missed(_) => Seen::Stale,
            Doubt::None => match self.0.options.staleness.reason(found, now) {
                Some(_) => Seen::Stale,
                None => Seen::Fresh,
            },
        }
    }

    /// Queues what is stale. A season comes with its show: where that was collected
    /// after it and did not bring it along, asking again is no use.
    async fn refresh(&self, record: &Record) {
        let queued = async {
            let mut key = record.key;
            if key.kind() == Kind::Season {
                key = Key::tv(key.id());
                let heads = self.0.stores.archive.heads(&[key]).await?;
                if heads[0].is_some_and(|show| show.fetched_at > record.fetched_at) {
                    return Ok(());
                }
            }
            self.queue(&[key], Priority::STALE).await
        };
        if let Err(error) = queued.await {
            let key = record.key;
            tracing::warn!(%error, %key, "could not queue {key}, which is stale");
        }
    }
}
