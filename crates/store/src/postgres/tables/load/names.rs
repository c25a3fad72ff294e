//! What is found by its name is indexed again, from the portable rows themselves.

use tokio_postgres::types::Type;

use super::Fault;
use crate::portable::tables::Table;
use crate::portable::{Row, Value};
use crate::postgres::catalogue::vector;
use crate::postgres::connection::Transaction;

pub(super) async fn load(tx: &Transaction<'_>, table: &Table, rows: &[Row]) -> Result<(), Fault> {
    let (index, key) = match table.name {
        "facets" => ("work_names", "work_id"),
        "people" => ("person_names", "person_id"),
        _ => ("thing_names", "thing_id"),
    };
    let (mut ids, mut vectors) = (vec![], vec![]);
    for row in rows {
        let Some((id, names)) = named(table, row) else { continue };
        ids.push(id);
        vectors.push(vector(names.iter().map(String::as_str)));
    }
    let sql = format!(
        "INSERT INTO {index} ({key}, words)
         SELECT one.id, one.words::tsvector FROM UNNEST($1, $2) AS one (id, words)"
    );
    tx.run(&sql, &[(&ids, Type::INT8_ARRAY), (&vectors, Type::TEXT_ARRAY)]).await?;
    Ok(())
}

/// The number of a row in its index, and its names; none for what has no name there.
fn named(table: &Table, row: &Row) -> Option<(i64, Vec<String>)> {
    let number = |place: usize| match row[place] {
        Value::Integer(number) => Some(number),
        _ => None,
    };
    let text = |column: &str| match &row[table.place(column)] {
        Value::Text(text) => text.clone(),
        _ => String::new(),
    };
    match table.name {
        "facets" => Some((number(0)?, vec![text("names")])),
        "people" => {
            let others: Vec<String> = serde_json::from_str(&text("also_known_as")).ok()?;
            Some((number(0)?, [vec![text("name")], others].concat()))
        }
        _ => {
            let kind = number(0).filter(|kind| (6..=9).contains(kind))?;
            Some((number(1)?.checked_mul(16)?.checked_add(kind)?, vec![text("name")]))
        }
    }
}
