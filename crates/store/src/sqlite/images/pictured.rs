//! Titles and people with pictures, as the catalogue has them.

use domain::images::{Pictured, PicturedScan};
use domain::{Key, Kind};
use rusqlite::{Connection, Row, params};

use super::Fault;
use crate::sqlite::columns::{json_at, kind_at, limit, signed, unsigned};

/// Of the equally popular, titles come before people. Pages are merged from
/// both tables, each read along its index.
pub(super) fn page(db: &Connection, scan: &PicturedScan) -> Result<Vec<Pictured>, Fault> {
    let (popularity, title, person) = match scan.after {
        None => (f64::INFINITY, i64::MAX, i64::MAX),
        Some((popularity, key)) => match key.kind() {
            Kind::Movie => (popularity, signed(key.id()), i64::MAX),
            Kind::Tv => (popularity, -signed(key.id()), i64::MAX),
            _ => (popularity, i64::MIN, signed(key.id())),
        },
    };
    let bounds = |last: i64| params_of(popularity, last, scan);
    let mut page = titles(db, bounds(title))?;
    page.extend(people(db, bounds(person))?);
    // Both are in order, and sorting keeps the order of equals.
    page.sort_by(|a, b| b.popularity.total_cmp(&a.popularity));
    page.truncate(scan.limit);
    Ok(page)
}

type Bounds = (f64, i64, f64, i64);

fn params_of(popularity: f64, last: i64, scan: &PicturedScan) -> Bounds {
    (popularity, last, scan.min_popularity, limit(scan.limit))
}

fn titles(db: &Connection, bounds: Bounds) -> Result<Vec<Pictured>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT CASE kind WHEN 'tv' THEN 2 ELSE 1 END, tmdb_id, popularity, poster_url_original,
                backdrop_url, still_images
         FROM works JOIN works_meta USING (work_id)
         WHERE (popularity, work_id) < (?1, ?2) AND popularity >= ?3
           AND (poster_url_original IS NOT NULL OR backdrop_url IS NOT NULL
                OR still_images <> '[]')
         ORDER BY popularity DESC, work_id DESC LIMIT ?4",
    )?;
    let mut rows = select.query(params![bounds.0, bounds.1, bounds.2, bounds.3])?;
    let mut titles = vec![];
    while let Some(row) = rows.next()? {
        let stills: Vec<String> = json_at(row, 5)?;
        titles.push(Pictured {
            key: key(row)?,
            popularity: row.get(2)?,
            poster: row.get::<_, Option<String>>(3)?.as_deref().map(path),
            backdrop: row.get::<_, Option<String>>(4)?.as_deref().map(path),
            profile: None,
            stills: stills.iter().map(|address| path(address)).collect(),
        });
    }
    Ok(titles)
}

fn people(db: &Connection, bounds: Bounds) -> Result<Vec<Pictured>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT 5, person_id, popularity, profile_path FROM people
         WHERE (popularity, person_id) < (?1, ?2) AND popularity >= ?3
           AND profile_path IS NOT NULL
         ORDER BY popularity DESC, person_id DESC LIMIT ?4",
    )?;
    let mut rows = select.query(params![bounds.0, bounds.1, bounds.2, bounds.3])?;
    let mut people = vec![];
    while let Some(row) = rows.next()? {
        people.push(Pictured {
            key: key(row)?,
            popularity: row.get(2)?,
            poster: None,
            backdrop: None,
            profile: row.get(3)?,
            stills: vec![],
        });
    }
    Ok(people)
}

fn key(row: &Row<'_>) -> Result<Key, Fault> {
    let key = Key::new(kind_at(row, 0)?, unsigned(row.get(1)?), None, None);
    key.map_err(|error| Fault::corrupt(error.to_string()))
}

/// The path behind the size of an address on TMDB's image server.
fn path(address: &str) -> String {
    address.rfind('/').map_or(address, |slash| &address[slash..]).to_owned()
}
