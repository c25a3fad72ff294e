//! What is known of keys without their bodies: asked a million times by a harvest.
//!
//! One row a key, written with every record. Whoever changes anything of keys
//! that have one locks it first, in the order of keys.

use std::collections::{HashMap, HashSet};

use domain::archive::{Head, Known};
use domain::outline::{Figures, Outline};
use domain::record::ContentHash;
use domain::staleness::{Doubt, Freshness};
use domain::{Key, Kind, Record, Timestamp};
use jiff::civil::Date;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::columns::{day, hash_at, slot, small, small_at, with};
use crate::postgres::connection::{Transaction, Value};
use crate::postgres::fault::Fault;
use crate::postgres::values::{
    Keys, instant, key_at, key_columns, limit, maybe_time_at, signed, time_at, unsigned,
};

/// Ids in one answer.
const PAGE: i64 = 100_000;

pub(super) async fn heads(tx: &Transaction<'_>, keys: &[Key]) -> Result<Vec<Option<Head>>, Fault> {
    let rows = tx
        .rows(
            "SELECT place, version, fetched_at, hash, schema_version
             FROM UNNEST($1, $2, $3, $4) WITH ORDINALITY AS k (kind, id, season, episode, place)
                 JOIN heads USING (kind, id, season, episode)",
            &Keys::of(keys).values(),
        )
        .await?;
    let mut heads = vec![None; keys.len()];
    for row in &rows {
        *slot(&mut heads, row, 0)? = Some(Head {
            version: small_at(row, 1)?,
            fetched_at: time_at(row, 2)?,
            hash: hash_at(row, 3)?,
            schema_version: small_at(row, 4)?,
        });
    }
    Ok(heads)
}

/// Every id is in the table once only where it is the whole of the key. Pages come
/// as two arrays each: a row for each id would weigh ten times as much.
pub(super) async fn known(tx: &Transaction<'_>, kind: Kind) -> Result<Known, Fault> {
    let mut known = Known::default();
    if matches!(kind, Kind::Season | Kind::Episode) {
        return Ok(known);
    }
    let mut last = -1;
    loop {
        let row = tx
            .one(
                "SELECT coalesce(array_agg(id), '{}'), coalesce(array_agg(popularity), '{}')
                 FROM (SELECT id, coalesce(popularity, 0)::real AS popularity FROM heads
                       WHERE kind = $1 AND id > $2 ORDER BY id LIMIT $3) AS page",
                &[
                    (&i16::from(kind.number()), Type::INT2),
                    (&last, Type::INT8),
                    (&PAGE, Type::INT8),
                ],
            )
            .await?;
        let ids: Vec<i64> = row.try_get(0)?;
        let popularity: Vec<f32> = row.try_get(1)?;
        known.popularity.extend(popularity);
        known.ids.extend(ids.iter().map(|id| unsigned(*id)));
        match ids.last() {
            Some(id) if limit(ids.len()) == PAGE => last = *id,
            _ => return Ok(known),
        }
    }
}

pub(super) async fn freshness(
    tx: &Transaction<'_>,
    after: Option<Key>,
    most: usize,
) -> Result<Vec<Freshness>, Fault> {
    let (kind, id, season, episode) = after.map_or((-1, -1, -1, -1), |key| key_columns(&key));
    let rows = tx
        .rows(
            "SELECT h.kind, h.id, h.season, h.episode, h.fetched_at, schema_version, released,
                    airs, is_open, missed_at, t.since IS NOT NULL
             FROM (SELECT * FROM heads WHERE (kind, id, season, episode) > ($1, $2, $3, $4)
                   ORDER BY kind, id, season, episode LIMIT $5) AS h
                 LEFT JOIN evidence USING (kind, id, season, episode)
                 LEFT JOIN tombstones t USING (kind, id, season, episode)
             ORDER BY h.kind, h.id, h.season, h.episode",
            &[
                (&kind, Type::INT2),
                (&id, Type::INT8),
                (&season, Type::INT4),
                (&episode, Type::INT4),
                (&limit(most), Type::INT8),
            ],
        )
        .await?;
    rows.iter().map(fresh).collect()
}

