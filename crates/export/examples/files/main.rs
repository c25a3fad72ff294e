//! Exports a made-up catalogue of a million movies, and prints rows and seconds.
//!
//! `cargo xtask bench export-files` runs it and watches its memory. Arguments:
//! movies, and the folder.
#![expect(clippy::print_stdout, reason = "it prints what it is for")]

mod made;

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::Timestamp;
use export::{Format, Place, Plan, Stores, export};
use made::Made;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let movies = arguments.next().unwrap_or_default().parse()?;
    let folder = arguments.next().ok_or("a folder is missing")?;
    let now = Timestamp::from_millis(1_767_225_600_000);
    let make = move |id| Some(made::movie(id, now));
    let made =
        Made { movies: (movies, Box::new(make)), people: (0, Box::new(|_| None)), entries: vec![] };
    let archive = store::open("sqlite::memory:").await?.archive;
    let stores = Stores { archive, catalog: Arc::new(made) };
    let plan = Plan {
        format: Some(Format::Parquet),
        kinds: vec![],
        tables: vec![],
        plain: false,
        file_bytes: 256 << 20,
        replace: true,
        now,
        kept: Duration::from_hours(180 * 24),
        made_by: "a benchmark".to_owned(),
    };
    let started = Instant::now();
    let manifest = export(&stores, &Place::open(&folder, &[])?, &plan, None, &|_| ()).await?;
    let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
    println!(
        "rows {}\nseconds {}\nbytes {bytes}",
        manifest.rows(),
        started.elapsed().as_secs_f64()
    );
    Ok(())
}
