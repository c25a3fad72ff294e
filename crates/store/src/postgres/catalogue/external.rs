//! Ids at other places.

use domain::Key;
use domain::facets::ExternalSource;
use serde::Serialize;
use tokio_postgres::types::Type;

use crate::postgres::batch::json;
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{Keys, key_at, key_columns};
use crate::projection::External;

#[derive(Serialize)]
struct ExternalRow<'a> {
    kind: i16,
    id: i64,
    season: i32,
    episode: i32,
    source: i16,
    external_id: &'a str,
}

/// Makes ids all there are of their keys. What stays as it was is not written.
pub(super) async fn put(tx: &Transaction<'_>, owners: &[(Key, &[External])]) -> Result<(), Fault> {
    if owners.is_empty() {
        return Ok(());
    }
    let rows = owners.iter().flat_map(|(key, ids)| {
        let (kind, id, season, episode) = key_columns(key);
        ids.iter().map(move |(source, external_id)| {
            let source = source.number();
            ExternalRow { kind, id, season, episode, source, external_id }
        })
    });
    let rows = json(&rows.collect::<Vec<_>>())?;
    let keys = Keys::of(owners.iter().map(|(key, _)| key));
    let [kinds, ids, seasons, episodes] = keys.values();
    tx.run(
        "WITH batch AS MATERIALIZED (
             SELECT * FROM jsonb_populate_recordset(NULL::external_ids, $1::jsonb)
         ), gone AS (
             DELETE FROM external_ids e
             USING UNNEST($2::int2[], $3::int8[], $4::int4[], $5::int4[])
                 AS k (kind, id, season, episode)
             WHERE e.kind = k.kind AND e.id = k.id AND e.season = k.season
               AND e.episode = k.episode
               AND NOT EXISTS (SELECT FROM batch b
                               WHERE b.kind = e.kind AND b.id = e.id AND b.season = e.season
                                 AND b.episode = e.episode AND b.source = e.source)
         )
         INSERT INTO external_ids AS known (kind, id, season, episode, source, external_id)
         SELECT kind, id, season, episode, source, external_id FROM batch
         ORDER BY kind, id, season, episode, source
         ON CONFLICT (kind, id, season, episode, source)
         DO UPDATE SET external_id = excluded.external_id
         WHERE known.external_id <> excluded.external_id",
        &[(&rows, Type::TEXT), kinds, ids, seasons, episodes],
    )
    .await?;
    Ok(())
}

pub(super) async fn remove(tx: &Transaction<'_>, keys: &[Key]) -> Result<(), Fault> {
    tx.run(
        "DELETE FROM external_ids e
         USING UNNEST($1::int2[], $2::int8[], $3::int4[], $4::int4[])
             AS k (kind, id, season, episode)
         WHERE e.kind = k.kind AND e.id = k.id AND e.season = k.season AND e.episode = k.episode",
        &Keys::of(keys).values(),
    )
    .await?;
    Ok(())
}

pub(super) async fn find(
    tx: &Transaction<'_>,
    source: ExternalSource,
    value: &str,
) -> Result<Vec<Key>, Fault> {
    let rows = tx
        .rows(
            "SELECT kind, id, season, episode FROM external_ids
             WHERE external_id = $1 AND source = $2
             ORDER BY kind, id, season, episode LIMIT 100",
            &[(&value, Type::TEXT), (&source.number(), Type::INT2)],
        )
        .await?;
    rows.iter().map(|row| key_at(row, 0)).collect()
}
