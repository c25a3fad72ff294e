//! Names, and what is found by them.

use domain::facets::{NamePage, NameQuery};
use domain::{Key, Kind, StoreError};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::{Fault, work_id};
use crate::projection::names::thing_id;
use crate::projection::words::{self, Word};
use crate::sqlite::columns::{kind_at, limit, signed, unsigned};

/// Indexes the names of a title, unless they are already. Runs before its facets are written.
pub(super) fn put_work(db: &Connection, id: i64, names: &str) -> Result<(), Fault> {
    let known: Option<String> = db
        .prepare_cached("SELECT names FROM facets WHERE work_id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    put(db, "work_names", id, known.as_deref(), names)
}

/// As [`put_work`]; runs before the person's row is written.
pub(super) fn put_person(db: &Connection, id: i64, names: &str) -> Result<(), Fault> {
    let known: Option<String> = db
        .prepare_cached("SELECT name || ' ' || also_known_as FROM people WHERE person_id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    put(db, "person_names", id, known.as_deref(), names)
}

/// As [`put_work`]; runs before the thing's row is written.
pub(super) fn put_thing(db: &Connection, key: &Key, name: Option<&str>) -> Result<(), Fault> {
    let Some(number) = thing_id(key) else { return Ok(()) };
    let known: Option<Option<String>> = db
        .prepare_cached(
            "SELECT name FROM things
             WHERE kind = ?1 AND id = ?2 AND season = -1 AND episode = -1",
        )?
        .query_row(params![key.kind().number(), signed(key.id())], |row| row.get(0))
        .optional()?;
    let known = known.as_ref().map(|name| name.as_deref().unwrap_or_default());
    put(db, "thing_names", number, known, name.unwrap_or_default())
}

fn put(
    db: &Connection,
    table: &str,
    id: i64,
    known: Option<&str>,
    names: &str,
) -> Result<(), Fault> {
    if known == Some(names) {
        return Ok(());
    }
    if known.is_some() {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE rowid = ?1"))?.execute([id])?;
    }
    db.prepare_cached(&format!("INSERT INTO {table} (rowid, names) VALUES (?1, ?2)"))?
        .execute(params![id, names])?;
    Ok(())
}

/// What a key is found by goes, before its other rows do.
pub(super) fn remove(db: &Connection, key: &Key) -> Result<(), Fault> {
    let (table, id) = match (work_id(key), key.kind()) {
        (Some(id), _) => ("work_names", Some(id)),
        (None, Kind::Person) => ("person_names", Some(signed(key.id()))),
        (None, _) => ("thing_names", thing_id(key)),
    };
    if let Some(id) = id {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE rowid = ?1"))?.execute([id])?;
    }
    Ok(())
}

pub(super) fn search(db: &Connection, query: &NameQuery) -> Result<NamePage, Fault> {
    let Some(words) = matching(&query.text) else { return Ok(NamePage::default()) };
    let arms = arms(query);
    if arms.is_empty() {
        return Ok(NamePage::default());
    }
    let arms = arms.join(" UNION ALL ");
    let mut values: Vec<Value> = vec![
        words.into(),
        query.text.trim().to_owned().into(),
        query.adult.into(),
        query.year.map(i64::from).into(),
        mask(&query.kinds).into(),
    ];
    values.push(limit(query.limit).into());
    values.push(limit(query.offset).into());
    // One look for both: of a common word, most of the time goes into it.
    let mut select = db.prepare_cached(&format!(
        "WITH found AS MATERIALIZED ({arms}), page AS (
             SELECT * FROM found ORDER BY nearness, popularity DESC, kind, id LIMIT ?6 OFFSET ?7
         )
         SELECT total, kind, id FROM (SELECT count(*) AS total FROM found) LEFT JOIN page
         ORDER BY nearness, popularity DESC, kind, id"
    ))?;
    let mut rows = select.query(params_from_iter(&values))?;
    let mut page = NamePage::default();
    while let Some(row) = rows.next()? {
        page.total = unsigned(row.get(0)?);
        if row.get::<_, Option<i64>>(1)?.is_some() {
            let key = Key::new(kind_at(row, 1)?, unsigned(row.get(2)?), None, None);
            page.keys.push(key.map_err(|error| StoreError::Corrupt(error.to_string()))?);
        }
    }
    Ok(page)
}

/// Where to look: ?1 are the words, ?2 the whole text, ?3 whether adult ones count,
/// ?4 the year and ?5 the kinds, as bits.
fn arms(query: &NameQuery) -> Vec<&'static str> {
    /// Every value is named, so that each statement takes all of them.
    const WORKS: &str = "SELECT iif(w.work_id > 0, 1, 2) AS kind, abs(w.work_id) AS id,
            w.popularity AS popularity,
            CASE WHEN w.title = ?2 COLLATE NOCASE OR w.original_title = ?2 COLLATE NOCASE THEN 0
                 WHEN substr(w.title, 1, length(?2)) = ?2 COLLATE NOCASE THEN 1
                 ELSE 2 END AS nearness
        FROM work_names n CROSS JOIN works w ON w.work_id = n.rowid
        WHERE work_names MATCH ?1 AND (?3 OR NOT w.adult) AND (?4 IS NULL OR w.year = ?4)
          AND ?5 & iif(n.rowid > 0, 2, 4)";
    const PEOPLE: &str = "SELECT 5 AS kind, p.person_id AS id, p.popularity AS popularity,
            CASE WHEN p.name = ?2 COLLATE NOCASE THEN 0
                 WHEN substr(p.name, 1, length(?2)) = ?2 COLLATE NOCASE THEN 1
                 ELSE 2 END AS nearness
        FROM person_names n CROSS JOIN people p ON p.person_id = n.rowid
        WHERE person_names MATCH ?1 AND (?3 OR NOT p.adult) AND (?4 IS NULL OR true)
          AND ?5 & 32";
    const THINGS: &str = "SELECT t.kind AS kind, t.id AS id, 0 AS popularity,
            CASE WHEN t.name = ?2 COLLATE NOCASE THEN 0
                 WHEN substr(t.name, 1, length(?2)) = ?2 COLLATE NOCASE THEN 1
                 ELSE 2 END AS nearness
        FROM thing_names n CROSS JOIN things t
          ON t.kind = n.rowid % 16 AND t.id = n.rowid / 16 AND t.season = -1 AND t.episode = -1
        WHERE thing_names MATCH ?1 AND (?3 OR true) AND (?4 IS NULL OR true)
          AND ?5 & (1 << (n.rowid % 16))";
    let asks = |mask_of: i64| mask(&query.kinds) & mask_of != 0;
    let all = [(WORKS, 2 | 4), (PEOPLE, 32), (THINGS, 64 | 128 | 256 | 512)];
    all.into_iter().filter(|(_, mask_of)| asks(*mask_of)).map(|(arm, _)| arm).collect()
}

/// Kinds as bits of their numbers.
fn mask(kinds: &[Kind]) -> i64 {
    kinds.iter().fold(0, |mask, kind| mask | 1 << kind.number())
}

/// What people type, as the index takes it: every word, and the start of the last one.
/// What starts with less than [`words::SHORTEST_START`] letters is half of all there is.
fn matching(text: &str) -> Option<String> {
    let words = words::sought(text);
    let last = words.len().checked_sub(1)?;
    let quoted = words.into_iter().enumerate().map(|(place, Word { text, is_start })| {
        let is_last = place == last && text.chars().count() >= words::SHORTEST_START;
        let any_end = if is_start || is_last { "*" } else { "" };
        format!("\"{text}\"{any_end}")
    });
    Some(quoted.collect::<Vec<_>>().join(" AND "))
}
