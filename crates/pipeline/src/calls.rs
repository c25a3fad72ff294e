//! The log of calls to TMDB: gathered in memory, written in batches.

use std::sync::{Mutex, PoisonError};

use domain::ledger::ApiCall;
use domain::{Ledger, StoreError};

/// Written when so many calls are waiting.
const BATCH: usize = 256;

/// While the store is out of reach no more than about so many are kept.
const MOST: usize = 4_096;

/// Calls not written yet. A process that dies loses at most one batch of log
/// lines, never work.
#[derive(Debug, Default)]
pub(crate) struct CallLog {
    waiting: Mutex<Vec<ApiCall>>,
}

impl CallLog {
    /// Adds a call; writes the batch when it is full.
    pub(crate) async fn add(&self, call: ApiCall, ledger: &dyn Ledger) -> Result<(), StoreError> {
        let full = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.push(call);
            waiting.len() >= BATCH
        };
        if full { self.flush(ledger).await } else { Ok(()) }
    }

    pub(crate) async fn flush(&self, ledger: &dyn Ledger) -> Result<(), StoreError> {
        let batch = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *waiting)
        };
        if batch.is_empty() {
            return Ok(());
        }
        let logged = ledger.log_calls(&batch).await;
        if logged.is_err() {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.len() < MOST {
                waiting.splice(..0, batch);
            }
        }
        logged
    }
}