pub(super) async fn freshness_of(
    tx: &Transaction<'_>,
    keys: &[Key],
) -> Result<Vec<Option<Freshness>>, Fault> {
    let rows = tx
        .rows(
            "SELECT kind, id, season, episode, h.fetched_at, schema_version, released, airs,
                    is_open, missed_at, t.since IS NOT NULL, k.place
             FROM UNNEST($1, $2, $3, $4) WITH ORDINALITY AS k (kind, id, season, episode, place)
                 JOIN heads h USING (kind, id, season, episode)
                 LEFT JOIN evidence USING (kind, id, season, episode)
                 LEFT JOIN tombstones t USING (kind, id, season, episode)",
            &Keys::of(keys).values(),
        )
        .await?;
    let mut found = vec![None; keys.len()];
    for row in &rows {
        *slot(&mut found, row, 11)? = Some(fresh(row)?);
    }
    Ok(found)
}

fn fresh(row: &Row) -> Result<Freshness, Fault> {
    let doubt = match maybe_time_at(row, 9)? {
        _ if row.try_get(10)? => Doubt::Buried,
        Some(missed_at) => Doubt::Missed(missed_at),
        None => Doubt::None,
    };
    Ok(Freshness {
        key: key_at(row, 0)?,
        fetched_at: time_at(row, 4)?,
        schema_version: small_at(row, 5)?,
        released: row.try_get(6)?,
        airs: row.try_get(7)?,
        is_open: row.try_get(8)?,
        doubt,
    })
}

/// A head that is locked, so that it stays as it is.
pub(super) struct Held {
    pub(super) seen: (u32, ContentHash),
    pub(super) fetched_at: Timestamp,
    /// As last known, from a record or an export.
    pub(super) figures: Figures,
}

/// Locks the heads of keys, in the order of keys.
pub(super) async fn hold(tx: &Transaction<'_>, keys: &Keys) -> Result<HashMap<Key, Held>, Fault> {
    let rows = tx
        .rows(
            "SELECT h.kind, h.id, h.season, h.episode, version, hash, fetched_at, popularity,
                    vote_average, vote_count
             FROM heads h
                 JOIN UNNEST($1, $2, $3, $4) AS k (kind, id, season, episode)
                     USING (kind, id, season, episode)
             ORDER BY h.kind, h.id, h.season, h.episode FOR UPDATE OF h",
            &keys.values(),
        )
        .await?;
    let held = rows.iter().map(|row| {
        let held = Held {
            seen: (small_at(row, 4)?, hash_at(row, 5)?),
            fetched_at: time_at(row, 6)?,
            figures: figures_at(row, 7)?,
        };
        Ok((key_at(row, 0)?, held))
    });
    held.collect()
}

/// Reads three columns: popularity, `vote_average`, `vote_count`.
fn figures_at(row: &Row, first: usize) -> Result<Figures, Fault> {
    Ok(Figures {
        popularity: row.try_get(first)?,
        vote_average: row.try_get(first + 1)?,
        vote_count: row.try_get::<_, Option<i64>>(first + 2)?.map(unsigned),
    })
}

/// Heads on their way into the table.
#[derive(Default)]
pub(super) struct Heads<'a> {
    keys: Keys,
    versions: Vec<i32>,
    fetched_at: Vec<jiff::Timestamp>,
    schema_versions: Vec<i32>,
    released: Vec<Option<Date>>,
    airs: Vec<Option<Date>>,
    are_open: Vec<bool>,
    popularity: Vec<Option<f64>>,
    vote_averages: Vec<Option<f64>>,
    vote_counts: Vec<Option<i64>>,
    hashes: Vec<&'a [u8]>,
}

/// [`Heads`] as a table `n`.
macro_rules! new_heads {
    () => {
        "UNNEST($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             AS n (kind, id, season, episode, version, fetched_at, schema_version, released, airs,
                   is_open, popularity, vote_average, vote_count, hash) "
    };
}

impl<'a> Heads<'a> {
    pub(super) fn push(
        &mut self,
        record: &'a Record,
        version: u32,
        outline: &Outline,
        figures: &Figures,
    ) {
        self.keys.push(&record.key);
        self.versions.push(small(version));
        self.fetched_at.push(instant(record.fetched_at));
        self.schema_versions.push(small(record.schema_version));
        self.released.push(day(outline.released));
        self.airs.push(day(outline.airs));
        self.are_open.push(outline.is_open);
        self.popularity.push(figures.popularity);
        self.vote_averages.push(figures.vote_average);
        self.vote_counts.push(figures.vote_count.map(signed));
        self.hashes.push(&record.hash.0);
    }

