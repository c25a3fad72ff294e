//! Answers that are asked for while their time is nearly over: many together cost a
//! fraction of what each by itself does, and nobody waits.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::Answers;
use crate::edge::kept::Core;

/// How long they are gathered.
const GATHERED: Duration = Duration::from_millis(200);

/// The part of an answer's time in which it is ageing: one that is asked for less often
/// is looked at when it is.
const LAST_PART: u64 = 2;

#[derive(Debug, Default)]
pub(super) struct Ageing {
    noted: Mutex<Vec<Arc<Core>>>,
    is_any: Notify,
}

impl Ageing {
    fn note(&self, core: &Arc<Core>) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.push(Arc::clone(core));
        if noted.len() == 1 {
            self.is_any.notify_one();
        }
    }

    fn take(&self) -> Vec<Arc<Core>> {
        std::mem::take(&mut *self.noted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<E: Clone + Send + Sync + 'static> Answers<E> {
    /// Those that are asked for while their time is nearly over, and that their records can
    /// tell of; waits for some.
    pub(crate) async fn ageing(&self) -> Vec<Arc<Core>> {
        self.ageing.is_any.notified().await;
        tokio::time::sleep(GATHERED).await;
        self.ageing.take()
    }

    /// An answer that was ageing is good for another while, or for nothing any more.
    pub(crate) fn settle(&self, core: &Core, holds: bool) {
        core.hold_until(if holds { self.now() + self.keep_millis() } else { 0 });
    }

    pub(super) fn note_age(&self, core: &Arc<Core>, now: u64) {
        let left = core.until().saturating_sub(now);
        let is_ageing = left > 0 && left < self.keep_millis() / LAST_PART;
        if is_ageing && core.source.proof().is_some() && core.begin_ageing() {
            self.ageing.note(core);
        }
    }
}
