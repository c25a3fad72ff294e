//! Time and chance, which every use case takes as arguments.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Timestamp;

/// Reads the time. The composition root passes the machine's clock, tests their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Draws a number, uniform in 0..1.
pub type Chance = Arc<dyn Fn() -> f64 + Send + Sync>;

/// Waits for instants that may be days away. A simulation turns its clock when
/// everybody waits, so such waiting goes through here and nowhere else.
#[async_trait]
pub trait Waits: Send + Sync {
    /// Returns when the clock shows `at` or later, or was set back: look again.
    async fn until(&self, at: Timestamp);
}

/// An instant that never comes: for who waits for something else.
pub(crate) const FOREVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// Waits by the clock on the wall, and notices when it is set.
pub struct ByTheClock(pub Clock);

/// A clock may have been set within a longer sleep.
const LONGEST_SLEEP: Duration = Duration::from_secs(10);

#[async_trait]
impl Waits for ByTheClock {
    async fn until(&self, at: Timestamp) {
        let mut before = Duration::MAX;
        loop {
            let left = at.since((self.0)());
            if left.is_zero() || left > before {
                return;
            }
            before = left;
            tokio::time::sleep(left.min(LONGEST_SLEEP)).await;
        }
    }
}

impl std::fmt::Debug for ByTheClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ByTheClock").finish_non_exhaustive()
    }
}
