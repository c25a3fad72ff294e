//! Reads every version, and looks for objects that no row names.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use domain::{Key, Kind, Record, StoreError, Timestamp};
use futures_util::StreamExt;
use serde::Serialize;

use super::{Mark, Seen, UpkeepError, WholeKeys, go_on, mark};
use crate::archive::packing::Packing;
use crate::archive::{Archive, Place, VersionRow, blocking, read};
use crate::objects::{Listed, Name, Objects};

/// What else a record must satisfy; an error says what is wrong with it.
pub type Check = fn(&Record) -> Result<(), String>;

/// What a look at every version found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    pub versions: u64,
    pub objects: u64,
    pub faults: Vec<BodyFault>,
    /// Full names of objects that no row names, and that are too old to be named yet.
    pub orphans: Vec<String>,
    /// Objects that no row names so far.
    pub unnamed: u64,
    /// Versions whose bodies lie as objects, and how many of these bodies are lost.
    #[serde(skip)]
    pub(super) outside: u64,
    #[serde(skip)]
    pub(super) lost_outside: u64,
}

/// What is wrong with a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BodyFault {
    pub key: Key,
    pub version: u32,
    pub what: String,
    /// Whether its body cannot be had any more.
    pub is_lost: bool,
}

impl Archive {
    /// Reads every version: its body is there and whole, unpacks, and has its hash.
    /// Objects that were written before an instant must have a row.
    pub(crate) async fn verify(
        &self,
        written_before: Timestamp,
        check: Check,
        seen: Seen<'_>,
    ) -> Result<Verified, UpkeepError> {
        let mut verified = Verified::default();
        for kind in Kind::ALL {
            let mut named = HashSet::new();
            let mut keys = WholeKeys::new(&*self.index, kind);
            while let Some(rows) = keys.next().await? {
                verified.versions += rows.len() as u64;
                if let Some(objects) = self.bodies.objects() {
                    named.extend(
                        rows.iter().filter_map(|row| name_of(objects, row)).map(|name| mark(&name)),
                    );
                }
                let outside: HashSet<_> = rows.iter().filter_map(outside).collect();
                let faults = self.faults(rows, check).await?;
                let lost = faults
                    .iter()
                    .filter(|fault| fault.is_lost && outside.contains(&(fault.key, fault.version)));
                verified.outside += outside.len() as u64;
                verified.lost_outside += lost.count() as u64;
                verified.faults.extend(faults);
                go_on(seen, verified.versions)?;
            }
            if let Some(objects) = self.bodies.objects() {
                self.look_for_orphans(objects, kind, &named, written_before, &mut verified).await?;
            }
        }
        Ok(verified)
    }

    async fn faults(
        &self,
        rows: Vec<VersionRow>,
        check: Check,
    ) -> Result<Vec<BodyFault>, StoreError> {
        let packing = self.dictionaries.for_reading(&*self.index, &rows).await?;
        let stored = self.bodies.read(&rows).await?;
        let suspects = blocking(move || suspects(&packing, rows, stored, check)).await;
        let mut faults = vec![];
        for (key, version) in suspects {
            // It may have been replaced or dropped since its row was read.
            let (what, is_lost) = match self.read(key, Some(version)).await {
                Ok(None) => continue,
                Ok(Some(record)) => match check(&record) {
                    Ok(()) => continue,
                    Err(what) => (what, false),
                },
                Err(StoreError::Corrupt(what)) => (what, true),
                Err(error) => return Err(error),
            };
            faults.push(BodyFault { key, version, what, is_lost });
        }
        faults.reverse();
        Ok(faults)
    }

    async fn look_for_orphans(
        &self,
        objects: &Arc<Objects>,
        kind: Kind,
        named: &HashSet<Mark>,
        written_before: Timestamp,
        verified: &mut Verified,
    ) -> Result<(), StoreError> {
        let mut listed = objects.list(kind.as_str());
        while let Some(object) = listed.next().await {
            let Listed { name, written_at } = object?;
            // What lies where no object of ours would is left alone.
            let Ok(parsed) = name.parse::<Name>() else { continue };
            verified.objects += 1;
            // A row may have come to name it since rows were read.
            if named.contains(&mark(&name)) || self.is_named(&parsed).await? {
                continue;
            }
            if written_at < written_before {
                verified.orphans.push(name);
            } else {
                verified.unnamed += 1;
            }
        }
        Ok(())
    }

    async fn is_named(&self, name: &Name) -> Result<bool, StoreError> {
        let rows = self.index.chain(name.key, name.version).await?;
        let place = rows.into_iter().next().map(|row| row.stored.place);
        Ok(place == Some(Place::Object(name.object.clone())))
    }
}

/// The version, where its body lies as an object.
fn outside(row: &VersionRow) -> Option<(Key, u32)> {
    matches!(row.stored.place, Place::Object(_)).then_some((row.record.key, row.number))
}

fn name_of(objects: &Objects, row: &VersionRow) -> Option<String> {
    match &row.stored.place {
        Place::Object(object) => Some(objects.name(&row.record.key, row.number, object)),
        Place::Row(_) => None,
    }
}

/// Versions that seem wrong, the last first. Each body is unpacked once, from the newest
/// of its key down.
fn suspects(
    packing: &Packing,
    rows: Vec<VersionRow>,
    stored: Vec<Result<Bytes, StoreError>>,
    check: Check,
) -> Vec<(Key, u32)> {
    let mut found = vec![];
    let mut above: Option<(Key, Bytes)> = None;
    for (row, stored) in rows.into_iter().zip(stored).rev() {
        let (key, number) = (row.record.key, row.number);
        let base = above.take().filter(|(of, _)| *of == key).map(|(_, body)| body);
        let body = stored.ok().and_then(|stored| body_of(packing, &row, base, &stored));
        let is_right = body.is_some_and(|body| {
            above = Some((key, body.clone()));
            check(&Record { body, ..row.record }).is_ok()
        });
        if !is_right {
            found.push((key, number));
        }
    }
    found
}

fn body_of(
    packing: &Packing,
    row: &VersionRow,
    base: Option<Bytes>,
    stored: &[u8],
) -> Option<Bytes> {
    let body = if row.stored.is_patch {
        read::apply(row, &base?, stored)
    } else {
        read::whole(packing, row, stored)
    };
    body.ok().filter(|body| blake3::hash(body) == row.record.hash.0)
}
