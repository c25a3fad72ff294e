//! What a reader of damaged rows is told.

use std::sync::Arc;

use domain::{Archive as _, Key, Record, StoreError, Timestamp};

use super::Index;
use crate::archive::{Archive, Bodies};
use crate::sqlite::Database;

fn movie(title: &str, fetched_at: i64) -> Record {
    let overview = "An overview of some length that can be compressed. ".repeat(9);
    let json = format!(r#"{{"id": 1, "title": "{title}", "overview": "{overview}"}}"#);
    let at = Timestamp::from_millis(fetched_at);
    records::record(Key::movie(1), json.as_bytes(), "movie/1", at).unwrap().0
}

async fn archive() -> (Archive, Database) {
    let database = Database::open(":memory:").await.unwrap();
    (Archive::new(Arc::new(Index::new(database.clone())), Bodies::Rows), database)
}

#[tokio::test]
async fn a_damaged_chain_is_an_error_and_no_body() {
    for damage in [
        "UPDATE bodies SET stored = zeroblob(length(stored)) WHERE body_id = 1",
        "UPDATE bodies SET stored = zeroblob(length(stored)) WHERE body_id = 2",
        "DELETE FROM bodies WHERE body_id = 2",
        "DELETE FROM versions WHERE version = 2",
    ] {
        let (archive, database) = archive().await;
        let one = movie("One", 1);
        archive.put(&[one.clone(), movie("Uno", 2)]).await.unwrap();
        database.write(|db| Ok(db.execute(damage, [])?)).await.unwrap();
        let error = archive.version(one.key, 1).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
        assert!(error.to_string().contains("movie/1"), "{error}");
    }
}

#[tokio::test]
async fn a_record_is_kept_though_the_version_before_is_damaged() {
    for damage in [
        "UPDATE bodies SET stored = zeroblob(length(stored)) WHERE body_id = 2",
        "UPDATE bodies SET stored = zeroblob(length(stored)) WHERE body_id = 1",
        "DELETE FROM bodies WHERE body_id = 2",
        "DELETE FROM versions WHERE version = 2",
    ] {
        let (archive, database) = archive().await;
        archive.put(&[movie("One", 1), movie("Uno", 2)]).await.unwrap();
        database.write(|db| Ok(db.execute(damage, [])?)).await.unwrap();
        let un = movie("Un", 3);
        archive.put(std::slice::from_ref(&un)).await.unwrap();
        assert_eq!(archive.get(un.key).await.unwrap(), Some(un));
    }
}
