//! Proofs that keys are gone, and tombstones.
//!
//! A tombstone repeats its evidence: the row of `evidence` stays under it, so
//! that what is left when a sighting takes the tombstone away is known. Rows of
//! evidence are locked before tombstones are looked at, so that a record that
//! comes and a key that is buried at once see each other.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::deletion::{Evidence, Likeness, Proof, Successor, Suspect, Tombstone, Unlisted};
use domain::staleness::Doubt;
use domain::{Key, Kind, Timestamp};
use jiff::civil::Date;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::columns::{slot, with};
use crate::postgres::connection::{Transaction, Value};
use crate::postgres::fault::Fault;
use crate::postgres::values::{
    Keys, instant, key_at, key_columns, limit, maybe_time_at, time_at, unsigned,
};

pub(super) async fn doubt(
    tx: &Transaction<'_>,
    keys: &[Key],
    proof: &Proof,
    now: Timestamp,
) -> Result<Vec<Evidence>, Fault> {
    let evidence = match proof {
        Proof::NotFound => Evidence { not_found: Some(now), unlisted: None },
        Proof::Unlisted { by, on } => {
            let unlisted = Unlisted { by: by.clone(), on: *on, noted: now };
            Evidence { not_found: None, unlisted: Some(unlisted) }
        }
    };
    let keys_once: BTreeSet<Key> = keys.iter().copied().collect();
    let mut rows = Proofs::default();
    for key in &keys_once {
        rows.push(key, &evidence);
    }
    let found = note(tx, &rows).await?;
    Ok(keys.iter().map(|key| found.get(key).cloned().unwrap_or_default()).collect())
}

/// Evidence as columns.
#[derive(Default)]
struct Proofs<'a> {
    keys: Keys,
    not_found: Vec<Option<jiff::Timestamp>>,
    unlisted_by: Vec<Option<&'a str>>,
    unlisted_on: Vec<Option<Date>>,
    unlisted_noted: Vec<Option<jiff::Timestamp>>,
}

impl<'a> Proofs<'a> {
    fn push(&mut self, key: &Key, evidence: &'a Evidence) {
        let unlisted = evidence.unlisted.as_ref();
        self.keys.push(key);
        self.not_found.push(evidence.not_found.map(instant));
        self.unlisted_by.push(unlisted.map(|unlisted| &unlisted.by[..]));
        self.unlisted_on.push(unlisted.map(|unlisted| unlisted.on));
        self.unlisted_noted.push(unlisted.map(|unlisted| instant(unlisted.noted)));
    }

    /// Eight columns: those of the key, `not_found_at`, `unlisted_by`, `unlisted_on`,
    /// `unlisted_noted`.
    fn values(&self) -> Vec<Value<'_>> {
        let more: [Value<'_>; 4] = [
            (&self.not_found, Type::TIMESTAMPTZ_ARRAY),
            (&self.unlisted_by, Type::TEXT_ARRAY),
            (&self.unlisted_on, Type::DATE_ARRAY),
            (&self.unlisted_noted, Type::TIMESTAMPTZ_ARRAY),
        ];
        with(&self.keys, more)
    }
}

/// Adds to the evidence against keys what it lacks; the last 404 moves. Returns all
/// that there is.
async fn note(tx: &Transaction<'_>, proofs: &Proofs<'_>) -> Result<HashMap<Key, Evidence>, Fault> {
    let rows = tx
        .rows(
            "INSERT INTO evidence AS e
                 (kind, id, season, episode, not_found_at, missed_at, unlisted_by, unlisted_on,
                  unlisted_noted)
             SELECT kind, id, season, episode, not_found_at, not_found_at, unlisted_by,
                    unlisted_on, unlisted_noted
             FROM UNNEST($1, $2, $3, $4, $5, $6, $7, $8)
                 AS n (kind, id, season, episode, not_found_at, unlisted_by, unlisted_on,
                       unlisted_noted)
             WHERE not_found_at IS NOT NULL OR unlisted_by IS NOT NULL
             ORDER BY kind, id, season, episode
             ON CONFLICT (kind, id, season, episode) DO UPDATE SET
                 not_found_at = coalesce(e.not_found_at, excluded.not_found_at),
                 missed_at = greatest(e.missed_at, excluded.missed_at),
                 unlisted_on = CASE WHEN e.unlisted_by IS NULL THEN excluded.unlisted_on
                                    ELSE e.unlisted_on END,
                 unlisted_noted = CASE WHEN e.unlisted_by IS NULL THEN excluded.unlisted_noted
                                       ELSE e.unlisted_noted END,
                 unlisted_by = coalesce(e.unlisted_by, excluded.unlisted_by)
             RETURNING kind, id, season, episode, not_found_at, unlisted_by, unlisted_on,
                       unlisted_noted",
            &proofs.values(),
        )
        .await?;
    rows.iter().map(|row| Ok((key_at(row, 0)?, evidence_at(row, 4)?))).collect()
}

