//! What is on the way together, and what is left when a transaction is dropped.

use futures_util::FutureExt;

use super::*;
use crate::contract::servers;
use crate::postgres::{Connection, Database};

async fn connection() -> Connection {
    let database = Database::open(&servers::address().await).await.unwrap();
    database.connection().await.unwrap()
}

const WRITE: &str = "INSERT INTO queries (query) SELECT 'q' || count(*) FROM queries";

/// How many rows were written, and that the connection is in no transaction.
async fn written(connection: &Connection) -> i64 {
    let look = "SELECT count(*), pg_current_xact_id_if_assigned() IS NULL
                    AND current_setting('transaction_read_only') = 'off' FROM queries";
    let row = connection.look(look).await.unwrap();
    assert!(row.get::<_, bool>(1), "a transaction is open");
    row.get(0)
}

#[tokio::test]
async fn what_was_not_committed_is_undone() {
    let connection = connection().await;
    let tx = connection.begin();
    assert_eq!(tx.run(WRITE, &[]).await.unwrap(), 1);
    assert_eq!(tx.run(WRITE, &[]).await.unwrap(), 1);
    drop(tx);
    assert_eq!(written(&connection).await, 0);
    let tx = connection.begin();
    // Nobody waits for the answer any more.
    assert!(tx.run(WRITE, &[]).now_or_never().is_none());
    drop(tx);
    assert_eq!(written(&connection).await, 0);
}

#[tokio::test]
async fn statements_on_the_way_together_come_in_order_and_are_one_transaction() {
    let connection = connection().await;
    let tx = connection.begin();
    let (one, other) = join(tx.run(WRITE, &[]), tx.run(WRITE, &[])).await;
    assert_eq!((one.unwrap(), other.unwrap()), (1, 1));
    tx.commit().await.unwrap();
    assert_eq!(written(&connection).await, 2);
    let tx = connection.begin();
    let (one, other) = join(tx.run(WRITE, &[]), tx.run("SELECT 1 / 0", &[])).await;
    assert!(one.is_ok() && other.is_err());
    drop(tx);
    assert_eq!(written(&connection).await, 2);
}

#[tokio::test]
async fn a_first_statement_that_fails_leaves_nothing_open() {
    let connection = connection().await;
    let tx = connection.begin();
    assert!(tx.run("SELECT 1 / 0", &[]).await.is_err());
    drop(tx);
    assert_eq!(written(&connection).await, 0);
    let tx = connection.begin_reading();
    assert!(tx.run(WRITE, &[]).await.is_err());
    drop(tx);
    connection.begin().commit().await.unwrap();
    assert_eq!(written(&connection).await, 0);
}

#[tokio::test]
async fn the_server_ends_one_whose_client_is_gone() {
    let connection = connection().await;
    let patience = "SELECT current_setting('idle_in_transaction_session_timeout')";
    let tx = connection.begin();
    assert_eq!(tx.one(patience, &[]).await.unwrap().get::<_, String>(0), "30s");
    tx.commit().await.unwrap();
    assert_eq!(connection.look(patience).await.unwrap().get::<_, String>(0), "0");
}
