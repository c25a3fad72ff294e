//! How keys stand before records of them are put.

use domain::Key;
use domain::record::ContentHash;
use rusqlite::{Connection, OptionalExtension, params};

use super::heads::{self, Newest};
use super::{Fault, read};
use crate::archive::{Detail, MAX_CHAIN, Standing};
use crate::sqlite::columns::{key_columns, limit};

pub(super) fn standing(
    db: &Connection,
    keys: &[(Key, ContentHash)],
) -> Result<Vec<Option<Standing>>, Fault> {
    let are_dictionaries_there = db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM dictionaries)")?
        .query_row([], |row| row.get(0))?;
    let one = |(key, hash): &(Key, ContentHash)| {
        let Some(newest) = heads::newest(db, key)? else { return Ok(None) };
        let mut standing = of(&newest);
        if newest.hash != *hash {
            standing.detail = detail(db, key, newest.version)?;
        }
        // Without any no body is packed with one.
        if are_dictionaries_there {
            standing.dictionary = dictionary_of(db, key, newest.version)?;
        }
        Ok(Some(standing))
    };
    keys.iter().map(one).collect()
}

fn of(newest: &Newest) -> Standing {
    Standing {
        version: newest.version,
        fetched_at: newest.fetched_at,
        hash: newest.hash,
        schema_version: newest.schema_version,
        dictionary: None,
        detail: None,
    }
}

fn detail(db: &Connection, key: &Key, version: u32) -> Result<Option<Detail>, Fault> {
    let Some(newest) = read::one(db, key, version)? else { return Ok(None) };
    let before = version.checked_sub(1).map(|number| read::one(db, key, number)).transpose()?;
    let before = before.flatten().filter(|before| before.stored.is_patch);
    let chain_below = if before.is_some() { chain_below(db, key, version)? } else { 0 };
    Ok(Some(Detail { newest, before, chain_below }))
}

/// How many versions right below a version hang on it by their patches.
fn chain_below(db: &Connection, key: &Key, version: u32) -> Result<usize, Fault> {
    let [kind, id, season, episode] = key_columns(key);
    let mut select = db.prepare_cached(
        "SELECT patched FROM versions
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version < ?5
         ORDER BY version DESC LIMIT ?6",
    )?;
    let mut rows = select.query(params![kind, id, season, episode, version, limit(MAX_CHAIN)])?;
    let mut length = 0;
    while let Some(row) = rows.next()? {
        if !row.get::<_, bool>(0)? {
            break;
        }
        length += 1;
    }
    Ok(length)
}

fn dictionary_of(db: &Connection, key: &Key, version: u32) -> Result<Option<i64>, Fault> {
    let [kind, id, season, episode] = key_columns(key);
    let mut select = db.prepare_cached(
        "SELECT dictionary_id FROM versions
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version = ?5",
    )?;
    let number = select.query_row([kind, id, season, episode, version.into()], |row| row.get(0));
    Ok(number.optional()?.flatten())
}
