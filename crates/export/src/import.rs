//! Packs of records, taken back into an archive and its catalogue.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use domain::archive::Put;
use domain::{Key, Record, Timestamp};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::error::ExportError;
use crate::manifest::{FileEntry, Manifest};
use crate::pack::{self, Pack};
use crate::place::Place;
use crate::plan::Format;
use crate::run::Stores;
use crate::table::Table;

/// Records that are put in one go.
const BATCH: usize = 500;

/// By whose clock, and what may be kept.
#[derive(Clone, Copy, Debug)]
pub struct ImportPlan {
    pub now: Timestamp,
    /// How long the terms let anybody keep what was fetched.
    pub kept: Duration,
}

/// How an import went.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Imported {
    pub packs: u64,
    /// That were looked at, of packs that are whole.
    pub records: u64,
    /// Keys that were unknown.
    pub created: u64,
    /// Newer than what was held, and different.
    pub changed: u64,
    /// Newer, and different in figures alone.
    pub figures: u64,
    /// Equal to what is held, or older.
    pub unchanged: u64,
    /// Refused: the terms let nobody keep them any longer.
    pub too_old: u64,
    /// Refused: fetched after this machine's time.
    pub from_the_future: u64,
    /// Refused: proven to be gone after they were fetched.
    pub gone: u64,
    /// Packs of which nothing was taken.
    pub broken: Vec<BrokenPack>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BrokenPack {
    pub file: String,
    pub why: String,
}

/// Takes back the packs of an export, or the one named, each only after it was
/// read to its end and found whole. `watch` is told how many records are done.
pub async fn import(
    stores: &Stores,
    place: &Place,
    only: Option<&str>,
    plan: ImportPlan,
    watch: &(dyn Fn(u64) + Send + Sync),
) -> Result<Imported, ExportError> {
    let manifest = Manifest::read(place).await?;
    let packs = packs(place, manifest.as_ref(), only)?;
    // A machine whose clock is a little slow must not refuse what another fetched just now.
    let latest = plan.now + Duration::from_hours(1);
    let tombstones = stores.archive.tombstones(usize::MAX).await?;
    let buried = tombstones.into_iter().map(|it| (it.key, it.since)).collect();
    let rules = Rules { oldest: plan.now - plan.kept, latest, buried };
    let mut imported = Imported::default();
    for pack in packs {
        let bytes = match whole(place, &pack).await? {
            Ok(bytes) => bytes,
            Err(why) => {
                imported.broken.push(BrokenPack { file: place.shown(&pack.name), why });
                continue;
            }
        };
        take(stores, bytes, &rules, &mut imported, watch).await?;
        imported.packs += 1;
    }
    Ok(imported)
}

/// A pack to be read, with its hash where a manifest names it.
struct Wanted {
    name: String,
    blake3: Option<String>,
}

fn packs(
    place: &Place,
    manifest: Option<&Manifest>,
    only: Option<&str>,
) -> Result<Vec<Wanted>, ExportError> {
    let named =
        |file: &FileEntry| Wanted { name: file.name.clone(), blake3: Some(file.blake3.clone()) };
    if let Some(name) = only {
        let listed = manifest.and_then(|it| it.files_of(Table::Records).find(|it| it.name == name));
        let unlisted = || Wanted { name: name.to_owned(), blake3: None };
        return Ok(vec![listed.map_or_else(unlisted, named)]);
    }
    let Some(manifest) = manifest else {
        return Err(ExportError::Asked(format!(
            "{place} has no manifest.json: it is no export, or one that was interrupted; name a pack (…{}) to take it alone",
            pack::EXTENSION
        )));
    };
    if manifest.format != Format::Protobuf {
        return Err(ExportError::Asked(format!(
            "{place} holds tables, which are for reading; only exports with --format protobuf can be taken back"
        )));
    }
    Ok(manifest.files_of(Table::Records).map(named).collect())
}

/// Reads a pack and proves that it is whole, or says why it is not.
async fn whole(place: &Place, pack: &Wanted) -> Result<Result<Bytes, String>, ExportError> {
    let Some(bytes) = place.read(&pack.name).await? else {
        return Ok(Err("there is no such file".to_owned()));
    };
    let (content, hash) = (bytes.clone(), pack.blake3.clone());
    let checked = spawn_blocking(move || check(content, hash.as_deref()));
    let checked = checked.await.map_err(|error| ExportError::Broken(error.to_string()))?;
    Ok(checked.map(|()| bytes))
}

/// The records are looked at even where the hash is wrong: they tell where.
fn check(bytes: Bytes, hash: Option<&str>) -> Result<(), String> {
    let is_named = hash.is_none_or(|hash| hash == blake3::hash(&bytes).to_hex().as_str());
    let pack = Pack::open(bytes).map_err(|fault| fault.to_string())?;
    for record in pack {
        record.map_err(|fault| fault.to_string())?;
    }
    if is_named { Ok(()) } else { Err("it is not the file that its manifest names".to_owned()) }
}

struct Rules {
    oldest: Timestamp,
    latest: Timestamp,
    /// Keys that are proven to be gone, and since when.
    buried: HashMap<Key, Timestamp>,
}

impl Rules {
    /// Drops what must not be kept, and counts it.
    fn filter(&self, records: &mut Vec<Record>, imported: &mut Imported) {
        records.retain(|record| {
            let refused = if record.fetched_at < self.oldest {
                &mut imported.too_old
            } else if record.fetched_at > self.latest {
                &mut imported.from_the_future
            } else if self.buried.get(&record.key).is_some_and(|since| record.fetched_at < *since) {
                &mut imported.gone
            } else {
                return true;
            };
            *refused += 1;
            false
        });
    }
}

/// Puts the records of a pack that is whole: archive first, then catalogue.
async fn take(
    stores: &Stores,
    bytes: Bytes,
    rules: &Rules,
    imported: &mut Imported,
    watch: &(dyn Fn(u64) + Send + Sync),
) -> Result<(), ExportError> {
    let (send, mut batches) = mpsc::channel(2);
    let reading = spawn_blocking(move || {
        let mut pack = Pack::open(bytes)?;
        loop {
            let batch: Vec<Record> = pack.by_ref().take(BATCH).collect::<Result<_, _>>()?;
            if batch.is_empty() || send.blocking_send(batch).is_err() {
                return Ok::<_, pack::PackFault>(());
            }
        }
    });
    while let Some(mut batch) = batches.recv().await {
        imported.records += batch.len() as u64;
        rules.filter(&mut batch, imported);
        for put in stores.archive.put(&batch).await? {
            match put {
                Put::Created => imported.created += 1,
                Put::Changed(_) => imported.changed += 1,
                Put::Figures => imported.figures += 1,
                Put::Unchanged => imported.unchanged += 1,
            }
        }
        stores.catalog.put(&batch).await?;
        watch(imported.records);
    }
    let read = reading.await.map_err(|error| ExportError::Broken(error.to_string()))?;
    read.map_err(|fault| ExportError::Broken(fault.to_string()))
}
