//! What changed since when, and how far ids go.

use domain::Kind;
use domain::archive::{Changed, Span};
use rusqlite::Connection;

use super::Fault;
use crate::sqlite::columns::{limit, unsigned};

/// The kinds stand in the SQL as they stand in the index.
pub(super) fn changed(db: &Connection, span: &Span) -> Result<Changed, Fault> {
    let kind = i64::from(span.kind.number());
    let (from, until) = (span.from.as_millis(), span.until.as_millis());
    let total = db
        .prepare_cached(
            "SELECT count(DISTINCT id) FROM versions
             WHERE kind IN (1, 2, 5) AND kind = ?1 AND valid_from >= ?2 AND valid_from < ?3",
        )?
        .query_row([kind, from, until], |row| row.get(0))?;
    let mut select = db.prepare_cached(
        "SELECT DISTINCT id FROM versions
         WHERE kind IN (1, 2, 5) AND kind = ?1 AND valid_from >= ?2 AND valid_from < ?3
         ORDER BY id LIMIT ?4 OFFSET ?5",
    )?;
    let mut rows = select.query([kind, from, until, limit(span.limit), limit(span.skip)])?;
    let mut ids = vec![];
    while let Some(row) = rows.next()? {
        ids.push(unsigned(row.get(0)?));
    }
    Ok(Changed { ids, total: unsigned(total) })
}

pub(super) fn highest(db: &Connection, kind: Kind) -> Result<Option<u64>, Fault> {
    let mut select = db.prepare_cached("SELECT max(id) FROM heads WHERE kind = ?1")?;
    let highest: Option<i64> = select.query_row([kind.number()], |row| row.get(0))?;
    Ok(highest.map(unsigned))
}
