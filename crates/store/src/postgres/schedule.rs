//! The schedule in PostgreSQL.

mod starts;

use std::time::Duration;

use async_trait::async_trait;
use domain::schedule::{Claim, EntryState, Leader, Leadership, Outcome, Start, Started};
use domain::{StoreError, Timestamp};
use tokio_postgres::types::Type;

use super::fault::Fault;
use super::values::{json_at, to_json};
use super::{Database, Transaction, snapshot, transaction};

pub(crate) struct Schedule {
    database: Database,
}

impl Schedule {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }
}

/// Applies a rule to an entry, whatever other processes do. A name that was never
/// met begins now. What a rule leaves as it was is not written.
async fn change<T>(
    tx: &Transaction<'_>,
    name: &str,
    now: Timestamp,
    rule: impl FnOnce(&mut EntryState) -> T,
) -> Result<T, Fault> {
    let before = if let Some(known) = entry(tx, name).await? {
        known
    } else {
        let new = to_json(&EntryState::new(name, now))?;
        tx.run(
            "INSERT INTO schedule_entries (name, state) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            &[(&name, Type::TEXT), (&new, Type::JSONB)],
        )
        .await?;
        let made = entry(tx, name).await?;
        made.ok_or_else(|| Fault::corrupt(format!("the schedule lost its entry {name}")))?
    };
    let mut state = before.clone();
    let answer = rule(&mut state);
    if before != state {
        tx.run(
            "UPDATE schedule_entries SET state = $2 WHERE name = $1",
            &[(&name, Type::TEXT), (&to_json(&state)?, Type::JSONB)],
        )
        .await?;
    }
    Ok(answer)
}

/// Nobody else changes it until the transaction ends.
async fn entry(tx: &Transaction<'_>, name: &str) -> Result<Option<EntryState>, Fault> {
    let sql = "SELECT state FROM schedule_entries WHERE name = $1 FOR UPDATE";
    let row = tx.maybe(sql, &[(&name, Type::TEXT)]).await?;
    row.map(|row| json_at(&row, 0)).transpose()
}

/// `lock` says what others may do with it until the transaction ends.
async fn leader(tx: &Transaction<'_>, lock: &str) -> Result<Leader, Fault> {
    let row = tx.one(&format!("SELECT leader FROM schedule_leader {lock}"), &[]).await?;
    Ok(json_at::<Option<Leader>>(&row, 0)?.unwrap_or_default())
}

async fn change_leader<T>(
    tx: &Transaction<'_>,
    rule: impl FnOnce(&mut Leader) -> T,
) -> Result<T, Fault> {
    let before = leader(tx, "FOR UPDATE").await?;
    let mut after = before.clone();
    let answer = rule(&mut after);
    if before != after {
        let sql = "UPDATE schedule_leader SET leader = $1";
        tx.run(sql, &[(&to_json(&after)?, Type::JSONB)]).await?;
    }
    Ok(answer)
}

/// The places of names, in their order: so are rows locked.
fn in_order<T>(items: &[T], name: impl Fn(&T) -> &str) -> Vec<usize> {
    let mut places: Vec<usize> = (0..items.len()).collect();
    places.sort_by_key(|place| name(&items[*place]));
    places
}

async fn claim(
    tx: &Transaction<'_>,
    claim: &Claim,
    now: Timestamp,
) -> Result<Option<Vec<Start>>, Fault> {
    // Who would lead next waits until what is claimed here is written.
    if !leader(tx, "FOR SHARE").await?.is(&claim.holder, claim.fence) {
        return Ok(None);
    }
    let mut begun: Vec<Option<Start>> = vec![None; claim.offers.len()];
    for place in in_order(&claim.offers, |offer| &offer.name) {
        let offer = &claim.offers[place];
        let was_started = match offer.latest {
            Some(slot) => starts::is_known(tx, &offer.name, slot).await?,
            None => false,
        };
        let moves = change(tx, &offer.name, now, |state| {
            state.offer(offer, was_started, &claim.holder, claim.lease, now)
        })
        .await?;
        if let Some((number, error)) = &moves.interrupted {
            let error = Some(error.as_str());
            starts::end(tx, &offer.name, *number, Outcome::Interrupted, error, now).await?;
        }
        if let Some(start) = moves.start {
            starts::add(tx, &start, &claim.holder, now).await?;
            begun[place] = Some(start);
        }
    }
    Ok(Some(begun.into_iter().flatten().collect()))
}

async fn beat(
    tx: &Transaction<'_>,
    starts: &[Start],
    lease: Duration,
    now: Timestamp,
) -> Result<Vec<bool>, Fault> {
    let mut held = vec![false; starts.len()];
    for place in in_order(starts, |start| &start.name) {
        let start = &starts[place];
        let beat = |state: &mut EntryState| state.beat(start.number, lease, now);
        held[place] = change(tx, &start.name, now, beat).await?;
    }
    Ok(held)
}

async fn end(
    tx: &Transaction<'_>,
    start: &Start,
    outcome: Outcome,
    error: Option<&str>,
    now: Timestamp,
) -> Result<bool, Fault> {
    let end = |state: &mut EntryState| state.end(start.number, outcome, error, now);
    let was_ours = change(tx, &start.name, now, end).await?;
    if was_ours {
        starts::end(tx, &start.name, start.number, outcome, error, now).await?;
    }
    Ok(was_ours)
}

async fn standing(tx: &Transaction<'_>) -> Result<(Leader, Vec<EntryState>), Fault> {
    let leader = leader(tx, "").await?;
    let rows = tx.rows("SELECT state FROM schedule_entries ORDER BY name", &[]).await?;
    let entries = rows.iter().map(|row| json_at(row, 0)).collect::<Result<_, _>>()?;
    Ok((leader, entries))
}

#[async_trait]
impl domain::Schedule for Schedule {
    async fn lead(
        &self,
        holder: &str,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Leadership, StoreError> {
        transaction!(self.database, tx =>
            change_leader(&tx, |leader| leader.lead(holder, lease, now)).await)
    }

    async fn resign(&self, holder: &str, now: Timestamp) -> Result<(), StoreError> {
        transaction!(self.database, tx =>
            change_leader(&tx, |leader| leader.resign(holder, now)).await)
    }

    async fn claim(
        &self,
        claimed: &Claim,
        now: Timestamp,
    ) -> Result<Option<Vec<Start>>, StoreError> {
        transaction!(self.database, tx => claim(&tx, claimed, now).await)
    }

    async fn beat(
        &self,
        starts: &[Start],
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        transaction!(self.database, tx => beat(&tx, starts, lease, now).await)
    }

    async fn end(
        &self,
        start: &Start,
        outcome: Outcome,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        transaction!(self.database, tx => end(&tx, start, outcome, error, now).await)
    }

    async fn pause(&self, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        transaction!(self.database, tx => change(&tx, name, now, EntryState::pause).await)
    }

    async fn resume(&self, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        transaction!(self.database, tx =>
            change(&tx, name, now, |state| state.resume(now)).await)
    }

    async fn trigger(&self, name: &str, now: Timestamp) -> Result<(), StoreError> {
        transaction!(self.database, tx =>
            change(&tx, name, now, |state| state.trigger(now)).await)
    }

    async fn standing(&self) -> Result<(Leader, Vec<EntryState>), StoreError> {
        snapshot!(self.database, tx => standing(&tx).await)
    }

    async fn starts(&self, name: Option<&str>, limit: usize) -> Result<Vec<Started>, StoreError> {
        snapshot!(self.database, tx => starts::list(&tx, name, limit).await)
    }
}
