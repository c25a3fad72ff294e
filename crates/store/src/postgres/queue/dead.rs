//! Dead letters: listed, made pending again, dropped.

use domain::failure::FailureClass;
use domain::queue::{DeadFilter, DeadLetter};
use domain::{Key, Timestamp};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::{Fault, Transaction, count_at, run_at};
use crate::postgres::connection::Value;
use crate::postgres::hints;
use crate::postgres::values::{Keys, instant, key_at, limit, time_at, unsigned};

/// A filter's values, and the condition that uses them: only what is given stands in
/// the SQL, so that an index can serve it.
struct Meant {
    keys: Keys,
    kind: Option<i16>,
    class: Option<&'static str>,
    died: Option<jiff::Timestamp>,
}

impl Meant {
    fn by(which: &DeadFilter) -> Self {
        let mut keys: Vec<Key> = which.keys.clone();
        keys.sort_unstable();
        keys.dedup();
        Self {
            keys: Keys::of(&keys),
            kind: which.kind.map(|kind| i16::from(kind.number())),
            class: which.class.map(FailureClass::as_str),
            died: which.died_before.map(instant),
        }
    }

    /// The condition, and its values as $1 and on.
    fn condition(&self) -> (String, Vec<Value<'_>>) {
        let mut conditions = vec!["true".to_owned()];
        let mut values: Vec<Value<'_>> = vec![];
        if !self.keys.ids.is_empty() {
            let among = "(kind, id, season, episode) IN (
                SELECT * FROM UNNEST($1::int2[], $2::int8[], $3::int4[], $4::int4[]))";
            conditions.push(among.to_owned());
            values.extend(self.keys.values());
        }
        let others: [(&str, Option<Value<'_>>); 3] = [
            ("kind =", self.kind.as_ref().map(|kind| (kind as _, Type::INT2))),
            ("class =", self.class.as_ref().map(|class| (class as _, Type::TEXT))),
            ("died_at <", self.died.as_ref().map(|died| (died as _, Type::TIMESTAMPTZ))),
        ];
        for (condition, value) in others {
            if let Some(value) = value {
                values.push(value);
                conditions.push(format!("{condition} ${}", values.len()));
            }
        }
        (format!(" WHERE {}", conditions.join(" AND ")), values)
    }
}

pub(super) async fn list(
    tx: &Transaction<'_>,
    which: &DeadFilter,
    rows: usize,
) -> Result<Vec<DeadLetter>, Fault> {
    let (meant, rows) = (Meant::by(which), limit(rows));
    let (condition, mut values) = meant.condition();
    values.push((&rows, Type::INT8));
    let sql = format!(
        "SELECT kind, id, season, episode, class, error, attempts, source, run, added_at, died_at,
                body
         FROM dead_letters{condition}
         ORDER BY died_at DESC, kind, id, season, episode LIMIT ${}",
        values.len()
    );
    tx.rows(&sql, &values).await?.iter().map(letter).collect()
}

fn letter(row: &Row) -> Result<DeadLetter, Fault> {
    let class: String = row.try_get(4)?;
    Ok(DeadLetter {
        key: key_at(row, 0)?,
        class: self::class(&class)?,
        error: row.try_get(5)?,
        attempts: count_at(row, 6)?,
        source: row.try_get(7)?,
        run: run_at(row, 8)?,
        added_at: time_at(row, 9)?,
        died_at: time_at(row, 10)?,
        body: row.try_get(11)?,
    })
}

pub(super) fn class(name: &str) -> Result<FailureClass, Fault> {
    FailureClass::from_name(name)
        .ok_or_else(|| Fault::corrupt(format!("there is no failure called {name}")))
}

pub(super) async fn redrive(
    tx: &Transaction<'_>,
    which: &DeadFilter,
    now: Timestamp,
) -> Result<u64, Fault> {
    let (meant, now) = (Meant::by(which), instant(now));
    let (condition, mut values) = meant.condition();
    values.push((&now, Type::TIMESTAMPTZ));
    let sql = format!(
        "WITH revived AS (
             DELETE FROM dead_letters{condition}
             RETURNING kind, id, season, episode, priority, run, source),
         pending AS (
             INSERT INTO tasks
                 (kind, id, season, episode, priority, attempts, due_at, added_at, run, source)
             SELECT kind, id, season, episode, priority, 0, ${now}, ${now}, run, source
             FROM revived ORDER BY kind, id, season, episode
             ON CONFLICT DO NOTHING)
         SELECT count(*) FROM revived",
        now = values.len()
    );
    let revived = unsigned(tx.one(&sql, &values).await?.try_get(0)?);
    if revived > 0 {
        hints::tell_queued(tx).await?;
    }
    Ok(revived)
}

pub(super) async fn purge(tx: &Transaction<'_>, which: &DeadFilter) -> Result<u64, Fault> {
    let meant = Meant::by(which);
    let (condition, values) = meant.condition();
    tx.run(&format!("DELETE FROM dead_letters{condition}"), &values).await
}

pub(super) async fn forget_bodies(tx: &Transaction<'_>, before: Timestamp) -> Result<u64, Fault> {
    let before = [(&instant(before) as _, Type::TIMESTAMPTZ)];
    let emptied = tx
        .run("UPDATE dead_letters SET body = '' WHERE died_at < $1 AND length(body) > 0", &before)
        .await?;
    // Nor is what an old task once failed with.
    tx.run(
        "UPDATE tasks SET last_error = NULL WHERE added_at < $1 AND last_error IS NOT NULL",
        &before,
    )
    .await?;
    Ok(emptied)
}
