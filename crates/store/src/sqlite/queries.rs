//! Interns the query part of what was asked: a kilobyte, the same for millions.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

use super::fault::Fault;

/// Remembers, within one transaction, which query has which number.
#[derive(Default)]
pub(super) struct Queries {
    numbers: HashMap<String, i64>,
}

impl Queries {
    /// Splits `path?query`, and numbers the query.
    pub(super) fn split<'a>(
        &mut self,
        db: &Connection,
        asked: &'a str,
    ) -> Result<(&'a str, Option<i64>), Fault> {
        let Some((path, query)) = asked.split_once('?') else { return Ok((asked, None)) };
        Ok((path, Some(self.number(db, query)?)))
    }

    /// The number of a query, which is given to it now if it has none.
    pub(super) fn number(&mut self, db: &Connection, query: &str) -> Result<i64, Fault> {
        if let Some(number) = self.numbers.get(query) {
            return Ok(*number);
        }
        let known = db
            .prepare_cached("SELECT query_id FROM queries WHERE query = ?1")?
            .query_row([query], |row| row.get(0))
            .optional()?;
        let number = if let Some(number) = known {
            number
        } else {
            db.prepare_cached("INSERT INTO queries (query) VALUES (?1)")?.execute([query])?;
            db.last_insert_rowid()
        };
        self.numbers.insert(query.to_owned(), number);
        Ok(number)
    }
}

/// The inverse of [`Queries::split`].
pub(super) fn join(path: &str, query: Option<&str>) -> String {
    match query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}
