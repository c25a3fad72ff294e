//! Versions as they are stored. Pages follow the primary key.

use bytes::Bytes;
use domain::archive::{ArchiveStats, KindStats, Scan, Version};
use domain::record::ContentHash;
use domain::staleness::Freshness;
use domain::{Key, Kind, Record, Timestamp};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::columns::{Numbered, hash_at, size_at, slot, small, small_at, stored_at};
use super::{heads, proofs};
use crate::archive::{Detail, MAX_CHAIN, Standing, VersionRow};
use crate::postgres::connection::{Transaction, Value};
use crate::postgres::fault::Fault;
use crate::postgres::queries::join;
use crate::postgres::values::{
    Keys, instant, key_at, key_columns, kind_at, limit, maybe_time_at, time_at, unsigned,
};

/// All of a version, from `versions v` and `queries`, in 17 columns.
macro_rules! version {
    () => {
        "v.kind, v.id, v.season, v.episode, v.version, v.valid_from, v.fetched_at, v.hash,
         v.schema_version, v.asked_path, query, v.body_bytes, v.stored, v.object, v.stored_bytes,
         v.dictionary_id, v.patched"
    };
}
pub(super) use version;

/// Versions of the key in the first four values.
macro_rules! versions_of_key {
    () => {
        " FROM versions v LEFT JOIN queries USING (query_id)
          WHERE v.kind = $1 AND v.id = $2 AND v.season = $3 AND v.episode = $4 "
    };
}

/// Four columns, as values.
type KeyColumns = (i16, i64, i32, i32);

fn key_values((kind, id, season, episode): &KeyColumns) -> [Value<'_>; 4] {
    [(kind, Type::INT2), (id, Type::INT8), (season, Type::INT4), (episode, Type::INT4)]
}

pub(super) async fn newest(tx: &Transaction<'_>, key: Key) -> Result<Option<VersionRow>, Fault> {
    let select =
        concat!("SELECT ", version!(), versions_of_key!(), "ORDER BY v.version DESC LIMIT 1");
    let row = tx.maybe(select, &key_values(&key_columns(&key))).await?;
    row.as_ref().map(version_at).transpose()
}

/// The newest version and what is known of its freshness, asked for at once.
pub(super) async fn current(
    tx: &Transaction<'_>,
    key: Key,
) -> Result<Option<(VersionRow, Freshness)>, Fault> {
    let keys = [key];
    let (row, mut freshness) = tokio::try_join!(newest(tx, key), heads::freshness_of(tx, &keys))?;
    Ok(row.zip(freshness.pop().flatten()))
}

/// Key by key on their index, however many versions there are.
pub(super) async fn newest_of(
    tx: &Transaction<'_>,
    keys: &[Key],
) -> Result<Vec<VersionRow>, Fault> {
    let select = concat!(
        "SELECT ",
        version!(),
        " FROM UNNEST($1::int2[], $2::int8[], $3::int4[], $4::int4[])
              AS k (kind, id, season, episode)
          CROSS JOIN LATERAL (
              SELECT * FROM versions o
              WHERE o.kind = k.kind AND o.id = k.id AND o.season = k.season
                AND o.episode = k.episode
              ORDER BY o.version DESC LIMIT 1
          ) AS v LEFT JOIN queries USING (query_id)"
    );
    let rows = tx.rows(select, &Keys::of(keys).values()).await?;
    rows.iter().map(version_at).collect()
}

pub(super) async fn chain(
    tx: &Transaction<'_>,
    key: Key,
    version: u32,
) -> Result<Vec<VersionRow>, Fault> {
    let select = concat!(
        "SELECT ",
        version!(),
        versions_of_key!(),
        "AND v.version >= $5
         AND v.version <= coalesce(
             (SELECT min(version) FROM versions
              WHERE kind = $1 AND id = $2 AND season = $3 AND episode = $4 AND version >= $5
                AND NOT patched), 2147483647)
         ORDER BY v.version"
    );
    let (columns, number) = (key_columns(&key), small(version));
    let mut values = key_values(&columns).to_vec();
    values.push((&number, Type::INT4));
    let rows = tx.rows(select, &values).await?;
    let chain: Vec<_> = rows.iter().map(version_at).collect::<Result<_, _>>()?;
    let is_there = chain.first().is_some_and(|first| first.number == version);
    Ok(if is_there { chain } else { vec![] })
}

pub(super) async fn number_at(
    tx: &Transaction<'_>,
    key: Key,
    at: Timestamp,
) -> Result<Option<u32>, Fault> {
    let (columns, at) = (key_columns(&key), instant(at));
    let mut values = key_values(&columns).to_vec();
    values.push((&at, Type::TIMESTAMPTZ));
    let row = tx
        .maybe(
            "SELECT version FROM versions
             WHERE kind = $1 AND id = $2 AND season = $3 AND episode = $4 AND valid_from <= $5
             ORDER BY version DESC LIMIT 1",
            &values,
        )
        .await?;
    row.map(|row| small_at(&row, 0)).transpose()
}

