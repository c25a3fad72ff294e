//! What is written while rows are read is not seen.

use domain::queue::{NewTask, Priority};
use domain::{Key, Timestamp};

use super::super::Purpose;
use super::{Store, fill, on_postgres};

async fn add(store: &Store, ids: std::ops::Range<u64>) {
    let task = |id| NewTask {
        key: Key::movie(id),
        priority: Priority::STALE,
        source: "export.movie".to_owned(),
        run: None,
        changed: false,
    };
    let tasks: Vec<_> = ids.map(task).collect();
    store.queue.add(&tasks, Timestamp::from_millis(0)).await.unwrap();
}

/// Reads the first rows, writes, and reads the others.
async fn check(store: Store) {
    fill(&store, 0..2).await;
    // More than wait on the way at once.
    add(&store, 1_000..21_000).await;
    let mut rows = store.rows(Purpose::Move).await.unwrap();
    let first = rows.next().await.unwrap().unwrap();
    assert_eq!(first.table.name, "tasks");
    let mut seen = first.rows.len();
    add(&store, 900_000..900_010).await;
    store.ledger.set_cursor("a", Some("b"), Timestamp::from_millis(0)).await.unwrap();
    while let Some(batch) = rows.next().await.unwrap() {
        match batch.table.name {
            "tasks" => seen += batch.rows.len(),
            "cursors" => assert_eq!(batch.rows.len(), 2),
            _ => (),
        }
    }
    assert_eq!(seen, 20_002);
}

#[tokio::test]
async fn on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.db");
    check(crate::open(&format!("sqlite:{}", path.display())).await.unwrap()).await;
}

#[tokio::test]
async fn on_postgresql() {
    check(on_postgres().await).await;
}

/// Whoever asked may stop waiting at any time.
#[tokio::test]
async fn rows_that_nobody_takes_keep_nobody_waiting() {
    for store in [super::on_sqlite().await, on_postgres().await] {
        fill(&store, 0..2).await;
        add(&store, 1_000..21_000).await;
        drop(store.rows(Purpose::Move).await.unwrap());
        add(&store, 1..2).await;
    }
}
