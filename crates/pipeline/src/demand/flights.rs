//! Keys that are waited for: one task, and one look at the store for all of them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::queue::{Priority, TaskStanding, Waiting};
use domain::staleness::Doubt;
use domain::{Key, Record, StoreError, Timestamp};
use tokio::sync::{Notify, watch};

use super::{COME_AGAIN, Demand, Extent, Missing, is_whole};

/// How often the store is looked at for what another process collects; less and
/// less often while nothing comes.
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// A key among the dead letters waits for a person.
const DEAD_FOR: Duration = Duration::from_mins(5);

/// A tombstone is believed for so long without another look at it.
const BURIED_FOR: Duration = Duration::from_mins(1);

/// What became of a key that was waited for.
#[derive(Clone, Debug)]
pub(super) enum Landed {
    Here(Box<Record>),
    Gone,
    /// It will not come in time.
    Failing {
        retry_after: Duration,
    },
    /// Too many tasks wait already.
    Refused,
    /// The store could not be read.
    StoreAway,
}

#[derive(Debug, Default)]
pub(super) struct Flights {
    air: Mutex<Air>,
    /// Rings when a key is new in the air.
    started: Notify,
}

#[derive(Debug, Default)]
struct Air {
    keys: HashMap<Key, Flight>,
    is_watched: bool,
}

#[derive(Debug)]
struct Flight {
    sender: watch::Sender<Option<Landed>>,
    extent: Extent,
    /// Whether its task is known to be in the queue.
    is_queued: bool,
}

/// What there is to look at.
#[derive(Debug, Default)]
struct Stock {
    queued: Vec<Key>,
    fresh: Vec<Key>,
}

impl Flights {
    /// Waits along with who waits for the key already, or begins to.
    pub(super) fn join(
        &self,
        demand: &Demand,
        key: Key,
        extent: Extent,
    ) -> Result<watch::Receiver<Option<Landed>>, Missing> {
        let mut air = self.air();
        if let Some(flight) = air.keys.get_mut(&key) {
            if extent == Extent::Whole {
                flight.extent = extent;
            }
            return Ok(flight.sender.subscribe());
        }
        if air.keys.len() >= demand.0.options.keys_at_once {
            air.let_go();
        }
        if air.keys.len() >= demand.0.options.keys_at_once {
            return Err(Missing::Busy { retry_after: COME_AGAIN });
        }
        let (sender, receiver) = watch::channel(None);
        air.keys.insert(key, Flight { sender, extent, is_queued: false });
        if air.is_watched {
            self.started.notify_one();
        } else {
            air.is_watched = true;
            tokio::spawn(watch(demand.clone()));
        }
        Ok(receiver)
    }

    fn air(&self) -> MutexGuard<'_, Air> {
        self.air.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of what nobody waits for any more, and lists the rest. Without any
    /// the watch is over.
    fn stock(&self) -> Option<Stock> {
        let mut air = self.air();
        air.let_go();
        if air.keys.is_empty() {
            air.is_watched = false;
            return None;
        }
        let mut stock = Stock::default();
        for (key, flight) in &air.keys {
            let list = if flight.is_queued { &mut stock.queued } else { &mut stock.fresh };
            list.push(*key);
        }
        Some(stock)
    }

    /// Whether a record is what is waited for.
    fn will_do(&self, record: &Record) -> bool {
        let air = self.air();
        let flight = air.keys.get(&record.key);
        flight.is_none_or(|flight| flight.extent == Extent::Any) || is_whole(record)
    }

    fn land(&self, key: Key, landed: Landed) {
        if let Some(flight) = self.air().keys.remove(&key) {
            flight.sender.send_replace(Some(landed));
        }
    }

    fn note_queued(&self, keys: &[Key], is_queued: bool) {
        let mut air = self.air();
        for key in keys {
            if let Some(flight) = air.keys.get_mut(key) {
                flight.is_queued = is_queued;
            }
        }
    }
}

impl Air {
    /// Forgets what nobody waits for any more. One that is not queued yet may be a
    /// wish, which nobody ever waits for.
    fn let_go(&mut self) {
        self.keys.retain(|_, flight| !flight.is_queued || flight.sender.receiver_count() > 0);
    }
}

/// Lets everybody go when the watch breaks off.
struct Guard(Demand);

impl Drop for Guard {
    fn drop(&mut self) {
        let mut air = self.0.0.flights.air();
        if air.is_watched {
            *air = Air::default();
        }
    }
}

