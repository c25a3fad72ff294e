//! What is SQLite's own: files, several processes, full disks.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use domain::budget::Renewal;
use domain::queue::{LeaseTerms, NewTask, Priority, Verdict};
use domain::{Key, Record, StoreError, Timestamp};
use rusqlite::Connection;

use crate::{OpenError, Store, open};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

async fn open_in(folder: &Path) -> Result<Store, OpenError> {
    open(&format!("sqlite:{}", folder.join("c.db").display())).await
}

fn tasks(ids: std::ops::Range<u64>) -> Vec<NewTask> {
    let task = |id| NewTask {
        key: Key::movie(id),
        priority: Priority::STALE,
        source: "export.movie".to_owned(),
        run: None,
        changed: false,
    };
    ids.map(task).collect()
}

fn records(ids: std::ops::Range<u64>) -> Vec<Record> {
    let record = |id| {
        let noise: String = (0..80)
            .map(|n| blake3::hash(format!("{id} {n}").as_bytes()).to_hex().to_string())
            .collect();
        let json = format!(r#"{{"id":{id},"title":"No {id}","overview":"{noise}"}}"#);
        records::record(Key::movie(id), json.as_bytes(), "movie/1", at(1)).unwrap().0
    };
    ids.map(record).collect()
}

fn terms(worker: &str, limit: usize) -> LeaseTerms {
    LeaseTerms { worker: worker.to_owned(), limit, duration: Duration::from_mins(1), urgent: None }
}

#[tokio::test]
async fn what_was_written_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_in(folder.path()).await.unwrap();
    store.queue.add(&tasks(1..9), at(0)).await.unwrap();
    store.archive.put(&records(1..3)).await.unwrap();
    store.catalog.put(&records(1..3)).await.unwrap();
    let before = store.fingerprint().await.unwrap();
    drop(store);
    let again = open_in(folder.path()).await.unwrap();
    assert_eq!(again.fingerprint().await.unwrap(), before);
    let health = again.check().await.unwrap();
    assert_eq!(health.problems, [""; 0]);
    assert!(health.size_bytes > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_processes_may_make_the_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let opening: Vec<_> = (0..6)
        .map(|_| {
            let folder = folder.path().to_owned();
            tokio::task::spawn(async move { open_in(&folder).await.map(drop) })
        })
        .collect();
    for opened in opening {
        opened.await.unwrap().unwrap();
    }
}

/// Leases and finishes until nothing is left. Returns what it held.
async fn work_off(store: Store) -> Vec<Key> {
    let mut held = vec![];
    loop {
        let leases = store.queue.lease(&terms("w", 7), at(1)).await.unwrap();
        if leases.is_empty() {
            return held;
        }
        held.extend(leases.iter().map(|lease| lease.key));
        let verdicts: Vec<_> = leases.into_iter().map(|lease| (lease, Verdict::Finish)).collect();
        let settled = store.queue.settle(&verdicts, at(2)).await.unwrap();
        assert!(settled.iter().all(|held| *held));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_never_hold_the_same_task() {
    const TASKS: u64 = 600;
    let folder = tempfile::tempdir().unwrap();
    let first = open_in(folder.path()).await.unwrap();
    first.queue.add(&tasks(1..TASKS + 1), at(0)).await.unwrap();
    let second = open_in(folder.path()).await.unwrap();
    let workers = [first.clone(), second].map(|store| tokio::task::spawn(work_off(store)));
    let mut all = vec![];
    for worker in workers {
        all.extend(worker.await.unwrap());
    }
    assert_eq!(all.len() as u64, TASKS);
    assert_eq!(all.iter().collect::<HashSet<_>>().len() as u64, TASKS);
    assert!(first.queue.depth(at(3)).await.unwrap().is_drained());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_never_hold_the_same_lane() {
    let folder = tempfile::tempdir().unwrap();
    let processes = [open_in(folder.path()).await.unwrap(), open_in(folder.path()).await.unwrap()];
    let mut grants: [Vec<_>; 2] = [vec![], vec![]];
    for round in 0..20 {
        for (number, store) in processes.iter().enumerate() {
            let renewal = Renewal {
                holder: format!("process {number}"),
                limit: 40,
                connections: 20,
                open: 0,
                wants: true,
                lanes: grants[number].clone(),
            };
            grants[number] = store.budget.renew(&renewal, at(round * 1_000)).await.unwrap().lanes;
        }
    }
    let lanes: HashSet<_> = grants.iter().flatten().map(|lane| lane.number).collect();
    assert_eq!((lanes.len(), grants[0].len(), grants[1].len()), (40, 20, 20));
}

#[tokio::test]
async fn another_process_sees_a_new_dictionary() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (open_in(folder.path()).await.unwrap(), open_in(folder.path()).await.unwrap());
    let samples: Vec<_> = records(1..200).iter().map(|record| record.body.to_vec()).collect();
    let dictionary = records::train(domain::Kind::Movie, &samples, 4_096).unwrap();
    one.archive.add_dictionary(domain::Kind::Movie, dictionary, at(1)).await.unwrap();
    one.archive.put(&records(1..2)).await.unwrap();
    assert_eq!(two.archive.get(Key::movie(1)).await.unwrap().as_ref(), records(1..2).first());
    two.archive.put(&records(2..3)).await.unwrap();
    assert_eq!(one.archive.stats().await.unwrap().kinds[0].with_dictionary, 2);
}

/// Makes a file and opens it as a store.
async fn refusal(content: impl FnOnce(&Path)) -> OpenError {
    let folder = tempfile::tempdir().unwrap();
    content(&folder.path().join("c.db"));
    open_in(folder.path()).await.expect_err("the file was taken for a store")
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let error = refusal(|path| std::fs::write(path, "no database at all ".repeat(999)).unwrap());
    assert!(matches!(error.await, OpenError::Foreign { .. }));
}

#[tokio::test]
async fn another_programs_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)").unwrap();
    drop(other);
    let error = open_in(folder.path()).await.unwrap_err();
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    let other = Connection::open(&path).unwrap();
    let tables: i64 =
        other.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);
}

