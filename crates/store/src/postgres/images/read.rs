//! What is held and what failed.

use domain::images::{
    Failed, Image, ImageCount, ImageKind, ImageName, ImageState, ImageStats, Which,
};
use domain::{Key, StoreError, Timestamp};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::{Names, Owners};
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{instant, kind_at, limit, maybe_time_at, signed, time_at, unsigned};

/// The columns that [`image`] reads.
macro_rules! select_image {
    () => {
        "SELECT size, path, kind, of_kind, of_id, bytes, fetched_at, used_at, place FROM images "
    };
}

fn image(row: &Row) -> Result<Image, Fault> {
    let corrupt = |error: &dyn std::fmt::Display| Fault::corrupt(error.to_string());
    let of = Key::new(kind_at(row, 3)?, unsigned(row.try_get(4)?), None, None);
    let name = ImageName::new(row.try_get(0)?, row.try_get(1)?);
    Ok(Image {
        name: name.map_err(|error| corrupt(&error))?,
        kind: image_kind_at(row, 2)?,
        of: of.map_err(|error| corrupt(&error))?,
        bytes: unsigned(row.try_get(5)?),
        fetched_at: time_at(row, 6)?,
        used_at: time_at(row, 7)?,
        place: unsigned(row.try_get(8)?),
    })
}

fn image_kind_at(row: &Row, column: usize) -> Result<ImageKind, Fault> {
    let number: i16 = row.try_get(column)?;
    let kind = u8::try_from(number).ok().and_then(ImageKind::from_number);
    kind.ok_or_else(|| Fault::corrupt(format!("there is no kind of image {number}")))
}

pub(super) async fn total(tx: &Transaction<'_>) -> Result<u64, Fault> {
    let row = tx.one("SELECT coalesce(sum(bytes), 0)::bigint FROM images", &[]).await?;
    Ok(unsigned(row.try_get(0)?))
}

pub(super) async fn states(
    tx: &Transaction<'_>,
    names: &[ImageName],
) -> Result<Vec<ImageState>, Fault> {
    let rows = tx
        .rows(
            "SELECT bytes, fetched_at, used_at, attempts, retry_at
             FROM UNNEST($1::text[], $2::text[]) WITH ORDINALITY AS n (path, size, number)
             LEFT JOIN images USING (path, size)
             LEFT JOIN image_failures USING (path, size)
             ORDER BY number",
            &Names::of(names).values(),
        )
        .await?;
    rows.iter().map(state).collect()
}

fn state(row: &Row) -> Result<ImageState, Fault> {
    let attempts: Option<i64> = row.try_get(3)?;
    let retry_at = maybe_time_at(row, 4)?;
    let failed = attempts
        .map(|attempts| Failed { attempts: u32::try_from(attempts).unwrap_or(u32::MAX), retry_at });
    let Some(bytes) = row.try_get::<_, Option<i64>>(0)? else {
        return Ok(failed.map_or(ImageState::Unknown, ImageState::Failed));
    };
    Ok(ImageState::Held {
        bytes: unsigned(bytes),
        fetched_at: time_at(row, 1)?,
        used_at: time_at(row, 2)?,
        failed,
    })
}

pub(super) async fn least_used(
    tx: &Transaction<'_>,
    used_at: Timestamp,
    place: u64,
    bytes: u64,
) -> Result<Vec<Image>, Fault> {
    const STEP: usize = 500;
    let (mut images, mut sum) = (vec![], 0_u64);
    while sum < bytes {
        let rows = tx
            .rows(
                concat!(
                    select_image!(),
                    "WHERE used_at <= $1 AND (used_at < $1 OR place > $2)
                     ORDER BY used_at, place DESC, path, size LIMIT $3 OFFSET $4"
                ),
                &[
                    (&instant(used_at), Type::TIMESTAMPTZ),
                    (&signed(place), Type::INT8),
                    (&limit(STEP), Type::INT8),
                    (&limit(images.len()), Type::INT8),
                ],
            )
            .await?;
        for row in &rows {
            if sum < bytes {
                let image = image(row)?;
                sum = sum.saturating_add(image.bytes);
                images.push(image);
            }
        }
        if rows.len() < STEP {
            break;
        }
    }
    Ok(images)
}

pub(super) async fn held(
    tx: &Transaction<'_>,
    which: &Which,
    after: Option<&ImageName>,
    rows: usize,
) -> Result<Vec<Image>, Fault> {
    let (path, size) = after.map_or(("", ""), |name| (name.path.as_str(), name.size.as_str()));
    let rows = limit(rows);
    let page = [(&path as _, Type::TEXT), (&size as _, Type::TEXT), (&rows as _, Type::INT8)];
    let [path, size, rows] = page;
    let rows = match which {
        Which::All => {
            let sql = concat!(
                select_image!(),
                "WHERE (path, size) > ($1, $2) ORDER BY path, size LIMIT $3"
            );
            tx.rows(sql, &[path, size, rows]).await?
        }
        Which::FetchedBefore(before) => {
            let sql = concat!(
                select_image!(),
                "WHERE (path, size) > ($1, $2) AND fetched_at < $4 ORDER BY path, size LIMIT $3"
            );
            tx.rows(sql, &[path, size, rows, (&instant(*before), Type::TIMESTAMPTZ)]).await?
        }
        Which::Of(keys) => {
            let sql = concat!(
                select_image!(),
                "WHERE (path, size) > ($1, $2)
                   AND (of_kind, of_id) IN (SELECT * FROM UNNEST($4::int2[], $5::int8[]))
                 ORDER BY path, size LIMIT $3"
            );
            let owners = Owners::of(keys);
            let [kinds, ids] = owners.values();
            tx.rows(sql, &[path, size, rows, kinds, ids]).await?
        }
    };
    rows.iter().map(image).collect()
}

pub(super) async fn stats(tx: &Transaction<'_>) -> Result<ImageStats, Fault> {
    let rows = tx
        .rows(
            "SELECT kind, size, count(*), sum(bytes)::bigint, min(fetched_at) FROM images
             GROUP BY kind, size ORDER BY kind, size",
            &[],
        )
        .await?;
    let mut stats = ImageStats::default();
    for row in &rows {
        let size: Result<_, _> = row.try_get::<_, &str>(1)?.parse();
        let count = ImageCount {
            kind: image_kind_at(row, 0)?,
            size: size.map_err(|error| StoreError::Corrupt(format!("{error}")))?,
            images: unsigned(row.try_get(2)?),
            bytes: unsigned(row.try_get(3)?),
        };
        let oldest = time_at(row, 4)?;
        stats.oldest_fetched_at =
            Some(stats.oldest_fetched_at.map_or(oldest, |known| known.min(oldest)));
        stats.images += count.images;
        stats.bytes += count.bytes;
        stats.held.push(count);
    }
    let failures = "SELECT count(*) FILTER (WHERE retry_at IS NULL), count(retry_at)
                    FROM image_failures";
    let failures = tx.one(failures, &[]).await?;
    stats.gone = unsigned(failures.try_get(0)?);
    stats.failed = unsigned(failures.try_get(1)?);
    Ok(stats)
}
