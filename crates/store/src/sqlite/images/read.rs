//! What is held and what failed.

use domain::images::{
    Failed, Image, ImageCount, ImageKind, ImageName, ImageSize, ImageState, ImageStats, Which,
};
use domain::{Key, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Fault;
use crate::sqlite::columns::{kind_at, limit, maybe_time_at, signed, time_at, unsigned};

/// The columns that [`image`] reads.
macro_rules! select_image {
    () => {
        "SELECT size, path, kind, of_kind, of_id, bytes, fetched_at, used_at, place FROM images "
    };
}

/// Kind and id; seasons and episodes have no images of their own.
pub(super) fn of_columns(key: Key) -> [i64; 2] {
    [i64::from(key.kind().number()), signed(key.id())]
}

fn image(row: &Row<'_>) -> Result<Image, Fault> {
    let (size, path): (String, String) = (row.get(0)?, row.get(1)?);
    let corrupt = |error: &dyn std::fmt::Display| Fault::corrupt(error.to_string());
    let of = Key::new(kind_at(row, 3)?, unsigned(row.get(4)?), None, None);
    Ok(Image {
        name: ImageName::new(&size, &path).map_err(|error| corrupt(&error))?,
        kind: image_kind_at(row, 2)?,
        of: of.map_err(|error| corrupt(&error))?,
        bytes: unsigned(row.get(5)?),
        fetched_at: time_at(row, 6)?,
        used_at: time_at(row, 7)?,
        place: unsigned(row.get(8)?),
    })
}

fn image_kind_at(row: &Row<'_>, column: usize) -> Result<ImageKind, Fault> {
    let number: u8 = row.get(column)?;
    let kind = ImageKind::from_number(number);
    kind.ok_or_else(|| Fault::corrupt(format!("there is no kind of image {number}")))
}

pub(super) fn total(db: &Connection) -> Result<u64, Fault> {
    let mut sum = db.prepare_cached("SELECT coalesce(sum(bytes), 0) FROM images")?;
    Ok(unsigned(sum.query_row([], |row| row.get(0))?))
}

pub(super) fn states(db: &Connection, names: &[ImageName]) -> Result<Vec<ImageState>, Fault> {
    names.iter().map(|name| state(db, name)).collect()
}

fn state(db: &Connection, name: &ImageName) -> Result<ImageState, Fault> {
    let name = [name.path.as_str(), name.size.as_str()];
    let failed = db
        .prepare_cached(
            "SELECT attempts, retry_at FROM image_failures WHERE path = ?1 AND size = ?2",
        )?
        .query_row(name, |row| {
            let retry_at: Option<i64> = row.get(1)?;
            Ok(Failed { attempts: row.get(0)?, retry_at: retry_at.map(Timestamp::from_millis) })
        })
        .optional()?;
    let held = db
        .prepare_cached(
            "SELECT bytes, fetched_at, used_at FROM images WHERE path = ?1 AND size = ?2",
        )?
        .query_row(name, |row| {
            Ok(ImageState::Held {
                bytes: unsigned(row.get(0)?),
                fetched_at: Timestamp::from_millis(row.get(1)?),
                used_at: Timestamp::from_millis(row.get(2)?),
                failed,
            })
        })
        .optional()?;
    Ok(held.or(failed.map(ImageState::Failed)).unwrap_or(ImageState::Unknown))
}

pub(super) fn least_used(
    db: &Connection,
    used_at: Timestamp,
    place: u64,
    bytes: u64,
) -> Result<Vec<Image>, Fault> {
    let mut select = db.prepare_cached(concat!(
        select_image!(),
        "WHERE used_at <= ?1 AND (used_at < ?1 OR place > ?2)
         ORDER BY used_at, place DESC, path, size"
    ))?;
    let mut rows = select.query([used_at.as_millis(), signed(place)])?;
    let (mut images, mut sum) = (vec![], 0_u64);
    while sum < bytes
        && let Some(row) = rows.next()?
    {
        let image = image(row)?;
        sum = sum.saturating_add(image.bytes);
        images.push(image);
    }
    Ok(images)
}

pub(super) fn held(
    db: &Connection,
    which: &Which,
    after: Option<&ImageName>,
    rows: usize,
) -> Result<Vec<Image>, Fault> {
    let (path, size) = after.map_or(("", ""), |name| (name.path.as_str(), name.size.as_str()));
    match which {
        Which::All => {
            let mut select = db.prepare_cached(concat!(
                select_image!(),
                "WHERE (path, size) > (?1, ?2) ORDER BY path, size LIMIT ?3"
            ))?;
            all(select.query(params![path, size, limit(rows)])?)
        }
        Which::FetchedBefore(before) => {
            let mut select = db.prepare_cached(concat!(
                select_image!(),
                "WHERE (path, size) > (?1, ?2) AND fetched_at < ?4 ORDER BY path, size LIMIT ?3"
            ))?;
            all(select.query(params![path, size, limit(rows), before.as_millis()])?)
        }
        Which::Of(keys) => {
            let mut select = db.prepare_cached(concat!(
                select_image!(),
                "WHERE of_kind = ?1 AND of_id = ?2 AND (path, size) > (?3, ?4)"
            ))?;
            let mut images = vec![];
            for key in keys {
                let [of_kind, of_id] = of_columns(*key);
                images.extend(all(select.query(params![of_kind, of_id, path, size])?)?);
            }
            images.sort_by(|a, b| order(&a.name).cmp(&order(&b.name)));
            images.dedup_by(|a, b| a.name == b.name);
            images.truncate(rows);
            Ok(images)
        }
    }
}

fn order(name: &ImageName) -> (&str, &str) {
    (name.path.as_str(), name.size.as_str())
}

fn all(mut rows: rusqlite::Rows<'_>) -> Result<Vec<Image>, Fault> {
    let mut images = vec![];
    while let Some(row) = rows.next()? {
        images.push(image(row)?);
    }
    Ok(images)
}

pub(super) fn stats(db: &Connection) -> Result<ImageStats, Fault> {
    let mut select = db.prepare_cached(
        "SELECT kind, size, count(*), sum(bytes) FROM images GROUP BY kind, size
         ORDER BY kind, size",
    )?;
    let mut rows = select.query([])?;
    let mut stats = ImageStats::default();
    while let Some(row) = rows.next()? {
        let size: String = row.get(1)?;
        let size: Result<ImageSize, _> = size.parse();
        let count = ImageCount {
            kind: image_kind_at(row, 0)?,
            size: size.map_err(|error| Fault::corrupt(error.to_string()))?,
            images: unsigned(row.get(2)?),
            bytes: unsigned(row.get(3)?),
        };
        stats.images += count.images;
        stats.bytes += count.bytes;
        stats.held.push(count);
    }
    let failures = "SELECT count(*) FILTER (WHERE retry_at IS NULL), count(retry_at)
                    FROM image_failures";
    (stats.gone, stats.failed) = db
        .prepare_cached(failures)?
        .query_row([], |row| Ok((unsigned(row.get(0)?), unsigned(row.get(1)?))))?;
    stats.oldest_fetched_at = db
        .prepare_cached("SELECT min(fetched_at) FROM images")?
        .query_row([], |row| Ok(maybe_time_at(row, 0)))??;
    Ok(stats)
}
