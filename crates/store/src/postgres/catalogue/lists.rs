//! TMDB's lists, as last read.

use domain::catalogue::{ListEntry, ListName, ListPage};
use domain::{Key, Timestamp};
use tokio_postgres::types::Type;

use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{Keys, instant, key_at, limit, time_at};
use crate::projection::work_key;

/// Of those who write pages of one list, one does at a time.
const LOCK: i32 = 0x4c69_7374;

pub(super) async fn put_page(tx: &Transaction<'_>, page: &ListPage) -> Result<(), Fault> {
    let ListName { list, region, language } = &page.name;
    let name = format!("{list} {region} {language}");
    tx.rows(
        "SELECT pg_advisory_xact_lock($1, hashtext($2))",
        &[(&LOCK, Type::INT4), (&name, Type::TEXT)],
    )
    .await?;
    let first = i64::from(page.first_rank);
    let after = first + limit(page.keys.len());
    // An earlier reading may have had more on this page, or pages of another length.
    tx.run(
        "DELETE FROM list_entries
         WHERE list = $1 AND region = $2 AND language = $3
           AND (page = $4 OR (rank >= $5 AND rank < $6) OR ($7 AND rank >= $6))",
        &[
            (list, Type::TEXT),
            (region, Type::TEXT),
            (language, Type::TEXT),
            (&i64::from(page.page), Type::INT8),
            (&first, Type::INT8),
            (&after, Type::INT8),
            (&page.is_last, Type::BOOL),
        ],
    )
    .await?;
    let keys = Keys::of(&page.keys);
    let [kinds, ids, seasons, episodes] = keys.values();
    tx.run(
        "INSERT INTO list_entries
             (list, region, language, page, seen_at, kind, id, season, episode, rank)
         SELECT $1, $2, $3, $4, $5, kind, id, season, episode, $6 + place - 1
         FROM UNNEST($7::int2[], $8::int8[], $9::int4[], $10::int4[])
             WITH ORDINALITY AS k (kind, id, season, episode, place)",
        &[
            (list, Type::TEXT),
            (region, Type::TEXT),
            (language, Type::TEXT),
            (&i64::from(page.page), Type::INT8),
            (&instant(page.seen_at), Type::TIMESTAMPTZ),
            (&first, Type::INT8),
            kinds,
            ids,
            seasons,
            episodes,
        ],
    )
    .await?;
    Ok(())
}

/// A key that moved between two readings of pages is listed once, where it ranks best.
pub(super) async fn list(
    tx: &Transaction<'_>,
    name: &ListName,
    rows: usize,
) -> Result<Vec<ListEntry>, Fault> {
    let rows = tx
        .rows(
            "SELECT * FROM (
                 SELECT DISTINCT ON (kind, id, season, episode)
                     kind, id, season, episode, rank, seen_at
                 FROM list_entries WHERE list = $1 AND region = $2 AND language = $3
                 ORDER BY kind, id, season, episode, rank
             ) AS best
             ORDER BY rank LIMIT $4",
            &[
                (&name.list, Type::TEXT),
                (&name.region, Type::TEXT),
                (&name.language, Type::TEXT),
                (&limit(rows), Type::INT8),
            ],
        )
        .await?;
    let entries = rows.iter().map(|row| {
        let rank = u32::try_from(row.try_get::<_, i64>(4)?).unwrap_or(u32::MAX);
        Ok(ListEntry { key: key_at(row, 0)?, rank, seen_at: time_at(row, 5)? })
    });
    entries.collect()
}

pub(super) async fn readings(tx: &Transaction<'_>, list: &str) -> Result<Vec<ListName>, Fault> {
    let rows = tx
        .rows(
            "SELECT DISTINCT region, language FROM list_entries WHERE list = $1
             ORDER BY region, language",
            &[(&list, Type::TEXT)],
        )
        .await?;
    let names = rows.iter().map(|row| {
        let (region, language) = (row.try_get(0)?, row.try_get(1)?);
        Ok(ListName { list: list.to_owned(), region, language })
    });
    names.collect()
}

/// Entry by entry, since pages of a list may have been read on different days.
pub(super) async fn forget(tx: &Transaction<'_>, before: Timestamp) -> Result<u64, Fault> {
    let sql = "DELETE FROM list_entries WHERE seen_at < $1";
    tx.run(sql, &[(&instant(before), Type::TIMESTAMPTZ)]).await
}

/// A title that has another on both its lists names it once; so does one on several lists.
/// What cannot be collected is left out: it would be wanted again each time.
pub(super) async fn wanted_similar(
    tx: &Transaction<'_>,
    lists: &[String],
    keys: usize,
) -> Result<Vec<Key>, Fault> {
    let rows = tx
        .rows(
            "WITH named AS (
                 SELECT similar_work_id AS work_id, count(DISTINCT work_id) AS times,
                        min(rank) AS rank
                 FROM similar_works
                 WHERE work_id IN (SELECT CASE kind WHEN 1 THEN id ELSE -id END
                                   FROM list_entries
                                   WHERE list = ANY($1) AND kind IN (1, 2))
                 GROUP BY similar_work_id
             ), keyed AS (
                 SELECT *, (CASE WHEN work_id > 0 THEN 1 ELSE 2 END)::int2 AS kind,
                        abs(work_id) AS id
                 FROM named
             )
             SELECT work_id FROM keyed k
             WHERE NOT EXISTS (SELECT 1 FROM works w WHERE w.work_id = k.work_id)
               AND NOT EXISTS (SELECT 1 FROM evidence e
                               WHERE e.kind = k.kind AND e.id = k.id
                                 AND e.season = -1 AND e.episode = -1)
               AND NOT EXISTS (SELECT 1 FROM dead_letters d
                               WHERE d.kind = k.kind AND d.id = k.id
                                 AND d.season = -1 AND d.episode = -1)
             ORDER BY times DESC, rank, work_id LIMIT $2",
            &[(&lists, Type::TEXT_ARRAY), (&limit(keys), Type::INT8)],
        )
        .await?;
    rows.iter().map(|row| Ok(work_key(row.try_get(0)?)?)).collect()
}
