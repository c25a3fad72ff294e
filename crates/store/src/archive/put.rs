//! Records become versions.
//!
//! What becomes of a record is decided for how its key stands, and written only
//! where it still stands so; otherwise it is decided again. So nothing is locked
//! while bodies are compressed and objects are written, and no process waits for
//! another. Of a key that occurs twice, the earlier record comes first.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use domain::archive::Put;
use domain::record::ContentHash;
use domain::{Key, Record, StoreError};

use super::bodies::Packed;
use super::packing::Packing;
use super::plan::Draft;
use super::{Archive, Change, Place, Plan, Standing, Stored, VersionRow, blocking};
use crate::objects::Objects;

/// Rounds in a row that come to nothing because others were faster.
const PATIENCE: u32 = 32;

impl Archive {
    pub(super) async fn put_all(&self, records: &[Record]) -> Result<Vec<Put>, StoreError> {
        let mut puts: Vec<Option<Put>> = vec![None; records.len()];
        let mut packing = self.dictionaries.known(&*self.index).await?;
        let mut patience = PATIENCE;
        loop {
            let round = next_round(records, &puts);
            if round.is_empty() {
                return Ok(puts.into_iter().flatten().collect());
            }
            let batch = round.iter().map(|place| records[*place].clone()).collect();
            let done = self.put_each_once(&packing, batch).await?;
            if done.iter().any(Option::is_none) {
                packing = self.dictionaries.newest(&*self.index).await?;
            }
            patience = if done.iter().any(Option::is_some) { PATIENCE } else { patience - 1 };
            if patience == 0 {
                let key = records[round[0]].key;
                return Err(StoreError::unavailable(format!(
                    "others kept changing {key} and the keys put with it"
                )));
            }
            round.into_iter().zip(done).for_each(|(place, put)| puts[place] = put);
        }
    }

    /// Returns `None` for those that were overtaken.
    async fn put_each_once(
        &self,
        packing: &Arc<Packing>,
        records: Vec<Record>,
    ) -> Result<Vec<Option<Put>>, StoreError> {
        let drafts = self.drafts(records).await?;
        let (state, packing) = (packing.state(), Arc::clone(packing));
        let decide = move || drafts.into_iter().map(|draft| draft.decide(&packing)).unzip();
        let (mut changes, standings): (Vec<_>, Vec<_>) = blocking(decide).await;
        let Some(objects) = self.bodies.objects() else {
            return self.index.commit(changes, state).await;
        };
        let settled = self.settle(&mut changes, &standings).await;
        let written: Vec<_> = changes.iter().map(|change| written(objects, change)).collect();
        if let Err(error) = settled {
            self.delete(written.concat()).await;
            return Err(error);
        }
        // Where it fails nobody knows whether rows name the objects: they stay.
        let is_any_replaced = changes.iter().any(|change| replaces(&change.plan));
        let puts = self.index.commit(changes, state).await?;
        let left = puts.iter().zip(written).filter(|(put, _)| put.is_none());
        self.delete(left.flat_map(|(_, names)| names).collect()).await;
        if is_any_replaced {
            self.sweep().await;
        }
        Ok(puts)
    }

    pub(super) async fn drafts(&self, records: Vec<Record>) -> Result<Vec<Draft>, StoreError> {
        let keys: Vec<_> = records.iter().map(|record| (record.key, record.hash)).collect();
        let (mut standings, mut bodies) = self.standings(&keys).await?;
        if bodies.iter().any(Option::is_none) {
            // Perhaps it was replaced in between, and its object deleted.
            (standings, bodies) = self.standings(&keys).await?;
        }
        let mut bodies = bodies.into_iter();
        let mut next = |row: Option<&VersionRow>| row.and_then(|_| bodies.next().flatten());
        let drafts = records.into_iter().zip(standings).map(|(record, standing)| {
            let detail = standing.as_ref().and_then(|standing| standing.detail.as_ref());
            let newest = next(detail.map(|detail| &detail.newest));
            let before = next(detail.and_then(|detail| detail.before.as_ref()));
            Draft { record, standing, newest, before }
        });
        Ok(drafts.collect())
    }

    /// How keys stand, and the bodies that this names, one after the other; none
    /// for those that cannot be read.
    async fn standings(
        &self,
        keys: &[(Key, ContentHash)],
    ) -> Result<(Vec<Option<Standing>>, Vec<Option<Bytes>>), StoreError> {
        let standings = self.index.standing(keys).await?;
        let details = standings.iter().flatten().filter_map(|standing| standing.detail.as_ref());
        let rows: Vec<_> =
            details.flat_map(|detail| [Some(&detail.newest), detail.before.as_ref()]).collect();
        let bodies = self.bodies.read(rows.into_iter().flatten()).await?;
        Ok((standings, bodies.into_iter().map(Result::ok).collect()))
    }

