//! Portable rows become SQLite's.

use rusqlite::Connection;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use super::Fault;
use crate::portable::tables::Table;
use crate::portable::{Batch, Row, Value};
use crate::projection;
use crate::sqlite::queries::Queries;

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

pub(super) fn load(db: &Connection, batch: Batch) -> Result<(), Fault> {
    let Batch { table, rows } = batch;
    match table.name {
        "versions" => versions(db, table, rows),
        "api_calls" => api_calls(db, table, rows),
        "works" => works(db, table, rows),
        "works_meta" => {
            each(db, &insert(table, &[]), &rows)?;
            work_texts(db, &rows)
        }
        "facets" | "people" | "things" => {
            each(db, &insert(table, &[]), &rows)?;
            names(db, table.name, &rows)
        }
        "lease_tokens" => {
            db.execute("UPDATE lease_tokens SET last = 0", [])?;
            each(db, "UPDATE lease_tokens SET last = ?2 WHERE only_row = ?1", &rows)
        }
        "counters" => {
            db.execute("DELETE FROM sqlite_sequence", [])?;
            each(db, "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", &rows)
        }
        name => {
            if table.is_replaced {
                db.execute(&format!("DELETE FROM {name}"), [])?;
            }
            each(db, &insert(table, &[]), &rows)
        }
    }
}

/// An insert of a portable row; some of the columns have other names here.
fn insert(table: &Table, own: &[(&str, &str)]) -> String {
    let own_name = |name: &str| own.iter().find(|(portable, _)| *portable == name);
    let names = table.columns.iter().map(|column| column.name);
    let names: Vec<_> = names.map(|name| own_name(name).map_or(name, |(_, own)| own)).collect();
    insert_into(table.name, &names)
}

fn insert_into(table: &str, columns: &[&str]) -> String {
    let places: Vec<_> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
    format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "))
}

fn each(db: &Connection, sql: &str, rows: &[Row]) -> Result<(), Fault> {
    let mut statement = db.prepare_cached(sql)?;
    rows.iter().try_for_each(|row| {
        statement.execute(rusqlite::params_from_iter(row))?;
        Ok(())
    })
}

/// Their questions are interned, and their bodies lie in a table of their own.
fn versions(db: &Connection, table: &Table, mut rows: Vec<Row>) -> Result<(), Fault> {
    let (query, body) = (table.place("query"), table.place("body"));
    let mut queries = Queries::default();
    let mut keep = db.prepare_cached("INSERT INTO bodies (stored) VALUES (?1)")?;
    for row in &mut rows {
        intern(db, &mut queries, &mut row[query])?;
        row[body] = match &row[body] {
            // It lies in an object store.
            Value::Null => Value::Integer(0),
            stored => {
                keep.execute([stored])?;
                Value::Integer(db.last_insert_rowid())
            }
        };
    }
    each(db, &insert(table, &[("query", "query_id"), ("body", "body_id")]), &rows)
}

fn api_calls(db: &Connection, table: &Table, mut rows: Vec<Row>) -> Result<(), Fault> {
    let query = table.place("query");
    let mut queries = Queries::default();
    rows.iter_mut().try_for_each(|row| intern(db, &mut queries, &mut row[query]))?;
    each(db, &insert(table, &[("query", "query_id")]), &rows)
}

fn intern(db: &Connection, queries: &mut Queries, query: &mut Value) -> Result<(), Fault> {
    if let Value::Text(text) = query {
        *query = Value::Integer(queries.number(db, text)?);
    }
    Ok(())
}

/// With what genres are searched by.
fn works(db: &Connection, table: &Table, mut rows: Vec<Row>) -> Result<(), Fault> {
    let genres = table.place("genres");
    for row in &mut rows {
        let Value::Text(names) = &row[genres] else { continue };
        let names: Vec<String> = serde_json::from_str(names)
            .map_err(|error| Fault::corrupt(format!("works.genres is no list: {error}")))?;
        row.push(Value::Text(projection::genre_words(&names)));
    }
    let mut names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
    names.push("genre_words");
    each(db, &insert_into(table.name, &names), &rows)
}

/// The text that is searched is not kept, so its index is made again.
fn work_texts(db: &Connection, rows: &[Row]) -> Result<(), Fault> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(()) };
    db.prepare_cached(
        "INSERT INTO work_texts (rowid, title, original_title, overview, tagline)
         SELECT work_id, title, original_title, overview, tagline
         FROM works_meta JOIN works USING (work_id) WHERE work_id BETWEEN ?1 AND ?2
         ORDER BY work_id",
    )?
    .execute((&first[0], &last[0]))?;
    Ok(())
}

/// As [`work_texts`], what is found by its name.
fn names(db: &Connection, table: &str, rows: &[Row]) -> Result<(), Fault> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(()) };
    let (sql, columns) = match table {
        "facets" => (
            "INSERT INTO work_names (rowid, names)
             SELECT work_id, names FROM facets WHERE work_id BETWEEN ?1 AND ?2 ORDER BY work_id",
            1,
        ),
        "people" => (
            "INSERT INTO person_names (rowid, names)
             SELECT person_id, name || ' ' || also_known_as FROM people
             WHERE person_id BETWEEN ?1 AND ?2 ORDER BY person_id",
            1,
        ),
        _ => (
            "INSERT INTO thing_names (rowid, names)
             SELECT id * 16 + kind, coalesce(name, '') FROM things
             WHERE (kind, id) BETWEEN (?1, ?2) AND (?3, ?4) AND kind IN (6, 7, 8, 9)",
            2,
        ),
    };
    let ends = first[..columns].iter().chain(&last[..columns]);
    db.prepare_cached(sql)?.execute(rusqlite::params_from_iter(ends))?;
    Ok(())
}
