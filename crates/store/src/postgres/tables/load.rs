//! Portable rows become PostgreSQL's: a batch is one statement, its columns are arrays.

mod names;

use std::collections::BTreeSet;

use domain::{StoreError, Timestamp};
use tokio_postgres::types::Type as Sql;

use super::Fault;
use crate::portable::tables::{Column, Table, Type};
use crate::portable::{Batch, Row, Value};
use crate::postgres::catalogue::{genre_word, vector};
use crate::postgres::connection::{self, Transaction};
use crate::postgres::values::instant;
use crate::postgres::{Database, transaction};

/// Adds rows that come in the order of their keys, all or none.
pub(crate) async fn load(database: &Database, batch: Batch) -> Result<(), StoreError> {
    let Batch { table, rows } = &batch;
    transaction!(database, tx => write(&tx, table, rows).await)
}

async fn write(tx: &Transaction<'_>, table: &Table, rows: &[Row]) -> Result<(), Fault> {
    match table.name {
        "lease_tokens" => {
            tx.batch("SELECT setval('lease_tokens', 1, false)").await?;
            with_rows(tx, "SELECT setval('lease_tokens', one.last)", table, rows).await
        }
        "counters" => {
            tx.batch(
                "SELECT setval('dictionaries_dictionary_id_seq', 1, false);
                 SELECT setval('pipeline_runs_run_id_seq', 1, false)",
            )
            .await?;
            let set = "SELECT setval(CASE one.name
                WHEN 'dictionaries' THEN 'dictionaries_dictionary_id_seq'::regclass
                WHEN 'pipeline_runs' THEN 'pipeline_runs_run_id_seq'::regclass END, one.last)";
            with_rows(tx, set, table, rows).await
        }
        "budget" => {
            tx.batch("UPDATE budget SET shared = '{}'").await?;
            with_rows(tx, "UPDATE budget SET shared = one.shared::jsonb", table, rows).await
        }
        "schedule_leader" => {
            tx.batch("UPDATE schedule_leader SET leader = 'null'").await?;
            let set = "UPDATE schedule_leader SET leader = one.leader::jsonb";
            with_rows(tx, set, table, rows).await
        }
        "versions" => {
            intern(tx, table, rows).await?;
            insert(tx, table, rows).await
        }
        "api_calls" => {
            intern(tx, table, rows).await?;
            insert(tx, table, rows).await?;
            tx.batch("SELECT setval('api_calls_call_id_seq', max(call_id)) FROM api_calls").await
        }
        "works" => works(tx, table, rows).await,
        "works_meta" => {
            insert(tx, table, rows).await?;
            work_texts(tx, rows).await
        }
        "facets" | "people" | "things" => {
            insert(tx, table, rows).await?;
            names::load(tx, table, rows).await
        }
        _ => insert(tx, table, rows).await,
    }
}

/// The values of a column, as they are sent.
enum Values<'a> {
    Integers(Vec<Option<i64>>),
    Reals(Vec<Option<f64>>),
    Texts(Vec<Option<&'a str>>),
    Bytes(Vec<Option<&'a [u8]>>),
    Instants(Vec<Option<jiff::Timestamp>>),
}

impl<'a> Values<'a> {
    fn of(table: &Table, place: usize, rows: &'a [Row]) -> Result<Self, Fault> {
        let column = &table.columns[place];
        let values = rows.iter().map(|row| &row[place]);
        let wrong = || Fault::corrupt(format!("{}.{} is of a wrong type", table.name, column.name));
        macro_rules! all {
            ($kind:ident, $found:pat => $value:expr) => {
                values
                    .map(|value| match value {
                        Value::Null => Ok(None),
                        $found => Ok(Some($value)),
                        _ => Err(wrong()),
                    })
                    .collect::<Result<_, _>>()
                    .map(Self::$kind)
            };
        }
        match column.kind {
            Type::Integer | Type::Boolean | Type::Date => {
                all!(Integers, Value::Integer(number) => *number)
            }
            Type::Real => all!(Reals, Value::Real(number) => *number),
            Type::Text | Type::Json | Type::Texts => {
                all!(Texts, Value::Text(text) => text.as_str())
            }
            Type::Bytes => all!(Bytes, Value::Bytes(bytes) => bytes.as_slice()),
            Type::Instant => {
                all!(Instants, Value::Integer(millis) => instant(Timestamp::from_millis(*millis)))
            }
        }
    }

    fn all(table: &Table, rows: &'a [Row]) -> Result<Vec<Self>, Fault> {
        (0..table.columns.len()).map(|place| Self::of(table, place, rows)).collect()
    }

    fn sent(&self) -> connection::Value<'_> {
        match self {
            Self::Integers(values) => (values, Sql::INT8_ARRAY),
            Self::Reals(values) => (values, Sql::FLOAT8_ARRAY),
            Self::Texts(values) => (values, Sql::TEXT_ARRAY),
            Self::Bytes(values) => (values, Sql::BYTEA_ARRAY),
            Self::Instants(values) => (values, Sql::TIMESTAMPTZ_ARRAY),
        }
    }
}

/// Runs a statement that takes its rows from `one`.
async fn with_rows(
    tx: &Transaction<'_>,
    statement: &str,
    table: &Table,
    rows: &[Row],
) -> Result<(), Fault> {
    let names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
    run(tx, statement, &names, &Values::all(table, rows)?).await
}

