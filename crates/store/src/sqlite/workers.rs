//! Threads that own connections and run one job after another.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use domain::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::fault::Fault;

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// Threads with a connection each that share one line of jobs.
pub(super) struct Workers {
    line: Arc<Line>,
    threads: Vec<JoinHandle<()>>,
}

/// Jobs that wait. Nobody is woken for one where everybody is at work: who has done
/// with a job looks for the next before it sleeps.
#[derive(Default)]
struct Line {
    waiting: Mutex<Waiting>,
    more: Condvar,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    /// Threads that sleep.
    idle: usize,
    is_closed: bool,
}

impl Workers {
    pub(super) fn start(name: &str, connections: Vec<Connection>) -> Result<Self, Fault> {
        // Dropped half-way, it ends those that have been started.
        let mut workers = Self { line: Arc::default(), threads: vec![] };
        for connection in connections {
            let line = Arc::clone(&workers.line);
            let thread = std::thread::Builder::new().name(name.to_owned());
            let thread = thread.spawn(move || work(&connection, &line));
            workers.threads.push(thread.map_err(StoreError::unavailable)?);
        }
        Ok(workers)
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (answer, answered) = oneshot::channel();
        self.line.add(Box::new(move |connection| {
            // The one who asked may have stopped waiting; the job is done all the same.
            drop(answer.send(job(connection)));
        }));
        let ended = || StoreError::unavailable("the thread of the database has ended");
        answered.await.unwrap_or_else(|_closed| Err(ended().into()))
    }
}

impl Line {
    fn add(&self, job: Job) {
        let mut waiting = self.waiting();
        waiting.jobs.push_back(job);
        let is_awaited = waiting.idle > 0;
        drop(waiting);
        if is_awaited {
            self.more.notify_one();
        }
    }

    /// The next job; none when there will be no more.
    fn next(&self) -> Option<Job> {
        let mut waiting = self.waiting();
        loop {
            if let Some(job) = waiting.jobs.pop_front() {
                return Some(job);
            }
            if waiting.is_closed {
                return None;
            }
            waiting.idle += 1;
            waiting = self.more.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            waiting.idle -= 1;
        }
    }

    fn close(&self) {
        self.waiting().is_closed = true;
        self.more.notify_all();
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn work(connection: &Connection, line: &Line) {
    while let Some(job) = line.next() {
        // A job that panics has been rolled back, and its caller sees no answer.
        drop(catch_unwind(AssertUnwindSafe(|| job(connection))));
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.line.close();
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}
