//! Compression dictionaries, and that they stay as they are while bodies are written.

use bytes::Bytes;
use domain::{Kind, Timestamp};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::archive::{Dictionary, DictionaryState};
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{instant, kind_at, time_at};

pub(super) async fn state(tx: &Transaction<'_>) -> Result<DictionaryState, Fault> {
    let row = tx
        .one(
            "SELECT coalesce(max(dictionary_id), 0), count(*), count(*) FILTER (WHERE retired)
             FROM dictionaries",
            &[],
        )
        .await?;
    Ok(DictionaryState {
        largest: row.try_get(0)?,
        count: row.try_get(1)?,
        retired: row.try_get(2)?,
    })
}

/// As [`state`], which it stays until the transaction ends. Any number may hold it.
pub(super) async fn hold(tx: &Transaction<'_>) -> Result<DictionaryState, Fault> {
    tx.batch("LOCK TABLE dictionaries IN SHARE MODE").await?;
    state(tx).await
}

/// Waits until nobody holds the dictionaries, and keeps everybody from it: who
/// holds them next sees what was changed.
pub(super) async fn change(tx: &Transaction<'_>) -> Result<DictionaryState, Fault> {
    tx.batch("LOCK TABLE dictionaries IN SHARE ROW EXCLUSIVE MODE").await?;
    state(tx).await
}

pub(super) async fn all(tx: &Transaction<'_>) -> Result<Vec<Dictionary>, Fault> {
    let rows = tx
        .rows(
            "SELECT dictionary_id, kind, added_at, retired, dictionary FROM dictionaries
             ORDER BY dictionary_id",
            &[],
        )
        .await?;
    let dictionary = |row: &Row| {
        Ok(Dictionary {
            number: row.try_get(0)?,
            kind: kind_at(row, 1)?,
            added_at: time_at(row, 2)?,
            is_retired: row.try_get(3)?,
            bytes: Bytes::copy_from_slice(row.try_get(4)?),
        })
    };
    rows.iter().map(dictionary).collect()
}

/// Numbers are given in the order in which dictionaries can be seen: otherwise one
/// that is added while another is dropped might leave the state as it was.
pub(super) async fn add(
    tx: &Transaction<'_>,
    kind: Kind,
    dictionary: &[u8],
    now: Timestamp,
) -> Result<i64, Fault> {
    change(tx).await?;
    let row = tx
        .one(
            "INSERT INTO dictionaries (kind, added_at, dictionary) VALUES ($1, $2, $3)
             RETURNING dictionary_id",
            &[
                (&i16::from(kind.number()), Type::INT2),
                (&instant(now), Type::TIMESTAMPTZ),
                (&dictionary, Type::BYTEA),
            ],
        )
        .await?;
    Ok(row.try_get(0)?)
}
