//! Interns the query part of what was asked: a kilobyte, the same for millions.

use std::collections::{BTreeSet, HashMap};

use tokio_postgres::types::Type;

use super::connection::Transaction;
use super::fault::Fault;

/// Which query has which number.
pub(super) struct Queries {
    numbers: HashMap<String, i64>,
}

impl Queries {
    /// Numbers the queries of all that was asked.
    pub(super) async fn of<'a>(
        tx: &Transaction<'_>,
        asked: impl Iterator<Item = &'a str>,
    ) -> Result<Self, Fault> {
        let wanted: BTreeSet<&str> = asked.filter_map(|asked| split(asked).1).collect();
        let wanted: Vec<&str> = wanted.into_iter().collect();
        let mut numbers = read(tx, &wanted).await?;
        if numbers.len() < wanted.len() {
            // In their order, so that two who add the same do not wait for each other.
            tx.run(
                "INSERT INTO queries (query) SELECT query FROM UNNEST($1) AS q (query)
                 ORDER BY query ON CONFLICT DO NOTHING",
                &[(&wanted, Type::TEXT_ARRAY)],
            )
            .await?;
            numbers = read(tx, &wanted).await?;
        }
        Ok(Self { numbers })
    }

    /// Splits `path?query`, and numbers the query.
    pub(super) fn split<'a>(&self, asked: &'a str) -> (&'a str, Option<i64>) {
        let (path, query) = split(asked);
        (path, query.and_then(|query| self.numbers.get(query).copied()))
    }
}

fn split(asked: &str) -> (&str, Option<&str>) {
    asked.split_once('?').map_or((asked, None), |(path, query)| (path, Some(query)))
}

async fn read(tx: &Transaction<'_>, wanted: &[&str]) -> Result<HashMap<String, i64>, Fault> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let select = "SELECT query, query_id FROM queries WHERE query = ANY($1)";
    let rows = tx.rows(select, &[(&wanted, Type::TEXT_ARRAY)]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// The inverse of [`Queries::split`].
pub(super) fn join(path: &str, query: Option<&str>) -> String {
    match query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}
