//! What became of images is written.

use domain::images::{Image, ImageFailure, ImageName, Notes, Used};
use domain::{Key, Timestamp};
use rusqlite::{Connection, params};

use super::Fault;
use super::read::{of_columns, total};
use crate::sqlite::columns::{limit, signed, unsigned};

pub(super) fn note(db: &Connection, notes: &Notes) -> Result<u64, Fault> {
    notes.kept.iter().try_for_each(|image| keep(db, image))?;
    notes.used.iter().try_for_each(|used| use_again(db, used))?;
    notes.failed.iter().try_for_each(|failure| fail(db, failure))?;
    total(db)
}

fn keep(db: &Connection, image: &Image) -> Result<(), Fault> {
    let [of_kind, of_id] = of_columns(image.of);
    db.prepare_cached(
        "REPLACE INTO images
             (path, size, kind, of_kind, of_id, bytes, fetched_at, used_at, place)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        image.name.path.as_str(),
        image.name.size.as_str(),
        image.kind.number(),
        of_kind,
        of_id,
        signed(image.bytes),
        image.fetched_at.as_millis(),
        image.used_at.as_millis(),
        signed(image.place),
    ])?;
    db.prepare_cached("DELETE FROM image_failures WHERE path = ?1 AND size = ?2")?
        .execute([image.name.path.as_str(), image.name.size.as_str()])?;
    Ok(())
}

fn use_again(db: &Connection, used: &Used) -> Result<(), Fault> {
    let [of_kind, of_id] = of_columns(used.of);
    db.prepare_cached(
        "UPDATE images
         SET used_at = max(used_at, ?3), place = ?4, of_kind = ?5, of_id = ?6
         WHERE path = ?1 AND size = ?2",
    )?
    .execute(params![
        used.name.path.as_str(),
        used.name.size.as_str(),
        used.at.as_millis(),
        signed(used.place),
        of_kind,
        of_id,
    ])?;
    Ok(())
}

fn fail(db: &Connection, failure: &ImageFailure) -> Result<(), Fault> {
    let [of_kind, of_id] = of_columns(failure.of);
    db.prepare_cached(
        "REPLACE INTO image_failures
             (path, size, of_kind, of_id, attempts, retry_at, reason, failed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        failure.name.path.as_str(),
        failure.name.size.as_str(),
        of_kind,
        of_id,
        failure.failed.attempts,
        failure.failed.retry_at.map(Timestamp::as_millis),
        failure.reason,
        failure.at.as_millis(),
    ])?;
    Ok(())
}

pub(super) fn touch(db: &Connection, name: &ImageName, now: Timestamp) -> Result<(), Fault> {
    db.prepare_cached(
        "UPDATE images SET used_at = ?3 WHERE path = ?1 AND size = ?2 AND used_at < ?3",
    )?
    .execute(params![name.path.as_str(), name.size.as_str(), now.as_millis()])?;
    Ok(())
}

pub(super) fn forget(db: &Connection, images: &[Image]) -> Result<u64, Fault> {
    let mut delete =
        db.prepare_cached("DELETE FROM images WHERE path = ?1 AND size = ?2 AND fetched_at <= ?3")?;
    let mut forgotten = 0;
    for image in images {
        let (path, size) = (image.name.path.as_str(), image.name.size.as_str());
        forgotten += delete.execute(params![path, size, image.fetched_at.as_millis()])?;
    }
    Ok(unsigned(limit(forgotten)))
}

pub(super) fn forget_failures(
    db: &Connection,
    before: Timestamp,
    keys: &[Key],
) -> Result<u64, Fault> {
    let mut forgotten = db
        .prepare_cached("DELETE FROM image_failures WHERE failed_at < ?1")?
        .execute([before.as_millis()])?;
    let mut delete =
        db.prepare_cached("DELETE FROM image_failures WHERE of_kind = ?1 AND of_id = ?2")?;
    for key in keys {
        forgotten += delete.execute(of_columns(*key))?;
    }
    Ok(unsigned(limit(forgotten)))
}
