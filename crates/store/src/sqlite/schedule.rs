//! The schedule in SQLite.

mod starts;

use std::time::Duration;

use async_trait::async_trait;
use domain::schedule::{Claim, EntryState, Leader, Leadership, Outcome, Start, Started};
use domain::{StoreError, Timestamp};
use rusqlite::{Connection, OptionalExtension};

use super::Database;
use super::columns::{json_at, to_json};
use super::fault::Fault;

pub(crate) struct Schedule {
    database: Database,
}

impl Schedule {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Applies a rule to an entry, whatever other processes do.
    async fn change<T: Send + 'static>(
        &self,
        name: &str,
        now: Timestamp,
        rule: impl FnOnce(&mut EntryState) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let name = name.to_owned();
        self.database.write(move |db| change(db, &name, now, rule)).await
    }
}

/// A name that was never met begins now. What a rule leaves as it was is not written.
fn change<T>(
    db: &Connection,
    name: &str,
    now: Timestamp,
    rule: impl FnOnce(&mut EntryState) -> T,
) -> Result<T, Fault> {
    let before = db
        .prepare_cached("SELECT state FROM schedule_entries WHERE name = ?1")?
        .query_row([name], |row| Ok(json_at::<EntryState>(row, 0)))
        .optional()?
        .transpose()?;
    let mut state = before.clone().unwrap_or_else(|| EntryState::new(name, now));
    let answer = rule(&mut state);
    if before.as_ref() != Some(&state) {
        db.prepare_cached(
            "INSERT INTO schedule_entries (name, state) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET state = excluded.state",
        )?
        .execute([name, &to_json(&state)?])?;
    }
    Ok(answer)
}

fn leader(db: &Connection) -> Result<Leader, Fault> {
    db.prepare_cached("SELECT leader FROM schedule_leader WHERE only_row = 1")?
        .query_row([], |row| Ok(json_at(row, 0)))
        .optional()?
        .unwrap_or_else(|| Ok(Leader::default()))
}

fn change_leader<T>(db: &Connection, rule: impl FnOnce(&mut Leader) -> T) -> Result<T, Fault> {
    let before = leader(db)?;
    let mut after = before.clone();
    let answer = rule(&mut after);
    if before != after {
        db.prepare_cached(
            "INSERT INTO schedule_leader (only_row, leader) VALUES (1, ?1)
             ON CONFLICT (only_row) DO UPDATE SET leader = excluded.leader",
        )?
        .execute([to_json(&after)?])?;
    }
    Ok(answer)
}

fn claim(db: &Connection, claim: &Claim, now: Timestamp) -> Result<Option<Vec<Start>>, Fault> {
    if !leader(db)?.is(&claim.holder, claim.fence) {
        return Ok(None);
    }
    let mut begun = vec![];
    for offer in &claim.offers {
        let was_started = match offer.latest {
            Some(slot) => starts::is_known(db, &offer.name, slot)?,
            None => false,
        };
        let moves = change(db, &offer.name, now, |state| {
            state.offer(offer, was_started, &claim.holder, claim.lease, now)
        })?;
        if let Some((number, error)) = &moves.interrupted {
            let error = Some(error.as_str());
            starts::end(db, &offer.name, *number, Outcome::Interrupted, error, now)?;
        }
        if let Some(start) = moves.start {
            starts::add(db, &start, &claim.holder, now)?;
            begun.push(start);
        }
    }
    Ok(Some(begun))
}

#[async_trait]
impl domain::Schedule for Schedule {
    async fn lead(
        &self,
        holder: &str,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Leadership, StoreError> {
        let holder = holder.to_owned();
        self.database
            .write(move |db| change_leader(db, |leader| leader.lead(&holder, lease, now)))
            .await
    }

    async fn resign(&self, holder: &str, now: Timestamp) -> Result<(), StoreError> {
        let holder = holder.to_owned();
        self.database.write(move |db| change_leader(db, |leader| leader.resign(&holder, now))).await
    }

    async fn claim(
        &self,
        claimed: &Claim,
        now: Timestamp,
    ) -> Result<Option<Vec<Start>>, StoreError> {
        let claimed = claimed.clone();
        self.database.write(move |db| claim(db, &claimed, now)).await
    }

    async fn beat(
        &self,
        starts: &[Start],
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        let starts = starts.to_vec();
        self.database
            .write(move |db| {
                let beat = |start: &Start| {
                    change(db, &start.name, now, |state| state.beat(start.number, lease, now))
                };
                starts.iter().map(beat).collect()
            })
            .await
    }

    async fn end(
        &self,
        start: &Start,
        outcome: Outcome,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (start, error) = (start.clone(), error.map(ToOwned::to_owned));
        self.database
            .write(move |db| {
                let error = error.as_deref();
                let was_ours = change(db, &start.name, now, |state| {
                    state.end(start.number, outcome, error, now)
                })?;
                if was_ours {
                    starts::end(db, &start.name, start.number, outcome, error, now)?;
                }
                Ok(was_ours)
            })
            .await
    }

    async fn pause(&self, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.change(name, now, EntryState::pause).await
    }

    async fn resume(&self, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.change(name, now, move |state| state.resume(now)).await
    }

    async fn trigger(&self, name: &str, now: Timestamp) -> Result<(), StoreError> {
        self.change(name, now, move |state| state.trigger(now)).await
    }

    async fn standing(&self) -> Result<(Leader, Vec<EntryState>), StoreError> {
        self.database
            .read(|db| {
                let leader = leader(db)?;
                let mut select =
                    db.prepare_cached("SELECT state FROM schedule_entries ORDER BY name")?;
                let mut rows = select.query([])?;
                let mut entries = vec![];
                while let Some(row) = rows.next()? {
                    entries.push(json_at(row, 0)?);
                }
                Ok((leader, entries))
            })
            .await
    }

    async fn starts(&self, name: Option<&str>, limit: usize) -> Result<Vec<Started>, StoreError> {
        let name = name.map(ToOwned::to_owned);
        self.database.read(move |db| starts::list(db, name.as_deref(), limit)).await
    }
}