pub(super) async fn doubts(tx: &Transaction<'_>, keys: &[Key]) -> Result<Vec<Doubt>, Fault> {
    let rows = tx
        .rows(
            "SELECT k.place, missed_at, t.since IS NOT NULL
             FROM UNNEST($1, $2, $3, $4) WITH ORDINALITY AS k (kind, id, season, episode, place)
                 LEFT JOIN evidence USING (kind, id, season, episode)
                 LEFT JOIN tombstones t USING (kind, id, season, episode)
             WHERE missed_at IS NOT NULL OR t.since IS NOT NULL",
            &Keys::of(keys).values(),
        )
        .await?;
    let mut doubts = vec![Doubt::None; keys.len()];
    for row in &rows {
        let missed = maybe_time_at(row, 1)?.map_or(Doubt::None, Doubt::Missed);
        *slot(&mut doubts, row, 0)? = if row.try_get(2)? { Doubt::Buried } else { missed };
    }
    Ok(doubts)
}

/// Reads four columns: the first 404, and by what, on which date and when it was found unlisted.
fn evidence_at(row: &Row, first: usize) -> Result<Evidence, Fault> {
    let by: Option<String> = row.try_get(first + 1)?;
    let unlisted = match (by, row.try_get(first + 2)?, maybe_time_at(row, first + 3)?) {
        (Some(by), Some(on), Some(noted)) => Some(Unlisted { by, on, noted }),
        _ => None,
    };
    Ok(Evidence { not_found: maybe_time_at(row, first)?, unlisted })
}

/// Locks the evidence against keys, in the order of keys.
async fn hold(tx: &Transaction<'_>, keys: &Keys) -> Result<bool, Fault> {
    let held = tx
        .run(
            "SELECT FROM evidence e
                 JOIN UNNEST($1, $2, $3, $4) AS k (kind, id, season, episode)
                     USING (kind, id, season, episode)
             ORDER BY e.kind, e.id, e.season, e.episode FOR UPDATE OF e",
            &keys.values(),
        )
        .await?;
    Ok(held > 0)
}

/// Drops all that stands against keys.
pub(super) async fn clear(tx: &Transaction<'_>, keys: &Keys) -> Result<(), Fault> {
    if hold(tx, keys).await? {
        tx.run(
            "DELETE FROM evidence e USING UNNEST($1, $2, $3, $4) AS k (kind, id, season, episode)
             WHERE (e.kind, e.id, e.season, e.episode) = (k.kind, k.id, k.season, k.episode)",
            &keys.values(),
        )
        .await?;
    }
    unbury(tx, keys).await.map(drop)
}

/// Drops tombstones. Returns their keys.
async fn unbury(tx: &Transaction<'_>, keys: &Keys) -> Result<HashSet<Key>, Fault> {
    let rows = tx
        .rows(
            "DELETE FROM tombstones t USING UNNEST($1, $2, $3, $4) AS k (kind, id, season, episode)
             WHERE (t.kind, t.id, t.season, t.episode) = (k.kind, k.id, k.season, k.episode)
             RETURNING t.kind, t.id, t.season, t.episode",
            &keys.values(),
        )
        .await?;
    rows.iter().map(|row| key_at(row, 0)).collect()
}

