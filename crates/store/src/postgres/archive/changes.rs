//! What changed since when, and how far ids go.

use domain::Kind;
use domain::archive::{Changed, Span};
use tokio_postgres::types::Type;

use crate::postgres::connection::{Transaction, Value};
use crate::postgres::fault::Fault;
use crate::postgres::values::{instant, limit, unsigned};

/// The kinds stand in the SQL as they stand in the index.
pub(super) async fn changed(tx: &Transaction<'_>, span: &Span) -> Result<Changed, Fault> {
    let kind = i16::from(span.kind.number());
    let (from, until) = (instant(span.from), instant(span.until));
    let within: [Value<'_>; 3] =
        [(&kind, Type::INT2), (&from, Type::TIMESTAMPTZ), (&until, Type::TIMESTAMPTZ)];
    let total = tx
        .one(
            "SELECT count(DISTINCT id) FROM versions
             WHERE kind IN (1, 2, 5) AND kind = $1 AND valid_from >= $2 AND valid_from < $3",
            &within,
        )
        .await?;
    let (most, skip) = (limit(span.limit), limit(span.skip));
    let [kind, from, until] = within;
    let rows = tx
        .rows(
            "SELECT DISTINCT id FROM versions
             WHERE kind IN (1, 2, 5) AND kind = $1 AND valid_from >= $2 AND valid_from < $3
             ORDER BY id LIMIT $4 OFFSET $5",
            &[kind, from, until, (&most, Type::INT8), (&skip, Type::INT8)],
        )
        .await?;
    let ids = rows.iter().map(|row| Ok(unsigned(row.try_get(0)?)));
    let ids = ids.collect::<Result<_, Fault>>()?;
    Ok(Changed { ids, total: unsigned(total.try_get(0)?) })
}

pub(super) async fn highest(tx: &Transaction<'_>, kind: Kind) -> Result<Option<u64>, Fault> {
    let kind = i16::from(kind.number());
    let row = tx.one("SELECT max(id) FROM heads WHERE kind = $1", &[(&kind, Type::INT2)]).await?;
    Ok(row.try_get::<_, Option<i64>>(0)?.map(unsigned))
}
