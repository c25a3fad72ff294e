//! Schedule: one process among many leads and starts each slot's job; the others
//! stand by. Jobs of different entries run side by side.
//!
//! Who leads, and what starts, the store says in one transaction each; a process
//! may die at any line. What runs is heard of by its process, whoever leads.

mod held;

use std::sync::Arc;
use std::time::Duration;

use domain::schedule::{Cause, Claim, Entry, Job, Leadership, Outcome, Start, next_slots};
use domain::{Schedule, StoreError, Timestamp};
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, Waits};
use crate::error::PipelineError;
use held::{Ending, Held};

/// Does a job until it is done or told to stop.
///
/// It is called before the schedule waits again: whoever turns a simulated clock
/// can count what runs from the call until the future is dropped.
pub type Perform = Arc<
    dyn Fn(Job, Start, CancellationToken) -> BoxFuture<'static, Result<(), PipelineError>>
        + Send
        + Sync,
>;

/// What [`keep`] works with.
pub struct Keeping {
    pub schedule: Arc<dyn Schedule>,
    pub clock: Clock,
    pub waits: Arc<dyn Waits>,
    pub perform: Perform,
    /// Unique for each process.
    pub holder: String,
    pub entries: Vec<Entry>,
    /// A process that is not heard of for so long does not lead any more, and
    /// what it ran is started again.
    pub lease: Duration,
    /// How often to look for triggers, and whether one may lead; well below the lease.
    pub look: Duration,
}

impl std::fmt::Debug for Keeping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeping").field("holder", &self.holder).finish_non_exhaustive()
    }
}

/// Keeps the schedule until `stop`; then tells its jobs to stop, waits for them,
/// and notes that what broke off is to go on elsewhere.
pub async fn keep(keeping: &Keeping, stop: &CancellationToken) -> Result<(), PipelineError> {
    let mut keeper = Keeper {
        keeping,
        held: Held::default(),
        fence: None,
        followed: None,
        renew_at: None,
        troubled: false,
    };
    let kept = keeper.work(stop).await;
    keeper.wind_up().await;
    kept
}

struct Keeper<'a> {
    keeping: &'a Keeping,
    held: Held,
    /// While it leads.
    fence: Option<u64>,
    /// Who leads instead, as far as the log has been told.
    followed: Option<String>,
    /// When to ask for the leadership, and to say what runs, again.
    renew_at: Option<Timestamp>,
    /// The store was out of reach the last time.
    troubled: bool,
}

