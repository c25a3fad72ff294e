//! What happens between a plan and its writing, and what a reader of damaged rows is told.

use domain::archive::Put;
use domain::{Archive, Key, Kind, Record, StoreError, Timestamp};

use super::{plan, write};
use crate::sqlite::Database;

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

async fn archive() -> super::Archive {
    super::Archive::new(Database::open(":memory:").await.unwrap())
}

async fn put(archive: &super::Archive, record: &Record) -> Put {
    archive.put(std::slice::from_ref(record)).await.unwrap()[0]
}

/// Puts a record whose plan was made before `others` were put.
async fn check(first: &Record, others: &[Record], late: &Record, wanted: Put) {
    let archive = archive().await;
    put(&archive, first).await;
    let (dictionaries, records) = (archive.dictionaries.clone(), vec![late.clone()]);
    let drafts = archive.database.read(move |db| plan::draft(db, &dictionaries, records));
    let drafts = drafts.await.unwrap();
    for other in others {
        put(&archive, other).await;
    }
    let versions = archive.versions(first.key).await.unwrap().len();
    let mut kept = vec![];
    for number in 1..=u32::try_from(versions).unwrap() {
        kept.push(archive.version(first.key, number).await.unwrap().unwrap());
    }
    let dictionaries = archive.dictionaries.clone();
    let puts = archive.database.write(move |db| write::put(db, &dictionaries, &drafts));
    assert_eq!(puts.await.unwrap(), [wanted]);
    let newest = archive.get(first.key).await.unwrap().unwrap();
    match wanted {
        Put::Unchanged => assert_eq!(Some(&newest), kept.last()),
        _ => assert_eq!(&newest, late),
    }
    if wanted == Put::Figures {
        kept.pop();
    }
    for (number, record) in (1..).zip(kept) {
        assert_eq!(archive.version(first.key, number).await.unwrap(), Some(record), "{number}");
    }
}

#[tokio::test]
async fn a_plan_that_was_overtaken_is_made_again() {
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

#[tokio::test]
async fn nothing_is_written_with_a_dictionary_that_is_going() {
    let archive = archive().await;
    let train = |salt: u32| {
        let samples: Vec<_> = (1..400)
            .map(|n| movie(&format!("Title {} of {n}", n * salt), 1, 1).body.to_vec())
            .collect();
        records::train(Kind::Movie, &samples, 4096).unwrap()
    };
    archive.add_dictionary(Kind::Movie, train(7_919), at(1)).await.unwrap();
    let (dictionaries, record) = (archive.dictionaries.clone(), movie("One", 1, 1));
    let records = vec![record.clone()];
    let drafts = archive.database.read(move |db| plan::draft(db, &dictionaries, records));
    let drafts = drafts.await.unwrap();
    archive.add_dictionary(Kind::Movie, train(104_729), at(2)).await.unwrap();
    let terms = domain::archive::PurgeTerms { fetched_before: at(0), buried_before: at(0) };
    archive.purge(&terms, 9).await.unwrap();
    let dictionaries = archive.dictionaries.clone();
    archive.database.write(move |db| write::put(db, &dictionaries, &drafts)).await.unwrap();
    assert_eq!(archive.get(record.key).await.unwrap(), Some(record));
}

#[tokio::test]
async fn a_damaged_chain_is_an_error_and_no_body() {
    for damage in [
        "UPDATE bodies SET stored = zeroblob(length(stored)) WHERE body_id = 1",
        "UPDATE bodies SET stored = zeroblob(length(stored)) WHERE body_id = 2",
        "DELETE FROM versions WHERE version = 2",
    ] {
        let archive = archive().await;
        let (one, uno) = (movie("One", 1, 1), movie("Uno", 1, 2));
        put(&archive, &one).await;
        put(&archive, &uno).await;
        archive.database.write(|db| Ok(db.execute(damage, [])?)).await.unwrap();
        let error = archive.version(one.key, 1).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
        assert!(error.to_string().contains("movie/1"), "{error}");
    }
}

#[tokio::test]
async fn bytes_that_are_no_dictionary_are_refused() {
    let archive = archive().await;
    let error = archive.add_dictionary(Kind::Movie, "no dictionary".into(), at(1)).await;
    assert!(error.unwrap_err().to_string().contains("no trained dictionary"));
}
