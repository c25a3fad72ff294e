//! The queue in SQLite.
//!
//! A task whose `wakes_at` is null is ready. Leasing a task and making it wait
//! both set `wakes_at`; each lease first wakes what is due by then. So a lease
//! reads as many rows as it takes, however many others wait.
//!
//! A lease that has ended leaves its token on the task until another lease
//! takes the task: until then the late worker may still settle or extend it.
//! Attempts are counted where they fail, so a worker that dies costs its titles
//! none; `abandoned` counts such leases for themselves.

mod counts;
mod dead;
mod settle;

use async_trait::async_trait;
use domain::queue::{
    ABANDONED_AT_MOST, Added, DeadFilter, DeadLetter, Lease, LeaseTerms, NewTask, PendingTask,
    Priority, QueueDepth, TaskStanding, Verdict, Waiting,
};
use domain::{Key, RunId, StoreError, Timestamp, WorkQueue};
use rusqlite::{Connection, Row, params};

use super::Database;
use super::columns::{key_at, key_columns, limit, maybe_time_at, time_at, unsigned};
use super::fault::Fault;

pub(crate) struct Queue {
    database: Database,
}

impl Queue {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl WorkQueue for Queue {
    async fn add(&self, tasks: &[NewTask], now: Timestamp) -> Result<Added, StoreError> {
        if tasks.is_empty() {
            return Ok(Added::default());
        }
        let tasks = tasks.to_vec();
        self.database.write(move |db| add(db, &tasks, now)).await
    }

    async fn lease(&self, terms: &LeaseTerms, now: Timestamp) -> Result<Vec<Lease>, StoreError> {
        let terms = terms.clone();
        self.database.write(move |db| lease(db, &terms, now)).await
    }

    async fn extend(
        &self,
        leases: &[Lease],
        until: Timestamp,
        _now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        if leases.is_empty() {
            return Ok(vec![]);
        }
        let leases = leases.to_vec();
        self.database.write(move |db| settle::extend(db, &leases, until)).await
    }

    async fn settle(
        &self,
        verdicts: &[(Lease, Verdict)],
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        if verdicts.is_empty() {
            return Ok(vec![]);
        }
        let verdicts = verdicts.to_vec();
        self.database.write(move |db| settle::settle(db, &verdicts, now)).await
    }

    async fn depth(&self, now: Timestamp) -> Result<QueueDepth, StoreError> {
        self.database.read(move |db| counts::depth(db, now)).await
    }

    async fn pending(&self, limit: usize) -> Result<Vec<PendingTask>, StoreError> {
        self.database.read(move |db| pending(db, limit)).await
    }

    async fn dead(&self, which: &DeadFilter, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        let which = which.clone();
        self.database.read(move |db| dead::list(db, &which, limit)).await
    }

    async fn redrive(&self, which: &DeadFilter, now: Timestamp) -> Result<u64, StoreError> {
        let which = which.clone();
        self.database.write(move |db| dead::redrive(db, &which, now)).await
    }

    async fn purge(&self, which: &DeadFilter) -> Result<u64, StoreError> {
        let which = which.clone();
        self.database.write(move |db| dead::purge(db, &which)).await
    }

    async fn waiting(&self, which: &Waiting) -> Result<u64, StoreError> {
        let which = *which;
        self.database.read(move |db| counts::waiting(db, which)).await
    }

    async fn standing(&self, keys: &[Key]) -> Result<Vec<TaskStanding>, StoreError> {
        let keys = keys.to_vec();
        self.database.read(move |db| counts::standing(db, &keys)).await
    }

    async fn forget_bodies(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.database.write(move |db| dead::forget_bodies(db, before)).await
    }
}

fn add(db: &Connection, tasks: &[NewTask], now: Timestamp) -> Result<Added, Fault> {
    let some_dead: bool =
        db.query_row("SELECT EXISTS (SELECT 1 FROM dead_letters)", [], |row| row.get(0))?;
    let mut is_dead = db.prepare_cached(
        "SELECT 1 FROM dead_letters WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4",
    )?;
    let mut insert = db.prepare_cached(
        "INSERT INTO tasks
             (kind, id, season, episode, priority, attempts, due_at, added_at, run, source)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?6, ?7, ?8)
         ON CONFLICT DO NOTHING",
    )?;
    let mut hasten = db.prepare_cached(
        "UPDATE tasks SET priority = ?5
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4 AND priority > ?5",
    )?;
    // A late worker may still finish a task whose lease has ended: it counts as leased.
    let mut mark = db.prepare_cached(
        "UPDATE tasks SET again = ?5
         WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4
             AND token IS NOT NULL AND again IS NULL",
    )?;
    let mut added = Added::default();
    for task in tasks {
        let [kind, id, season, episode] = key_columns(&task.key);
        if some_dead && is_dead.exists([kind, id, season, episode])? {
            added.dead += 1;
            continue;
        }
        let priority = task.priority.number();
        let run = task.run.map(|run| run.0);
        let due = now.as_millis();
        let is_new =
            insert.execute(params![kind, id, season, episode, priority, due, run, task.source])?;
        if is_new == 1 {
            added.added += 1;
        } else {
            added.pending += 1;
            hasten.execute(params![kind, id, season, episode, priority])?;
            if task.changed {
                mark.execute([kind, id, season, episode, due])?;
            }
        }
    }
    Ok(added)
}

