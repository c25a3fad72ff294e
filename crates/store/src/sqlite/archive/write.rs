//! Records become versions.

use domain::archive::Put;
use domain::outline::Figures;
use domain::{Key, Record};
use rusqlite::{Connection, params};

use super::Fault;
use super::dictionaries::{Dictionaries, Stored};
use super::heads::{self, Newest};
use super::plan::{Draft, Plan, plan};
use super::{proofs, series};
use crate::archive::series::{Draft as Points, newer};
use crate::sqlite::columns::{key_columns, limit};
use crate::sqlite::queries::Queries;

pub(super) fn put(
    db: &Connection,
    dictionaries: &Dictionaries,
    drafts: &[Draft],
) -> Result<Vec<Put>, Fault> {
    let packing = dictionaries.packing(db)?;
    let are_proofs_there = proofs::are_there(db)?;
    let mut queries = Queries::default();
    let mut points = Points::default();
    let mut puts = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let record = &draft.record;
        let newest = heads::newest(db, &record.key)?;
        let made_now;
        let plan = if let Some(plan) = draft.plan_for(newest.as_ref(), &packing) {
            plan
        } else {
            // The batch itself or another process has changed it in the meantime.
            made_now = plan(db, &packing, record, newest.as_ref())?;
            &made_now
        };
        let asked = Asked::of(db, &mut queries, record)?;
        let (put, version) = carry_out(db, plan, record, newest.as_ref(), &asked)?;
        puts.push(put);
        if !matches!(plan, Plan::Late) {
            let known = newest.map_or_else(Figures::default, |newest| newest.figures);
            let figures = newer(&draft.outline.figures, &known);
            heads::set(db, record, version, &draft.outline, &figures)?;
            points.add(&record.key, record.fetched_at, &known, &figures);
        }
        if are_proofs_there {
            proofs::clear(db, &record.key)?;
        }
    }
    series::write(db, points)?;
    Ok(puts)
}

/// Writes versions and bodies. Returns what was done, and the newest version's number.
fn carry_out(
    db: &Connection,
    plan: &Plan,
    record: &Record,
    newest: Option<&Newest>,
    asked: &Asked<'_>,
) -> Result<(Put, u32), Fault> {
    let number = newest.map_or(0, |newest| newest.version);
    match plan {
        Plan::Create(stored) => {
            insert(db, record, 1, stored, asked)?;
            return Ok((Put::Created, 1));
        }
        Plan::Renew(stored) => {
            renew(db, record, number, asked)?;
            if let Some(stored) = stored {
                replace(db, &record.key, number, stored)?;
            }
        }
        Plan::Figures(stored, before) => {
            renew(db, record, number, asked)?;
            replace(db, &record.key, number, stored)?;
            if let Some(before) = before {
                replace(db, &record.key, number - 1, before)?;
            }
            return Ok((Put::Figures, number));
        }
        Plan::Change(stored, before) => {
            let next = number.saturating_add(1);
            insert(db, record, next, stored, asked)?;
            if let Some(before) = before {
                replace(db, &record.key, number, before)?;
            }
            return Ok((Put::Changed(next), next));
        }
        Plan::Late => (),
    }
    Ok((Put::Unchanged, number))
}

/// What was asked, as the table keeps it.
struct Asked<'a> {
    path: Option<&'a str>,
    query_id: Option<i64>,
}

impl<'a> Asked<'a> {
    fn of(db: &Connection, queries: &mut Queries, record: &'a Record) -> Result<Self, Fault> {
        let (path, query_id) = queries.split(db, &record.asked)?;
        let path = Some(path).filter(|path| *path != record.key.to_string());
        Ok(Self { path, query_id })
    }
}

/// Moves a version to a record that has the same body but for its figures.
fn renew(db: &Connection, record: &Record, version: u32, asked: &Asked<'_>) -> Result<(), Fault> {
    let [kind, id, season, episode] = key_columns(&record.key);
    db.prepare_cached(
        "UPDATE versions SET fetched_at = ?6, query_id = ?7, asked_path = ?8, schema_version = ?9,
             hash = ?10, body_bytes = ?11
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version = ?5",
    )?
    .execute(params![
        kind,
        id,
        season,
        episode,
        version,
        record.fetched_at.as_millis(),
        asked.query_id,
        asked.path,
        record.schema_version,
        record.hash.0,
        limit(record.body.len()),
    ])?;
    Ok(())
}

/// Stores a version's body in another way. One that is there no longer is let be.
pub(super) fn replace(
    db: &Connection,
    key: &Key,
    version: u32,
    stored: &Stored,
) -> Result<(), Fault> {
    let [kind, id, season, episode] = key_columns(key);
    db.prepare_cached(
        "UPDATE bodies SET stored = ?6 WHERE body_id = (
             SELECT body_id FROM versions
             WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version = ?5)",
    )?
    .execute(params![kind, id, season, episode, version, stored.bytes])?;
    db.prepare_cached(
        "UPDATE versions SET stored_bytes = ?6, dictionary_id = ?7, patched = ?8
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version = ?5",
    )?
    .execute(params![
        kind,
        id,
        season,
        episode,
        version,
        limit(stored.bytes.len()),
        stored.dictionary,
        stored.is_patch,
    ])?;
    Ok(())
}

fn insert(
    db: &Connection,
    record: &Record,
    version: u32,
    stored: &Stored,
    asked: &Asked<'_>,
) -> Result<(), Fault> {
    db.prepare_cached("INSERT INTO bodies (stored) VALUES (?1)")?.execute([&stored.bytes])?;
    let body_id = db.last_insert_rowid();
    let [kind, id, season, episode] = key_columns(&record.key);
    db.prepare_cached(
        "INSERT INTO versions
             (kind, id, season, episode, version, valid_from, fetched_at, hash, schema_version,
              body_bytes, stored_bytes, body_id, query_id, asked_path, dictionary_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?
    .execute(params![
        kind,
        id,
        season,
        episode,
        version,
        record.fetched_at.as_millis(),
        record.hash.0,
        record.schema_version,
        limit(record.body.len()),
        limit(stored.bytes.len()),
        body_id,
        asked.query_id,
        asked.path,
        stored.dictionary,
    ])?;
    Ok(())
}
