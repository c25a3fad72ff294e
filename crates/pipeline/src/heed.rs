//! Heeds what other processes hint at, so that nobody waits for the next look.

use std::sync::Arc;

use domain::{Hint, Hints};
use tokio_util::sync::CancellationToken;

use crate::pipeline::Pipeline;

/// Passes hints on within this process until `stop`.
pub async fn heed(pipeline: Pipeline, hints: Arc<dyn Hints>, stop: CancellationToken) {
    loop {
        let hint = tokio::select! {
            () = stop.cancelled() => return,
            hint = hints.next() => hint,
        };
        match hint {
            Hint::Queued => pipeline.bell.queued.notify_waiters(),
            Hint::Held(until) => pipeline.permits.heed(until),
        }
    }
}
