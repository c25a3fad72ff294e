//! That the list of tables misses nothing.

use std::collections::BTreeSet;

use crate::contract::servers;
use crate::portable::tables;
use crate::postgres::{Database, Fault, snapshot};

/// Columns that a portable row has otherwise, and why.
const OWN: [(&str, &str); 10] = [
    // Interned texts, which rows bring along.
    ("queries", "query_id"),
    ("queries", "query"),
    ("versions", "query_id"),
    ("api_calls", "query_id"),
    // A version's `body`.
    ("versions", "stored"),
    // Made again from others.
    ("works", "genre_words"),
    ("work_texts", "words"),
    ("work_names", "words"),
    ("person_names", "words"),
    ("thing_names", "words"),
];

/// Where the last numbers are, which `counters` and `lease_tokens` tell; and those
/// that nobody needs to know, since rows tell them.
const SEQUENCES: [&str; 5] = [
    "api_calls_call_id_seq",
    "dictionaries_dictionary_id_seq",
    "lease_tokens",
    "pipeline_runs_run_id_seq",
    "queries_query_id_seq",
];

async fn names(database: &Database, sql: &str) -> BTreeSet<(String, String)> {
    let names = snapshot!(database, tx => async {
        let rows = tx.rows(sql, &[]).await?;
        let names = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        names.collect::<Result<BTreeSet<(String, String)>, Fault>>()
    }.await);
    names.unwrap()
}

#[tokio::test]
async fn every_column_is_listed() {
    let database = Database::open(&servers::address().await).await.unwrap();
    let there = names(
        &database,
        "SELECT table_name::text, column_name::text FROM information_schema.columns
         WHERE table_schema = current_schema() AND table_name <> 'schema_migrations'",
    )
    .await;
    let is_listed = |(table, column): &&(String, String)| {
        let listed = tables::all().find(|one| one.name == table);
        // Nobody but its processes is interested in it.
        table == "workers"
            || OWN.contains(&(table, column))
            || listed.is_some_and(|one| one.columns.iter().any(|known| known.name == column))
    };
    let forgotten: Vec<_> = there.iter().filter(|one| !is_listed(one)).collect();
    assert!(forgotten.is_empty(), "no copy would have {forgotten:?}");
}

#[tokio::test]
async fn every_sequence_is_listed() {
    let database = Database::open(&servers::address().await).await.unwrap();
    let sql = "SELECT sequencename::text, '' FROM pg_sequences
               WHERE schemaname = current_schema()";
    let there: Vec<_> = names(&database, sql).await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(there, SEQUENCES);
}
