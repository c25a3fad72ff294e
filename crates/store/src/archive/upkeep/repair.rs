//! Drops what is lost, so that it is collected again, and what nothing names.

use std::collections::{BTreeMap, BTreeSet};

use domain::queue::{NewTask, Priority};
use domain::{Key, StoreError, Timestamp, WorkQueue};
use serde::Serialize;

use super::{BodyFault, Seen, UpkeepError, Verified};
use crate::archive::Archive;

/// The most names in one request.
const NAMES: usize = 1_000;

/// What a repair did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Repaired {
    pub versions: u64,
    /// Versions whose bodies cannot be had any more.
    pub lost: Vec<BodyFault>,
    /// Rows that were dropped for it.
    pub dropped: u64,
    /// Keys that were queued to be collected again.
    pub queued: u64,
    /// Objects that nothing named.
    pub orphans: u64,
}

impl Archive {
    /// Queues what is lost and drops its rows; deletes objects that no row names and
    /// that were written before an instant. Where rows and objects do not seem to belong
    /// together nothing is changed, unless it is `forced`.
    pub(crate) async fn repair(
        &self,
        queue: &dyn WorkQueue,
        (written_before, now): (Timestamp, Timestamp),
        forced: bool,
        seen: Seen<'_>,
    ) -> Result<Repaired, UpkeepError> {
        let verified = self.verify(written_before, |_| Ok(()), seen).await?;
        match self.doubt(&verified) {
            Some(doubt) if !forced => return Err(UpkeepError::Doubtful(doubt)),
            _ => (),
        }
        let lost: Vec<_> = verified.faults.into_iter().filter(|fault| fault.is_lost).collect();
        let mut numbers: BTreeMap<Key, BTreeSet<u32>> = BTreeMap::new();
        for fault in &lost {
            numbers.entry(fault.key).or_default().insert(fault.version);
        }
        // Queued first: a task too many does no harm, a row too few would.
        let tasks: BTreeSet<Key> = numbers.keys().map(collected_as).collect();
        let tasks: Vec<_> = tasks.into_iter().map(task).collect();
        let queued = if tasks.is_empty() { 0 } else { queue.add(&tasks, now).await?.added };
        let mut dropped = 0;
        for (key, numbers) in numbers {
            dropped += self.drop_lost(key, numbers).await?;
        }
        let orphans = verified.orphans.len() as u64;
        if let Some(objects) = self.bodies.objects() {
            for names in verified.orphans.chunks(NAMES) {
                objects.delete(names).await?;
            }
            self.sweep_all().await;
            for dictionary in self.index.dictionaries().await? {
                objects.put_dictionary(dictionary.kind, &dictionary.bytes).await?;
            }
            self.drop_dictionaries(objects, written_before).await?;
        }
        Ok(Repaired { versions: verified.versions, lost, dropped, queued, orphans })
    }

    /// Why what lies there may be another mirror's, or not be mounted.
    fn doubt(&self, verified: &Verified) -> Option<String> {
        let place = self.bodies.objects()?.told();
        let Verified { outside, lost_outside, objects, .. } = verified;
        if 2 * lost_outside > *outside {
            return Some(format!(
                "{lost_outside} of {outside} bodies that should lie in {place} are not there, or \
                 cannot be read. Is that the right place, and is it mounted? archive.url and \
                 archive.earlier_url say where to look. Nothing was changed; if the bodies are \
                 lost indeed, `archive repair --force` drops their rows and queues their titles \
                 again"
            ));
        }
        let nameless = verified.orphans.len() as u64 + verified.unnamed;
        if nameless == *objects && !verified.orphans.is_empty() {
            return Some(format!(
                "the store names none of the {objects} objects in {place}. Is it the right store, \
                 and that the right place? Nothing was changed; if the database was lost, \
                 `archive repair --from-objects` makes it again, and if the objects are of no use \
                 to anybody, `archive repair --force` deletes them"
            ));
        }
        None
    }

    /// Where the newest version is lost, the key starts over.
    async fn drop_lost(&self, key: Key, mut numbers: BTreeSet<u32>) -> Result<u64, StoreError> {
        let all = self.index.versions(key).await?;
        if all.last().is_some_and(|newest| numbers.contains(&newest.number)) {
            numbers.extend(all.iter().map(|version| version.number));
        }
        let numbers: Vec<u32> = numbers.into_iter().collect();
        self.index.drop_versions(key, &numbers).await
    }
}

/// What is asked for to have a key again: seasons and episodes come with their show.
fn collected_as(key: &Key) -> Key {
    if key.season_number().is_some() { Key::tv(key.id()) } else { *key }
}

fn task(key: Key) -> NewTask {
    let (priority, source) = (Priority::STALE, "repair".to_owned());
    NewTask { key, priority, source, run: None, changed: true }
}
