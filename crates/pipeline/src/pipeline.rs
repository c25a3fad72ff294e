//! The parts that every use case works with.

use std::sync::Arc;

use domain::queue::RetryPolicy;
use domain::{Archive, Budget, Catalog, Ledger, Timestamp, WorkQueue};
use tmdb::Client;

use crate::calls::CallLog;
use crate::clock::{Chance, Clock};
use crate::permits::Permits;

/// The ports a deployment's store offers.
#[derive(Clone)]
pub struct Stores {
    pub queue: Arc<dyn WorkQueue>,
    pub archive: Arc<dyn Archive>,
    pub catalog: Arc<dyn Catalog>,
    pub ledger: Arc<dyn Ledger>,
    pub budget: Arc<dyn Budget>,
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
    pub retry: RetryPolicy,
    pub(crate) calls: Arc<CallLog>,
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
        Self { stores, tmdb, permits, clock, chance, retry: RetryPolicy::default(), calls }
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}
