//! The tables of a deployment as *portable rows*, the same whichever database they lie in.
//!
//! [`tables::all`] says which tables there are and what their columns mean. Each
//! database reads them as rows of plain [`Value`]s, in the order of their keys, out
//! of one snapshot, and takes such rows back; what is stored differently here and
//! there (interned texts, lists, JSON, days) is hidden in its own `tables.rs`. On
//! that rest three things: hashes that compare two states ([`fingerprint()`]), copies
//! from database to database ([`copy()`]) and files to restore from ([`backup()`]).

mod backup;
mod canonical;
mod coding;
mod copy;
mod file;
mod fingerprint;
mod restore;
mod sums;
pub(crate) mod tables;

#[cfg(test)]
mod tests;

use domain::StoreError;
use tokio::sync::mpsc;

pub use backup::{BackupOptions, backup};
pub(crate) use canonical::{canonical, plain};
pub use copy::{Content, Fit, MoveError, TableSum, copy, fit, survey};
pub use file::{FileError, Head, Manifest};
pub(crate) use fingerprint::fingerprint;
pub use restore::{Verified, restore, verify};
pub(crate) use tables::{Column, Table};

/// A value as both databases can give and take it. What it means, its column's
/// `tables::Type` says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    /// Also booleans (0 and 1), instants (milliseconds) and dates (days) since 1970.
    Integer(i64),
    Real(f64),
    /// Also JSON, and lists of texts as JSON, in the form of [`canonical()`].
    Text(String),
    Bytes(Vec<u8>),
}

impl Value {
    /// About how many bytes it takes.
    fn size(&self) -> usize {
        match self {
            Self::Null => 1,
            Self::Integer(_) | Self::Real(_) => 8,
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

/// A value for each column of a table, in their order.
pub(crate) type Row = Vec<Value>;

/// Some rows of one table, in the order of their keys. Tables come one after the
/// other, as they are listed.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) table: &'static Table,
    pub(crate) rows: Vec<Row>,
}

impl Batch {
    /// How many of its bodies lie in an object store.
    fn bodies_elsewhere(&self) -> u64 {
        if self.table.name != "versions" {
            return 0;
        }
        let object = self.table.place("object");
        self.rows.iter().filter(|row| row[object] != Value::Null).count() as u64
    }
}

/// What rows are read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// All columns of the tables that are moved.
    Move,
    /// The tables that are compared. Columns that do not count may be null.
    Compare,
}

impl Purpose {
    pub(crate) fn tables(self) -> impl Iterator<Item = &'static Table> {
        let is_wanted = move |table: &&Table| match self {
            Self::Move => table.is_moved,
            Self::Compare => table.is_compared,
        };
        tables::all().filter(is_wanted)
    }

    /// Whether a column's values are wanted.
    pub(crate) fn wants(self, column: &Column) -> bool {
        self == Self::Move || column.counts != tables::Counts::Not
    }
}

/// Rows of a snapshot on their way from whoever reads it.
pub(crate) struct Rows {
    batches: mpsc::Receiver<Result<Batch, StoreError>>,
}

/// Where [`Rows`] come out of.
pub(crate) type Batches = mpsc::Sender<Result<Batch, StoreError>>;

impl Rows {
    /// Two batches wait at most, so that memory is bounded.
    pub(crate) fn channel() -> (Batches, Self) {
        let (sender, batches) = mpsc::channel(2);
        (sender, Self { batches })
    }

    pub(crate) async fn next(&mut self) -> Result<Option<Batch>, StoreError> {
        self.batches.recv().await.transpose()
    }

    /// As [`Rows::next`], on a thread that may wait.
    fn blocking_next(&mut self) -> Result<Option<Batch>, StoreError> {
        self.batches.blocking_recv().transpose()
    }
}

/// Gathers rows until they make a batch.
pub(crate) struct Gathering {
    batch: Batch,
    bytes: usize,
}

impl Gathering {
    const ROWS: usize = 2_000;
    const BYTES: usize = 1 << 20;

    pub(crate) fn new(table: &'static Table) -> Self {
        Self { batch: Batch { table, rows: vec![] }, bytes: 0 }
    }

    /// Returns the rows once they are enough.
    pub(crate) fn add(&mut self, row: Row) -> Option<Batch> {
        self.bytes += row.iter().map(Value::size).sum::<usize>();
        self.batch.rows.push(row);
        let is_full = self.bytes >= Self::BYTES || self.batch.rows.len() >= Self::ROWS;
        is_full.then(|| std::mem::replace(self, Self::new(self.batch.table)).batch)
    }

    /// Returns the rows that are left.
    pub(crate) fn end(self) -> Option<Batch> {
        Some(self.batch).filter(|batch| !batch.rows.is_empty())
    }
}

/// How far it has come, to be shown.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub table: &'static str,
    /// Rows and bytes of all tables so far.
    pub rows: u64,
    pub bytes: u64,
}

/// Is told of each step, on whatever thread takes it.
pub type Watch = std::sync::Arc<dyn Fn(Step) + Send + Sync>;
