//! Hands out permits: this process's lanes of the shared budget, kept renewed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::budget::{Connections, Lanes, Permit, Renewal, Slip, Wait};
use domain::{Budget, StoreError, Timestamp};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;

/// Lanes are renewed this often; a lease bears several failures in a row.
const RENEW_EVERY: Duration = Duration::from_millis(400);

/// Renewals follow each other no sooner, however many wait.
const RENEW_AT_MOST_EVERY: Duration = Duration::from_millis(20);

/// Lanes are given back when nobody asked for this long.
const IDLE_AFTER: Duration = Duration::from_secs(2);

/// What the lanes' own margin covers.
const TOLERATED: Duration = Duration::from_millis(4);

/// Hands out permits to everything in this process that asks TMDB.
pub struct Permits {
    budget: Arc<dyn Budget>,
    clock: Clock,
    holder: String,
    /// Requests a second for the whole deployment; zero means no limit.
    limit: u32,
    /// Connections for the whole deployment.
    connections: u32,
    state: Mutex<State>,
    /// Somebody needs lanes before the next regular renewal.
    wanted: Notify,
    /// Lanes were granted, or their times moved.
    renewed: Notify,
    /// A request is over; its connection is another's.
    ended: Notify,
}

struct State {
    lanes: Lanes,
    connections: Connections,
    /// How long a request usually takes.
    usual: Duration,
    last_asked: Option<Instant>,
}

impl std::fmt::Debug for Permits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Permits").field("holder", &self.holder).finish_non_exhaustive()
    }
}

impl Permits {
    /// `holder` must be unique for each process. A `limit` of zero lets
    /// everything through, but for holds, over any number of connections: only
    /// for a TMDB of one's own.
    pub fn new(
        budget: Arc<dyn Budget>,
        clock: Clock,
        holder: String,
        limit: u32,
        connections: u32,
    ) -> Arc<Self> {
        let now = Instant::now().into_std();
        let (lanes, own) = match limit {
            0 => (Lanes::unlimited(now), Connections::unlimited()),
            _ => (Lanes::none(now), Connections::none()),
        };
        let usual = Duration::ZERO;
        let state = Mutex::new(State { lanes, connections: own, usual, last_asked: None });
        let (wanted, renewed, ended) = (Notify::new(), Notify::new(), Notify::new());
        Arc::new(Self { budget, clock, holder, limit, connections, state, wanted, renewed, ended })
    }

    /// Makes one request when its turn has come. It has a lane and a connection of
    /// this process's share until it is over, or given up.
    pub async fn spend<F: Future>(&self, request: impl FnOnce(Permit) -> F) -> F::Output {
        let (permit, _under_way) = self.take().await;
        request(permit).await
    }

