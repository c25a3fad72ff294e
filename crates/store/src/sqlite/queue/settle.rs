//! How leases end, or go on.

use domain::Timestamp;
use domain::failure::{Failure, FailureClass};
use domain::queue::{Lease, Verdict};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Fault, held};

pub(super) fn extend(
    db: &Connection,
    leases: &[Lease],
    until: Timestamp,
) -> Result<Vec<bool>, Fault> {
    let mut prolong = db.prepare_cached(
        "UPDATE tasks SET wakes_at = ?6, abandoned = 0
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND token = ?5",
    )?;
    let mut held_still = Vec::with_capacity(leases.len());
    for lease in leases {
        let [kind, id, season, episode, token] = held(&lease.key, lease.token);
        let until = until.as_millis();
        held_still.push(prolong.execute([kind, id, season, episode, token, until])? == 1);
    }
    Ok(held_still)
}

pub(super) fn settle(
    db: &Connection,
    verdicts: &[(Lease, Verdict)],
    now: Timestamp,
) -> Result<Vec<bool>, Fault> {
    let mut settled = Vec::with_capacity(verdicts.len());
    for (lease, verdict) in verdicts {
        settled.push(match verdict {
            Verdict::Finish => finish(db, lease, now)?,
            Verdict::Retry { due, failure } => retry(db, lease, *due, failure, now)?,
            Verdict::Release { due } => release(db, lease, *due, now)?,
            Verdict::Bury(failure) => bury(db, lease, failure, now)?,
        });
    }
    Ok(settled)
}

fn finish(db: &Connection, lease: &Lease, now: Timestamp) -> Result<bool, Fault> {
    let mut delete = db.prepare_cached(
        "DELETE FROM tasks
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND token = ?5
             AND again IS NULL",
    )?;
    if delete.execute(held(&lease.key, lease.token))? == 1 {
        return Ok(true);
    }
    // It waits since it was said to have changed: whoever counts what was added
    // up to then must find it.
    let mut renew = db.prepare_cached(
        "UPDATE tasks SET wakes_at = NULL, token = NULL, leased_by = NULL, attempts = 0,
                last_error = NULL, due_at = ?6, added_at = again, again = NULL, abandoned = 0
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND token = ?5",
    )?;
    let [kind, id, season, episode, token] = held(&lease.key, lease.token);
    Ok(renew.execute([kind, id, season, episode, token, now.as_millis()])? == 1)
}

fn retry(
    db: &Connection,
    lease: &Lease,
    due: Timestamp,
    failure: &Failure,
    now: Timestamp,
) -> Result<bool, Fault> {
    let mut update = db.prepare_cached(
        "UPDATE tasks SET wakes_at = ?6, due_at = ?7, attempts = attempts + 1, last_error = ?8,
                token = NULL, leased_by = NULL, abandoned = 0
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND token = ?5",
    )?;
    let [kind, id, season, episode, token] = held(&lease.key, lease.token);
    let error = described(failure);
    let updated = update.execute(params![
        kind,
        id,
        season,
        episode,
        token,
        wakes_at(due, now),
        due.as_millis(),
        error
    ])?;
    Ok(updated == 1)
}

fn release(db: &Connection, lease: &Lease, due: Timestamp, now: Timestamp) -> Result<bool, Fault> {
    let mut update = db.prepare_cached(
        "UPDATE tasks SET wakes_at = ?6, due_at = ?7, token = NULL, leased_by = NULL,
                abandoned = 0
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND token = ?5",
    )?;
    let [kind, id, season, episode, token] = held(&lease.key, lease.token);
    let wakes_at = wakes_at(due, now);
    let due = due.as_millis();
    Ok(update.execute(params![kind, id, season, episode, token, wakes_at, due])? == 1)
}

fn bury(db: &Connection, lease: &Lease, failure: &Failure, now: Timestamp) -> Result<bool, Fault> {
    move_to_dead(db, lease, failure, 1, now)
}

/// Buries a task that its processes did not live to give a verdict on.
pub(super) fn bury_abandoned(
    db: &Connection,
    lease: &Lease,
    times: u32,
    now: Timestamp,
) -> Result<bool, Fault> {
    let error = format!("its process died {times} times while collecting it");
    move_to_dead(db, lease, &Failure::new(FailureClass::Later, error, b""), times, now)
}

/// `tries` are added to the attempts that the task counts already.
fn move_to_dead(
    db: &Connection,
    lease: &Lease,
    failure: &Failure,
    tries: u32,
    now: Timestamp,
) -> Result<bool, Fault> {
    type Task = (u32, u32, i64, Option<i64>, String);
    let task = |row: &Row<'_>| -> rusqlite::Result<Task> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
    };
    let taken = db
        .prepare_cached(
            "DELETE FROM tasks
             WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND token = ?5
             RETURNING priority, attempts, added_at, run, source",
        )?
        .query_row(held(&lease.key, lease.token), task)
        .optional()?;
    let Some((priority, attempts, added_at, run, source)) = taken else { return Ok(false) };
    let [kind, id, season, episode, _] = held(&lease.key, lease.token);
    db.prepare_cached(
        "INSERT OR REPLACE INTO dead_letters
             (kind, id, season, episode, priority, class, error, attempts, added_at, died_at, run,
              source, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        kind,
        id,
        season,
        episode,
        priority,
        failure.class.as_str(),
        failure.message,
        attempts.saturating_add(tries),
        added_at,
        now.as_millis(),
        run,
        source,
        failure.body,
    ])?;
    Ok(true)
}

/// Null for what is due already.
fn wakes_at(due: Timestamp, now: Timestamp) -> Option<i64> {
    (due > now).then(|| due.as_millis())
}

fn described(failure: &Failure) -> String {
    format!("{}: {}", failure.class.as_str(), failure.message)
}
