//! Proofs that keys are gone, and tombstones.
//!
//! A tombstone repeats its evidence: the row of `evidence` stays under it, so
//! that what is left when a sighting takes the tombstone away is known.

use domain::deletion::{Evidence, Likeness, Proof, Successor, Suspect, Tombstone, Unlisted};
use domain::staleness::Doubt;
use domain::{Key, Kind, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Fault;
use super::days::text_at;
use crate::sqlite::columns::{key_at, key_columns, limit, maybe_time_at, time_at};

pub(super) fn doubt(
    db: &Connection,
    keys: &[Key],
    proof: &Proof,
    now: Timestamp,
) -> Result<Vec<Evidence>, Fault> {
    let keys = keys.iter();
    keys.map(|key| {
        match proof {
            Proof::NotFound => {
                let not_found = Evidence { not_found: Some(now), unlisted: None };
                note(db, key, &not_found, now)?;
            }
            Proof::Unlisted { by, on } => {
                let unlisted = Unlisted { by: by.clone(), on: *on, noted: now };
                note(db, key, &Evidence { not_found: None, unlisted: Some(unlisted) }, now)?;
            }
        }
        evidence(db, key)
    })
    .collect()
}

/// Adds to the evidence against a key what it lacks; the last 404 moves.
fn note(db: &Connection, key: &Key, more: &Evidence, now: Timestamp) -> Result<(), Fault> {
    if *more == Evidence::default() {
        return Ok(());
    }
    let [kind, id, season, episode] = key_columns(key);
    let unlisted = more.unlisted.as_ref();
    db.prepare_cached(
        "INSERT INTO evidence
             (kind, id, season, episode, not_found_at, missed_at, unlisted_by, unlisted_on,
              unlisted_noted)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT DO UPDATE SET
             not_found_at = coalesce(not_found_at, excluded.not_found_at),
             missed_at = max(coalesce(missed_at, excluded.missed_at),
                             coalesce(excluded.missed_at, missed_at)),
             unlisted_on = iif(unlisted_by IS NULL, excluded.unlisted_on, unlisted_on),
             unlisted_noted = iif(unlisted_by IS NULL, excluded.unlisted_noted, unlisted_noted),
             unlisted_by = coalesce(unlisted_by, excluded.unlisted_by)",
    )?
    .execute(params![
        kind,
        id,
        season,
        episode,
        more.not_found.map(Timestamp::as_millis),
        more.not_found.map(|_| now.as_millis()),
        unlisted.map(|unlisted| &unlisted.by),
        unlisted.map(|unlisted| unlisted.on.to_string()),
        unlisted.map(|unlisted| unlisted.noted.as_millis()),
    ])?;
    Ok(())
}

fn evidence(db: &Connection, key: &Key) -> Result<Evidence, Fault> {
    let mut select = db.prepare_cached(
        "SELECT not_found_at, unlisted_by, unlisted_on, unlisted_noted FROM evidence
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4",
    )?;
    let mut rows = select.query(key_columns(key))?;
    rows.next()?.map_or_else(|| Ok(Evidence::default()), |row| evidence_at(row, 0))
}

pub(super) fn doubts(db: &Connection, keys: &[Key]) -> Result<Vec<Doubt>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT (SELECT missed_at FROM evidence
                 WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4),
                EXISTS (SELECT 1 FROM tombstones
                        WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4)",
    )?;
    let mut doubts = Vec::with_capacity(keys.len());
    for key in keys {
        let mut rows = select.query(key_columns(key))?;
        let doubt = match rows.next()? {
            Some(row) if row.get(1)? => Doubt::Buried,
            Some(row) => maybe_time_at(row, 0)?.map_or(Doubt::None, Doubt::Missed),
            None => Doubt::None,
        };
        doubts.push(doubt);
    }
    Ok(doubts)
}

/// Reads four columns: the first 404, and by what, on which date and when it was found unlisted.
fn evidence_at(row: &Row<'_>, first: usize) -> Result<Evidence, Fault> {
    let by: Option<String> = row.get(first + 1)?;
    let unlisted = match (by, text_at(row, first + 2)?, maybe_time_at(row, first + 3)?) {
        (Some(by), Some(on), Some(noted)) => Some(Unlisted { by, on, noted }),
        _ => None,
    };
    Ok(Evidence { not_found: maybe_time_at(row, first)?, unlisted })
}

/// Whether anything stands against any key.
pub(super) fn are_there(db: &Connection) -> Result<bool, Fault> {
    let mut select = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM evidence) OR EXISTS (SELECT 1 FROM tombstones)",
    )?;
    Ok(select.query_row([], |row| row.get(0))?)
}

/// Drops all that stands against a key.
pub(super) fn clear(db: &Connection, key: &Key) -> Result<(), Fault> {
    for sql in [
        "DELETE FROM evidence WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4",
        "DELETE FROM tombstones WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4",
    ] {
        db.prepare_cached(sql)?.execute(key_columns(key))?;
    }
    Ok(())
}

pub(super) fn resurrect(db: &Connection, keys: &[Key]) -> Result<Vec<Key>, Fault> {
    let mut listed = db.prepare_cached(
        "UPDATE evidence SET unlisted_by = NULL, unlisted_on = NULL, unlisted_noted = NULL
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4
           AND unlisted_by IS NOT NULL",
    )?;
    let mut tidy = db.prepare_cached(
        "DELETE FROM evidence
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND not_found_at IS NULL",
    )?;
    let mut unbury = db.prepare_cached(
        "DELETE FROM tombstones WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4",
    )?;
    let mut resurrected = vec![];
    for key in keys {
        let columns = key_columns(key);
        let was_unlisted = listed.execute(columns)? > 0;
        if was_unlisted {
            tidy.execute(columns)?;
        }
        if unbury.execute(columns)? > 0 || was_unlisted {
            resurrected.push(*key);
        }
    }
    Ok(resurrected)
}

