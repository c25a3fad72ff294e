//! Versions and their bodies are written. The head of each key is held.

use std::collections::HashSet;

use domain::Key;
use domain::record::ContentHash;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::columns::{Bodies, Numbered, Versions, new_versions, small_at};
use super::objects::{discard, name, name_of};
use crate::archive::Stored;
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::key_at;

pub(super) async fn insert(tx: &Transaction<'_>, versions: &Versions<'_>) -> Result<(), Fault> {
    if versions.is_empty() {
        return Ok(());
    }
    let insert = concat!(
        "INSERT INTO versions
             (kind, id, season, episode, version, valid_from, fetched_at, schema_version,
              body_bytes, stored_bytes, dictionary_id, query_id, patched, hash, asked_path,
              object, stored)
         SELECT kind, id, season, episode, version, fetched_at, fetched_at, schema_version,
                body_bytes, stored_bytes, dictionary_id, query_id, patched, hash, asked_path,
                object, stored
         FROM ",
        new_versions!()
    );
    tx.run(insert, &versions.values()).await?;
    Ok(())
}

/// Moves versions to records that have the same body but for their figures. Bodies
/// that come along replace those that were there.
pub(super) async fn renew(tx: &Transaction<'_>, versions: &Versions<'_>) -> Result<(), Fault> {
    if versions.is_empty() {
        return Ok(());
    }
    let update = concat!(
        "UPDATE versions v
         SET fetched_at = n.fetched_at, schema_version = n.schema_version,
             body_bytes = n.body_bytes, hash = n.hash, query_id = n.query_id,
             asked_path = n.asked_path,
             stored_bytes = CASE WHEN is_new THEN n.stored_bytes ELSE old.stored_bytes END,
             dictionary_id = CASE WHEN is_new THEN n.dictionary_id ELSE old.dictionary_id END,
             patched = CASE WHEN is_new THEN n.patched ELSE old.patched END,
             object = CASE WHEN is_new THEN n.object ELSE v.object END,
             stored = CASE WHEN is_new THEN n.stored ELSE v.stored END
         FROM ",
        new_versions!(),
        " CROSS JOIN LATERAL (SELECT n.stored IS NOT NULL OR n.object IS NOT NULL) AS b (is_new)
          JOIN versions old USING (kind, id, season, episode, version)
          WHERE (v.kind, v.id, v.season, v.episode, v.version)
              = (n.kind, n.id, n.season, n.episode, n.version)
          RETURNING v.kind, v.id, v.season, v.episode, v.version,
                    CASE WHEN is_new THEN old.object END"
    );
    let rows = tx.rows(update, &versions.values()).await?;
    discard(tx, left(&rows)?).await
}

/// Bodies that take the place of others.
#[derive(Default)]
pub(super) struct Replacements<'a> {
    versions: Numbered,
    bodies: Bodies<'a>,
    hashes: Vec<Option<&'a [u8]>>,
    /// Of bodies that are objects: the version, and the object's name.
    objects: Vec<((Key, u32), String)>,
}

impl<'a> Replacements<'a> {
    /// Adds a body. With a hash, it is only for a version that has this one and is whole.
    pub(super) fn push(
        &mut self,
        key: &Key,
        version: u32,
        body: &'a Stored,
        hash: Option<&'a ContentHash>,
    ) {
        self.versions.push(key, version);
        self.bodies.push(Some(body));
        self.hashes.push(hash.map(|hash| &hash.0[..]));
        self.objects.extend(name_of(key, version, &body.place).map(|name| ((*key, version), name)));
    }

    /// Writes them. Discards the objects of bodies that were there, and of those
    /// that nothing took.
    pub(super) async fn write(&self, tx: &Transaction<'_>) -> Result<(), Fault> {
        if self.versions.is_empty() {
            return Ok(());
        }
        let mut values = self.versions.values();
        values.extend(self.bodies.values());
        values.push((&self.hashes, Type::BYTEA_ARRAY));
        let rows = tx
            .rows(
                "UPDATE versions v
                 SET stored = n.stored, object = n.object, stored_bytes = n.stored_bytes,
                     dictionary_id = n.dictionary_id, patched = n.patched
                 FROM UNNEST($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                          AS n (kind, id, season, episode, version, stored, object, stored_bytes,
                                dictionary_id, patched, hash)
                     JOIN versions old USING (kind, id, season, episode, version)
                 WHERE (v.kind, v.id, v.season, v.episode, v.version)
                     = (n.kind, n.id, n.season, n.episode, n.version)
                   AND (n.hash IS NULL OR (n.hash = old.hash AND NOT old.patched))
                 RETURNING v.kind, v.id, v.season, v.episode, v.version, old.object",
                &values,
            )
            .await?;
        let mut taken = HashSet::new();
        for row in &rows {
            taken.insert((key_at(row, 0)?, small_at(row, 4)?));
        }
        let unused = self.objects.iter().filter(|(version, _)| !taken.contains(version));
        let mut names = left(&rows)?;
        names.extend(unused.map(|(_, name)| name.clone()));
        discard(tx, names).await
    }
}

/// Names of objects that rows had before: key, version, object.
pub(super) fn left(rows: &[Row]) -> Result<Vec<String>, Fault> {
    let mut names = vec![];
    for row in rows {
        if let Some(object) = row.try_get::<_, Option<&str>>(5)? {
            names.push(name(&key_at(row, 0)?, small_at(row, 4)?, object));
        }
    }
    Ok(names)
}
