//! Makes the index again from objects, after a database was lost.
//!
//! Each object tells what it is of. Records are put as if they came anew, the
//! oldest first; so whatever holds for records that come holds for these, and
//! what is known already is left as it is.

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::{Key, Kind, Record, StoreError};
use futures_util::stream::{self, StreamExt};
use records::Packer;
use serde::Serialize;

use super::{AT_A_TIME, Seen, UpkeepError, go_on};
use crate::archive::{Archive, blocking};
use crate::objects::{Name, ObjectHeader, Objects, spreads};

/// What was made again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Restored {
    pub objects: u64,
    pub keys: u64,
    pub versions: u64,
    pub dictionaries: u64,
    /// Objects that could not be read, or whose patch fits no other.
    pub unreadable: u64,
}

/// A body as it is packed, and what its object tells of it.
type Found = (ObjectHeader, Bytes);

impl Archive {
    /// Puts every version that objects hold and the archive lacks.
    pub(crate) async fn restore(
        &self,
        from: &Objects,
        seen: Seen<'_>,
    ) -> Result<Restored, UpkeepError> {
        let mut restored = Restored::default();
        let packer = self.restore_dictionaries(from, &mut restored).await?;
        for kind in Kind::ALL {
            for below in spreads(kind) {
                let found = read_all(from, &below, &mut restored).await?;
                for (key, found) in found {
                    self.restore_key(&packer, key, found, &mut restored).await?;
                }
                go_on(seen, restored.objects)?;
            }
        }
        Ok(restored)
    }

    async fn restore_dictionaries(
        &self,
        from: &Objects,
        restored: &mut Restored,
    ) -> Result<Packer, StoreError> {
        let known = self.index.dictionaries().await?;
        let mut all = vec![];
        for (listed, kind, bytes) in from.dictionaries().await? {
            if !known.iter().any(|known| known.kind == kind && known.bytes == bytes) {
                self.index.add_dictionary(kind, bytes.clone(), listed.written_at).await?;
                restored.dictionaries += 1;
            }
            all.push((kind, bytes));
        }
        Ok(Packer::new(all))
    }

    async fn restore_key(
        &self,
        packer: &Packer,
        key: Key,
        found: Vec<Found>,
        restored: &mut Restored,
    ) -> Result<(), StoreError> {
        let (packer, objects) = (packer.clone(), found.len());
        let versions = blocking(move || versions(&packer, found)).await;
        restored.unreadable += (objects - versions.read) as u64;
        if versions.all.is_empty() {
            return Ok(());
        }
        let mut records = vec![];
        for (header, body) in &versions.all {
            let record = |fetched_at| Record {
                key,
                fetched_at,
                asked: header.asked.clone(),
                hash: header.hash,
                schema_version: header.schema_version,
                body: body.clone(),
            };
            // Once as it began, once as it was last seen.
            records.push(record(header.valid_from));
            if header.fetched_at > header.valid_from {
                records.push(record(header.fetched_at));
            }
        }
        self.put_all(&records).await?;
        restored.keys += 1;
        restored.versions += versions.all.len() as u64;
        Ok(())
    }
}

/// The objects of some keys.
async fn read_all(
    from: &Objects,
    below: &str,
    restored: &mut Restored,
) -> Result<BTreeMap<Key, Vec<Found>>, StoreError> {
    let mut names = vec![];
    let mut listed = from.list(below);
    while let Some(object) = listed.next().await {
        let object = object?;
        if object.name.parse::<Name>().is_ok() {
            names.push(object.name);
        }
    }
    let reads = names.iter().map(|name| from.open_named(name));
    let mut reads = stream::iter(reads).buffer_unordered(AT_A_TIME);
    let mut found: BTreeMap<Key, Vec<Found>> = BTreeMap::new();
    while let Some(read) = reads.next().await {
        restored.objects += 1;
        match read {
            Ok(Some((header, stored))) => {
                found.entry(header.key).or_default().push((header, stored));
            }
            Ok(None) => (),
            Err(StoreError::Corrupt(why)) => {
                tracing::warn!("left out: {why}");
                restored.unreadable += 1;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

struct Versions {
    /// Oldest first, each number once.
    all: Vec<(ObjectHeader, Bytes)>,
    /// How many objects were whole or had what their patch is on.
    read: usize,
}

/// Unpacks the objects of a key. Of a version that has several, the one that was fetched last
/// counts, if it is no patch on something that is gone.
fn versions(packer: &Packer, mut found: Vec<Found>) -> Versions {
    found.sort_by_key(|(header, _)| {
        (std::cmp::Reverse(header.version), std::cmp::Reverse(header.fetched_at))
    });
    let mut all: Vec<(ObjectHeader, Bytes)> = vec![];
    // Every body of the version above: a patch may be on one that was replaced since.
    let mut above: (u32, Vec<Bytes>) = (0, vec![]);
    let mut read = 0;
    for of_version in found.chunk_by(|(a, _), (b, _)| a.version == b.version) {
        let mut bodies = vec![];
        for (header, stored) in of_version {
            let bases = if above.0 == header.version + 1 { &above.1[..] } else { &[] };
            let Some(body) = body(packer, header, stored, bases) else { continue };
            read += 1;
            if bodies.is_empty() {
                all.push((header.clone(), body.clone()));
            }
            bodies.push(body);
        }
        above = (of_version.first().map_or(0, |(header, _)| header.version), bodies);
    }
    all.reverse();
    Versions { all, read }
}

fn body(packer: &Packer, header: &ObjectHeader, stored: &[u8], bases: &[Bytes]) -> Option<Bytes> {
    let is_it = |body: &Bytes| blake3::hash(body) == header.hash.0;
    if !header.is_patch {
        return packer.unpack(header.key.kind(), stored).ok().filter(is_it);
    }
    let unpatch = |base: &Bytes| records::unpatch(base, stored, header.body_bytes).ok();
    bases.iter().filter_map(unpatch).find(is_it)
}
