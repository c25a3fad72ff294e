//! Drops what may not be kept any longer, a bounded number of rows at a time.

use std::collections::{BTreeSet, HashSet};

use domain::archive::{PurgeTerms, Purged};
use domain::{Key, Kind, Timestamp};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::columns::with;
use super::objects::{discard, name_of};
use super::read::{version, versions_at};
use super::write::{Replacements, left};
use super::{dictionaries, heads, series};
use crate::archive::{Expired, Repacked, VersionRow};
use crate::postgres::connection::{Transaction, Value};
use crate::postgres::fault::Fault;
use crate::postgres::values::{Keys, instant, key_at, limit, signed};

pub(super) async fn expired(
    tx: &Transaction<'_>,
    terms: &PurgeTerms,
    most: usize,
) -> Result<Expired, Fault> {
    let buried = keys(
        tx,
        "SELECT kind, id, season, episode FROM tombstones WHERE has_records AND since < $1
         ORDER BY since LIMIT $2",
        terms.buried_before,
        most,
    )
    .await?;
    // The first so many versions are of as many keys at most.
    let aged = keys(
        tx,
        "SELECT kind, id, season, episode
         FROM (SELECT kind, id, season, episode FROM versions WHERE fetched_at < $1
               ORDER BY fetched_at LIMIT $2) AS v
         GROUP BY kind, id, season, episode ORDER BY kind, id, season, episode",
        terms.fetched_before,
        most - buried.len(),
    )
    .await?;
    let retiring = tx
        .rows(
            "SELECT dictionary_id FROM dictionaries WHERE added_at < $1 AND NOT retired",
            &[(&instant(terms.fetched_before), Type::TIMESTAMPTZ)],
        )
        .await?;
    Ok(Expired {
        terms: *terms,
        limit: most,
        dictionaries: dictionaries::state(tx).await?,
        buried,
        aged,
        retiring: numbers(&retiring)?,
        repacking: packed_with_retired(tx, most).await?,
        unused: numbers(&tx.rows(UNUSED, &[]).await?)?,
    })
}