pub(super) async fn scan(tx: &Transaction<'_>, scan: Scan) -> Result<Vec<VersionRow>, Fault> {
    let (first, last) = bounds(scan.kind, scan.after.map(|key| key_columns(&key)));
    let mut values = key_values(&first).to_vec();
    let most = limit(scan.limit);
    values.extend([(&last as _, Type::INT2), (&most as _, Type::INT8)]);
    let select = concat!(
        "SELECT ",
        version!(),
        " FROM (SELECT kind, id, season, episode, version FROM heads
                WHERE (kind, id, season, episode) > ($1, $2, $3, $4) AND kind <= $5
                ORDER BY kind, id, season, episode LIMIT $6) AS h
              JOIN versions v USING (kind, id, season, episode, version)
              LEFT JOIN queries USING (query_id)
          ORDER BY v.kind, v.id, v.season, v.episode"
    );
    let rows = tx.rows(select, &values).await?;
    rows.iter().map(version_at).collect()
}

pub(super) async fn every_version(
    tx: &Transaction<'_>,
    kind: Option<Kind>,
    after: Option<(Key, u32)>,
    most: usize,
) -> Result<Vec<VersionRow>, Fault> {
    let (first, last) = bounds(kind, after.map(|(key, _)| key_columns(&key)));
    let is_after = after.is_some_and(|(key, _)| key_columns(&key) == first);
    let number = after.filter(|_| is_after).map_or(0, |(_, number)| small(number));
    let mut values = key_values(&first).to_vec();
    let most = limit(most);
    values.extend([(&number as _, Type::INT4), (&last as _, Type::INT2), (&most as _, Type::INT8)]);
    let select = concat!(
        "SELECT ",
        version!(),
        " FROM versions v LEFT JOIN queries USING (query_id)
          WHERE (v.kind, v.id, v.season, v.episode, v.version) > ($1, $2, $3, $4, $5)
            AND v.kind <= $6
          ORDER BY v.kind, v.id, v.season, v.episode, v.version LIMIT $7"
    );
    let rows = tx.rows(select, &values).await?;
    rows.iter().map(version_at).collect()
}

/// After which key a walk begins, and in which kind it ends.
fn bounds(kind: Option<Kind>, after: Option<KeyColumns>) -> (KeyColumns, i16) {
    let after = after.unwrap_or((-1, -1, -1, -1));
    match kind.map(|kind| i16::from(kind.number())) {
        Some(kind) => (after.max((kind, -1, -1, -1)), kind),
        None => (after, i16::MAX),
    }
}

fn version_at(row: &Row) -> Result<VersionRow, Fault> {
    let key = key_at(row, 0)?;
    let record = Record {
        key,
        fetched_at: time_at(row, 6)?,
        asked: asked(&key, row.try_get(9)?, row.try_get(10)?),
        hash: hash_at(row, 7)?,
        schema_version: small_at(row, 8)?,
        body: Bytes::new(),
    };
    Ok(VersionRow {
        number: small_at(row, 4)?,
        record,
        valid_from: time_at(row, 5)?,
        stored: stored_at(row, 12, &key)?,
        body_bytes: size_at(row, 11)?,
    })
}

/// Rows of [`version`], which is all that they start with.
pub(super) fn versions_at(rows: &[Row]) -> Result<Vec<VersionRow>, Fault> {
    rows.iter().map(version_at).collect()
}

fn asked(key: &Key, path: Option<&str>, query: Option<&str>) -> String {
    match path {
        Some(path) => join(path, query),
        None => join(&key.to_string(), query),
    }
}

pub(super) async fn standing(
    tx: &Transaction<'_>,
    keys: &[(Key, ContentHash)],
) -> Result<Vec<Option<Standing>>, Fault> {
    let rows = tx
        .rows(
            "SELECT place, h.version, h.fetched_at, h.hash, h.schema_version, dictionary_id
             FROM UNNEST($1, $2, $3, $4) WITH ORDINALITY AS k (kind, id, season, episode, place)
                 JOIN heads h USING (kind, id, season, episode)
                 LEFT JOIN versions v USING (kind, id, season, episode, version)",
            &Keys::of(keys.iter().map(|(key, _)| key)).values(),
        )
        .await?;
    let mut standings = vec![None; keys.len()];
    for row in &rows {
        *slot(&mut standings, row, 0)? = Some(Standing {
            version: small_at(row, 1)?,
            fetched_at: time_at(row, 2)?,
            hash: hash_at(row, 3)?,
            schema_version: small_at(row, 4)?,
            dictionary: row.try_get(5)?,
            detail: None,
        });
    }
    let differing = keys.iter().zip(&mut standings).filter_map(|((key, hash), standing)| {
        standing.as_mut().filter(|standing| standing.hash != *hash).map(|standing| (*key, standing))
    });
    let mut differing: Vec<_> = differing.collect();
    add_details(tx, &mut differing).await?;
    Ok(standings)
}

