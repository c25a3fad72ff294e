//! What was asked of the mirror, by hour and endpoint.

use domain::Timestamp;
use domain::served::{Served, ServedFigures};
use rusqlite::{Connection, params};

use super::Fault;
use crate::sqlite::columns::{signed, time_at, unsigned};

pub(super) fn note(
    db: &Connection,
    served: &[Served],
    forget_before: Timestamp,
) -> Result<(), Fault> {
    let mut note = db.prepare_cached(
        "INSERT INTO served (hour, endpoint, kept, fresh, stale, fetched, failed, saved)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (hour, endpoint) DO UPDATE
         SET kept = kept + excluded.kept, fresh = fresh + excluded.fresh,
             stale = stale + excluded.stale, fetched = fetched + excluded.fetched,
             failed = failed + excluded.failed, saved = saved + excluded.saved",
    )?;
    for Served { hour, endpoint, figures } in served {
        let ServedFigures { kept, fresh, stale, fetched, failed, saved } = *figures;
        note.execute(params![
            hour.as_millis(),
            endpoint,
            signed(kept),
            signed(fresh),
            signed(stale),
            signed(fetched),
            signed(failed),
            signed(saved),
        ])?;
    }
    let mut forget = db.prepare_cached("DELETE FROM served WHERE hour < ?1")?;
    forget.execute([forget_before.as_millis()])?;
    Ok(())
}

pub(super) fn list(db: &Connection, since: Timestamp) -> Result<Vec<Served>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT hour, endpoint, kept, fresh, stale, fetched, failed, saved FROM served
         WHERE hour >= ?1 ORDER BY hour, endpoint",
    )?;
    let mut rows = select.query([since.as_millis()])?;
    let mut served = vec![];
    while let Some(row) = rows.next()? {
        let figures = ServedFigures {
            kept: unsigned(row.get(2)?),
            fresh: unsigned(row.get(3)?),
            stale: unsigned(row.get(4)?),
            fetched: unsigned(row.get(5)?),
            failed: unsigned(row.get(6)?),
            saved: unsigned(row.get(7)?),
        };
        served.push(Served { hour: time_at(row, 0)?, endpoint: row.get(1)?, figures });
    }
    Ok(served)
}
