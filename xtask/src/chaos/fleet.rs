//! Workers on one PostgreSQL beside one fake TMDB.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use store::Fingerprint;
use testbed::postgres::Cluster;

use super::network::{HOSTS, Network, SERVER};
use crate::bench::process::{Fake, Folder, binary};
use crate::command::say;

/// What workers are started with.
pub(crate) struct Plan<'a> {
    pub(crate) name: &'a str,
    pub(crate) workers: usize,
    /// Each on a host of its own.
    pub(crate) hosts: bool,
    /// Requests a second for all of them; 0 for no limit.
    pub(crate) rate: u32,
    pub(crate) lease_seconds: u32,
    /// Arguments of `fake-tmdb`.
    pub(crate) fake: &'a [&'a str],
}

pub(crate) struct Fleet {
    workers: Vec<Option<Child>>,
    pub(crate) fake: Fake,
    pub(crate) network: Option<Network>,
    pub(crate) cluster: Cluster,
    pub(crate) url: String,
    runtime: tokio::runtime::Runtime,
    folder: Folder,
    rate: u32,
    lease_seconds: u32,
}

impl Fleet {
    /// Starts all but the workers.
    pub(crate) fn new(plan: &Plan<'_>) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Runtime::new()?;
        let network = plan.hosts.then(|| Network::new(plan.workers)).transpose()?;
        let cluster = Cluster::start(&testbed::postgres::DURABLE)?;
        cluster.admit(HOSTS)?;
        let mut url = runtime.block_on(cluster.create(None))?;
        let mut fake = vec![];
        if network.is_some() {
            url = url.replace("127.0.0.1", SERVER);
            fake.extend(["--host", SERVER]);
        }
        fake.extend(plan.fake);
        Ok(Self {
            workers: (0..plan.workers).map(|_| None).collect(),
            fake: Fake::start(&fake)?,
            network,
            cluster,
            url,
            runtime,
            folder: Folder::new(plan.name)?,
            rate: plan.rate,
            lease_seconds: plan.lease_seconds,
        })
    }

    /// `cinemirror` with what every process of the fleet is given.
    pub(crate) fn command(&self, host: Option<usize>, arguments: &[&str]) -> Command {
        let mut command = match (&self.network, host) {
            (Some(network), Some(host)) => network.on(host, &binary()),
            _ => Command::new(binary()),
        };
        command
            .current_dir(&self.folder.0)
            .env("TMDB_API_KEY", "0123456789abcdef0123456789abcdef")
            .env("DATABASE_URL", &self.url)
            .env("CINEMIRROR__TMDB__API_URL", &self.fake.api_url)
            .env("CINEMIRROR__TMDB__FILES_URL", &self.fake.files_url)
            .env("CINEMIRROR__BUDGET__REQUESTS_PER_SECOND", self.rate.to_string())
            .env("CINEMIRROR__COLLECT__LEASE_SECONDS", self.lease_seconds.to_string())
            .env("CINEMIRROR__SCHEDULE__PRESET", "none")
            .args(arguments);
        command
    }

    /// Runs a command to its end, and returns what it printed as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let output = self.command(None, &["--json", "-q"]).args(arguments).output()?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{arguments:?} failed: {error}");
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    pub(crate) fn start(&mut self, host: usize) -> anyhow::Result<()> {
        let log = std::fs::File::options().append(true).create(true).open(self.log(host))?;
        let mut command = self.command(Some(host), &["worker", "--collect-only"]);
        let worker = command.stdout(Stdio::null()).stderr(log).spawn()?;
        self.workers[host] = Some(worker);
        Ok(())
    }

    pub(crate) fn start_all(&mut self) -> anyhow::Result<()> {
        (0..self.workers.len()).try_for_each(|host| self.start(host))
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self, host: usize) -> anyhow::Result<()> {
        let Some(mut worker) = self.workers[host].take() else { return Ok(()) };
        worker.kill()?;
        worker.wait()?;
        Ok(())
    }

    /// Fails when a worker has ended by itself.
    pub(crate) fn all_live(&mut self) -> anyhow::Result<()> {
        for host in 0..self.workers.len() {
            let Some(worker) = &mut self.workers[host] else { continue };
            if let Some(status) = worker.try_wait()? {
                let log = std::fs::read_to_string(self.log(host))?;
                let end = log.len().saturating_sub(2_000);
                bail!(
                    "worker {host} ended with {status}: {}",
                    &log[log.floor_char_boundary(end)..]
                );
            }
        }
        Ok(())
    }

    fn log(&self, host: usize) -> PathBuf {
        self.folder.0.join(format!("worker-{host}.log"))
    }

    /// Waits until nothing is queued.
    pub(crate) fn drained(&mut self, patience: Duration) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            self.all_live()?;
            let queue = self.json(&["status"])?["queue"].clone();
            let left: u64 = ["ready", "delayed", "leased"]
                .iter()
                .map(|name| queue[name].as_u64().unwrap_or_default())
                .sum();
            if left == 0 {
                return Ok(());
            }
            ensure!(began.elapsed() < patience, "still {left} tasks after {patience:?}");
            say(&format!("  {left} tasks left"));
            std::thread::sleep(Duration::from_secs(2));
        }
    }

    pub(crate) fn asked(&self) -> anyhow::Result<u64> {
        self.fake.stats()?["total"].as_u64().context("the fake tells no total")
    }

    /// What archive, catalogue and queue hold, without instants and names of processes.
    pub(crate) fn state(&self) -> anyhow::Result<Vec<Fingerprint>> {
        let store = self.runtime.block_on(store::open(&self.url))?;
        let all = self.runtime.block_on(store.fingerprint())?;
        ensure!(!all.is_empty(), "the store tells no fingerprint");
        Ok(all.into_iter().filter(|table| STATE.contains(&table.table.as_str())).collect())
    }
}

/// Tables that a disturbed run must leave as an undisturbed one does.
const STATE: [&str; 12] = [
    "tasks",
    "dead_letters",
    "versions",
    "heads",
    "series",
    "tombstones",
    "works",
    "works_meta",
    "rating_sources",
    "similar_works",
    "work_cards",
    "things",
];

impl Drop for Fleet {
    fn drop(&mut self) {
        for host in 0..self.workers.len() {
            drop(self.kill(host));
        }
    }
}
