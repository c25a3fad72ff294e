//! What every list of runs that were asked for keeps to.

use std::time::Duration;

use domain::RunId;
use domain::request::{Asked, Cancelled, Claimed, NewRequest, WAITING_AT_MOST};
use domain::run::{NewRun, Run, RunStatus};

use super::at;
use crate::Store;

const LEASE: Duration = Duration::from_millis(100);

fn request(name: &str) -> NewRequest {
    NewRequest {
        name: name.to_owned(),
        sources: vec!["movie.popular".to_owned()],
        wish: r#"{"pages":3}"#.to_owned(),
        asked_by: "ops".to_owned(),
        excludes: vec![name.to_owned(), "daily".to_owned()],
        silent_since: at(0),
    }
}

async fn ask(store: &Store, name: &str, now: i64) -> Asked {
    store.requests.ask(&request(name), at(now)).await.unwrap()
}

async fn opened(store: &Store, name: &str, now: i64) -> RunId {
    match ask(store, name, now).await {
        Asked::Opened(run) => run,
        other => panic!("{name}: {other:?}"),
    }
}

async fn claim(store: &Store, holder: &str, now: i64) -> Option<Claimed> {
    store.requests.claim(holder, LEASE, at(now)).await.unwrap()
}

async fn get(store: &Store, run: RunId) -> Run {
    store.ledger.run(run).await.unwrap().expect("the run is known")
}

async fn beat(store: &Store, holder: &str, run: RunId, now: i64) -> Vec<bool> {
    store.requests.beat(holder, &[run, RunId(99)], LEASE, at(now)).await.unwrap()
}

pub(super) async fn what_is_asked_for_waits_and_is_taken_once(store: &Store) {
    let run = opened(store, "quick", 10).await;
    let waits = get(store, run).await;
    assert_eq!((waits.status, waits.trigger.as_str()), (RunStatus::Requested, "api"));
    assert_eq!((waits.name.as_str(), waits.sources.len()), ("quick", 1));
    let claimed = claim(store, "a", 50).await.expect("it waits");
    let wanted = Claimed {
        run,
        name: "quick".to_owned(),
        sources: vec!["movie.popular".to_owned()],
        wish: r#"{"pages":3}"#.to_owned(),
        asked_by: "ops".to_owned(),
        attempt: 1,
    };
    assert_eq!(claimed, wanted);
    assert_eq!(claim(store, "b", 50).await, None);
    let runs = get(store, run).await;
    assert_eq!((runs.status, runs.started_at), (RunStatus::Running, at(50)));
    store.ledger.close_run(run, RunStatus::Success, None, at(60)).await.unwrap();
    store.requests.finish("a", run).await.unwrap();
    assert_eq!(claim(store, "b", 1_000).await, None);
}

pub(super) async fn the_longest_wait_is_taken_first(store: &Store) {
    let (one, two) = (opened(store, "weekly", 20).await, opened(store, "quick", 10).await);
    assert_eq!(claim(store, "a", 30).await.unwrap().run, one);
    assert_eq!(claim(store, "b", 30).await.unwrap().run, two);
}

pub(super) async fn what_excludes_each_other_is_not_open_at_once(store: &Store) {
    let run = opened(store, "daily", 10).await;
    let busy = Asked::Busy { run, name: "daily".to_owned() };
    assert_eq!(ask(store, "quick", 11).await, busy);
    claim(store, "a", 12).await.unwrap();
    assert_eq!(ask(store, "daily", 13).await, busy);
    store.ledger.close_run(run, RunStatus::Failed, None, at(14)).await.unwrap();
    let next = opened(store, "quick", 15).await;
    assert_eq!(ask(store, "quick", 16).await, Asked::Busy { run: next, name: "quick".to_owned() });
}

pub(super) async fn a_run_that_nobody_asked_for_excludes_while_it_is_heard_of(store: &Store) {
    let new = NewRun { name: "daily".to_owned(), trigger: "scheduled".to_owned(), sources: vec![] };
    let run = store.ledger.open_run(&new, at(100)).await.unwrap();
    let ask = async |silent_since| {
        let request = NewRequest { silent_since: at(silent_since), ..request("quick") };
        store.requests.ask(&request, at(200)).await.unwrap()
    };
    assert_eq!(ask(100).await, Asked::Busy { run, name: "daily".to_owned() });
    assert!(matches!(ask(101).await, Asked::Opened(_)));
}

