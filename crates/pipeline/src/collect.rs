//! Collect: leases tasks, asks TMDB once for each title, and keeps the answers.
//!
//! Three stages run side by side. The *leaser* holds tasks and starts fetches,
//! never more than the concurrency at a time. Each *fetch* asks TMDB and
//! converts the bodies into records. The *keeper* writes what has come in, in
//! batches: records, then catalogue, then the verdicts on the tasks, so that
//! a process may die at any line and the same work done again gives the same
//! state.

mod fetch;
mod keeper;
mod leaser;
mod now;
mod outage;

use std::time::Duration;

use domain::run::RunFigures;
use domain::{Failure, Key};
use tokio_util::sync::CancellationToken;

use crate::error::PipelineError;
use crate::patience::Patience;
use crate::pipeline::Pipeline;
use crate::watch::Watch;

pub use now::{Collected, collect_now};

/// How a collector works.
#[derive(Clone, Debug)]
pub struct CollectOptions {
    /// For people: which process holds a lease.
    pub worker: String,
    /// Titles asked for at the same time.
    pub concurrency: usize,
    /// How long a task is hidden from other workers; prolonged while work goes on.
    pub lease: Duration,
    /// Collect so many titles at most.
    pub limit: Option<u64>,
    pub until: Until,
    /// Give up when TMDB has been down for so long; wait for it when `None`.
    pub outage_patience: Option<Duration>,
    /// As long is waited for a store out of reach; without end when `None`.
    pub store_patience: Option<Duration>,
}

/// When a collector ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// When no task is ready.
    NoneReady,
    /// When no task is left, those included that are due later or held by others.
    Drained,
    /// Never: it waits for more.
    Stopped,
}

impl Default for CollectOptions {
    fn default() -> Self {
        Self {
            worker: "collector".to_owned(),
            concurrency: 8,
            lease: Duration::from_mins(2),
            limit: None,
            until: Until::Drained,
            outage_patience: Some(Duration::from_mins(10)),
            store_patience: Some(Duration::from_mins(1)),
        }
    }
}

/// Collects what is queued, until nothing is left, the limit is reached or
/// `stop`. On `stop` it finishes what is in flight and returns the rest.
pub async fn collect(
    pipeline: &Pipeline,
    options: &CollectOptions,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<RunFigures, PipelineError> {
    let (keeper, results) = keeper::channel();
    let patience = Patience { limit: options.store_patience, stop: stop.clone() };
    let leasing = leaser::run(pipeline, options, results, &patience, watch);
    let keeping = keeper.run(pipeline, &patience, watch);
    let (leased, kept) = tokio::join!(leasing, keeping);
    pipeline.flush_calls().await;
    // A store that failed stops the leaser too; it is the keeper that knows why.
    let figures = kept?;
    leased?;
    if stop.is_cancelled() { Err(PipelineError::Stopped) } else { Ok(figures) }
}

/// Counts a failure that stops everything apart from one that is the title's own.
fn is_fatal(failure: &Failure) -> bool {
    failure.class == domain::FailureClass::Fatal
}

/// What a key's body is called, for people: `Fight Club (1999)`.
fn label(key: Key, body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Named<'a> {
        #[serde(borrow, default)]
        title: Option<std::borrow::Cow<'a, str>>,
        #[serde(borrow, default)]
        name: Option<std::borrow::Cow<'a, str>>,
        #[serde(borrow, default)]
        release_date: Option<std::borrow::Cow<'a, str>>,
        #[serde(borrow, default)]
        first_air_date: Option<std::borrow::Cow<'a, str>>,
    }
    let Ok(named) = serde_json::from_slice::<Named<'_>>(body) else {
        return key.to_string();
    };
    let Some(name) = named.title.or(named.name).filter(|name| !name.is_empty()) else {
        return key.to_string();
    };
    let date = named.release_date.or(named.first_air_date);
    match date.as_deref().and_then(|date| date.get(..4)) {
        Some(year) => format!("{name} ({year})"),
        None => name.into_owned(),
    }
}