pub(super) fn bury(db: &Connection, tombstones: &[Tombstone]) -> Result<(), Fault> {
    let mut insert = db.prepare_cached(
        "INSERT OR REPLACE INTO tombstones
             (kind, id, season, episode, since, not_found_at, unlisted_by, unlisted_on,
              unlisted_noted, successor, confidence, likeness, has_records)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,
                EXISTS (SELECT 1 FROM heads
                        WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4)
         WHERE NOT EXISTS (SELECT 1 FROM heads
                           WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4
                             AND fetched_at > ?13)",
    )?;
    for tombstone in tombstones {
        let [kind, id, season, episode] = key_columns(&tombstone.key);
        let Evidence { not_found, unlisted } = &tombstone.evidence;
        let successor = tombstone.successor.as_ref();
        let noted = unlisted.as_ref().map(|unlisted| unlisted.noted);
        let proven = not_found.zip(noted).map(|(one, other)| one.min(other).as_millis());
        let inserted = insert.execute(params![
            kind,
            id,
            season,
            episode,
            tombstone.since.as_millis(),
            not_found.map(Timestamp::as_millis),
            unlisted.as_ref().map(|unlisted| &unlisted.by),
            unlisted.as_ref().map(|unlisted| unlisted.on.to_string()),
            unlisted.as_ref().map(|unlisted| unlisted.noted.as_millis()),
            successor.map(|successor| successor.key.to_string()),
            successor.map(|successor| successor.confidence),
            successor.map(|successor| successor.reason.as_str()),
            proven.unwrap_or(i64::MAX),
        ])?;
        if inserted == 0 {
            continue;
        }
        note(db, &tombstone.key, &tombstone.evidence, not_found.unwrap_or(tombstone.since))?;
    }
    Ok(())
}

macro_rules! select_tombstone {
    () => {
        "SELECT kind, id, season, episode, since, not_found_at, unlisted_by, unlisted_on,
                unlisted_noted, successor, confidence, likeness
         FROM tombstones "
    };
}

pub(super) fn tombstone(db: &Connection, key: Key) -> Result<Option<Tombstone>, Fault> {
    db.prepare_cached(concat!(
        select_tombstone!(),
        "WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4"
    ))?
    .query_row(key_columns(&key), |row| Ok(tombstone_at(row)))
    .optional()?
    .transpose()
}

pub(super) fn tombstones(db: &Connection, most: usize) -> Result<Vec<Tombstone>, Fault> {
    let mut select = db.prepare_cached(concat!(
        select_tombstone!(),
        "ORDER BY since DESC, kind, id, season, episode LIMIT ?1"
    ))?;
    let mut rows = select.query([limit(most)])?;
    let mut found = vec![];
    while let Some(row) = rows.next()? {
        found.push(tombstone_at(row)?);
    }
    Ok(found)
}

fn tombstone_at(row: &Row<'_>) -> Result<Tombstone, Fault> {
    let key = key_at(row, 0)?;
    let successor = row.get::<_, Option<String>>(9)?;
    let successor = successor.map(|text| -> Result<_, Fault> {
        let name: String = row.get(11)?;
        let unreadable = |what| Fault::corrupt(format!("the tombstone of {key}: {what}"));
        let reason =
            Likeness::from_name(&name).ok_or_else(|| unreadable(format!("likeness `{name}`")));
        let key = text.parse::<Key>().map_err(|error| unreadable(error.to_string()))?;
        Ok(Successor { key, confidence: row.get(10)?, reason: reason? })
    });
    Ok(Tombstone {
        key,
        since: time_at(row, 4)?,
        evidence: evidence_at(row, 5)?,
        successor: successor.transpose()?,
    })
}

/// `evidence e` without a tombstone over it.
macro_rules! from_suspects {
    () => {
        "FROM evidence e
         WHERE NOT EXISTS (
             SELECT 1 FROM tombstones t
             WHERE t.kind = e.kind AND t.id = e.id AND t.season = e.season
               AND t.episode = e.episode) "
    };
}

pub(super) fn suspects(
    db: &Connection,
    kind: Option<Kind>,
    most: usize,
) -> Result<Vec<Suspect>, Fault> {
    let mut select = db.prepare_cached(concat!(
        "SELECT kind, id, season, episode, not_found_at, unlisted_by, unlisted_on,
                unlisted_noted ",
        from_suspects!(),
        "AND kind BETWEEN ?1 AND ?2
         ORDER BY min(coalesce(not_found_at, unlisted_noted),
                      coalesce(unlisted_noted, not_found_at)), kind, id, season, episode
         LIMIT ?3"
    ))?;
    let (first, last) = kind.map_or((0, i64::MAX), |kind| {
        let number = i64::from(kind.number());
        (number, number)
    });
    let mut rows = select.query([first, last, limit(most)])?;
    let mut found = vec![];
    while let Some(row) = rows.next()? {
        found.push(Suspect { key: key_at(row, 0)?, evidence: evidence_at(row, 4)? });
    }
    Ok(found)
}

/// Counts suspects and tombstones.
pub(super) fn counts(db: &Connection) -> Result<(i64, i64), Fault> {
    let suspects = db
        .prepare_cached(concat!("SELECT count(*) ", from_suspects!()))?
        .query_row([], |row| row.get(0))?;
    let tombstones =
        db.prepare_cached("SELECT count(*) FROM tombstones")?.query_row([], |row| row.get(0))?;
    Ok((suspects, tombstones))
}