/// The keys against which there is what a sighting takes back: hardly ever any.
pub(super) async fn against(tx: &Transaction<'_>, keys: &[Key]) -> Result<BTreeSet<Key>, Fault> {
    let rows = tx
        .rows(
            "SELECT e.kind, e.id, e.season, e.episode
             FROM UNNEST($1, $2, $3, $4) AS k (kind, id, season, episode)
                 JOIN evidence e USING (kind, id, season, episode)
             WHERE unlisted_by IS NOT NULL
             UNION
             SELECT t.kind, t.id, t.season, t.episode
             FROM UNNEST($1, $2, $3, $4) AS k (kind, id, season, episode)
                 JOIN tombstones t USING (kind, id, season, episode)",
            &Keys::of(keys).values(),
        )
        .await?;
    rows.iter().map(|row| key_at(row, 0)).collect()
}

/// Returns the keys that had a proof or a tombstone that a sighting takes back.
pub(super) async fn resurrect(
    tx: &Transaction<'_>,
    keys: &BTreeSet<Key>,
) -> Result<HashSet<Key>, Fault> {
    let keys = Keys::of(keys);
    hold(tx, &keys).await?;
    let rows = tx
        .rows(
            "UPDATE evidence e SET unlisted_by = NULL, unlisted_on = NULL, unlisted_noted = NULL
             FROM UNNEST($1, $2, $3, $4) AS k (kind, id, season, episode)
             WHERE (e.kind, e.id, e.season, e.episode) = (k.kind, k.id, k.season, k.episode)
               AND unlisted_by IS NOT NULL
             RETURNING e.kind, e.id, e.season, e.episode",
            &keys.values(),
        )
        .await?;
    let listed: Vec<Key> = rows.iter().map(|row| key_at(row, 0)).collect::<Result<_, _>>()?;
    tx.run(
        "DELETE FROM evidence e USING UNNEST($1, $2, $3, $4) AS k (kind, id, season, episode)
         WHERE (e.kind, e.id, e.season, e.episode) = (k.kind, k.id, k.season, k.episode)
           AND not_found_at IS NULL AND unlisted_by IS NULL",
        &keys.values(),
    )
    .await?;
    let mut resurrected = unbury(tx, &keys).await?;
    resurrected.extend(listed);
    Ok(resurrected)
}

pub(super) async fn bury(tx: &Transaction<'_>, tombstones: &[Tombstone]) -> Result<(), Fault> {
    let of_keys = tombstones.iter().map(|tombstone| (tombstone.key, tombstone));
    let of_keys: BTreeMap<Key, &Tombstone> = of_keys.collect();
    let mut proofs = Proofs::default();
    let (mut since, mut proven) = (vec![], vec![]);
    let (mut successors, mut confidences, mut likenesses) = (vec![], vec![], vec![]);
    for (key, tombstone) in &of_keys {
        let Evidence { not_found, unlisted } = &tombstone.evidence;
        let successor = tombstone.successor.as_ref();
        let noted = unlisted.as_ref().map(|unlisted| unlisted.noted);
        proofs.push(key, &tombstone.evidence);
        since.push(instant(tombstone.since));
        proven.push(not_found.zip(noted).map(|(one, other)| instant(one.min(other))));
        successors.push(successor.map(|successor| successor.key.to_string()));
        confidences.push(successor.map(|successor| successor.confidence));
        likenesses.push(successor.map(|successor| successor.reason.as_str()));
    }
    hold(tx, &proofs.keys).await?;
    let mut values = proofs.values();
    values.extend([
        (&since as _, Type::TIMESTAMPTZ_ARRAY),
        (&proven as _, Type::TIMESTAMPTZ_ARRAY),
        (&successors as _, Type::TEXT_ARRAY),
        (&confidences as _, Type::FLOAT8_ARRAY),
        (&likenesses as _, Type::TEXT_ARRAY),
    ]);
    let rows = tx.rows(BURY, &values).await?;
    let mut more = Proofs::default();
    for row in &rows {
        if let Some(tombstone) = of_keys.get(&key_at(row, 0)?) {
            more.push(&tombstone.key, &tombstone.evidence);
        }
    }
    note(tx, &more).await.map(drop)
}

