//! What holds for bodies that lie in a folder, whichever the database of their index.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use domain::{Key, Record, Timestamp};
use tempfile::TempDir;

use super::{at, record, servers};
use crate::{Aws, Bodies, Options, Store, UpkeepError};

/// A database, and the folder where bodies are to lie.
struct Ground {
    url: String,
    folder: TempDir,
}

const DAY: i64 = 86_400_000;
/// After everything that was written.
const LATER: Timestamp = Timestamp::from_millis(i64::MAX / 2);

impl Ground {
    /// The store with bodies in a place, and before in another.
    async fn open(&self, url: &str, earlier_url: Option<&str>) -> Store {
        let bodies = Bodies {
            url: url.to_owned(),
            earlier_url: earlier_url.map(str::to_owned),
            aws: Aws::default(),
        };
        crate::open_with(&Options { url: self.url.clone(), bodies }).await.unwrap()
    }

    fn place(&self) -> String {
        format!("file://{}", self.folder.path().join("bodies").display())
    }

    /// The files of bodies, by name.
    fn files(&self) -> Vec<PathBuf> {
        let mut found = vec![];
        walk(&self.folder.path().join("bodies"), &mut found);
        found.sort();
        found
    }
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, found) } else { found.push(path) }
    }
}

fn key(id: u64) -> Key {
    Key::movie(id)
}

