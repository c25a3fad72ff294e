//! What every queue keeps to.

mod ends;

use std::time::Duration;

use domain::failure::{Failure, FailureClass};
use domain::queue::{DeadFilter, Lease, LeaseTerms, NewTask, Priority, Verdict};
use domain::{Key, Kind, RunId};

use super::at;
use crate::Store;

pub(super) use ends::{
    a_change_is_over_once_the_task_is_leased_anew, a_key_tells_how_its_task_stands,
    a_late_workers_answer_does_not_hide_a_change, a_lease_that_is_prolonged_starts_it_over_too,
    a_title_that_kills_its_processes_is_buried, a_verdict_starts_the_count_of_dead_processes_over,
    bodies_of_old_dead_letters_are_forgotten, dead_letters_are_filtered_by_their_death,
    waiting_tasks_are_counted_by_what_is_asked, what_changed_while_leased_is_pending_again,
    what_somebody_waits_for_is_counted_and_leased_apart,
};

const LEASE: Duration = Duration::from_millis(100);

fn task(key: Key, priority: u32) -> NewTask {
    let priority = Priority::from_number(priority);
    NewTask {
        key,
        priority,
        source: "movie.popular".to_owned(),
        run: Some(RunId(7)),
        changed: false,
    }
}

async fn add(store: &Store, keys: &[Key], now: i64) {
    let tasks: Vec<_> = keys.iter().map(|key| task(*key, 5)).collect();
    let added = store.queue.add(&tasks, at(now)).await.unwrap();
    assert_eq!(added.added, keys.len() as u64);
}

async fn lease(store: &Store, limit: usize, now: i64) -> Vec<Lease> {
    let terms = LeaseTerms { worker: "w1".to_owned(), limit, duration: LEASE, urgent: None };
    store.queue.lease(&terms, at(now)).await.unwrap()
}

async fn lease_one(store: &Store, now: i64) -> Lease {
    lease(store, 1, now).await.pop().expect("a task is ready")
}

async fn settle(store: &Store, lease: &Lease, verdict: Verdict, now: i64) -> bool {
    store.queue.settle(&[(lease.clone(), verdict)], at(now)).await.unwrap()[0]
}

fn keys(leases: &[Lease]) -> Vec<Key> {
    leases.iter().map(|lease| lease.key).collect()
}

fn failure(class: FailureClass) -> Failure {
    Failure::new(class, "HTTP 502", b"<html>\xff")
}

pub(super) async fn a_key_is_pending_once_and_keeps_the_more_urgent_priority(store: &Store) {
    let key = Key::movie(1);
    add(store, &[key], 0).await;
    for (priority, kept) in [(9, 5), (3, 3), (4, 3)] {
        let again = store.queue.add(&[task(key, priority)], at(1)).await.unwrap();
        assert_eq!((again.added, again.pending, again.dead), (0, 1, 0));
        assert_eq!(store.queue.pending(9).await.unwrap()[0].priority, kept);
    }
    let twice = store.queue.add(&[task(Key::tv(1), 1), task(Key::tv(1), 1)], at(1)).await.unwrap();
    assert_eq!((twice.added, twice.pending), (1, 1));
}

pub(super) async fn a_dead_key_is_not_queued_again(store: &Store) {
    add(store, &[Key::movie(1)], 0).await;
    let held = lease_one(store, 0).await;
    assert!(settle(store, &held, Verdict::Bury(failure(FailureClass::Ours)), 1).await);
    let again = store.queue.add(&[task(Key::movie(1), 0)], at(2)).await.unwrap();
    assert_eq!((again.added, again.pending, again.dead), (0, 0, 1));
    assert!(lease(store, 9, 3).await.is_empty());
}

pub(super) async fn the_most_urgent_comes_first_then_the_key(store: &Store) {
    let tasks = [
        task(Key::tv(1), 2),
        task(Key::movie(9), 2),
        task(Key::episode(1, 1, 10), 2),
        task(Key::episode(1, 1, 9), 2),
        task(Key::movie(10), 2),
        task(Key::person(5), 1),
    ];
    store.queue.add(&tasks, at(0)).await.unwrap();
    let first = lease(store, 4, 0).await;
    assert_eq!(keys(&first), [Key::person(5), Key::movie(9), Key::movie(10), Key::tv(1)]);
    let rest = lease(store, 4, 0).await;
    assert_eq!(keys(&rest), [Key::episode(1, 1, 9), Key::episode(1, 1, 10)]);
    assert_eq!(rest[0].source, "movie.popular");
    assert_eq!(rest[0].run, Some(RunId(7)));
}

