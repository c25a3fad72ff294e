//! Whether what is held is as fresh as it should be; what is not is queued.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::queue::Priority;
use domain::staleness::{Doubt, Freshness};
use domain::{Key, Kind, Record, Timestamp};

use super::{Demand, Missing, Standing};

/// A stale record is queued again only after this long: its task may be waiting still.
const QUEUE_EVERY: Duration = Duration::from_mins(10);

/// Records remembered, at most.
const AT_MOST: usize = 20_000;

/// Which stale records were queued lately: when they were fetched, and queued.
#[derive(Debug, Default)]
pub(super) struct Queued(Mutex<HashMap<Key, (Timestamp, Timestamp)>>);

impl Queued {
    /// Notes that a record is to be queued; `false` where it was lately.
    fn note(&self, record: &Record, now: Timestamp) -> bool {
        let is_recent = |at: Timestamp| now.since(at) < QUEUE_EVERY;
        let mut queued = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((fetched_at, at)) = queued.get(&record.key)
            && *fetched_at == record.fetched_at
            && is_recent(*at)
        {
            return false;
        }
        if queued.len() >= AT_MOST {
            queued.retain(|_, (_, at)| is_recent(*at));
        }
        if queued.len() >= AT_MOST {
            queued.clear();
        }
        queued.insert(record.key, (record.fetched_at, now));
        true
    }
}

impl Demand {
    /// How good a record is that is held. A stale one is queued, once in a while.
    pub(super) async fn look(
        &self,
        record: &Record,
        freshness: &Freshness,
    ) -> Result<Standing, Missing> {
        let now = self.now();
        if self.is_wanted(freshness, now) && self.0.queued.note(record, now) {
            self.refresh(record).await;
        }
        self.standing(freshness, now).ok_or(Missing::Gone)
    }

    /// Of each key, whether what was fetched of it then is held still, and fresh.
    pub async fn are_current(&self, fetched: &[(Key, Timestamp)]) -> Result<Vec<bool>, Missing> {
        let keys: Vec<_> = fetched.iter().map(|(key, _)| *key).collect();
        let found = self.0.stores.archive.freshness_of(&keys).await?;
        let now = self.now();
        let is_current = |(found, (_, fetched_at)): (Option<Freshness>, &(Key, Timestamp))| {
            found.is_some_and(|found| {
                let standing = self.standing(&found, now);
                found.fetched_at == *fetched_at && standing == Some(Standing::Fresh)
            })
        };
        Ok(found.into_iter().zip(fetched).map(is_current).collect())
    }

    /// How good what is held is; `None` where it is proven gone, and these are its remains.
    fn standing(&self, freshness: &Freshness, now: Timestamp) -> Option<Standing> {
        match freshness.doubt {
            Doubt::Buried => None,
            Doubt::Missed(_) => Some(Standing::Stale),
            Doubt::None if self.is_wanted(freshness, now) => Some(Standing::Stale),
            Doubt::None => Some(Standing::Fresh),
        }
    }

    /// Whether the rules ask for it to be collected again.
    fn is_wanted(&self, freshness: &Freshness, now: Timestamp) -> bool {
        self.0.options.staleness.reason(freshness, now).is_some()
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
