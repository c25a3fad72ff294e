//! The days of a simulation, one after the other: the schedule and a collector
//! work as under `up`, and the clock is turned whenever both only wait.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::Timestamp;
use domain::run::RunStatus;
use fake_tmdb::{Life, Outage};
use pipeline::collect::collect;
use pipeline::schedule::{Keeping, Perform, keep};
use pipeline::watch::Unwatched;
use serde::Serialize;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::verdict::Verdict;
use super::world::{World, instant};
use crate::cli;

const DAY: Duration = Duration::from_hours(24);

/// The lease and the looks of a schedule that has the store to itself.
const LEASE: Duration = Duration::from_hours(24 * 30);

/// A day whose clock cannot be turned for so long, on the wall, is a bug.
const STUCK: Duration = Duration::from_mins(5);

/// What is simulated.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Movies in the universe on the first day; there are shows besides.
    pub movies: u64,
    pub days: u32,
    pub seed: u64,
    pub life: Life,
    /// The days on which TMDB is down.
    pub outage: Range<u32>,
}

/// How a simulation went.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub days: u32,
    pub verdict: Verdict,
    /// The age of the oldest data from TMDB on the worst day, and that day.
    pub oldest_days: f64,
    pub oldest_on: u32,
    /// Requests to TMDB, those of the outage included.
    pub calls: u64,
    pub runs: u64,
    pub failed_runs: u64,
    /// Of these, runs that began while TMDB was there.
    pub failed_for_no_outage: u64,
    pub records: u64,
    pub versions: u64,
    pub tombstones: u64,
    pub suspects: u64,
    pub dead_letters: u64,
    pub stored_bytes: u64,
}

impl Report {
    /// TMDB's terms let nothing get older, in days.
    const TERMS_DAYS: f64 = 180.0;

    /// Whether the mirror was right at the end, and lawful on every day.
    pub fn is_right(&self) -> bool {
        self.verdict.is_right() && self.oldest_days < Self::TERMS_DAYS
    }
}

/// Simulates the days of a plan. `tell` hears of the progress.
pub async fn simulate(plan: &Plan, tell: impl Fn(&str)) -> anyhow::Result<Report> {
    let world = World::begin(plan.movies, plan.seed, plan.life).await?;
    world.turn_to(0, 9);
    world.perform(domain::schedule::Job::Full).await?;
    tell(&format!("mirrored {} movies and their shows on the first day", plan.movies));
    let roles = Roles::start(&world)?;
    let mut oldest = (0.0, 0);
    for day in 0..plan.days {
        world.fake.set_outage(plan.outage.contains(&day).then_some(Outage::Unavailable));
        roles.live_until(&world, instant(day + 1)).await?;
        let age = age(&world).await?;
        if age > oldest.0 {
            oldest = (age, day);
        }
        if (day + 1).is_multiple_of(30) {
            let calls = world.fake.stats().total;
            tell(&format!(
                "day {}: {calls} calls so far, the oldest data is {age:.0} days old",
                day + 1
            ));
        }
    }
    // What the last day's change feed told is collected in the morning.
    roles.live_until(&world, instant(plan.days) + DAY.mul_f64(0.9)).await?;
    roles.end().await?;
    let report = report(&world, plan, oldest).await?;
    world.end().await;
    Ok(report)
}

/// What runs beside the turning clock.
struct Roles {
    stop: CancellationToken,
    /// Jobs that run.
    running: Arc<AtomicUsize>,
    tasks: Vec<JoinHandle<anyhow::Result<()>>>,
}

impl Roles {
    fn start(world: &World) -> anyhow::Result<Self> {
        let stop = CancellationToken::new();
        let running = Arc::new(AtomicUsize::new(0));
        let scheduling = scheduling(world, &running)?;
        let own_stop = stop.clone();
        let schedule =
            tokio::spawn(
                async move { keep(&scheduling, &own_stop).await.map_err(anyhow::Error::from) },
            );
        let options = cli::up::collecting(&world.settings, &world.app);
        let (pipeline, own_stop) = (world.app.pipeline.clone(), stop.clone());
        let collector = tokio::spawn(async move {
            match collect(&pipeline, &options, &Unwatched, &own_stop).await {
                Ok(_) | Err(pipeline::PipelineError::Stopped) => Ok(()),
                Err(error) => Err(error.into()),
            }
        });
        Ok(Self { stop, running, tasks: vec![schedule, collector] })
    }

