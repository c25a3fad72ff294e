//! How leases end, or go on.

use std::collections::HashSet;

use domain::failure::{Failure, FailureClass};
use domain::queue::{Lease, Verdict};
use domain::{Key, Timestamp};
use tokio_postgres::types::Type;

use super::{Fault, Transaction, text};
use crate::postgres::connection::Value;
use crate::postgres::values::{Keys, instant, key_at, key_columns, signed, unsigned};

/// The columns of a batch of leases, in the order of their keys, for `held!`.
#[derive(Default)]
struct Held {
    keys: Keys,
    tokens: Vec<i64>,
}

impl Held {
    fn of<'a>(leases: impl IntoIterator<Item = &'a Lease>) -> Self {
        let mut held = Self::default();
        for lease in leases {
            held.keys.push(&lease.key);
            held.tokens.push(signed(lease.token));
        }
        held
    }

    /// As $1 to $5.
    fn values(&self) -> Vec<Value<'_>> {
        let mut values = Vec::with_capacity(9);
        values.extend(self.keys.values());
        values.push((&self.tokens, Type::INT8_ARRAY));
        values
    }
}

/// The leases of a batch as the table `h`, with further columns of their own.
macro_rules! held {
    ($($types:literal)? $(, $names:literal)?) => {
        concat!(
            "UNNEST($1::int2[], $2::int8[], $3::int4[], $4::int4[], $5::int8[]", $($types,)?
            ") AS h (kind, id, season, episode, token", $($names,)? ")
             WHERE t.kind = h.kind AND t.id = h.id AND t.season = h.season
                 AND t.episode = h.episode AND t.token = h.token"
        )
    };
}

const RETURNING: &str = " RETURNING t.kind, t.id, t.season, t.episode, h.token";

/// The leases that a statement found.
type Found = HashSet<(Key, u64)>;

async fn found(tx: &Transaction<'_>, sql: &str, values: &[Value<'_>]) -> Result<Found, Fault> {
    let rows = tx.rows(&format!("{sql}{RETURNING}"), values).await?;
    rows.iter().map(|row| Ok((key_at(row, 0)?, unsigned(row.try_get(4)?)))).collect()
}

fn named(lease: &Lease) -> (Key, u64) {
    (lease.key, lease.token)
}

pub(super) async fn extend(
    tx: &Transaction<'_>,
    leases: &[Lease],
    until: Timestamp,
) -> Result<Vec<bool>, Fault> {
    const EXTEND: &str = concat!("UPDATE tasks t SET wakes_at = $6, abandoned = 0 FROM ", held!());
    let mut sorted: Vec<&Lease> = leases.iter().collect();
    sorted.sort_by_key(|lease| key_columns(&lease.key));
    let (held, until) = (Held::of(sorted), instant(until));
    let mut values = held.values();
    values.push((&until, Type::TIMESTAMPTZ));
    let found = found(tx, EXTEND, &values).await?;
    Ok(leases.iter().map(|lease| found.contains(&named(lease))).collect())
}

/// A batch by what its verdicts say.
#[derive(Default)]
struct Sorted<'a> {
    finished: Vec<&'a Lease>,
    /// With the failure of those that failed.
    delayed: Vec<(&'a Lease, Timestamp, Option<&'a Failure>)>,
    buried: Vec<Death<'a>>,
}

struct Death<'a> {
    lease: &'a Lease,
    class: FailureClass,
    error: String,
    body: &'a [u8],
    /// Added to the attempts that the task counts already.
    tries: i32,
}

pub(super) async fn settle(
    tx: &Transaction<'_>,
    verdicts: &[(Lease, Verdict)],
    now: Timestamp,
) -> Result<Vec<bool>, Fault> {
    let mut order: Vec<usize> = (0..verdicts.len()).collect();
    order.sort_by_key(|place| key_columns(&verdicts[*place].0.key));
    // The first verdict on a lease ends it.
    let mut seen = HashSet::new();
    let mut firsts = vec![false; verdicts.len()];
    let mut sorted = Sorted::default();
    for place in order {
        let (lease, verdict) = &verdicts[place];
        firsts[place] = seen.insert(named(lease));
        if !firsts[place] {
            continue;
        }
        match verdict {
            Verdict::Finish => sorted.finished.push(lease),
            Verdict::Retry { due, failure } => sorted.delayed.push((lease, *due, Some(failure))),
            Verdict::Release { due } => sorted.delayed.push((lease, *due, None)),
            Verdict::Bury(failure) => sorted.buried.push(Death {
                lease,
                class: failure.class,
                error: text(&failure.message),
                body: &failure.body,
                tries: 1,
            }),
        }
    }
    let mut found = finish(tx, &sorted.finished, now).await?;
    found.extend(delay(tx, &sorted.delayed, now).await?);
    found.extend(bury(tx, &sorted.buried, now).await?);
    let settled = verdicts.iter().zip(firsts);
    Ok(settled.map(|((lease, _), first)| first && found.contains(&named(lease))).collect())
}

