//! What is known of keys without their bodies: asked a million times by a harvest.

use domain::Key;
use domain::archive::Head;
use rusqlite::{Connection, Row};

use super::Fault;
use super::read::hash_at;
use crate::sqlite::columns::{key_columns, time_at};

/// From here on, one pass over the table is worth trying.
const MANY: usize = 64;

pub(super) fn heads(db: &Connection, keys: &[Key]) -> Result<Vec<Option<Head>>, Fault> {
    if keys.len() >= MANY && keys.is_sorted() && keys.iter().all(|key| is_flat(key, &keys[0])) {
        return heads_together(db, keys);
    }
    heads_apart(db, keys)
}

/// Whether the id tells the key from others of `first`'s kind.
fn is_flat(key: &Key, first: &Key) -> bool {
    key.kind() == first.kind() && key.season_number().is_none()
}

/// Walks through keys and table side by side: an export's ids come in order and
/// most of them are known. Gives up where the table holds much between them.
fn heads_together(db: &Connection, keys: &[Key]) -> Result<Vec<Option<Head>>, Fault> {
    let [kind, first, ..] = key_columns(&keys[0]);
    let mut select = db.prepare_cached(
        "SELECT version, fetched_at, hash, schema_version, id FROM versions
         WHERE kind = ?1 AND id >= ?2 ORDER BY id, season, episode, version",
    )?;
    let mut rows = select.query([kind, first])?;
    let mut row = rows.next()?;
    let mut heads = Vec::with_capacity(keys.len());
    let mut patience = keys.len() * 4;
    for (place, key) in keys.iter().enumerate() {
        let [_, wanted, ..] = key_columns(key);
        let mut newest =
            heads.last().copied().flatten().filter(|_| place > 0 && keys[place - 1] == *key);
        while let Some(found) = row {
            let id: i64 = found.get(4)?;
            if id > wanted {
                break;
            }
            if id == wanted {
                newest = Some(head(found)?);
            }
            row = rows.next()?;
            patience = patience.saturating_sub(1);
        }
        heads.push(newest);
        if patience == 0 {
            heads.extend(heads_apart(db, &keys[place + 1..])?);
            break;
        }
    }
    Ok(heads)
}

fn heads_apart(db: &Connection, keys: &[Key]) -> Result<Vec<Option<Head>>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT version, fetched_at, hash, schema_version FROM versions
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4
         ORDER BY version DESC LIMIT 1",
    )?;
    let mut heads = Vec::with_capacity(keys.len());
    for key in keys {
        let mut rows = select.query(key_columns(key))?;
        heads.push(rows.next()?.map(head).transpose()?);
    }
    Ok(heads)
}

fn head(row: &Row<'_>) -> Result<Head, Fault> {
    Ok(Head {
        version: row.get(0)?,
        fetched_at: time_at(row, 1)?,
        hash: hash_at(row, 2)?,
        schema_version: row.get(3)?,
    })
}
