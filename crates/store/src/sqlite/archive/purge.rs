//! Drops what may not be kept any longer; see [`crate::archive`] for what becomes of
//! dictionaries.

use domain::archive::{PurgeTerms, Purged};
use domain::{Key, Kind, Timestamp};
use rusqlite::{Connection, Params, params};

use super::read::{rows, select_version};
use super::{Fault, bodies, dictionaries, heads, series};
use crate::archive::{Expired, Repacked};
use crate::sqlite::columns::{key_at, key_columns, limit};

pub(super) fn expired(db: &Connection, terms: &PurgeTerms, most: usize) -> Result<Expired, Fault> {
    let before = terms.fetched_before.as_millis();
    let buried = keys(
        db,
        "SELECT kind, id, season, episode FROM tombstones WHERE has_records AND since < ?1
         ORDER BY since LIMIT ?2",
        [terms.buried_before.as_millis(), limit(most)],
    )?;
    let aged = keys(
        db,
        "SELECT kind, id, season, episode FROM versions WHERE fetched_at < ?1
         GROUP BY kind, id, season, episode LIMIT ?2",
        [before, limit(most - buried.len())],
    )?;
    let retiring = numbers(
        db,
        "SELECT dictionary_id FROM dictionaries WHERE added_at < ?1 AND NOT retired",
        [before],
    )?;
    let mut unused = numbers(
        db,
        "SELECT dictionary_id FROM dictionaries d
         WHERE retired OR EXISTS (
             SELECT 1 FROM dictionaries newer
             WHERE newer.kind = d.kind AND newer.dictionary_id > d.dictionary_id
               AND NOT newer.retired)",
        [],
    )?;
    let mut repacking = vec![];
    if !unused.is_empty() {
        repacking = rows(
            db,
            concat!(
                select_version!("versions v"),
                "WHERE dictionary_id IN (SELECT dictionary_id FROM dictionaries WHERE retired)
                    OR (dictionary_id = 0
                        AND kind IN (SELECT kind FROM dictionaries WHERE retired))
                 LIMIT ?1"
            ),
            [limit(most)],
        )?;
        // Those of number 0 may be packed with any of their kind.
        let used = numbers(
            db,
            "SELECT dictionary_id FROM dictionaries d
             WHERE EXISTS (
                 SELECT 1 FROM versions v
                 WHERE v.kind = d.kind AND v.dictionary_id IN (0, d.dictionary_id))",
            [],
        )?;
        unused.retain(|number| !used.contains(number));
    }
    Ok(Expired {
        terms: *terms,
        limit: most,
        dictionaries: dictionaries::state(db)?,
        buried,
        aged,
        retiring,
        repacking,
        unused,
    })
}

fn keys(db: &Connection, sql: &str, terms: impl Params) -> Result<Vec<Key>, Fault> {
    let mut select = db.prepare_cached(sql)?;
    let mut rows = select.query(terms)?;
    let mut keys = vec![];
    while let Some(row) = rows.next()? {
        keys.push(key_at(row, 0)?);
    }
    Ok(keys)
}