pub(super) async fn a_leased_task_is_hidden_until_the_lease_ends(store: &Store) {
    add(store, &[Key::movie(1)], 0).await;
    let first = lease_one(store, 10).await;
    assert_eq!((first.attempt, first.until), (1, at(110)));
    assert!(lease(store, 9, 109).await.is_empty());
    let second = lease_one(store, 110).await;
    assert_ne!(first.token, second.token);
}

pub(super) async fn a_late_worker_cannot_settle_what_another_holds(store: &Store) {
    add(store, &[Key::movie(1)], 0).await;
    let late = lease_one(store, 0).await;
    let holder = lease_one(store, 200).await;
    for verdict in [
        Verdict::Finish,
        Verdict::Retry { due: at(9), failure: failure(FailureClass::Later) },
        Verdict::Release { due: at(9) },
        Verdict::Bury(failure(FailureClass::Later)),
    ] {
        assert!(!settle(store, &late, verdict, 201).await);
    }
    let late = std::slice::from_ref(&late);
    assert_eq!(store.queue.extend(late, at(900), at(201)).await.unwrap(), [false]);
    assert!(lease(store, 9, 201).await.is_empty());
    assert!(settle(store, &holder, Verdict::Finish, 202).await);
    assert!(!settle(store, &holder, Verdict::Finish, 203).await);
    assert!(store.queue.depth(at(999)).await.unwrap().is_drained());
}

pub(super) async fn a_late_worker_may_settle_what_nobody_took(store: &Store) {
    add(store, &[Key::movie(1), Key::movie(2)], 0).await;
    let late = lease(store, 2, 0).await;
    // Both are woken here, and one is taken.
    assert_eq!(lease_one(store, 200).await.key, Key::movie(1));
    let verdicts: Vec<_> = late.into_iter().map(|lease| (lease, Verdict::Finish)).collect();
    assert_eq!(store.queue.settle(&verdicts, at(201)).await.unwrap(), [false, true]);
    assert!(lease(store, 9, 201).await.is_empty());
}

pub(super) async fn an_extended_lease_is_not_taken(store: &Store) {
    add(store, &[Key::movie(1)], 0).await;
    let held = [lease_one(store, 0).await];
    assert_eq!(store.queue.extend(&held, at(500), at(50)).await.unwrap(), [true]);
    assert!(lease(store, 9, 499).await.is_empty());
    assert_eq!(lease(store, 9, 500).await.len(), 1);
}

pub(super) async fn a_retry_waits_and_counts(store: &Store) {
    add(store, &[Key::movie(1)], 0).await;
    let first = lease_one(store, 0).await;
    let retry = Verdict::Retry { due: at(300), failure: failure(FailureClass::Later) };
    assert!(settle(store, &first, retry, 10).await);
    assert!(lease(store, 9, 299).await.is_empty());
    let pending = &store.queue.pending(9).await.unwrap()[0];
    assert_eq!((pending.attempts, pending.due_at), (1, at(300)));
    assert!(pending.last_error.as_ref().unwrap().contains("HTTP 502"));
    assert_eq!(lease_one(store, 300).await.attempt, 2);
}

pub(super) async fn a_release_counts_nothing(store: &Store) {
    add(store, &[Key::movie(1)], 0).await;
    for round in 0..3 {
        let now = round * 10;
        let held = lease_one(store, now).await;
        assert_eq!(held.attempt, 1);
        assert!(settle(store, &held, Verdict::Release { due: at(now + 5) }, now).await);
        assert!(lease(store, 9, now + 4).await.is_empty());
    }
    let held = lease_one(store, 100).await;
    assert!(settle(store, &held, Verdict::Release { due: at(100) }, 100).await);
    assert_eq!(lease_one(store, 100).await.attempt, 1);
}

pub(super) async fn a_dead_worker_costs_no_attempt(store: &Store) {
    add(store, &[Key::movie(1)], 0).await;
    for round in 0..5 {
        assert_eq!(lease_one(store, round * 1_000).await.attempt, 1);
    }
}

pub(super) async fn a_burial_makes_a_dead_letter(store: &Store) {
    add(store, &[Key::movie(1)], 3).await;
    let first = lease_one(store, 3).await;
    let retry = Verdict::Retry { due: at(5), failure: failure(FailureClass::Later) };
    settle(store, &first, retry, 5).await;
    let second = lease_one(store, 5).await;
    assert!(settle(store, &second, Verdict::Bury(failure(FailureClass::Later)), 9).await);
    let dead = store.queue.dead(&DeadFilter::default(), 9).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].key, dead[0].class), (Key::movie(1), FailureClass::Later));
    assert_eq!((dead[0].attempts, dead[0].added_at, dead[0].died_at), (2, at(3), at(9)));
    assert_eq!((dead[0].error.as_str(), dead[0].run), ("HTTP 502", Some(RunId(7))));
    assert_eq!(dead[0].body, b"<html>\xff");
}

