//! Rows made from records go.

use domain::{Key, Kind};
use tokio_postgres::types::Type;

use super::external;
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{Keys, signed};
use crate::projection::names::thing_id;
use crate::projection::work_id;

/// Lists stay, and so do imported ratings: they are not made from records.
pub(super) async fn clear(tx: &Transaction<'_>) -> Result<(), Fault> {
    tx.batch(
        "TRUNCATE works, work_texts, works_meta, work_cards, similar_works, rating_sources,
             aggregates, people, things, facets, work_names, person_names, thing_names, external_ids",
    )
    .await
}

pub(super) async fn remove(tx: &Transaction<'_>, keys: &[Key]) -> Result<(), Fault> {
    let works: Vec<i64> = keys.iter().filter_map(work_id).collect();
    let people = keys.iter().filter(|key| key.kind() == Kind::Person);
    let people: Vec<i64> = people.map(|key| signed(key.id())).collect();
    let things = keys.iter().filter(|key| work_id(key).is_none() && key.kind() != Kind::Person);
    let things = Keys::of(things);
    let named: Vec<i64> = keys.iter().filter_map(thing_id).collect();
    external::remove(tx, keys).await?;
    if !works.is_empty() {
        remove_works(tx, &works).await?;
    }
    if !people.is_empty() {
        tx.run(
            "WITH names AS (DELETE FROM person_names WHERE person_id = ANY($1))
             DELETE FROM people WHERE person_id IN
                 (SELECT person_id FROM people WHERE person_id = ANY($1)
                  ORDER BY person_id FOR UPDATE)",
            &[(&people, Type::INT8_ARRAY)],
        )
        .await?;
    }
    if !named.is_empty() {
        let sql = "DELETE FROM thing_names WHERE thing_id = ANY($1)";
        tx.run(sql, &[(&named, Type::INT8_ARRAY)]).await?;
    }
    if !things.ids.is_empty() {
        tx.run(
            "DELETE FROM things WHERE (kind, id, season, episode) IN
                 (SELECT t.kind, t.id, t.season, t.episode
                  FROM UNNEST($1::int2[], $2::int8[], $3::int4[], $4::int4[])
                      AS k (kind, id, season, episode)
                  JOIN things t USING (kind, id, season, episode)
                  ORDER BY kind, id, season, episode FOR UPDATE OF t)",
            &things.values(),
        )
        .await?;
    }
    Ok(())
}

/// What other titles say of it in `similar_works` is of their records.
async fn remove_works(tx: &Transaction<'_>, ids: &[i64]) -> Result<(), Fault> {
    let ids = [(&ids as _, Type::INT8_ARRAY)];
    let lock = "SELECT work_id FROM works WHERE work_id = ANY($1) ORDER BY work_id FOR UPDATE";
    tx.rows(lock, &ids).await?;
    // One statement: tables that it names before `works` count as of before it, as all do.
    tx.run(
        "WITH texts AS (DELETE FROM work_texts WHERE work_id = ANY($1)),
              metas AS (DELETE FROM works_meta WHERE work_id = ANY($1)),
              cards AS (DELETE FROM work_cards WHERE work_id = ANY($1)),
              similar_ones AS (DELETE FROM similar_works WHERE work_id = ANY($1)),
              ratings AS (DELETE FROM rating_sources WHERE work_id = ANY($1)),
              facets_of AS (DELETE FROM facets WHERE work_id = ANY($1)),
              names AS (DELETE FROM work_names WHERE work_id = ANY($1)),
              scores AS (DELETE FROM aggregates WHERE work_id = ANY($1))
         DELETE FROM works WHERE work_id = ANY($1)",
        &ids,
    )
    .await?;
    Ok(())
}
