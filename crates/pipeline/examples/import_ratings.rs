//! Measures an import: `cargo run --release -p pipeline --example import_ratings [LINES]`.
//!
//! Writes a file like IMDb's, of so many lines, and imports it twice beside titles
//! that a hundredth of the lines are of.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on should say where")]
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use domain::{Key, Timestamp};
use flate2::Compression;
use flate2::write::GzEncoder;
use pipeline::watch::Unwatched;
use pipeline::{Stores, ratings};
use tokio_util::sync::CancellationToken;

const LINES: u64 = 200_000;

fn write(path: &Path, lines: u64, votes: u64) {
    let file = BufWriter::new(File::create(path).unwrap());
    let mut gzip = GzEncoder::new(file, Compression::fast());
    gzip.write_all(b"tconst\taverageRating\tnumVotes\n").unwrap();
    for id in 0..lines {
        let (whole, tenth) = (id % 10, id % 7);
        let votes = id * id % 100_000 + votes;
        writeln!(gzip, "tt{:07}\t{whole}.{tenth}\t{votes}", id * 8).unwrap();
    }
    gzip.finish().unwrap().flush().unwrap();
}

async fn open(path: &Path) -> (store::Store, Stores) {
    let store = store::open(&format!("sqlite:{}", path.display())).await.unwrap();
    let stores = Stores {
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
    };
    (store, stores)
}

async fn size(store: &store::Store) -> u64 {
    let health = store.check().await.unwrap();
    health.size_bytes - health.free_bytes
}

#[tokio::main]
async fn main() {
    let lines = std::env::args().nth(1).map_or(LINES, |lines| lines.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (store, stores) = open(&folder.path().join("c.db")).await;
    for first in (0..lines / 100).step_by(1_000) {
        let records = (first..(first + 1_000).min(lines / 100)).map(|id| {
            let json = format!(r#"{{"title": "T", "imdb_id": "tt{:07}"}}"#, id * 800);
            let at = Timestamp::from_millis(1);
            records::record(Key::movie(id + 1), json.as_bytes(), "", at).unwrap().0
        });
        stores.catalog.put(&records.collect::<Vec<_>>()).await.unwrap();
    }
    let before = size(&store).await;
    let file = folder.path().join("title.ratings.tsv.gz");
    let (source, stop) = ("imdb".parse().unwrap(), CancellationToken::new());
    for round in 1..=2 {
        write(&file, lines, round);
        let started = Instant::now();
        let now = Timestamp::from_millis(1_790_000_000_000);
        let imported =
            ratings::import(&stores, file.clone(), &source, now, &Unwatched, &stop).await.unwrap();
        let seconds = started.elapsed().as_secs_f64();
        let bytes = (size(&store).await - before) as f64 / lines as f64;
        println!(
            "{} ratings in {seconds:.1} s, {:.0} a second; {} titles; {bytes:.0} bytes a rating",
            imported.ratings,
            imported.ratings as f64 / seconds,
            imported.titles
        );
    }
}