/// Buries three keys, the later the newer.
async fn bury_three(store: &Store) -> [Key; 3] {
    let keys = [Key::movie(1), Key::movie(2), Key::tv(3)];
    let classes = [FailureClass::Later, FailureClass::Ours, FailureClass::Later];
    for (n, (key, class)) in (1..).zip(keys.into_iter().zip(classes)) {
        add(store, &[key], n).await;
        let held = lease_one(store, n).await;
        assert!(settle(store, &held, Verdict::Bury(failure(class)), n).await);
    }
    keys
}

pub(super) async fn dead_letters_are_filtered(store: &Store) {
    let [one, two, three] = bury_three(store).await;
    let filters = [
        (DeadFilter::default(), vec![three, two, one]),
        (DeadFilter { kind: Some(Kind::Movie), ..DeadFilter::default() }, vec![two, one]),
        (
            DeadFilter { class: Some(FailureClass::Later), ..DeadFilter::default() },
            vec![three, one],
        ),
        (DeadFilter { keys: vec![one, three, one], ..DeadFilter::default() }, vec![three, one]),
        (
            DeadFilter {
                keys: vec![one, two],
                class: Some(FailureClass::Ours),
                kind: None,
                died_before: None,
            },
            vec![two],
        ),
    ];
    for (filter, wanted) in filters {
        let dead = store.queue.dead(&filter, 9).await.unwrap();
        assert_eq!(dead.iter().map(|letter| letter.key).collect::<Vec<_>>(), wanted, "{filter:?}");
    }
    assert_eq!(store.queue.dead(&DeadFilter::default(), 1).await.unwrap()[0].key, three);
    let movies = DeadFilter { kind: Some(Kind::Movie), ..DeadFilter::default() };
    assert_eq!(store.queue.purge(&movies).await.unwrap(), 2);
    assert_eq!(store.queue.depth(at(9)).await.unwrap().dead, 1);
    assert!(lease(store, 9, 9).await.is_empty());
}

pub(super) async fn a_redriven_task_starts_over(store: &Store) {
    let [one, two, three] = bury_three(store).await;
    let later = DeadFilter { class: Some(FailureClass::Later), ..DeadFilter::default() };
    assert_eq!(store.queue.redrive(&later, at(50)).await.unwrap(), 2);
    let leases = lease(store, 9, 50).await;
    assert_eq!(keys(&leases), [one, three]);
    assert!(leases.iter().all(|lease| lease.attempt == 1));
    let dead = store.queue.dead(&DeadFilter::default(), 9).await.unwrap();
    assert_eq!((dead.len(), dead[0].key), (1, two));
}

pub(super) async fn the_depth_counts_each_task_once(store: &Store) {
    add(store, &[1, 2, 3, 4].map(Key::movie), 10).await;
    add(store, &[Key::movie(5)], 20).await;
    let held = lease(store, 3, 20).await;
    settle(store, &held[0], Verdict::Release { due: at(400) }, 20).await;
    settle(store, &held[1], Verdict::Bury(failure(FailureClass::Ours)), 20).await;
    let depth = store.queue.depth(at(30)).await.unwrap();
    assert_eq!((depth.ready, depth.delayed, depth.leased, depth.dead), (2, 1, 1, 1));
    assert_eq!((depth.oldest, depth.next_due), (Some(at(10)), Some(at(120))));
    // A lease that has ended and a wait that is over leave ready tasks.
    let depth = store.queue.depth(at(400)).await.unwrap();
    assert_eq!((depth.ready, depth.delayed, depth.leased), (4, 0, 0));
    assert_eq!(depth.next_due, None);
    assert!(!depth.is_drained());
}

pub(super) async fn pending_tasks_tell_how_they_stand(store: &Store) {
    let tasks = [task(Key::movie(1), 9), task(Key::movie(2), 1), task(Key::movie(3), 5)];
    store.queue.add(&tasks, at(0)).await.unwrap();
    lease_one(store, 5).await;
    let pending = store.queue.pending(2).await.unwrap();
    assert_eq!(
        pending.iter().map(|task| task.key).collect::<Vec<_>>(),
        [Key::movie(2), Key::movie(3)]
    );
    assert_eq!(pending[0].leased_by.as_deref(), Some("w1"));
    assert_eq!(pending[0].leased_until, Some(at(105)));
    assert_eq!((pending[1].leased_by.as_deref(), pending[1].leased_until), (None, None));
    assert_eq!((pending[1].attempts, pending[1].added_at, pending[1].due_at), (0, at(0), at(0)));
}
