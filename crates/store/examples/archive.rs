//! Prints how fast an archive takes records, what versions weigh, and how long
//! it takes to walk through the heads of all movies.
//!
//! `cargo run --release -p store --example archive`, where the recorded bodies are at hand.

#[path = "archive/heads.rs"]
mod heads;
#[path = "archive/puts.rs"]
mod puts;

use serde_json::{Value, json};
use store::Store;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let first = puts::movies(|_| (), 1);
    if !first.is_empty() {
        let folder = tempfile::tempdir()?;
        let (store, rate) = puts::new_records(folder.path(), &first).await;
        say(&format!("put, new records                 {rate:8.0} a second"));
        changes(&store).await?;
    }
    heads::measure().await
}

async fn changes(store: &Store) -> Result<(), Box<dyn std::error::Error>> {
    let figures = |value: &mut Value| value["popularity"] = json!(987.654);
    let field = |value: &mut Value| {
        figures(value);
        value["tagline"] = json!("Another line altogether.");
    };
    let rate = puts::put(store, &puts::movies(|_| (), 2)).await;
    say(&format!("put, equal records               {rate:8.0} a second"));
    let rate = puts::put(store, &puts::movies(figures, 3)).await;
    say(&format!("put, other figures               {rate:8.0} a second"));
    let before = store.archive.stats().await?.kinds[0].stored_bytes;
    let rate = puts::put(store, &puts::movies(field, 4)).await;
    say(&format!("put, one field changed           {rate:8.0} a second"));
    let after = store.archive.stats().await?.kinds[0].stored_bytes;
    let share = (after as f64 - before as f64) / before as f64;
    say(&format!("a version with one field changed {:8.1} % of a record", share * 100.0));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn say(line: &str) {
    println!("{line}");
}
