//! Hands out permits: this process's lanes of the shared budget, kept renewed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::budget::{Lanes, Permit, Renewal, Slip, Wait};
use domain::{Budget, StoreError, Timestamp};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;

/// Lanes are renewed this often; a lease bears several failures in a row.
const RENEW_EVERY: Duration = Duration::from_millis(400);

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
    state: Mutex<State>,
    /// Somebody needs lanes before the next regular renewal.
    wanted: Notify,
    /// Lanes were granted, or their times moved.
    renewed: Notify,
}

struct State {
    lanes: Lanes,
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
    /// everything through, but for holds: only for a TMDB of one's own.
    pub fn new(budget: Arc<dyn Budget>, clock: Clock, holder: String, limit: u32) -> Arc<Self> {
        let now = Instant::now().into_std();
        let lanes = if limit == 0 { Lanes::unlimited(now) } else { Lanes::none(now) };
        let state = Mutex::new(State { lanes, usual: Duration::ZERO, last_asked: None });
        let (wanted, renewed) = (Notify::new(), Notify::new());
        Arc::new(Self { budget, clock, holder, limit, state, wanted, renewed })
    }

    /// Waits for the next permit.
    pub async fn take(&self) -> Permit {
        loop {
            let renewed = self.renewed.notified();
            let wait = {
                let now = Instant::now();
                let mut state = self.state();
                state.last_asked = Some(now);
                match state.lanes.take(now.into_std()) {
                    Ok(permit) => return permit,
                    Err(wait) => wait,
                }
            };
            match wait {
                Wait::For(wait) => {
                    tokio::select! {
                        () = tokio::time::sleep(wait) => (),
                        () = renewed => (),
                    }
                }
                Wait::ForRenewal => {
                    self.wanted.notify_one();
                    // A renewal between the look and this line is not missed
                    // for long.
                    tokio::select! {
                        () = tokio::time::sleep(RENEW_EVERY) => (),
                        () = renewed => (),
                    }
                }
            }
        }
    }

    /// Reports that a permit's request is over. One that took longer than
    /// usual may have reached TMDB late, and keeps its lane closed for longer.
    pub fn settle(&self, slip: Slip) {
        let mut state = self.state();
        let took = slip.age(Instant::now().into_std());
        let late = took.saturating_sub(state.usual);
        // Moves towards the median: as many answers come sooner as later.
        let step = state.usual / 32 + Duration::from_micros(20);
        state.usual =
            if late.is_zero() { state.usual.saturating_sub(step) } else { state.usual + step };
        if late > TOLERATED {
            state.lanes.settle(slip, late);
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
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.wanted.notified() => (),
                () = tokio::time::sleep(RENEW_EVERY) => (),
            }
            if let Err(error) = self.renew(self.is_wanted()).await {
                tracing::warn!(%error, "could not renew this process's share of the budget");
                tokio::time::sleep(RENEW_EVERY).await;
            }
        }
        if let Err(error) = self.renew(false).await {
            tracing::debug!(%error, "could not give lanes back; they come free by themselves");
        }
    }

    fn is_wanted(&self) -> bool {
        self.state().last_asked.is_some_and(|asked| asked.elapsed() < IDLE_AFTER)
    }

    async fn renew(&self, wants: bool) -> Result<(), StoreError> {
        let lanes = {
            let mut state = self.state();
            if !wants && state.lanes.is_empty() && !state.lanes.owes_report() {
                return Ok(());
            }
            // Lanes used while the row is being written would be free too
            // early for their next holder.
            if !wants {
                state.lanes.give_up();
            }
            state.lanes.report(Instant::now().into_std(), (self.clock)())
        };
        let renewal = Renewal { holder: self.holder.clone(), limit: self.limit, wants, lanes };
        let grant = self.budget.renew(&renewal, (self.clock)()).await?;
        let now = Instant::now().into_std();
        let owes_report = {
            let mut state = self.state();
            state.lanes.apply(&grant, now, (self.clock)());
            state.lanes.owes_report()
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