/// A key whose record was fetched after one of the proofs is left out.
const BURY: &str = "
    INSERT INTO tombstones
        (kind, id, season, episode, since, not_found_at, unlisted_by, unlisted_on,
         unlisted_noted, successor, confidence, likeness, has_records)
    SELECT n.kind, n.id, n.season, n.episode, since, not_found_at, unlisted_by, unlisted_on,
           unlisted_noted, successor, confidence, likeness, h.fetched_at IS NOT NULL
    FROM UNNEST($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             AS n (kind, id, season, episode, not_found_at, unlisted_by, unlisted_on,
                   unlisted_noted, since, proven, successor, confidence, likeness)
        LEFT JOIN heads h USING (kind, id, season, episode)
    WHERE NOT coalesce(h.fetched_at > proven, false)
    ORDER BY n.kind, n.id, n.season, n.episode
    ON CONFLICT (kind, id, season, episode) DO UPDATE SET
        since = excluded.since, not_found_at = excluded.not_found_at,
        unlisted_by = excluded.unlisted_by, unlisted_on = excluded.unlisted_on,
        unlisted_noted = excluded.unlisted_noted, successor = excluded.successor,
        confidence = excluded.confidence, likeness = excluded.likeness,
        has_records = excluded.has_records
    RETURNING kind, id, season, episode";

macro_rules! select_tombstone {
    () => {
        "SELECT kind, id, season, episode, since, not_found_at, unlisted_by, unlisted_on,
                unlisted_noted, successor, confidence, likeness
         FROM tombstones "
    };
}

pub(super) async fn tombstone(tx: &Transaction<'_>, key: Key) -> Result<Option<Tombstone>, Fault> {
    let select = concat!(
        select_tombstone!(),
        "WHERE kind = $1 AND id = $2 AND season = $3 AND episode = $4"
    );
    let (kind, id, season, episode) = key_columns(&key);
    let values: [Value<'_>; 4] =
        [(&kind, Type::INT2), (&id, Type::INT8), (&season, Type::INT4), (&episode, Type::INT4)];
    tx.maybe(select, &values).await?.as_ref().map(tombstone_at).transpose()
}

pub(super) async fn tombstones(tx: &Transaction<'_>, most: usize) -> Result<Vec<Tombstone>, Fault> {
    let select =
        concat!(select_tombstone!(), "ORDER BY since DESC, kind, id, season, episode LIMIT $1");
    let rows = tx.rows(select, &[(&limit(most), Type::INT8)]).await?;
    rows.iter().map(tombstone_at).collect()
}

fn tombstone_at(row: &Row) -> Result<Tombstone, Fault> {
    let key = key_at(row, 0)?;
    let successor = row.try_get::<_, Option<&str>>(9)?;
    let successor = successor.map(|text| -> Result<_, Fault> {
        let name: &str = row.try_get(11)?;
        let unreadable = |what| Fault::corrupt(format!("the tombstone of {key}: {what}"));
        let reason =
            Likeness::from_name(name).ok_or_else(|| unreadable(format!("likeness `{name}`")));
        let key = text.parse::<Key>().map_err(|error| unreadable(error.to_string()))?;
        Ok(Successor { key, confidence: row.try_get(10)?, reason: reason? })
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
             SELECT FROM tombstones t
             WHERE (t.kind, t.id, t.season, t.episode) = (e.kind, e.id, e.season, e.episode)) "
    };
}

pub(super) async fn suspects(
    tx: &Transaction<'_>,
    kind: Option<Kind>,
    most: usize,
) -> Result<Vec<Suspect>, Fault> {
    let select = concat!(
        "SELECT kind, id, season, episode, not_found_at, unlisted_by, unlisted_on,
                unlisted_noted ",
        from_suspects!(),
        "AND ($1 IS NULL OR kind = $1)
         ORDER BY least(not_found_at, unlisted_noted), kind, id, season, episode LIMIT $2"
    );
    let kind = kind.map(|kind| i16::from(kind.number()));
    let rows = tx.rows(select, &[(&kind, Type::INT2), (&limit(most), Type::INT8)]).await?;
    let suspect = |row: &Row| Ok(Suspect { key: key_at(row, 0)?, evidence: evidence_at(row, 4)? });
    rows.iter().map(suspect).collect()
}

/// Counts suspects and tombstones.
pub(super) async fn counts(tx: &Transaction<'_>) -> Result<(u64, u64), Fault> {
    let select = concat!(
        "SELECT (SELECT count(*) ",
        from_suspects!(),
        "), (SELECT count(*) FROM tombstones)"
    );
    let row = tx.one(select, &[]).await?;
    Ok((unsigned(row.try_get(0)?), unsigned(row.try_get(1)?)))
}