    /// Turns the clock step by step, always when everybody waits.
    async fn live_until(&self, world: &World, end: Timestamp) -> anyhow::Result<()> {
        while world.now() < end {
            let next = tokio::time::timeout(STUCK, self.settled(world)).await;
            let next = next.map_err(|_elapsed| {
                anyhow::anyhow!("the simulation is stuck on day {} at {}", world.day(), world.now())
            })??;
            world.turn(next.map_or(end, |next| next.min(end)));
        }
        Ok(())
    }

    /// Waits until the schedule, the collector and every job only wait for
    /// instants, and returns the first of these.
    async fn settled(&self, world: &World) -> anyhow::Result<Option<Timestamp>> {
        loop {
            if let Some(ended) = self.tasks.iter().find(|task| task.is_finished()) {
                anyhow::bail!("a role ended on day {}: {ended:?}", world.day());
            }
            let expected = 2 + self.running.load(Ordering::Acquire);
            let (waiting, next) = world.clock.waiting();
            if waiting >= expected {
                return Ok(next);
            }
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
    }

    async fn end(self) -> anyhow::Result<()> {
        self.stop.cancel();
        for task in self.tasks {
            task.await??;
        }
        Ok(())
    }
}

/// The schedule of `up`, which has the store to itself and counts its jobs.
fn scheduling(world: &World, running: &Arc<AtomicUsize>) -> anyhow::Result<Keeping> {
    let keeping = cli::up::keeping(&world.settings, &world.app, world.settings.entries()?);
    let (perform, running) = (Arc::clone(&keeping.perform), Arc::clone(running));
    let perform: Perform = Arc::new(move |job, start, stop| {
        let counted = Counted::new(&running);
        let job = perform(job, start, stop);
        Box::pin(async move {
            let _counted = counted;
            job.await
        })
    });
    Ok(Keeping { perform, lease: LEASE, look: LEASE / 4, ..keeping })
}

/// A job that runs, until it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(running: &Arc<AtomicUsize>) -> Self {
        running.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(running))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The age in days of the oldest data from TMDB, wherever it lies.
async fn age(world: &World) -> anyhow::Result<f64> {
    let holdings = world.stores().archive.audit().await?;
    let oldest = holdings.iter().filter_map(|holding| holding.oldest).min();
    let age = oldest.map_or(Duration::ZERO, |oldest| world.now().since(oldest));
    Ok(age.as_secs_f64() / DAY.as_secs_f64())
}

async fn report(world: &World, plan: &Plan, oldest: (f64, u32)) -> anyhow::Result<Report> {
    let stores = world.stores();
    let stats = stores.archive.stats().await?;
    let runs = stores.ledger.runs(None, usize::MAX).await?;
    let failed: Vec<_> = runs.iter().filter(|run| run.status == RunStatus::Failed).collect();
    let outage = instant(plan.outage.start)..instant(plan.outage.end);
    let others = failed.iter().filter(|run| !outage.contains(&run.started_at));
    let calls = world.fake.stats().total;
    Ok(Report {
        days: plan.days,
        verdict: world.verdict().await?,
        oldest_days: oldest.0,
        oldest_on: oldest.1,
        calls,
        runs: runs.len() as u64,
        failed_runs: failed.len() as u64,
        failed_for_no_outage: others.count() as u64,
        records: stats.kinds.iter().map(|kind| kind.keys).sum(),
        versions: stats.kinds.iter().map(|kind| kind.versions).sum(),
        tombstones: stats.tombstones,
        suspects: stats.suspects,
        dead_letters: stores.queue.depth(world.now()).await?.dead,
        stored_bytes: stats.kinds.iter().map(|kind| kind.stored_bytes).sum(),
    })
}
