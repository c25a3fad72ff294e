//! What every schedule keeps to, besides the rules of [`domain::schedule::EntryState`].

use std::time::Duration;

use domain::schedule::{Cause, Claim, Leadership, Offer, Outcome, STARTS_KEPT, Start};

use super::at;
use crate::Store;

const LEASE: Duration = Duration::from_secs(30);

/// Leads, and returns under which fence.
async fn lead(store: &Store, holder: &str, now: i64) -> Option<u64> {
    match store.schedule.lead(holder, LEASE, at(now)).await.unwrap() {
        Leadership::Leads { fence, until } => {
            assert_eq!(until, at(now) + LEASE);
            Some(fence)
        }
        Leadership::Follows { .. } => None,
    }
}

/// Offers a slot of each name.
async fn claim(
    store: &Store,
    holder: &str,
    fence: u64,
    slots: &[(&str, i64)],
    now: i64,
) -> Option<Vec<Start>> {
    let offer = |(name, slot): &(&str, i64)| Offer {
        name: (*name).to_owned(),
        says: "now and then".to_owned(),
        withheld: false,
        latest: Some(at(*slot)),
    };
    let offers = slots.iter().map(offer).collect();
    let claim = Claim { holder: holder.to_owned(), fence, lease: LEASE, offers };
    store.schedule.claim(&claim, at(now)).await.unwrap()
}

/// A leader `one` under fence 1 that has met the entries a while ago.
async fn met(store: &Store, names: &[&str]) {
    assert_eq!(lead(store, "one", 0).await, Some(1));
    let slots: Vec<_> = names.iter().map(|name| (*name, 0)).collect();
    assert_eq!(claim(store, "one", 1, &slots, 1).await, Some(vec![]));
}

pub(super) async fn one_process_leads(store: &Store) {
    assert_eq!(lead(store, "one", 0).await, Some(1));
    assert_eq!(lead(store, "two", 10).await, None);
    assert_eq!(lead(store, "one", 20_000).await, Some(1));
    assert_eq!(lead(store, "two", 49_999).await, None);
    assert_eq!(lead(store, "two", 50_000).await, Some(2));
    assert_eq!(lead(store, "one", 50_001).await, None);
    store.schedule.resign("one", at(50_002)).await.unwrap();
    assert_eq!(lead(store, "one", 50_003).await, None);
    store.schedule.resign("two", at(50_004)).await.unwrap();
    assert_eq!(lead(store, "one", 50_005).await, Some(3));
    let (leader, _) = store.schedule.standing().await.unwrap();
    assert_eq!((leader.holder.as_deref(), leader.fence), (Some("one"), 3));
}

pub(super) async fn a_slot_starts_once_whoever_offers_it(store: &Store) {
    met(store, &["a", "b"]).await;
    let begun = claim(store, "one", 1, &[("a", 100), ("b", 90)], 100).await.unwrap();
    let shown: Vec<_> =
        begun.iter().map(|start| (start.name.as_str(), start.slot, start.cause)).collect();
    assert_eq!(shown, [("a", at(100), Cause::Slot), ("b", at(90), Cause::Slot)]);
    assert!(store.schedule.end(&begun[0], Outcome::Done, None, at(101)).await.unwrap());
    assert_eq!(claim(store, "one", 1, &[("a", 100)], 102).await, Some(vec![]));
    assert_eq!(lead(store, "two", 31_000).await, Some(2));
    assert_eq!(claim(store, "two", 2, &[("a", 100)], 31_001).await, Some(vec![]));
    // What the clock once said does not matter either.
    let long_ago = -200_000_000;
    assert_eq!(claim(store, "two", 2, &[("a", long_ago)], long_ago).await, Some(vec![]));
    assert_eq!(claim(store, "two", 2, &[("a", 100)], 120).await, Some(vec![]));
}

pub(super) async fn a_former_leader_starts_nothing(store: &Store) {
    met(store, &["a"]).await;
    assert_eq!(lead(store, "two", 30_000).await, Some(2));
    assert_eq!(claim(store, "one", 1, &[("a", 30_001)], 30_001).await, None);
    assert_eq!(claim(store, "one", 2, &[("a", 30_001)], 30_001).await, None);
    assert_eq!(claim(store, "two", 1, &[("a", 30_001)], 30_001).await, None);
    assert_eq!(claim(store, "two", 2, &[("a", 30_001)], 30_002).await.unwrap().len(), 1);
}

pub(super) async fn an_entry_stands_as_it_was_left(store: &Store) {
    met(store, &["b", "a"]).await;
    let start = claim(store, "one", 1, &[("a", 100)], 105).await.unwrap().remove(0);
    let (_, entries) = store.schedule.standing().await.unwrap();
    let names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    let running = entries[0].running.as_ref().unwrap();
    assert_eq!((running.slot, running.since, running.by.as_str()), (at(100), at(105), "one"));
    assert_eq!(
        store.schedule.beat(std::slice::from_ref(&start), LEASE, at(200)).await.unwrap(),
        [true]
    );
    let failed = store.schedule.end(&start, Outcome::Failed, Some("no luck"), at(300));
    assert!(failed.await.unwrap());
    let (_, entries) = store.schedule.standing().await.unwrap();
    let last = entries[0].last.as_ref().unwrap();
    assert_eq!((last.outcome, last.at), (Outcome::Failed, at(300)));
    assert_eq!(last.error.as_deref(), Some("no luck"));
    assert_eq!((&entries[0].running, entries[0].starts), (&None, 1));
}

