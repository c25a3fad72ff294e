//! What became of images is written.

use std::collections::BTreeMap;

use domain::images::{Image, ImageFailure, ImageName, Notes, Used};
use domain::{Key, Timestamp};
use tokio_postgres::types::Type;

use super::read::total;
use super::{Names, Owners};
use crate::postgres::batch::plain;
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{instant, signed};

pub(super) async fn note(tx: &Transaction<'_>, notes: &Notes) -> Result<u64, Fault> {
    keep(tx, &last_of(&notes.kept, |image| &image.name)).await?;
    use_again(tx, &last_of(&notes.used, |used| &used.name)).await?;
    fail(tx, &last_of(&notes.failed, |failure| &failure.name)).await?;
    total(tx).await
}

/// The last note of each image, in the order of names: PostgreSQL writes a row once.
fn last_of<T>(notes: &[T], name: impl Fn(&T) -> &ImageName) -> Vec<&T> {
    let by_name: BTreeMap<_, _> =
        notes.iter().map(|note| ((name(note).path.as_str(), name(note).size), note)).collect();
    by_name.into_values().collect()
}

async fn keep(tx: &Transaction<'_>, images: &[&Image]) -> Result<(), Fault> {
    if images.is_empty() {
        return Ok(());
    }
    let names = Names::of(images.iter().map(|image| &image.name));
    let [paths, sizes] = names.values();
    let owners = Owners::of(images.iter().map(|image| &image.of));
    let [of_kinds, of_ids] = owners.values();
    let kinds: Vec<i16> = images.iter().map(|image| i16::from(image.kind.number())).collect();
    let bytes: Vec<i64> = images.iter().map(|image| signed(image.bytes)).collect();
    let fetched: Vec<_> = images.iter().map(|image| instant(image.fetched_at)).collect();
    let used: Vec<_> = images.iter().map(|image| instant(image.used_at)).collect();
    let places: Vec<i64> = images.iter().map(|image| signed(image.place)).collect();
    tx.run(
        "INSERT INTO images
             (path, size, of_kind, of_id, kind, bytes, fetched_at, used_at, place)
         SELECT * FROM UNNEST($1::text[], $2::text[], $3::int2[], $4::int8[], $5::int2[],
                              $6::int8[], $7::timestamptz[], $8::timestamptz[], $9::int8[])
         ON CONFLICT (path, size) DO UPDATE
         SET of_kind = excluded.of_kind, of_id = excluded.of_id, kind = excluded.kind,
             bytes = excluded.bytes, fetched_at = excluded.fetched_at,
             used_at = excluded.used_at, place = excluded.place",
        &[
            paths,
            sizes,
            of_kinds,
            of_ids,
            (&kinds, Type::INT2_ARRAY),
            (&bytes, Type::INT8_ARRAY),
            (&fetched, Type::TIMESTAMPTZ_ARRAY),
            (&used, Type::TIMESTAMPTZ_ARRAY),
            (&places, Type::INT8_ARRAY),
        ],
    )
    .await?;
    tx.run(
        "DELETE FROM image_failures
         WHERE (path, size) IN (SELECT * FROM UNNEST($1::text[], $2::text[]))",
        &names.values(),
    )
    .await?;
    Ok(())
}

async fn use_again(tx: &Transaction<'_>, all: &[&Used]) -> Result<(), Fault> {
    if all.is_empty() {
        return Ok(());
    }
    let names = Names::of(all.iter().map(|used| &used.name));
    let [paths, sizes] = names.values();
    let owners = Owners::of(all.iter().map(|used| &used.of));
    let [of_kinds, of_ids] = owners.values();
    let at: Vec<_> = all.iter().map(|used| instant(used.at)).collect();
    let places: Vec<i64> = all.iter().map(|used| signed(used.place)).collect();
    tx.run(
        "UPDATE images
         SET used_at = greatest(images.used_at, u.used_at), place = u.place,
             of_kind = u.of_kind, of_id = u.of_id
         FROM (SELECT path, size, n.of_kind, n.of_id, n.used_at, n.place
               FROM UNNEST($1::text[], $2::text[], $3::int2[], $4::int8[], $5::timestamptz[],
                           $6::int8[]) AS n (path, size, of_kind, of_id, used_at, place)
               JOIN images i USING (path, size)
               ORDER BY path, size FOR UPDATE OF i) u
         WHERE images.path = u.path AND images.size = u.size",
        &[
            paths,
            sizes,
            of_kinds,
            of_ids,
            (&at, Type::TIMESTAMPTZ_ARRAY),
            (&places, Type::INT8_ARRAY),
        ],
    )
    .await?;
    Ok(())
}

