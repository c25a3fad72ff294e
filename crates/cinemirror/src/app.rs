//! Puts the parts together: the store, the client, the permits, the machine's clock.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::{StoreError, Timestamp, Worker};
use pipeline::images::Gallery;
use pipeline::vitals::keep_beating;
use pipeline::{ByTheClock, Chance, Clock, Permits, Pipeline, Stores, Waits, heed};
use tmdb::{Client, Credential};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::Settings;

/// Everything a command needs that asks TMDB.
pub(crate) struct App {
    pub(crate) pipeline: Pipeline,
    pub(crate) worker: String,
    pub(crate) gallery: Gallery,
    stop: CancellationToken,
    /// What goes on beside every command: permits renewed, hints heeded, vitals told.
    beside: Vec<JoinHandle<()>>,
}

impl App {
    /// `role` is the command, for those who look at what works on the store.
    pub(crate) async fn start(settings: &Settings, role: &str) -> anyhow::Result<Self> {
        let clock = clock();
        let waits = Arc::new(ByTheClock(Arc::clone(&clock)));
        Self::at(settings, role, clock, waits).await
    }

    /// As [`App::start`], for a service: see [`when_it_can`].
    pub(crate) async fn start_when_it_can(
        settings: &Settings,
        role: &str,
        stop: &CancellationToken,
    ) -> anyhow::Result<Option<Self>> {
        when_it_can(settings, stop, async || Self::start(settings, role).await).await
    }

    /// As [`App::start`], by a clock of one's own.
    pub(crate) async fn at(
        settings: &Settings,
        role: &str,
        clock: Clock,
        waits: Arc<dyn Waits>,
    ) -> anyhow::Result<Self> {
        let client = client(settings)?;
        let store = open(settings).await?;
        let worker = this_worker(role, clock());
        let limit = settings.budget.requests_per_second;
        let gallery = gallery(settings, &store);
        let stores = stores(&store);
        let permits = Permits::new(
            Arc::clone(&stores.budget),
            Arc::clone(&clock),
            worker.name.clone(),
            limit,
            u32::try_from(settings.tmdb.connections).unwrap_or(u32::MAX),
        );
        let chance: Chance = Arc::new(fastrand::f64);
        let mut pipeline = Pipeline::new(stores, client, Arc::clone(&permits), clock, chance);
        pipeline.retry = settings.retry();
        pipeline.waits = waits;
        forget_old_calls(&pipeline, settings).await;
        let stop = CancellationToken::new();
        let name = worker.name.clone();
        let hints = Arc::clone(&store.hints);
        let beside = vec![
            tokio::spawn(permits.keep_renewed(stop.clone())),
            tokio::spawn(heed(pipeline.clone(), hints, stop.clone())),
            tokio::spawn(keep_beating(pipeline.clone(), worker, stop.clone())),
        ];
        Ok(Self { pipeline, worker: name, gallery, stop, beside })
    }

    /// Gives this process's share of the budget back.
    pub(crate) async fn finish(self) {
        self.pipeline.flush_calls().await;
        self.stop.cancel();
        for task in self.beside {
            if let Err(error) = task.await {
                tracing::debug!(%error, "what goes on beside a command broke off");
            }
        }
    }
}

fn is_out_of_reach(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        matches!(cause.downcast_ref(), Some(store::OpenError::Unavailable { .. }))
            || matches!(cause.downcast_ref(), Some(StoreError::Unavailable(_)))
    })
}

/// Opens the configured store, and makes it if it is not there.
pub(crate) async fn open(settings: &Settings) -> anyhow::Result<store::Store> {
    let url = settings.store.url.clone();
    match store::open_with(&store::Options { url, bodies: settings.archive.bodies() }).await {
        Err(error @ store::OpenError::Unsupported { .. }) => {
            Err(anyhow::Error::new(error).context("store.url (or --store, DATABASE_URL)"))
        }
        opened => Ok(opened?),
    }
}