fn numbers(db: &Connection, sql: &str, terms: impl Params) -> Result<Vec<i64>, Fault> {
    let mut select = db.prepare_cached(sql)?;
    let rows = select.query_map(terms, |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn drop_expired(
    db: &Connection,
    expired: &Expired,
    repacked: &[Repacked],
) -> Result<Purged, Fault> {
    let mut purged = Purged::default();
    for key in &expired.buried {
        // A record or a sighting may have come since it was expired.
        if empty_tombstone(db, key, expired.terms.buried_before)? {
            for key in std::iter::once(*key).chain(parts(db, key)?) {
                purged.versions += drop_versions(db, &key, Timestamp::from_millis(i64::MAX))?;
                heads::restore(db, &key)?;
                purged.keys.push(key);
            }
        }
    }
    for key in &expired.aged {
        purged.versions += drop_versions(db, key, expired.terms.fetched_before)?;
        if !heads::restore(db, key)? && !purged.keys.contains(key) {
            purged.keys.push(*key);
        }
    }
    purged.series_points = series::forget(db, &purged.keys)?;
    let series = series::forget_before(db, expired.terms.fetched_before, expired.limit)?;
    purged.series_points += series.points;
    forget_strangers(db, expired.terms.buried_before)?;
    let is_settled = settle_dictionaries(db, expired, repacked)?;
    purged.is_end =
        expired.buried.len() + expired.aged.len() < expired.limit && series.is_end && is_settled;
    Ok(purged)
}

/// Retires and drops dictionaries, unless there are others by now. Returns whether
/// nothing is left to do about them.
fn settle_dictionaries(
    db: &Connection,
    expired: &Expired,
    repacked: &[Repacked],
) -> Result<bool, Fault> {
    if dictionaries::state(db)? != expired.dictionaries {
        let mut left = repacked.iter();
        left.try_for_each(|body| {
            bodies::discard_place(db, &body.key, body.version, &body.stored.place)
        })?;
        return Ok(false);
    }
    for number in &expired.retiring {
        db.prepare_cached("UPDATE dictionaries SET retired = 1 WHERE dictionary_id = ?1")?
            .execute([number])?;
    }
    repacked.iter().try_for_each(|body| repack(db, body))?;
    // Nothing was written with them since they were found, nor will be.
    for number in &expired.unused {
        db.prepare_cached("DELETE FROM dictionaries WHERE dictionary_id = ?1")?
            .execute([number])?;
    }
    Ok(expired.retiring.is_empty() && expired.repacking.is_empty())
}

/// Forgets that TMDB answered 404 for keys of which nothing was ever held.
fn forget_strangers(db: &Connection, before: Timestamp) -> Result<(), Fault> {
    db.prepare_cached(
        "DELETE FROM evidence AS e
         WHERE missed_at < ?1
           AND NOT EXISTS (
               SELECT 1 FROM heads h
               WHERE h.kind = e.kind AND h.id = e.id AND h.season = e.season
                 AND h.episode = e.episode)
           AND NOT EXISTS (
               SELECT 1 FROM tombstones t
               WHERE t.kind = e.kind AND t.id = e.id AND t.season = e.season
                 AND t.episode = e.episode)",
    )?
    .execute([before.as_millis()])?;
    Ok(())
}

/// The seasons and episodes of a show: they go with it.
fn parts(db: &Connection, key: &Key) -> Result<Vec<Key>, Fault> {
    if key.kind() != Kind::Tv {
        return Ok(vec![]);
    }
    let [_, id, ..] = key_columns(key);
    keys(
        db,
        "SELECT kind, id, season, episode FROM heads WHERE kind IN (?1, ?2) AND id = ?3",
        [Kind::Season.number().into(), Kind::Episode.number().into(), id],
    )
}

/// Whether the records under a tombstone are still there to be dropped.
fn empty_tombstone(db: &Connection, key: &Key, before: Timestamp) -> Result<bool, Fault> {
    let [kind, id, season, episode] = key_columns(key);
    let emptied = db
        .prepare_cached(
            "UPDATE tombstones SET has_records = 0
             WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4
               AND has_records AND since < ?5",
        )?
        .execute([kind, id, season, episode, before.as_millis()])?;
    Ok(emptied > 0)
}

/// Drops the versions of a key that were fetched before an instant, and their bodies.
fn drop_versions(db: &Connection, key: &Key, before: Timestamp) -> Result<u64, Fault> {
    let [kind, id, season, episode] = key_columns(key);
    let terms = [kind, id, season, episode, before.as_millis()];
    bodies::drop_before(db, key, before.as_millis())?;
    let dropped = db
        .prepare_cached(
            "DELETE FROM versions
             WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND fetched_at < ?5",
        )?
        .execute(terms)?;
    Ok(u64::try_from(dropped).unwrap_or(u64::MAX))
}

/// Stores a body that was packed anew, if it is still its version's.
fn repack(db: &Connection, body: &Repacked) -> Result<(), Fault> {
    let [kind, id, season, episode] = key_columns(&body.key);
    let mut is_same = db.prepare_cached(
        "SELECT EXISTS (
             SELECT 1 FROM versions
             WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version = ?5
               AND hash = ?6)",
    )?;
    let terms = params![kind, id, season, episode, body.version, body.hash.0];
    if is_same.query_row(terms, |row| row.get(0))? {
        return bodies::replace(db, &body.key, body.version, &body.stored);
    }
    bodies::discard_place(db, &body.key, body.version, &body.stored.place)
}
