//! Prints how PostgreSQL finds what roles and pages ask of the catalogue, the ledger and the
//! images, over a million titles: every statement of each verb, as it ran.
//!
//! `cargo run --release -p store --example explain`

#[path = "explain/fill.rs"]
mod fill;
#[path = "explain/plans.rs"]
mod plans;
#[path = "explain/verbs.rs"]
mod verbs;

use std::time::Instant;

use plans::Plans;
use testbed::postgres::Cluster;

/// What makes the server write down each plan that it runs.
const SETTINGS: [&str; 9] = [
    "session_preload_libraries=auto_explain",
    "auto_explain.log_min_duration=0",
    "auto_explain.log_analyze=on",
    "auto_explain.log_buffers=on",
    "auto_explain.log_timing=off",
    "shared_buffers=1GB",
    "maintenance_work_mem=256MB",
    "max_wal_size=4GB",
    "autovacuum=off",
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cluster = Cluster::start(&SETTINGS)?;
    let url = cluster.create(None).await?;
    let store = store::open(&url).await?;
    let started = Instant::now();
    fill::fill(&url).await?;
    say(&format!("filled in {:.0} s\n", started.elapsed().as_secs_f64()));
    let plans = Plans::connect(&url).await?;
    verbs::run(&store, &plans).await
}

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn say(line: &str) {
    println!("{line}");
}