/// Looks at the store until nothing is waited for.
async fn watch(demand: Demand) {
    let guard = Guard(demand);
    let demand = &guard.0;
    let (bell, flights) = (&demand.0.bell, &demand.0.flights);
    let mut pause = FIRST_PAUSE;
    loop {
        let ring = bell.settled.notified();
        tokio::pin!(ring);
        // What is settled from here on is heard.
        ring.as_mut().enable();
        let Some(stock) = flights.stock() else { return };
        let all: Vec<Key> = stock.queued.iter().chain(&stock.fresh).copied().collect();
        if let Err(error) = look(demand, stock).await {
            tracing::warn!(%error, "what is waited for could not be read");
            for key in all {
                flights.land(key, Landed::StoreAway);
            }
        }
        tokio::select! {
            () = ring => (),
            () = flights.started.notified() => pause = FIRST_PAUSE,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
}

/// Looks once, lands what has come to an end, and queues what is new.
async fn look(demand: &Demand, stock: Stock) -> Result<(), StoreError> {
    let (stores, flights) = (&demand.0.stores, &demand.0.flights);
    let keys: Vec<Key> = stock.queued.iter().chain(&stock.fresh).copied().collect();
    // A task is finished after its record is there: so it is looked at first.
    let standings = stores.queue.standing(&keys).await?;
    let heads = stores.archive.heads(&keys).await?;
    let (mut absent, mut to_queue) = (vec![], vec![]);
    let mut lost = vec![];
    for (place, (key, standing)) in keys.iter().zip(standings).enumerate() {
        let is_fresh = place >= stock.queued.len();
        if heads[place].is_some() {
            match stores.archive.get(*key).await? {
                Some(record) if flights.will_do(&record) => {
                    flights.land(*key, Landed::Here(Box::new(record)));
                    continue;
                }
                // Less than is waited for.
                Some(_) => {}
                // Dropped in between.
                None => {
                    lost.push(*key);
                    continue;
                }
            }
        }
        match standing {
            TaskStanding::Absent => absent.push((*key, is_fresh)),
            TaskStanding::Dead(_) => {
                flights.land(*key, Landed::Failing { retry_after: DEAD_FOR });
            }
            TaskStanding::Pending { due, .. } => {
                let wait = due.since(demand.now());
                if wait > demand.0.options.wait {
                    flights.land(*key, Landed::Failing { retry_after: wait });
                } else if is_fresh {
                    to_queue.push(*key);
                }
            }
        }
    }
    lost.extend(without_task(demand, &absent, &mut to_queue).await?);
    flights.note_queued(&lost, false);
    queue(demand, &to_queue).await
}

/// What has no task and no record: TMDB has none of it, or nobody asked yet.
/// Returns keys whose task is gone without a trace, to be queued anew.
async fn without_task(
    demand: &Demand,
    absent: &[(Key, bool)],
    to_queue: &mut Vec<Key>,
) -> Result<Vec<Key>, StoreError> {
    let keys: Vec<Key> = absent.iter().map(|(key, _)| *key).collect();
    let doubts = demand.0.stores.archive.doubts(&keys).await?;
    let now = demand.now();
    let mut lost = vec![];
    for ((key, is_fresh), doubt) in absent.iter().zip(doubts) {
        match gone_until(doubt, demand.0.options.gone_for, now) {
            Some(until) => {
                demand.0.remembered.note_gone(*key, until, now);
                demand.0.flights.land(*key, Landed::Gone);
            }
            None if *is_fresh => to_queue.push(*key),
            None => lost.push(*key),
        }
    }
    Ok(lost)
}

/// Until when a key counts as gone without asking TMDB.
fn gone_until(doubt: Doubt, believed: Duration, now: Timestamp) -> Option<Timestamp> {
    match doubt {
        Doubt::None => None,
        Doubt::Buried => Some(now + BURIED_FOR.min(believed)),
        Doubt::Missed(at) => Some(at + believed).filter(|until| now < *until),
    }
}

/// Queues what is new, as far as there is room.
async fn queue(demand: &Demand, keys: &[Key]) -> Result<(), StoreError> {
    if keys.is_empty() {
        return Ok(());
    }
    let which = Waiting { demanded: true, ..Waiting::default() };
    let pending = demand.0.stores.queue.waiting(&which).await?;
    let room = demand.0.options.pending_at_most.saturating_sub(pending);
    let room = usize::try_from(room).unwrap_or(usize::MAX).min(keys.len());
    let (keys, refused) = keys.split_at(room);
    for key in refused {
        demand.0.flights.land(*key, Landed::Refused);
    }
    demand.queue(keys, Priority::DEMAND).await?;
    demand.0.flights.note_queued(keys, true);
    Ok(())
}
