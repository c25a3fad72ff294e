//! Fills one database with the rows of another, or of a backup.
//!
//! The database to fill is empty, or holds of each table the first rows of the
//! source, which an interrupted copy has left: these are compared and not written
//! again. At the end every table of it is read and must have the source's hash.

use std::collections::HashMap;
use std::path::PathBuf;

use domain::StoreError;
use serde::{Deserialize, Serialize};

use super::file::FileError;
use super::sums::Sums;
use super::tables::Table;
use super::{Batch, Purpose, Rows, Step, Watch, restore};
use crate::Store;

/// What a table holds: its rows, how many bytes they take as portable rows, and
/// the hash of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSum {
    pub table: String,
    pub rows: u64,
    pub bytes: u64,
    pub hash: String,
}

/// Whether a database can take a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    Empty,
    /// It holds what an interrupted copy of the same rows has left: so many of them.
    Begun(u64),
    /// It holds something else: these tables.
    Taken(Vec<String>),
}

/// Why rows could not be moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(
        "the database to fill holds other rows already ({}): name an empty one, or empty it",
        .0.join(", ")
    )]
    Taken(Vec<String>),
    #[error(
        "what arrived differs from what was read in {}: something else wrote to the database that was filled; empty it and begin again",
        .0.join(", ")
    )]
    Differs(Vec<String>),
}

/// What a copy moves, or has moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    pub tables: Vec<TableSum>,
    /// How many bodies lie in an object store, and stay there.
    pub bodies_elsewhere: u64,
}

/// Counts and hashes all tables that a copy moves.
pub async fn survey(store: &Store, watch: &Watch) -> Result<Content, StoreError> {
    let mut rows = store.rows(Purpose::Move).await?;
    let mut sums = Sums::new(Purpose::Move);
    let mut bodies_elsewhere = 0;
    while let Some(batch) = rows.next().await? {
        bodies_elsewhere += batch.bodies_elsewhere();
        for row in &batch.rows {
            sums.add(batch.table, row);
        }
        tell(watch, batch.table, &sums);
    }
    Ok(Content { tables: sums.end(), bodies_elsewhere })
}

/// Copies all tables of a deployment into a database that is empty, or that holds
/// what an interrupted copy has left. Returns what was copied, which is verified.
pub async fn copy(from: &Store, to: &Store, watch: &Watch) -> Result<Content, MoveError> {
    fill(&Source::Store(from), to, watch).await
}

/// Tells whether a database can take a copy of another, and what that would hold.
pub async fn fit(from: &Store, to: &Store, watch: &Watch) -> Result<(Fit, Content), MoveError> {
    let there = survey(to, &quiet()).await?.tables;
    let fit = compare(&Source::Store(from), &there).await?;
    Ok((fit, survey(from, watch).await?))
}

/// Where rows come from.
pub(super) enum Source<'a> {
    Store(&'a Store),
    /// A backup, which was verified.
    File(PathBuf),
}

impl Source<'_> {
    async fn rows(&self) -> Result<Rows, MoveError> {
        match self {
            Self::Store(store) => Ok(store.rows(Purpose::Move).await?),
            Self::File(path) => Ok(restore::rows(path.clone())),
        }
    }
}

pub(super) fn quiet() -> Watch {
    std::sync::Arc::new(|_| ())
}

fn tell(watch: &Watch, table: &'static Table, sums: &Sums) {
    watch(Step { table: table.name, rows: sums.rows(), bytes: sums.bytes() });
}

pub(super) async fn fill(
    source: &Source<'_>,
    to: &Store,
    watch: &Watch,
) -> Result<Content, MoveError> {
    let there = survey(to, &quiet()).await?.tables;
    if let Fit::Taken(tables) = compare(source, &there).await? {
        return Err(MoveError::Taken(tables));
    }
    let read = transfer(source, to, &there, watch).await?;
    let arrived = survey(to, &quiet()).await?.tables;
    let differs = read.tables.iter().zip(&arrived).filter(|(read, arrived)| read != arrived);
    let differs: Vec<_> = differs.map(|(read, _)| read.table.clone()).collect();
    if differs.is_empty() { Ok(read) } else { Err(MoveError::Differs(differs)) }
}

/// Writes the rows that are not there yet.
async fn transfer(
    source: &Source<'_>,
    to: &Store,
    there: &[TableSum],
    watch: &Watch,
) -> Result<Content, MoveError> {
    let mut bodies_elsewhere = 0;
    let mut left = lengths(there);
    let mut replaced = vec![];
    let mut sums = Sums::new(Purpose::Move);
    let mut rows = source.rows().await?;
    while let Some(mut batch) = rows.next().await? {
        let table = batch.table;
        bodies_elsewhere += batch.bodies_elsewhere();
        for row in &batch.rows {
            sums.add(table, row);
        }
        if table.is_replaced {
            replaced.push(table.name);
        } else if let Some(left) = left.get_mut(table.name) {
            let known = usize::try_from(*left).unwrap_or(usize::MAX).min(batch.rows.len());
            drop(batch.rows.drain(..known));
            *left -= known as u64;
        }
        if !batch.rows.is_empty() {
            to.load(batch).await?;
        }
        tell(watch, table, &sums);
    }
    let emptied = Purpose::Move.tables().filter(|table| table.is_replaced);
    for table in emptied.filter(|table| !replaced.contains(&table.name)) {
        to.load(Batch { table, rows: vec![] }).await?;
    }
    Ok(Content { tables: sums.end(), bodies_elsewhere })
}

fn lengths(there: &[TableSum]) -> HashMap<&str, u64> {
    there.iter().map(|sum| (sum.table.as_str(), sum.rows)).collect()
}

/// Whether each table that is there begins the source's.
async fn compare(source: &Source<'_>, there: &[TableSum]) -> Result<Fit, MoveError> {
    let is_kept = |table: &&'static Table| !table.is_replaced;
    let mut open: HashMap<&str, &TableSum> = Purpose::Move
        .tables()
        .filter(is_kept)
        .filter_map(|table| there.iter().find(|sum| sum.table == table.name && sum.rows > 0))
        .map(|sum| (sum.table.as_str(), sum))
        .collect();
    if open.is_empty() {
        return Ok(Fit::Empty);
    }
    let begun = open.values().map(|sum| sum.rows).sum();
    let mut sums = Sums::new(Purpose::Move);
    let mut rows = source.rows().await?;
    while let Some(batch) = rows.next().await? {
        let Some(wanted) = open.get(batch.table.name) else { continue };
        for row in &batch.rows {
            sums.add(batch.table, row);
            if sums.count(batch.table) == wanted.rows {
                if sums.hash(batch.table) == wanted.hash {
                    open.remove(batch.table.name);
                }
                break;
            }
        }
        if open.is_empty() {
            return Ok(Fit::Begun(begun));
        }
    }
    let mut taken: Vec<_> = open.into_keys().map(str::to_owned).collect();
    taken.sort_unstable();
    Ok(Fit::Taken(taken))
}
