//! Waits for a store that is out of reach: a dead database comes back, and nothing
//! is lost meanwhile.

use std::time::Duration;

use domain::StoreError;
use tokio_util::sync::CancellationToken;

const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How long work is done again after it was told to stop: what is in flight is worth it.
const GRACE: Duration = Duration::from_secs(10);

/// How long a role waits for its store.
#[derive(Clone, Debug)]
pub(crate) struct Patience {
    /// In all, for one piece of work; without it until it is told to stop.
    pub(crate) limit: Option<Duration>,
    pub(crate) stop: CancellationToken,
}

impl Patience {
    /// Does `work` again while the store is out of reach.
    ///
    /// A full disk is waited for only without a limit: a person has to make room.
    pub(crate) async fn with<T, F>(
        &self,
        what: &str,
        mut work: impl FnMut() -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let (mut wait, mut waited) = (FIRST_WAIT, Duration::ZERO);
        loop {
            let error = match work().await {
                Err(error) if self.bears(&error, waited) => error,
                done => {
                    if !waited.is_zero() && done.is_ok() {
                        tracing::info!(?waited, "could {what} again; going on");
                    }
                    return done;
                }
            };
            if waited.is_zero() {
                tracing::warn!(%error, "could not {what}; trying again until it goes well");
            }
            tokio::time::sleep(wait).await;
            waited += wait;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    fn bears(&self, error: &StoreError, waited: Duration) -> bool {
        match (error, self.limit) {
            (StoreError::Corrupt(_) | StoreError::Misconfigured(_), _)
            | (StoreError::Full(_), Some(_)) => false,
            (StoreError::Unavailable(_) | StoreError::Full(_), _) if self.stop.is_cancelled() => {
                waited < GRACE
            }
            (_, limit) => limit.is_none_or(|limit| waited < limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Fails so many times, and says how often it was tried.
    async fn tries(patience: &Patience, fails: u32, error: fn() -> StoreError) -> (u32, bool) {
        let tried = AtomicU32::new(0);
        let work = || async {
            let before = tried.fetch_add(1, Ordering::Relaxed);
            if before < fails { Err(error()) } else { Ok(()) }
        };
        let done = patience.with("write", work).await;
        (tried.load(Ordering::Relaxed), done.is_ok())
    }

    fn patience(limit: Option<u64>) -> Patience {
        let limit = limit.map(Duration::from_secs);
        Patience { limit, stop: CancellationToken::new() }
    }

    fn gone() -> StoreError {
        StoreError::unavailable("no answer")
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_comes_back_loses_nothing() {
        assert_eq!(tries(&patience(Some(60)), 5, gone).await, (6, true));
        assert_eq!(tries(&patience(None), 500, gone).await, (501, true));
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends() {
        let (tried, went_well) = tries(&patience(Some(60)), 500, gone).await;
        assert!(!went_well && (10..25).contains(&tried), "{tried}");
        let told = patience(None);
        told.stop.cancel();
        let (tried, went_well) = tries(&told, 500, gone).await;
        assert!(!went_well && (3..10).contains(&tried), "{tried}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_makes_no_sense_is_not_tried_again() {
        let corrupt = || StoreError::Corrupt("a body".to_owned());
        assert_eq!(tries(&patience(None), 5, corrupt).await, (1, false));
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_disk_ends_a_command_and_pauses_a_service() {
        let full = || StoreError::Full("c.db".to_owned());
        assert_eq!(tries(&patience(Some(60)), 5, full).await, (1, false));
        assert_eq!(tries(&patience(None), 5, full).await, (6, true));
    }
}
