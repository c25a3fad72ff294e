//! Imported ratings, and the scores of titles that have some.

use std::collections::{BTreeMap, HashMap};

use domain::catalogue::{Rating, Rescored};
use domain::rating::{ImportedRating, ImportedSource, RatedTitle, RatingSource};
use domain::score::{self, METHOD_VERSION, Score};
use domain::{Key, StoreError, Timestamp};
use tokio_postgres::Row;
use tokio_postgres::types::{Json, Type};

use super::write::{Title, put_scores};
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{instant, limit, signed, time_at, unsigned};
use crate::projection::{self, work_id, work_key};

/// Held by those who write titles with what was imported for them, and alone by those who import:
/// otherwise a title and a rating of it that come at once would miss each other.
const LOCK: i64 = 0x5261_7465;

/// Titles that are scored again at a time.
const STEP: usize = 5_000;

pub(super) async fn let_none_be_imported(tx: &Transaction<'_>) -> Result<(), Fault> {
    tx.rows("SELECT pg_advisory_xact_lock_shared($1)", &[(&LOCK, Type::INT8)]).await?;
    Ok(())
}

async fn let_none_be_written(tx: &Transaction<'_>) -> Result<(), Fault> {
    tx.rows("SELECT pg_advisory_xact_lock($1)", &[(&LOCK, Type::INT8)]).await?;
    Ok(())
}

/// What was imported for titles: first for their IMDb ids, then for their keys.
pub(super) async fn imported_for(
    tx: &Transaction<'_>,
    works: &BTreeMap<i64, Title>,
) -> Result<HashMap<i64, Vec<Rating>>, Fault> {
    let (mut ids, mut names) = (vec![], vec![]);
    for (id, title) in works {
        let key = work_key(*id)?.to_string();
        // One with a NUL is nobody's.
        let imdb_id = title.work.row.imdb_id.clone().filter(|name| !name.contains('\0'));
        for name in imdb_id.into_iter().chain([key]) {
            ids.push(*id);
            names.push(name);
        }
    }
    let rows = tx
        .rows(
            "SELECT work_id, source, value_raw, scale, votes, imported_at
             FROM UNNEST($1::int8[], $2::text[]) WITH ORDINALITY AS asked (work_id, name, place)
             JOIN imported_ratings ON title_ref = name
             ORDER BY place",
            &[(&ids, Type::INT8_ARRAY), (&names, Type::TEXT_ARRAY)],
        )
        .await?;
    let mut imported: HashMap<i64, Vec<Rating>> = HashMap::new();
    for row in &rows {
        let (votes, seen_at) = (unsigned(row.try_get(4)?), time_at(row, 5)?);
        let (source, value, scale) = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        let rating = projection::ratings::imported(source, value, scale, votes, seen_at);
        imported.entry(row.try_get(0)?).or_default().push(rating);
    }
    Ok(imported)
}

/// The columns of imported ratings of one source.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    /// Of titles that are rated by their key.
    work_ids: Vec<Option<i64>>,
    values: Vec<f64>,
    scales: Vec<f64>,
    shares: Vec<f64>,
    votes: Vec<i64>,
}

impl Columns {
    /// Of several ratings of a title the last counts.
    fn of(ratings: &[ImportedRating], now: Timestamp) -> Self {
        let by_title: BTreeMap<_, _> = ratings.iter().map(|one| (&one.title, one)).collect();
        let mut columns = Self::default();
        for (title, one) in by_title {
            let shown =
                projection::ratings::imported(String::new(), one.value, one.scale, one.votes, now);
            columns.names.push(title.to_string());
            columns.work_ids.push(match title {
                RatedTitle::ImdbId(_) => None,
                RatedTitle::Key(key) => work_id(key),
            });
            columns.values.push(one.value);
            columns.scales.push(one.scale);
            columns.shares.push(shown.value_0_100);
            columns.votes.push(signed(one.votes));
        }
        columns
    }
}

