//! The port that tells at once what a look would tell later.

use async_trait::async_trait;

use crate::time::Timestamp;

/// News from other processes of the deployment.
///
/// Hints save waiting and nothing else: they may be lost, come late or come
/// twice, and whoever heeds them looks at the store now and then all the same.
#[async_trait]
pub trait Hints: Send + Sync {
    /// Waits for the next hint, for ever where none comes. To be called by one
    /// task of a process.
    async fn next(&self) -> Hint;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Tasks were queued.
    Queued,
    /// TMDB answered 429: nobody asks before.
    Held(Timestamp),
}
