//! A mirror beside a universe that lives, under a clock that is turned.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::schedule::Job;
use domain::{Kind, Timestamp};
use fake_tmdb::{Generated, Life, Options, Server};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pipeline::collect::{CollectOptions, Until};
use pipeline::jobs;
use pipeline::run::Collecting;
use pipeline::watch::Unwatched;
use pipeline::{PipelineError, Stores};
use tokio_util::sync::CancellationToken;

use super::clock::TurnedClock;
use super::verdict::{Judge, Verdict};
use crate::app::App;
use crate::cli;
use crate::config::{self, Settings};

/// The first day of every simulation.
const START: Date = jiff::civil::date(2026, 1, 1);

const HOUR: Duration = Duration::from_hours(1);

pub struct World {
    pub universe: Arc<Generated>,
    pub fake: Server,
    pub(super) app: App,
    pub(super) clock: Arc<TurnedClock>,
    pub(super) settings: Settings,
    /// How far the fake has come.
    day: AtomicU32,
    _folder: tempfile::TempDir,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("day", &self.day()).finish_non_exhaustive()
    }
}

impl World {
    /// A world of so many movies, and their shows, at midnight of its first day.
    pub async fn begin(movies: u64, seed: u64, life: Life) -> anyhow::Result<Self> {
        let universe = Arc::new(Generated::living(movies, seed, START, life));
        let mut options = Options::new(Arc::clone(&universe) as _);
        options.start = START;
        options.gzip = false;
        let fake = fake_tmdb::start(options).await?;
        let folder = tempfile::tempdir()?;
        let settings = settings(&fake, folder.path());
        let clock = TurnedClock::at(instant(0));
        let app =
            App::at(&settings, "simulate-year", clock.clock(), Arc::clone(&clock) as _).await?;
        Ok(Self { universe, fake, app, clock, settings, day: AtomicU32::new(0), _folder: folder })
    }

    pub fn stores(&self) -> &Stores {
        &self.app.pipeline.stores
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The day it is, counted from 0.
    pub fn day(&self) -> u32 {
        self.day.load(Ordering::Relaxed)
    }

    /// Turns the clock, and the universe with it.
    pub fn turn(&self, to: Timestamp) {
        self.clock.turn(to);
        let days = to.date().since(START).map_or(0, |span| span.get_days());
        let day = u32::try_from(days).unwrap_or(0);
        let before = self.day.fetch_max(day, Ordering::Relaxed);
        self.fake.advance(day.saturating_sub(before));
    }

    /// Turns the clock to an hour of a day.
    pub fn turn_to(&self, day: u32, hour: u32) {
        self.turn(instant(day) + HOUR * hour);
    }

    /// Turns the clock to the next instant that somebody waits for. False when
    /// nobody does, which may only be for now.
    pub fn turn_on(&self) -> bool {
        let (_, next) = self.clock.waiting();
        if let Some(next) = next {
            self.turn(next);
        }
        next.is_some()
    }

    /// Does a job to its end, what it queues included.
    pub async fn perform(&self, job: Job) -> Result<(), PipelineError> {
        let options = CollectOptions {
            until: Until::Drained,
            outage_patience: None,
            ..cli::collect_options(&self.settings, &self.app)
        };
        let plans = cli::job_plans(&self.settings, &self.app, Collecting::Here(options));
        let stop = CancellationToken::new();
        jobs::perform(&self.app.pipeline, &plans, job, "scheduled".into(), &Unwatched, &stop).await
    }

    /// Judges the mirror by the universe as it is now.
    pub async fn verdict(&self) -> anyhow::Result<Verdict> {
        // What is refreshed by age alone may be as old as that, and a day.
        let refreshed_within = self.settings.refresh.older_every_days + 2;
        let judge = Judge {
            app: &self.app,
            universe: &self.universe,
            start: START,
            day: self.day(),
            refreshed_within,
        };
        judge.verdict().await
    }

    pub async fn end(self) {
        self.app.finish().await;
        self.fake.shutdown().await;
    }
}

/// Midnight of a day, counted from 0.
pub(super) fn instant(day: u32) -> Timestamp {
    let date = START.checked_add(i64::from(day).days()).unwrap_or(START);
    let midnight = date.to_zoned(TimeZone::UTC);
    midnight.map(|midnight| midnight.timestamp().into()).unwrap_or_default()
}

fn settings(fake: &Server, folder: &std::path::Path) -> Settings {
    let mut settings = Settings::default();
    settings.tmdb = config::Tmdb {
        key: "0123456789abcdef0123456789abcdef".to_owned(),
        api_url: fake.api_url(),
        files_url: fake.files_url(),
        images_url: fake.images_url(),
        resume_wait_seconds: 0.001,
        ..settings.tmdb
    };
    settings.store.url = format!("sqlite:{}", folder.join("cinemirror.db").display());
    settings.images.folder = folder.join("images").display().to_string();
    settings.budget.requests_per_second = 0;
    settings.harvest.kinds = vec![Kind::Movie, Kind::Tv];
    settings.collect.retry_base_seconds = 0.001;
    settings.collect.retry_cap_seconds = 0.01;
    settings
}
