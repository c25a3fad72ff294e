//! The facets of titles.

use domain::facets::Facets;
use domain::{Key, Kind, Timestamp};
use rusqlite::{Connection, Row, params};

use super::{Fault, work_id, work_key};
use crate::projection::facets::{day, unpack};
use crate::projection::{Found, stretches_after};
use crate::sqlite::columns::{limit, time_at, unsigned};

pub(super) fn put(
    db: &Connection,
    id: i64,
    found: &Found,
    fetched_at: Timestamp,
) -> Result<(), Fault> {
    db.prepare_cached(
        "REPLACE INTO facets (work_id, names, traits, last_refreshed_at) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![id, found.names, found.traits, fetched_at.as_millis()])?;
    Ok(())
}

/// What [`facets`] reads, from `facets f JOIN works w`.
macro_rules! select {
    ($($rest:literal),*) => {
        concat!(
            "SELECT f.work_id, f.last_refreshed_at, w.title, w.original_title,
                    w.original_language, w.popularity, w.vote_average, w.vote_count,
                    w.release_date, w.runtime_minutes, w.adult, f.traits ",
            $($rest),*
        )
    };
}

pub(super) fn after(
    db: &Connection,
    after: Option<Key>,
    rows: usize,
) -> Result<Vec<Facets>, Fault> {
    let mut all = vec![];
    for stretch in stretches_after(after) {
        let sql = match stretch.kind {
            Kind::Tv => select!(
                "FROM facets f JOIN works w USING (work_id) WHERE f.work_id < ?1
                 ORDER BY f.work_id DESC LIMIT ?2"
            ),
            _ => select!(
                "FROM facets f JOIN works w USING (work_id) WHERE f.work_id > ?1
                 ORDER BY f.work_id LIMIT ?2"
            ),
        };
        let left = rows - all.len();
        let mut select = db.prepare_cached(sql)?;
        let mut found = select.query([stretch.after, limit(left)])?;
        while let Some(row) = found.next()? {
            all.push(facets(row)?);
        }
    }
    Ok(all)
}

pub(super) fn since(
    db: &Connection,
    since: Timestamp,
    after: Option<Key>,
    rows: usize,
) -> Result<Vec<Facets>, Fault> {
    let mut select = db.prepare_cached(select!(
        "FROM facets f CROSS JOIN works w USING (work_id)
         WHERE (f.last_refreshed_at, f.work_id) > (?1, ?2)
         ORDER BY f.last_refreshed_at, f.work_id LIMIT ?3"
    ))?;
    let after = after.as_ref().and_then(work_id).unwrap_or(i64::MIN);
    let mut found = select.query([since.as_millis(), after, limit(rows)])?;
    let mut all = vec![];
    while let Some(row) = found.next()? {
        all.push(facets(row)?);
    }
    Ok(all)
}

fn facets(row: &Row<'_>) -> Result<Facets, Fault> {
    let title: String = row.get(2)?;
    let original_title: Option<String> = row.get(3)?;
    let released: Option<String> = row.get(8)?;
    Ok(Facets {
        key: work_key(row.get(0)?)?,
        fetched_at: time_at(row, 1)?,
        original_title: original_title.unwrap_or_else(|| title.clone()),
        title,
        original_language: row.get(4)?,
        popularity: row.get(5)?,
        vote_average: row.get::<_, Option<f64>>(6)?.unwrap_or_default(),
        vote_count: unsigned(row.get(7)?),
        released: day(released.as_deref()),
        runtime: row.get(9)?,
        adult: row.get(10)?,
        traits: unpack(row.get_ref(11)?.as_blob().map_err(rusqlite::Error::from)?)?,
    })
}
