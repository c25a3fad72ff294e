//! The jobs that run in this process.

use std::collections::{HashMap, VecDeque};

use domain::Timestamp;
use domain::schedule::{Outcome, Start};
use futures_util::future::BoxFuture;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::error::PipelineError;

/// A job that ended and is not noted yet.
pub(super) struct Ending {
    pub(super) start: Start,
    pub(super) outcome: Outcome,
    pub(super) error: Option<String>,
    pub(super) since: Timestamp,
}

struct Running {
    start: Start,
    stop: CancellationToken,
    since: Timestamp,
}

#[derive(Default)]
pub(super) struct Held {
    running: HashMap<Id, Running>,
    jobs: JoinSet<Result<(), PipelineError>>,
    ended: VecDeque<Ending>,
}

impl Held {
    pub(super) fn add(
        &mut self,
        start: Start,
        stop: CancellationToken,
        since: Timestamp,
        job: BoxFuture<'static, Result<(), PipelineError>>,
    ) {
        let id = self.jobs.spawn(job).id();
        self.running.insert(id, Running { start, stop, since });
    }

    /// Waits until a job ends; for ever when none runs.
    pub(super) async fn next_end(&mut self) {
        let (id, ended) = match self.jobs.join_next_with_id().await {
            None => return std::future::pending().await,
            Some(Ok((id, ended))) => (id, Ok(ended)),
            Some(Err(error)) => (error.id(), Err(error)),
        };
        let Some(Running { start, since, .. }) = self.running.remove(&id) else { return };
        let (outcome, error) = verdict(ended);
        self.ended.push_back(Ending { start, outcome, error, since });
    }

    pub(super) fn first_end(&self) -> Option<&Ending> {
        self.ended.front()
    }

    pub(super) fn drop_first_end(&mut self) {
        self.ended.pop_front();
    }

    /// What runs, and what has ended and is not noted.
    pub(super) fn starts(&self) -> Vec<Start> {
        let running = self.running.values().map(|running| &running.start);
        running.chain(self.ended.iter().map(|ending| &ending.start)).cloned().collect()
    }

    /// Stops a job that may run elsewhere by now.
    pub(super) fn give_up(&self, start: &Start) {
        for running in self.running.values().filter(|running| running.start == *start) {
            running.stop.cancel();
        }
    }

    pub(super) fn stop_all(&self) {
        self.running.values().for_each(|running| running.stop.cancel());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty() && self.ended.is_empty()
    }
}

fn verdict(ended: Result<Result<(), PipelineError>, JoinError>) -> (Outcome, Option<String>) {
    match ended {
        Ok(Ok(())) => (Outcome::Done, None),
        Ok(Err(PipelineError::Stopped)) => (Outcome::Stopped, None),
        Ok(Err(error)) => (Outcome::Failed, Some(error.to_string())),
        Err(error) => (Outcome::Failed, Some(format!("it broke off, which is a bug: {error}"))),
    }
}
