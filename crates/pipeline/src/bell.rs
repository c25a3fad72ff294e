//! Rings within a process: tasks were queued, tasks were settled. Who waits for
//! either looks at the store now and then too, for other processes ring elsewhere.

use std::time::Duration;

use tokio::sync::Notify;

/// How often the store is looked at without a ring.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(crate) struct Bell {
    pub(crate) queued: Notify,
    pub(crate) settled: Notify,
}
