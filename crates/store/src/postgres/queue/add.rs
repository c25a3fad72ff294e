//! How tasks come into the queue.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::queue::{Added, NewTask};
use tokio_postgres::types::Type;

use super::{Fault, Transaction};
use crate::postgres::hints;
use crate::postgres::values::{instant, key_columns, unsigned};

/// The columns of a batch, each key once and in order.
#[derive(Default)]
pub(super) struct Batch {
    keys: crate::postgres::values::Keys,
    priorities: Vec<i64>,
    runs: Vec<Option<i64>>,
    sources: Vec<String>,
    changed: Vec<bool>,
    /// How often the batch names the key.
    times: Vec<i64>,
    len: u64,
}

impl Batch {
    /// A key that comes again hastens the first, as if it came later.
    pub(super) fn of(tasks: &[NewTask]) -> Self {
        let mut first: BTreeMap<_, (NewTask, i64)> = BTreeMap::new();
        for task in tasks {
            let same = first.entry(key_columns(&task.key)).or_insert_with(|| (task.clone(), 0));
            same.0.priority = same.0.priority.min(task.priority);
            same.0.changed |= task.changed;
            same.1 += 1;
        }
        let mut batch = Self { len: tasks.len() as u64, ..Self::default() };
        for (task, times) in first.into_values() {
            batch.keys.push(&task.key);
            batch.priorities.push(i64::from(task.priority.number()));
            batch.runs.push(task.run.map(|run| run.0));
            batch.sources.push(task.source);
            batch.changed.push(task.changed);
            batch.times.push(times);
        }
        batch
    }
}

/// Only rows that change are written: what is pending and urgent enough is found
/// by its key and left alone. A leased task has changed since, whatever becomes of
/// its lease meanwhile: a later lease asks later.
///
/// The row system column `xmax` is zero for what was inserted, as nobody has
/// locked it yet.
const ADD: &str = "
    WITH given AS MATERIALIZED (
        SELECT g.*, EXISTS (
            SELECT FROM dead_letters d
            WHERE (d.kind, d.id, d.season, d.episode) = (g.kind, g.id, g.season, g.episode)
        ) AS is_dead
        FROM UNNEST($1::int2[], $2::int8[], $3::int4[], $4::int4[], $5::int8[], $6::int8[],
                    $7::text[], $8::bool[], $9::int8[])
            AS g (kind, id, season, episode, priority, run, source, changed, times)),
    written AS (
        INSERT INTO tasks AS t
            (kind, id, season, episode, priority, attempts, due_at, added_at, run, source, again)
        SELECT g.kind, g.id, g.season, g.episode, g.priority, 0, $10, $10, g.run, g.source,
               CASE WHEN g.changed THEN $10 END
        FROM given g LEFT JOIN tasks p USING (kind, id, season, episode)
        WHERE NOT g.is_dead AND (
            p.kind IS NULL OR p.priority > g.priority
            OR (g.changed AND p.token IS NOT NULL AND p.again IS NULL))
        ORDER BY g.kind, g.id, g.season, g.episode
        ON CONFLICT (kind, id, season, episode) DO UPDATE SET
            priority = LEAST(t.priority, excluded.priority),
            again = CASE WHEN t.token IS NULL THEN NULL ELSE COALESCE(t.again, excluded.again) END
        RETURNING xmax = 0 AS is_new)
    SELECT (SELECT count(*) FROM written WHERE is_new),
           (SELECT COALESCE(sum(times), 0)::int8 FROM given WHERE is_dead)";

pub(super) async fn add(
    tx: &Transaction<'_>,
    batch: &Batch,
    now: Timestamp,
) -> Result<Added, Fault> {
    let now = instant(now);
    let [kinds, ids, seasons, episodes] = batch.keys.values();
    let values = [
        kinds,
        ids,
        seasons,
        episodes,
        (&batch.priorities, Type::INT8_ARRAY),
        (&batch.runs, Type::INT8_ARRAY),
        (&batch.sources, Type::TEXT_ARRAY),
        (&batch.changed, Type::BOOL_ARRAY),
        (&batch.times, Type::INT8_ARRAY),
        (&now, Type::TIMESTAMPTZ),
    ];
    let row = tx.one(ADD, &values).await?;
    let (added, dead) = (unsigned(row.try_get(0)?), unsigned(row.try_get(1)?));
    if added > 0 {
        hints::tell_queued(tx).await?;
    }
    Ok(Added { added, pending: batch.len.saturating_sub(added + dead), dead })
}