async fn finish(tx: &Transaction<'_>, leases: &[&Lease], now: Timestamp) -> Result<Found, Fault> {
    const FINISH: &str = concat!("DELETE FROM tasks t USING ", held!(), " AND t.again IS NULL");
    // It waits since it was said to have changed: whoever counts what was added
    // up to then must find it.
    const RENEW: &str = concat!(
        "UPDATE tasks t SET wakes_at = NULL, token = NULL, leased_by = NULL, attempts = 0,
                last_error = NULL, due_at = $6, added_at = again, again = NULL, abandoned = 0
         FROM ",
        held!(),
        " AND t.again IS NOT NULL"
    );
    if leases.is_empty() {
        return Ok(Found::new());
    }
    let held = Held::of(leases.iter().copied());
    let mut gone = found(tx, FINISH, &held.values()).await?;
    if gone.len() < leases.len() {
        let left = Held::of(leases.iter().copied().filter(|lease| !gone.contains(&named(lease))));
        let due = instant(now);
        let mut values = left.values();
        values.push((&due, Type::TIMESTAMPTZ));
        gone.extend(found(tx, RENEW, &values).await?);
    }
    Ok(gone)
}

/// A retry counts an attempt and keeps the failure, a release does neither.
async fn delay(
    tx: &Transaction<'_>,
    delayed: &[(&Lease, Timestamp, Option<&Failure>)],
    now: Timestamp,
) -> Result<Found, Fault> {
    const DELAY: &str = concat!(
        "UPDATE tasks t SET wakes_at = CASE WHEN h.due > $8 THEN h.due END, due_at = h.due,
                attempts = t.attempts + (h.error IS NOT NULL)::int,
                last_error = COALESCE(h.error, t.last_error),
                token = NULL, leased_by = NULL, abandoned = 0
         FROM ",
        held!(", $6::timestamptz[], $7::text[]", ", due, error")
    );
    if delayed.is_empty() {
        return Ok(Found::new());
    }
    let held = Held::of(delayed.iter().map(|(lease, ..)| *lease));
    let dues: Vec<_> = delayed.iter().map(|(_, due, _)| instant(*due)).collect();
    let described =
        |failure: &Failure| text(&format!("{}: {}", failure.class.as_str(), failure.message));
    let errors: Vec<_> = delayed.iter().map(|(.., failure)| failure.map(described)).collect();
    let now = instant(now);
    let mut values = held.values();
    values.push((&dues, Type::TIMESTAMPTZ_ARRAY));
    values.push((&errors, Type::TEXT_ARRAY));
    values.push((&now, Type::TIMESTAMPTZ));
    found(tx, DELAY, &values).await
}

/// Buries tasks that their processes did not live to give a verdict on.
pub(super) async fn bury_abandoned(
    tx: &Transaction<'_>,
    abandoned: &[(Lease, u32)],
    now: Timestamp,
) -> Result<(), Fault> {
    let deaths: Vec<_> = abandoned
        .iter()
        .map(|(lease, times)| Death {
            lease,
            class: FailureClass::Later,
            error: format!("its process died {times} times while collecting it"),
            body: b"",
            tries: i32::try_from(*times).unwrap_or(i32::MAX),
        })
        .collect();
    bury(tx, &deaths, now).await?;
    Ok(())
}

async fn bury(tx: &Transaction<'_>, deaths: &[Death<'_>], now: Timestamp) -> Result<Found, Fault> {
    const BURY: &str = concat!(
        "WITH t AS (
             DELETE FROM tasks t USING ",
        held!(", $6::text[], $7::text[], $8::bytea[], $9::int4[]", ", class, error, body, tries"),
        " RETURNING t.*, h.class, h.error, h.body, h.tries),
         dead AS (
             INSERT INTO dead_letters
                 (kind, id, season, episode, priority, class, error, attempts, added_at, died_at,
                  run, source, body)
             SELECT kind, id, season, episode, priority, class, error, attempts + tries, added_at,
                    $10, run, source, body
             FROM t
             ON CONFLICT (kind, id, season, episode) DO UPDATE SET
                 priority = excluded.priority, class = excluded.class, error = excluded.error,
                 attempts = excluded.attempts, added_at = excluded.added_at,
                 died_at = excluded.died_at, run = excluded.run, source = excluded.source,
                 body = excluded.body)
         SELECT kind, id, season, episode, token FROM t"
    );
    if deaths.is_empty() {
        return Ok(Found::new());
    }
    let held = Held::of(deaths.iter().map(|death| death.lease));
    let classes: Vec<_> = deaths.iter().map(|death| death.class.as_str()).collect();
    let errors: Vec<_> = deaths.iter().map(|death| death.error.as_str()).collect();
    let bodies: Vec<_> = deaths.iter().map(|death| death.body).collect();
    let tries: Vec<_> = deaths.iter().map(|death| death.tries).collect();
    let died = instant(now);
    let mut values = held.values();
    values.push((&classes, Type::TEXT_ARRAY));
    values.push((&errors, Type::TEXT_ARRAY));
    values.push((&bodies, Type::BYTEA_ARRAY));
    values.push((&tries, Type::INT4_ARRAY));
    values.push((&died, Type::TIMESTAMPTZ));
    let rows = tx.rows(BURY, &values).await?;
    rows.iter().map(|row| Ok((key_at(row, 0)?, unsigned(row.try_get(4)?)))).collect()
}
