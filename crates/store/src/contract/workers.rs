//! What every list of a deployment's processes keeps to.

use domain::Worker;

use super::at;
use crate::Store;

fn worker(name: &str, heard_at: i64) -> Worker {
    Worker {
        name: name.to_owned(),
        host: "ash".to_owned(),
        pid: u32::MAX,
        role: "worker".to_owned(),
        version: "0.1.0".to_owned(),
        started_at: at(1),
        heard_at: at(heard_at),
        in_flight: 3,
        collected: 12_345_678_901,
        failed: 4,
    }
}

async fn names(store: &Store, heard_since: i64) -> Vec<String> {
    let workers = store.workers.list(at(heard_since)).await.unwrap();
    workers.into_iter().map(|worker| worker.name).collect()
}

pub(super) async fn a_worker_is_as_it_last_said(store: &Store) {
    let first = worker("b", 10);
    store.workers.beat(&first).await.unwrap();
    assert_eq!(store.workers.list(at(0)).await.unwrap(), [first]);
    let later = Worker {
        host: "elm".to_owned(),
        pid: 7,
        role: "up".to_owned(),
        version: "0.2.0".to_owned(),
        started_at: at(15),
        in_flight: 0,
        collected: 5,
        failed: 0,
        ..worker("b", 20)
    };
    store.workers.beat(&later).await.unwrap();
    assert_eq!(store.workers.list(at(0)).await.unwrap(), [later]);
}

pub(super) async fn workers_are_listed_by_name_while_they_are_heard_of(store: &Store) {
    for (name, heard_at) in [("b", 20), ("Z", 30), ("a", 10)] {
        store.workers.beat(&worker(name, heard_at)).await.unwrap();
    }
    assert_eq!(names(store, 0).await, ["Z", "a", "b"]);
    assert_eq!(names(store, 20).await, ["Z", "b"]);
    assert_eq!(names(store, 31).await, [""; 0]);
}

pub(super) async fn a_worker_that_leaves_is_gone(store: &Store) {
    store.workers.beat(&worker("a", 10)).await.unwrap();
    store.workers.beat(&worker("b", 10)).await.unwrap();
    store.workers.leave("a").await.unwrap();
    store.workers.leave("nobody").await.unwrap();
    assert_eq!(names(store, 0).await, ["b"]);
}

pub(super) async fn the_silent_are_forgotten(store: &Store) {
    for (name, heard_at) in [("a", 10), ("b", 20), ("c", 30)] {
        store.workers.beat(&worker(name, heard_at)).await.unwrap();
    }
    assert_eq!(store.workers.forget(at(20)).await.unwrap(), 1);
    assert_eq!(names(store, 0).await, ["b", "c"]);
    assert_eq!(store.workers.forget(at(31)).await.unwrap(), 2);
    assert_eq!(store.workers.forget(at(31)).await.unwrap(), 0);
}
