//! What every ledger keeps to that notes what was asked of the mirror.

use domain::served::{Served, ServedFigures};

use super::at;
use crate::Store;

const HOUR: i64 = 3_600_000;

fn served(hour: i64, endpoint: &str, kept: u64) -> Served {
    let figures = ServedFigures { kept, fresh: 2, stale: 3, fetched: 4, failed: 5, saved: 6 };
    Served { hour: at(hour * HOUR), endpoint: endpoint.to_owned(), figures }
}

pub(super) async fn what_was_asked_adds_up_by_hour_and_endpoint(store: &Store) {
    let first = [served(2, "b", 1), served(1, "a", 1), served(2, "a", 7)];
    store.ledger.note_served(&first, at(0)).await.unwrap();
    store.ledger.note_served(&[served(2, "b", 10)], at(0)).await.unwrap();
    store.ledger.note_served(&[], at(0)).await.unwrap();
    let all = store.ledger.served(at(0)).await.unwrap();
    let twice = ServedFigures { kept: 11, fresh: 4, stale: 6, fetched: 8, failed: 10, saved: 12 };
    let both = Served { figures: twice, ..served(2, "b", 0) };
    assert_eq!(all, [served(1, "a", 1), served(2, "a", 7), both.clone()]);
    let late = store.ledger.served(at(HOUR + 1)).await.unwrap();
    assert_eq!(late, [served(2, "a", 7), both]);
}

pub(super) async fn old_hours_are_forgotten_with_the_next_note(store: &Store) {
    store.ledger.note_served(&[served(1, "a", 1), served(5, "a", 1)], at(0)).await.unwrap();
    store.ledger.note_served(&[served(6, "a", 1)], at(5 * HOUR)).await.unwrap();
    let all = store.ledger.served(at(0)).await.unwrap();
    assert_eq!(all, [served(5, "a", 1), served(6, "a", 1)]);
}
