//! What every budget keeps to, besides the rules of [`domain::budget::Shared`].

use std::time::Duration;

use domain::budget::{Grant, Renewal};

use super::at;
use crate::Store;

async fn renew(store: &Store, holder: &str, before: Option<&Grant>, now: i64) -> Grant {
    let lanes = before.map(|grant| grant.lanes.clone()).unwrap_or_default();
    let open = before.map(|grant| grant.connections).unwrap_or_default();
    let holder = holder.to_owned();
    let renewal = Renewal { holder, limit: 8, connections: 5, open, wants: true, lanes };
    store.budget.renew(&renewal, at(now)).await.unwrap()
}

pub(super) async fn lanes_are_shared_between_processes(store: &Store) {
    let mut one = renew(store, "one", None, 0).await;
    assert_eq!(one.lanes.len(), 8);
    let mut two = renew(store, "two", None, 10).await;
    for round in 1..10 {
        one = renew(store, "one", Some(&one), round * 1_000).await;
        two = renew(store, "two", Some(&two), round * 1_000 + 10).await;
        let numbers =
            |grant: &Grant| grant.lanes.iter().map(|lane| lane.number).collect::<Vec<_>>();
        assert!(numbers(&one).iter().all(|number| !numbers(&two).contains(number)));
    }
    assert_eq!((one.lanes.len(), two.lanes.len()), (4, 4));
    let status = store.budget.status(at(9_500)).await.unwrap();
    assert_eq!((status.limit, status.holders.len()), (8, 2));
}

pub(super) async fn a_hold_is_for_everybody(store: &Store) {
    renew(store, "one", None, 0).await;
    let until = store.budget.hold(Some(Duration::from_secs(7)), at(100)).await.unwrap();
    assert_eq!(until, at(7_100));
    assert_eq!(renew(store, "two", None, 200).await.nobody_before, Some(until));
    let status = store.budget.status(at(200)).await.unwrap();
    assert_eq!((status.nobody_before, status.last_429), (Some(until), Some(at(100))));
}

pub(super) async fn a_process_that_dies_loses_its_lanes(store: &Store) {
    renew(store, "one", None, 0).await;
    let mut two = renew(store, "two", None, 10).await;
    for round in 1..20 {
        two = renew(store, "two", Some(&two), round * 1_000).await;
    }
    assert_eq!(two.lanes.len(), 8);
}

pub(super) async fn connections_are_shared_between_processes(store: &Store) {
    let mut one = renew(store, "one", None, 0).await;
    let mut two = renew(store, "two", None, 10).await;
    assert_eq!((one.connections, two.connections), (5, 0));
    for round in 1..4 {
        one = renew(store, "one", Some(&one), round * 100).await;
        two = renew(store, "two", Some(&two), round * 100 + 10).await;
        assert!(one.connections + two.connections <= 5);
    }
    assert_eq!((one.connections, two.connections), (3, 2));
    let status = store.budget.status(at(500)).await.unwrap();
    let told = |(name, connections): (&str, u32)| (name.to_owned(), connections);
    let shares: Vec<_> =
        status.holders.into_iter().map(|holder| (holder.name, holder.connections)).collect();
    assert_eq!(status.connections, 5);
    assert_eq!(shares, [("one", 3), ("two", 2)].map(told));
}