pub(super) async fn what_a_dead_process_ran_starts_again(store: &Store) {
    met(store, &["a"]).await;
    let first = claim(store, "one", 1, &[("a", 100)], 100).await.unwrap().remove(0);
    assert_eq!(
        store.schedule.beat(std::slice::from_ref(&first), LEASE, at(5_000)).await.unwrap(),
        [true]
    );
    assert_eq!(lead(store, "two", 30_000).await, Some(2));
    // Not heard of for 25 seconds only.
    assert_eq!(claim(store, "two", 2, &[("a", 100)], 30_001).await, Some(vec![]));
    let again = claim(store, "two", 2, &[("a", 100)], 35_000).await.unwrap().remove(0);
    assert_eq!((again.slot, again.cause, again.attempt), (at(100), Cause::Interrupted, 2));
    // The dead come back.
    assert_eq!(
        store.schedule.beat(std::slice::from_ref(&first), LEASE, at(36_000)).await.unwrap(),
        [false]
    );
    assert!(!store.schedule.end(&first, Outcome::Done, None, at(36_000)).await.unwrap());
    assert!(store.schedule.end(&again, Outcome::Done, None, at(36_001)).await.unwrap());
    let starts = store.schedule.starts(Some("a"), 9).await.unwrap();
    let outcomes: Vec<_> = starts.iter().map(|start| start.outcome).collect();
    assert_eq!(outcomes, [Some(Outcome::Done), Some(Outcome::Interrupted)]);
    assert!(starts[1].error.as_deref().unwrap().contains("one"));
}

pub(super) async fn a_paused_entry_starts_by_a_trigger_only(store: &Store) {
    met(store, &["a"]).await;
    assert!(store.schedule.pause("a", at(50)).await.unwrap());
    assert!(!store.schedule.pause("a", at(51)).await.unwrap());
    assert_eq!(claim(store, "one", 1, &[("a", 100)], 100).await, Some(vec![]));
    store.schedule.trigger("a", at(110)).await.unwrap();
    let start = claim(store, "one", 1, &[("a", 100)], 111).await.unwrap().remove(0);
    assert_eq!((start.slot, start.cause), (at(110), Cause::Triggered));
    assert!(store.schedule.end(&start, Outcome::Done, None, at(112)).await.unwrap());
    assert!(store.schedule.resume("a", at(150)).await.unwrap());
    assert!(!store.schedule.resume("a", at(151)).await.unwrap());
    assert_eq!(claim(store, "one", 1, &[("a", 100)], 152).await, Some(vec![]));
    assert_eq!(claim(store, "one", 1, &[("a", 200)], 200).await.unwrap().len(), 1);
}

pub(super) async fn an_entry_may_be_named_before_it_is_met(store: &Store) {
    store.schedule.trigger("a", at(10)).await.unwrap();
    store.schedule.pause("b", at(10)).await.unwrap();
    assert_eq!(lead(store, "one", 20).await, Some(1));
    let begun = claim(store, "one", 1, &[("a", 5), ("b", 15)], 20).await.unwrap();
    let names: Vec<_> = begun.iter().map(|start| start.name.as_str()).collect();
    assert_eq!(names, ["a"]);
}

pub(super) async fn starts_come_newest_first(store: &Store) {
    met(store, &["a", "b"]).await;
    for (name, slot) in [("a", 100), ("b", 200), ("a", 300)] {
        let start = claim(store, "one", 1, &[(name, slot)], slot).await.unwrap().remove(0);
        assert!(store.schedule.end(&start, Outcome::Done, None, at(slot + 1)).await.unwrap());
    }
    let slots = |starts: Vec<domain::schedule::Started>| {
        starts.into_iter().map(|start| start.slot).collect::<Vec<_>>()
    };
    let all = store.schedule.starts(None, 2).await.unwrap();
    assert_eq!(slots(all), [at(300), at(200)]);
    let of_a = store.schedule.starts(Some("a"), 9).await.unwrap();
    assert_eq!(of_a[0].ended_at, Some(at(301)));
    assert_eq!(slots(of_a), [at(300), at(100)]);
}

pub(super) async fn the_oldest_starts_are_dropped(store: &Store) {
    met(store, &["a"]).await;
    let kept = i64::try_from(STARTS_KEPT).unwrap();
    for slot in 1..=kept + 3 {
        let now = slot + 1;
        let start = claim(store, "one", 1, &[("a", now)], now).await.unwrap().remove(0);
        assert!(store.schedule.end(&start, Outcome::Done, None, at(now)).await.unwrap());
    }
    let starts = store.schedule.starts(None, usize::MAX).await.unwrap();
    assert_eq!(starts.len(), usize::try_from(STARTS_KEPT).unwrap());
    assert_eq!(starts[0].slot, at(kept + 4));
}
