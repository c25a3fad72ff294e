//! Where bodies lie, and objects that no row names any more.

use std::collections::HashSet;

use domain::Key;
use tokio_postgres::types::Type;

use super::columns::{Numbered, Places, small_at};
use super::heads;
use super::write::left;
use crate::archive::{Place, Relocation};
use crate::objects::Name;
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{key_at, limit};

/// The name of a body's object, if it is one.
pub(super) fn name_of(key: &Key, version: u32, place: &Place) -> Option<String> {
    match place {
        Place::Object(object) => Some(name(key, version, object)),
        Place::Row(_) => None,
    }
}

pub(super) fn name(key: &Key, version: u32, object: &str) -> String {
    Name { key: *key, version, object: object.to_owned() }.to_string()
}

/// Notes objects that no row names any more.
pub(super) async fn discard(tx: &Transaction<'_>, mut names: Vec<String>) -> Result<(), Fault> {
    if names.is_empty() {
        return Ok(());
    }
    names.sort_unstable();
    tx.run(
        "INSERT INTO discarded_objects (name) SELECT UNNEST($1) ON CONFLICT DO NOTHING",
        &[(&names, Type::TEXT_ARRAY)],
    )
    .await?;
    Ok(())
}

pub(super) async fn discarded(tx: &Transaction<'_>, most: usize) -> Result<Vec<String>, Fault> {
    let select = "SELECT name FROM discarded_objects ORDER BY name LIMIT $1";
    let rows = tx.rows(select, &[(&limit(most), Type::INT8)]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

pub(super) async fn forget(tx: &Transaction<'_>, names: &[String]) -> Result<(), Fault> {
    let delete = "DELETE FROM discarded_objects WHERE name = ANY($1)";
    tx.run(delete, &[(&names, Type::TEXT_ARRAY)]).await?;
    Ok(())
}

pub(super) async fn relocate(
    tx: &Transaction<'_>,
    moves: &[Relocation],
) -> Result<Vec<bool>, Fault> {
    let mut versions = Numbered::default();
    let (mut from, mut to) = (Places::default(), Places::default());
    for relocation in moves.iter().filter(|relocation| relocation.from != relocation.to) {
        versions.push(&relocation.key, relocation.version);
        from.push(Some(&relocation.from));
        to.push(Some(&relocation.to));
    }
    heads::hold(tx, &versions.keys).await?;
    let mut values = versions.values();
    values.extend(from.values());
    values.extend(to.values());
    let rows = tx
        .rows(
            "UPDATE versions v SET stored = n.stored, object = n.object
             FROM UNNEST($1, $2, $3, $4, $5, $6, $7, $8, $9)
                 AS n (kind, id, season, episode, version, stored_from, object_from, stored, object)
             WHERE (v.kind, v.id, v.season, v.episode, v.version)
                 = (n.kind, n.id, n.season, n.episode, n.version)
               AND v.object IS NOT DISTINCT FROM object_from
               AND v.stored IS NOT DISTINCT FROM stored_from
             RETURNING v.kind, v.id, v.season, v.episode, v.version, object_from",
            &values,
        )
        .await?;
    let mut moved = HashSet::new();
    for row in &rows {
        moved.insert((key_at(row, 0)?, small_at(row, 4)?));
    }
    let is_moved = |relocation: &Relocation| moved.contains(&(relocation.key, relocation.version));
    let mut names = left(&rows)?;
    let not_moved =
        moves.iter().filter(|relocation| !is_moved(relocation) && relocation.from != relocation.to);
    names.extend(
        not_moved.filter_map(|Relocation { key, version, to, .. }| name_of(key, *version, to)),
    );
    discard(tx, names).await?;
    Ok(moves.iter().map(is_moved).collect())
}
