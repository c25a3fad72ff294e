//! Sightings in, tasks out: filter, freshness, priority, and the count of it all.

use std::collections::HashSet;

use domain::archive::Head;
use domain::queue::{NewTask, Priority};
use domain::run::RunFigures;
use domain::{Key, RunId, Sighting, Timestamp};

use super::{HarvestPlan, note};
use crate::error::PipelineError;
use crate::pipeline::Pipeline;

/// Keys of lists already handled in this harvest; exports name a key once.
const SEEN_KEPT: usize = 200_000;

pub(super) struct Intake<'a> {
    pub(super) pipeline: &'a Pipeline,
    pub(super) plan: &'a HarvestPlan,
    pub(super) run: Option<RunId>,
    pub(super) figures: RunFigures,
    seen: HashSet<Key>,
    /// Whether the limit cut a page or a batch short.
    pub(super) cut: bool,
}

/// What becomes of a source's sightings.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    pub(super) unknown: Unknown,
    pub(super) known: Known,
    /// Whether the source says that TMDB's data has changed; then it does not
    /// matter what other sources of the harvest said before.
    pub(super) changed: bool,
}

/// How urgent an unknown key is.
#[derive(Clone, Copy)]
pub(super) enum Unknown {
    /// By its place in the batch, counted from this one.
    Queue(u32),
    /// Behind everything else.
    Ahead,
    /// Not at all: this source is about what is known.
    Leave,
}

/// When a known key is collected again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// When it is older than the plan's `fresh_for`.
    WhenStale,
    WhenFetchedBefore(Timestamp),
}

impl Rules {
    /// Those of a ranked list, counted from a place.
    pub(super) fn ranked(first: u32) -> Self {
        Self { unknown: Unknown::Queue(first), known: Known::WhenStale, changed: false }
    }
}

impl<'a> Intake<'a> {
    pub(super) fn new(pipeline: &'a Pipeline, plan: &'a HarvestPlan, run: Option<RunId>) -> Self {
        Self {
            pipeline,
            plan,
            run,
            figures: RunFigures::default(),
            seen: HashSet::new(),
            cut: false,
        }
    }

    /// Whether the plan's limit of titles is reached.
    pub(super) fn is_full(&self) -> bool {
        self.plan.limit.is_some_and(|limit| self.figures.queued >= limit)
    }

    /// Queues what is wanted of a page or a batch, and notes the figures.
    /// `asked` are the calls and bytes that it took. Returns the batch's figures.
    pub(super) async fn take(
        &mut self,
        source: &str,
        sightings: &[Sighting],
        rules: Rules,
        asked: RunFigures,
    ) -> Result<RunFigures, PipelineError> {
        let wanted = self.wanted(sightings, rules);
        let keys: Vec<Key> = wanted.iter().map(|(_, sighting)| sighting.key).collect();
        let heads = self.pipeline.stores.archive.heads(&keys).await?;
        let mut tasks = Vec::with_capacity(wanted.len());
        for ((place, sighting), head) in wanted.into_iter().zip(heads) {
            if let Some(priority) = self.priority(place, head, rules) {
                tasks.push(NewTask {
                    key: sighting.key,
                    priority,
                    source: source.to_owned(),
                    run: self.run,
                    changed: rules.changed,
                });
            }
        }
        self.queue_all(&tasks, sightings.len() as u64, asked).await
    }

    /// Queues tasks that are wanted for sure, and notes the figures. Returns them.
    pub(super) async fn queue_all(
        &mut self,
        tasks: &[NewTask],
        checked: u64,
        asked: RunFigures,
    ) -> Result<RunFigures, PipelineError> {
        let queued = self.queue(tasks).await?;
        let figures =
            RunFigures { checked, queued, skipped: checked.saturating_sub(queued), ..asked };
        self.figures += figures;
        note(self.pipeline, self.run, figures).await?;
        Ok(figures)
    }

    /// Queues tasks up to the plan's limit, which counts only those that are new.
    async fn queue(&mut self, mut tasks: &[NewTask]) -> Result<u64, PipelineError> {
        let mut queued = 0;
        while !tasks.is_empty() {
            let left = self.plan.limit.map(|limit| limit - self.figures.queued - queued);
            let room = left.map_or(tasks.len(), |left| usize::try_from(left).unwrap_or(usize::MAX));
            let (chunk, rest) = tasks.split_at(room.min(tasks.len()));
            if chunk.is_empty() {
                break;
            }
            queued += if self.plan.dry_run {
                chunk.len() as u64
            } else {
                let added = self.pipeline.stores.queue.add(chunk, self.pipeline.now()).await?;
                self.pipeline.bell.queued.notify_waiters();
                added.added
            };
            tasks = rest;
        }
        // Once reached, the limit stays reached: a batch of nothing makes up for nothing.
        self.cut |= !tasks.is_empty();
        Ok(queued)
    }

    /// What passes the filter and was not handled before, with its place. What
    /// is known passes the filter of sources that leave out the rest.
    fn wanted<'s>(&mut self, sightings: &'s [Sighting], rules: Rules) -> Vec<(u32, &'s Sighting)> {
        let mut wanted = Vec::with_capacity(sightings.len());
        for (place, sighting) in (0..).zip(sightings) {
            let handled = !rules.changed && self.seen.contains(&sighting.key);
            let passes =
                matches!(rules.unknown, Unknown::Leave) || self.plan.filter.wants(sighting);
            if handled || !passes {
                continue;
            }
            if !rules.changed && self.seen.len() < SEEN_KEPT {
                self.seen.insert(sighting.key);
            }
            wanted.push((place, sighting));
        }
        wanted
    }

    /// How urgent a sighting is; `None` when there is nothing to do.
    fn priority(&self, place: u32, head: Option<Head>, rules: Rules) -> Option<Priority> {
        let Some(head) = head else {
            return match rules.unknown {
                Unknown::Leave => None,
                Unknown::Queue(first) => Some(Priority::new_title(first.saturating_add(place))),
                Unknown::Ahead => Some(Priority::AHEAD),
            };
        };
        let due = match rules.known {
            _ if self.plan.again => true,
            Known::WhenStale => self.pipeline.now().since(head.fetched_at) >= self.plan.fresh_for,
            Known::WhenFetchedBefore(at) => head.fetched_at < at,
        };
        due.then_some(Priority::STALE)
    }
}
