//! The parts that every use case works with.

use std::sync::Arc;

use domain::queue::RetryPolicy;
use domain::{
    Access, Archive, Budget, Catalog, Ledger, Replies, Requests, Schedule, Timestamp, WorkQueue,
    Workers,
};
use tmdb::Client;

use crate::bell::Bell;
use crate::calls::CallLog;
use crate::clock::{ByTheClock, Chance, Clock, Waits};
use crate::permits::Permits;
use crate::vitals::Vitals;

/// The ports a deployment's store offers.
#[derive(Clone)]
pub struct Stores {
    pub queue: Arc<dyn WorkQueue>,
    pub archive: Arc<dyn Archive>,
    pub catalog: Arc<dyn Catalog>,
    pub ledger: Arc<dyn Ledger>,
    pub budget: Arc<dyn Budget>,
    pub schedule: Arc<dyn Schedule>,
    pub workers: Arc<dyn Workers>,
    pub requests: Arc<dyn Requests>,
    pub access: Arc<dyn Access>,
    pub replies: Arc<dyn Replies>,
}

impl std::fmt::Debug for Stores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stores").finish_non_exhaustive()
    }
}

/// Everything that a use case needs, cheap to clone.
#[derive(Clone)]
pub struct Pipeline {
    pub stores: Stores,
    pub tmdb: Client,
    pub permits: Arc<Permits>,
    pub clock: Clock,
    pub chance: Chance,
    pub waits: Arc<dyn Waits>,
    pub retry: RetryPolicy,
    pub(crate) calls: Arc<CallLog>,
    pub(crate) bell: Arc<Bell>,
    pub(crate) vitals: Arc<Vitals>,
}

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pipeline").finish_non_exhaustive()
    }
}

impl Pipeline {
    pub fn new(
        stores: Stores,
        tmdb: Client,
        permits: Arc<Permits>,
        clock: Clock,
        chance: Chance,
    ) -> Self {
        let calls = Arc::new(CallLog::default());
        let waits = Arc::new(ByTheClock(Arc::clone(&clock)));
        let retry = RetryPolicy::default();
        let (bell, vitals) = (Arc::default(), Arc::default());
        Self { stores, tmdb, permits, clock, chance, waits, retry, calls, bell, vitals }
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}