pub(super) async fn no_more_than_so_many_wait(store: &Store) {
    for number in 0..WAITING_AT_MOST {
        opened(store, &format!("custom{number}"), 10).await;
    }
    assert_eq!(ask(store, "more", 11).await, Asked::Full);
    claim(store, "a", 12).await.unwrap();
    opened(store, "more", 13).await;
}

pub(super) async fn what_a_dead_process_ran_is_taken_once_more(store: &Store) {
    let run = opened(store, "quick", 10).await;
    claim(store, "a", 100).await.unwrap();
    assert_eq!(beat(store, "a", run, 150).await, [true, false]);
    // Not even after a long time is it taken for one that nobody asked for.
    assert_eq!(store.ledger.bury_silent_runs(at(1_000_000)).await.unwrap(), 0);
    assert_eq!(claim(store, "b", 249).await, None);
    let again = claim(store, "b", 250).await.expect("its lease is over");
    assert_eq!((again.run, again.attempt), (run, 2));
    assert_eq!(beat(store, "a", run, 260).await, [false, false]);
    assert_eq!(claim(store, "c", 400).await, None);
    let dead = get(store, run).await;
    assert_eq!((dead.status, dead.ended_at), (RunStatus::Interrupted, Some(at(400))));
    assert!(dead.error.unwrap().contains("died"));
    opened(store, "quick", 500).await;
}

pub(super) async fn a_released_run_waits_again(store: &Store) {
    let run = opened(store, "quick", 10).await;
    claim(store, "a", 20).await.unwrap();
    store.requests.release("b", run).await.unwrap();
    assert_eq!(claim(store, "b", 30).await, None);
    store.ledger.close_run(run, RunStatus::Stopped, None, at(35)).await.unwrap();
    store.requests.release("a", run).await.unwrap();
    let waits = get(store, run).await;
    assert_eq!((waits.status, waits.ended_at), (RunStatus::Requested, None));
    assert_eq!(claim(store, "b", 40).await.unwrap().attempt, 1);
}

pub(super) async fn a_waiting_run_is_cancelled_at_once(store: &Store) {
    let run = opened(store, "quick", 10).await;
    assert_eq!(store.requests.cancel(run, "eve", at(20)).await.unwrap(), Cancelled::Stopped);
    let stopped = get(store, run).await;
    assert_eq!((stopped.status, stopped.ended_at), (RunStatus::Stopped, Some(at(20))));
    assert!(stopped.error.unwrap().contains("eve"));
    assert_eq!(claim(store, "a", 30).await, None);
    let again = store.requests.cancel(run, "eve", at(40)).await.unwrap();
    assert_eq!(again, Cancelled::Ended(RunStatus::Stopped));
    let unknown = store.requests.cancel(RunId(99), "eve", at(40)).await.unwrap();
    assert_eq!(unknown, Cancelled::Unknown);
}

pub(super) async fn a_running_run_is_told_that_it_is_cancelled(store: &Store) {
    let run = opened(store, "quick", 10).await;
    claim(store, "a", 20).await.unwrap();
    assert_eq!(store.requests.cancelled_by(run).await.unwrap(), None);
    assert_eq!(store.requests.cancel(run, "eve", at(30)).await.unwrap(), Cancelled::Told);
    assert_eq!(store.requests.cancel(run, "bob", at(31)).await.unwrap(), Cancelled::Told);
    assert_eq!(store.requests.cancelled_by(run).await.unwrap().as_deref(), Some("eve"));
    assert_eq!(get(store, run).await.status, RunStatus::Running);
}

pub(super) async fn a_cancelled_run_of_a_dead_process_ends(store: &Store) {
    let run = opened(store, "quick", 10).await;
    claim(store, "a", 20).await.unwrap();
    store.requests.cancel(run, "eve", at(30)).await.unwrap();
    assert_eq!(claim(store, "b", 500).await, None);
    assert_eq!(get(store, run).await.status, RunStatus::Stopped);
}