pub(super) async fn import(
    tx: &Transaction<'_>,
    source: &RatingSource,
    ratings: &[ImportedRating],
    now: Timestamp,
) -> Result<u64, Fault> {
    let_none_be_written(tx).await?;
    let columns = Columns::of(ratings, now);
    let source = source.as_str();
    tx.run(
        "INSERT INTO imported_ratings (source, imported_at, title_ref, value_raw, scale, votes)
         SELECT $1, $2, * FROM UNNEST($3::text[], $4::float8[], $5::float8[], $6::int8[])
         ON CONFLICT (title_ref, source) DO UPDATE
         SET value_raw = excluded.value_raw, scale = excluded.scale, votes = excluded.votes,
             imported_at = excluded.imported_at",
        &[
            (&source, Type::TEXT),
            (&instant(now), Type::TIMESTAMPTZ),
            (&columns.names, Type::TEXT_ARRAY),
            (&columns.values, Type::FLOAT8_ARRAY),
            (&columns.scales, Type::FLOAT8_ARRAY),
            (&columns.votes, Type::INT8_ARRAY),
        ],
    )
    .await?;
    let changed = tx
        .rows(
            "WITH batch AS (
                 SELECT * FROM UNNEST($3::text[], $4::int8[], $5::float8[], $6::float8[],
                                      $7::float8[], $8::int8[])
                     AS b (title_ref, own_id, value_raw, scale, value_0_100, votes)
             ), taken AS (
                 SELECT w.work_id, b.* FROM batch b JOIN works w ON w.work_id = b.own_id
                 UNION ALL
                 -- Not by titles that have one of their own key.
                 SELECT w.work_id, b.* FROM batch b JOIN works w ON w.imdb_id = b.title_ref
                 WHERE b.own_id IS NULL
                   AND NOT EXISTS (SELECT 1 FROM imported_ratings own
                                   WHERE own.title_ref = w.kind || '/' || w.tmdb_id
                                     AND own.source = $1)
             )
             INSERT INTO rating_sources
                 (work_id, source_name, value_raw, scale, value_0_100, votes_count, last_seen_at)
             SELECT work_id, $1, value_raw, scale, value_0_100, votes, $2 FROM taken
             ON CONFLICT (work_id, source_name) DO UPDATE
             SET value_raw = excluded.value_raw, scale = excluded.scale,
                 value_0_100 = excluded.value_0_100, votes_count = excluded.votes_count,
                 last_seen_at = excluded.last_seen_at
             RETURNING work_id",
            &[
                (&source, Type::TEXT),
                (&instant(now), Type::TIMESTAMPTZ),
                (&columns.names, Type::TEXT_ARRAY),
                (&columns.work_ids, Type::INT8_ARRAY),
                (&columns.values, Type::FLOAT8_ARRAY),
                (&columns.scales, Type::FLOAT8_ARRAY),
                (&columns.shares, Type::FLOAT8_ARRAY),
                (&columns.votes, Type::INT8_ARRAY),
            ],
        )
        .await?;
    let ids = ids(&changed)?;
    score_again(tx, &ids).await?;
    Ok(unsigned(limit(ids.len())))
}