/// Reads the newest versions, and those before that are patches on them.
async fn add_details(
    tx: &Transaction<'_>,
    standings: &mut [(Key, &mut Standing)],
) -> Result<(), Fault> {
    if standings.is_empty() {
        return Ok(());
    }
    let mut newest = Numbered::default();
    for (key, standing) in standings.iter() {
        newest.push(key, standing.version);
    }
    let mut values = newest.values();
    let longest = limit(MAX_CHAIN);
    values.push((&longest, Type::INT8));
    let select = concat!(
        "SELECT ",
        version!(),
        ", place, (SELECT count(*) FILTER (WHERE hangs)
                   FROM (SELECT bool_and(c.patched) OVER (ORDER BY c.version DESC) AS hangs
                         FROM versions c
                         WHERE c.kind = k.kind AND c.id = k.id AND c.season = k.season
                           AND c.episode = k.episode AND c.version < k.version
                         ORDER BY c.version DESC LIMIT $6) AS below)
         FROM UNNEST($1, $2, $3, $4, $5) WITH ORDINALITY
                  AS k (kind, id, season, episode, version, place)
              JOIN versions v
                  ON v.kind = k.kind AND v.id = k.id AND v.season = k.season
                     AND v.episode = k.episode AND v.version BETWEEN k.version - 1 AND k.version
                     AND (v.version = k.version OR v.patched)
              LEFT JOIN queries USING (query_id)
         ORDER BY place, v.version DESC"
    );
    for row in &tx.rows(select, &values).await? {
        let version = version_at(row)?;
        let (_, standing) = slot(standings, row, 17)?;
        if let Some(detail) = &mut standing.detail {
            detail.before = Some(version);
        } else if version.number == standing.version {
            let chain_below = size_at(row, 18)?;
            standing.detail = Some(Detail { newest: version, before: None, chain_below });
        }
    }
    Ok(())
}

pub(super) async fn versions(tx: &Transaction<'_>, key: Key) -> Result<Vec<Version>, Fault> {
    let select = concat!(
        "SELECT v.version, valid_from, fetched_at, asked_path, query, schema_version,
                stored_bytes, body_bytes",
        versions_of_key!(),
        "ORDER BY v.version"
    );
    let rows = tx.rows(select, &key_values(&key_columns(&key))).await?;
    let version = |row: &Row| {
        Ok(Version {
            number: small_at(row, 0)?,
            valid_from: time_at(row, 1)?,
            fetched_at: time_at(row, 2)?,
            asked: asked(&key, row.try_get(3)?, row.try_get(4)?),
            schema_version: small_at(row, 5)?,
            stored_bytes: unsigned(row.try_get(6)?),
            body_bytes: unsigned(row.try_get(7)?),
        })
    };
    rows.iter().map(version).collect()
}

pub(super) async fn stats(tx: &Transaction<'_>) -> Result<ArchiveStats, Fault> {
    let rows = tx
        .rows(
            "SELECT kind, keys, versions, stored_bytes, body_bytes, with_dictionary, oldest, newest,
                    added_at
             FROM (SELECT kind, count(*) AS versions, sum(stored_bytes)::bigint AS stored_bytes,
                          sum(body_bytes)::bigint AS body_bytes,
                          count(dictionary_id) AS with_dictionary, min(fetched_at) AS oldest,
                          max(fetched_at) AS newest
                   FROM versions GROUP BY kind) AS v
                 JOIN (SELECT kind, count(*) AS keys FROM heads GROUP BY kind) AS h USING (kind)
                 LEFT JOIN (SELECT kind, max(added_at) AS added_at FROM dictionaries
                            GROUP BY kind) AS d USING (kind)
             ORDER BY kind",
            &[],
        )
        .await?;
    let kind = |row: &Row| {
        Ok(KindStats {
            kind: kind_at(row, 0)?,
            keys: unsigned(row.try_get(1)?),
            versions: unsigned(row.try_get(2)?),
            stored_bytes: unsigned(row.try_get(3)?),
            body_bytes: unsigned(row.try_get(4)?),
            with_dictionary: unsigned(row.try_get(5)?),
            oldest_fetched_at: maybe_time_at(row, 6)?,
            newest_fetched_at: maybe_time_at(row, 7)?,
            dictionary_added_at: maybe_time_at(row, 8)?,
        })
    };
    let kinds = rows.iter().map(kind).collect::<Result<_, Fault>>()?;
    let (suspects, tombstones) = proofs::counts(tx).await?;
    Ok(ArchiveStats { kinds, suspects, tombstones })
}