/// Starts a service, which may start before its database does: it waits for a server out
/// of reach; `None` where it is told to stop before. What waiting does not mend is an error,
/// such as a file that cannot be opened.
pub(crate) async fn when_it_can<T>(
    settings: &Settings,
    stop: &CancellationToken,
    start: impl AsyncFn() -> anyhow::Result<T>,
) -> anyhow::Result<Option<T>> {
    let mut wait = Duration::from_millis(250);
    let mut said = false;
    loop {
        let error = tokio::select! {
            started = start() => match started {
                Err(error) if settings.store.is_server() && is_out_of_reach(&error) => error,
                started => return started.map(Some),
            },
            () = stop.cancelled() => return Ok(None),
        };
        if !said {
            tracing::warn!("{error:#}; waiting for it");
        }
        said = true;
        tokio::select! {
            () = tokio::time::sleep(wait) => (),
            () = stop.cancelled() => return Ok(None),
        }
        wait = (wait * 2).min(Duration::from_secs(5));
    }
}

pub(crate) fn stores(store: &store::Store) -> Stores {
    Stores {
        queue: Arc::clone(&store.queue),
        archive: Arc::clone(&store.archive),
        catalog: Arc::clone(&store.catalog),
        ledger: Arc::clone(&store.ledger),
        budget: Arc::clone(&store.budget),
        schedule: Arc::clone(&store.schedule),
        workers: Arc::clone(&store.workers),
        requests: Arc::clone(&store.requests),
        access: Arc::clone(&store.access),
        replies: Arc::clone(&store.replies),
    }
}

/// The images of the configured store and folder.
pub(crate) fn gallery(settings: &Settings, store: &store::Store) -> Gallery {
    let folder = PathBuf::from(&settings.images.folder);
    Gallery::new(Arc::clone(&store.images), folder, settings.tmdb.images_url.clone())
}

/// A client with the configured key.
pub(crate) fn client(settings: &Settings) -> anyhow::Result<Client> {
    client_with(settings, Credential::parse(&settings.tmdb.key)?)
}

/// A client for what needs no key: images.
pub(crate) fn keyless_client(settings: &Settings) -> anyhow::Result<Client> {
    client_with(settings, Credential::None)
}

fn client_with(settings: &Settings, credential: Credential) -> anyhow::Result<Client> {
    let tmdb = &settings.tmdb;
    let config = tmdb::Config {
        api_url: tmdb.api_url.clone(),
        files_url: tmdb.files_url.clone(),
        images_url: tmdb.images_url.clone(),
        timeout: Duration::from_secs(tmdb.timeout_seconds),
        resume_wait: Duration::from_secs_f64(tmdb.resume_wait_seconds),
        connections: tmdb.connections,
        body_limit_bytes: tmdb.body_limit_mib << 20,
        ..tmdb::Config::default()
    };
    Ok(Client::new(config, credential)?)
}

/// The machine's clock; everything else takes the time as an argument.
pub(crate) fn clock() -> Clock {
    Arc::new(|| {
        #[expect(clippy::disallowed_methods, reason = "this is the composition root's clock")]
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    })
}

/// What secrets are made from.
pub(crate) fn entropy() -> web::secrets::Entropy {
    web::secrets::Entropy::new(|| {
        let mut random = [0; 32];
        // A machine without randomness must make no secrets.
        getrandom::fill(&mut random).expect("the system gives random bytes");
        random
    })
}

/// This process; its name tells it from every other that shares the store.
fn this_worker(role: &str, now: Timestamp) -> Worker {
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let host = Some(host.trim()).filter(|host| !host.is_empty()).unwrap_or("here").to_owned();
    let pid = std::process::id();
    Worker {
        name: format!("{host}-{pid}-{:x}", now.as_millis()),
        host,
        pid,
        role: role.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: now,
        ..Worker::default()
    }
}

async fn forget_old_calls(pipeline: &Pipeline, settings: &Settings) {
    let kept = Duration::from_secs(settings.log.calls_days.saturating_mul(86_400));
    let before = pipeline.now() - kept;
    if let Err(error) = pipeline.stores.ledger.forget_calls(before).await {
        tracing::warn!(%error, "could not drop old lines of the call log");
    }
}

/// Cancelled by the first Ctrl-C or SIGTERM; a second Ctrl-C ends the process at once.
pub(crate) fn stop_on_signals() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = CancellationToken::new();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let cancel = stop.clone();
    tokio::spawn(async move {
        let received = async {
            tokio::select! {
                got = interrupt.recv() => got,
                got = terminate.recv() => got,
            }
        };
        if received.await.is_some() {
            tracing::info!("stopping: finishing what is in flight; once more to stop at once");
            cancel.cancel();
        }
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = terminate.recv() => (),
        }
        #[expect(clippy::exit, reason = "the person insists, and every store survives it")]
        std::process::exit(130);
    });
    Ok(stop)
}
