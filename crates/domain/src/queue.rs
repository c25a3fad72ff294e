//! The port to the titles waiting to be collected, and the rules of trying again.

use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;

use crate::failure::{Failure, FailureClass, StoreError};
use crate::key::{Key, Kind};
use crate::run::RunId;
use crate::time::Timestamp;

/// Tasks, each key pending at most once.
///
/// A leased task stays hidden until its lease ends, so a worker that dies loses
/// no work (at-least-once). A lease guards completion: a worker whose lease has
/// ended cannot finish, retry or bury a task that another holds by now.
#[async_trait]
pub trait WorkQueue: Send + Sync {
    /// Queues tasks. A key that is pending already keeps its task, with the
    /// more urgent of the two priorities; one that lies among the dead letters
    /// is left there. A leased one that is said to have changed is pending
    /// again once its lease ends with [`Verdict::Finish`]: the answer under way
    /// may be too old.
    async fn add(&self, tasks: &[NewTask], now: Timestamp) -> Result<Added, StoreError>;

    /// Takes the most urgent tasks that are due and not leased. A task whose
    /// leases ended [`ABANDONED_AT_MOST`] times in a row, neither prolonged nor with
    /// a verdict, is buried instead: it kills the processes that collect it.
    async fn lease(&self, terms: &LeaseTerms, now: Timestamp) -> Result<Vec<Lease>, StoreError>;

    /// Prolongs leases while work goes on. Returns, for each, whether it was still held.
    async fn extend(
        &self,
        leases: &[Lease],
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError>;

    /// Ends leases, each as its verdict says. Returns, for each, whether it was
    /// still held; what was not held is left as it is.
    async fn settle(
        &self,
        verdicts: &[(Lease, Verdict)],
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError>;

    /// Counts what is pending, leased and dead.
    async fn depth(&self, now: Timestamp) -> Result<QueueDepth, StoreError>;

    /// Lists pending tasks, the most urgent first.
    async fn pending(&self, limit: usize) -> Result<Vec<PendingTask>, StoreError>;

    /// Lists dead letters, the newest first.
    async fn dead(&self, which: &DeadFilter, limit: usize) -> Result<Vec<DeadLetter>, StoreError>;

    /// Makes dead letters pending again, with no attempts counted. Returns how many.
    async fn redrive(&self, which: &DeadFilter, now: Timestamp) -> Result<u64, StoreError>;

    /// Drops dead letters. Returns how many.
    async fn purge(&self, which: &DeadFilter) -> Result<u64, StoreError>;

    /// Counts pending tasks, leased and delayed ones included.
    async fn waiting(&self, which: &Waiting) -> Result<u64, StoreError>;

    /// Tells how keys stand in the queue, in the order asked.
    async fn standing(&self, keys: &[Key]) -> Result<Vec<TaskStanding>, StoreError>;

    /// Drops the bodies of dead letters that died before an instant, and keeps
    /// the rest of them. Returns how many.
    async fn forget_bodies(&self, before: Timestamp) -> Result<u64, StoreError>;
}

/// Leases of a task that may end in a row without a verdict before it is buried.
pub const ABANDONED_AT_MOST: u32 = 5;

/// How urgent a task is: the smaller, the sooner.
///
/// A class (demand, new, stale, ahead) and, within it, a rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Priority(u32);

impl Priority {
    const CLASS: u32 = 1 << 24;

    /// Somebody waits for it.
    pub const DEMAND: Self = Self(0);
    /// Known already, and older than it should be; the same as `stale(0)`.
    pub const STALE: Self = Self(2 * Self::CLASS);
    /// Nobody asked for it yet: it is like titles that many ask for.
    pub const AHEAD: Self = Self(3 * Self::CLASS);

    /// As [`Priority::STALE`], by how pressing it is: 0 is the most.
    pub fn stale(rank: u32) -> Self {
        Self(2 * Self::CLASS + rank.min(Self::CLASS - 1))
    }

    /// Not known yet; `rank` counts from 0 for the most popular.
    pub fn new_title(rank: u32) -> Self {
        Self(Self::CLASS + rank.min(Self::CLASS - 1))
    }

    /// As [`Priority::new_title`], where a source gives TMDB's popularity
    /// instead of a rank.
    pub fn by_popularity(popularity: f64) -> Self {
        let rank = f64::from(Self::CLASS - 1) / (1.0 + popularity.max(0.0));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "lies within 0 and CLASS"
        )]
        Self::new_title(rank as u32)
    }

