//! The tables as portable rows: how they are read and loaded.
//!
//! Instants, days, JSON, lists, sequences: what is PostgreSQL's own stays here.

mod load;

use futures_util::TryStreamExt;
use tokio_postgres::Row as Found;

use super::Database;
use super::fault::Fault;
use crate::portable::tables::{Column, Table, Type};
use crate::portable::{Batches, Gathering, Purpose, Row, Rows, Value, canonical};

pub(crate) use load::load;

/// Reads tables as they are at one instant, whatever is written meanwhile, over a
/// connection of its own.
pub(crate) fn rows(database: &Database, purpose: Purpose) -> Rows {
    let (batches, rows) = Rows::channel();
    let database = database.clone();
    tokio::spawn(async move {
        if let Err(fault) = send_all(&database, purpose, &batches).await {
            // Nobody may be there any more to be told.
            drop(batches.send(Err(fault.into())).await);
        }
    });
    rows
}

/// Ends early when nobody takes the rows.
async fn send_all(database: &Database, purpose: Purpose, batches: &Batches) -> Result<(), Fault> {
    let connection = database.connection().await?;
    let tx = connection.begin_reading();
    for table in purpose.tables() {
        let found = tx.stream(&select(table, purpose)).await?;
        let mut found = std::pin::pin!(found);
        let mut gathering = Gathering::new(table);
        while let Some(row) = found.try_next().await? {
            let columns = table.columns.iter().enumerate();
            let row: Row = columns
                .map(|(place, column)| value(&row, place, table, column))
                .collect::<Result<_, Fault>>()?;
            if let Some(batch) = gathering.add(row)
                && batches.send(Ok(batch)).await.is_err()
            {
                return Ok(());
            }
        }
        if let Some(batch) = gathering.end()
            && batches.send(Ok(batch)).await.is_err()
        {
            return Ok(());
        }
    }
    tx.commit().await
}

fn select(table: &Table, purpose: Purpose) -> String {
    let columns = table.columns.iter();
    let columns: Vec<_> = columns.map(|column| expression(table, column, purpose)).collect();
    let rows = source(table);
    // With the table's name: otherwise a column of the result is meant, which has no index.
    let place = if table.name == "bodies" { "versions" } else { table.name };
    let keys = table.columns[..table.key].iter();
    let keys: Vec<_> = keys.map(|column| format!("{place}.{}", column.name)).collect();
    format!("SELECT {} FROM {rows} ORDER BY {}", columns.join(", "), keys.join(", "))
}

fn source(table: &Table) -> &'static str {
    match table.name {
        "versions" => "versions LEFT JOIN queries USING (query_id)",
        "bodies" => "versions WHERE stored IS NOT NULL",
        "api_calls" => "api_calls LEFT JOIN queries USING (query_id)",
        // As they are made, these say nothing.
        "budget" => "budget WHERE shared <> '{}'",
        "schedule_leader" => "schedule_leader WHERE leader <> 'null'",
        "lease_tokens" => {
            "(SELECT 1 AS only_row, last_value AS last FROM lease_tokens WHERE is_called)
             AS lease_tokens"
        }
        "counters" => {
            "(SELECT 'dictionaries' AS name, last_value AS last
              FROM dictionaries_dictionary_id_seq WHERE is_called
              UNION ALL
              SELECT 'pipeline_runs', last_value FROM pipeline_runs_run_id_seq WHERE is_called)
             AS counters"
        }
        name => name,
    }
}

fn expression(table: &Table, column: &Column, purpose: Purpose) -> String {
    let name = match (table.name, column.name) {
        ("versions", "body") => "stored",
        ("bodies", "fits") => "(length(stored) = stored_bytes)",
        (_, name) => name,
    };
    if !purpose.wants(column) {
        return format!("NULL::{}", carrier(column.kind));
    }
    match column.kind {
        Type::Integer => format!("{name}::int8"),
        Type::Real => format!("{name}::float8"),
        // A date as ISO 8601 writes it, however the server shows dates.
        Type::Text if column.name == "unlisted_on" => format!("to_char({name}, 'YYYY-MM-DD')"),
        Type::Text | Type::Json => format!("{name}::text"),
        Type::Bytes => name.to_owned(),
        Type::Boolean => format!("{name}::int4::int8"),
        Type::Instant => format!("(extract(epoch FROM {name}) * 1000)::int8"),
        Type::Date => format!("({name} - DATE '1970-01-01')::int8"),
        Type::Texts => format!("array_to_json({name})::text"),
    }
}

/// The type of PostgreSQL's in which a value comes.
fn carrier(kind: Type) -> &'static str {
    match kind {
        Type::Integer | Type::Boolean | Type::Instant | Type::Date => "int8",
        Type::Real => "float8",
        Type::Text | Type::Json | Type::Texts => "text",
        Type::Bytes => "bytea",
    }
}

fn value(row: &Found, place: usize, table: &Table, column: &Column) -> Result<Value, Fault> {
    let value = match column.kind {
        Type::Integer | Type::Boolean | Type::Instant | Type::Date => {
            row.try_get::<_, Option<i64>>(place)?.map(Value::Integer)
        }
        Type::Real => row.try_get::<_, Option<f64>>(place)?.map(Value::Real),
        Type::Text => row.try_get::<_, Option<String>>(place)?.map(Value::Text),
        Type::Bytes => row.try_get::<_, Option<Vec<u8>>>(place)?.map(Value::Bytes),
        Type::Json | Type::Texts => {
            let text = row.try_get::<_, Option<&str>>(place)?.map(canonical).transpose();
            let wrong = |error| {
                Fault::corrupt(format!("{}.{} holds no JSON: {error}", table.name, column.name))
            };
            text.map_err(wrong)?.map(Value::Text)
        }
    };
    Ok(value.unwrap_or(Value::Null))
}

#[cfg(test)]
mod tests;
