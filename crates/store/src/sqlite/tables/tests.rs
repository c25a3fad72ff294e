//! That the list of tables misses nothing.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::super::fault::Fault;
use crate::portable::tables;

/// Columns that a portable row has otherwise, and why.
const OWN: [(&str, &str); 10] = [
    // Interned texts, which rows bring along.
    ("queries", "query_id"),
    ("queries", "query"),
    ("versions", "query_id"),
    ("api_calls", "query_id"),
    // The body lies in its version's row.
    ("versions", "body_id"),
    ("bodies", "body_id"),
    ("bodies", "stored"),
    // Made again from `genres`.
    ("works", "genre_words"),
    // The state of `sqlite_sequence`, as `counters`.
    ("sqlite_sequence", "name"),
    ("sqlite_sequence", "seq"),
];

/// Tables that hold nothing of the deployment's.
fn is_about_tables(name: &str) -> bool {
    const INDEXES: [&str; 4] = ["work_texts", "work_names", "person_names", "thing_names"];
    name == "schema_migrations" || INDEXES.iter().any(|index| name.starts_with(index))
}

fn columns(db: &Connection) -> Result<BTreeSet<(String, String)>, Fault> {
    let mut select = db.prepare(
        "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c
         WHERE t.type = 'table'",
    )?;
    let found = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

#[tokio::test]
async fn every_column_is_listed() {
    let store = crate::open("sqlite::memory:").await.unwrap();
    let there = store.sqlite().read(columns).await.unwrap();
    let is_listed = |(table, column): &&(String, String)| {
        let listed = tables::all().find(|one| one.name == table);
        is_about_tables(table)
            // Nobody but its processes is interested in it.
            || table == "workers"
            || OWN.contains(&(table, column))
            || listed.is_some_and(|one| one.columns.iter().any(|known| known.name == column))
    };
    let forgotten: Vec<_> = there.iter().filter(|one| !is_listed(one)).collect();
    assert!(forgotten.is_empty(), "no copy would have {forgotten:?}");
}
