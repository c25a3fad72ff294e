//! Lets a run be cancelled from anywhere: its process looks whether somebody asked for it.

use std::convert::Infallible;
use std::time::Duration;

use domain::RunId;
use tokio_util::sync::CancellationToken;

use crate::error::PipelineError;
use crate::pipeline::Pipeline;

/// A running run that was not heard of for this long has died.
pub const SILENT_FOR: Duration = Duration::from_mins(5);

/// How often a run looks whether it is cancelled.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Does a run's work, and says meanwhile that the run lives. When somebody cancels the
/// run, the work is told to stop, and is waited for.
pub(crate) async fn unless_cancelled<T>(
    pipeline: &Pipeline,
    id: RunId,
    stop: &CancellationToken,
    work: impl Future<Output = Result<T, PipelineError>>,
) -> Result<T, PipelineError> {
    tokio::pin!(work);
    let by = tokio::select! {
        ended = work.as_mut() => return ended,
        never = heartbeat(pipeline, id) => match never {},
        by = cancelled(pipeline, id) => by,
    };
    tracing::info!(run = %id, by, "run {id} is cancelled");
    stop.cancel();
    let ended = tokio::select! {
        ended = work.as_mut() => ended,
        never = heartbeat(pipeline, id) => match never {},
    };
    match ended {
        Err(PipelineError::Stopped) => Err(PipelineError::Cancelled { by }),
        ended => ended,
    }
}

/// Waits until somebody cancels the run; returns who.
async fn cancelled(pipeline: &Pipeline, id: RunId) -> String {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        match pipeline.stores.requests.cancelled_by(id).await {
            Ok(Some(by)) => return by,
            Ok(None) => (),
            Err(error) => {
                tracing::debug!(%error, "could not look whether run {id} is cancelled");
            }
        }
    }
}

/// Says that the run lives, also while TMDB holds it up.
async fn heartbeat(pipeline: &Pipeline, id: RunId) -> Infallible {
    loop {
        tokio::time::sleep(SILENT_FOR / 5).await;
        let progress = domain::run::Progress::default();
        if let Err(error) = pipeline.stores.ledger.progress(id, &progress, pipeline.now()).await {
            tracing::warn!(%error, "could not note that run {id} lives");
        }
    }
}
