//! How tasks come back, are counted, and do not come back.

use domain::queue::{
    ABANDONED_AT_MOST, DeadFilter, LeaseTerms, NewTask, Priority, TaskStanding, Verdict, Waiting,
};
use domain::{FailureClass, Key, Kind, RunId};

use super::{LEASE, add, at, bury_three, failure, keys, lease, lease_one, settle, task};
use crate::Store;

async fn tell_changed(store: &Store, key: Key, now: i64) {
    let changed = NewTask { changed: true, ..task(key, 5) };
    assert_eq!(store.queue.add(&[changed], at(now)).await.unwrap().pending, 1);
}

pub(crate) async fn what_changed_while_leased_is_pending_again(store: &Store) {
    add(store, &[Key::movie(1), Key::movie(2)], 0).await;
    let held = lease(store, 2, 10).await;
    tell_changed(store, held[0].key, 20).await;
    tell_changed(store, held[0].key, 30).await;
    // A list that shows it says nothing of a change.
    store.queue.add(&[task(held[1].key, 5)], at(20)).await.unwrap();
    for lease in &held {
        assert!(settle(store, lease, Verdict::Finish, 40).await);
        assert!(!settle(store, lease, Verdict::Finish, 41).await);
    }
    let pending = store.queue.pending(9).await.unwrap();
    assert_eq!(pending.len(), 1);
    assert_eq!((pending[0].key, pending[0].added_at), (held[0].key, at(20)));
    let again = lease_one(store, 50).await;
    assert_eq!(again.attempt, 1);
    assert!(settle(store, &again, Verdict::Finish, 60).await);
    assert!(store.queue.depth(at(999)).await.unwrap().is_drained());
}

pub(crate) async fn a_change_is_over_once_the_task_is_leased_anew(store: &Store) {
    for (id, verdict) in [
        (1, Verdict::Release { due: at(0) }),
        (2, Verdict::Retry { due: at(0), failure: failure(FailureClass::Later) }),
    ] {
        add(store, &[Key::movie(id)], 0).await;
        let first = lease_one(store, 0).await;
        tell_changed(store, first.key, 10).await;
        assert!(settle(store, &first, verdict, 20).await);
        let second = lease_one(store, 30).await;
        assert!(settle(store, &second, Verdict::Finish, 40).await);
        assert!(store.queue.depth(at(999)).await.unwrap().is_drained());
    }
    // One that only waits is collected later than the change anyway.
    add(store, &[Key::movie(3)], 0).await;
    tell_changed(store, Key::movie(3), 10).await;
    let held = lease_one(store, 20).await;
    assert!(settle(store, &held, Verdict::Finish, 30).await);
    assert!(store.queue.depth(at(999)).await.unwrap().is_drained());
}

pub(crate) async fn a_late_workers_answer_does_not_hide_a_change(store: &Store) {
    add(store, &[Key::movie(1)], 0).await;
    let late = lease_one(store, 0).await;
    tell_changed(store, late.key, 200).await;
    assert!(settle(store, &late, Verdict::Finish, 210).await);
    assert_eq!(lease_one(store, 220).await.key, late.key);
}

pub(crate) async fn a_title_that_kills_its_processes_is_buried(store: &Store) {
    let deadly = Key::movie(1);
    add(store, &[deadly, Key::movie(2)], 3).await;
    for round in 0..ABANDONED_AT_MOST {
        assert_eq!(lease_one(store, 1_000 * i64::from(round)).await.key, deadly);
    }
    let rest = lease_one(store, 900_000).await;
    assert_eq!(rest.key, Key::movie(2), "what is buried leaves its place to others");
    let dead = store.queue.dead(&DeadFilter::default(), 9).await.unwrap();
    assert_eq!((dead.len(), dead[0].key, dead[0].class), (1, deadly, FailureClass::Later));
    assert_eq!(dead[0].error, "its process died 5 times while collecting it");
    assert_eq!((dead[0].attempts, dead[0].died_at), (5, at(900_000)));
    store.queue.redrive(&DeadFilter::default(), at(900_000)).await.unwrap();
    assert_eq!(lease_one(store, 900_000).await.key, deadly);
}

pub(crate) async fn a_verdict_starts_the_count_of_dead_processes_over(store: &Store) {
    add(store, &[Key::movie(1)], 0).await;
    let mut now = 0;
    for verdict in [
        Verdict::Release { due: at(0) },
        Verdict::Retry { due: at(0), failure: failure(FailureClass::Later) },
        Verdict::Release { due: at(0) },
    ] {
        for _ in 1..ABANDONED_AT_MOST {
            now += 1_000;
            lease_one(store, now).await;
        }
        now += 1_000;
        let held = lease_one(store, now).await;
        assert!(settle(store, &held, verdict, now).await);
    }
    assert_eq!(store.queue.depth(at(now)).await.unwrap().dead, 0);
}

pub(crate) async fn a_lease_that_is_prolonged_starts_it_over_too(store: &Store) {
    add(store, &[Key::movie(1)], 0).await;
    let mut now = 0;
    for _ in 0..3 {
        for _ in 2..ABANDONED_AT_MOST {
            now += 1_000;
            lease_one(store, now).await;
        }
        now += 1_000;
        let held = lease_one(store, now).await;
        assert_eq!(store.queue.extend(&[held], at(now + 500), at(now)).await.unwrap(), [true]);
    }
    assert_eq!(store.queue.depth(at(now)).await.unwrap().dead, 0);
}

