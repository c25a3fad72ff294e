//! Writes what has been fetched, in batches: records, catalogue, then tasks.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::archive::Put;
use domain::deletion::Proof;
use domain::ledger::Drift;
use domain::queue::{Lease, Verdict};
use domain::run::{Progress, Run, RunFigures};
use domain::{Failure, FailureClass, Key, Record, RunId, StoreError, Timestamp};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{Notify, mpsc};

use super::fetch::Fetched;
use crate::deletion;
use crate::error::PipelineError;
use crate::patience::Patience;
use crate::pipeline::Pipeline;
use crate::watch::{Event, Watch};

/// Titles written in one go, at most. A bound on memory too: bodies are large.
const BATCH: usize = 48;

/// Batches under way at the same time: one is compressed while another is
/// written. Each keeps its own order of writes, and a key is in one of them.
const AT_ONCE: usize = 2;

/// A title in a worker's hands that has been fetched, well or badly.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) lease: Lease,
    pub(super) fetched: Fetched,
    /// TMDB is down: the title is not to blame, and not tried before.
    pub(super) wait_for: Option<Timestamp>,
}

/// The fetchers' end.
pub(super) struct Results {
    sender: mpsc::Sender<Finished>,
    shared: Arc<Shared>,
}

pub(super) struct Keeper {
    receiver: mpsc::Receiver<Finished>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    sent: AtomicU64,
    kept: AtomicU64,
    moved: Notify,
    /// Titles named for each run so far.
    labels: Mutex<HashMap<RunId, usize>>,
}

pub(super) fn channel() -> (Keeper, Results) {
    let (sender, receiver) = mpsc::channel(BATCH);
    let shared = Arc::new(Shared::default());
    (Keeper { receiver, shared: Arc::clone(&shared) }, Results { sender, shared })
}

