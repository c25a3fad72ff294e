//! Records become versions.

use domain::Record;
use domain::archive::Put;
use domain::outline::Figures;
use rusqlite::{Connection, params};

use super::heads::{self, Newest};
use super::{Fault, bodies, dictionaries, proofs, series};
use crate::archive::series::{Draft, newer};
use crate::archive::{Change, DictionaryState, Plan, Stored};
use crate::sqlite::columns::{key_columns, limit};
use crate::sqlite::queries::Queries;

pub(super) fn commit(
    db: &Connection,
    changes: &[Change],
    dictionaries: DictionaryState,
) -> Result<Vec<Option<Put>>, Fault> {
    if dictionaries::state(db)? != dictionaries {
        return Ok(vec![None; changes.len()]);
    }
    let are_proofs_there = proofs::are_there(db)?;
    let mut queries = Queries::default();
    let mut points = Draft::default();
    let mut puts = Vec::with_capacity(changes.len());
    for change in changes {
        let record = &change.record;
        let newest = heads::newest(db, &record.key)?;
        if !stands(change, newest.as_ref()) {
            puts.push(None);
            continue;
        }
        let asked = Asked::of(db, &mut queries, record)?;
        let (put, version) = carry_out(db, change, newest.as_ref(), &asked)?;
        puts.push(Some(put));
        if !matches!(change.plan, Plan::Late) {
            let known = newest.map_or_else(Figures::default, |newest| newest.figures);
            let figures = newer(&change.outline.figures, &known);
            heads::set(db, record, version, &change.outline, &figures)?;
            points.add(&record.key, record.fetched_at, &known, &figures);
        }
        if are_proofs_there {
            proofs::clear(db, &record.key)?;
        }
    }
    series::write(db, points)?;
    Ok(puts)
}

/// Whether a key still stands as it did when the change was decided.
fn stands(change: &Change, newest: Option<&Newest>) -> bool {
    let is_late = newest.is_some_and(|newest| change.record.fetched_at < newest.fetched_at);
    let is_same = change.seen == newest.map(|newest| (newest.version, newest.hash));
    is_same && is_late == matches!(change.plan, Plan::Late)
}

/// Writes versions and bodies. Returns what was done, and the newest version's number.
fn carry_out(
    db: &Connection,
    change: &Change,
    newest: Option<&Newest>,
    asked: &Asked<'_>,
) -> Result<(Put, u32), Fault> {
    let key = &change.record.key;
    let number = newest.map_or(0, |newest| newest.version);
    match &change.plan {
        Plan::Create(stored) => {
            insert(db, change, 1, stored, asked)?;
            return Ok((Put::Created, 1));
        }
        Plan::Renew(stored) => {
            renew(db, change, number, asked)?;
            if let Some(stored) = stored {
                bodies::replace(db, key, number, stored)?;
            }
        }
        Plan::Figures(stored, before) => {
            renew(db, change, number, asked)?;
            bodies::replace(db, key, number, stored)?;
            if let Some(before) = before {
                bodies::replace(db, key, number.saturating_sub(1), before)?;
            }
            return Ok((Put::Figures, number));
        }
        Plan::Change(stored, before) => {
            let next = number.saturating_add(1);
            insert(db, change, next, stored, asked)?;
            if let Some(before) = before {
                bodies::replace(db, key, number, before)?;
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
fn renew(db: &Connection, change: &Change, version: u32, asked: &Asked<'_>) -> Result<(), Fault> {
    let record = &change.record;
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
        limit(change.body_bytes),
    ])?;
    Ok(())
}

fn insert(
    db: &Connection,
    change: &Change,
    version: u32,
    stored: &Stored,
    asked: &Asked<'_>,
) -> Result<(), Fault> {
    let record = &change.record;
    let (body_id, object) = bodies::insert(db, &stored.place)?;
    let [kind, id, season, episode] = key_columns(&record.key);
    db.prepare_cached(
        "INSERT INTO versions
             (kind, id, season, episode, version, valid_from, fetched_at, hash, schema_version,
              body_bytes, stored_bytes, body_id, query_id, asked_path, dictionary_id, object)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
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
        limit(change.body_bytes),
        limit(stored.bytes),
        body_id,
        asked.query_id,
        asked.path,
        stored.dictionary,
        object,
    ])?;
    Ok(())
}
