//! How a process does, told to the others every few seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use domain::{StoreError, Worker};
use tokio_util::sync::CancellationToken;

use crate::cancel::SILENT_FOR;
use crate::pipeline::Pipeline;

/// How often a process tells how it does.
pub const BEAT_EVERY: Duration = Duration::from_secs(5);

/// One that was not heard of for so long is silent: its process has died, or is cut off.
pub const SILENT_AFTER: Duration = Duration::from_secs(20);

/// How often a process looks for runs of others that died with theirs.
const BURY_EVERY: Duration = Duration::from_mins(1);

/// A silent one is remembered for so long.
const REMEMBERED: Duration = Duration::from_hours(24);

/// What a process counts of itself.
#[derive(Debug, Default)]
pub(crate) struct Vitals {
    in_flight: AtomicU32,
    collected: AtomicU64,
    failed: AtomicU64,
}

impl Vitals {
    pub(crate) fn ask(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self)
    }

    pub(crate) fn settled(&self, collected: u64, failed: u64) {
        self.collected.fetch_add(collected, Ordering::Relaxed);
        self.failed.fetch_add(failed, Ordering::Relaxed);
    }

    fn of(&self, worker: &Worker) -> Worker {
        Worker {
            in_flight: self.in_flight.load(Ordering::Relaxed),
            collected: self.collected.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            ..worker.clone()
        }
    }
}

/// A title that is being asked for, until dropped.
pub(crate) struct InFlight<'a>(&'a Vitals);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Tells how this process does until `stop`, then that it has ended.
///
/// `worker` says who it is; its figures are filled in. Runs whose process is heard of no
/// more are noted meanwhile. A store out of reach is not worth more than a line of
/// debugging: who works notices it too.
pub async fn keep_beating(pipeline: Pipeline, worker: Worker, stop: CancellationToken) {
    let workers = Arc::clone(&pipeline.stores.workers);
    let mut said = false;
    let mut beaten_at = pipeline.now();
    let mut bury_at = beaten_at;
    loop {
        let now = pipeline.now();
        // Who slept, or could not write, has been silent itself: runs that live are given
        // time to say so.
        if now.since(beaten_at) > SILENT_AFTER {
            bury_at = now + SILENT_FOR;
        }
        let beat = Worker { heard_at: now, ..pipeline.vitals.of(&worker) };
        let told = async {
            workers.beat(&beat).await?;
            if !said {
                workers.forget(now - REMEMBERED).await?;
            }
            // A clock that was set back must not keep it from looking.
            if now >= bury_at || bury_at > now + SILENT_FOR {
                pipeline.stores.ledger.bury_silent_runs(now - SILENT_FOR).await?;
                bury_at = now + BURY_EVERY;
            }
            Ok::<(), StoreError>(())
        };
        match told.await {
            Ok(()) => {
                said = true;
                beaten_at = now;
            }
            Err(error) => tracing::debug!(%error, "could not tell the others of this process"),
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(BEAT_EVERY) => (),
        }
    }
    if let Err(error) = workers.leave(&worker.name).await {
        tracing::debug!(%error, "could not tell the others that this process ends");
    }
}
