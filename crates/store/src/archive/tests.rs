//! What happens between a plan and its writing, and where bodies lie.

use std::path::PathBuf;
use std::sync::Arc;

use domain::archive::{PurgeTerms, Put};
use domain::{Archive as _, Key, Kind, Record, StoreError, Timestamp};
use tempfile::TempDir;

use super::{Archive, Bodies, Change, DictionaryState, Index, Place, Relocation};
use crate::objects::{Aws, Objects};
use crate::sqlite;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn movie(title: &str, popularity: u32, fetched_at: i64) -> Record {
    let overview = "An overview of some length that can be compressed. ".repeat(9);
    let json = format!(
        r#"{{"id": 1, "title": "{title}", "overview": "{overview}", "popularity": {popularity}}}"#
    );
    records::record(Key::movie(1), json.as_bytes(), "movie/1", at(fetched_at)).unwrap().0
}

fn terms(fetched_before: i64) -> PurgeTerms {
    PurgeTerms { fetched_before: at(fetched_before), buried_before: at(0) }
}

/// An index, and a folder for bodies that are objects.
struct Ground {
    index: Arc<dyn Index>,
    folder: TempDir,
}

impl Ground {
    async fn new() -> Self {
        let database = sqlite::Database::open(":memory:").await.unwrap();
        let index = Arc::new(sqlite::Index::new(database));
        Self { index, folder: tempfile::tempdir().unwrap() }
    }

    fn objects(&self) -> Arc<Objects> {
        let url = format!("file://{}", self.folder.path().display());
        Arc::new(Objects::open(&url, &Aws::default()).unwrap())
    }

    fn archive(&self, bodies: Bodies) -> Archive {
        Archive::new(Arc::clone(&self.index), bodies)
    }

    /// Archives with their bodies in rows and in objects.
    async fn both() -> [(Self, Archive); 2] {
        let (rows, objects) = (Self::new().await, Self::new().await);
        let in_rows = rows.archive(Bodies::Rows);
        let in_objects = objects.archive(Bodies::Objects(objects.objects()));
        [(rows, in_rows), (objects, in_objects)]
    }

    /// The files of objects.
    fn files(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.folder.path().to_owned()];
        let mut files = vec![];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files
    }
}

async fn put(archive: &Archive, record: &Record) -> Put {
    archive.put(std::slice::from_ref(record)).await.unwrap()[0]
}

/// Every version of the movie, the newest last.
async fn versions(archive: &Archive) -> Vec<Record> {
    let key = Key::movie(1);
    let mut records = vec![];
    for version in archive.versions(key).await.unwrap() {
        records.push(archive.version(key, version.number).await.unwrap().unwrap());
    }
    records
}

/// What becomes of a record as everything stands now.
async fn decided(archive: &Archive, record: &Record) -> (Vec<Change>, DictionaryState) {
    let packing = archive.dictionaries.known(&*archive.index).await.unwrap();
    let drafts = archive.drafts(vec![record.clone()]).await.unwrap();
    let changes = drafts.into_iter().map(|draft| draft.decide(&packing).0).collect();
    (changes, packing.state())
}

/// Puts a record for which was decided before `others` were put.
async fn check(first: &Record, others: &[Record], late: &Record, wanted: Put) {
    let ground = Ground::new().await;
    let archive = ground.archive(Bodies::Rows);
    put(&archive, first).await;
    let (changes, dictionaries) = decided(&archive, late).await;
    for other in others {
        put(&archive, other).await;
    }
    let mut kept = versions(&archive).await;
    let committed = ground.index.commit(changes, dictionaries).await.unwrap();
    if others.is_empty() {
        assert_eq!(committed, [Some(wanted)]);
    } else {
        assert_eq!(committed, [None]);
        assert_eq!(versions(&archive).await, kept);
        assert_eq!(put(&archive, late).await, wanted);
    }
    if wanted == Put::Figures {
        kept.pop();
    }
    if wanted != Put::Unchanged {
        kept.push(late.clone());
    }
    assert_eq!(versions(&archive).await, kept);
}

#[tokio::test]
async fn what_was_overtaken_is_left_out_and_decided_again() {
    let one = movie("One", 1, 1);
    let uno = movie("Uno", 1, 2);
    check(&one, &[], &movie("Un", 1, 9), Put::Changed(2)).await;
    check(&one, std::slice::from_ref(&uno), &movie("Un", 1, 9), Put::Changed(3)).await;
    check(&one, std::slice::from_ref(&uno), &movie("Uno", 5, 9), Put::Figures).await;
    check(&one, &[movie("One", 7, 3)], &movie("Un", 1, 9), Put::Changed(2)).await;
    check(&one, &[movie("One", 7, 3)], &movie("One", 8, 9), Put::Figures).await;
    check(&one, &[uno, movie("Un", 1, 3)], &movie("Un", 2, 9), Put::Figures).await;
}

