//! Keepers on one store, under a clock that turns when everybody waits.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use domain::schedule::{Preset, Started, When};
use store::Store;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;

const LEASE: Duration = Duration::from_mins(40);
const LOOK: Duration = Duration::from_mins(10);
const DAY: Duration = Duration::from_hours(24);

/// A clock that stands still while anybody works.
#[derive(Default)]
struct Turning {
    now: Mutex<Timestamp>,
    parked: Mutex<Vec<(Timestamp, oneshot::Sender<()>)>>,
    actors: AtomicUsize,
}

/// Counts as somebody who works or waits, until it is dropped.
struct Actor(Arc<Turning>);

impl Turning {
    fn at(text: &str) -> Arc<Self> {
        let turning = Self::default();
        *turning.now.lock().unwrap() = at(text);
        Arc::new(turning)
    }

    fn actor(self: &Arc<Self>) -> Actor {
        self.actors.fetch_add(1, Ordering::SeqCst);
        Actor(Arc::clone(self))
    }

    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    fn set(&self, now: Timestamp) {
        *self.now.lock().unwrap() = now;
        self.parked.lock().unwrap().clear();
    }

    async fn all_parked(&self) {
        loop {
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            let mut parked = self.parked.lock().unwrap();
            parked.retain(|(_, waker)| !waker.is_closed());
            if parked.len() >= self.actors.load(Ordering::SeqCst) {
                return;
            }
        }
    }

