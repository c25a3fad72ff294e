//! What a record will do to the archive: compared, compressed and patched where
//! it holds up nobody.
//!
//! The newest version of a key is always whole. An older one is a patch on the
//! next where that is smaller, so that reading a version means to unpack the
//! next whole one and to apply patches down to it. Versions age from the oldest
//! up, since `fetched_at` never falls from a number to the next; so dropping
//! what is too old never takes away what a patch needs.

use bytes::Bytes;
use domain::{Key, Record};

use super::packing::Packing;
use super::{Change, Detail, MAX_CHAIN, Place, Plan, Standing, Stored, read};

/// A record, how its key stands, and the bodies that this names, as they are stored.
pub(super) struct Draft {
    pub(super) record: Record,
    pub(super) standing: Option<Standing>,
    /// Of the newest version, if it can be read.
    pub(super) newest: Option<Bytes>,
    /// Of the version before, where it is a patch.
    pub(super) before: Option<Bytes>,
}

impl Draft {
    /// Decides what becomes of the record.
    pub(super) fn decide(self, packing: &Packing) -> (Change, Option<Standing>) {
        let plan = self.plan(packing);
        let Self { record, standing, .. } = self;
        let change = Change {
            outline: records::outline(record.key, &record.body),
            body_bytes: record.body.len(),
            seen: standing.as_ref().map(|standing| (standing.version, standing.hash)),
            plan,
            record: Record { body: Bytes::new(), ..record },
        };
        (change, standing)
    }

    fn plan(&self, packing: &Packing) -> Plan {
        let (record, key) = (&self.record, &self.record.key);
        let Some(standing) = &self.standing else {
            return Plan::Create(packing.pack(key.kind(), &record.body));
        };
        if record.fetched_at < standing.fetched_at {
            return Plan::Late;
        }
        if record.hash == standing.hash {
            let is_outdated =
                packing.is_outdated(key.kind(), standing.dictionary, record.fetched_at);
            return Plan::Renew(is_outdated.then(|| packing.pack(key.kind(), &record.body)));
        }
        let packed = packing.pack(key.kind(), &record.body);
        // `archive verify` tells of what cannot be read; a record that came is kept all the same.
        let Some((detail, old)) = self.newest_body(packing) else {
            return Plan::Change(packed, None);
        };
        let is_steady =
            records::steady_hash(*key, &old) == records::steady_hash(*key, &record.body);
        if is_steady || is_rewritten(record, standing.schema_version, &old) {
            return self.replace(packing, packed, detail, &old);
        }
        let patch = patch(&record.body, &old);
        let is_worth = patch.bytes < detail.newest.stored.bytes && detail.chain_below < MAX_CHAIN;
        Plan::Change(packed, is_worth.then_some(patch))
    }

    fn newest_body(&self, packing: &Packing) -> Option<(&Detail, Bytes)> {
        let detail = self.standing.as_ref()?.detail.as_ref()?;
        let old = read::whole(packing, &detail.newest, self.newest.as_ref()?).ok()?;
        Some((detail, old))
    }

    /// Replaces the newest version's body, and with it the patch that is on it.
    fn replace(&self, packing: &Packing, packed: Stored, detail: &Detail, old: &[u8]) -> Plan {
        let Some(row) = &detail.before else { return Plan::Figures(packed, None) };
        let patch = self.before.as_ref();
        match patch.and_then(|patch| read::apply(row, old, patch).ok()) {
            Some(body) => {
                let before = smaller(packing, &self.record.key, &self.record.body, &body);
                Plan::Figures(packed, Some(before))
            }
            // What it is on stays as it is.
            None => Plan::Change(packed, None),
        }
    }
}

/// Whether a record differs only in the schema that it was written with: it is
/// the same JSON, and no version.
fn is_rewritten(record: &Record, schema_version: u32, old: &[u8]) -> bool {
    if schema_version >= record.schema_version {
        return false;
    }
    let value = |body: &[u8]| {
        let text = records::body_to_json(record.key, body);
        text.ok().and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
    };
    value(old).is_some_and(|old| value(&record.body) == Some(old))
}

fn patch(base: &[u8], body: &[u8]) -> Stored {
    let bytes = Bytes::from(records::patch(base, body));
    Stored { bytes: bytes.len(), place: Place::Row(bytes), dictionary: None, is_patch: true }
}

/// A body as a patch, or whole where that takes less.
fn smaller(packing: &Packing, key: &Key, base: &[u8], body: &Bytes) -> Stored {
    let patch = patch(base, body);
    let whole = packing.pack(key.kind(), body);
    if patch.bytes < whole.bytes { patch } else { whole }
}
