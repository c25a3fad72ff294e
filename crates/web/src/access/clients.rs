//! The clients in memory: their keys, their quotas, and what they used.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use domain::access::{Quota, SecretHash, Usage};
use domain::{Access, StoreError, Timestamp};
use jiff::ToSpan as _;
use tokio_util::sync::CancellationToken;

use super::meter::Meter;
use crate::secrets;

/// How often what was used is written, and clients are read again.
pub(crate) const KEPT_EVERY: Duration = Duration::from_secs(2);

/// A key that is not known is looked up at once, but no more often.
const LOOKED_UP_EVERY: Duration = Duration::from_secs(1);

/// What clients used is kept for so many days.
const USAGE_KEPT: i64 = 400;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    Admitted,
    /// No client has the key, or it does not count any more.
    Unknown,
    Beyond {
        retry_after: u64,
    },
}

pub(crate) struct Clients {
    access: Arc<dyn Access>,
    table: RwLock<Arc<Table>>,
    /// One at a time writes and reads.
    keeping: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Table {
    read_at: Option<Timestamp>,
    by_key: HashMap<SecretHash, Entry>,
    meters: HashMap<String, Arc<Mutex<Meter>>>,
}

#[derive(Clone)]
struct Entry {
    quota: Quota,
    /// Of an old key.
    until: Option<Timestamp>,
    meter: Arc<Mutex<Meter>>,
}

impl Clients {
    pub(crate) fn new(access: Arc<dyn Access>) -> Self {
        Self { access, table: RwLock::default(), keeping: tokio::sync::Mutex::new(()) }
    }

    /// Counts a request of the client with this key, or says why not.
    pub(crate) async fn admit(&self, key: &str, now: Timestamp) -> Result<Admission, StoreError> {
        let hash = secrets::hash(key);
        if let Some(admission) = self.table().admit(&hash, now) {
            return Ok(admission);
        }
        let is_old = |read_at: Timestamp| {
            now >= read_at + LOOKED_UP_EVERY || now + LOOKED_UP_EVERY < read_at
        };
        if self.table().read_at.is_none_or(is_old) {
            self.keep(now).await?;
        }
        Ok(self.table().admit(&hash, now).unwrap_or(Admission::Unknown))
    }

    /// Writes what was used and reads clients again, now and then until `stop`, and once more.
    pub(crate) async fn keep_until(
        &self,
        clock: impl Fn() -> Timestamp + Send,
        stop: CancellationToken,
    ) {
        let mut is_troubled = false;
        loop {
            let is_last = stop.is_cancelled();
            match self.keep(clock()).await {
                Ok(()) => is_troubled = false,
                Err(error) if is_troubled && !is_last => {
                    tracing::debug!(%error, "could not keep what clients used");
                }
                Err(error) => {
                    tracing::warn!(%error, "could not keep what clients used");
                    is_troubled = true;
                }
            }
            if is_last {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(KEPT_EVERY) => (),
                () = stop.cancelled() => (),
            }
        }
    }

    /// Writes what was used, and reads clients again.
    pub(crate) async fn keep(&self, now: Timestamp) -> Result<(), StoreError> {
        let _one = self.keeping.lock().await;
        let table = self.table();
        let saved: Vec<(_, Vec<Usage>)> =
            table.meters.iter().map(|(name, meter)| (meter, lock(meter).save(name, now))).collect();
        let all: Vec<Usage> = saved.iter().flat_map(|(_, usage)| usage.clone()).collect();
        if let Err(error) = self.access.note_usage(&all).await {
            for (meter, usage) in &saved {
                lock(meter).not_saved(usage);
            }
            return Err(error);
        }
        match self.read(&table, now).await {
            Ok((next, used)) => {
                for (name, meter) in &next.meters {
                    let used = used.iter().find(|one| one.client == *name);
                    lock(meter).saved(Some(used.map_or(0, |one| one.requests)));
                }
                *self.table.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
                Ok(())
            }
            Err(error) => {
                for (meter, _) in &saved {
                    lock(meter).saved(None);
                }
                Err(error)
            }
        }
    }

    /// The clients as they are now, with the meters there are, and what they used today.
    async fn read(&self, table: &Table, now: Timestamp) -> Result<(Table, Vec<Usage>), StoreError> {
        let today = now.date();
        if table.read_at.is_none_or(|read_at| read_at.date() != today) {
            let before = today.checked_sub(USAGE_KEPT.days()).unwrap_or(today);
            self.access.forget_usage(before).await?;
        }
        let clients = self.access.clients().await?;
        let used = self.access.usage(None, today).await?;
        let mut next = Table { read_at: Some(now), ..Table::default() };
        for client in clients.into_iter().filter(|client| client.revoked_at.is_none()) {
            let meter = table.meters.get(&client.name).map(Arc::clone).unwrap_or_default();
            let entry = |until| Entry { quota: client.quota, until, meter: Arc::clone(&meter) };
            next.by_key.insert(client.key, entry(None));
            if let Some((key, until)) = client.old_key {
                next.by_key.insert(key, entry(Some(until)));
            }
            next.meters.insert(client.name, meter);
        }
        Ok((next, used))
    }

    fn table(&self) -> Arc<Table> {
        Arc::clone(&self.table.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Table {
    /// `None` where the key is not known here.
    fn admit(&self, hash: &SecretHash, now: Timestamp) -> Option<Admission> {
        let entry = self.by_key.get(hash)?;
        if entry.until.is_some_and(|until| until <= now) {
            return Some(Admission::Unknown);
        }
        Some(match lock(&entry.meter).admit(entry.quota, now) {
            Ok(()) => Admission::Admitted,
            Err(retry_after) => Admission::Beyond { retry_after },
        })
    }
}

fn lock(meter: &Mutex<Meter>) -> std::sync::MutexGuard<'_, Meter> {
    meter.lock().unwrap_or_else(PoisonError::into_inner)
}
