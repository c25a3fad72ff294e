//! Asks for a page of a source until it comes, it is hopeless, or patience ends.

use domain::queue::Verdict;
use domain::run::RunFigures;
use domain::{Failure, FailureClass};
use tmdb::page::{self, ListAnswer};
use tmdb::{Outcome, Question};
use tokio_util::sync::CancellationToken;

use super::intake::Intake;
use crate::error::PipelineError;
use crate::watch::Watch;

/// Returns the page and what it took. A hold may keep it waiting for an hour,
/// so it listens to `stop`.
pub(super) async fn page(
    intake: &Intake<'_>,
    question: &Question,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<(ListAnswer, RunFigures), PipelineError> {
    tokio::select! {
        asked = until_it_comes(intake, question, watch) => asked,
        () = stop.cancelled() => Err(PipelineError::Stopped),
    }
}

async fn until_it_comes(
    intake: &Intake<'_>,
    question: &Question,
    watch: &dyn Watch,
) -> Result<(ListAnswer, RunFigures), PipelineError> {
    let pipeline = intake.pipeline;
    let mut asked = RunFigures::default();
    let mut attempt = 0;
    loop {
        let answer = pipeline.ask(question, intake.run, watch).await;
        asked.calls += 1;
        asked.bytes += answer.bytes;
        let failure = match answer.outcome {
            Outcome::Found(body) => match page::parse(question, &body) {
                Ok(answer) => return Ok((answer, asked)),
                Err(error) => Failure::new(FailureClass::Later, error.to_string(), &body),
            },
            Outcome::Failed { failure, .. } => failure,
        };
        attempt += u32::from(failure.class != FailureClass::SlowDown);
        let now = pipeline.now();
        match pipeline.retry.verdict(attempt, failure.clone(), now, (pipeline.chance)()) {
            _ if failure.class == FailureClass::Fatal => {
                return Err(PipelineError::Refused(failure));
            }
            Verdict::Release { .. } => (),
            Verdict::Retry { due, .. } => tokio::time::sleep(due.since(now)).await,
            Verdict::Finish | Verdict::Bury(_) => {
                return Err(PipelineError::Source { what: question.asked(), why: failure.message });
            }
        }
    }
}
