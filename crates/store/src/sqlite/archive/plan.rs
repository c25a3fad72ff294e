//! What a record will do to the archive: compared, compressed and patched where
//! it holds up nobody, on a thread that reads.
//!
//! The newest version of a key is always whole. An older one is a patch on the
//! next where that is smaller, so that reading a version means to unpack the
//! next whole one and to apply patches down to it. Versions age from the oldest
//! up, since `fetched_at` never falls from a number to the next; so dropping
//! what is too old never takes away what a patch needs.

use bytes::Bytes;
use domain::outline::Outline;
use domain::record::ContentHash;
use domain::{Key, Record, StoreError};
use rusqlite::{Connection, params};

use super::Fault;
use super::dictionaries::{Dictionaries, Packing, Stored};
use super::heads::{self, Newest};
use super::read;
use crate::sqlite::columns::{key_columns, limit};

/// Patches to apply, at most, for reading a version.
const MAX_CHAIN: usize = 32;

/// A record on its way into the archive.
pub(super) struct Draft {
    pub(super) record: Record,
    pub(super) outline: Outline,
    /// The newest version that the plan was made for.
    seen: Option<(u32, ContentHash)>,
    plan: Plan,
}

/// What to do with a record, other than to note that it was fetched.
pub(super) enum Plan {
    Create(Stored),
    /// Equal to the newest version, whose body may have to be packed anew.
    Renew(Option<Stored>),
    /// Replaces the newest version's body; the version before was a patch on the old one.
    Figures(Stored, Option<Stored>),
    /// Follows the newest version, which may become a patch.
    Change(Stored, Option<Stored>),
    /// Fetched before the newest version was: nothing is taken back.
    Late,
}

impl Plan {
    fn is_writable(&self, key: &Key, packing: &Packing) -> bool {
        let stored = match self {
            Self::Create(stored) => [Some(stored), None],
            Self::Renew(stored) => [stored.as_ref(), None],
            Self::Figures(stored, before) | Self::Change(stored, before) => {
                [Some(stored), before.as_ref()]
            }
            Self::Late => [None, None],
        };
        stored.into_iter().flatten().all(|stored| packing.is_writable(key.kind(), stored))
    }
}

impl Draft {
    /// Takes the plan where the newest version is still the one it was made for.
    pub(super) fn plan_for(&self, newest: Option<&Newest>, packing: &Packing) -> Option<&Plan> {
        let is_late = newest.is_some_and(|newest| self.record.fetched_at < newest.fetched_at);
        let is_same = self.seen == newest.map(|newest| (newest.version, newest.hash));
        let fits = is_same && is_late == matches!(self.plan, Plan::Late);
        Some(&self.plan).filter(|plan| fits && plan.is_writable(&self.record.key, packing))
    }
}

pub(super) fn draft(
    db: &Connection,
    dictionaries: &Dictionaries,
    records: Vec<Record>,
) -> Result<Vec<Draft>, Fault> {
    let packing = dictionaries.packing(db)?;
    let drafts = records.into_iter().map(|record| {
        let newest = heads::newest(db, &record.key)?;
        let plan = plan(db, &packing, &record, newest.as_ref())?;
        let seen = newest.map(|newest| (newest.version, newest.hash));
        let outline = records::outline(record.key, &record.body);
        Ok(Draft { record, outline, seen, plan })
    });
    drafts.collect()
}

pub(super) fn plan(
    db: &Connection,
    packing: &Packing,
    record: &Record,
    newest: Option<&Newest>,
) -> Result<Plan, Fault> {
    let kind = record.key.kind();
    let Some(newest) = newest else { return Ok(Plan::Create(packing.pack(kind, &record.body))) };
    if record.fetched_at < newest.fetched_at {
        return Ok(Plan::Late);
    }
    let key = &record.key;
    if record.hash == newest.hash {
        let is_outdated = !packing.is_plain() && {
            let dictionary = dictionary_of(db, key, newest.version)?;
            packing.is_outdated(kind, dictionary, record.fetched_at)
        };
        return Ok(Plan::Renew(is_outdated.then(|| packing.pack(kind, &record.body))));
    }
    let packed = packing.pack(kind, &record.body);
    let old = match read::body(db, packing, key, newest.version) {
        // `archive verify` tells of it; a record that came is kept all the same.
        Err(Fault::Store(StoreError::Corrupt(_))) => return Ok(Plan::Change(packed, None)),
        old => old?,
    };
    let is_steady =
        records::steady_hash(*key, &old.body) == records::steady_hash(*key, &record.body);
    if is_steady || is_rewritten(db, record, newest.version, &old.body)? {
        let before = newest.version.checked_sub(1).filter(|number| *number > 0);
        let before =
            before.map(|number| read::patched_on(db, key, number, &old.body)).transpose()?;
        let before = before.flatten().map(|body| smaller(packing, key, &record.body, &body));
        return Ok(Plan::Figures(packed, before));
    }
    let patch = patch(&record.body, &old.body);
    let is_worth =
        patch.bytes.len() < old.stored_bytes && chain_below(db, key, newest.version)? < MAX_CHAIN;
    Ok(Plan::Change(packed, is_worth.then_some(patch)))
}

/// Whether a record differs only in the schema that it was written with: it is
/// the same JSON, and no version.
fn is_rewritten(db: &Connection, record: &Record, version: u32, old: &[u8]) -> Result<bool, Fault> {
    let [kind, id, season, episode] = key_columns(&record.key);
    let schema: u32 = db
        .prepare_cached(
            "SELECT schema_version FROM versions
             WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND version = ?5",
        )?
        .query_row([kind, id, season, episode, version.into()], |row| row.get(0))?;
    if schema >= record.schema_version {
        return Ok(false);
    }
    let value = |body: &[u8]| {
        let text = records::body_to_json(record.key, body);
        text.ok().and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
    };
    Ok(value(old).is_some_and(|old| value(&record.body) == Some(old)))
}

fn patch(base: &[u8], body: &[u8]) -> Stored {
    Stored { bytes: records::patch(base, body), dictionary: None, is_patch: true }
}

/// A body as a patch, or whole where that takes less.
fn smaller(packing: &Packing, key: &Key, base: &[u8], body: &Bytes) -> Stored {
    let patch = patch(base, body);
    let whole = packing.pack(key.kind(), body);
    if patch.bytes.len() < whole.bytes.len() { patch } else { whole }
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
    Ok(select.query_row([kind, id, season, episode, version.into()], |row| row.get(0))?)
}
