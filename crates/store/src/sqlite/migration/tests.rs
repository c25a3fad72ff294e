//! What was stored before a migration is there after it.

use std::path::Path;

use bytes::Bytes;
use domain::archive::Put;
use domain::deletion::Evidence;
use domain::staleness::Doubt;
use domain::{Key, Kind, Record, Timestamp};
use records::Packer;
use rusqlite::{Connection, params};

use super::*;
use crate::Store;
use crate::sqlite::columns::{key_columns, limit};
use crate::sqlite::connection::{Access, open};

/// Before versions were patches and heads had a table of their own.
const BEFORE_FRESHNESS: usize = 5;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn movie(title: &str, fetched_at: i64) -> Record {
    let json = format!(r#"{{"id": 1, "title": "{title}", "popularity": 2.5}}"#);
    records::record(Key::movie(1), json.as_bytes(), "movie/1", at(fetched_at)).unwrap().0
}

fn old_version(db: &Connection, record: &Record, version: u32, dictionary: Option<&Bytes>) {
    let dictionaries = dictionary.map(|bytes| (record.key.kind(), bytes.clone()));
    let packer = Packer::new(dictionaries.into_iter().collect());
    let stored = packer.pack(record.key.kind(), &record.body);
    db.execute("INSERT INTO bodies (stored) VALUES (?1)", [&stored]).unwrap();
    let body_id = db.last_insert_rowid();
    let [kind, id, season, episode] = key_columns(&record.key);
    db.execute(
        "INSERT INTO versions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, 1, ?8, ?9, ?10, ?11, NULL, NULL)",
        params![
            kind,
            id,
            season,
            episode,
            version,
            record.fetched_at.as_millis(),
            record.hash.0,
            limit(record.body.len()),
            limit(stored.len()),
            dictionary.is_some(),
            body_id,
        ],
    )
    .unwrap();
}

/// Makes a database as it was, and opens it as it is.
async fn reopened(folder: &Path, content: impl FnOnce(&Connection)) -> Store {
    let path = folder.join("c.db").display().to_string();
    let db = open(&path, Access::Write).unwrap();
    db.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    applied(&db).unwrap();
    for (number, migration) in MIGRATIONS.iter().enumerate().take(BEFORE_FRESHNESS) {
        apply(&db, number + 1, migration).unwrap();
    }
    content(&db);
    drop(db);
    crate::open(&format!("sqlite:{path}")).await.unwrap()
}

#[tokio::test]
async fn versions_of_before_are_read_and_followed() {
    let folder = tempfile::tempdir().unwrap();
    let samples: Vec<_> =
        (1..400).map(|n| movie(&format!("Title {n} of {}", n * 7919), 1).body.to_vec()).collect();
    let dictionary = records::train(Kind::Movie, &samples, 4096).unwrap();
    let (one, two) = (movie("One", 5), movie("Uno", 9));
    let store = reopened(folder.path(), |db| {
        let insert = "INSERT INTO dictionaries VALUES (3, 1, 4, ?1)";
        db.execute(insert, [dictionary.as_ref()]).unwrap();
        old_version(db, &one, 1, None);
        old_version(db, &two, 2, Some(&dictionary));
    })
    .await;
    let archive = &store.archive;
    assert_eq!(archive.get(one.key).await.unwrap().as_ref(), Some(&two));
    assert_eq!(archive.heads(&[one.key]).await.unwrap()[0].unwrap().hash, two.hash);
    assert_eq!(archive.stats().await.unwrap().kinds[0].with_dictionary, 1);
    let three = movie("Un", 10);
    assert_eq!(archive.put(std::slice::from_ref(&three)).await.unwrap(), [Put::Changed(3)]);
    for (number, record) in [(1, one), (2, two), (3, three)] {
        assert_eq!(archive.version(record.key, number).await.unwrap(), Some(record));
    }
}

#[tokio::test]
async fn heads_are_made_of_versions_and_the_catalogue() {
    let folder = tempfile::tempdir().unwrap();
    let show = records::record(Key::tv(1), br#"{"id": 1}"#, "tv/1", at(7)).unwrap().0;
    let person = records::record(Key::person(1), br#"{"id": 1}"#, "person/1", at(8)).unwrap().0;
    let store = reopened(folder.path(), |db| {
        for (record, version) in
            [(&movie("One", 5), 1), (&movie("Uno", 9), 2), (&show, 1), (&person, 1)]
        {
            old_version(db, record, version, None);
        }
        let work = "INSERT INTO works VALUES (?1, ?2, 1, NULL, 't', NULL, NULL, NULL, ?3, NULL,
                        '', '', 7.5, 8, 9.5, 0, 0, 0)";
        db.execute(work, params![1, "movie", "1969-12-30"]).unwrap();
        db.execute(work, params![-1, "tv", "2026-06-01"]).unwrap();
        db.execute(
            "INSERT INTO people VALUES (1, NULL, 'Ann', '', NULL, NULL, NULL, NULL, NULL, NULL,
                 0.5, NULL, 0, 0, '')",
            [],
        )
        .unwrap();
    })
    .await;
    let found = store.archive.freshness(None, 9).await.unwrap();
    let dates: Vec<_> = found
        .iter()
        .map(|head| (head.key, head.fetched_at, head.released.map(|date| date.to_string())))
        .collect();
    let wanted = [
        (Key::movie(1), at(9), Some("1969-12-30".to_owned())),
        (Key::tv(1), at(7), Some("2026-06-01".to_owned())),
        (Key::person(1), at(8), None),
    ];
    assert_eq!(dates, wanted);
    assert_eq!(store.archive.known(Kind::Movie).await.unwrap().popularity, [9.5]);
    assert_eq!(store.archive.known(Kind::Person).await.unwrap().popularity, [0.5]);
}

#[tokio::test]
async fn suspects_of_before_keep_their_proof() {
    let folder = tempfile::tempdir().unwrap();
    let store = reopened(folder.path(), |db| {
        old_version(db, &movie("One", 5), 1, None);
        db.execute("INSERT INTO suspects VALUES (1, 1, -1, -1, 7)", []).unwrap();
    })
    .await;
    let suspects = store.archive.suspects(None, 9).await.unwrap();
    assert_eq!(suspects[0].key, Key::movie(1));
    assert_eq!(suspects[0].evidence, Evidence { not_found: Some(at(7)), unlisted: None });
    let doubt = store.archive.freshness(None, 9).await.unwrap()[0].doubt;
    assert_eq!(doubt, Doubt::Missed(at(7)));
}