#[tokio::test]
async fn a_newer_or_altered_database_is_refused() {
    for (change, wanted) in [
        ("INSERT INTO schema_migrations VALUES (99, '0099_later', 'x')", "newer"),
        ("UPDATE schema_migrations SET checksum = 'x' WHERE number = 2", "0002_archive"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        drop(open_in(folder.path()).await.unwrap());
        Connection::open(folder.path().join("c.db")).unwrap().execute_batch(change).unwrap();
        let error = open_in(folder.path()).await.unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[tokio::test]
async fn what_is_not_supported_is_said_with_what_is() {
    for url in ["", "cinemirror.db", "mysql://me:secret@host/db", "sqlite:"] {
        let error = open(url).await.unwrap_err();
        assert!(matches!(error, OpenError::Unsupported { .. }));
        let message = error.to_string();
        assert!(message.contains("sqlite:") && !message.contains("secret"), "{message}");
    }
    let error = open("sqlite:/no/such/folder/c.db").await.unwrap_err();
    assert!(matches!(error, OpenError::Unavailable { .. }), "{error}");
}

#[tokio::test]
async fn a_full_disk_leaves_nothing_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_in(folder.path()).await.unwrap();
    store.archive.put(&records(1..3)).await.unwrap();
    store.catalog.put(&records(1..3)).await.unwrap();
    let before = store.fingerprint().await.unwrap();
    let limit_pages = |pages: &'static str| {
        store.sqlite().write(move |db| {
            // Answers with the limit it has set.
            let sql = format!("PRAGMA max_page_count = {pages}");
            Ok(db.query_row(&sql, [], |row| row.get::<_, i64>(0))?)
        })
    };
    limit_pages("1").await.unwrap();
    let error = store.archive.put(&records(3..90)).await.unwrap_err();
    assert!(matches!(error, StoreError::Full(_)), "{error}");
    let error = store.catalog.put(&records(3..90)).await.unwrap_err();
    assert!(matches!(error, StoreError::Full(_)), "{error}");
    let error = store.queue.add(&tasks(1..9_999), at(0)).await.unwrap_err();
    assert!(matches!(error, StoreError::Full(_)), "{error}");
    assert_eq!(store.fingerprint().await.unwrap(), before);
    limit_pages("1000000").await.unwrap();
    store.archive.put(&records(3..9)).await.unwrap();
    assert_eq!(store.check().await.unwrap().problems, [""; 0]);
}

#[tokio::test]
async fn a_verb_that_fails_or_panics_is_undone_and_the_store_lives() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_in(folder.path()).await.unwrap();
    let insert = "INSERT INTO cursors VALUES ('s', 'p', 0)";
    let failed: Result<(), _> = store
        .sqlite()
        .write(move |db| {
            db.execute(insert, [])?;
            db.execute(insert, [])?;
            Ok(())
        })
        .await;
    assert!(matches!(failed, Err(StoreError::Corrupt(_))));
    let panicked: Result<(), _> = store
        .sqlite()
        .write(move |db| {
            db.execute(insert, [])?;
            panic!("as a test")
        })
        .await;
    assert!(matches!(panicked, Err(StoreError::Unavailable(_))));
    assert_eq!(store.ledger.cursor("s").await.unwrap(), None);
    store.ledger.set_cursor("s", Some("p"), at(0)).await.unwrap();
}