async fn fail(tx: &Transaction<'_>, failures: &[&ImageFailure]) -> Result<(), Fault> {
    if failures.is_empty() {
        return Ok(());
    }
    let names = Names::of(failures.iter().map(|failure| &failure.name));
    let [paths, sizes] = names.values();
    let owners = Owners::of(failures.iter().map(|failure| &failure.of));
    let [of_kinds, of_ids] = owners.values();
    let attempts: Vec<_> =
        failures.iter().map(|failure| i64::from(failure.failed.attempts)).collect();
    let retries: Vec<_> =
        failures.iter().map(|failure| failure.failed.retry_at.map(instant)).collect();
    let reasons: Vec<_> = failures.iter().map(|failure| plain(&failure.reason)).collect();
    let at: Vec<_> = failures.iter().map(|failure| instant(failure.at)).collect();
    tx.run(
        "INSERT INTO image_failures
             (path, size, of_kind, of_id, attempts, retry_at, reason, failed_at)
         SELECT * FROM UNNEST($1::text[], $2::text[], $3::int2[], $4::int8[], $5::int8[],
                              $6::timestamptz[], $7::text[], $8::timestamptz[])
         ON CONFLICT (path, size) DO UPDATE
         SET of_kind = excluded.of_kind, of_id = excluded.of_id, attempts = excluded.attempts,
             retry_at = excluded.retry_at, reason = excluded.reason,
             failed_at = excluded.failed_at",
        &[
            paths,
            sizes,
            of_kinds,
            of_ids,
            (&attempts, Type::INT8_ARRAY),
            (&retries, Type::TIMESTAMPTZ_ARRAY),
            (&reasons, Type::TEXT_ARRAY),
            (&at, Type::TIMESTAMPTZ_ARRAY),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn touch(
    tx: &Transaction<'_>,
    name: &ImageName,
    now: Timestamp,
) -> Result<(), Fault> {
    tx.run(
        "UPDATE images SET used_at = $3 WHERE path = $1 AND size = $2 AND used_at < $3",
        &[
            (&name.path.as_str(), Type::TEXT),
            (&name.size.as_str(), Type::TEXT),
            (&instant(now), Type::TIMESTAMPTZ),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn forget(tx: &Transaction<'_>, images: &[Image]) -> Result<u64, Fault> {
    let names = Names::of(images.iter().map(|image| &image.name));
    let [paths, sizes] = names.values();
    let fetched: Vec<_> = images.iter().map(|image| instant(image.fetched_at)).collect();
    tx.run(
        "DELETE FROM images WHERE (path, size) IN
             (SELECT i.path, i.size
              FROM UNNEST($1::text[], $2::text[], $3::timestamptz[]) AS n (path, size, fetched_at)
              JOIN images i USING (path, size)
              WHERE i.fetched_at <= n.fetched_at
              ORDER BY path, size FOR UPDATE OF i)",
        &[paths, sizes, (&fetched, Type::TIMESTAMPTZ_ARRAY)],
    )
    .await
}

pub(super) async fn forget_failures(
    tx: &Transaction<'_>,
    before: Timestamp,
    keys: &[Key],
) -> Result<u64, Fault> {
    let old = "DELETE FROM image_failures WHERE failed_at < $1";
    let old = tx.run(old, &[(&instant(before), Type::TIMESTAMPTZ)]).await?;
    let of_keys = "DELETE FROM image_failures
                   WHERE (of_kind, of_id) IN (SELECT * FROM UNNEST($1::int2[], $2::int8[]))";
    Ok(old + tx.run(of_keys, &Owners::of(keys).values()).await?)
}