impl Results {
    /// Waits for room. Dropped when the keeper has given up; the lease then
    /// runs out by itself.
    pub(super) async fn send(&self, finished: Finished) {
        self.shared.sent.fetch_add(1, Ordering::Relaxed);
        if self.sender.send(finished).await.is_err() {
            tracing::debug!("a title came after the store had failed; its lease will run out");
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Waits until everything sent is written, or the keeper has given up.
    pub(super) async fn settled(&self) {
        loop {
            let moved = self.shared.moved.notified();
            let kept = self.shared.kept.load(Ordering::Acquire);
            if kept == self.shared.sent.load(Ordering::Acquire) || self.is_closed() {
                return;
            }
            tokio::select! {
                () = moved => (),
                () = self.sender.closed() => (),
            }
        }
    }

    /// A run names only its first titles.
    pub(super) fn wants_label(&self, run: Option<RunId>) -> bool {
        let Some(run) = run else { return false };
        let mut labels = self.shared.labels.lock().unwrap_or_else(PoisonError::into_inner);
        let named = labels.entry(run).or_default();
        *named += 1;
        *named <= Run::TITLES_KEPT
    }
}

impl Keeper {
    /// Writes until every sender is gone.
    pub(super) async fn run(
        mut self,
        pipeline: &Pipeline,
        patience: &Patience,
        watch: &dyn Watch,
    ) -> Result<RunFigures, PipelineError> {
        let mut total = RunFigures::default();
        let mut writing = FuturesUnordered::new();
        let mut ended = false;
        while !ended || !writing.is_empty() {
            let mut batch = Vec::with_capacity(BATCH);
            tokio::select! {
                count = self.receiver.recv_many(&mut batch, BATCH), if !ended && writing.len() < AT_ONCE => {
                    ended = count == 0;
                    if !ended {
                        writing.push(async move { (count, keep(pipeline, patience, batch, watch).await) });
                    }
                }
                Some((count, kept)) = writing.next() => {
                    total += kept.inspect_err(|error| {
                        tracing::error!(%error, "could not keep what was collected; stopping");
                    })?;
                    self.shared.kept.fetch_add(count as u64, Ordering::Release);
                    self.shared.moved.notify_waiters();
                    watch.see(Event::Stored { figures: total });
                }
            }
        }
        Ok(total)
    }
}

/// Writes one batch in the order that lets a process die at any line.
async fn keep(
    pipeline: &Pipeline,
    patience: &Patience,
    batch: Vec<Finished>,
    watch: &dyn Watch,
) -> Result<RunFigures, StoreError> {
    let stores = &pipeline.stores;
    let mut kept = Batch::default();
    for finished in batch {
        kept.add(pipeline, finished, watch);
    }
    let puts = patience.with("store records", || stores.archive.put(&kept.records)).await?;
    patience.with("write the catalogue", || stores.catalog.put(&kept.records)).await?;
    let now = pipeline.now();
    if !kept.gone.is_empty() {
        patience
            .with("note missing titles", || deletion::doubt(pipeline, &kept.gone, &Proof::NotFound))
            .await?;
    }
    let held = patience.with("finish tasks", || stores.queue.settle(&kept.verdicts, now)).await?;
    pipeline.bell.settled.notify_waiters();
    kept.count(&puts, &held);
    let settled = |wanted: fn(&Verdict) -> bool| {
        let verdicts = kept.verdicts.iter().zip(&held);
        verdicts.filter(|((_, verdict), held)| **held && wanted(verdict)).count() as u64
    };
    pipeline.vitals.settled(
        settled(|verdict| matches!(verdict, Verdict::Finish)),
        settled(|verdict| matches!(verdict, Verdict::Retry { .. } | Verdict::Bury(_))),
    );
    if !kept.drift.is_empty() {
        let drift = merged(&kept.drift);
        patience.with("count schema drift", || stores.ledger.note_drift(&drift, now)).await?;
    }
    let mut total = RunFigures::default();
    for (run, progress) in &kept.progress {
        total += progress.figures;
        if let Some(run) = run {
            patience.with("note figures", || stores.ledger.progress(*run, progress, now)).await?;
        }
    }
    Ok(total)
}

/// A batch, sorted into what is to be written.
#[derive(Default)]
struct Batch {
    records: Vec<Record>,
    /// For each record the place of its verdict.
    owners: Vec<usize>,
    verdicts: Vec<(Lease, Verdict)>,
    gone: Vec<Key>,
    drift: Vec<Drift>,
    progress: BTreeMap<Option<RunId>, Progress>,
    labels: Vec<Option<String>>,
}

impl Batch {
    fn add(&mut self, pipeline: &Pipeline, finished: Finished, watch: &dyn Watch) {
        let Finished { lease, fetched, wait_for } = finished;
        let figures = &mut self.progress.entry(lease.run).or_default().figures;
        figures.calls += fetched.calls;
        figures.bytes += fetched.bytes;
        let verdict = match fetched.result {
            Ok(records) => {
                self.owners.extend(records.iter().map(|_| self.verdicts.len()));
                self.records.extend(records);
                self.drift.extend(fetched.drift);
                Verdict::Finish
            }
            Err(Failure { class: FailureClass::Later, .. }) if let Some(due) = wait_for => {
                Verdict::Release { due }
            }
            Err(failure) => self.failed(pipeline, &lease, failure, watch),
        };
        self.labels.push(fetched.label);
        self.verdicts.push((lease, verdict));
    }

    fn failed(
        &mut self,
        pipeline: &Pipeline,
        lease: &Lease,
        failure: Failure,
        watch: &dyn Watch,
    ) -> Verdict {
        if failure.class == FailureClass::Gone {
            self.gone.push(lease.key);
        }
        let (why, now) = (failure.message.clone(), pipeline.now());
        let verdict = pipeline.retry.verdict(lease.attempt, failure, now, (pipeline.chance)());
        match &verdict {
            Verdict::Bury(_) => {
                tracing::warn!(key = %lease.key, attempts = lease.attempt, "gave up on {}: {why}", lease.key);
                watch.see(Event::Failed { key: lease.key, why: &why, again: false });
            }
            Verdict::Retry { due, .. } => {
                tracing::debug!(key = %lease.key, attempt = lease.attempt, %due, "{} failed: {why}", lease.key);
                watch.see(Event::Failed { key: lease.key, why: &why, again: true });
            }
            Verdict::Finish | Verdict::Release { .. } => (),
        }
        verdict
    }

    /// Counts what happened, leaving out titles that others hold by now.
    fn count(&mut self, puts: &[Put], held: &[bool]) {
        for (place, put) in self.owners.iter().zip(puts) {
            let progress = self.progress.entry(self.verdicts[*place].0.run).or_default();
            progress.figures.ingested += 1;
            progress.figures.unchanged += u64::from(*put == Put::Unchanged);
        }
        for (place, ((lease, verdict), held)) in self.verdicts.iter().zip(held).enumerate() {
            if !held {
                tracing::debug!(key = %lease.key, "the lease on {} had ended; another worker settles it", lease.key);
                continue;
            }
            let progress = self.progress.entry(lease.run).or_default();
            match verdict {
                Verdict::Bury(failure) => {
                    progress.figures.failed += 1;
                    progress.failed_titles.push(format!("{}: {}", lease.key, failure.message));
                }
                Verdict::Finish if self.gone.contains(&lease.key) => progress.figures.gone += 1,
                Verdict::Finish => progress.ingested_titles.extend(self.labels[place].take()),
                Verdict::Retry { .. } | Verdict::Release { .. } => (),
            }
        }
    }
}

/// The same drift of several bodies as one.
pub(super) fn merged(drift: &[Drift]) -> Vec<Drift> {
    let mut counts: BTreeMap<(domain::Kind, &str, &'static str), u64> = BTreeMap::new();
    for drift in drift {
        *counts.entry((drift.kind, &drift.path, drift.found)).or_default() += drift.count;
    }
    let merged = |((kind, path, found), count): ((_, &str, _), _)| Drift {
        kind,
        path: path.to_owned(),
        found,
        count,
    };
    counts.into_iter().map(merged).collect()
}