impl Keeper<'_> {
    async fn work(&mut self, stop: &CancellationToken) -> Result<(), PipelineError> {
        while !stop.is_cancelled() {
            match self.look(stop).await {
                Ok(()) => {
                    if self.troubled {
                        tracing::info!("keeps the schedule again");
                    }
                    self.troubled = false;
                }
                Err(error @ (StoreError::Unavailable(_) | StoreError::Full(_))) => {
                    if !self.troubled {
                        tracing::warn!(%error, "could not keep the schedule; trying again");
                    }
                    self.troubled = true;
                }
                Err(error @ (StoreError::Corrupt(_) | StoreError::Misconfigured(_))) => {
                    return Err(error.into());
                }
            }
            let wake = self.wake();
            tokio::select! {
                () = self.held.next_end() => (),
                () = self.keeping.waits.until(wake) => (),
                () = stop.cancelled() => (),
            }
        }
        Ok(())
    }

    async fn look(&mut self, stop: &CancellationToken) -> Result<(), StoreError> {
        self.note_ends().await?;
        let now = self.now();
        let lease = self.keeping.lease;
        // A clock that was set back must not let the lease lapse.
        if self.renew_at.is_none_or(|at| now >= at || at > now + lease) {
            self.beat(now).await?;
            self.lead(now).await?;
        }
        match self.fence {
            Some(fence) => self.claim(fence, stop).await,
            None => Ok(()),
        }
    }

    /// Says that what runs here still does.
    async fn beat(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let starts = self.held.starts();
        if starts.is_empty() {
            return Ok(());
        }
        let ours = self.keeping.schedule.beat(&starts, self.keeping.lease, now).await?;
        for (start, _) in starts.iter().zip(ours).filter(|(_, ours)| !ours) {
            tracing::warn!(
                entry = %start.name,
                "{} was not heard of in time and may run elsewhere by now; stopping it here",
                start.name
            );
            self.held.give_up(start);
        }
        Ok(())
    }

    async fn lead(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let Keeping { schedule, holder, lease, look, .. } = self.keeping;
        match schedule.lead(holder, *lease, now).await? {
            Leadership::Leads { fence, .. } => {
                self.renew_at = Some(now + *lease / 3);
                if self.fence.replace(fence) != Some(fence) {
                    self.followed = None;
                    let next = self.next(now).await?;
                    tracing::info!(fence, "leads the schedule; next is {next}");
                }
            }
            Leadership::Follows { leader, .. } => {
                self.renew_at = Some(now + (*look).min(*lease / 3));
                self.fence = None;
                if self.followed.as_ref() != Some(&leader) {
                    tracing::info!(%leader, "stands by: {leader} leads the schedule");
                    self.followed = Some(leader);
                }
            }
        }
        Ok(())
    }

    /// Starts what is due.
    async fn claim(&mut self, fence: u64, stop: &CancellationToken) -> Result<(), StoreError> {
        let now = self.now();
        let Keeping { schedule, holder, lease, entries, .. } = self.keeping;
        let offers = entries.iter().map(|entry| entry.offer(now)).collect();
        let claim = Claim { holder: holder.clone(), fence, lease: *lease, offers };
        let Some(starts) = schedule.claim(&claim, now).await? else {
            self.fence = None;
            self.renew_at = None;
            return Ok(());
        };
        if starts.is_empty() {
            return Ok(());
        }
        for start in starts {
            let Some(entry) = entries.iter().find(|entry| entry.name == start.name) else {
                continue;
            };
            tracing::info!(
                entry = %start.name,
                job = %entry.job,
                "starts {}{}",
                entry.name,
                reason(entry, &start)
            );
            let stop = stop.child_token();
            let job = (self.keeping.perform)(entry.job, start.clone(), stop.clone());
            self.held.add(start, stop, now, job);
        }
        let next = self.next(now).await?;
        tracing::info!("next is {next}");
        Ok(())
    }

    /// Notes how jobs ended; what cannot be noted is noted later.
    async fn note_ends(&mut self) -> Result<(), StoreError> {
        while let Some(Ending { start, outcome, error, since }) = self.held.first_end() {
            let (now, error) = (self.now(), error.as_deref());
            self.keeping.schedule.end(start, *outcome, error, now).await?;
            let took = now.since(*since);
            match (*outcome, error) {
                (Outcome::Failed, Some(why)) => {
                    tracing::error!(entry = %start.name, "{} failed after {took:.1?}: {why}", start.name);
                }
                (outcome, _) => {
                    let how = outcome.as_str();
                    tracing::info!(entry = %start.name, "{}: {how} after {took:.1?}", start.name);
                }
            }
            self.held.drop_first_end();
        }
        Ok(())
    }

    /// When to look again, if nothing ends before.
    fn wake(&self) -> Timestamp {
        let now = self.now();
        let look = now + self.keeping.look;
        let slots = self.keeping.entries.iter().filter(|entry| !entry.paused);
        let slot = slots.filter_map(|entry| entry.when.after(now)).min();
        let slot = slot.filter(|_| self.fence.is_some() && !self.troubled);
        let renewal = self.renew_at.filter(|at| *at > now && !self.troubled);
        [slot, renewal].into_iter().flatten().fold(look, Timestamp::min)
    }

    /// Lets others lead at once, and waits for what runs here.
    async fn wind_up(&mut self) {
        self.held.stop_all();
        if self.fence.is_some()
            && let Err(error) = self.keeping.schedule.resign(&self.keeping.holder, self.now()).await
        {
            tracing::warn!(%error, "could not hand the leadership back; it ends with its lease");
        }
        loop {
            if let Err(error) = self.note_ends().await {
                tracing::warn!(%error, "could not note how jobs ended; they will start again");
                return;
            }
            if self.held.is_empty() {
                return;
            }
            let beat_at = self.now() + self.keeping.lease / 3;
            tokio::select! {
                () = self.held.next_end() => (),
                () = self.keeping.waits.until(beat_at) => {
                    if let Err(error) = self.beat(self.now()).await {
                        tracing::warn!(%error, "could not say that jobs still run");
                    }
                }
            }
        }
    }

    fn now(&self) -> Timestamp {
        (self.keeping.clock)()
    }

    /// What comes next by itself, for people.
    async fn next(&self, now: Timestamp) -> Result<String, StoreError> {
        let (_, states) = self.keeping.schedule.standing().await?;
        let paused =
            |entry: &Entry| states.iter().any(|state| state.name == entry.name && state.paused);
        let mut entries = self.keeping.entries.clone();
        entries.retain(|entry| !entry.paused && !paused(entry));
        Ok(match next_slots(&entries, now, 1).first() {
            Some((slot, entry)) => format!("{} at {}", entry.name, entry.when.local(*slot)),
            None => "nothing".to_owned(),
        })
    }
}

/// Why a job starts now, as the end of a sentence; nothing when its slot has just come.
fn reason(entry: &Entry, start: &Start) -> String {
    let slot = entry.when.local(start.slot);
    match start.cause {
        Cause::Slot => String::new(),
        Cause::Waited => format!(", which was due at {slot} and waited for the one before"),
        Cause::Missed => format!(", which was missed at {slot}"),
        Cause::Triggered => " as somebody asked".to_owned(),
        Cause::Interrupted => format!(" again: the process that ran it since {slot} died"),
        Cause::Stopped => format!(" again, which was stopped; it was due at {slot}"),
    }
}

#[cfg(test)]
mod tests;
