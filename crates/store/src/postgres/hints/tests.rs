//! What a listener hears. A hint may be lost, so other databases promise less.

use std::time::Duration;

use domain::queue::{NewTask, Priority};
use domain::{Hint, Key, Timestamp};

use super::understood;
use crate::contract::servers;
use crate::{Store, open};

/// Far more than a hint takes.
const PATIENCE: Duration = Duration::from_secs(30);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn task(id: u64) -> NewTask {
    NewTask {
        key: Key::movie(id),
        priority: Priority::DEMAND,
        source: "demand".to_owned(),
        run: None,
        changed: false,
    }
}

async fn until_queued(store: &Store) {
    while store.hints.next().await != Hint::Queued {}
}

#[test]
fn only_what_is_a_hint_is_understood() {
    assert_eq!(understood("queued"), Some(Hint::Queued));
    assert_eq!(understood("held:-5"), Some(Hint::Held(at(-5))));
    for other in ["", "held:", "held:soon", "queued:1"] {
        assert_eq!(understood(other), None, "{other}");
    }
}

/// Adds new tasks until the other store has heard of one: the listener may not have
/// begun to listen when the first is added.
async fn check_tasks_are_heard(one: &Store, other: &Store, first: u64) {
    let adding = async {
        for id in first.. {
            one.queue.add(&[task(id)], at(1)).await.unwrap();
        }
    };
    let heard = async {
        tokio::select! { () = until_queued(other) => (), () = adding => () }
    };
    tokio::time::timeout(PATIENCE, heard).await.expect("tasks are told");
}

#[tokio::test]
async fn tasks_are_heard_of_elsewhere() {
    let url = servers::address().await;
    let (one, other) = (open(&url).await.unwrap(), open(&url).await.unwrap());
    check_tasks_are_heard(&one, &other, 1).await;
}

#[tokio::test]
async fn a_listener_that_was_cut_off_connects_again() {
    let url = servers::address().await;
    let (one, other) = (open(&url).await.unwrap(), open(&url).await.unwrap());
    check_tasks_are_heard(&one, &other, 1).await;
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    let cut: i64 = client.query_one(cut, &[]).await.unwrap().get(0);
    assert_eq!(cut, 1);
    drop(client);
    connection.await.unwrap().unwrap();
    check_tasks_are_heard(&one, &other, 1_000_000).await;
}