async fn keys(
    tx: &Transaction<'_>,
    select: &str,
    before: Timestamp,
    most: usize,
) -> Result<Vec<Key>, Fault> {
    let values: [Value<'_>; 2] =
        [(&instant(before), Type::TIMESTAMPTZ), (&limit(most), Type::INT8)];
    tx.rows(select, &values).await?.iter().map(|row| key_at(row, 0)).collect()
}

fn numbers(rows: &[Row]) -> Result<Vec<i64>, Fault> {
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Dictionaries that nothing is written with any more and no body needs. One of
/// number 0 may be packed with any of its kind.
const UNUSED: &str = "
    SELECT dictionary_id FROM dictionaries d
    WHERE (retired OR EXISTS (
              SELECT FROM dictionaries newer
              WHERE newer.kind = d.kind AND newer.dictionary_id > d.dictionary_id
                AND NOT newer.retired))
      AND NOT EXISTS (SELECT FROM versions v WHERE v.dictionary_id = d.dictionary_id)
      AND NOT EXISTS (SELECT FROM versions v WHERE v.dictionary_id = 0 AND v.kind = d.kind)";

async fn packed_with_retired(tx: &Transaction<'_>, most: usize) -> Result<Vec<VersionRow>, Fault> {
    let select = concat!(
        "SELECT ",
        version!(),
        " FROM dictionaries d
              JOIN versions v ON v.kind = d.kind AND v.dictionary_id IN (0, d.dictionary_id)
              LEFT JOIN queries USING (query_id)
          WHERE d.retired LIMIT $1"
    );
    versions_at(&tx.rows(select, &[(&limit(most), Type::INT8)]).await?)
}

pub(super) async fn drop_expired(
    tx: &Transaction<'_>,
    expired: &Expired,
    repacked: &[Repacked],
) -> Result<Purged, Fault> {
    let Expired { terms, limit: most, retiring, repacking, unused, .. } = expired;
    let is_about_dictionaries = !(retiring.is_empty() && unused.is_empty() && repacked.is_empty());
    let are_dictionaries_as_found =
        is_about_dictionaries && dictionaries::change(tx).await? == expired.dictionaries;
    let mut purged = drop_keys(tx, expired, repacked).await?;
    purged.series_points = series::forget(tx, &purged.keys).await?;
    let forgotten = series::forget_before(tx, terms.fetched_before, *most).await?;
    purged.series_points += forgotten.points;
    forget_strangers(tx, terms.buried_before).await?;
    if are_dictionaries_as_found {
        change_dictionaries(tx, expired, repacked).await?;
    } else {
        let left = repacked.iter().filter_map(|Repacked { key, version, stored, .. }| {
            name_of(key, *version, &stored.place)
        });
        discard(tx, left.collect()).await?;
    }
    purged.is_end = forgotten.is_end
        && retiring.is_empty()
        && repacking.is_empty()
        && (are_dictionaries_as_found || !is_about_dictionaries)
        && !is_any_left(tx, terms).await?;
    Ok(purged)
}

/// Drops the versions of keys under tombstones, and those that are too old.
async fn drop_keys(
    tx: &Transaction<'_>,
    Expired { terms, buried, aged, .. }: &Expired,
    repacked: &[Repacked],
) -> Result<Purged, Fault> {
    let parts = parts(tx, buried).await?;
    let all: BTreeSet<Key> = buried.iter().chain(&parts).chain(aged).copied().collect();
    let all: BTreeSet<Key> = repacked.iter().map(|repacked| repacked.key).chain(all).collect();
    heads::hold(tx, &Keys::of(&all)).await?;
    // A record or a sighting may have come since they were found.
    let emptied = empty_tombstones(tx, buried, terms.buried_before).await?;
    let mut purged = Purged::default();
    for key in buried.iter().filter(|key| emptied.contains(key)) {
        let is_part = |part: &&Key| key.kind() == Kind::Tv && part.id() == key.id();
        purged.keys.extend(std::iter::once(key).chain(parts.iter().filter(is_part)).copied());
    }
    let mut columns = Keys::of(&purged.keys);
    let mut before = vec![None; purged.keys.len()];
    for key in aged.iter().filter(|key| !purged.keys.contains(key)) {
        columns.push(key);
        before.push(Some(instant(terms.fetched_before)));
    }
    purged.versions = drop_versions(tx, &columns, &before).await?;
    let gone = heads::restore(tx, &columns).await?;
    let aged = aged.iter().filter(|key| gone.contains(key) && !purged.keys.contains(key));
    let aged: Vec<Key> = aged.copied().collect();
    purged.keys.extend(aged);
    Ok(purged)
}

/// The seasons and episodes of shows: they go with them.
async fn parts(tx: &Transaction<'_>, keys: &[Key]) -> Result<Vec<Key>, Fault> {
    let shows = keys.iter().filter(|key| key.kind() == Kind::Tv);
    let shows: Vec<i64> = shows.map(|key| signed(key.id())).collect();
    if shows.is_empty() {
        return Ok(vec![]);
    }
    let kinds = [Kind::Season, Kind::Episode].map(|kind| i16::from(kind.number())).to_vec();
    let rows = tx
        .rows(
            "SELECT kind, id, season, episode FROM heads WHERE kind = ANY($1) AND id = ANY($2)
             ORDER BY kind, id, season, episode",
            &[(&kinds, Type::INT2_ARRAY), (&shows, Type::INT8_ARRAY)],
        )
        .await?;
    rows.iter().map(|row| key_at(row, 0)).collect()
}

/// Returns the keys under whose tombstone records are still there to be dropped.
async fn empty_tombstones(
    tx: &Transaction<'_>,
    keys: &[Key],
    before: Timestamp,
) -> Result<HashSet<Key>, Fault> {
    if keys.is_empty() {
        return Ok(HashSet::new());
    }
    let (keys, before) = (Keys::of(keys), instant(before));
    let rows = tx
        .rows(
            "UPDATE tombstones t SET has_records = false
             FROM UNNEST($1, $2, $3, $4) AS k (kind, id, season, episode)
             WHERE (t.kind, t.id, t.season, t.episode) = (k.kind, k.id, k.season, k.episode)
               AND has_records AND since < $5
             RETURNING t.kind, t.id, t.season, t.episode",
            &with(&keys, [(&before as _, Type::TIMESTAMPTZ)]),
        )
        .await?;
    rows.iter().map(|row| key_at(row, 0)).collect()
}

/// Drops the versions of keys that were fetched before an instant, or all. Returns
/// how many.
async fn drop_versions(
    tx: &Transaction<'_>,
    keys: &Keys,
    before: &Vec<Option<jiff::Timestamp>>,
) -> Result<u64, Fault> {
    let rows = tx
        .rows(
            "DELETE FROM versions v
             USING UNNEST($1, $2, $3, $4, $5) AS k (kind, id, season, episode, before)
             WHERE (v.kind, v.id, v.season, v.episode) = (k.kind, k.id, k.season, k.episode)
               AND (before IS NULL OR v.fetched_at < before)
             RETURNING v.kind, v.id, v.season, v.episode, v.version, v.object",
            &with(keys, [(before as _, Type::TIMESTAMPTZ_ARRAY)]),
        )
        .await?;
    discard(tx, left(&rows)?).await?;
    Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
}

/// Forgets that TMDB answered 404 for keys of which nothing was ever held.
async fn forget_strangers(tx: &Transaction<'_>, before: Timestamp) -> Result<(), Fault> {
    tx.run(
        "DELETE FROM evidence e
         WHERE missed_at < $1
           AND NOT EXISTS (
               SELECT FROM heads h
               WHERE (h.kind, h.id, h.season, h.episode) = (e.kind, e.id, e.season, e.episode))
           AND NOT EXISTS (
               SELECT FROM tombstones t
               WHERE (t.kind, t.id, t.season, t.episode) = (e.kind, e.id, e.season, e.episode))",
        &[(&instant(before), Type::TIMESTAMPTZ)],
    )
    .await?;
    Ok(())
}

async fn change_dictionaries(
    tx: &Transaction<'_>,
    Expired { retiring, unused, .. }: &Expired,
    repacked: &[Repacked],
) -> Result<(), Fault> {
    let retire = "UPDATE dictionaries SET retired = true WHERE dictionary_id = ANY($1)";
    tx.run(retire, &[(retiring, Type::INT8_ARRAY)]).await?;
    let mut bodies = Replacements::default();
    for Repacked { key, version, hash, stored } in repacked {
        bodies.push(key, *version, stored, Some(hash));
    }
    bodies.write(tx).await?;
    // Nothing was written with them since they were found: the dictionaries would differ.
    let drop = "DELETE FROM dictionaries WHERE dictionary_id = ANY($1)";
    tx.run(drop, &[(unused, Type::INT8_ARRAY)]).await?;
    Ok(())
}

/// Whether anything is left that is too old.
async fn is_any_left(tx: &Transaction<'_>, terms: &PurgeTerms) -> Result<bool, Fault> {
    let row = tx
        .one(
            "SELECT EXISTS (SELECT FROM tombstones WHERE has_records AND since < $1)
                 OR EXISTS (SELECT FROM versions WHERE fetched_at < $2)",
            &[
                (&instant(terms.buried_before), Type::TIMESTAMPTZ),
                (&instant(terms.fetched_before), Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    Ok(row.try_get(0)?)
}
