//! One question to TMDB: a permit, the call, its log line, and what a 429 means for all.

use domain::ledger::ApiCall;
use domain::{FailureClass, RunId};
use tmdb::{Answer, Outcome, Question};

use crate::pipeline::Pipeline;
use crate::watch::{Event, Unwatched, Watch};

impl Pipeline {
    /// Asks TMDB once. A 429 holds the whole deployment before it is returned.
    pub(crate) async fn ask(
        &self,
        question: &Question,
        run: Option<RunId>,
        watch: &dyn Watch,
    ) -> Answer {
        let answer = self.permits.spend(|permit| self.tmdb.ask(question, permit)).await;
        self.log(&answer, run).await;
        if let Outcome::Failed { failure, retry_after } = &answer.outcome
            && failure.class == FailureClass::SlowDown
        {
            let wait = self.permits.hold(*retry_after).await;
            tracing::warn!(?wait, asked = %answer.asked, "TMDB asks for patience (429); nobody asks until it has passed");
            watch.see(Event::Held { seconds: wait.as_secs() });
        }
        answer
    }

    /// Asks one question by itself, to see whether TMDB is there.
    pub async fn probe(&self, question: &Question) -> Answer {
        self.ask(question, None, &Unwatched).await
    }

    async fn log(&self, answer: &Answer, run: Option<RunId>) {
        let outcome = match &answer.outcome {
            Outcome::Found(_) => "found",
            Outcome::Failed { failure, .. } => failure.class.as_str(),
        };
        let call = ApiCall {
            at: self.now() - answer.took,
            endpoint: answer.endpoint.clone(),
            asked: answer.asked.clone(),
            status: answer.status,
            outcome: outcome.to_owned(),
            took: answer.took,
            bytes: answer.bytes,
            run,
        };
        if let Err(error) = self.calls.add(call, &*self.stores.ledger).await {
            tracing::warn!(%error, "could not log calls to TMDB");
        }
    }

    /// Writes the log lines that are still waiting.
    pub async fn flush_calls(&self) {
        if let Err(error) = self.calls.flush(&*self.stores.ledger).await {
            tracing::warn!(%error, "could not log calls to TMDB");
        }
    }
}
