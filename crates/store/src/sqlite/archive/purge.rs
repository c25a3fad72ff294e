//! Drops what may not be kept any longer, a bounded number of rows at a time.
//!
//! A dictionary that no body needs and that is not its kind's newest goes too.
//! One that is too old itself is retired: what it compressed is packed anew,
//! and then it goes, even if it was the newest.

use domain::archive::{PurgeTerms, Purged};
use domain::{Key, Kind, Timestamp};
use rusqlite::{Connection, Params, params};

use super::Fault;
use super::dictionaries::{Dictionaries, Packing};
use super::{heads, read, series, write};
use crate::sqlite::columns::{key_at, key_columns, limit};

/// What there is to drop, as a reading thread found it.
pub(super) struct Found {
    terms: PurgeTerms,
    limit: usize,
    /// Keys whose tombstone is old enough.
    buried: Vec<Key>,
    /// Keys with versions that are too old.
    aged: Vec<Key>,
    /// Dictionaries that are too old.
    retiring: Vec<i64>,
    /// Versions that are packed with a retired dictionary.
    repacking: Vec<(Key, u32)>,
    /// Dictionaries that nothing is written with any more and no body needs.
    unused: Vec<i64>,
}

pub(super) fn find(db: &Connection, terms: &PurgeTerms, most: usize) -> Result<Found, Fault> {
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
        repacking = packed_with_retired(db, most)?;
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
    Ok(Found { terms: *terms, limit: most, buried, aged, retiring, repacking, unused })
}

fn packed_with_retired(db: &Connection, most: usize) -> Result<Vec<(Key, u32)>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT v.kind, id, season, episode, version FROM versions v
         WHERE dictionary_id IN (SELECT dictionary_id FROM dictionaries WHERE retired)
            OR (dictionary_id = 0
                AND kind IN (SELECT kind FROM dictionaries WHERE retired))
         LIMIT ?1",
    )?;
    let mut rows = select.query([limit(most)])?;
    let mut found = vec![];
    while let Some(row) = rows.next()? {
        found.push((key_at(row, 0)?, row.get(4)?));
    }
    Ok(found)
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

pub(super) fn purge(
    db: &Connection,
    dictionaries: &Dictionaries,
    found: &Found,
) -> Result<Purged, Fault> {
    let mut purged = Purged::default();
    for key in &found.buried {
        // A record or a sighting may have come since it was found.
        if empty_tombstone(db, key, found.terms.buried_before)? {
            for key in std::iter::once(*key).chain(parts(db, key)?) {
                purged.versions += drop_versions(db, &key, Timestamp::from_millis(i64::MAX))?;
                heads::restore(db, &key)?;
                purged.keys.push(key);
            }
        }
    }
    for key in &found.aged {
        purged.versions += drop_versions(db, key, found.terms.fetched_before)?;
        if !heads::restore(db, key)? && !purged.keys.contains(key) {
            purged.keys.push(*key);
        }
    }
    purged.series_points = series::forget(db, &purged.keys)?;
    let series = series::forget_before(db, found.terms.fetched_before, found.limit)?;
    purged.series_points += series.points;
    forget_strangers(db, found.terms.buried_before)?;
    for number in &found.retiring {
        db.prepare_cached("UPDATE dictionaries SET retired = 1 WHERE dictionary_id = ?1")?
            .execute([number])?;
    }
    let packing = dictionaries.packing(db)?;
    for (key, version) in &found.repacking {
        repack(db, &packing, key, *version)?;
    }
    // Nothing was written with them since they were found, nor will be.
    for number in &found.unused {
        db.prepare_cached("DELETE FROM dictionaries WHERE dictionary_id = ?1")?
            .execute([number])?;
    }
    purged.is_end = found.buried.len() + found.aged.len() < found.limit
        && series.is_end
        && found.retiring.is_empty()
        && found.repacking.is_empty();
    Ok(purged)
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
    db.prepare_cached(
        "DELETE FROM bodies WHERE body_id IN (
             SELECT body_id FROM versions
             WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND fetched_at < ?5)",
    )?
    .execute(terms)?;
    let dropped = db
        .prepare_cached(
            "DELETE FROM versions
             WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND fetched_at < ?5",
        )?
        .execute(terms)?;
    Ok(u64::try_from(dropped).unwrap_or(u64::MAX))
}

fn repack(db: &Connection, packing: &Packing, key: &Key, version: u32) -> Result<(), Fault> {
    let [kind, id, season, episode] = key_columns(key);
    let mut is_packed = db.prepare_cached(
        "SELECT EXISTS (
             SELECT 1 FROM versions
             WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version = ?5
               AND NOT patched)",
    )?;
    let terms = params![kind, id, season, episode, version];
    if !is_packed.query_row(terms, |row| row.get::<_, bool>(0))? {
        return Ok(());
    }
    let whole = read::body(db, packing, key, version)?;
    write::replace(db, key, version, &packing.pack(key.kind(), &whole.body))
}
