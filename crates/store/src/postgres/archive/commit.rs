//! Records become versions.
//!
//! A batch takes its locks in one order, so that two that meet wait for each other
//! once at most: the dictionaries, the heads of new keys, the heads that are there,
//! evidence, tombstones, blocks of series; each in the order of keys.

use std::collections::{HashMap, HashSet};

use domain::Key;
use domain::archive::Put;
use domain::outline::Figures;

use super::columns::Versions;
use super::heads::{self, Heads, Held};
use super::write::{self, Replacements};
use super::{dictionaries, proofs, series};
use crate::archive::series::{Draft, newer};
use crate::archive::{Change, DictionaryState, Plan};
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::queries::Queries;
use crate::postgres::values::Keys;

pub(super) async fn commit(
    tx: &Transaction<'_>,
    changes: &[Change],
    dictionaries: DictionaryState,
) -> Result<Vec<Option<Put>>, Fault> {
    if dictionaries::hold(tx).await? != dictionaries {
        return Ok(vec![None; changes.len()]);
    }
    let queries = Queries::of(tx, changes.iter().map(|change| &change.record.asked[..])).await?;
    let standing = Standing::take(tx, changes).await?;
    let mut batch = Batch::default();
    let puts = changes.iter().map(|change| {
        let known = standing.of(change)?;
        Some(batch.add(change, &known, &queries))
    });
    let puts = puts.collect();
    batch.write(tx).await?;
    Ok(puts)
}

/// How the keys of a batch stand, and that they stay so.
struct Standing {
    created: HashSet<Key>,
    held: HashMap<Key, Held>,
}

impl Standing {
    /// Makes the heads of keys that had none, and locks the others.
    async fn take(tx: &Transaction<'_>, changes: &[Change]) -> Result<Self, Fault> {
        let (mut first, mut others) = (Heads::default(), Keys::default());
        for change in changes {
            match change.seen {
                None => {
                    let outline = &change.outline;
                    first.push(&change.record, 1, outline, &outline.figures);
                }
                Some(_) => others.push(&change.record.key),
            }
        }
        Ok(Self { created: first.insert(tx).await?, held: heads::hold(tx, &others).await? })
    }

    /// The figures as last known, if the key stands as it did when the change was
    /// decided.
    fn of(&self, change: &Change) -> Option<Figures> {
        let key = change.record.key;
        let Some(seen) = change.seen else {
            return self.created.contains(&key).then(Figures::default);
        };
        let held = self.held.get(&key)?;
        let is_late = change.record.fetched_at < held.fetched_at;
        let fits = held.seen == seen && is_late == matches!(change.plan, Plan::Late);
        fits.then_some(held.figures)
    }
}

/// What changes write, table by table.
#[derive(Default)]
struct Batch<'a> {
    added: Versions<'a>,
    renewed: Versions<'a>,
    replaced: Replacements<'a>,
    heads: Heads<'a>,
    points: Draft,
    keys: Keys,
}

impl<'a> Batch<'a> {
    fn add(&mut self, change: &'a Change, known: &Figures, queries: &Queries) -> Put {
        let (record, number) = (&change.record, change.seen.map_or(0, |(version, _)| version));
        let whole = (record, change.body_bytes);
        self.keys.push(&record.key);
        let (put, version) = match &change.plan {
            Plan::Late => return Put::Unchanged,
            Plan::Create(body) => {
                self.added.push(whole, 1, Some(body), queries);
                (Put::Created, 1)
            }
            Plan::Renew(body) => {
                self.renewed.push(whole, number, body.as_ref(), queries);
                (Put::Unchanged, number)
            }
            Plan::Figures(body, before) => {
                self.renewed.push(whole, number, Some(body), queries);
                if let Some(before) = before {
                    self.replaced.push(&record.key, number.saturating_sub(1), before, None);
                }
                (Put::Figures, number)
            }
            Plan::Change(body, before) => {
                let next = number.saturating_add(1);
                self.added.push(whole, next, Some(body), queries);
                if let Some(before) = before {
                    self.replaced.push(&record.key, number, before, None);
                }
                (Put::Changed(next), next)
            }
        };
        let figures = newer(&change.outline.figures, known);
        if change.seen.is_some() {
            self.heads.push(record, version, &change.outline, &figures);
        }
        self.points.add(&record.key, record.fetched_at, known, &figures);
        put
    }

    async fn write(self, tx: &Transaction<'_>) -> Result<(), Fault> {
        write::insert(tx, &self.added).await?;
        write::renew(tx, &self.renewed).await?;
        self.replaced.write(tx).await?;
        self.heads.update(tx).await?;
        proofs::clear(tx, &self.keys).await?;
        series::write(tx, self.points).await
    }
}
