//! Demand beside a collector and a fake TMDB that counts, with a clock that the tests turn.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::queue::{DeadFilter, LeaseTerms, Verdict};
use domain::{Failure, FailureClass, Timestamp};
use fake_tmdb::{Faults, Generated, Options, Outage, Server};
use futures_util::future::join_all;
use store::Store;
use tmdb::{Client, Config, Credential};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::collect::{CollectOptions, Until, collect};
use crate::permits::Permits;
use crate::watch::Unwatched;

const KEY: &str = "0123456789abcdef0123456789abcdef";
const START: i64 = 1_767_225_600_000;
const MOVIES: u64 = 300;

/// No movie of the universe has it.
fn nobody() -> Key {
    Key::movie(2_000_000_000)
}

struct Bench {
    server: Server,
    store: Store,
    pipeline: Pipeline,
    now: Arc<AtomicI64>,
    stop: CancellationToken,
}

fn stores(store: &Store) -> Stores {
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

impl Bench {
    async fn new() -> Self {
        Self::on("sqlite::memory:").await
    }

    async fn on(url: &str) -> Self {
        let universe = Generated::starting(MOVIES, 7, jiff::civil::date(2026, 1, 1));
        let server = fake_tmdb::start(Options::new(Arc::new(universe))).await.unwrap();
        let store = store::open(url).await.unwrap();
        let now = Arc::new(AtomicI64::new(START));
        let clock = clock(&now);
        let config = Config { api_url: server.api_url(), ..Config::default() };
        let client = Client::new(config, Credential::parse(KEY).unwrap()).unwrap();
        let stores = stores(&store);
        let budget = Arc::clone(&stores.budget);
        let permits = Permits::new(budget, Arc::clone(&clock), "test".to_owned(), 0, 64);
        let pipeline = Pipeline::new(stores, client, permits, clock, Arc::new(|| 0.5));
        Self { server, store, pipeline, now, stop: CancellationToken::new() }
    }

    fn collecting(&self) -> JoinHandle<()> {
        let (pipeline, stop) = (self.pipeline.clone(), self.stop.clone());
        tokio::spawn(async move {
            let options = CollectOptions { until: Until::Stopped, ..CollectOptions::default() };
            collect(&pipeline, &options, &Unwatched, &stop).await.unwrap_err();
        })
    }

    fn demand(&self, options: DemandOptions) -> Demand {
        Demand::beside(&self.pipeline, options)
    }

    fn pass(&self, time: Duration) {
        self.now.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }

    fn calls(&self) -> u64 {
        self.server.stats().total
    }
}

fn clock(now: &Arc<AtomicI64>) -> Clock {
    let now = Arc::clone(now);
    Arc::new(move || Timestamp::from_millis(now.load(Ordering::Relaxed)))
}

/// Gives up at once, where a test waits in vain on purpose.
fn hasty() -> DemandOptions {
    DemandOptions { wait: Duration::from_millis(60), ..DemandOptions::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_who_ask_for_the_same_make_one_call() {
    let bench = Bench::new().await;
    let collecting = bench.collecting();
    let demand = bench.demand(DemandOptions::default());
    let asked = (0..1_000).map(|_| demand.get(Key::movie(2)));
    for found in join_all(asked).await {
        let found = found.unwrap();
        assert_eq!((found.record.key, found.standing), (Key::movie(2), Standing::Fetched));
    }
    assert_eq!(bench.calls(), 1);
    assert_eq!(demand.get(Key::movie(2)).await.unwrap().standing, Standing::Fresh);
    assert_eq!(bench.calls(), 1);
    bench.stop.cancel();
    collecting.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_has_is_asked_for_once_in_its_time() {
    let bench = Bench::new().await;
    let _collecting = bench.collecting();
    let demand = bench.demand(DemandOptions::default());
    let gone = async |demand: &Demand| matches!(demand.get(nobody()).await, Err(Missing::Gone));
    assert!(gone(&demand).await);
    assert!(gone(&demand).await);
    // Nor does a process ask that has just started, and reads it from the store.
    assert!(gone(&bench.demand(DemandOptions::default())).await);
    assert_eq!(bench.calls(), 1);
    bench.pass(Duration::from_mins(59));
    assert!(gone(&demand).await);
    assert_eq!(bench.calls(), 1);
    bench.pass(Duration::from_mins(1));
    assert!(gone(&demand).await);
    assert_eq!(bench.calls(), 2);
    bench.stop.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_never_taken_for_a_404() {
    let bench = Bench::new().await;
    let _collecting = bench.collecting();
    let demand = bench.demand(DemandOptions::default());
    demand.get(Key::movie(1)).await.unwrap();
    bench.server.set_outage(Some(Outage::Unavailable));
    bench.pass(Duration::from_hours(24 * 100));
    let held = demand.get(Key::movie(1)).await.unwrap();
    assert_eq!(held.standing, Standing::Stale);
    let missing = bench.demand(hasty()).get(Key::movie(2)).await.unwrap_err();
    assert!(matches!(missing, Missing::Awaited { .. }), "{missing:?}");
    bench.server.set_outage(None);
    // What was tried again later is due by then.
    bench.pass(Duration::from_hours(1));
    assert_eq!(demand.get(Key::movie(2)).await.unwrap().standing, Standing::Fetched);
    bench.stop.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_stale_is_given_at_once_and_queued_once_in_a_while() {
    let bench = Bench::new().await;
    let collecting = bench.collecting();
    let demand = bench.demand(DemandOptions::default());
    demand.get(Key::movie(1)).await.unwrap();
    bench.stop.cancel();
    collecting.await.unwrap();
    bench.pass(Duration::from_hours(24 * 100));
    for _ in 0..3 {
        assert_eq!(demand.get(Key::movie(1)).await.unwrap().standing, Standing::Stale);
    }
    let pending = bench.store.queue.pending(9).await.unwrap();
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0].priority, Priority::STALE.number());
    // As if it was lost.
    let terms = LeaseTerms {
        worker: "w".to_owned(),
        limit: 1,
        duration: Duration::from_mins(1),
        urgent: None,
    };
    let now = bench.pipeline.now();
    let lease = bench.store.queue.lease(&terms, now).await.unwrap().remove(0);
    bench.store.queue.settle(&[(lease, Verdict::Finish)], now).await.unwrap();
    bench.pass(Duration::from_mins(9));
    assert_eq!(demand.get(Key::movie(1)).await.unwrap().standing, Standing::Stale);
    assert!(bench.store.queue.pending(9).await.unwrap().is_empty());
    bench.pass(Duration::from_mins(2));
    demand.get(Key::movie(1)).await.unwrap();
    assert_eq!(bench.store.queue.pending(9).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_given_is_current_until_it_is_stale_or_comes_anew() {
    let bench = Bench::new().await;
    let _collecting = bench.collecting();
    let demand = bench.demand(DemandOptions::default());
    let given = demand.get(Key::movie(1)).await.unwrap().record;
    let another_time = Timestamp::from_millis(given.fetched_at.as_millis() - 1);
    let fetched = [
        (given.key, given.fetched_at),
        (given.key, another_time),
        (Key::movie(2), given.fetched_at),
    ];
    assert_eq!(demand.are_current(&fetched).await.unwrap(), [true, false, false]);
    assert!(demand.are_current(&[]).await.unwrap().is_empty());
    bench.pass(Duration::from_hours(24 * 100));
    assert_eq!(demand.are_current(&fetched[..1]).await.unwrap(), [false]);
    bench.stop.cancel();
}

#[tokio::test]
async fn a_flood_of_different_ids_is_bounded() {
    let bench = Bench::new().await;
    let options = DemandOptions { keys_at_once: 20, pending_at_most: 50, ..hasty() };
    let demand = bench.demand(options);
    let mut busy = 0;
    for round in 0..5 {
        let asked = (1..=40).map(|id| demand.get(Key::movie(round * 100 + id)));
        for missing in join_all(asked).await {
            busy += u32::from(matches!(missing, Err(Missing::Busy { .. })));
        }
    }
    // 20 of 40 find room at a time; of the third 20 there is room for 10 in the queue.
    assert_eq!(busy, 5 * 40 - 50);
    assert_eq!(bench.store.queue.pending(999).await.unwrap().len(), 50);
}

#[tokio::test]
async fn what_lies_among_the_dead_letters_is_not_queued_again() {
    let bench = Bench::new().await;
    let demand = bench.demand(DemandOptions::default());
    demand.queue(&[Key::movie(3)], Priority::DEMAND).await.unwrap();
    let terms = LeaseTerms {
        worker: "w".to_owned(),
        limit: 1,
        duration: Duration::from_mins(1),
        urgent: None,
    };
    let now = bench.pipeline.now();
    let lease = bench.store.queue.lease(&terms, now).await.unwrap().remove(0);
    let failure = Failure::new(FailureClass::Ours, "422", b"");
    bench.store.queue.settle(&[(lease, Verdict::Bury(failure))], now).await.unwrap();
    let missing = demand.get(Key::movie(3)).await.unwrap_err();
    assert!(matches!(missing, Missing::Awaited { retry_after } if retry_after.as_secs() == 300));
    assert!(bench.store.queue.pending(9).await.unwrap().is_empty());
    assert_eq!(bench.store.queue.dead(&DeadFilter::default(), 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn no_id_beyond_tmdbs_makes_a_task() {
    let bench = Bench::new().await;
    let demand = bench.demand(hasty());
    let impossible = demand.get(Key::movie(1 << 31)).await.unwrap_err();
    assert!(matches!(impossible, Missing::Impossible));
    assert!(matches!(demand.get(Key::season(1, 100_001)).await, Err(Missing::Gone)));
    assert!(bench.store.queue.pending(9).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_season_comes_with_its_show_and_an_unknown_one_is_gone() {
    let bench = Bench::new().await;
    let _collecting = bench.collecting();
    let demand = bench.demand(DemandOptions::default());
    let shows = bench.store.archive.known(Kind::Tv).await.unwrap();
    assert!(shows.ids.is_empty());
    let season = demand.get(Key::season(1, 1)).await.unwrap();
    assert_eq!(season.record.key, Key::season(1, 1));
    assert!(bench.store.archive.get(Key::tv(1)).await.unwrap().is_some());
    let calls = bench.calls();
    assert!(matches!(demand.get(Key::season(1, 99_999)).await, Err(Missing::Gone)));
    assert!(matches!(demand.get(Key::season(1, 99_999)).await, Err(Missing::Gone)));
    assert_eq!(bench.calls(), calls + 1);
    bench.stop.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_season_that_rode_along_is_collected_again_where_its_parts_are_wanted() {
    let bench = Bench::new().await;
    let collecting = bench.collecting();
    let demand = bench.demand(DemandOptions::default());
    demand.get(Key::tv(1)).await.unwrap();
    let season = Key::season(1, 1);
    let rode_along = demand.get(season).await.unwrap().record;
    assert!(rode_along.asked.starts_with("tv/1?"), "{}", rode_along.asked);
    let calls = bench.calls();
    let asked = (0..20).map(|_| demand.whole(season));
    for found in join_all(asked).await {
        let asked = found.unwrap().record.asked;
        assert!(asked.starts_with("tv/1/season/1?"), "{asked}");
    }
    assert_eq!(bench.calls(), calls + 1);
    assert_eq!(demand.whole(season).await.unwrap().standing, Standing::Fresh);
    assert_eq!(demand.whole(Key::movie(1)).await.unwrap().record.key, Key::movie(1));
    assert!(matches!(demand.whole(Key::season(1, 400)).await, Err(Missing::Gone)));
    bench.stop.cancel();
    collecting.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_demanded_overtakes_what_was_leased_before() {
    let bench = Bench::new().await;
    bench.server.set_faults(Faults {
        latency: Some(fake_tmdb::Latency { median_ms: 20.0, p95_ms: 20.0 }),
        ..Faults::default()
    });
    let crowd: Vec<Key> = (1..=200).map(Key::movie).collect();
    let demand = bench.demand(DemandOptions::default());
    demand.queue(&crowd, Priority::new_title(0)).await.unwrap();
    let collecting = bench.collecting();
    // Some are in flight, and more are leased.
    demand.0.bell.settled.notified().await;
    demand.get(Key::movie(250)).await.unwrap();
    let now = bench.pipeline.now();
    let depth = bench.store.queue.depth(now).await.unwrap();
    assert!(depth.ready + depth.leased > 50, "{depth:?}");
    bench.stop.cancel();
    collecting.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_collects_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("c.db").display());
    let bench = Bench::on(&url).await;
    let _collecting = bench.collecting();
    let other = store::open(&url).await.unwrap();
    let demand = Demand::new(stores(&other), clock(&bench.now), DemandOptions::default());
    let asked = (0..50).map(|_| demand.get(Key::movie(2)));
    for found in join_all(asked).await {
        assert_eq!(found.unwrap().record.key, Key::movie(2));
    }
    assert!(matches!(demand.get(nobody()).await, Err(Missing::Gone)));
    assert_eq!(bench.calls(), 2);
    bench.stop.cancel();
}