    async fn take(&self) -> (Permit, UnderWay<'_>) {
        let mut has_asked = false;
        loop {
            let (renewed, ended) = (self.renewed.notified(), self.ended.notified());
            let wait = match self.try_take() {
                Ok(taken) => return taken,
                Err(Some(Wait::For(wait))) => wait,
                Err(Some(Wait::ForRenewal)) => {
                    // Once each: with fewer lanes than processes some have none for long.
                    if !has_asked {
                        self.wanted.notify_one();
                        has_asked = true;
                    }
                    // A renewal between the look and this line is not missed for long.
                    RENEW_EVERY
                }
                Err(None) => {
                    tokio::select! {
                        () = ended => (),
                        () = renewed => (),
                        () = tokio::time::sleep(RENEW_EVERY) => (),
                    }
                    continue;
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => (),
                () = renewed => (),
            }
        }
    }

    /// `None` for who waits for a connection.
    fn try_take(&self) -> Result<(Permit, UnderWay<'_>), Option<Wait>> {
        let now = Instant::now();
        let mut state = self.state();
        state.last_asked = Some(now);
        if !state.connections.is_free() && state.connections.open() > 0 {
            return Err(None);
        }
        if !state.connections.is_free() {
            return Err(Some(Wait::ForRenewal));
        }
        let permit = state.lanes.take(now.into_std()).map_err(Some)?;
        state.connections.begin();
        let slip = permit.slip();
        Ok((permit, UnderWay { permits: self, slip }))
    }

    /// A request is over. One that took longer than usual may have reached TMDB
    /// late, and keeps its lane closed for longer.
    fn settle(&self, slip: Slip) {
        let mut state = self.state();
        state.connections.end();
        let took = slip.age(Instant::now().into_std());
        let late = took.saturating_sub(state.usual);
        // Moves towards the median: as many answers come sooner as later.
        let step = state.usual / 32 + Duration::from_micros(20);
        state.usual =
            if late.is_zero() { state.usual.saturating_sub(step) } else { state.usual + step };
        if late > TOLERATED {
            state.lanes.settle(slip, late);
        }
        drop(state);
        if self.limit > 0 {
            self.ended.notify_one();
        }
    }

    /// Notes a 429 for the whole deployment. Returns how long nobody asks.
    pub async fn hold(&self, retry_after: Option<Duration>) -> Duration {
        let now = (self.clock)();
        let wait = match self.budget.hold(retry_after, now).await {
            Ok(until) => until.since(now),
            Err(error) => {
                let wait = retry_after.unwrap_or(Duration::from_secs(5));
                tracing::warn!(%error, ?wait, "could not tell the others of a 429; waiting alone");
                wait
            }
        };
        self.state().lanes.hold((Instant::now() + wait).into_std());
        wait
    }

    /// Heeds a hold that another process was told of.
    pub fn heed(&self, until: Timestamp) {
        let wait = until.since((self.clock)());
        self.state().lanes.hold((Instant::now() + wait).into_std());
    }

    /// Keeps the lanes renewed until `stop`, then gives them back.
    pub async fn keep_renewed(self: Arc<Self>, stop: CancellationToken) {
        if self.limit == 0 {
            return;
        }
        let mut outage = Outage::default();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.wanted.notified() => (),
                () = tokio::time::sleep(RENEW_EVERY) => (),
            }
            let renewed = self.renew(self.is_wanted()).await;
            let is_news = outage.is_news(renewed.is_ok());
            match renewed {
                Ok(()) if is_news => {
                    tracing::info!("renewed this process's share of the budget again");
                }
                Ok(()) => (),
                Err(error) => {
                    if is_news {
                        tracing::warn!(%error, "could not renew this process's share of the budget; trying again");
                    }
                    tokio::time::sleep(RENEW_EVERY).await;
                }
            }
            tokio::time::sleep(RENEW_AT_MOST_EVERY).await;
        }
        if let Err(error) = self.renew(false).await {
            tracing::debug!(%error, "could not give lanes back; they come free by themselves");
        }
    }

    fn is_wanted(&self) -> bool {
        self.state().last_asked.is_some_and(|asked| asked.elapsed() < IDLE_AFTER)
    }

    async fn renew(&self, wants: bool) -> Result<(), StoreError> {
        let (lanes, open) = {
            let mut state = self.state();
            let has_none = state.lanes.is_empty() && state.connections.open() == 0;
            if !wants && has_none && !state.lanes.owes_report() {
                return Ok(());
            }
            // Lanes used while the row is being written would be free too
            // early for their next holder.
            if !wants {
                state.lanes.give_up();
                state.connections.give_up();
            }
            let lanes = state.lanes.report(Instant::now().into_std(), (self.clock)());
            (lanes, state.connections.open())
        };
        let renewal = Renewal {
            holder: self.holder.clone(),
            limit: self.limit,
            connections: self.connections,
            open,
            wants,
            lanes,
        };
        let grant = self.budget.renew(&renewal, (self.clock)()).await?;
        let now = Instant::now().into_std();
        let owes_report = {
            let mut state = self.state();
            state.lanes.apply(&grant, now, (self.clock)());
            state.connections.apply(&grant);
            // Others wait to hear that the smaller share is known.
            state.lanes.owes_report() || state.connections.open() < open
        };
        if owes_report && wants {
            self.wanted.notify_one();
        }
        self.renewed.notify_waiters();
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An outage is told once, and once that it is over, however often one tries meanwhile.
#[derive(Default)]
struct Outage {
    lasts: bool,
}

impl Outage {
    fn is_news(&mut self, went_well: bool) -> bool {
        std::mem::replace(&mut self.lasts, !went_well) == went_well
    }
}

/// A request's lane and connection, until it is dropped.
struct UnderWay<'a> {
    permits: &'a Permits,
    slip: Slip,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.permits.settle(self.slip);
    }
}

#[cfg(test)]
mod tests;
