//! What every store tells others that are open on the same database.

use std::time::Duration;

use domain::{Hint, Timestamp};

use super::at;
use crate::Store;

/// Far more than a hint takes.
const PATIENCE: Duration = Duration::from_secs(30);

async fn held(store: &Store) -> Timestamp {
    let held = async {
        loop {
            if let Hint::Held(until) = store.hints.next().await {
                return until;
            }
        }
    };
    tokio::time::timeout(PATIENCE, held).await.expect("a hold is told")
}

pub(super) async fn a_hold_reaches_another_store(one: &Store, other: &Store) {
    let until = one.budget.hold(Some(Duration::from_secs(7)), at(100)).await.unwrap();
    assert_eq!(held(other).await, until);
    // What was told is not told again, so this is the next.
    let later = one.budget.hold(Some(Duration::from_secs(9)), at(200)).await.unwrap();
    assert_eq!(held(other).await, later);
    assert!(later > until);
}

pub(super) async fn hints_may_be_left_waiting(one: &Store, other: &Store) {
    let in_vain = tokio::time::timeout(Duration::ZERO, one.hints.next()).await;
    assert!(in_vain.is_err());
    let until = other.budget.hold(None, at(5)).await.unwrap();
    assert_eq!(held(one).await, until);
    // One's own holds are told too.
    assert_eq!(held(other).await, until);
}
