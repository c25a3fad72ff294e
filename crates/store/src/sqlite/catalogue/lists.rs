//! TMDB's lists, as last read.

use domain::catalogue::{ListEntry, ListName, ListPage};
use rusqlite::{Connection, params};

use super::Fault;
use crate::sqlite::columns::{key_at, key_columns, limit, time_at};

pub(super) fn put_page(db: &Connection, page: &ListPage) -> Result<(), Fault> {
    let ListName { list, region, language } = &page.name;
    let ranks = i64::from(page.first_rank)..;
    let after = i64::from(page.first_rank) + limit(page.keys.len());
    // An earlier reading may have had more on this page, or pages of another length.
    db.prepare_cached(
        "DELETE FROM list_entries
         WHERE list = ?1 AND region = ?2 AND language = ?3
           AND (page = ?4 OR (rank >= ?5 AND rank < ?6) OR (?7 AND rank >= ?6))",
    )?
    .execute(params![
        list,
        region,
        language,
        page.page,
        page.first_rank,
        after,
        page.is_last
    ])?;
    let mut insert = db.prepare_cached(
        "INSERT INTO list_entries
             (list, region, language, rank, page, kind, id, season, episode, seen_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    let seen_at = page.seen_at.as_millis();
    for (rank, key) in ranks.zip(&page.keys) {
        let [kind, id, season, episode] = key_columns(key);
        insert.execute(params![
            list, region, language, rank, page.page, kind, id, season, episode, seen_at
        ])?;
    }
    Ok(())
}

/// A key that moved between two readings of pages is listed once, where it ranks best.
pub(super) fn list(db: &Connection, name: &ListName, rows: usize) -> Result<Vec<ListEntry>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT kind, id, season, episode, min(rank), seen_at FROM list_entries
         WHERE list = ?1 AND region = ?2 AND language = ?3
         GROUP BY kind, id, season, episode
         ORDER BY 5 LIMIT ?4",
    )?;
    let mut rows = select.query(params![name.list, name.region, name.language, limit(rows)])?;
    let mut entries = vec![];
    while let Some(row) = rows.next()? {
        entries.push(ListEntry {
            key: key_at(row, 0)?,
            rank: row.get(4)?,
            seen_at: time_at(row, 5)?,
        });
    }
    Ok(entries)
}