async fn run(
    tx: &Transaction<'_>,
    statement: &str,
    names: &[&str],
    values: &[Values<'_>],
) -> Result<(), Fault> {
    let places: Vec<_> = (1..=names.len()).map(|place| format!("${place}")).collect();
    let (places, names) = (places.join(", "), names.join(", "));
    let sql = format!("{statement} FROM UNNEST({places}) AS one ({names})");
    let values: Vec<_> = values.iter().map(Values::sent).collect();
    tx.run(&sql, &values).await?;
    Ok(())
}

/// Into which column a portable one goes, and as what.
fn target(table: &Table, column: &Column) -> (&'static str, String) {
    let name = column.name;
    let value = match (name, column.kind) {
        ("query", _) => {
            let number = "(SELECT query_id FROM queries WHERE queries.query = one.query)";
            return ("query_id", number.to_owned());
        }
        ("body", _) if table.name == "versions" => return ("stored", "one.body".to_owned()),
        ("unlisted_on", _) => format!("one.{name}::date"),
        (_, Type::Boolean) => format!("one.{name}::int4::boolean"),
        (_, Type::Date) => format!("DATE '1970-01-01' + one.{name}::int4"),
        (_, Type::Json) => format!("one.{name}::jsonb"),
        (_, Type::Texts) => list(name),
        _ => format!("one.{name}"),
    };
    (name, value)
}

fn list(name: &str) -> String {
    format!("ARRAY(SELECT jsonb_array_elements_text(one.{name}::jsonb))")
}

async fn insert(tx: &Transaction<'_>, table: &Table, rows: &[Row]) -> Result<(), Fault> {
    with_rows(tx, &insertion(table, None), table, rows).await
}

/// A statement that inserts portable rows, with a further list of texts.
fn insertion(table: &Table, further: Option<&'static str>) -> String {
    let targets = table.columns.iter().map(|column| target(table, column));
    let targets = targets.chain(further.map(|name| (name, list(name))));
    let (names, values): (Vec<_>, Vec<_>) = targets.unzip();
    format!("INSERT INTO {} ({}) SELECT {}", table.name, names.join(", "), values.join(", "))
}

/// Numbers the queries of a batch.
async fn intern(tx: &Transaction<'_>, table: &Table, rows: &[Row]) -> Result<(), Fault> {
    let place = table.place("query");
    let queries = rows.iter().filter_map(|row| match &row[place] {
        Value::Text(query) => Some(query.as_str()),
        _ => None,
    });
    let queries: Vec<&str> = queries.collect::<BTreeSet<_>>().into_iter().collect();
    tx.run(
        "INSERT INTO queries (query) SELECT query FROM UNNEST($1) AS one (query)
         WHERE NOT EXISTS (SELECT FROM queries q WHERE q.query = one.query)
         ON CONFLICT DO NOTHING",
        &[(&queries, Sql::TEXT_ARRAY)],
    )
    .await?;
    Ok(())
}

/// With what genres are searched by.
async fn works(tx: &Transaction<'_>, table: &Table, rows: &[Row]) -> Result<(), Fault> {
    const WORDS: &str = "genre_words";
    let place = table.place("genres");
    let words = rows.iter().map(|row| match &row[place] {
        Value::Text(genres) => words_of(genres),
        _ => Err(Fault::corrupt("a work without a list of genres")),
    });
    let words: Vec<String> = words.collect::<Result<_, Fault>>()?;
    let mut values = Values::all(table, rows)?;
    values.push(Values::Texts(words.iter().map(|words| Some(words.as_str())).collect()));
    let mut names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
    names.push(WORDS);
    run(tx, &insertion(table, Some(WORDS)), &names, &values).await
}

fn words_of(genres: &str) -> Result<String, Fault> {
    let genres: Vec<String> = serde_json::from_str(genres)
        .map_err(|error| Fault::corrupt(format!("works.genres is no list: {error}")))?;
    let words: Vec<String> = genres.iter().map(|genre| genre_word(genre)).collect();
    serde_json::to_string(&words).map_err(|error| Fault::corrupt(error.to_string()))
}

/// The index of what is searched is made again.
async fn work_texts(tx: &Transaction<'_>, rows: &[Row]) -> Result<(), Fault> {
    let id = |row: Option<&Row>| match row.map(|row| &row[0]) {
        Some(Value::Integer(id)) => Some(*id),
        _ => None,
    };
    let (Some(first), Some(last)) = (id(rows.first()), id(rows.last())) else { return Ok(()) };
    let found = tx
        .rows(
            "SELECT work_id, title, original_title, overview, tagline
             FROM works_meta JOIN works USING (work_id) WHERE work_id BETWEEN $1 AND $2
             ORDER BY work_id",
            &[(&first, Sql::INT8), (&last, Sql::INT8)],
        )
        .await?;
    let (mut ids, mut vectors) = (vec![], vec![]);
    for row in &found {
        let text = |place| Ok::<_, Fault>(row.try_get::<_, Option<&str>>(place)?.unwrap_or(""));
        ids.push(row.try_get::<_, i64>(0)?);
        vectors.push(vector([text(1)?, text(2)?, text(3)?, text(4)?]));
    }
    tx.run(
        "INSERT INTO work_texts (work_id, words)
         SELECT one.work_id, one.words::tsvector
         FROM UNNEST($1, $2) AS one (work_id, words)",
        &[(&ids, Sql::INT8_ARRAY), (&vectors, Sql::TEXT_ARRAY)],
    )
    .await?;
    Ok(())
}
