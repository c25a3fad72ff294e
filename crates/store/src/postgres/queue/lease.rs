//! How tasks are leased.

use domain::Timestamp;
use domain::queue::{ABANDONED_AT_MOST, Lease, LeaseTerms, Priority};
use futures_util::future::join;
use tokio_postgres::types::Type;

use super::{Fault, Transaction, count_at, run_at, settle};
use crate::postgres::connection::Value;
use crate::postgres::values::{instant, key_at, limit, unsigned};

/// Wakes so many at most with one lease: after an outage a million may be due, and
/// who leases must not wait for all of them.
const WAKE: &str = "
    UPDATE tasks SET wakes_at = NULL
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM tasks WHERE wakes_at <= $1
        ORDER BY wakes_at LIMIT 5000 FOR UPDATE SKIP LOCKED))";

/// A token that is still there is of a lease that nobody ended. The locked rows are
/// found again by where they lie; one that moved in between is somebody else's.
const TAKE: &str = "
    UPDATE tasks SET wakes_at = $1, token = (SELECT nextval('lease_tokens')), leased_by = $2,
           again = NULL, abandoned = abandoned + (token IS NOT NULL)::int
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM tasks WHERE wakes_at IS NULL AND priority <= $4
        ORDER BY priority, kind, id, season, episode
        LIMIT $3 FOR UPDATE SKIP LOCKED))
    RETURNING kind, id, season, episode, token, attempts, priority, source, run, abandoned";

pub(super) async fn lease(
    tx: &Transaction<'_>,
    terms: &LeaseTerms,
    now: Timestamp,
) -> Result<Vec<Lease>, Fault> {
    let due = instant(now);
    let values = [(&due as _, Type::TIMESTAMPTZ)];
    // One way there and back for both: on a long one that is what a lease costs.
    let (woken, taken) = join(tx.run(WAKE, &values), take(tx, terms, terms.limit, now)).await;
    woken?;
    let (mut leases, mut abandoned) = taken?;
    // What is buried leaves room for others.
    while !abandoned.is_empty() {
        settle::bury_abandoned(tx, &abandoned, now).await?;
        let taken;
        (taken, abandoned) = take(tx, terms, terms.limit - leases.len(), now).await?;
        leases.extend(taken);
    }
    // RETURNING comes in no particular order.
    leases.sort_unstable_by_key(|lease| (lease.priority, lease.key));
    Ok(leases)
}

type Taken = (Vec<Lease>, Vec<(Lease, u32)>);

/// Leases tasks that are awake. Those abandoned once too often come apart, with
/// how often that was.
async fn take(
    tx: &Transaction<'_>,
    terms: &LeaseTerms,
    room: usize,
    now: Timestamp,
) -> Result<Taken, Fault> {
    let until = now + terms.duration;
    let (ends, room) = (instant(until), limit(room));
    let urgent = terms.urgent.map_or(i64::MAX, |priority| i64::from(priority.number()));
    let values: [Value<'_>; 4] = [
        (&ends, Type::TIMESTAMPTZ),
        (&terms.worker, Type::TEXT),
        (&room, Type::INT8),
        (&urgent, Type::INT8),
    ];
    let (mut leases, mut abandoned) = (vec![], vec![]);
    for row in tx.rows(TAKE, &values).await? {
        let priority: i64 = row.try_get(6)?;
        let lease = Lease {
            key: key_at(&row, 0)?,
            token: unsigned(row.try_get(4)?),
            attempt: count_at(&row, 5)?.saturating_add(1),
            priority: Priority::from_number(u32::try_from(priority).unwrap_or(u32::MAX)),
            source: row.try_get(7)?,
            run: run_at(&row, 8)?,
            until,
        };
        match count_at(&row, 9)? {
            times if times >= ABANDONED_AT_MOST => abandoned.push((lease, times)),
            _ => leases.push(lease),
        }
    }
    Ok((leases, abandoned))
}
