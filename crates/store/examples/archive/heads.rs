//! How long it takes to walk through the heads of as many movies as TMDB has.

use std::time::{Duration, Instant};

use domain::archive::PurgeTerms;
use domain::{Key, Kind, Record, Timestamp};
use store::Store;

use super::say;

const MOVIES: u32 = 1_240_000;
const BATCH: usize = 5_000;
const PAGE: usize = 20_000;

fn movie(id: u32) -> Record {
    let popularity = f64::from(id % 9_973) / 1000.0;
    let json = format!(
        r#"{{"id": {id}, "release_date": "2020-01-02", "popularity": {popularity},
            "vote_average": 7.5, "vote_count": 12}}"#
    );
    let at = Timestamp::from_millis(1_767_225_600_000);
    let record = records::record(Key::movie(id.into()), json.as_bytes(), "movie/1?a=b", at);
    record.expect("the schema knows it").0
}

fn clock(what: &str, took: Duration) {
    say(&format!("{what:32} {:8.0} ms", took.as_secs_f64() * 1000.0));
}

/// `bytes` tells how large the closed database is, or 0.
pub(crate) async fn measure(
    url: &str,
    bytes: impl Fn() -> u64,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut store = store::open(url).await?;
    let ids: Vec<u32> = (1..=MOVIES).collect();
    for batch in ids.chunks(BATCH) {
        let records: Vec<_> = batch.iter().map(|id| movie(*id)).collect();
        store.archive.put(&records).await?;
    }
    walks(&store).await?;
    drop(store);
    let before = bytes();
    store = store::open(url).await?;
    let moved: Vec<_> = ids.iter().map(|id| (u64::from(*id), 100.0)).collect();
    let started = Instant::now();
    for moved in moved.chunks(PAGE) {
        let now = Timestamp::from_millis(1_767_225_600_000 + 86_400_000);
        store.archive.move_popularity(Kind::Movie, moved, now).await?;
    }
    clock("move_popularity of all", started.elapsed());
    drop(store);
    let grown = (bytes() - before) as f64 / f64::from(MOVIES);
    say(&format!("a point of a series              {grown:8.2} bytes"));
    Ok(())
}

async fn walks(store: &Store) -> Result<(), Box<dyn std::error::Error>> {
    let started = Instant::now();
    let known = store.archive.known(Kind::Movie).await?;
    clock("known, all movies", started.elapsed());
    let keys: Vec<_> = known.ids.iter().map(|id| Key::movie(*id)).collect();
    let started = Instant::now();
    for page in keys.chunks(BATCH) {
        store.archive.heads(page).await?;
    }
    clock("heads of all, 5,000 at a time", started.elapsed());
    let (started, mut after) = (Instant::now(), None);
    loop {
        let page = store.archive.freshness(after, PAGE).await?;
        after = page.last().map(|last| last.key);
        if page.len() < PAGE {
            break;
        }
    }
    clock("freshness, 20,000 at a time", started.elapsed());
    let started = Instant::now();
    let epoch = Timestamp::from_millis(0);
    let terms = PurgeTerms { fetched_before: epoch, buried_before: epoch };
    store.archive.purge(&terms, 500).await?;
    clock("purge, nothing to do", started.elapsed());
    let started = Instant::now();
    store.archive.audit().await?;
    clock("audit", started.elapsed());
    let started = Instant::now();
    store.archive.series(Key::movie(77)).await?;
    clock("series of one", started.elapsed());
    Ok(())
}
