//! How fast the queue turns over with many tasks waiting.
//!
//! `cargo run --release -p store --example queue [URL] [WAITING] [AT_ONCE]`: over a new database, or
//! one that holds as many already; several processes' worth of workers at once.

use std::error::Error;
use std::time::{Duration, Instant};

use domain::queue::{LeaseTerms, NewTask, Priority, Verdict};
use domain::{Key, Timestamp};
use store::Store;

/// Tasks that are added, leased and finished.
const TASKS: u64 = 60_000;

/// As a harvest adds them.
const ADDED_AT_ONCE: usize = 1_000;

/// As a collector leases and settles them.
const LEASED_AT_ONCE: usize = 48;

const NOW: Timestamp = Timestamp::from_millis(1);

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let mut arguments = std::env::args().skip(1);
    let url = arguments
        .next()
        .unwrap_or_else(|| format!("sqlite:{}", folder.path().join("queue.db").display()));
    let waiting = arguments.next().map_or(Ok(1_000_000), |number| number.parse())?;
    let at_once: u64 = arguments.next().map_or(Ok(1), |number| number.parse())?;
    let mut stores = vec![];
    for _ in 0..at_once {
        stores.push(store::open(&url).await?);
    }
    let known = stores[0].queue.depth(NOW).await?.ready;
    // Those that wait are the least urgent, so they stay.
    let filling = fill(&stores, known, waiting).await?;
    told("added to fill the queue", waiting.saturating_sub(known), filling);
    let each = TASKS / at_once;
    let first = waiting + known + 1;
    let parts = (0..at_once).map(|part| first + part * each..first + (part + 1) * each);
    let parts: Vec<_> = stores.into_iter().zip(parts).collect();
    let began = Instant::now();
    all(&parts, |store, ids| async move { add(&store, ids, Priority::new_title).await }).await?;
    let adding = began.elapsed();
    told("added", TASKS, adding);
    let began = Instant::now();
    all(&parts, |store, ids| async move {
        work_off(&store, usize::try_from(ids.end - ids.start).unwrap_or(usize::MAX)).await
    })
    .await?;
    let working = began.elapsed();
    told("leased and finished", TASKS, working);
    told("added, leased and finished", TASKS, adding + working);
    let began = Instant::now();
    let depth = parts[0].0.queue.depth(NOW).await?;
    say(&format!("counted {} in {:.0?}", depth.ready, began.elapsed()));
    Ok(())
}

async fn fill(stores: &[Store], known: u64, waiting: u64) -> Outcome<Duration> {
    let began = Instant::now();
    add(&stores[0], known + 1..waiting + 1, Priority::stale).await?;
    Ok(began.elapsed())
}

/// Does its part with each store, all at once.
async fn all<F>(
    parts: &[(Store, std::ops::Range<u64>)],
    work: impl Fn(Store, std::ops::Range<u64>) -> F,
) -> Outcome<()>
where
    F: Future<Output = Outcome<()>> + Send + 'static,
{
    let working = parts.iter().map(|(store, ids)| tokio::spawn(work(store.clone(), ids.clone())));
    for worked in working.collect::<Vec<_>>() {
        worked.await??;
    }
    Ok(())
}

async fn add(
    store: &Store,
    ids: std::ops::Range<u64>,
    priority: fn(u32) -> Priority,
) -> Outcome<()> {
    let ids: Vec<u64> = ids.collect();
    for batch in ids.chunks(ADDED_AT_ONCE) {
        let task = |id: &u64| NewTask {
            key: Key::movie(*id),
            priority: priority((id % 100_000) as u32),
            source: "export.movie".to_owned(),
            run: None,
            changed: false,
        };
        store.queue.add(&batch.iter().map(task).collect::<Vec<_>>(), NOW).await?;
    }
    Ok(())
}

async fn work_off(store: &Store, mut left: usize) -> Outcome<()> {
    while left > 0 {
        let limit = left.min(LEASED_AT_ONCE);
        let terms = LeaseTerms {
            worker: "w".to_owned(),
            limit,
            duration: Duration::from_mins(1),
            urgent: None,
        };
        let leases = store.queue.lease(&terms, NOW).await?;
        left -= leases.len();
        let verdicts: Vec<_> = leases.into_iter().map(|lease| (lease, Verdict::Finish)).collect();
        store.queue.settle(&verdicts, NOW).await?;
    }
    Ok(())
}

fn told(what: &str, tasks: u64, took: Duration) {
    say(&format!("{what}: {:.0} tasks a second", tasks as f64 / took.as_secs_f64()));
}

#[expect(clippy::print_stdout, reason = "this is what the example is for")]
fn say(line: &str) {
    println!("{line}");
}
