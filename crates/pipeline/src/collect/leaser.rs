//! Holds tasks, starts fetches, and gives back what it does not get to.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::queue::{Lease, LeaseTerms, Priority, Verdict};
use domain::{Failure, FailureClass, Key, Timestamp};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::fetch::{Fetched, fetch};
use super::keeper::{Finished, Results};
use super::outage::Outage;
use super::{CollectOptions, Until, is_fatal};
use crate::bell::LOOK_EVERY;
use crate::clock::FOREVER;
use crate::error::PipelineError;
use crate::patience::Patience;
use crate::pipeline::Pipeline;
use crate::watch::{Event, Unwatched, Watch};

/// How long a stop waits for what is in flight; a hold may keep it waiting for an hour.
const GRACE: Duration = Duration::from_secs(25);

pub(super) async fn run(
    pipeline: &Pipeline,
    options: &CollectOptions,
    results: Results,
    patience: &Patience,
    watch: &dyn Watch,
) -> Result<(), PipelineError> {
    let stop = &patience.stop;
    let mut leaser = Leaser {
        pipeline,
        options,
        results,
        patience,
        watch,
        waiting: vec![],
        in_flight: HashMap::new(),
        fetches: JoinSet::new(),
        taken: 0,
        renewed: Instant::now(),
        looked: Instant::now(),
        refused: None,
        outage: Outage::default(),
    };
    let ended = leaser.work(stop).await;
    leaser.wind_up().await;
    ended?;
    match leaser.refused {
        Some(failure) => Err(PipelineError::Refused(failure)),
        None => Ok(()),
    }
}

struct Leaser<'a> {
    pipeline: &'a Pipeline,
    options: &'a CollectOptions,
    results: Results,
    patience: &'a Patience,
    watch: &'a dyn Watch,
    /// Leased, not started.
    waiting: Vec<Lease>,
    /// By key, with the id of its fetch.
    in_flight: HashMap<tokio::task::Id, Lease>,
    fetches: JoinSet<Fetched>,
    taken: u64,
    renewed: Instant,
    /// When tasks were last leased.
    looked: Instant,
    refused: Option<Failure>,
    outage: Outage,
}