    /// Lets so much time pass.
    async fn turn(&self, span: Duration) {
        let end = self.now() + span;
        loop {
            self.all_parked().await;
            let next = self.parked.lock().unwrap().iter().map(|(at, _)| *at).min();
            let next = next.unwrap_or(end).min(end);
            *self.now.lock().unwrap() = next;
            self.parked.lock().unwrap().retain(|(at, _)| *at > next);
            if next == end {
                self.all_parked().await;
                return;
            }
        }
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        self.0.actors.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Waits for Turning {
    async fn until(&self, at: Timestamp) {
        let (waker, woken) = oneshot::channel();
        {
            let now = self.now.lock().unwrap();
            if *now >= at {
                return;
            }
            self.parked.lock().unwrap().push((at, waker));
        }
        // Dropping the waker wakes too.
        woken.await.ok();
    }
}

fn at(text: &str) -> Timestamp {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

struct Process {
    stop: CancellationToken,
    task: JoinHandle<Result<(), PipelineError>>,
}

impl Process {
    async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

/// Starts a process whose jobs take so long.
fn process(
    turning: &Arc<Turning>,
    store: &Store,
    name: &str,
    entries: Vec<Entry>,
    takes: Duration,
) -> Process {
    let works = Arc::clone(turning);
    let perform: Perform = Arc::new(move |job, _, stop| {
        let actor = works.actor();
        Box::pin(async move {
            assert!(job != Job::Full, "a full run breaks");
            let turning = &actor.0;
            tokio::select! {
                () = turning.until(turning.now() + takes) => Ok(()),
                () = stop.cancelled() => Err(PipelineError::Stopped),
            }
        })
    });
    let read = Arc::clone(turning);
    let keeping = Keeping {
        schedule: Arc::clone(&store.schedule),
        clock: Arc::new(move || read.now()),
        waits: Arc::<Turning>::clone(turning),
        perform,
        holder: name.to_owned(),
        entries,
        lease: LEASE,
        look: LOOK,
    };
    let (actor, stop) = (turning.actor(), CancellationToken::new());
    let told = stop.clone();
    let task = tokio::spawn(async move {
        let _actor = actor;
        keep(&keeping, &told).await
    });
    Process { stop, task }
}

fn entry(name: &str, cron: &str, job: Job) -> Entry {
    Entry { name: name.to_owned(), when: When::parse(cron, "UTC").unwrap(), job, paused: false }
}

async fn store() -> Store {
    store::open("sqlite::memory:").await.unwrap()
}

/// What was started, the first first.
async fn starts(store: &Store) -> Vec<Started> {
    let mut starts = store.schedule.starts(None, usize::MAX).await.unwrap();
    starts.reverse();
    starts
}

fn shown(starts: &[Started]) -> Vec<String> {
    let show = |start: &Started| {
        let outcome = start.outcome.map_or("runs", Outcome::as_str);
        format!("{} {} {} {outcome}", start.name, start.slot, start.cause.as_str())
    };
    starts.iter().map(show).collect()
}

#[tokio::test]
async fn every_slot_starts_once_though_leaders_die() {
    let turning = Turning::at("2026-11-16T12:34:00Z");
    let store = store().await;
    let begin = turning.now();
    let minute = Duration::from_mins(1);
    let mut two = process(&turning, &store, "p0", Preset::S4.entries(), minute);
    let mut killed = 0;
    for day in 1..=7 {
        let one = std::mem::replace(
            &mut two,
            process(&turning, &store, &format!("p{day}"), Preset::S4.entries(), minute),
        );
        turning.turn(DAY).await;
        one.kill().await;
        killed += 1;
    }
    turning.turn(LEASE * 2).await;
    let now = turning.now();
    let slots = next_slots_until(&Preset::S4.entries(), begin, now);
    let mut begun: Vec<_> =
        starts(&store).await.into_iter().map(|start| (start.slot, start.name)).collect();
    begun.sort();
    assert_eq!((begun, killed), (slots, 7));
}

fn next_slots_until(
    entries: &[Entry],
    begin: Timestamp,
    end: Timestamp,
) -> Vec<(Timestamp, String)> {
    let slots = next_slots(entries, begin, 1_000).into_iter();
    let mut slots: Vec<_> = slots
        .take_while(|(slot, _)| *slot <= end)
        .map(|(slot, entry)| (slot, entry.name.clone()))
        .collect();
    slots.sort();
    slots
}

#[tokio::test]
async fn after_forty_days_each_entry_is_caught_up_with_once() {
    let turning = Turning::at("2026-10-01T01:30:00Z");
    let store = store().await;
    let minute = Duration::from_mins(1);
    let first = process(&turning, &store, "first", Preset::S4.entries(), minute);
    turning.turn(LOOK).await;
    first.kill().await;
    turning.set(turning.now() + DAY * 40);
    let _second = process(&turning, &store, "second", Preset::S4.entries(), minute);
    turning.turn(DAY / 24).await;
    let mut begun = starts(&store).await;
    begun.sort_by_key(|start| start.slot);
    assert_eq!(
        shown(&begun),
        [
            "weekly 2026-11-08T02:00:00Z missed done",
            "daily 2026-11-09T03:00:00Z missed done",
            "quick 2026-11-10T00:00:00Z missed done",
        ]
    );
}

#[tokio::test]
async fn a_slot_waits_for_a_long_job_while_others_run_beside_it() {
    let turning = Turning::at("2026-11-16T00:59:00Z");
    let store = store().await;
    let entries =
        vec![entry("long", "0 * * * *", Job::Daily), entry("beside", "30 3 * * *", Job::Quick)];
    let _process = process(&turning, &store, "one", entries, Duration::from_mins(150));
    turning.turn(DAY / 4).await;
    assert_eq!(
        shown(&starts(&store).await),
        [
            "long 2026-11-16T01:00:00Z slot done",
            "beside 2026-11-16T03:30:00Z slot done",
            "long 2026-11-16T03:00:00Z waited done",
            "long 2026-11-16T06:00:00Z waited runs",
        ]
    );
}

#[tokio::test]
async fn what_the_dead_ran_starts_again_and_what_was_stopped_goes_on() {
    let turning = Turning::at("2026-11-16T00:59:00Z");
    let store = store().await;
    let entries = || vec![entry("long", "0 1 * * *", Job::Daily)];
    let hours = Duration::from_hours(3);
    let first = process(&turning, &store, "first", entries(), hours);
    turning.turn(LOOK).await;
    first.kill().await;
    let second = process(&turning, &store, "second", entries(), hours);
    turning.turn(LEASE * 2).await;
    second.stop.cancel();
    second.task.await.unwrap().unwrap();
    let _third = process(&turning, &store, "third", entries(), hours);
    turning.turn(hours * 2).await;
    let begun = starts(&store).await;
    assert_eq!(
        shown(&begun),
        [
            "long 2026-11-16T01:00:00Z slot interrupted",
            "long 2026-11-16T01:00:00Z interrupted stopped",
            "long 2026-11-16T01:00:00Z stopped done",
        ]
    );
    let holders: Vec<_> = begun.iter().map(|start| start.started_by.as_str()).collect();
    assert_eq!(holders, ["first", "second", "third"]);
    // The third did not have to wait for the lease of the second.
    assert!(begun[2].started_at.since(begun[1].ended_at.unwrap()) <= LOOK);
}

#[tokio::test]
async fn a_trigger_is_noticed_and_a_job_that_breaks_is_a_failure_of_its_own() {
    let turning = Turning::at("2026-11-16T00:30:00Z");
    let store = store().await;
    let entries =
        vec![entry("breaks", "0 1 * * *", Job::Full), entry("works", "0 5 * * *", Job::Quick)];
    let _process = process(&turning, &store, "one", entries, Duration::from_mins(1));
    store.schedule.trigger("works", turning.now()).await.unwrap();
    turning.turn(DAY / 12).await;
    let begun = starts(&store).await;
    assert_eq!(
        shown(&begun),
        ["works 2026-11-16T00:30:00Z triggered done", "breaks 2026-11-16T01:00:00Z slot failed",]
    );
    assert!(begun[1].error.as_deref().unwrap().contains("bug"), "{begun:?}");
}
