//! Threads that own connections and run one job after another.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use domain::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::fault::Fault;

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// Threads with a connection each that share one line of jobs.
pub(super) struct Workers {
    /// Absent while being dropped, which tells the threads to end.
    jobs: Option<mpsc::Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    pub(super) fn start(name: &str, connections: Vec<Connection>) -> Result<Self, Fault> {
        let (jobs, line) = mpsc::channel::<Job>();
        let line = Arc::new(Mutex::new(line));
        let threads = connections.into_iter().map(|connection| {
            let line = Arc::clone(&line);
            let thread = std::thread::Builder::new().name(name.to_owned());
            thread.spawn(move || work(&connection, &line))
        });
        let threads = threads.collect::<Result<_, _>>().map_err(StoreError::unavailable)?;
        Ok(Self { jobs: Some(jobs), threads })
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // The one who asked may have stopped waiting; the job is done all the same.
            drop(answer.send(job(connection)));
        });
        let ended = || StoreError::unavailable("the thread of the database has ended");
        self.jobs.as_ref().and_then(|jobs| jobs.send(job).ok()).ok_or_else(ended)?;
        answered.await.unwrap_or_else(|_closed| Err(ended().into()))
    }
}

fn work(connection: &Connection, line: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        let next = line.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // A job that panics has been rolled back, and its caller sees no answer.
        drop(catch_unwind(AssertUnwindSafe(|| job(connection))));
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        drop(self.jobs.take());
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}
