//! Titles and people with pictures, as the catalogue has them.

use domain::images::{Pictured, PicturedScan};
use rusqlite::{Connection, params};

use super::Fault;
use crate::pictured::{Start, merged, person, title};
use crate::projection;
use crate::sqlite::columns::{json_at, limit, unsigned};

/// Each table is read along its index.
pub(super) fn page(db: &Connection, scan: &PicturedScan) -> Result<Vec<Pictured>, Fault> {
    let start = Start::of(scan);
    Ok(merged(titles(db, scan, &start)?, people(db, scan, &start)?, scan.limit))
}

fn titles(db: &Connection, scan: &PicturedScan, start: &Start) -> Result<Vec<Pictured>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT work_id, popularity, poster_url_original, backdrop_url, still_images
         FROM works JOIN works_meta USING (work_id)
         WHERE (popularity, work_id) < (?1, ?2) AND popularity >= ?3
           AND (poster_url_original IS NOT NULL OR backdrop_url IS NOT NULL
                OR still_images <> '[]')
         ORDER BY popularity DESC, work_id DESC LIMIT ?4",
    )?;
    let (least, rows) = (scan.min_popularity, limit(scan.limit));
    let mut rows = select.query(params![start.popularity, start.work_id, least, rows])?;
    let mut titles = vec![];
    while let Some(row) = rows.next()? {
        let key = projection::work_key(row.get(0)?)?;
        let stills: Vec<String> = json_at(row, 4)?;
        let (poster, backdrop): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
        titles.push(title(key, row.get(1)?, poster.as_deref(), backdrop.as_deref(), &stills));
    }
    Ok(titles)
}

fn people(db: &Connection, scan: &PicturedScan, start: &Start) -> Result<Vec<Pictured>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT person_id, popularity, profile_path FROM people
         WHERE (popularity, person_id) < (?1, ?2) AND popularity >= ?3
           AND profile_path IS NOT NULL
         ORDER BY popularity DESC, person_id DESC LIMIT ?4",
    )?;
    let (least, rows) = (scan.min_popularity, limit(scan.limit));
    let mut rows = select.query(params![start.popularity, start.person_id, least, rows])?;
    let mut people = vec![];
    while let Some(row) = rows.next()? {
        people.push(person(unsigned(row.get(0)?), row.get(1)?, row.get(2)?));
    }
    Ok(people)
}
