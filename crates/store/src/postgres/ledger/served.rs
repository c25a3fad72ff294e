//! What was asked of the mirror, by hour and endpoint.

use domain::Timestamp;
use domain::served::{Served, ServedFigures};
use serde::Serialize;
use tokio_postgres::types::Type;

use crate::postgres::batch::json;
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{instant, signed, time_at, unsigned};

#[derive(Serialize)]
struct Noted<'a> {
    hour: jiff::Timestamp,
    endpoint: &'a str,
    kept: i64,
    fresh: i64,
    stale: i64,
    fetched: i64,
    failed: i64,
    saved: i64,
}

impl<'a> From<&'a Served> for Noted<'a> {
    fn from(served: &'a Served) -> Self {
        let ServedFigures { kept, fresh, stale, fetched, failed, saved } = served.figures;
        Self {
            hour: instant(served.hour),
            endpoint: &served.endpoint,
            kept: signed(kept),
            fresh: signed(fresh),
            stale: signed(stale),
            fetched: signed(fetched),
            failed: signed(failed),
            saved: signed(saved),
        }
    }
}

pub(super) async fn note(
    tx: &Transaction<'_>,
    served: &[Served],
    forget_before: Timestamp,
) -> Result<(), Fault> {
    let noted = json(&served.iter().map(Noted::from).collect::<Vec<_>>())?;
    // In one order, so that processes that note at once wait and do not die.
    tx.run(
        "INSERT INTO served AS known
             (hour, endpoint, kept, fresh, stale, fetched, failed, saved)
         SELECT hour, endpoint, sum(kept), sum(fresh), sum(stale), sum(fetched),
                sum(failed), sum(saved)
         FROM json_populate_recordset(NULL::served, $1::json)
         GROUP BY hour, endpoint ORDER BY hour, endpoint
         ON CONFLICT (hour, endpoint) DO UPDATE
         SET kept = known.kept + excluded.kept, fresh = known.fresh + excluded.fresh,
             stale = known.stale + excluded.stale, fetched = known.fetched + excluded.fetched,
             failed = known.failed + excluded.failed, saved = known.saved + excluded.saved",
        &[(&noted, Type::TEXT)],
    )
    .await?;
    let before = instant(forget_before);
    tx.run("DELETE FROM served WHERE hour < $1", &[(&before, Type::TIMESTAMPTZ)]).await?;
    Ok(())
}

pub(super) async fn list(tx: &Transaction<'_>, since: Timestamp) -> Result<Vec<Served>, Fault> {
    let rows = tx
        .rows(
            "SELECT hour, endpoint, kept, fresh, stale, fetched, failed, saved FROM served
             WHERE hour >= $1 ORDER BY hour, endpoint",
            &[(&instant(since), Type::TIMESTAMPTZ)],
        )
        .await?;
    let served = rows.iter().map(|row| {
        let figures = ServedFigures {
            kept: unsigned(row.try_get(2)?),
            fresh: unsigned(row.try_get(3)?),
            stale: unsigned(row.try_get(4)?),
            fetched: unsigned(row.try_get(5)?),
            failed: unsigned(row.try_get(6)?),
            saved: unsigned(row.try_get(7)?),
        };
        Ok(Served { hour: time_at(row, 0)?, endpoint: row.try_get(1)?, figures })
    });
    served.collect()
}
