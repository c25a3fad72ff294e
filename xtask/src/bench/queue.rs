//! How fast the queue alone turns over with a million tasks waiting, on SQLite and on a
//! PostgreSQL as it comes: every commit flushed to disk.

use std::process::{Command, Stdio};

use anyhow::Context;
use testbed::postgres::Cluster;

use super::collect::median;
use super::process::{Folder, watched};
use super::table::Row;
use crate::command::{root, run};

const WAITING: &str = "1000000";
const TURNS: usize = 3;

pub(crate) fn measure() -> anyhow::Result<Vec<Row>> {
    run("cargo build --quiet --release --locked -p store --example queue")?;
    let folder = Folder::new("queue")?;
    let sqlite_url = format!("sqlite:{}", folder.0.join("queue.db").display());
    let cluster = Cluster::start(&["fsync=on", "full_page_writes=on", "synchronous_commit=on"])?;
    let runtime = tokio::runtime::Runtime::new()?;
    let postgres_url = runtime.block_on(cluster.create(None))?;
    let (mut sqlite, mut one, mut two) = (vec![], vec![], vec![]);
    // Turn by turn, so that all meet the machine in the same state. The first fills the queue.
    for _ in 0..TURNS {
        sqlite.push(turned_over(&sqlite_url, "1")?);
        one.push(turned_over(&postgres_url, "1")?);
        two.push(turned_over(&postgres_url, "2")?);
    }
    let row = |what: &str, bar: f64, turns: Vec<f64>| {
        let rate = median(turns);
        Row {
            what: what.to_owned(),
            bar: format!("{bar:.0} tasks a second"),
            measured: format!("{rate:.0} a second"),
            ratio: format!("{:.2} of the bar", rate / bar),
            reached: rate >= bar,
        }
    };
    Ok(vec![
        row(
            &format!(
                "add, lease and finish 60,000 tasks in SQLite, {WAITING} more waiting (median of {TURNS})"
            ),
            30_000.0,
            sqlite,
        ),
        row("the same in PostgreSQL on the same cores, each commit flushed to disk", 10_000.0, one),
        row("the same by two at once", 10_000.0, two),
    ])
}

/// Tasks a second.
fn turned_over(url: &str, at_once: &str) -> anyhow::Result<f64> {
    let mut command = Command::new(root().join("target/release/examples/queue"));
    command.args([url, WAITING, at_once]).stdout(Stdio::piped());
    let output = watched(command)?.output;
    let figure = output.lines().find_map(|line| {
        line.strip_prefix("added, leased and finished: ")?.split(' ').next()?.parse().ok()
    });
    figure.with_context(|| format!("no figure was printed: {output}"))
}
