//! Ratings of titles, those of records and imported ones, and the scores made of them.

use std::collections::BTreeSet;

use domain::catalogue::{Rating, Rescored, Work};
use domain::rating::{ImportedRating, ImportedSource, RatedTitle, RatingSource};
use domain::score::{self, METHOD_VERSION, Score};
use domain::{Key, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Fault, work_id, work_key};
use crate::projection;
use crate::sqlite::columns::{json_at, limit, signed, time_at, to_json, unsigned};

/// The ratings of a record, and those that were imported for its title.
pub(super) fn with_imported(db: &Connection, id: i64, work: &Work) -> Result<Vec<Rating>, Fault> {
    let names = [work.row.imdb_id.clone(), Some(work_key(id)?.to_string())];
    let mut imported = vec![];
    for title_ref in names.into_iter().flatten() {
        imported.extend(imported_of(db, &title_ref)?);
    }
    Ok(projection::ratings::joined(&work.ratings, imported))
}

/// Writes all ratings of a title, and the score that its row has already.
pub(super) fn put(
    db: &Connection,
    id: i64,
    ratings: &[Rating],
    score: Option<&Score>,
) -> Result<(), Fault> {
    db.prepare_cached("DELETE FROM rating_sources WHERE work_id = ?1")?.execute([id])?;
    for rating in ratings {
        put_one(db, id, rating)?;
    }
    put_score(db, id, score)
}

fn put_one(db: &Connection, id: i64, rating: &Rating) -> Result<(), Fault> {
    db.prepare_cached(
        "REPLACE INTO rating_sources
             (work_id, source_name, value_raw, scale, value_0_100, votes_count, last_seen_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        id,
        rating.source,
        rating.value,
        rating.scale,
        rating.value_0_100,
        signed(rating.votes),
        rating.last_seen_at.as_millis(),
    ])?;
    Ok(())
}

fn put_score(db: &Connection, id: i64, score: Option<&Score>) -> Result<(), Fault> {
    if let Some(score) = score {
        db.prepare_cached(
            "REPLACE INTO aggregates
                 (work_id, method_version, score, score_low, score_high, source_scores, computed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            id,
            score.method_version,
            score.value,
            score.low,
            score.high,
            to_json(&score.sources)?,
            score.computed_at.as_millis(),
        ])?;
    } else {
        db.prepare_cached("DELETE FROM aggregates WHERE work_id = ?1")?.execute([id])?;
    }
    Ok(())
}

fn score_again(db: &Connection, id: i64) -> Result<(), Fault> {
    let score = score::score(&of(db, id)?);
    db.prepare_cached("UPDATE works SET score = ?2 WHERE work_id = ?1 AND score IS NOT ?2")?
        .execute(params![id, score.as_ref().map(|score| score.value)])?;
    put_score(db, id, score.as_ref())
}

pub(super) fn of(db: &Connection, id: i64) -> Result<Vec<Rating>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT source_name, value_raw, scale, value_0_100, votes_count, last_seen_at
         FROM rating_sources WHERE work_id = ?1 ORDER BY source_name",
    )?;
    let mut rows = select.query([id])?;
    let mut ratings = vec![];
    while let Some(row) = rows.next()? {
        ratings.push(Rating {
            source: row.get(0)?,
            value: row.get(1)?,
            scale: row.get(2)?,
            value_0_100: row.get(3)?,
            votes: unsigned(row.get(4)?),
            last_seen_at: time_at(row, 5)?,
        });
    }
    Ok(ratings)
}

pub(super) fn score(db: &Connection, id: i64) -> Result<Option<Score>, Fault> {
    db.prepare_cached(
        "SELECT score, score_low, score_high, method_version, source_scores, computed_at
         FROM aggregates WHERE work_id = ?1",
    )?
    .query_row([id], |row| Ok(score_from(row)))
    .optional()?
    .transpose()
}

fn score_from(row: &Row<'_>) -> Result<Score, Fault> {
    Ok(Score {
        value: row.get(0)?,
        low: row.get(1)?,
        high: row.get(2)?,
        method_version: row.get(3)?,
        sources: json_at(row, 4)?,
        computed_at: time_at(row, 5)?,
    })
}

/// What was imported for an IMDb id or a key.
fn imported_of(db: &Connection, title_ref: &str) -> Result<Vec<Rating>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT source, value_raw, scale, votes, imported_at
         FROM imported_ratings WHERE title_ref = ?1",
    )?;
    let mut rows = select.query([title_ref])?;
    let mut ratings = vec![];
    while let Some(row) = rows.next()? {
        let (value, scale) = (row.get(1)?, row.get(2)?);
        let (votes, seen_at) = (unsigned(row.get(3)?), time_at(row, 4)?);
        ratings.push(projection::ratings::imported(row.get(0)?, value, scale, votes, seen_at));
    }
    Ok(ratings)
}