#[tokio::test]
async fn a_record_that_was_overtaken_by_a_later_one_is_late() {
    let one = movie("One", 1, 1);
    check(&one, &[movie("One", 1, 20)], &movie("Un", 1, 9), Put::Unchanged).await;
    check(&one, &[movie("One", 5, 20)], &movie("One", 2, 9), Put::Unchanged).await;
    check(&one, &[movie("Uno", 1, 20)], &movie("Un", 1, 9), Put::Unchanged).await;
}

async fn add_dictionary(archive: &Archive, salt: u32, now: i64) {
    let samples: Vec<_> = (1..400)
        .map(|n| movie(&format!("Title {} of {n}", n * salt), 1, 1).body.to_vec())
        .collect();
    let dictionary = records::train(Kind::Movie, &samples, 4096).unwrap();
    archive.add_dictionary(Kind::Movie, dictionary, at(now)).await.unwrap();
}

#[tokio::test]
async fn nothing_is_written_with_a_dictionary_that_is_going() {
    for (ground, archive) in Ground::both().await {
        add_dictionary(&archive, 7_919, 1).await;
        let record = movie("One", 1, 1);
        let (changes, dictionaries) = decided(&archive, &record).await;
        add_dictionary(&archive, 104_729, 2).await;
        archive.purge(&terms(0), 9).await.unwrap();
        assert_eq!(ground.index.commit(changes, dictionaries).await.unwrap(), [None]);
        assert_eq!(put(&archive, &record).await, Put::Created);
        assert_eq!(archive.get(record.key).await.unwrap(), Some(record));
        assert_eq!(archive.stats().await.unwrap().kinds[0].with_dictionary, 1);
    }
}