    pub fn from_number(number: u32) -> Self {
        Self(number)
    }

    pub fn number(self) -> u32 {
        self.0
    }
}

/// A key to be collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTask {
    pub key: Key,
    pub priority: Priority,
    /// Where the id came from: a source's name, or `demand`.
    pub source: String,
    /// The run whose figures it counts in.
    pub run: Option<RunId>,
    /// Whether the source says that TMDB's data has changed.
    pub changed: bool,
}

/// Which pending tasks are counted; an empty filter means all. A key that was
/// pending when a run saw it keeps the run that queued it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    pub kind: Option<Kind>,
    pub run: Option<RunId>,
    /// Added at or before.
    pub added_until: Option<Timestamp>,
    /// Only those that somebody waits for: of [`Priority::DEMAND`].
    pub demanded: bool,
}

/// How a key stands in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskStanding {
    /// It has no task: none was queued, or it is finished.
    Absent,
    /// Its task is ready, in a worker's hands, or waits for `due`.
    Pending { attempts: u32, due: Timestamp },
    /// It lies among the dead letters.
    Dead(FailureClass),
}

/// What [`WorkQueue::add`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Tasks that are new.
    pub added: u64,
    /// Keys that were pending already.
    pub pending: u64,
    /// Keys that lie among the dead letters.
    pub dead: u64,
}

/// Who takes how many tasks, for how long.
#[derive(Clone, Debug)]
pub struct LeaseTerms {
    /// For people: which process holds it.
    pub worker: String,
    pub limit: usize,
    pub duration: Duration,
    /// Only tasks that are at least as urgent; all when `None`.
    pub urgent: Option<Priority>,
}

/// A task in a worker's hands, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub key: Key,
    /// Tells this lease from every other of the same key.
    pub token: u64,
    /// Counted from 1; attempts that were not the title's fault are not counted.
    pub attempt: u32,
    pub priority: Priority,
    pub source: String,
    pub run: Option<RunId>,
    pub until: Timestamp,
}

/// How a lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Done: the task is gone.
    Finish,
    /// Failed: due again later, with the failure kept.
    Retry { due: Timestamp, failure: Failure },
    /// Given back as it was, no attempt counted, due at once or later.
    Release { due: Timestamp },
    /// Failed for good: a dead letter.
    Bury(Failure),
}

/// A task as `queue list` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PendingTask {
    pub key: Key,
    pub priority: u32,
    pub source: String,
    pub run: Option<RunId>,
    pub attempts: u32,
    pub added_at: Timestamp,
    pub due_at: Timestamp,
    pub leased_by: Option<String>,
    pub leased_until: Option<Timestamp>,
    pub last_error: Option<String>,
}

/// A task that failed for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeadLetter {
    pub key: Key,
    pub class: FailureClass,
    pub error: String,
    pub attempts: u32,
    pub source: String,
    pub run: Option<RunId>,
    pub added_at: Timestamp,
    pub died_at: Timestamp,
    /// The first bytes of the offending body.
    #[serde(serialize_with = "lossy")]
    pub body: Vec<u8>,
}

fn lossy<S: serde::Serializer>(body: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(body))
}