pub(crate) async fn waiting_tasks_are_counted_by_what_is_asked(store: &Store) {
    add(store, &[Key::movie(1), Key::movie(2), Key::tv(3)], 10).await;
    let other = NewTask { run: Some(RunId(8)), ..task(Key::movie(4), 5) };
    store.queue.add(&[other], at(20)).await.unwrap();
    let held = lease(store, 2, 30).await;
    settle(store, &held[0], Verdict::Release { due: at(900) }, 30).await;
    let (kind, run) = (Some(Kind::Movie), Some(RunId(7)));
    for (which, count) in [
        (Waiting::default(), 4),
        (Waiting { kind, ..Waiting::default() }, 3),
        (Waiting { run, ..Waiting::default() }, 3),
        (Waiting { added_until: Some(at(10)), ..Waiting::default() }, 3),
        (Waiting { added_until: Some(at(9)), ..Waiting::default() }, 0),
        (Waiting { kind, run, added_until: Some(at(20)), ..Waiting::default() }, 2),
    ] {
        assert_eq!(store.queue.waiting(&which).await.unwrap(), count, "{which:?}");
    }
    settle(store, &held[1], Verdict::Finish, 40).await;
    assert_eq!(store.queue.waiting(&Waiting::default()).await.unwrap(), 3);
}

pub(crate) async fn what_somebody_waits_for_is_counted_and_leased_apart(store: &Store) {
    add(store, &[Key::movie(1), Key::movie(2)], 10).await;
    let demanded = [task(Key::movie(3), 0), task(Key::movie(4), 0)];
    store.queue.add(&demanded, at(20)).await.unwrap();
    let which = Waiting { demanded: true, ..Waiting::default() };
    assert_eq!(store.queue.waiting(&which).await.unwrap(), 2);
    let terms = LeaseTerms {
        worker: "w1".to_owned(),
        limit: 9,
        duration: LEASE,
        urgent: Some(Priority::DEMAND),
    };
    let held = store.queue.lease(&terms, at(30)).await.unwrap();
    assert_eq!(keys(&held), [Key::movie(3), Key::movie(4)]);
    assert_eq!(store.queue.waiting(&which).await.unwrap(), 2);
    settle(store, &held[0], Verdict::Finish, 30).await;
    assert_eq!(store.queue.waiting(&which).await.unwrap(), 1);
    assert_eq!(keys(&lease(store, 9, 30).await), [Key::movie(1), Key::movie(2)]);
}

pub(crate) async fn a_key_tells_how_its_task_stands(store: &Store) {
    add(store, &[Key::movie(1), Key::movie(2), Key::season(3, 1)], 10).await;
    let held = lease(store, 2, 20).await;
    let retry = Verdict::Retry { due: at(900), failure: failure(FailureClass::Later) };
    settle(store, &held[0], retry, 30).await;
    settle(store, &held[1], Verdict::Bury(failure(FailureClass::Ours)), 30).await;
    let keys = [Key::tv(3), Key::season(3, 1), Key::movie(2), Key::movie(1)];
    let standing = store.queue.standing(&keys).await.unwrap();
    assert_eq!(
        standing,
        [
            TaskStanding::Absent,
            TaskStanding::Pending { attempts: 0, due: at(10) },
            TaskStanding::Dead(FailureClass::Ours),
            TaskStanding::Pending { attempts: 1, due: at(900) },
        ]
    );
    assert_eq!(store.queue.standing(&[]).await.unwrap(), []);
}

pub(crate) async fn bodies_of_old_dead_letters_are_forgotten(store: &Store) {
    let [one, two, three] = bury_three(store).await;
    assert_eq!(store.queue.forget_bodies(at(3)).await.unwrap(), 2);
    assert_eq!(store.queue.forget_bodies(at(3)).await.unwrap(), 0);
    let dead = store.queue.dead(&DeadFilter::default(), 9).await.unwrap();
    let bodies: Vec<_> = dead.iter().map(|letter| (letter.key, letter.body.as_slice())).collect();
    assert_eq!(bodies, [(three, &b"<html>\xff"[..]), (two, b""), (one, b"")]);
    assert!(dead.iter().all(|letter| letter.error == "HTTP 502"));
}

pub(crate) async fn dead_letters_are_filtered_by_their_death(store: &Store) {
    let [one, _, three] = bury_three(store).await;
    let before = |died| DeadFilter { died_before: Some(at(died)), ..DeadFilter::default() };
    let dead = store.queue.dead(&before(2), 9).await.unwrap();
    assert_eq!(dead.iter().map(|letter| letter.key).collect::<Vec<_>>(), [one]);
    assert_eq!(store.queue.redrive(&before(2), at(9)).await.unwrap(), 1);
    assert_eq!(store.queue.purge(&before(3)).await.unwrap(), 1);
    let dead = store.queue.dead(&DeadFilter::default(), 9).await.unwrap();
    assert_eq!(dead.iter().map(|letter| letter.key).collect::<Vec<_>>(), [three]);
}
