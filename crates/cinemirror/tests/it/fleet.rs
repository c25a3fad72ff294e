//! Many workers on one PostgreSQL: they die, it dies, and nothing is lost.

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fake_tmdb::{Faults, Latency};
use testbed::postgres::{Cluster, DURABLE, shared};

use crate::kill;
use crate::mirror::Mirror;

const MOVIES: u64 = 400;
const WORKERS: usize = 3;
const KILLS: u64 = 12;

/// A test that waits for longer than this has failed.
const PATIENCE: Duration = Duration::from_mins(2);

/// A worker under test, killed at the end whatever happens.
pub(crate) struct Worker(Child);

impl Worker {
    pub(crate) fn start(mirror: &Mirror) -> Self {
        let mut command = mirror.command(&["worker", "--collect-only"]);
        command.env("CINEMIRROR__COLLECT__LEASE_SECONDS", "10");
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    #[track_caller]
    pub(crate) fn stop(mut self) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let status = self.0.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn mirror(cluster: &Cluster) -> Mirror {
    let mirror = Mirror::generated(MOVIES).on(cluster);
    mirror.fake.set_faults(Faults {
        latency: Some(Latency { median_ms: 8.0, p95_ms: 20.0 }),
        ..Faults::default()
    });
    mirror.json(&["harvest", "--source", "export.movie", "--source", "export.tv_series"]);
    mirror
}

#[track_caller]
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

pub(crate) fn is_drained(mirror: &Mirror) -> bool {
    let queue = mirror.json(&["status"])["queue"].clone();
    ["ready", "delayed", "leased"].iter().all(|name| queue[name] == 0)
}

/// Waits for the answer of the next requests.
pub(crate) fn more_is_asked(mirror: &Mirror, requests: u64) {
    let target = mirror.fake.stats().total + requests;
    until("workers ask", || mirror.fake.stats().total >= target);
}

#[test]
fn workers_and_their_database_die_and_the_end_is_that_of_an_undisturbed_run() {
    let cluster = Cluster::start(&DURABLE).unwrap();
    let disturbed = mirror(&cluster);
    let mut workers: Vec<_> = (0..WORKERS).map(|_| Worker::start(&disturbed)).collect();
    let mut chance = 0x2545_f491_4f6c_dd1d_u64;
    for kill in 1..=KILLS {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(kill);
        more_is_asked(&disturbed, 1 + (chance >> 33) % (MOVIES / 2 / KILLS));
        let place = usize::try_from((chance >> 40) % WORKERS as u64).unwrap();
        workers[place].0.kill().unwrap();
        if kill % (KILLS / 2) == 0 {
            cluster.kill().unwrap();
            cluster.restart().unwrap();
        }
        workers[place] = Worker::start(&disturbed);
    }
    until("all is collected", || is_drained(&disturbed));
    workers.into_iter().for_each(Worker::stop);

    let undisturbed = mirror(shared());
    undisturbed.json(&["collect"]);
    assert_eq!(disturbed.fingerprint(&kill::TABLES), undisturbed.fingerprint(&kill::TABLES));
    assert!(disturbed.fingerprint(&["works"])[0].1 >= MOVIES);
}

#[test]
fn a_worker_waits_for_its_database_and_goes_on_by_itself() {
    let cluster = Cluster::start(&DURABLE).unwrap();
    let mirror = mirror(&cluster);
    let worker = Worker::start(&mirror);
    more_is_asked(&mirror, 40);
    cluster.kill().unwrap();
    // It has no permits without its database.
    let mut asked = (mirror.fake.stats().total, Instant::now());
    until("it stops asking", || {
        let now = mirror.fake.stats().total;
        if now > asked.0 {
            asked = (now, Instant::now());
        }
        asked.1.elapsed() > Duration::from_secs(2)
    });
    cluster.restart().unwrap();
    until("all is collected", || is_drained(&mirror));
    let workers = mirror.json(&["workers"]);
    assert_eq!(workers.as_array().unwrap().len(), 1, "the same process went on: {workers}");
    assert_eq!(workers[0]["role"], "worker");
    worker.stop();
    assert_eq!(mirror.json(&["workers"]).as_array().unwrap().len(), 0);
    assert_eq!(mirror.json(&["queue", "dead"]).as_array().unwrap().len(), 0);
}

#[test]
fn services_that_start_before_their_database_wait_for_it() {
    let cluster = Cluster::start(&DURABLE).unwrap();
    let mirror = mirror(&cluster);
    cluster.kill().unwrap();
    let file = |service: &str, what: &str| mirror.folder.path().join(format!("{service}.{what}"));
    let said = |service: &str, what: &str| std::fs::read_to_string(file(service, what)).unwrap();
    let start = |service: &str| {
        let create = |what: &str| File::create(file(service, what)).unwrap();
        let more: &[&str] = if service == "schedule" { &["run"] } else { &[] };
        let mut command = mirror.command(&[&["--json", service], more].concat());
        Worker(command.stdout(create("out")).stderr(create("log")).spawn().unwrap())
    };
    let services = ["worker", "serve"];
    let processes = services.map(start);
    let impatient = start("schedule");
    for service in services {
        until("it waits", || said(service, "log").contains("waiting for it"));
        assert_eq!(said(service, "out"), "", "{service} has nothing to tell yet");
    }
    // One that is told to stop meanwhile ends well.
    until("it waits", || said("schedule", "log").contains("waiting for it"));
    impatient.stop();
    cluster.restart().unwrap();
    until("all is collected", || is_drained(&mirror));
    until("it serves", || said("serve", "out").ends_with("}\n"));
    for service in services {
        assert_eq!(said(service, "log").matches("waiting for it").count(), 1, "once is enough");
    }
    processes.into_iter().for_each(Worker::stop);
}