/// Which dead letters are meant; an empty filter means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeadFilter {
    /// Only these, when not empty.
    pub keys: Vec<Key>,
    pub kind: Option<Kind>,
    pub class: Option<FailureClass>,
    /// Died before this instant.
    pub died_before: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct QueueDepth {
    /// Due now and not leased.
    pub ready: u64,
    /// Waiting for a later instant.
    pub delayed: u64,
    pub leased: u64,
    pub dead: u64,
    /// When the oldest pending task was added.
    pub oldest: Option<Timestamp>,
    /// When the next delayed task or the next lease's end comes up.
    pub next_due: Option<Timestamp>,
}

impl QueueDepth {
    /// Whether nothing is left to do, now or later.
    pub fn is_drained(&self) -> bool {
        self.ready + self.delayed + self.leased == 0
    }
}

/// How often and after what time a failed title is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all before a title is buried.
    pub attempts: u32,
    /// The wait after the first failure; it doubles with each further one.
    pub base: Duration,
    pub cap: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 8, base: Duration::from_secs(2), cap: Duration::from_mins(15) }
    }
}

impl RetryPolicy {
    /// Decides what becomes of a lease after a failure.
    ///
    /// `chance` is uniform in 0..1 and spreads the wait between half of the
    /// exponential delay and all of it.
    pub fn verdict(&self, attempt: u32, failure: Failure, now: Timestamp, chance: f64) -> Verdict {
        match failure.class {
            FailureClass::SlowDown | FailureClass::Fatal => Verdict::Release { due: now },
            FailureClass::Ours => Verdict::Bury(failure),
            FailureClass::Gone => Verdict::Finish,
            FailureClass::Later if attempt >= self.attempts => Verdict::Bury(failure),
            FailureClass::Later => {
                Verdict::Retry { due: now + self.delay(attempt, chance), failure }
            }
        }
    }

    fn delay(&self, attempt: u32, chance: f64) -> Duration {
        let doubled = self.base.saturating_mul(1 << attempt.saturating_sub(1).min(20));
        doubled.min(self.cap).mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later() -> Failure {
        Failure::new(FailureClass::Later, "502", b"")
    }

    #[track_caller]
    fn check(attempt: u32, chance: f64, wait_ms: u64) {
        let policy =
            RetryPolicy { attempts: 4, base: Duration::from_secs(2), cap: Duration::from_secs(5) };
        let now = Timestamp::from_millis(1_000);
        let due = now + Duration::from_millis(wait_ms);
        assert_eq!(
            policy.verdict(attempt, later(), now, chance),
            Verdict::Retry { due, failure: later() }
        );
    }

    #[test]
    fn waits_double_up_to_the_cap_and_are_spread() {
        check(1, 1.0, 2_000);
        check(1, 0.0, 1_000);
        check(2, 1.0, 4_000);
        check(3, 1.0, 5_000);
    }

    #[test]
    fn the_last_attempt_buries() {
        let policy = RetryPolicy { attempts: 2, ..RetryPolicy::default() };
        assert_eq!(policy.verdict(2, later(), Timestamp::default(), 0.5), Verdict::Bury(later()));
    }

    #[test]
    fn a_429_and_a_bad_key_cost_the_title_nothing() {
        let now = Timestamp::from_millis(7);
        for class in [FailureClass::SlowDown, FailureClass::Fatal] {
            let verdict =
                RetryPolicy::default().verdict(99, Failure::new(class, "", b""), now, 0.5);
            assert_eq!(verdict, Verdict::Release { due: now });
        }
    }

    #[test]
    fn the_classes_follow_each_other() {
        assert!(Priority::DEMAND < Priority::new_title(0));
        assert!(Priority::new_title(0) < Priority::new_title(9));
        assert!(Priority::new_title(u32::MAX) < Priority::STALE);
        assert_eq!(Priority::STALE, Priority::stale(0));
        assert!(Priority::stale(3) < Priority::stale(4));
        assert!(Priority::stale(u32::MAX) < Priority::AHEAD);
    }
}
