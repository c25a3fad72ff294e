//! Rows of a batch on their way into a table: one JSON array for all of them, which
//! `jsonb_populate_recordset` takes apart by the names of the columns.

use std::borrow::Cow;
use std::io::{Result as IoResult, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};
use tokio_postgres::types::Type;

use super::Transaction;
use super::connection::Value;
use super::fault::Fault;

/// A table of which rows are written by the batch.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// What is unique, the first column being that of what owns the rows.
    pub(super) key: &'static [&'static str],
    pub(super) others: &'static [&'static str],
}

impl Table {
    /// Writes rows in the order of their keys, each in place of the one of its key,
    /// where a condition on the table's row and on that `excluded` by it holds.
    /// `$1` is the batch.
    pub(super) fn upsert(&self, condition: &str) -> String {
        format!(
            "{} FROM jsonb_populate_recordset(NULL::{}, $1::jsonb) {}",
            self.insert(),
            self.name,
            self.merge(condition)
        )
    }

    /// Makes rows all there are of their owners: `$1` is the batch, `$2` the owners'
    /// numbers. What stays as it was is not written.
    fn replacement(&self) -> String {
        let (name, owner, key) = (self.name, self.key[0], self.key.join(", "));
        format!(
            "WITH batch AS MATERIALIZED (
                 SELECT * FROM jsonb_populate_recordset(NULL::{name}, $1::jsonb)
             ), gone AS (
                 DELETE FROM {name} WHERE {owner} = ANY($2)
                     AND ({key}) NOT IN (SELECT {key} FROM batch)
             )
             {} FROM batch {}",
            self.insert(),
            self.merge(&format!("{name}.* IS DISTINCT FROM excluded.*"))
        )
    }

    fn insert(&self) -> String {
        let columns = [self.key, self.others].concat().join(", ");
        format!("INSERT INTO {} ({columns}) SELECT {columns}", self.name)
    }

    fn merge(&self, condition: &str) -> String {
        let key = self.key.join(", ");
        let set: Vec<_> =
            self.others.iter().map(|column| format!("{column} = excluded.{column}")).collect();
        format!(
            "ORDER BY {key} ON CONFLICT ({key}) DO UPDATE SET {} WHERE {condition}",
            set.join(", ")
        )
    }

    /// Makes rows all there are of their owners.
    pub(super) async fn replace<T: Serialize + Sync>(
        &self,
        tx: &Transaction<'_>,
        owners: &[i64],
        rows: &[T],
    ) -> Result<(), Fault> {
        let rows = json(rows)?;
        let values: [Value<'_>; 2] = [(&rows, Type::TEXT), (&owners, Type::INT8_ARRAY)];
        tx.run(&self.replacement(), &values).await?;
        Ok(())
    }
}

/// A batch as a JSON text. PostgreSQL's texts cannot hold the character NUL, so that it is
/// left out, as by [`plain`].
pub(super) fn json<T: Serialize + ?Sized>(rows: &T) -> Result<String, Fault> {
    let mut text = vec![];
    let mut serializer = Serializer::with_formatter(&mut text, WithoutNul);
    let written = rows.serialize(&mut serializer).map_err(|error| error.to_string());
    written
        .and_then(|()| String::from_utf8(text).map_err(|error| error.to_string()))
        .map_err(Fault::corrupt)
}

pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "").into() } else { text.into() }
}

struct WithoutNul;

impl Formatter for WithoutNul {
    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> IoResult<()> {
        match escape {
            CharEscape::AsciiControl(0) => Ok(()),
            escape => CompactFormatter.write_char_escape(writer, escape),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_loses_its_nuls_and_nothing_else() {
        let text = "\\u0000\0\n\u{1}\"é";
        let json = json(&[text]).unwrap();
        let back: Vec<String> = serde_json::from_str(&json).unwrap();
        assert_eq!(back, ["\\u0000\n\u{1}\"é"]);
        assert_eq!(plain(text), back[0]);
    }
}
