//! Sightings in, tasks out: filter, freshness, priority, and the count of it all.

use std::collections::HashSet;

use domain::archive::Head;
use domain::queue::{NewTask, Priority};
use domain::run::RunFigures;
use domain::{Key, RunId, Sighting};

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
    /// Whether the limit cut the last page or batch short.
    pub(super) cut: bool,
}

/// How urgent a source makes its sightings.
#[derive(Clone, Copy)]
pub(super) enum Urgency {
    /// By place, counted from 0.
    Place(u32),
    /// By what the sighting says of its popularity.
    Popularity,
}

/// When a known key is collected again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// When it is older than the plan's `fresh_for`.
    WhenStale,
    /// Never; that is another role's job.
    Never,
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
        (urgency, known): (Urgency, Known),
        asked: RunFigures,
    ) -> Result<RunFigures, PipelineError> {
        let wanted = self.wanted(sightings);
        let keys: Vec<Key> = wanted.iter().map(|(_, sighting)| sighting.key).collect();
        let heads = self.pipeline.stores.archive.heads(&keys).await?;
        let mut tasks = Vec::with_capacity(wanted.len());
        for ((place, sighting), head) in wanted.into_iter().zip(heads) {
            if let Some(priority) = self.priority(sighting, place, head, (urgency, known)) {
                let source = source.to_owned();
                tasks.push(NewTask {
                    key: sighting.key,
                    priority,
                    source,
                    run: self.run,
                    changed: false,
                });
            }
        }
        let queued = self.queue(&tasks).await?;
        let checked = sightings.len() as u64;
        let figures = RunFigures { checked, queued, skipped: checked - queued, ..asked };
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
                self.pipeline.stores.queue.add(chunk, self.pipeline.now()).await?.added
            };
            tasks = rest;
        }
        self.cut = !tasks.is_empty();
        Ok(queued)
    }

    /// What passes the filter and was not handled before, with its place.
    fn wanted<'s>(&mut self, sightings: &'s [Sighting]) -> Vec<(u32, &'s Sighting)> {
        let mut wanted = Vec::with_capacity(sightings.len());
        for (place, sighting) in (0..).zip(sightings) {
            let handled = self.seen.contains(&sighting.key);
            if handled || !self.plan.filter.wants(sighting) {
                continue;
            }
            if self.seen.len() < SEEN_KEPT {
                self.seen.insert(sighting.key);
            }
            wanted.push((place, sighting));
        }
        wanted
    }

    /// How urgent a sighting is; `None` when there is nothing to do.
    fn priority(
        &self,
        sighting: &Sighting,
        place: u32,
        head: Option<Head>,
        (urgency, known): (Urgency, Known),
    ) -> Option<Priority> {
        match head {
            None => Some(match urgency {
                Urgency::Place(first) => Priority::new_title(first.saturating_add(place)),
                Urgency::Popularity => Priority::by_popularity(sighting.popularity.unwrap_or(0.0)),
            }),
            Some(_) if self.plan.again => Some(Priority::STALE),
            Some(_) if known == Known::Never => None,
            Some(head) => {
                let age = self.pipeline.now().since(head.fetched_at);
                (age >= self.plan.fresh_for).then_some(Priority::STALE)
            }
        }
    }
}
