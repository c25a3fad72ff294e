//! Everything, page by page.

use domain::Key;
use domain::catalogue::{ListEntry, ListName, Person, Work};
use tokio_postgres::types::Type;

use super::read;
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{key_at, limit, signed, time_at};
use crate::projection::{Stretch, stretches_after};

pub(super) async fn works(
    tx: &Transaction<'_>,
    after: Option<Key>,
    rows: usize,
) -> Result<Vec<Work>, Fault> {
    let mut ids = vec![];
    for stretch in stretches_after(after) {
        ids.extend(next(tx, stretch, rows - ids.len()).await?);
    }
    read::works(tx, &ids).await
}

async fn next(tx: &Transaction<'_>, stretch: Stretch, rows: usize) -> Result<Vec<i64>, Fault> {
    let sql = match stretch.kind {
        domain::Kind::Tv => {
            "SELECT work_id FROM works WHERE work_id < $1 ORDER BY work_id DESC LIMIT $2"
        }
        _ => "SELECT work_id FROM works WHERE work_id > $1 ORDER BY work_id LIMIT $2",
    };
    let values = [(&stretch.after as _, Type::INT8), (&limit(rows) as _, Type::INT8)];
    let ids = tx.rows(sql, &values).await?;
    Ok(ids.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

pub(super) async fn people(
    tx: &Transaction<'_>,
    after: Option<u64>,
    rows: usize,
) -> Result<Vec<Person>, Fault> {
    let sql = format!(
        "SELECT {} FROM people WHERE person_id > $1 ORDER BY person_id LIMIT $2",
        read::PERSON_COLUMNS
    );
    let after = after.map_or(0, signed);
    let people = tx.rows(&sql, &[(&after, Type::INT8), (&limit(rows), Type::INT8)]).await?;
    people.iter().map(read::person_from).collect()
}

pub(super) async fn entries(
    tx: &Transaction<'_>,
    after: Option<&(ListName, u32)>,
    rows: usize,
) -> Result<Vec<(ListName, ListEntry)>, Fault> {
    let (list, region, language, rank) = match after {
        None => ("", "", "", -1),
        Some((name, rank)) => {
            (name.list.as_str(), name.region.as_str(), name.language.as_str(), i64::from(*rank))
        }
    };
    let rows = tx
        .rows(
            "SELECT kind, id, season, episode, list, region, language, rank, seen_at
             FROM list_entries WHERE (list, region, language, rank) > ($1, $2, $3, $4)
             ORDER BY list, region, language, rank LIMIT $5",
            &[
                (&list, Type::TEXT),
                (&region, Type::TEXT),
                (&language, Type::TEXT),
                (&rank, Type::INT8),
                (&limit(rows), Type::INT8),
            ],
        )
        .await?;
    let entries = rows.iter().map(|row| {
        let (list, region, language) = (row.try_get(4)?, row.try_get(5)?, row.try_get(6)?);
        let rank = u32::try_from(row.try_get::<_, i64>(7)?).unwrap_or(u32::MAX);
        let entry = ListEntry { key: key_at(row, 0)?, rank, seen_at: time_at(row, 8)? };
        Ok((ListName { list, region, language }, entry))
    });
    entries.collect()
}
