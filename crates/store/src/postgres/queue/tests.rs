//! Many at once, over one server and over a pooler.

use std::collections::HashSet;
use std::time::Duration;

use domain::queue::{LeaseTerms, NewTask, Priority, Verdict};
use domain::{Hint, Key, Timestamp};
use testbed::pgbouncer::Pooler;
use testbed::postgres::Cluster;

use crate::contract::servers;
use crate::{Store, open};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn tasks(ids: impl Iterator<Item = u64>) -> Vec<NewTask> {
    let task = |id| NewTask {
        key: Key::movie(id),
        priority: Priority::STALE,
        source: "export.movie".to_owned(),
        run: None,
        changed: id % 2 == 0,
    };
    ids.map(task).collect()
}

fn terms(worker: &str, limit: usize) -> LeaseTerms {
    LeaseTerms { worker: worker.to_owned(), limit, duration: Duration::from_mins(1), urgent: None }
}

/// Leases and finishes until nothing is left. Returns what it held.
async fn work_off(store: Store, worker: String) -> Vec<Key> {
    let mut held = vec![];
    loop {
        let leases = store.queue.lease(&terms(&worker, 7), at(2)).await.unwrap();
        if leases.is_empty() {
            return held;
        }
        held.extend(leases.iter().map(|lease| lease.key));
        let verdicts: Vec<_> = leases.into_iter().map(|lease| (lease, Verdict::Finish)).collect();
        let settled = store.queue.settle(&verdicts, at(3)).await.unwrap();
        assert!(settled.iter().all(|held| *held));
    }
}

/// Adds the same from both ends at once, and works it off from two stores.
async fn check_shared_work(url: &str) {
    let (one, other) = (open(url).await.unwrap(), open(url).await.unwrap());
    let adding: Vec<_> = [one.clone(), other.clone(), one.clone(), other.clone()]
        .into_iter()
        .enumerate()
        .map(|(n, store)| {
            tokio::spawn(async move {
                for batch in 0..5 {
                    let mut batch = tasks(batch * 50 + 1..batch * 50 + 101);
                    if n % 2 == 1 {
                        batch.reverse();
                    }
                    store.queue.add(&batch, at(1)).await.unwrap();
                }
            })
        })
        .collect();
    for added in adding {
        added.await.unwrap();
    }
    let depth = one.queue.depth(at(1)).await.unwrap();
    assert_eq!((depth.ready, depth.leased, depth.oldest), (300, 0, Some(at(1))));
    let working = (0..4).map(|n| {
        let store = if n % 2 == 0 { one.clone() } else { other.clone() };
        tokio::spawn(work_off(store, format!("w{n}")))
    });
    let mut held = vec![];
    for worked in working.collect::<Vec<_>>() {
        held.extend(worked.await.unwrap());
    }
    assert_eq!(held.len(), 300);
    assert_eq!(held.into_iter().collect::<HashSet<_>>().len(), 300);
    assert!(other.queue.depth(at(9)).await.unwrap().is_drained());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_task_is_held_twice() {
    check_shared_work(&servers::address().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_transaction_pooler_may_stand_in_between() {
    let cluster = Cluster::start(&[]).unwrap();
    cluster.execute("CREATE DATABASE mirror").await.unwrap();
    // Fewer than the stores use at once, so that they take turns on each.
    let pooler = Pooler::start(&cluster, 3).unwrap();
    let url = pooler.url("mirror");
    check_shared_work(&url).await;
    let (one, other) = (open(&url).await.unwrap(), open(&url).await.unwrap());
    let until = one.budget.hold(Some(Duration::from_secs(7)), at(100)).await.unwrap();
    let heard = async { while other.hints.next().await != Hint::Held(until) {} };
    tokio::time::timeout(Duration::from_secs(30), heard).await.expect("a hold is looked for");
}
