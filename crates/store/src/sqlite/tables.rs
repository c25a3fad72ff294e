//! The tables as portable rows: how they are read and loaded.
//!
//! Texts that are interned, bodies in a table of their own, numbers that SQLite
//! gives out: what is SQLite's own stays here.

mod load;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::Database;
use super::connection::{self, Access};
use super::fault::Fault;
use crate::portable::tables::{Column, Table, Type};
use crate::portable::{Batch, Batches, Gathering, Purpose, Row, Rows, Value, canonical, plain};
use domain::StoreError;

/// Reads tables as they are at one instant, whatever is written meanwhile.
///
/// On a connection and a thread of its own, so that readers need not wait for
/// it. A database in memory has but one connection, which does nothing else until
/// all rows are taken.
pub(crate) async fn rows(database: &Database, purpose: Purpose) -> Result<Rows, StoreError> {
    let (batches, rows) = Rows::channel();
    let path = database.read(|db| Ok(db.path().map(str::to_owned))).await?;
    let Some(path) = path.filter(|path| !path.is_empty()) else {
        let database = database.clone();
        tokio::spawn(async move {
            let sender = batches.clone();
            let sent = database.read(move |db| send_all(db, purpose, &sender)).await;
            report(sent, &batches).await;
        });
        return Ok(rows);
    };
    tokio::task::spawn_blocking(move || {
        if let Err(fault) = read_file(&path, purpose, &batches) {
            // Nobody may be there any more to be told.
            drop(batches.blocking_send(Err(fault.into())));
        }
    });
    Ok(rows)
}

async fn report(sent: Result<(), StoreError>, batches: &Batches) {
    if let Err(error) = sent {
        drop(batches.send(Err(error)).await);
    }
}

fn read_file(path: &str, purpose: Purpose, batches: &Batches) -> Result<(), Fault> {
    let db = connection::open(path, Access::Read).map_err(StoreError::unavailable)?;
    let snapshot = Transaction::new_unchecked(&db, TransactionBehavior::Deferred)?;
    send_all(&snapshot, purpose, batches)
}

/// Ends early when nobody takes the rows.
fn send_all(db: &Connection, purpose: Purpose, batches: &Batches) -> Result<(), Fault> {
    for table in purpose.tables() {
        if !send(db, table, purpose, batches)? {
            break;
        }
    }
    Ok(())
}

/// Returns whether somebody still takes the rows.
fn send(
    db: &Connection,
    table: &'static Table,
    purpose: Purpose,
    batches: &Batches,
) -> Result<bool, Fault> {
    let mut select = db.prepare(&select(table, purpose))?;
    let mut found = select.query([])?;
    let mut gathering = Gathering::new(table);
    while let Some(row) = found.next()? {
        let values = table.columns.iter().enumerate();
        let row: Row = values
            .map(|(place, column)| value(row.get_ref(place)?, table, column))
            .collect::<Result<_, Fault>>()?;
        if let Some(batch) = gathering.add(row)
            && batches.blocking_send(Ok(batch)).is_err()
        {
            return Ok(false);
        }
    }
    let left = gathering.end();
    Ok(left.is_none_or(|batch| batches.blocking_send(Ok(batch)).is_ok()))
}

fn select(table: &Table, purpose: Purpose) -> String {
    let columns: Vec<_> = table
        .columns
        .iter()
        .map(|column| if purpose.wants(column) { expression(table, column) } else { "NULL" })
        .collect();
    let order: Vec<_> =
        table.columns[..table.key].iter().map(|column| expression(table, column)).collect();
    let (columns, order) = (columns.join(", "), order.join(", "));
    format!("SELECT {columns} FROM {} ORDER BY {order}", source(table))
}

fn source(table: &Table) -> &'static str {
    match table.name {
        "versions" => {
            "versions LEFT JOIN queries USING (query_id) LEFT JOIN bodies USING (body_id)"
        }
        "bodies" => "bodies LEFT JOIN versions USING (body_id)",
        "api_calls" => "api_calls LEFT JOIN queries USING (query_id)",
        "lease_tokens" => "lease_tokens WHERE last > 0",
        "counters" => "sqlite_sequence WHERE seq > 0",
        name => name,
    }
}

fn expression(table: &Table, column: &Column) -> &'static str {
    match (table.name, column.name) {
        ("versions", "body") => "stored",
        ("bodies", "fits") => "length(stored) = stored_bytes",
        ("work_texts" | "work_names", "work_id")
        | ("person_names", "person_id")
        | ("thing_names", "thing_id") => "rowid",
        ("counters", "last") => "seq",
        (_, name) => name,
    }
}

fn value(found: ValueRef<'_>, table: &Table, column: &Column) -> Result<Value, Fault> {
    let wrong = |what: &str| {
        let (table, column) = (table.name, column.name);
        Fault::corrupt(format!("{table}.{column} holds {what}"))
    };
    let text =
        |bytes| std::str::from_utf8(bytes).map_err(|error| wrong(&format!("no UTF-8: {error}")));
    Ok(match (column.kind, found) {
        (_, ValueRef::Null) => Value::Null,
        (Type::Integer | Type::Boolean | Type::Instant | Type::Date, ValueRef::Integer(number)) => {
            Value::Integer(number)
        }
        (Type::Real, ValueRef::Real(number)) => Value::Real(number),
        (Type::Text, ValueRef::Text(bytes)) => Value::Text(plain(text(bytes)?)),
        (Type::Bytes, ValueRef::Blob(bytes)) => Value::Bytes(bytes.to_vec()),
        (Type::Json | Type::Texts, ValueRef::Text(bytes)) => {
            let json = canonical(text(bytes)?);
            Value::Text(json.map_err(|error| wrong(&format!("no JSON: {error}")))?)
        }
        (wanted, other) => {
            let wanted = wanted.name();
            return Err(wrong(&format!("{:?} and no {wanted}", other.data_type())));
        }
    })
}

/// Adds rows that come in the order of their keys, all or none.
pub(crate) async fn load(database: &Database, batch: Batch) -> Result<(), StoreError> {
    database.write(move |db| load::load(db, batch)).await
}

#[cfg(test)]
mod tests;
