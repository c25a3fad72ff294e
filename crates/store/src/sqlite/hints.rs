//! What other processes did to the file, seen by looking at it now and then.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use domain::{Hint, StoreError, Timestamp};

use super::{Database, budget};

/// A look costs some ten microseconds.
const LOOK_EVERY: Duration = Duration::from_millis(25);

pub(crate) struct Hints {
    database: Database,
    /// The last hold that was told.
    told: AtomicI64,
}

impl Hints {
    pub(crate) fn new(database: Database) -> Self {
        Self { database, told: AtomicI64::new(i64::MIN) }
    }

    async fn look(&self) -> Result<Option<Timestamp>, StoreError> {
        self.database.read(|db| Ok(budget::load(db)?.nobody_before())).await
    }
}

#[async_trait]
impl domain::Hints for Hints {
    async fn next(&self) -> Hint {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            // Whoever asks for a permit meets the same trouble, and tells of it.
            let Ok(Some(until)) = self.look().await else { continue };
            let told = self.told.swap(until.as_millis(), Ordering::Relaxed);
            if told != until.as_millis() {
                return Hint::Held(until);
            }
        }
    }
}