/// Three movies of three versions each; all but the newest are patches.
fn records() -> Vec<Record> {
    let noise: String =
        (0..40).map(|n| blake3::hash(format!("{n}").as_bytes()).to_hex().to_string()).collect();
    let one = |day: i64, id: u64| {
        let title = format!("Title {day} of {id}");
        let json = format!(r#"{{"id": {id}, "title": "{title}", "overview": "{noise}"}}"#);
        record(key(id), &json, day * DAY)
    };
    (1..=3).flat_map(|day| (1..=3).map(move |id| (day, id))).map(|(day, id)| one(day, id)).collect()
}

async fn versions(store: &Store) -> Vec<Record> {
    let mut all = vec![];
    for version in 1..=3 {
        for id in 1..=3 {
            all.extend(store.archive.version(key(id), version).await.unwrap());
        }
    }
    all
}

fn go_on(_done: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

async fn check_whole(store: &Store, objects: u64) {
    let verified = store.verify_bodies(LATER, |_| Ok(()), &go_on).await.unwrap();
    assert_eq!((verified.versions, verified.objects), (9, objects));
    assert_eq!((verified.faults.len(), verified.orphans.len(), verified.unnamed), (0, 0, 0));
}

async fn bodies_move_out_and_back(ground: &Ground) {
    let place = ground.place();
    let store = ground.open("database", None).await;
    store.archive.put(&records()).await.unwrap();
    let before = versions(&store).await;
    assert_eq!(before, records());
    let early = store.move_bodies("database", &place, &go_on).await;
    assert!(matches!(early, Err(UpkeepError::Misplaced(_))), "{early:?}");

    let store = ground.open(&place, None).await;
    let stopped = store.move_bodies("database", &place, &|_| ControlFlow::Break(())).await;
    assert!(matches!(stopped, Err(UpkeepError::Stopped)), "{stopped:?}");
    let moved = store.move_bodies("database", &place, &go_on).await.unwrap();
    // What was moved before the stop is not moved again.
    assert_eq!((moved.versions, moved.moved, moved.left), (9, 0, 0));
    check_whole(&store, 9).await;
    assert_eq!(versions(&store).await, before);

    let store = ground.open("database", Some(&place)).await;
    assert_eq!(versions(&store).await, before);
    let moved = store.move_bodies(&place, "database", &go_on).await.unwrap();
    assert_eq!((moved.moved, moved.left), (9, 0));
    assert_eq!(ground.files(), Vec::<PathBuf>::new());
    let store = ground.open("database", None).await;
    check_whole(&store, 0).await;
    assert_eq!(versions(&store).await, before);
}

async fn what_is_lost_is_dropped_and_queued(ground: &Ground) {
    let store = ground.open(&ground.place(), None).await;
    store.archive.put(&records()).await.unwrap();
    let lose = |key: Key, version: u32| {
        let of = format!("/{}/{version}-", key.id());
        let file = ground.files().into_iter().find(|file| file.to_string_lossy().contains(&of));
        std::fs::remove_file(file.unwrap()).unwrap();
    };
    // Of the first the oldest, of the second the newest, which the others are patches on.
    lose(key(1), 1);
    lose(key(2), 3);
    let verified = store.verify_bodies(LATER, |_| Ok(()), &go_on).await.unwrap();
    let faults: Vec<_> = verified.faults.iter().map(|fault| (fault.key, fault.version)).collect();
    assert_eq!(faults, [(key(1), 1), (key(2), 1), (key(2), 2), (key(2), 3)]);
    let repaired = store.repair_bodies(LATER, at(0), false, &go_on).await.unwrap();
    assert_eq!((repaired.dropped, repaired.queued), (4, 2));
    let numbers = async |key| {
        let versions = store.archive.versions(key).await.unwrap();
        versions.into_iter().map(|version| version.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(key(1)).await, [2, 3]);
    assert_eq!(numbers(key(2)).await, Vec::<u32>::new());
    assert_eq!(store.archive.heads(&[key(2)]).await.unwrap(), [None]);
    assert_eq!(numbers(key(3)).await, [1, 2, 3]);
    assert_eq!(ground.files().len(), 5, "objects of dropped versions are deleted");
    let pending = store.queue.pending(9).await.unwrap();
    let mut pending: Vec<Key> = pending.into_iter().map(|task| task.key).collect();
    pending.sort();
    assert_eq!(pending, [key(1), key(2)]);
}

async fn where_nothing_fits_nothing_is_repaired(ground: &Ground) {
    let store = ground.open(&ground.place(), None).await;
    store.archive.put(&records()).await.unwrap();
    let (before, objects) = (versions(&store).await, ground.files());
    // A folder that is mistyped, or not mounted.
    let elsewhere = ground.folder.path().join("elsewhere");
    let wrong = ground.open(&format!("file://{}", elsewhere.display()), None).await;
    let refused = wrong.repair_bodies(LATER, at(0), false, &go_on).await.unwrap_err();
    let told = refused.to_string();
    assert!(matches!(refused, UpkeepError::Doubtful(_)), "{told}");
    for part in ["9 of 9 bodies", "elsewhere (there is no such folder)", "mounted", "--force"] {
        assert!(told.contains(part), "{told}");
    }
    assert!(!elsewhere.exists(), "a folder is made by what is written into it alone");
    assert_eq!(wrong.queue.pending(9).await.unwrap().len(), 0);
    assert_eq!(versions(&store).await, before);
    // A database that is not the one whose bodies lie there.
    let other = Ground { url: "sqlite::memory:".to_owned(), folder: tempfile::tempdir().unwrap() };
    let other = other.open(&ground.place(), None).await;
    let refused = other.repair_bodies(LATER, at(0), false, &go_on).await.unwrap_err();
    assert!(refused.to_string().contains("--from-objects"), "{refused}");
    assert_eq!(ground.files(), objects);

    let repaired = wrong.repair_bodies(LATER, at(0), true, &go_on).await.unwrap();
    assert_eq!((repaired.dropped, repaired.queued), (9, 3));
    let repaired = store.repair_bodies(LATER, at(0), true, &go_on).await.unwrap();
    assert_eq!(repaired.orphans, 9);
}

async fn a_lost_index_is_made_again(ground: &Ground) {
    let lost = ground.open(&ground.place(), None).await;
    lost.archive.put(&records()).await.unwrap();
    let objects = ground.files().len();
    let (before, last) = (versions(&lost).await, lost.archive.versions(key(2)).await.unwrap());
    // Another database over the same folder.
    let other = Ground { url: "sqlite::memory:".to_owned(), folder: tempfile::tempdir().unwrap() };
    let store = other.open(&ground.place(), None).await;
    let restored = store.restore_from_objects(None, &go_on).await.unwrap();
    assert_eq!((restored.keys, restored.versions, restored.unreadable), (3, 9, 0));
    assert_eq!(restored.objects, objects as u64);
    assert_eq!(versions(&store).await, before);
    assert_eq!(store.archive.versions(key(2)).await.unwrap(), last);
}

macro_rules! sentences {
    ($($sentence:ident),* $(,)?) => {
        $(
            mod $sentence {
                #[tokio::test]
                async fn on_sqlite() {
                    let folder = tempfile::tempdir().unwrap();
                    let url = format!("sqlite:{}", folder.path().join("index.db").display());
                    super::$sentence(&super::Ground { url, folder }).await;
                }

                #[tokio::test]
                async fn on_postgres() {
                    let (url, folder) = (super::servers::address().await, tempfile::tempdir());
                    super::$sentence(&super::Ground { url, folder: folder.unwrap() }).await;
                }
            }
        )*
    };
}

sentences!(
    bodies_move_out_and_back,
    what_is_lost_is_dropped_and_queued,
    where_nothing_fits_nothing_is_repaired,
    a_lost_index_is_made_again,
);