fn ids(rows: &[Row]) -> Result<Vec<i64>, Fault> {
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

async fn score_again(tx: &Transaction<'_>, ids: &[i64]) -> Result<(), Fault> {
    for ids in ids.chunks(STEP) {
        let ratings = of(tx, ids).await?;
        let ratings_of = |id| ratings.get(&id).map_or(&[][..], |ratings| &ratings[..]);
        let scores: Vec<_> = ids.iter().map(|id| score::score(ratings_of(*id))).collect();
        let rated = ids.iter().zip(&scores).map(|(id, score)| (*id, &[][..], score.as_ref()));
        put_scores(tx, ids, &rated.collect::<Vec<_>>()).await?;
        let values: Vec<_> =
            scores.iter().map(|score| score.as_ref().map(|score| score.value)).collect();
        tx.run(
            "UPDATE works SET score = s.score FROM UNNEST($1::int8[], $2::float8[]) AS s (id, score)
             WHERE work_id = s.id AND works.score IS DISTINCT FROM s.score",
            &[(&ids, Type::INT8_ARRAY), (&values, Type::FLOAT8_ARRAY)],
        )
        .await?;
    }
    Ok(())
}

/// Those of each title by the names of their sources.
pub(super) async fn of(
    tx: &Transaction<'_>,
    ids: &[i64],
) -> Result<HashMap<i64, Vec<Rating>>, Fault> {
    let rows = tx
        .rows(
            "SELECT work_id, source_name, value_raw, scale, value_0_100, votes_count, last_seen_at
             FROM rating_sources WHERE work_id = ANY($1) ORDER BY work_id, source_name",
            &[(&ids, Type::INT8_ARRAY)],
        )
        .await?;
    let mut ratings: HashMap<i64, Vec<Rating>> = HashMap::new();
    for row in &rows {
        ratings.entry(row.try_get(0)?).or_default().push(Rating {
            source: row.try_get(1)?,
            value: row.try_get(2)?,
            scale: row.try_get(3)?,
            value_0_100: row.try_get(4)?,
            votes: unsigned(row.try_get(5)?),
            last_seen_at: time_at(row, 6)?,
        });
    }
    Ok(ratings)
}

pub(super) async fn scores(
    tx: &Transaction<'_>,
    ids: &[i64],
) -> Result<HashMap<i64, Score>, Fault> {
    let rows = tx
        .rows(
            "SELECT work_id, score, score_low, score_high, method_version, source_scores,
                    computed_at
             FROM aggregates WHERE work_id = ANY($1)",
            &[(&ids, Type::INT8_ARRAY)],
        )
        .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, score_from(row)?))).collect()
}

fn score_from(row: &Row) -> Result<Score, Fault> {
    Ok(Score {
        value: row.try_get(1)?,
        low: row.try_get(2)?,
        high: row.try_get(3)?,
        method_version: u32::try_from(row.try_get::<_, i64>(4)?).unwrap_or(u32::MAX),
        sources: row.try_get::<_, Json<_>>(5)?.0,
        computed_at: time_at(row, 6)?,
    })
}

pub(super) async fn imported(tx: &Transaction<'_>) -> Result<Vec<ImportedSource>, Fault> {
    let rows = tx
        .rows(
            "SELECT source, count(*), max(imported_at),
                    (SELECT count(*) FROM rating_sources
                     WHERE source_name = source AND source_name <> 'TMDB')
             FROM imported_ratings GROUP BY source ORDER BY source",
            &[],
        )
        .await?;
    let sources = rows.iter().map(|row| {
        Ok(ImportedSource {
            source: row.try_get(0)?,
            ratings: unsigned(row.try_get(1)?),
            titles: unsigned(row.try_get(3)?),
            imported_at: time_at(row, 2)?,
        })
    });
    sources.collect()
}

pub(super) async fn forget(tx: &Transaction<'_>, source: &RatingSource) -> Result<u64, Fault> {
    let_none_be_written(tx).await?;
    let source = [(&source.as_str() as _, Type::TEXT)];
    let rated = tx
        .rows(
            "DELETE FROM rating_sources WHERE source_name = $1 AND source_name <> 'TMDB'
             RETURNING work_id",
            &source,
        )
        .await?;
    let forgotten = tx.run("DELETE FROM imported_ratings WHERE source = $1", &source).await?;
    score_again(tx, &ids(&rated)?).await?;
    Ok(forgotten)
}

pub(super) async fn rescore(
    tx: &Transaction<'_>,
    after: Option<Key>,
    titles: usize,
) -> Result<Rescored, Fault> {
    let_none_be_written(tx).await?;
    let after = after.as_ref().and_then(work_id).unwrap_or(i64::MIN);
    let rows = tx
        .rows(
            "SELECT work_id FROM works LEFT JOIN aggregates USING (work_id)
             WHERE work_id > $1 AND method_version IS DISTINCT FROM $2
             ORDER BY work_id LIMIT $3",
            &[
                (&after, Type::INT8),
                (&i64::from(METHOD_VERSION), Type::INT8),
                (&limit(titles), Type::INT8),
            ],
        )
        .await?;
    let ids = ids(&rows)?;
    score_again(tx, &ids).await?;
    let last: Result<Option<Key>, StoreError> = ids.last().map(|id| work_key(*id)).transpose();
    Ok(Rescored { titles: unsigned(limit(ids.len())), last: last? })
}