pub(super) fn import(
    db: &Connection,
    source: &RatingSource,
    ratings: &[ImportedRating],
    now: Timestamp,
) -> Result<u64, Fault> {
    let mut keep = db.prepare_cached(
        "REPLACE INTO imported_ratings (title_ref, source, value_raw, scale, votes, imported_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut changed = BTreeSet::new();
    for one in ratings {
        let (name, votes) = (one.title.to_string(), signed(one.votes));
        let millis = now.as_millis();
        keep.execute(params![name, source.as_str(), one.value, one.scale, votes, millis])?;
        let name = source.to_string();
        let rating = projection::ratings::imported(name, one.value, one.scale, one.votes, now);
        for id in works_of(db, source, &one.title)? {
            put_one(db, id, &rating)?;
            changed.insert(id);
        }
    }
    for id in &changed {
        score_again(db, *id)?;
    }
    Ok(unsigned(limit(changed.len())))
}

/// The titles that take a rating: not those that have one of their own key.
fn works_of(db: &Connection, source: &RatingSource, title: &RatedTitle) -> Result<Vec<i64>, Fault> {
    let ids: Vec<i64> = match title {
        RatedTitle::ImdbId(imdb_id) => db
            .prepare_cached("SELECT work_id FROM works WHERE imdb_id = ?1")?
            .query_map([imdb_id], |row| row.get(0))?
            .collect::<Result<_, _>>()?,
        RatedTitle::Key(key) => {
            let mut select = db.prepare_cached("SELECT work_id FROM works WHERE work_id = ?1")?;
            let found = select.query_row([work_id(key)], |row| row.get(0)).optional()?;
            return Ok(found.into_iter().collect());
        }
    };
    let mut own =
        db.prepare_cached("SELECT 1 FROM imported_ratings WHERE title_ref = ?1 AND source = ?2")?;
    let mut taking = vec![];
    for id in ids {
        if !own.exists(params![work_key(id)?.to_string(), source.as_str()])? {
            taking.push(id);
        }
    }
    Ok(taking)
}

pub(super) fn imported(db: &Connection) -> Result<Vec<ImportedSource>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT source, count(*), max(imported_at),
                (SELECT count(*) FROM rating_sources WHERE source_name = source)
         FROM imported_ratings GROUP BY source ORDER BY source",
    )?;
    let mut rows = select.query([])?;
    let mut sources = vec![];
    while let Some(row) = rows.next()? {
        sources.push(ImportedSource {
            source: row.get(0)?,
            ratings: unsigned(row.get(1)?),
            titles: unsigned(row.get(3)?),
            imported_at: time_at(row, 2)?,
        });
    }
    Ok(sources)
}

pub(super) fn forget(db: &Connection, source: &RatingSource) -> Result<u64, Fault> {
    let source = source.as_str();
    let ids: Vec<i64> = db
        .prepare_cached("SELECT work_id FROM rating_sources WHERE source_name = ?1")?
        .query_map([source], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    db.prepare_cached("DELETE FROM rating_sources WHERE source_name = ?1")?.execute([source])?;
    let forgotten =
        db.prepare_cached("DELETE FROM imported_ratings WHERE source = ?1")?.execute([source])?;
    for id in ids {
        score_again(db, id)?;
    }
    Ok(unsigned(limit(forgotten)))
}

pub(super) fn rescore(
    db: &Connection,
    after: Option<Key>,
    titles: usize,
) -> Result<Rescored, Fault> {
    let after = after.as_ref().and_then(work_id).unwrap_or(i64::MIN);
    let mut select = db.prepare_cached(
        "SELECT work_id FROM works LEFT JOIN aggregates USING (work_id)
         WHERE work_id > ?1 AND method_version IS NOT ?2 ORDER BY work_id LIMIT ?3",
    )?;
    let ids = select.query_map(params![after, METHOD_VERSION, limit(titles)], |row| row.get(0))?;
    let ids: Vec<i64> = ids.collect::<Result<_, _>>()?;
    for id in &ids {
        score_again(db, *id)?;
    }
    let last = ids.last().map(|id| work_key(*id)).transpose()?;
    Ok(Rescored { titles: unsigned(limit(ids.len())), last })
}