    fn values(&self) -> Vec<Value<'_>> {
        let more: [Value<'_>; 10] = [
            (&self.versions, Type::INT4_ARRAY),
            (&self.fetched_at, Type::TIMESTAMPTZ_ARRAY),
            (&self.schema_versions, Type::INT4_ARRAY),
            (&self.released, Type::DATE_ARRAY),
            (&self.airs, Type::DATE_ARRAY),
            (&self.are_open, Type::BOOL_ARRAY),
            (&self.popularity, Type::FLOAT8_ARRAY),
            (&self.vote_averages, Type::FLOAT8_ARRAY),
            (&self.vote_counts, Type::INT8_ARRAY),
            (&self.hashes, Type::BYTEA_ARRAY),
        ];
        with(&self.keys, more)
    }

    /// Adds those whose key has none yet, in the order of keys. Returns their keys.
    pub(super) async fn insert(&self, tx: &Transaction<'_>) -> Result<HashSet<Key>, Fault> {
        if self.versions.is_empty() {
            return Ok(HashSet::new());
        }
        let insert = concat!(
            "INSERT INTO heads (kind, id, season, episode, version, fetched_at, schema_version,
                                released, airs, is_open, popularity, vote_average, vote_count, hash)
             SELECT * FROM ",
            new_heads!(),
            "ORDER BY kind, id, season, episode
             ON CONFLICT DO NOTHING RETURNING kind, id, season, episode"
        );
        let rows = tx.rows(insert, &self.values()).await?;
        rows.iter().map(|row| key_at(row, 0)).collect()
    }

    /// Replaces heads that are held.
    pub(super) async fn update(&self, tx: &Transaction<'_>) -> Result<(), Fault> {
        if self.versions.is_empty() {
            return Ok(());
        }
        let update = concat!(
            "UPDATE heads h
             SET version = n.version, fetched_at = n.fetched_at,
                 schema_version = n.schema_version, released = n.released, airs = n.airs,
                 is_open = n.is_open, popularity = n.popularity, vote_average = n.vote_average,
                 vote_count = n.vote_count, hash = n.hash
             FROM ",
            new_heads!(),
            "WHERE (h.kind, h.id, h.season, h.episode) = (n.kind, n.id, n.season, n.episode)"
        );
        tx.run(update, &self.values()).await?;
        Ok(())
    }
}

/// Puts held heads back on the versions that are left of keys, or drops them.
/// Returns the keys that have none left.
pub(super) async fn restore(tx: &Transaction<'_>, keys: &Keys) -> Result<HashSet<Key>, Fault> {
    tx.run(
        "UPDATE heads h
         SET version = v.version, fetched_at = v.fetched_at, schema_version = v.schema_version,
             hash = v.hash
         FROM UNNEST($1, $2, $3, $4) AS k (kind, id, season, episode)
             CROSS JOIN LATERAL (
                 SELECT version, fetched_at, schema_version, hash FROM versions
                 WHERE (kind, id, season, episode) = (k.kind, k.id, k.season, k.episode)
                 ORDER BY version DESC LIMIT 1) AS v
         WHERE (h.kind, h.id, h.season, h.episode) = (k.kind, k.id, k.season, k.episode)
           AND h.version <> v.version",
        &keys.values(),
    )
    .await?;
    let rows = tx
        .rows(
            "WITH gone AS (
                 SELECT kind, id, season, episode
                 FROM UNNEST($1, $2, $3, $4) AS k (kind, id, season, episode)
                 WHERE NOT EXISTS (
                     SELECT FROM versions v
                     WHERE (v.kind, v.id, v.season, v.episode)
                         = (k.kind, k.id, k.season, k.episode))
             ), dropped AS (
                 DELETE FROM heads h USING gone k
                 WHERE (h.kind, h.id, h.season, h.episode)
                     = (k.kind, k.id, k.season, k.episode)
             )
             SELECT kind, id, season, episode FROM gone",
            &keys.values(),
        )
        .await?;
    rows.iter().map(|row| key_at(row, 0)).collect()
}
