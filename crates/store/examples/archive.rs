//! Prints how fast an archive takes records, what versions weigh, and how long
//! it takes to walk through the heads of all movies: on SQLite, and after the word
//! `postgres` on a PostgreSQL that it starts.
//!
//! `cargo run --release -p store --example archive [postgres]`, where the recorded
//! bodies are at hand.

#[path = "archive/heads.rs"]
mod heads;
#[path = "archive/puts.rs"]
mod puts;

use domain::Record;
use serde_json::{Value, json};
use testbed::postgres::Cluster;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let first = puts::movies(|_| (), 1);
    if std::env::args().any(|word| word == "postgres") {
        // Commits are as safe as those of SQLite's: after a power cut the last may be missing.
        let cluster = Cluster::start(&["fsync=on", "full_page_writes=on"])?;
        changes(&cluster.create(None).await?, &first).await?;
        return heads::measure(&cluster.create(None).await?, || 0).await;
    }
    let folder = tempfile::tempdir()?;
    let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    changes(&url("changes.db"), &first).await?;
    let file = folder.path().join("heads.db");
    heads::measure(&url("heads.db"), || std::fs::metadata(&file).map_or(0, |data| data.len())).await
}

async fn changes(url: &str, first: &[Record]) -> Result<(), Box<dyn std::error::Error>> {
    if first.is_empty() {
        return Ok(());
    }
    let (store, rate) = puts::new_records(url, first).await;
    say(&format!("put, new records                 {rate:8.0} a second"));
    let figures = |value: &mut Value| value["popularity"] = json!(987.654);
    let field = |value: &mut Value| {
        figures(value);
        value["tagline"] = json!("Another line altogether.");
    };
    let rate = puts::put(&store, &puts::movies(|_| (), 2)).await;
    say(&format!("put, equal records               {rate:8.0} a second"));
    let rate = puts::put(&store, &puts::movies(figures, 3)).await;
    say(&format!("put, other figures               {rate:8.0} a second"));
    let records = puts::movies(field, 4);
    let rate = puts::put(&store, &records).await;
    say(&format!("put, one field changed           {rate:8.0} a second"));
    let (mut whole, mut patches) = (0, 0);
    for record in &records {
        let versions = store.archive.versions(record.key).await?;
        if let [first, second] = &versions[..] {
            patches += first.stored_bytes;
            whole += second.stored_bytes;
        }
    }
    let share = patches as f64 / whole as f64 * 100.0;
    say(&format!("a version with one field changed {share:8.2} % of a record"));
    let mean = whole as f64 / records.len() as f64;
    say(&format!("a record                         {mean:8.0} bytes"));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn say(line: &str) {
    println!("{line}");
}