#[tokio::test]
async fn a_body_that_was_packed_anew_is_left_out_with_other_dictionaries() {
    for (ground, archive) in Ground::both().await {
        add_dictionary(&archive, 7_919, 1).await;
        let record = movie("One", 1, 9);
        put(&archive, &record).await;
        // The first finds the dictionary too old, the second what is packed with it.
        archive.purge(&terms(5), 9).await.unwrap();
        let expired = ground.index.expired(&terms(5), 9).await.unwrap();
        assert_eq!(expired.repacking.len(), 1);
        let packing = archive.dictionaries.newest(&*ground.index).await.unwrap();
        let repacked = archive.repack(&packing, &expired.repacking).await.unwrap();
        add_dictionary(&archive, 104_729, 9).await;
        assert!(!ground.index.drop_expired(&expired, repacked).await.unwrap().is_end);
        assert_eq!(archive.get(record.key).await.unwrap().as_ref(), Some(&record));
        while !archive.purge(&terms(5), 9).await.unwrap().is_end {}
        assert_eq!(archive.get(record.key).await.unwrap(), Some(record));
        assert_eq!(ground.index.dictionaries().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn bytes_that_are_no_dictionary_are_refused() {
    let archive = Ground::new().await.archive(Bodies::Rows);
    let error = archive.add_dictionary(Kind::Movie, "no dictionary".into(), at(1)).await;
    assert!(error.unwrap_err().to_string().contains("no trained dictionary"));
}

#[tokio::test]
async fn there_are_as_many_objects_as_versions() {
    let ground = Ground::new().await;
    let archive = ground.archive(Bodies::Objects(ground.objects()));
    let records = [
        movie("One", 1, 10),
        movie("Uno", 1, 20),
        movie("Uno", 2, 30),
        movie("Un", 2, 40),
        movie("Un", 2, 50),
        movie("Un", 3, 60),
    ];
    for (record, wanted) in records.iter().zip([1, 2, 2, 3, 3, 3]) {
        put(&archive, record).await;
        assert_eq!(ground.files().len(), wanted, "{record:?}");
    }
    assert_eq!(versions(&archive).await, [0, 2, 5].map(|place| records[place].clone()));
    while !archive.purge(&terms(40), 9).await.unwrap().is_end {}
    assert_eq!(ground.files().len(), 1);
    while !archive.purge(&terms(99), 9).await.unwrap().is_end {}
    assert!(ground.files().is_empty());
    assert!(ground.index.discarded(9).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_put_at_once_leaves_no_object_behind() {
    let ground = Ground::new().await;
    let archive = ground.archive(Bodies::Objects(ground.objects()));
    let [one, uno, un] = ["One", "Uno", "Un"].map(|title| movie(title, 1, 1));
    let (first, second, third) =
        tokio::join!(put(&archive, &one), put(&archive, &uno), put(&archive, &un));
    let is_created = |put: &&Put| **put == Put::Created;
    assert_eq!([first, second, third].iter().filter(is_created).count(), 1);
    assert_eq!(versions(&archive).await.len(), 3);
    assert_eq!(ground.files().len(), 3);
}

#[tokio::test]
async fn a_body_that_is_replaced_while_it_is_read_is_read_again() {
    let ground = Ground::new().await;
    let archive = ground.archive(Bodies::Objects(ground.objects()));
    put(&archive, &movie("One", 1, 1)).await;
    let packing = archive.dictionaries.known(&*ground.index).await.unwrap();
    let rows = archive.rows(Key::movie(1), None).await.unwrap();
    let moved = movie("One", 2, 2);
    put(&archive, &moved).await;
    let error = archive.unfold(&packing, &rows).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
    let read = archive.read_from(Key::movie(1), None, rows).await;
    assert_eq!(read.unwrap(), Some(moved));
}

#[tokio::test]
async fn an_object_that_is_missing_is_told_and_the_next_record_kept() {
    let ground = Ground::new().await;
    let archive = ground.archive(Bodies::Objects(ground.objects()));
    put(&archive, &movie("One", 1, 1)).await;
    ground.files().iter().for_each(|file| std::fs::remove_file(file).unwrap());
    let error = archive.get(Key::movie(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
    assert!(error.to_string().contains("movie/"), "{error}");
    let moved = movie("One", 2, 2);
    // Nobody knows whether more than figures differ.
    assert_eq!(put(&archive, &moved).await, Put::Changed(2));
    assert_eq!(archive.get(moved.key).await.unwrap(), Some(moved));
}

#[tokio::test]
async fn a_row_that_names_an_object_asks_for_its_store() {
    let ground = Ground::new().await;
    let one = movie("One", 1, 1);
    put(&ground.archive(Bodies::Objects(ground.objects())), &one).await;
    let archive = ground.archive(Bodies::Rows);
    let moved = movie("One", 2, 2);
    for error in [
        archive.get(one.key).await.unwrap_err(),
        archive.put(std::slice::from_ref(&moved)).await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Misconfigured(_)), "{error}");
        assert!(error.to_string().contains("archive.url"), "{error}");
    }
    // Written anew into the row once the store is known.
    let archive = ground.archive(Bodies::RowsFrom(ground.objects()));
    assert_eq!(archive.get(one.key).await.unwrap(), Some(one));
    assert_eq!(put(&archive, &moved).await, Put::Figures);
    assert!(ground.files().is_empty());
    let archive = ground.archive(Bodies::Rows);
    assert_eq!(archive.get(moved.key).await.unwrap(), Some(moved));
}

#[tokio::test]
async fn a_body_moves_only_from_where_it_lies() {
    let ground = Ground::new().await;
    let archive = ground.archive(Bodies::RowsFrom(ground.objects()));
    let records = [movie("One", 1, 1), movie("Uno", 1, 2)];
    archive.put(&records).await.unwrap();
    let rows = ground.index.every_version(Some(Kind::Movie), None, 9).await.unwrap();
    let relocate = async |from: &Place, to: &Place| {
        let (from, to) = (from.clone(), to.clone());
        let relocation = Relocation { key: Key::movie(1), version: 1, from, to };
        ground.index.relocate(vec![relocation]).await.unwrap()[0]
    };
    let (row, object) = (&rows[0].stored.place, Place::Object("a".to_owned()));
    let other = Place::Row("other".into());
    assert!(!relocate(&other, &object).await);
    assert_eq!(ground.index.discarded(9).await.unwrap().len(), 1);
    assert!(relocate(row, &object).await);
    let first = ground.index.chain(Key::movie(1), 1).await.unwrap().remove(0);
    assert_eq!(first.stored.place, object);
    assert!(!relocate(row, &other).await);
    assert!(relocate(&object, row).await);
    assert_eq!(versions(&archive).await, records);
    let audit = archive.audit().await.unwrap();
    assert!(audit.iter().any(|holding| holding.what.starts_with("bodies") && holding.rows == 0));
    let after = Some((Key::movie(1), 1));
    let rest = ground.index.every_version(None, after, 9).await.unwrap();
    assert_eq!(rest.iter().map(|row| row.number).collect::<Vec<_>>(), [2]);
}
