//! `up` and `schedule`: slots start once, leaders follow each other, jobs are not lost.

use std::collections::HashSet;
use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use domain::Timestamp;
use domain::run::{NewRun, RunStatus};
use domain::schedule::{Cause, Leader, Outcome, Started};
use fake_tmdb::{Faults, Latency};
use store::Store;

use crate::mirror::{Mirror, stderr};

/// A test that waits for longer than this has failed.
const PATIENCE: Duration = Duration::from_mins(2);

/// Purges every second, which takes no time.
const TICK: &str = r#"[{ name = "tick", cron = "* * * * * *", job = "purge" }]"#;

/// Comes once a year: only triggers start it.
const QUICK: &str = r#"[{ name = "quick", cron = "0 0 1 1 *", job = "quick" }]"#;

/// A process under test, killed at the end whatever happens.
struct Process(Child);

impl Process {
    fn tell(&self, signal: &str) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Whether a name of a holder is this process's.
    fn is(&self, holder: &str) -> bool {
        holder.contains(&format!("-{}-", self.0.id()))
    }

    /// Tells it to stop, and expects that it does so well.
    #[track_caller]
    fn stop(mut self) {
        self.tell("-TERM");
        let status = self.0.wait().unwrap();
        assert!(status.success(), "{status}");
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn command(mirror: &Mirror, arguments: &[&str], entries: &str) -> Command {
    let mut command = mirror.command(arguments);
    command
        .env("CINEMIRROR__SCHEDULE__PRESET", "none")
        .env("CINEMIRROR__SCHEDULE__ENTRIES", entries)
        .env("CINEMIRROR__SCHEDULE__LEASE_SECONDS", "5")
        .env("CINEMIRROR__COLLECT__LEASE_SECONDS", "10");
    command
}

fn up(mirror: &Mirror, entries: &str, log: &str) -> Process {
    let log = File::create(mirror.folder.path().join(log)).unwrap();
    let mut command = command(mirror, &["up"], entries);
    Process(command.stdout(Stdio::null()).stderr(log).spawn().unwrap())
}

fn said(mirror: &Mirror, log: &str) -> String {
    std::fs::read_to_string(mirror.folder.path().join(log)).unwrap()
}

/// Runs a command that must end well, and returns what it printed.
#[track_caller]
fn ran(mirror: &Mirror, arguments: &[&str], entries: &str) -> String {
    let output = command(mirror, arguments, entries).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn open(mirror: &Mirror) -> Store {
    let url = format!("sqlite:{}", mirror.folder.path().join("cinemirror.db").display());
    mirror.runtime.block_on(store::open(&url)).unwrap()
}

/// What was started, the newest first.
fn starts(mirror: &Mirror, store: &Store) -> Vec<Started> {
    mirror.runtime.block_on(store.schedule.starts(None, usize::MAX)).unwrap()
}

fn leader(mirror: &Mirror, store: &Store) -> Leader {
    mirror.runtime.block_on(store.schedule.standing()).unwrap().0
}

/// Looks until it is so.
#[track_caller]
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain: {what}");
        std::thread::park_timeout(Duration::from_millis(25));
    }
}

#[track_caller]
fn each_slot_started_once(starts: &[Started]) {
    let mut slots = HashSet::new();
    for start in starts {
        let is_again = matches!(start.cause, Cause::Interrupted | Cause::Stopped);
        assert!(is_again || slots.insert(start.slot), "{} started twice", start.slot);
    }
}

#[test]
fn of_two_processes_one_leads_and_the_other_takes_over() {
    let mirror = Mirror::generated(20);
    let store = open(&mirror);
    let (one, two) = (up(&mirror, TICK, "one.log"), up(&mirror, TICK, "two.log"));
    let done = |holder: &Process| {
        let starts = starts(&mirror, &store);
        let done =
            |start: &&Started| start.outcome == Some(Outcome::Done) && holder.is(&start.started_by);
        starts.iter().filter(done).count()
    };
    let first = until("somebody leads", || leader(&mirror, &store).holder);
    let fence = leader(&mirror, &store).fence;
    let (leads, follows) = if one.is(&first) { (one, two) } else { (two, one) };
    until("the leader starts three slots", || (done(&leads) >= 3).then_some(()));
    until("the other stands by", || {
        let logs = format!("{}{}", said(&mirror, "one.log"), said(&mirror, "two.log"));
        logs.contains("stands by").then_some(())
    });
    assert_eq!(done(&follows), 0);
    leads.kill();
    until("the other takes over", || (done(&follows) >= 3).then_some(()));
    let second = leader(&mirror, &store);
    assert!(second.fence > fence && follows.is(second.holder.as_deref().unwrap()), "{second:?}");
    follows.stop();
    assert_eq!(leader(&mirror, &store).holder, None);
    let starts = starts(&mirror, &store);
    each_slot_started_once(&starts);
    assert!(starts.iter().all(|start| start.outcome.is_some()), "{starts:?}");
    let listed = ran(&mirror, &["schedule", "list"], TICK);
    assert!(listed.contains("tick") && listed.contains("Nobody leads"), "{listed}");
}

/// A mirror whose TMDB answers so slowly that a run is still under way.
fn slow(mirror: &Mirror) {
    let latency = Some(Latency { median_ms: 3_000.0, p95_ms: 4_000.0 });
    mirror.fake.set_faults(Faults { latency, ..Faults::default() });
}

fn running(mirror: &Mirror, store: &Store) -> Option<Started> {
    starts(mirror, store).into_iter().find(|start| start.outcome.is_none())
}

/// Waits until the newest start is done, and returns all, the oldest first.
#[track_caller]
fn all_done(mirror: &Mirror, store: &Store) -> Vec<Started> {
    until("the job is done", || {
        let mut starts = starts(mirror, store);
        starts.reverse();
        starts.last().is_some_and(|last| last.outcome == Some(Outcome::Done)).then_some(starts)
    })
}

#[test]
fn a_job_whose_process_is_killed_starts_again_elsewhere() {
    let mirror = Mirror::generated(30);
    let store = open(&mirror);
    slow(&mirror);
    let first = up(&mirror, QUICK, "first.log");
    ran(&mirror, &["schedule", "trigger", "quick"], QUICK);
    until("the job runs", || running(&mirror, &store));
    first.kill();
    mirror.fake.set_faults(Faults::default());
    let second = up(&mirror, QUICK, "second.log");
    let starts = all_done(&mirror, &store);
    second.stop();
    let causes: Vec<_> = starts.iter().map(|start| (start.cause, start.attempt)).collect();
    assert_eq!(causes, [(Cause::Triggered, 1), (Cause::Interrupted, 2)]);
    assert_eq!(starts[0].outcome, Some(Outcome::Interrupted));
    let status = mirror.json(&["status"]);
    assert_eq!(status["queue"]["ready"], 0, "{status}");
    assert_eq!(status["queue"]["leased"], 0, "{status}");
}

#[test]
fn a_job_that_is_told_to_stop_goes_on_with_the_next_process() {
    let mirror = Mirror::generated(30);
    let store = open(&mirror);
    slow(&mirror);
    let first = up(&mirror, QUICK, "first.log");
    ran(&mirror, &["schedule", "trigger", "quick"], QUICK);
    until("the job runs", || running(&mirror, &store));
    let listed = ran(&mirror, &["schedule", "list"], QUICK);
    assert!(listed.contains("running for") && listed.contains(" leads, until"), "{listed}");
    first.stop();
    assert_eq!(starts(&mirror, &store)[0].outcome, Some(Outcome::Stopped));
    mirror.fake.set_faults(Faults::default());
    let second = up(&mirror, QUICK, "second.log");
    let starts = all_done(&mirror, &store);
    second.stop();
    let causes: Vec<_> = starts.iter().map(|start| (start.cause, start.attempt)).collect();
    assert_eq!(causes, [(Cause::Triggered, 1), (Cause::Stopped, 1)]);
    let log = said(&mirror, "second.log");
    assert!(log.contains("starts quick again, which was stopped"), "{log}");
}

#[test]
fn what_a_job_queues_is_collected_beside_it() {
    let mirror = Mirror::generated(60);
    let store = open(&mirror);
    let process = up(&mirror, QUICK, "up.log");
    ran(&mirror, &["schedule", "trigger", "quick"], QUICK);
    all_done(&mirror, &store);
    process.stop();
    let runs = mirror.json(&["runs"]);
    let quick = &runs[0];
    assert_eq!(
        (quick["name"].as_str(), quick["status"].as_str()),
        (Some("quick"), Some("SUCCESS"))
    );
    assert_eq!(quick["trigger"], "manual", "{quick}");
    assert!(quick["ingested"].as_u64().unwrap() > 20, "{quick}");
    let log = said(&mirror, "up.log");
    assert!(log.contains("starts quick as somebody asked"), "{log}");
}

#[test]
fn the_role_alone_keeps_the_schedule_too() {
    let mirror = Mirror::generated(10);
    let store = open(&mirror);
    let mut alone = command(&mirror, &["-q", "schedule", "run"], TICK);
    let process = Process(alone.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    until("slots start", || (starts(&mirror, &store).len() > 1).then_some(()));
    process.stop();
    each_slot_started_once(&starts(&mirror, &store));
}

#[test]
fn a_run_whose_process_died_is_noted_by_another() {
    let mirror = Mirror::generated(3);
    let store = open(&mirror);
    let long_ago = Timestamp::from_millis(1_767_225_600_000);
    let new = NewRun { name: "quick".into(), trigger: "test".into(), sources: vec![] };
    let id = mirror.runtime.block_on(store.ledger.open_run(&new, long_ago)).unwrap();
    let process = up(&mirror, "[]", "log");
    let noted = until("the dead run is noted", || {
        let run = mirror.runtime.block_on(store.ledger.run(id)).unwrap().unwrap();
        (run.status != RunStatus::Running).then_some(run)
    });
    assert_eq!((noted.status, noted.ended_at), (RunStatus::Interrupted, Some(long_ago)));
    process.stop();
}

#[test]
fn a_paused_entry_waits_for_its_next_slot() {
    let mirror = Mirror::generated(10);
    let store = open(&mirror);
    assert_eq!(ran(&mirror, &["schedule", "pause", "--all"], TICK), "tick paused.\n");
    assert_eq!(ran(&mirror, &["schedule", "pause", "tick"], TICK), "tick was paused already.\n");
    let next = ran(&mirror, &["schedule", "next"], TICK);
    assert!(next.contains("Nothing comes by itself"), "{next}");
    let process = up(&mirror, TICK, "up.log");
    until("it leads", || leader(&mirror, &store).holder);
    ran(&mirror, &["schedule", "trigger", "tick"], TICK);
    let starts_now = all_done(&mirror, &store);
    assert_eq!(starts_now.len(), 1);
    assert_eq!(starts_now[0].cause, Cause::Triggered);
    let said = ran(&mirror, &["schedule", "resume", "tick"], TICK);
    assert!(said.starts_with("tick resumed; its next slot is "), "{said}");
    until("slots start", || (starts(&mirror, &store).len() > 2).then_some(()));
    process.stop();
    each_slot_started_once(&starts(&mirror, &store));
}

#[test]
fn the_schedule_is_listed_without_a_leader() {
    let mirror = Mirror::generated(10);
    let listed = mirror.json(&["schedule", "list"]);
    assert_eq!(listed["leader"], serde_json::Value::Null);
    let jobs: HashSet<_> = listed["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["job"].as_str().unwrap().to_owned())
        .collect();
    for job in ["changes", "exports", "quick", "refresh", "purge", "weekly"] {
        assert!(jobs.contains(job), "{listed}");
    }
    let next = mirror.json(&["schedule", "next", "--count", "30"]);
    let slots: Vec<_> =
        next.as_array().unwrap().iter().map(|slot| slot["at"].as_str().unwrap()).collect();
    assert!(slots.len() == 30 && slots.is_sorted(), "{next}");
}

/// Starts `up` with a configuration that makes no sense.
#[track_caller]
fn check_refused(entries: &str, says: &str) {
    let mirror = Mirror::generated(10);
    let output = command(&mirror, &["up"], entries).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains(says), "{}", stderr(&output));
}

#[test]
fn a_schedule_that_makes_no_sense_is_refused_at_start() {
    check_refused(
        r#"[{ name = "mine", cron = "0 3 * * *", zone = "Mars/Olympus", job = "purge" }]"#,
        "holds `mine`: unknown time zone `Mars/Olympus`",
    );
    check_refused(r#"[{ name = "mine", cron = "at noon", job = "purge" }]"#, "no cron expression");
    check_refused(r#"[{ name = "mine", cron = "0 3 * * *", job = "sweep" }]"#, "unknown job");
    let mirror = Mirror::generated(10);
    let output = command(&mirror, &["schedule", "trigger", "quik"], QUICK).output().unwrap();
    assert!(stderr(&output).contains("it has quick"), "{}", stderr(&output));
}