    /// Writes the objects of changes.
    async fn settle(
        &self,
        changes: &mut [Change],
        standings: &[Option<Standing>],
    ) -> Result<(), StoreError> {
        let mut bodies = vec![];
        for (change, standing) in changes.iter_mut().zip(standings) {
            let repacked = match &change.plan {
                // How it stands does not tell of a version that is equal when it began.
                Plan::Renew(Some(_)) => self.index.newest(change.record.key).await?,
                _ => None,
            };
            bodies.extend(packed(change, standing.as_ref(), repacked));
        }
        self.bodies.settle(bodies).await
    }

    /// Deletes objects that no row names. What stays for a failure takes room and does no harm.
    pub(super) async fn delete(&self, names: Vec<String>) {
        let Some(objects) = self.bodies.objects() else { return };
        if names.is_empty() {
            return;
        }
        if let Err(error) = objects.delete(&names).await {
            let objects = names.len();
            tracing::warn!(objects, %error, "objects that nothing names were not deleted");
        }
    }
}

/// The places of records to put next: the first of each key that is left.
fn next_round(records: &[Record], puts: &[Option<Put>]) -> Vec<usize> {
    let mut keys = HashSet::with_capacity(records.len());
    let left = (0..records.len()).filter(|place| puts[*place].is_none());
    left.filter(|place| keys.insert(records[*place].key)).collect()
}

/// The bodies of a change, with what their objects tell.
fn packed<'a>(
    change: &'a mut Change,
    standing: Option<&Standing>,
    repacked: Option<VersionRow>,
) -> Vec<Packed<'a>> {
    let Change { record, body_bytes, plan, .. } = change;
    let number = standing.map_or(0, |standing| standing.version);
    let detail = standing.and_then(|standing| standing.detail.as_ref());
    let began = record.fetched_at;
    match plan {
        Plan::Create(stored) => vec![Packed::of_record(record, *body_bytes, 1, began, stored)],
        Plan::Renew(Some(stored)) => {
            let began = repacked.map_or(began, |row| row.valid_from);
            vec![Packed::of_record(record, *body_bytes, number, began, stored)]
        }
        Plan::Figures(stored, before) => {
            let began = detail.map_or(began, |detail| detail.newest.valid_from);
            let newest = Packed::of_record(record, *body_bytes, number, began, stored);
            let row = detail.and_then(|detail| detail.before.as_ref());
            let before = row.zip(before.as_mut());
            let before = before.map(|(row, stored)| Packed::of_row(row, stored));
            std::iter::once(newest).chain(before).collect()
        }
        Plan::Change(stored, before) => {
            let next = number.saturating_add(1);
            let newest = Packed::of_record(record, *body_bytes, next, began, stored);
            let before = detail.zip(before.as_mut());
            let before = before.map(|(detail, stored)| Packed::of_row(&detail.newest, stored));
            std::iter::once(newest).chain(before).collect()
        }
        Plan::Renew(None) | Plan::Late => vec![],
    }
}

/// The names of the objects that were written for a change.
fn written(objects: &Objects, change: &Change) -> Vec<String> {
    let number = change.seen.map_or(0, |(number, _)| number);
    let bodies: [(u32, Option<&Stored>); 2] = match &change.plan {
        Plan::Create(stored) => [(1, Some(stored)), (0, None)],
        Plan::Renew(stored) => [(number, stored.as_ref()), (0, None)],
        Plan::Figures(stored, before) => {
            [(number, Some(stored)), (number.saturating_sub(1), before.as_ref())]
        }
        Plan::Change(stored, before) => {
            [(number.saturating_add(1), Some(stored)), (number, before.as_ref())]
        }
        Plan::Late => [(0, None), (0, None)],
    };
    let name = |(version, stored): (u32, Option<&Stored>)| match &stored?.place {
        Place::Object(object) => Some(objects.name(&change.record.key, version, object)),
        Place::Row(_) => None,
    };
    bodies.into_iter().filter_map(name).collect()
}

/// Whether a body is replaced that was there.
fn replaces(plan: &Plan) -> bool {
    match plan {
        Plan::Create(_) | Plan::Late => false,
        Plan::Renew(stored) => stored.is_some(),
        Plan::Figures(..) => true,
        Plan::Change(_, before) => before.is_some(),
    }
}
