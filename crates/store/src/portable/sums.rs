//! Counts and hashes of tables, while their rows go by.

use std::collections::BTreeMap;

use blake3::Hasher;

use super::copy::TableSum;
use super::tables::{Counts, Table};
use super::{Purpose, Value, coding};

/// Of one table.
#[derive(Default)]
struct Sum {
    hasher: Hasher,
    rows: u64,
    bytes: u64,
}

/// Of every table of a purpose.
pub(super) struct Sums {
    purpose: Purpose,
    tables: BTreeMap<&'static str, Sum>,
    buffer: Vec<u8>,
}

impl Sums {
    pub(super) fn new(purpose: Purpose) -> Self {
        let tables = purpose.tables().map(|table| (table.name, Sum::default()));
        Self { purpose, tables: tables.collect(), buffer: vec![] }
    }

    /// Returns the row's bytes, which count.
    pub(super) fn add(&mut self, table: &'static Table, row: &[Value]) -> &[u8] {
        self.buffer.clear();
        match self.purpose {
            Purpose::Move => coding::encode(row, &mut self.buffer),
            Purpose::Compare => {
                for (column, value) in table.columns.iter().zip(row) {
                    match (column.counts, value) {
                        (Counts::Value, value) => coding::encode_value(value, &mut self.buffer),
                        (Counts::Presence, value) => {
                            let is_there = Value::Integer((*value != Value::Null).into());
                            coding::encode_value(&is_there, &mut self.buffer);
                        }
                        (Counts::Not, _) => (),
                    }
                }
            }
        }
        let sum = self.tables.entry(table.name).or_default();
        sum.rows += 1;
        sum.bytes += self.buffer.len() as u64;
        sum.hasher.update(&self.buffer);
        &self.buffer
    }

    /// Rows of a table so far.
    pub(super) fn count(&self, table: &Table) -> u64 {
        self.tables.get(table.name).map_or(0, |sum| sum.rows)
    }

    /// Of a table's rows so far.
    pub(super) fn hash(&self, table: &Table) -> String {
        let hash = |sum: &Sum| sum.hasher.finalize().to_hex().to_string();
        self.tables.get(table.name).map_or_else(|| hash(&Sum::default()), hash)
    }

    pub(super) fn rows(&self) -> u64 {
        self.tables.values().map(|sum| sum.rows).sum()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.tables.values().map(|sum| sum.bytes).sum()
    }

    /// In the order of the tables.
    pub(super) fn end(self) -> Vec<TableSum> {
        let sums = self.purpose.tables().map(|table| {
            let bytes = self.tables.get(table.name).map_or(0, |sum| sum.bytes);
            let (rows, hash) = (self.count(table), self.hash(table));
            TableSum { table: table.name.to_owned(), rows, bytes, hash }
        });
        sums.collect()
    }
}
