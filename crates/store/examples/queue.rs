//! How fast the queue turns over: `cargo run --release -p store --example queue`.

use std::error::Error;
use std::time::{Duration, Instant};

use domain::queue::{LeaseTerms, NewTask, Priority, Verdict};
use domain::{Key, Timestamp};

const TASKS: u32 = 60_000;
const BATCH: usize = 48;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("queue.db").display());
    let queue = store::open(&url).await?.queue;
    let task = |id: u32| NewTask {
        key: Key::movie(u64::from(id)),
        priority: Priority::new_title(id % 1_000),
        source: "export.movie".to_owned(),
        run: None,
        changed: false,
    };
    let tasks: Vec<NewTask> = (1..=TASKS).map(task).collect();
    let now = Timestamp::from_millis(1);
    let start = Instant::now();
    for batch in tasks.chunks(1_000) {
        queue.add(batch, now).await?;
    }
    told("added", start.elapsed());
    let terms =
        LeaseTerms { worker: "w".to_owned(), limit: BATCH, duration: Duration::from_mins(1) };
    let start = Instant::now();
    loop {
        let leases = queue.lease(&terms, now).await?;
        if leases.is_empty() {
            break;
        }
        let verdicts: Vec<_> = leases.into_iter().map(|lease| (lease, Verdict::Finish)).collect();
        queue.settle(&verdicts, now).await?;
    }
    told("leased and finished", start.elapsed());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is what the example is for")]
fn told(what: &str, took: Duration) {
    println!("{what}: {:.0} tasks a second", f64::from(TASKS) / took.as_secs_f64());
}
