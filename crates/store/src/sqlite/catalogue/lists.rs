//! TMDB's lists, as last read.

use domain::catalogue::{ListEntry, ListName, ListPage};
use domain::{Key, Timestamp};
use rusqlite::{Connection, params};

use super::{Fault, work_key};
use crate::sqlite::columns::{key_at, key_columns, limit, time_at, to_json, unsigned};

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

pub(super) fn readings(db: &Connection, list: &str) -> Result<Vec<ListName>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT DISTINCT region, language FROM list_entries WHERE list = ?1
         ORDER BY region, language",
    )?;
    let names = select.query_map([list], |row| {
        Ok(ListName { list: list.to_owned(), region: row.get(0)?, language: row.get(1)? })
    })?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// Entry by entry, since pages of a list may have been read on different days.
pub(super) fn forget(db: &Connection, before: Timestamp) -> Result<u64, Fault> {
    let forgotten = db
        .prepare_cached("DELETE FROM list_entries WHERE seen_at < ?1")?
        .execute([before.as_millis()])?;
    Ok(unsigned(limit(forgotten)))
}

/// A title that has another on both its lists names it once; so does one on several lists.
/// What cannot be collected is left out: it would be wanted again each time.
pub(super) fn wanted_similar(
    db: &Connection,
    lists: &[String],
    keys: usize,
) -> Result<Vec<Key>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT similar_work_id FROM similar_works
         WHERE work_id IN (SELECT iif(kind = 1, id, -id) FROM list_entries
                           WHERE list IN (SELECT value FROM json_each(?1)) AND kind IN (1, 2))
           AND similar_work_id NOT IN (SELECT work_id FROM works)
           AND NOT EXISTS (SELECT 1 FROM evidence
                           WHERE kind = iif(similar_work_id > 0, 1, 2)
                             AND id = abs(similar_work_id) AND season = -1 AND episode = -1)
           AND NOT EXISTS (SELECT 1 FROM dead_letters
                           WHERE kind = iif(similar_work_id > 0, 1, 2)
                             AND id = abs(similar_work_id) AND season = -1 AND episode = -1)
         GROUP BY similar_work_id
         ORDER BY count(DISTINCT work_id) DESC, min(rank), similar_work_id LIMIT ?2",
    )?;
    let wanted = select.query_map(params![to_json(lists)?, limit(keys)], |row| row.get(0))?;
    wanted.map(|id| Ok(work_key(id?)?)).collect()
}