impl Leaser<'_> {
    async fn work(&mut self, stop: &CancellationToken) -> Result<(), PipelineError> {
        let (mut dry, mut hurried) = (false, false);
        let bell = Arc::clone(&self.pipeline.bell);
        loop {
            let ring = bell.queued.notified();
            tokio::pin!(ring);
            ring.as_mut().enable();
            if self.is_over(stop) {
                return Ok(());
            }
            if self.fetches.is_empty() && self.outage.is_paused(self.pipeline.now()) {
                self.sit_out(stop).await?;
                continue;
            }
            if self.waiting.is_empty() && !dry && !self.is_limited() {
                self.lease().await?;
                dry = self.waiting.is_empty();
            } else if (hurried || self.looked.elapsed() >= LOOK_EVERY) && !self.is_limited() {
                self.overtake().await?;
            }
            hurried = false;
            self.start_fetches();
            if self.fetches.is_empty() {
                if self.is_limited() || !self.wait_for_tasks(stop).await? {
                    return Ok(());
                }
                dry = false;
                continue;
            }
            // What is demanded does not wait for all that was leased before.
            let patience = LOOK_EVERY.min(self.options.lease / 3);
            tokio::select! {
                done = self.fetches.join_next_with_id() => {
                    if let Some(done) = done {
                        self.done(done).await;
                    }
                    dry = dry && self.fetches.len() >= self.options.concurrency;
                }
                () = tokio::time::sleep(patience) => (),
                () = ring => hurried = true,
                () = stop.cancelled() => (),
            }
            self.prolong().await?;
        }
    }

    fn is_over(&self, stop: &CancellationToken) -> bool {
        stop.is_cancelled() || self.refused.is_some() || self.results.is_closed()
    }

    fn is_limited(&self) -> bool {
        self.options.limit.is_some_and(|limit| self.taken >= limit)
    }

    async fn lease(&mut self) -> Result<(), PipelineError> {
        self.waiting = self.take(self.options.concurrency * 8, None).await?;
        Ok(())
    }

    /// Takes what somebody waits for, to be started before what is held already.
    async fn overtake(&mut self) -> Result<(), PipelineError> {
        let demanded = self.take(self.options.concurrency, Some(Priority::DEMAND)).await?;
        self.waiting.extend(demanded);
        Ok(())
    }

    /// Leases tasks, the most urgent last: they are started from the back.
    async fn take(
        &mut self,
        limit: usize,
        urgent: Option<Priority>,
    ) -> Result<Vec<Lease>, PipelineError> {
        let left = self.options.limit.map_or(u64::MAX, |limit| limit - self.taken);
        let terms = LeaseTerms {
            worker: self.options.worker.clone(),
            limit: limit.min(usize::try_from(left).unwrap_or(usize::MAX)),
            duration: self.options.lease,
            urgent,
        };
        let queue = &self.pipeline.stores.queue;
        let now = self.pipeline.now();
        self.looked = Instant::now();
        let mut taken = self.patience.with("lease tasks", || queue.lease(&terms, now)).await?;
        taken.reverse();
        self.taken += taken.len() as u64;
        Ok(taken)
    }

    fn start_fetches(&mut self) {
        let room = self.outage.room(self.options.concurrency, self.pipeline.now());
        while self.fetches.len() < room {
            let Some(lease) = self.waiting.pop() else { return };
            let (pipeline, key, run) = (self.pipeline.clone(), lease.key, lease.run);
            let with_label = self.results.wants_label(run);
            let fetch = self.fetches.spawn(async move {
                let _in_flight = pipeline.vitals.ask();
                fetch(&pipeline, key, run, with_label, &Unwatched).await
            });
            self.in_flight.insert(fetch.id(), lease);
        }
    }

    async fn done(&mut self, done: Result<(tokio::task::Id, Fetched), JoinError>) {
        let (id, fetched) = match done {
            Ok(done) => done,
            Err(error) => (error.id(), broken(&error)),
        };
        let Some(lease) = self.in_flight.remove(&id) else { return };
        if let Err(failure) = &fetched.result
            && is_fatal(failure)
        {
            self.refused = Some(failure.clone());
        }
        let failure = fetched.result.as_ref().err().filter(|_| !fetched.answered);
        self.outage.note(lease.key, failure, self.pipeline.now());
        let wait_for = self.outage.until();
        self.results.send(Finished { lease, fetched, wait_for }).await;
    }

    /// Gives everything back and waits until TMDB may be tried again.
    async fn sit_out(&mut self, stop: &CancellationToken) -> Result<(), PipelineError> {
        let (now, until) = (self.pipeline.now(), self.outage.until());
        let down_for = self.outage.since().map_or(Duration::ZERO, |since| now.since(since));
        if self.options.outage_patience.is_some_and(|patience| down_for >= patience) {
            return Err(PipelineError::Source {
                what: "TMDB".to_owned(),
                why: "it has not answered for too long; what is left stays queued".to_owned(),
            });
        }
        // What failed is given back too, before its lease ends.
        self.results.settled().await;
        let until = until.unwrap_or(now);
        let back: Vec<Lease> = self.waiting.drain(..).collect();
        self.taken = self.taken.saturating_sub(back.len() as u64);
        self.give_back(back, until).await;
        tokio::select! {
            () = self.pipeline.waits.until(until) => (),
            () = stop.cancelled() => (),
        }
        Ok(())
    }

    /// Waits until a task may be ready. False when none will be.
    async fn wait_for_tasks(&mut self, stop: &CancellationToken) -> Result<bool, PipelineError> {
        // What this process has just finished is not settled yet.
        self.results.settled().await;
        let ring = self.pipeline.bell.queued.notified();
        tokio::pin!(ring);
        // What is queued from here on is heard.
        ring.as_mut().enable();
        let (queue, now) = (&self.pipeline.stores.queue, self.pipeline.now());
        let depth = self.patience.with("look at the queue", || queue.depth(now)).await?;
        self.watch.see(Event::Left { tasks: depth.ready + depth.delayed + depth.leased });
        let is_over = match self.options.until {
            Until::NoneReady => depth.ready == 0,
            Until::Drained => depth.is_drained(),
            Until::Stopped => false,
        };
        if is_over || depth.ready > 0 {
            return Ok(!is_over);
        }
        let soon = now + Duration::from_millis(5);
        let due = depth.next_due.map_or(FOREVER, |due| due.max(soon));
        tokio::select! {
            () = self.pipeline.waits.until(due) => (),
            // Other processes ring elsewhere.
            () = tokio::time::sleep(LOOK_EVERY) => (),
            () = ring => (),
            () = stop.cancelled() => (),
        }
        Ok(true)
    }

    /// Prolongs every lease held, in good time.
    async fn prolong(&mut self) -> Result<(), PipelineError> {
        if self.renewed.elapsed() < self.options.lease / 3 {
            return Ok(());
        }
        self.renewed = Instant::now();
        let leases: Vec<Lease> =
            self.waiting.iter().chain(self.in_flight.values()).cloned().collect();
        let (queue, now) = (&self.pipeline.stores.queue, self.pipeline.now());
        let until = now + self.options.lease;
        let held =
            self.patience.with("prolong leases", || queue.extend(&leases, until, now)).await?;
        let lost: Vec<Key> =
            leases.iter().zip(held).filter(|(_, held)| !held).map(|(lease, _)| lease.key).collect();
        if !lost.is_empty() {
            tracing::warn!(
                count = lost.len(),
                "lost leases to other workers; their results will not count"
            );
            self.waiting.retain(|lease| !lost.contains(&lease.key));
        }
        Ok(())
    }

    /// Finishes what is in flight and gives back the rest.
    async fn wind_up(&mut self) {
        let now = self.pipeline.now();
        let mut back: Vec<Lease> = self.waiting.drain(..).collect();
        // A fetch that still waits for a permit after a refusal would only be
        // refused too.
        if self.refused.is_some() {
            self.fetches.abort_all();
        }
        let end = Instant::now() + GRACE;
        loop {
            let done = tokio::select! {
                done = self.fetches.join_next_with_id() => done,
                () = tokio::time::sleep_until(end) => {
                    self.fetches.abort_all();
                    self.fetches.join_next_with_id().await
                }
            };
            let Some(done) = done else { break };
            match done {
                Err(error) if error.is_cancelled() => {
                    back.extend(self.in_flight.remove(&error.id()));
                }
                done => self.done(done).await,
            }
        }
        self.give_back(back, now).await;
    }

    async fn give_back(&self, back: Vec<Lease>, due: Timestamp) {
        if back.is_empty() {
            return;
        }
        let (count, now) = (back.len(), self.pipeline.now());
        let release = |lease| (lease, Verdict::Release { due });
        let verdicts: Vec<_> = back.into_iter().map(release).collect();
        match self.pipeline.stores.queue.settle(&verdicts, now).await {
            Ok(_) => tracing::info!(count, "gave {count} titles back to the queue"),
            Err(error) => {
                tracing::warn!(%error, count, "could not give titles back; they come back when their leases end");
            }
        }
    }
}

/// A fetch that panicked is the title's failure, not the batch's.
fn broken(error: &JoinError) -> Fetched {
    let message = format!("collecting it broke off, which is a bug: {error}");
    Fetched {
        result: Err(Failure::new(FailureClass::Ours, message, b"")),
        answered: false,
        drift: vec![],
        label: None,
        calls: 0,
        bytes: 0,
    }
}