#[tokio::test]
async fn a_caller_that_stops_waiting_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_in(folder.path()).await.unwrap();
    let tasks = tasks(1..500);
    {
        // Polled once, which hands the work over, and dropped.
        let adding = store.queue.add(&tasks, at(0));
        tokio::select! { biased; _ = adding => {} () = std::future::ready(()) => {} }
    }
    drop(store);
    let depth = open_in(folder.path()).await.unwrap().queue.depth(at(0)).await.unwrap();
    assert_eq!(depth.ready, 499);
}

#[tokio::test]
async fn a_copy_taken_at_any_instant_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_in(folder.path()).await.unwrap();
    for round in 0..5_u64 {
        let range = round * 9 + 1..round * 9 + 10;
        store.archive.put(&records(range.clone())).await.unwrap();
        store.queue.add(&tasks(range), at(0)).await.unwrap();
        // What a killed process leaves behind: the files, and no shared memory.
        let left = tempfile::tempdir().unwrap();
        for name in ["c.db", "c.db-wal"] {
            std::fs::copy(folder.path().join(name), left.path().join(name)).unwrap();
        }
        let found = open_in(left.path()).await.unwrap();
        assert_eq!(found.fingerprint().await.unwrap(), store.fingerprint().await.unwrap());
        assert_eq!(found.check().await.unwrap().problems, [""; 0]);
    }
}

#[tokio::test]
async fn scores_of_another_method_and_missing_ones_are_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_in(folder.path()).await.unwrap();
    let movies: Vec<_> = (1..=5)
        .map(|id| {
            let json = format!(r#"{{"title": "T", "vote_average": {id}, "vote_count": 9}}"#);
            records::record(Key::movie(id), json.as_bytes(), "", at(1)).unwrap().0
        })
        .collect();
    store.catalog.put(&movies).await.unwrap();
    let before = store.fingerprint().await.unwrap();
    let spoil = "UPDATE aggregates SET method_version = 0, score = 1 WHERE work_id < 4;
                 DELETE FROM aggregates WHERE work_id = 5;
                 UPDATE works SET score = NULL WHERE work_id <> 4";
    store.sqlite().write(|db| Ok(db.execute_batch(spoil)?)).await.unwrap();
    let first = store.catalog.rescore(None, 3).await.unwrap();
    assert_eq!((first.titles, first.last), (3, Some(Key::movie(3))));
    let second = store.catalog.rescore(first.last, 3).await.unwrap();
    assert_eq!((second.titles, second.last), (1, Some(Key::movie(5))));
    assert_eq!(store.fingerprint().await.unwrap(), before);
}
