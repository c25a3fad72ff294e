//! Prints how fast the catalogue takes records and gives them back, on SQLite and on PostgreSQL.
//!
//! `cargo run --release -p store --example catalogue`, where the recorded bodies are at hand.

#[path = "archive/puts.rs"]
#[expect(dead_code, reason = "made for another example")]
mod puts;

use std::time::Instant;

use domain::{Key, Record};
use store::Store;
use testbed::postgres::Cluster;

const BATCH: usize = 200;
const PAGE: usize = 500;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (first, again) = (puts::movies(|_| (), 1), puts::movies(|_| (), 2));
    let folder = tempfile::tempdir()?;
    let sqlite = format!("sqlite:{}", folder.path().join("c.db").display());
    let cluster = Cluster::start(&["shared_buffers=256MB"])?;
    let postgres = cluster.create(None).await?;
    for (name, url) in [("SQLite", sqlite), ("PostgreSQL", postgres)] {
        let store = store::open(&url).await?;
        say(&format!("{name}: put, new titles   {:8.0} a second", put(&store, &first).await?));
        say(&format!("{name}: put, known titles {:8.0} a second", put(&store, &again).await?));
        let started = Instant::now();
        let (works, rows) = read(&store).await?;
        let seconds = started.elapsed().as_secs_f64();
        say(&format!(
            "{name}: works_after       {:8.0} a second, {:.0} rows with cast, crew, ratings, similar",
            works as f64 / seconds,
            rows as f64 / seconds
        ));
    }
    Ok(())
}

async fn put(store: &Store, records: &[Record]) -> Result<f64, domain::StoreError> {
    let started = Instant::now();
    for batch in records.chunks(BATCH) {
        store.catalog.put(batch).await?;
    }
    Ok(records.len() as f64 / started.elapsed().as_secs_f64())
}

/// How many titles, and how many rows an export makes of them.
async fn read(store: &Store) -> Result<(usize, usize), Box<dyn std::error::Error>> {
    let (mut works, mut rows, mut after) = (0, 0, None);
    loop {
        let page = store.catalog.works_after(after, PAGE).await?;
        works += page.len();
        for work in &page {
            rows += 1 + work.cast.len() + work.crew.len() + work.ratings.len() + work.similar.len();
        }
        let Some(last) = page.last() else { return Ok((works, rows)) };
        after = Some(Key::new(last.row.kind.parse()?, last.row.tmdb_id, None, None)?);
    }
}

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn say(line: &str) {
    println!("{line}");
}