fn lease(db: &Connection, terms: &LeaseTerms, now: Timestamp) -> Result<Vec<Lease>, Fault> {
    db.prepare_cached("UPDATE tasks SET wakes_at = NULL WHERE wakes_at <= ?1")?
        .execute([now.as_millis()])?;
    let mut leases = vec![];
    loop {
        let (taken, abandoned) = take(db, terms, terms.limit - leases.len(), now)?;
        leases.extend(taken);
        for (lease, times) in &abandoned {
            settle::bury_abandoned(db, lease, *times, now)?;
        }
        // What was buried leaves room for others.
        if abandoned.is_empty() {
            break;
        }
    }
    // RETURNING comes in no particular order.
    leases.sort_unstable_by_key(|lease| (lease.priority, lease.key));
    Ok(leases)
}

type Taken = (Vec<Lease>, Vec<(Lease, u32)>);

/// Leases tasks that are awake. Those abandoned once too often come apart, with
/// how often that was.
fn take(db: &Connection, terms: &LeaseTerms, room: usize, now: Timestamp) -> Result<Taken, Fault> {
    let token: i64 = db
        .prepare_cached("UPDATE lease_tokens SET last = last + 1 RETURNING last")?
        .query_row([], |row| row.get(0))?;
    let until = now + terms.duration;
    // A token that is still there is of a lease that nobody ended.
    let mut take = db.prepare_cached(
        "UPDATE tasks SET wakes_at = ?1, token = ?2, leased_by = ?3, again = NULL,
                abandoned = abandoned + (token IS NOT NULL)
         WHERE (kind, id, season, episode) IN (
             SELECT kind, id, season, episode FROM tasks
             WHERE wakes_at IS NULL AND priority <= ?5
             ORDER BY priority, kind, id, season, episode
             LIMIT ?4)
         RETURNING kind, id, season, episode, attempts, priority, source, run, abandoned",
    )?;
    let urgent = terms.urgent.map_or(u32::MAX, Priority::number);
    let mut rows =
        take.query(params![until.as_millis(), token, terms.worker, limit(room), urgent])?;
    let (mut leases, mut abandoned) = (vec![], vec![]);
    while let Some(row) = rows.next()? {
        let lease = Lease {
            key: key_at(row, 0)?,
            token: unsigned(token),
            attempt: row.get::<_, u32>(4)?.saturating_add(1),
            priority: Priority::from_number(row.get(5)?),
            source: row.get(6)?,
            run: run_at(row, 7)?,
            until,
        };
        match row.get(8)? {
            times if times >= ABANDONED_AT_MOST => abandoned.push((lease, times)),
            _ => leases.push(lease),
        }
    }
    Ok((leases, abandoned))
}

fn pending(db: &Connection, rows: usize) -> Result<Vec<PendingTask>, Fault> {
    // Two halves, so that the ready ones come from their index.
    let mut list = db.prepare_cached(
        "WITH first AS (
             SELECT * FROM (
                 SELECT kind, id, season, episode, priority FROM tasks WHERE wakes_at IS NULL
                 ORDER BY priority, kind, id, season, episode LIMIT ?1)
             UNION ALL
             SELECT * FROM (
                 SELECT kind, id, season, episode, priority FROM tasks WHERE wakes_at IS NOT NULL
                 ORDER BY priority, kind, id, season, episode LIMIT ?1))
         SELECT kind, id, season, episode, tasks.priority, source, run, attempts, added_at, due_at,
                leased_by, wakes_at, last_error
         FROM first JOIN tasks USING (kind, id, season, episode)
         ORDER BY tasks.priority, kind, id, season, episode
         LIMIT ?1",
    )?;
    let mut rows = list.query([limit(rows)])?;
    let mut tasks = vec![];
    while let Some(row) = rows.next()? {
        let wakes_at = maybe_time_at(row, 11)?;
        let leased_by: Option<String> = row.get(10)?;
        let is_leased = wakes_at.is_some() && leased_by.is_some();
        tasks.push(PendingTask {
            key: key_at(row, 0)?,
            priority: row.get(4)?,
            source: row.get(5)?,
            run: run_at(row, 6)?,
            attempts: row.get(7)?,
            added_at: time_at(row, 8)?,
            due_at: time_at(row, 9)?,
            leased_by: leased_by.filter(|_| is_leased),
            leased_until: wakes_at.filter(|_| is_leased),
            last_error: row.get(12)?,
        });
    }
    Ok(tasks)
}

fn run_at(row: &Row<'_>, column: usize) -> Result<Option<RunId>, Fault> {
    Ok(row.get::<_, Option<i64>>(column)?.map(RunId))
}

/// The columns that name a task and the lease on it.
fn held(key: &Key, token: u64) -> [i64; 5] {
    let [kind, id, season, episode] = key_columns(key);
    [kind, id, season, episode, super::columns::signed(token)]
}
