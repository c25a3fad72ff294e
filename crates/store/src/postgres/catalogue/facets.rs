//! The facets of titles.

use domain::facets::Facets;
use domain::{Key, Kind, Timestamp};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{instant, limit, time_at, unsigned};
use crate::projection::facets::{day, unpack};
use crate::projection::{stretches_after, work_id, work_key};

/// What [`facets`] reads, from `facets f JOIN works w`.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT f.work_id, f.last_refreshed_at, w.title, w.original_title,
                    w.original_language, w.popularity, w.vote_average, w.vote_count,
                    w.release_date, w.runtime_minutes, w.adult, f.traits ",
            $rest
        )
    };
}

pub(super) async fn after(
    tx: &Transaction<'_>,
    after: Option<Key>,
    rows: usize,
) -> Result<Vec<Facets>, Fault> {
    let mut all = vec![];
    for stretch in stretches_after(after) {
        let sql = match stretch.kind {
            Kind::Tv => select!(
                "FROM facets f JOIN works w USING (work_id) WHERE f.work_id < $1
                 ORDER BY f.work_id DESC LIMIT $2"
            ),
            _ => select!(
                "FROM facets f JOIN works w USING (work_id) WHERE f.work_id > $1
                 ORDER BY f.work_id LIMIT $2"
            ),
        };
        let left = limit(rows - all.len());
        let found = tx.rows(sql, &[(&stretch.after, Type::INT8), (&left, Type::INT8)]).await?;
        for row in &found {
            all.push(facets(row)?);
        }
    }
    Ok(all)
}

pub(super) async fn since(
    tx: &Transaction<'_>,
    since: Timestamp,
    after: Option<Key>,
    rows: usize,
) -> Result<Vec<Facets>, Fault> {
    let after = after.as_ref().and_then(work_id).unwrap_or(i64::MIN);
    let found = tx
        .rows(
            select!(
                "FROM facets f JOIN works w USING (work_id)
                 WHERE (f.last_refreshed_at, f.work_id) > ($1, $2)
                 ORDER BY f.last_refreshed_at, f.work_id LIMIT $3"
            ),
            &[
                (&instant(since), Type::TIMESTAMPTZ),
                (&after, Type::INT8),
                (&limit(rows), Type::INT8),
            ],
        )
        .await?;
    found.iter().map(facets).collect()
}

fn facets(row: &Row) -> Result<Facets, Fault> {
    let title: String = row.try_get(2)?;
    let original_title: Option<String> = row.try_get(3)?;
    let released: Option<&str> = row.try_get(8)?;
    let runtime: Option<i64> = row.try_get(9)?;
    Ok(Facets {
        key: work_key(row.try_get(0)?)?,
        fetched_at: time_at(row, 1)?,
        original_title: original_title.unwrap_or_else(|| title.clone()),
        title,
        original_language: row.try_get(4)?,
        popularity: row.try_get(5)?,
        vote_average: row.try_get::<_, Option<f64>>(6)?.unwrap_or_default(),
        vote_count: unsigned(row.try_get(7)?),
        released: day(released),
        runtime: runtime.and_then(|minutes| u32::try_from(minutes).ok()),
        adult: row.try_get(10)?,
        traits: unpack(row.try_get(11)?)?,
    })
}
